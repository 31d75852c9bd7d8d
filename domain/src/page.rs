//! Pages of lists: sort orders, positions and what a page holds.

use uuid::Uuid;

use crate::clock::Instant;

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A field to sort by, with its direction; `F` is the allow-list of one kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SortKey<F> {
    /// The field.
    pub field: F,
    /// Which way.
    pub direction: Direction,
}

/// The value a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    /// A text, compared by its bytes on both engines.
    Text(String),
    /// A moment.
    Instant(Instant),
    /// A number.
    Number(i64),
}

/// Where a row stands in a list: its values in sort order, and its id, which breaks ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// One for each sort key, in their order.
    pub values: Vec<SortValue>,
    /// Of the row.
    pub id: Uuid,
    /// The newest change of its kind of thing when the walk through the list began: every page of the walk is in
    /// the order of that moment. `None` for lists without a history.
    pub as_of: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// The rows that follow this position.
    After(Position),
    /// The rows that stand just before this position.
    Before(Position),
}

impl Cursor {
    /// The row it stands at.
    #[must_use]
    pub const fn position(&self) -> &Position {
        match self {
            Self::After(position) | Self::Before(position) => position,
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<F> {
    /// At least one key; the id breaks ties, in the direction of the last key.
    pub sort: Vec<SortKey<F>>,
    /// 1 to [`PageRequest::LIMIT`] rows.
    pub limit: u32,
    /// `None` for the first page.
    pub cursor: Option<Cursor>,
    /// Whether to count all rows.
    pub count: bool,
}

impl<F> PageRequest<F> {
    /// Rows on a page at most.
    pub const LIMIT: u32 = 100;
    /// Rows on a page when nothing is said.
    pub const DEFAULT: u32 = 20;
}

/// A part of a list, always in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the page after this one begins, if there is one.
    pub next: Option<Position>,
    /// Where the page before this one ends, if there is one.
    pub previous: Option<Position>,
    /// All rows of the list, where that was asked.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            next: self.next,
            previous: self.previous,
            total: self.total,
        }
    }
}
