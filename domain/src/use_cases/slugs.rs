//! Claiming slugs: free, or the nearest that is.

use crate::error::{Error, Resource, Result};
use crate::slug::Slug;

/// Numbers tried one by one behind a taken slug; then each try doubles, so that thousands of things of one name
/// cost a few questions more and not thousands.
const ONE_BY_ONE: u32 = 20;

/// Answers `wanted` if it is free; otherwise refuses and offers the nearest that is.
pub(super) fn claim(
    resource: Resource,
    wanted: &Slug,
    mut is_taken: impl FnMut(&Slug) -> Result<bool>,
) -> Result<Slug> {
    if !is_taken(wanted)? {
        return Ok(wanted.clone());
    }
    let free = nearest_free(wanted, is_taken)?;
    Err(Error::AlreadyExists {
        resource,
        field: "slug",
        value: wanted.to_string(),
        free: free.map(|slug| slug.to_string()),
    })
}

/// Answers the slug that a title suggests, numbered where it is taken.
pub(super) fn derive(
    resource: Resource,
    title: &str,
    fallback: &str,
    mut is_taken: impl FnMut(&Slug) -> Result<bool>,
) -> Result<Slug> {
    let wanted = Slug::suggest(title, fallback);
    if !is_taken(&wanted)? {
        return Ok(wanted);
    }
    let value = wanted.to_string();
    nearest_free(&wanted, is_taken)?.ok_or(Error::AlreadyExists {
        resource,
        field: "slug",
        value,
        free: None,
    })
}

fn nearest_free(wanted: &Slug, mut is_taken: impl FnMut(&Slug) -> Result<bool>) -> Result<Option<Slug>> {
    let one_by_one = 2..=ONE_BY_ONE;
    let doubling = (1..=20).map(|power| ONE_BY_ONE << power);
    for number in one_by_one.chain(doubling) {
        let candidate = wanted.numbered(number);
        if !is_taken(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        Slug::parse(text).unwrap()
    }

    #[test]
    fn a_taken_slug_is_refused_with_a_free_one() {
        let taken = ["tides", "tides-2"].map(slug);
        let refused = claim(Resource::Article, &slug("tides"), |s| Ok(taken.contains(s))).unwrap_err();
        assert!(matches!(refused, Error::AlreadyExists { free: Some(free), .. } if free == "tides-3"));
    }

    #[test]
    fn a_derived_slug_is_numbered_where_it_is_taken() {
        let taken = [slug("why-tides-turn")];
        let derived = derive(Resource::Article, "Why tides turn", "article", |s| {
            Ok(taken.contains(s))
        });
        assert_eq!(derived.unwrap(), slug("why-tides-turn-2"));
    }
}
