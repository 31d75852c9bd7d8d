//! The two tables of histories: the same columns, each read and written by the same queries.

use diesel::prelude::*;
use masthead_domain::error::StorageError;
use masthead_domain::history::{Revision, RevisionSort};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::rights::Credential;

use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::kept::Keep as _;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::Named;
use crate::types::{Micros, RowId};

/// A revision to be added.
pub(super) struct NewRow {
    pub id: RowId,
    pub revision: i64,
    pub packed: Vec<u8>,
    pub base: Option<i64>,
    pub touched: String,
    pub credential: String,
    pub note: String,
    pub created_at: Micros,
}

/// A state as it is kept: the text itself, or packed and perhaps told by another revision.
pub(super) struct Kept {
    pub snapshot: String,
    pub packed: Option<Vec<u8>>,
    pub base: Option<i64>,
}

macro_rules! history_table {
    ($module:ident, $table:ident, $id:ident) => {
        pub(super) mod $module {
            use super::*;
            use crate::schema::$table;

            pub(in super::super) const NAME: &str = stringify!($table);

            /// A revision without its state.
            #[derive(Queryable, Selectable)]
            #[diesel(table_name = $table)]
            struct Row {
                $id: RowId,
                revision: i64,
                credential: String,
                note: String,
                created_at: Micros,
                touched: Option<String>,
            }

            impl Row {
                fn model(self) -> Result<Revision, StorageError> {
                    let named = Named {
                        table: NAME,
                        id: self.$id,
                    };
                    Ok(Revision {
                        number: named.count("revision", self.revision)?,
                        note: self.note,
                        credential: named.word("credential", &self.credential, Credential::parse)?,
                        at: named.instant("created_at", self.created_at)?,
                        touched: named.some_json("touched", self.touched.as_deref())?,
                    })
                }
            }

            pub(in super::super) fn insert(connection: &mut Connection, row: NewRow) -> Result<(), Failure> {
                let values = (
                    $table::$id.eq(row.id),
                    $table::revision.eq(row.revision),
                    $table::snapshot.eq(""),
                    $table::packed.eq(Some(row.packed)),
                    $table::base.eq(row.base),
                    $table::touched.eq(Some(row.touched)),
                    $table::credential.eq(row.credential),
                    $table::note.eq(row.note),
                    $table::created_at.eq(row.created_at),
                );
                on_engine!(connection, |c| diesel::insert_into($table::table)
                    .values(&values)
                    .execute(c))?;
                Ok(())
            }

            pub(in super::super) fn kept(
                connection: &mut Connection,
                id: RowId,
                revision: i64,
            ) -> Result<Option<Kept>, Failure> {
                let found: Option<(String, Option<Vec<u8>>, Option<i64>)> =
                    on_engine!(connection, |c| $table::table
                        .find((id, revision))
                        .select(($table::snapshot, $table::packed, $table::base))
                        .first(c)
                        .optional())?;
                Ok(found.map(|(snapshot, packed, base)| Kept {
                    snapshot,
                    packed,
                    base,
                }))
            }

            pub(in super::super) fn one(
                connection: &mut Connection,
                id: RowId,
                revision: i64,
            ) -> Result<Option<Revision>, Failure> {
                let row: Option<Row> = on_engine!(connection, |c| $table::table
                    .find((id, revision))
                    .select(Row::as_select())
                    .first(c)
                    .optional())?;
                Ok(row.map(Row::model).transpose()?)
            }

            pub(in super::super) fn before(
                connection: &mut Connection,
                id: RowId,
                revision: i64,
                limit: i64,
            ) -> Result<Vec<Revision>, Failure> {
                let rows: Vec<Row> = on_engine!(connection, |c| $table::table
                    .filter($table::$id.eq(id))
                    .filter($table::revision.lt(revision))
                    .order($table::revision.desc())
                    .limit(limit)
                    .select(Row::as_select())
                    .load(c))?;
                rows.into_iter().map(|row| Ok(row.model()?)).collect()
            }

            pub(in super::super) fn page(
                connection: &mut Connection,
                id: RowId,
                request: &PageRequest<RevisionSort>,
            ) -> Result<Page<Revision>, Failure> {
                let column = |_| sorted_by!($table::revision);
                let keyset = Keyset::new(request, column, sorted_by!($table::$id))?;
                let (rows, total) = on_engine!(connection, |c| load_page!(
                    c,
                    $table,
                    request,
                    keyset,
                    Row,
                    || $table::table.filter($table::$id.eq(id)).into_boxed()
                ))?;
                let rows = rows
                    .into_iter()
                    .map(Row::model)
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(keyset.page(rows, total, |row| Position {
                    values: vec![SortValue::Number(row.number.into()); request.sort.len()],
                    id: id.0,
                    as_of: None,
                }))
            }

            /// Some of the revisions that are packed.
            pub(in super::super) fn packed(
                connection: &mut Connection,
                limit: i64,
            ) -> Result<Vec<(RowId, i64)>, Failure> {
                Ok(on_engine!(connection, |c| $table::table
                    .filter($table::packed.is_not_null())
                    .order(($table::$id, $table::revision.desc()))
                    .limit(limit)
                    .select(($table::$id, $table::revision))
                    .load(c))?)
            }

            /// Keeps a revision as a text again.
            pub(in super::super) fn unpack(
                connection: &mut Connection,
                id: RowId,
                revision: i64,
                text: &str,
            ) -> Result<(), Failure> {
                on_engine!(connection, |c| diesel::update(
                    $table::table.find((id, revision))
                )
                .set((
                    $table::snapshot.eq(text),
                    $table::packed.eq(None::<Vec<u8>>),
                    $table::base.eq(None::<i64>),
                    $table::touched.eq(None::<String>),
                ))
                .kept()
                .execute(c))?;
                Ok(())
            }
        }
    };
}

history_table!(articles, article_revisions, article_id);
history_table!(faqs, faq_revisions, faq_id);
