//! The places of articles in sitemaps, given with the change log.

use diesel::prelude::*;
use diesel::sql_types::Array;
use masthead_domain::change::{ChangeOp, ChangeType, NewChange};

use crate::connection::Connection;
use crate::error::Failure;
use crate::types::{Id, RowId};

/// Takes the places of what search engines are not to know. In the JSON of `seo`, quotation marks within texts are
/// escaped, so this can be nothing but the key.
macro_rules! taken {
    ($ids:literal) => {
        concat!(
            "delete from published_map_entries where article_id in (select id from published_articles where id ",
            $ids,
            " and seo like '%\"no\\_index\":true%' escape '\\')"
        )
    };
}

/// Gives a place to what has none, after all others.
macro_rules! given {
    ($ids:literal) => {
        concat!(
            "insert into published_map_entries (place, article_id) \
             select (select coalesce(max(place), 0) from published_map_entries) \
                    + row_number() over (order by first_published_at, id), id \
             from published_articles where id ",
            $ids,
            " and seo not like '%\"no\\_index\":true%' escape '\\' \
             and not exists (select 1 from published_map_entries where article_id = published_articles.id)"
        )
    };
}

/// Gives what readers see from now on a place, and takes it from what search engines are not to know. Whoever writes to
/// the log holds it until the commit, so that no place is given twice.
pub(crate) fn place(connection: &mut Connection, entries: &[NewChange]) -> Result<(), Failure> {
    let shown = |entry: &&NewChange| (entry.op, entry.resource) == (ChangeOp::Upsert, ChangeType::Article);
    let ids: Vec<RowId> = entries
        .iter()
        .filter(shown)
        .map(|entry| RowId(entry.id))
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    match connection {
        Connection::Sqlite(c) => {
            for id in ids {
                diesel::sql_query(taken!("= ?")).bind::<Id, _>(id).execute(c)?;
                diesel::sql_query(given!("= ?")).bind::<Id, _>(id).execute(c)?;
            }
        }
        // One way to go for both; they speak of different articles.
        Connection::Postgres(c) => {
            diesel::sql_query(concat!(
                "with taken as (",
                taken!("= any($1)"),
                ") ",
                given!("= any($1)")
            ))
            .bind::<Array<Id>, _>(ids)
            .execute(c)?;
        }
    }
    Ok(())
}
