//! From the parameters of a list to the query of the domain; and what the query may cost.

use masthead_domain::cost::{self, Cost};
use masthead_domain::id;
use masthead_domain::page::PageRequest;
use masthead_domain::published::TagFilter;
use masthead_domain::slug::Slug;
use masthead_openapi::delivery::Formats;
use masthead_openapi::problem::{ProblemCode, ProblemError};
use uuid::Uuid;

use crate::error::ApiError;

/// The filter by tags; `None` when nothing can fit, for a text that cannot be a slug is no tag's.
pub(super) fn tags(
    any: Option<&[String]>,
    all: Option<&[String]>,
    none: Option<&[String]>,
) -> Option<TagFilter> {
    let all = all.unwrap_or_default();
    let mut required: Vec<Slug> = Vec::with_capacity(all.len());
    for text in all {
        let slug = Slug::parse(text).ok()?;
        if !required.contains(&slug) {
            required.push(slug);
        }
    }
    Some(TagFilter {
        any: any.map(slugs),
        all: required,
        none: none.map(slugs).unwrap_or_default(),
    })
}

/// Those of the texts that can be slugs.
pub(super) fn slugs(texts: &[String]) -> Vec<Slug> {
    texts.iter().filter_map(|text| Slug::parse(text).ok()).collect()
}

/// The words of `q`, each once.
pub(super) fn words(q: Option<&str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in q.unwrap_or_default().split_whitespace() {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Ids of one kind of thing.
pub(super) fn ids<I: FromUuid>(uuids: &[Uuid]) -> Vec<I> {
    uuids.iter().copied().map(I::from_uuid).collect()
}

/// An id that a UUID can be taken for.
pub(super) trait FromUuid {
    /// Takes it so.
    fn from_uuid(uuid: Uuid) -> Self;
}

macro_rules! from_uuid {
    ($($id:ident),+) => {
        $(impl FromUuid for id::$id {
            fn from_uuid(uuid: Uuid) -> Self {
                Self::from_uuid(uuid)
            }
        })+
    };
}
from_uuid!(ArticleId, FaqId, TagId, AuthorId);

/// How many values filters have together.
pub(super) fn values<'a, T: 'a>(filters: impl IntoIterator<Item = Option<&'a Vec<T>>>) -> u32 {
    let count = filters.into_iter().flatten().map(Vec::len).sum::<usize>();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The cost of a page as far as all lists have it.
pub(super) fn cost<F>(page: &PageRequest<F>) -> Cost {
    Cost {
        rows: page.limit,
        is_counted: page.count,
        ..Cost::default()
    }
}

/// The number of words that are looked for.
pub(super) fn number(words: &[String]) -> u32 {
    u32::try_from(words.len()).unwrap_or(u32::MAX)
}

/// In how many forms bodies are wanted.
pub(super) fn forms(formats: Formats) -> u32 {
    u32::from(formats.html) + u32::from(formats.markdown) + u32::from(formats.text)
}

/// Refuses what would cost too much, with what would help.
pub(super) fn affordable(query: Cost) -> Result<(), ApiError> {
    if query.is_allowed() {
        return Ok(());
    }
    let mut errors = Vec::new();
    let mut advise = |parameter: &str, message: String| {
        errors.push(ProblemError::parameter(parameter, "too_costly", message));
    };
    let rows = query.rows_allowed();
    if rows > 0 {
        let message = format!("With the rest as it is, `limit` can be {rows} at most.");
        advise("limit", message);
    }
    if query.bodies > 0 && query.formats > 1 {
        let message = format!(
            "Bodies are asked for in {} forms; each costs as much as the first.",
            query.formats
        );
        advise("format", message);
    }
    if query.bodies >= cost::SECTIONS {
        let message = "Bodies in lists are dear; read them with each article, or leave one kind out.";
        advise("include", message.to_owned());
    }
    if query.words > 0 {
        let message = format!(
            "Each word costs {}; leave some of the {} out.",
            cost::WORD,
            query.words
        );
        advise("q", message);
    }
    let help: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    let detail = format!(
        "This query costs {}, and {} is the limit. {}",
        query.total(),
        cost::LIMIT,
        help.join(" ")
    );
    Err(ApiError::new(ProblemCode::QueryTooCostly, detail).with_errors(errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_cost_the_limit_and_what_helps() {
        let query = Cost {
            rows: 100,
            bodies: cost::SECTIONS + cost::ANSWERS,
            formats: 3,
            ..Cost::default()
        };
        let refused = affordable(query).unwrap_err().0;
        assert!(refused.detail.contains("costs 1900") && refused.detail.contains("1000 is the limit"));
        let named: Vec<_> = refused
            .errors
            .iter()
            .filter_map(|error| error.parameter.clone())
            .collect();
        assert_eq!(named, ["limit", "format", "include"]);
        assert!(refused.errors[0].message.contains("52"));
    }

    #[test]
    fn words_are_told_apart_by_spaces_and_counted_once() {
        assert_eq!(words(Some(" a  b\ta ")), ["a", "b"]);
        assert!(words(None).is_empty());
    }
}
