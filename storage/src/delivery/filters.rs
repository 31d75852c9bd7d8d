//! Filters that several lists share, turned into what their queries compare.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::clock::Instant;
use masthead_domain::published::{Span, TagFilter};
use masthead_domain::slug::Slug;

use super::schema::{published_authors, published_tags};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::containing;
use crate::types::{Micros, RowId};

/// Which tags a thing has to carry, by their ids.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// One of these.
    pub(super) any: Option<Vec<RowId>>,
    /// Each of these.
    pub(super) all: Vec<RowId>,
    /// None of these.
    pub(super) none: Vec<RowId>,
}

/// Finds the tags of a filter by their slugs; `None` where nothing can carry what is asked.
pub(super) fn carried(connection: &mut Connection, filter: &TagFilter) -> Result<Option<Carried>, Failure> {
    let any = filter.any.as_deref().unwrap_or_default();
    let words: Vec<&str> = [any, &filter.all, &filter.none]
        .into_iter()
        .flatten()
        .map(Slug::as_str)
        .collect();
    if words.is_empty() {
        let nothing = filter.any.is_some();
        return Ok((!nothing).then(Carried::default));
    }
    let columns = (published_tags::slug, published_tags::id);
    // A list of values is another statement for each length and never kept prepared; one value is the usual case.
    let rows: Vec<(String, RowId)> = if let [word] = words.as_slice() {
        on_engine!(connection, |c| published_tags::table
            .filter(published_tags::slug.eq(word))
            .select(columns)
            .load(c))?
    } else {
        on_engine!(connection, |c| published_tags::table
            .filter(published_tags::slug.eq_any(&words))
            .select(columns)
            .load(c))?
    };
    let ids: BTreeMap<String, RowId> = rows.into_iter().collect();
    let found = |slugs: &[Slug]| -> Vec<RowId> {
        let found = slugs.iter().filter_map(|slug| ids.get(slug.as_str()).copied());
        found.collect()
    };
    let carried = Carried {
        any: filter.any.as_deref().map(found),
        all: found(&filter.all),
        none: found(&filter.none),
    };
    let impossible = carried.any.as_ref().is_some_and(Vec::is_empty) || carried.all.len() < filter.all.len();
    Ok((!impossible).then_some(carried))
}

/// Finds authors by their slugs.
pub(super) fn authors(connection: &mut Connection, slugs: &[Slug]) -> Result<Vec<RowId>, Failure> {
    let words = texts(slugs);
    Ok(on_engine!(connection, |c| published_authors::table
        .filter(published_authors::slug.eq_any(&words))
        .select(published_authors::id)
        .load(c))?)
}

/// Slugs as queries compare them.
pub(super) fn texts(slugs: &[Slug]) -> Vec<String> {
    slugs.iter().map(|slug| slug.as_str().to_owned()).collect()
}

/// Ids as queries compare them.
pub(super) fn ids<I: Copy + Into<RowId>>(ids: &[I]) -> Vec<RowId> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Patterns of which a text has to fit each.
pub(super) fn patterns(words: &[String]) -> Vec<String> {
    words.iter().map(|word| containing(word)).collect()
}

/// A span as queries compare it: both ends in whole microseconds, as rows have them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Between {
    /// At this moment or later.
    pub(super) from: Option<Micros>,
    /// Before this moment.
    pub(super) to: Option<Micros>,
}

impl From<Span> for Between {
    fn from(span: Span) -> Self {
        Self {
            from: span.from.map(not_before),
            to: span.to.map(not_before),
        }
    }
}

/// The first whole microsecond that is not before a moment.
pub(super) fn not_before(at: Instant) -> Micros {
    let cut = Micros::from(at);
    if at.timestamp_subsec_nanos().is_multiple_of(1_000) {
        cut
    } else {
        Micros(cut.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_between_two_microseconds_is_rounded_up() {
        let at = Instant::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        assert_eq!(not_before(at).0, 1_700_000_000_000_001);
        let within = at + std::time::Duration::from_nanos(1);
        assert_eq!(not_before(within).0, 1_700_000_000_000_002);
    }
}
