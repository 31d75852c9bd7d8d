//! The places of articles in sitemaps, given with the change log.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Array;
use masthead_domain::change::{ChangeOp, ChangeType, NewChange};

use crate::connection::Connection;
use crate::delivery::schema::{published_articles, published_map_entries};
use crate::error::Failure;
use crate::kept::Keep as _;
use crate::types::{Id, RowId};

/// What only the `seo` of an article has that search engines are not to know: in its JSON, quotation marks within texts
/// are escaped, so this can be nothing but the key. The sign for any character stands for the underscore as well.
const HIDDEN: &str = "%\"no_index\":true%";

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
                // Mostly all is as it should be, and a statement of diesel's own stays prepared.
                let entry = published_map_entries::table.filter(published_map_entries::article_id.eq(id));
                let has_place = diesel::select(exists(entry)).get_result::<bool>(c)?;
                let hidden = published_articles::table
                    .find(id)
                    .select(published_articles::seo.like(HIDDEN));
                if hidden.first::<bool>(c).optional()? == Some(!has_place) {
                    continue;
                }
                diesel::sql_query(taken!("= ?"))
                    .bind::<Id, _>(id)
                    .kept()
                    .execute(c)?;
                diesel::sql_query(given!("= ?"))
                    .bind::<Id, _>(id)
                    .kept()
                    .execute(c)?;
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
            .kept()
            .execute(c)?;
        }
    }
    Ok(())
}
