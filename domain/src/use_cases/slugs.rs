//! Claiming slugs: free, or the nearest that is.

use crate::error::{Error, Resource, Result};
use crate::slug::Slug;

/// Numbers tried one by one behind a taken slug. Beyond them the first that is free is looked for in steps that
/// double, so that thousands of things of one name cost a few questions more and not thousands.
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
        within: String::new(),
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
        within: String::new(),
        field: "slug",
        value,
        free: None,
    })
}

fn nearest_free(wanted: &Slug, mut is_taken: impl FnMut(&Slug) -> Result<bool>) -> Result<Option<Slug>> {
    for number in 2..=ONE_BY_ONE {
        let candidate = wanted.numbered(number);
        if !is_taken(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    let (mut taken, mut free) = (ONE_BY_ONE, 2 * ONE_BY_ONE);
    while is_taken(&wanted.numbered(free))? {
        let Some(next) = free.checked_mul(2) else {
            return Ok(None);
        };
        (taken, free) = (free, next);
    }
    // Between the two lies a number that is free behind one that is taken.
    while free - taken > 1 {
        let middle = taken + (free - taken) / 2;
        if is_taken(&wanted.numbered(middle))? {
            taken = middle;
        } else {
            free = middle;
        }
    }
    Ok(Some(wanted.numbered(free)))
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

    #[test]
    fn there_is_always_another_number_and_it_is_found_in_few_questions() {
        let wanted = slug("tides");
        let mut taken = std::collections::BTreeSet::from([wanted.clone()]);
        for expected in 2..=700 {
            let mut questions = 0;
            let derived = derive(Resource::Article, "Tides", "article", |s| {
                questions += 1;
                Ok(taken.contains(s))
            });
            let derived = derived.unwrap();
            assert_eq!(derived, wanted.numbered(expected));
            assert!(questions <= 40, "{questions} questions for {derived}");
            taken.insert(derived);
        }
    }
}
