//! A query put together piece by piece, for what depends on how many words were asked.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::types::Id;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Of the query itself; never anything that a reader sent.
    Plain(String),
    /// A text as a parameter.
    Text(String),
    /// A number as a parameter.
    Number(i64),
    /// The articles to look among.
    Among,
}

/// Pieces in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    /// Begins with this.
    pub(super) fn new(plain: &str) -> Self {
        Self(vec![Piece::Plain(plain.to_owned())])
    }

    /// Goes on with a piece of the query itself.
    pub(super) fn plain(mut self, plain: &str) -> Self {
        self.0.push(Piece::Plain(plain.to_owned()));
        self
    }

    /// Goes on with a text as a parameter.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Text(text.into()));
        self
    }

    /// Goes on with a number as a parameter.
    pub(super) fn number(mut self, number: i64) -> Self {
        self.0.push(Piece::Number(number));
        self
    }

    /// Goes on with the articles to look among.
    pub(super) fn among(mut self) -> Self {
        self.0.push(Piece::Among);
        self
    }

    /// Goes on with other pieces.
    pub(super) fn then(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// Whether its shape is one of few.
    fn is_common(&self) -> bool {
        let texts = self.0.iter().filter(|piece| matches!(piece, Piece::Text(_)));
        texts.count() <= KEPT
    }

    fn walk<'b, DB>(
        &'b self,
        out: &mut AstPass<'_, 'b, DB>,
        among: Option<&'b dyn QueryFragment<DB>>,
    ) -> QueryResult<()>
    where
        DB: Backend,
        String: ToSql<Text, DB>,
        i64: ToSql<BigInt, DB>,
    {
        if !self.is_common() {
            out.unsafe_to_cache_prepared();
        }
        for piece in &self.0 {
            match piece {
                Piece::Plain(plain) => out.push_sql(plain),
                Piece::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Piece::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                Piece::Among => match among {
                    Some(among) => among.walk_ast(out.reborrow())?,
                    None => out.push_sql("select 1"),
                },
            }
        }
        Ok(())
    }
}

/// Texts in a query that is kept prepared. Those with more come in too many shapes to keep them all.
const KEPT: usize = 6;

/// A query whose rows have the columns `Row`; `Among` is the query of the articles to look among.
#[derive(Debug, Clone)]
pub(super) struct Statement<Row, Among = Nothing> {
    pieces: Pieces,
    among: Option<Among>,
    row: PhantomData<Row>,
}

impl<Row> Statement<Row> {
    /// A query of all there is.
    pub(super) fn new(pieces: Pieces) -> Self {
        Self {
            pieces,
            among: None,
            row: PhantomData,
        }
    }
}

impl<Row, Among> Statement<Row, Among> {
    /// A query of what is among these, where the pieces ask for it.
    pub(super) fn among(pieces: Pieces, among: Among) -> Self {
        Self {
            pieces,
            among: Some(among),
            row: PhantomData,
        }
    }
}

impl<Row, Among> Query for Statement<Row, Among> {
    type SqlType = Row;
}

// The text depends on the question.
impl<Row, Among> QueryId for Statement<Row, Among> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row, Among, Conn> RunQueryDsl<Conn> for Statement<Row, Among> {}

impl<Row, Among, DB> QueryFragment<DB> for Statement<Row, Among>
where
    DB: Backend,
    Among: QueryFragment<DB>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let among: Option<&dyn QueryFragment<DB>> = match &self.among {
            Some(among) => Some(among),
            None => None,
        };
        self.pieces.walk(&mut out, among)
    }
}

/// No articles to look among.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nothing;

impl<DB: Backend> QueryFragment<DB> for Nothing {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        Ok(())
    }
}

/// The article that is just looked at, within a query of those to look among.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate;

impl Expression for Candidate {
    type SqlType = Id;
}

impl<Table> AppearsOnTable<Table> for Candidate {}

impl ValidGrouping<()> for Candidate {
    type IsAggregate = diesel::expression::is_aggregate::Never;
}

impl QueryId for Candidate {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Candidate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("candidate.article_id");
        Ok(())
    }
}

/// Pieces as a condition of a query on `Table`.
#[derive(Debug, Clone)]
pub(crate) struct Condition<Table>(Pieces, PhantomData<Table>);

impl<Table> Condition<Table> {
    pub(super) fn new(pieces: Pieces) -> Self {
        Self(pieces, PhantomData)
    }
}

impl<Table> Expression for Condition<Table> {
    type SqlType = Bool;
}

impl<Table> AppearsOnTable<Table> for Condition<Table> {}

impl<Table> ValidGrouping<()> for Condition<Table> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl<Table> QueryId for Condition<Table> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Table, DB> QueryFragment<DB> for Condition<Table>
where
    DB: Backend,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk(&mut out, None)
    }
}
