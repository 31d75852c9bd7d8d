//! A comparison with a list of ids whose text is one of few, so that the statement around it stays prepared.
//!
//! Diesel's own writes on SQLite as many question marks as there are ids, and therefore has the statement read anew
//! each time.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, Bool};
use diesel::sqlite::Sqlite;

use crate::types::{Id, RowId};

/// Compares a column with a list of ids.
pub(crate) trait Among: Expression<SqlType = Id> + Sized {
    /// Whether it is one of these; of none it never is.
    fn among(self, ids: &[RowId]) -> IsAmong<Self> {
        IsAmong {
            column: self,
            ids: ids.to_vec(),
        }
    }
}

impl<C: Expression<SqlType = Id>> Among for C {}

/// What [`Among::among`] gives.
#[derive(Debug, Clone)]
pub(crate) struct IsAmong<C> {
    column: C,
    ids: Vec<RowId>,
}

impl<C> Expression for IsAmong<C> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<()>> ValidGrouping<()> for IsAmong<C> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<Table>, Table> AppearsOnTable<Table> for IsAmong<C> {}

impl<C: SelectableExpression<Table>, Table> SelectableExpression<Table> for IsAmong<C> {}

/// Statements with it are told apart by their text.
impl<C> QueryId for IsAmong<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for IsAmong<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        // Of a list the server thinks that it has ten, whoever asks; so it plans the statement anew each time where it
        // has one, which costs more than to carry it out.
        if let [id] = &self.ids[..] {
            out.push_sql(" = ");
            return push(&mut out, id);
        }
        out.push_sql(" = any(");
        out.push_bind_param::<Array<Id>, _>(&self.ids)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for IsAmong<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let Some(last) = self.ids.last() else {
            out.push_sql("0 = 1");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        // The last one again and again, up to a power of two: that many texts there are and no more.
        let length = self.ids.len().next_power_of_two();
        let ids = self.ids.iter().chain(std::iter::repeat(last));
        for (index, id) in ids.take(length).enumerate() {
            out.push_sql(if index == 0 { " in (" } else { ", " });
            push(&mut out, id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

fn push<'b, DB>(out: &mut AstPass<'_, 'b, DB>, id: &'b RowId) -> QueryResult<()>
where
    DB: Backend + diesel::sql_types::HasSqlType<Id>,
    RowId: diesel::serialize::ToSql<Id, DB>,
{
    out.push_bind_param::<Id, RowId>(id)
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        use crate::types::Id;

        things (id) {
            id -> Id,
        }
    }

    #[test]
    fn lists_of_nearly_the_same_length_are_the_same_statement() {
        let of = |count: u128| {
            let ids: Vec<RowId> = (0..count).map(|n| RowId(uuid::Uuid::from_u128(n))).collect();
            let query = things::table.filter(things::id.among(&ids)).select(things::id);
            let on_sqlite = debug_query::<Sqlite, _>(&query).to_string();
            let on_postgres = debug_query::<Pg, _>(&query).to_string();
            let text = |query: String| query.split(" -- ").next().unwrap_or_default().to_owned();
            (text(on_sqlite), text(on_postgres))
        };
        assert_eq!(of(5), of(8));
        assert_ne!(of(8).0, of(9).0);
        assert_eq!(of(2).1, of(900).1);
        assert_eq!(of(0).1, of(900).1);
        assert!(of(1).1.ends_with(r#""things"."id" = $1"#), "{}", of(1).1);
        assert_eq!(of(0).0.matches("0 = 1").count(), 1);
        assert_eq!(of(5).0.matches('?').count(), 8);
    }
}
