//! Pages of lists on the wire: sealed cursors, links, and what a list was asked.

use std::fmt::Write as _;

use masthead_domain::clock::Instant;
use masthead_domain::page::{Cursor, Page, PageRequest, Position, SortKey, SortValue};
use masthead_openapi::parameters::{Count, PageLinks, PageMeta};
use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ApiError;
use crate::extract::Here;
use crate::keys::Keys;

/// What every list is asked.
pub struct Asked<K> {
    /// Keys in order of weight.
    pub sort: Option<Vec<K>>,
    /// Rows on a page.
    pub limit: Option<u32>,
    /// The page after this cursor.
    pub after: Option<String>,
    /// The page before this cursor.
    pub before: Option<String>,
    /// Whether to count.
    pub count: Option<Count>,
}

/// What a list was asked, from the parameters that all lists share.
macro_rules! asked {
    ($parameters:ident) => {
        $crate::paging::Asked {
            sort: $parameters.sort,
            limit: $parameters.limit,
            after: $parameters.after,
            before: $parameters.before,
            count: $parameters.count,
        }
    };
}
pub(crate) use asked;

/// One list with its filters and order: what its cursors are bound to.
pub struct List {
    name: String,
    here: Here,
}

impl List {
    /// The list at this address. Parameters that choose the page or its fields do not make it another list.
    #[must_use]
    pub fn new(here: Here) -> Self {
        let free = [
            "after", "before", "limit", "count", "include", "fields", "format", "facets",
        ];
        let mut binding: Vec<_> = here
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !free.contains(&pair.split('=').next().unwrap_or_default()))
            .collect();
        binding.sort_unstable();
        Self {
            name: format!("{}?{}", here.path, binding.join("&")),
            here,
        }
    }

    /// The part that was asked for; `default` is the order where none was.
    pub fn request<K: Into<SortKey<F>>, F: Copy + PartialEq>(
        &self,
        keys: &Keys,
        asked: Asked<K>,
        default: SortKey<F>,
    ) -> Result<PageRequest<F>, ApiError> {
        let sort: Vec<SortKey<F>> = match asked.sort {
            Some(sort) => sort.into_iter().map(Into::into).collect(),
            None => vec![default],
        };
        for (index, key) in sort.iter().enumerate() {
            if sort[..index].iter().any(|other| other.field == key.field) {
                return Err(refused("sort", "duplicate", "A key stands twice in `sort`."));
            }
        }
        let cursor = match (asked.after, asked.before) {
            (None, None) => None,
            (Some(after), None) => Some(Cursor::After(self.open(keys, "after", &after, sort.len())?)),
            (None, Some(before)) => Some(Cursor::Before(self.open(keys, "before", &before, sort.len())?)),
            (Some(_), Some(_)) => {
                return Err(refused(
                    "before",
                    "conflict",
                    "`after` and `before` do not go together; send one.",
                ));
            }
        };
        let limit = asked.limit.unwrap_or(PageRequest::<F>::DEFAULT);
        Ok(PageRequest {
            sort,
            limit,
            cursor,
            count: asked.count.is_some(),
        })
    }

    /// What a page says of itself.
    #[must_use]
    pub fn describe<T>(&self, keys: &Keys, page: &Page<T>, limit: u32) -> (PageMeta, PageLinks) {
        let link = |name: &str, position: &Option<Position>| {
            position
                .as_ref()
                .map(|position| self.neighbour(name, &keys.seal(&self.name, &encode(position))))
        };
        let links = PageLinks {
            this: self.address(&self.here.query),
            next: link("after", &page.next),
            prev: link("before", &page.previous),
        };
        (
            PageMeta {
                limit,
                total: page.total,
            },
            links,
        )
    }

    fn open(&self, keys: &Keys, parameter: &str, cursor: &str, values: usize) -> Result<Position, ApiError> {
        let position = keys.open(&self.name, cursor).and_then(|bytes| decode(&bytes));
        position
            .filter(|position| position.values.len() == values)
            .ok_or_else(|| {
                let message =
                    "This cursor is not of this list with these filters and this order. Start without one.";
                let errors = vec![ProblemError::parameter(parameter, "invalid_cursor", message)];
                ApiError::new(ProblemCode::InvalidCursor, message).with_errors(errors)
            })
    }

    fn neighbour(&self, name: &str, cursor: &str) -> String {
        let rest =
            self.here.query.split('&').filter(|pair| {
                !pair.is_empty() && !matches!(pair.split('=').next(), Some("after" | "before"))
            });
        let mut query: Vec<_> = rest.map(str::to_owned).collect();
        query.push(format!("{name}={cursor}"));
        self.address(&query.join("&"))
    }

    fn address(&self, query: &str) -> String {
        if query.is_empty() {
            self.here.path.clone()
        } else {
            format!("{}?{query}", self.here.path)
        }
    }
}

/// 400 for a value that cannot be.
pub fn refused(parameter: &str, code: &str, message: &str) -> ApiError {
    let errors = vec![ProblemError::parameter(parameter, code, message)];
    ApiError::new(ProblemCode::InvalidParameter, message).with_errors(errors)
}

/// The `Link` header (RFC 8288) of a page.
#[must_use]
pub fn link_header(links: &PageLinks) -> Option<String> {
    let mut out = String::new();
    for (target, relation) in [(&links.next, "next"), (&links.prev, "prev")] {
        if let Some(target) = target {
            let comma = if out.is_empty() { "" } else { ", " };
            // Writing to a text cannot fail.
            let _ = write!(out, "{comma}<{target}>; rel=\"{relation}\"");
        }
    }
    (!out.is_empty()).then_some(out)
}

/// A position as it stands in a cursor.
#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "v")]
    values: Vec<WireValue>,
    #[serde(rename = "i")]
    id: Uuid,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    as_of: Option<i64>,
}

#[derive(Serialize, Deserialize)]
enum WireValue {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "m")]
    Micros(i64),
    #[serde(rename = "n")]
    Number(i64),
}

fn encode(position: &Position) -> Vec<u8> {
    let values = position.values.iter().map(|value| match value {
        SortValue::Text(text) => WireValue::Text(text.clone()),
        SortValue::Instant(at) => WireValue::Micros(at.timestamp_micros()),
        SortValue::Number(number) => WireValue::Number(*number),
    });
    serde_json::to_vec(&Wire {
        values: values.collect(),
        id: position.id,
        as_of: position.as_of,
    })
    .unwrap_or_default()
}

fn decode(bytes: &[u8]) -> Option<Position> {
    let wire: Wire = serde_json::from_slice(bytes).ok()?;
    let values = wire.values.into_iter().map(|value| match value {
        WireValue::Text(text) => Some(SortValue::Text(text)),
        WireValue::Micros(micros) => Instant::from_timestamp_micros(micros).map(SortValue::Instant),
        WireValue::Number(number) => Some(SortValue::Number(number)),
    });
    Some(Position {
        values: values.collect::<Option<_>>()?,
        id: wire.id,
        as_of: wire.as_of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_as_it_was() {
        let position = Position {
            values: vec![
                SortValue::Text("Größe".into()),
                SortValue::Instant(Instant::from_timestamp_micros(1_700_000_000_123_456).unwrap()),
                SortValue::Number(-3),
            ],
            id: Uuid::from_u128(9),
            as_of: Some(7),
        };
        let without = Position {
            as_of: None,
            ..position.clone()
        };
        assert_eq!(decode(&encode(&position)), Some(position));
        assert_eq!(decode(&encode(&without)), Some(without));
        assert_eq!(decode(b"{}"), None);
    }

    #[test]
    fn the_page_is_no_part_of_what_a_cursor_is_bound_to() {
        let list = |query: &str| {
            List::new(Here {
                path: "/a".into(),
                query: query.into(),
            })
            .name
        };
        assert_eq!(list("tag=x&limit=5&after=abc"), list("tag=x&fields=title"));
        assert_ne!(list("tag=x"), list("tag=y"));
        assert_ne!(list("tag=x"), list("tag=x&sort=title"));
    }
}
