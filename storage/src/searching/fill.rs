//! Indexing what was published before there was an index.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use masthead_domain::Result;

use super::articles::renew_article;
use super::names::{Name, put_name};
use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    published_articles, published_authors, published_search_documents, published_search_names, published_tags,
};
use crate::error::{Failure, during};
use crate::pool::Source;
use crate::transaction;
use crate::types::RowId;

/// Things in one transaction.
const BATCH: i64 = 200;

/// Other nodes wait, and then find it done. Any number that others do not take for a lock of theirs.
const LOCK: &str = "set local statement_timeout = 0; select pg_advisory_xact_lock(5570193308531903601)";

/// Indexes everything published that is not in the index yet, a part at a time; answers how many things it was.
pub(crate) fn fill(source: &Source) -> Result<u64> {
    let mut done: u64 = 0;
    loop {
        let indexed = transaction::write(source, |connection| {
            batch(connection).map_err(during("indexing what is published"))
        })?;
        if indexed == 0 {
            if done > 0 {
                tracing::info!(done, "everything published can be found");
            }
            return Ok(done);
        }
        done += indexed;
        tracing::info!(done, "indexing what was published before");
    }
}

fn batch(connection: &mut Connection) -> Result<u64, Failure> {
    if let Connection::Postgres(c) = connection {
        c.batch_execute(LOCK)?;
    }
    let articles = articles(connection)?;
    let names = tags(connection)? + authors(connection)?;
    Ok(articles + names)
}

fn articles(connection: &mut Connection) -> Result<u64, Failure> {
    let indexed = published_search_documents::table
        .filter(published_search_documents::article_id.eq(published_articles::id))
        .select(published_search_documents::number);
    let missing: Vec<RowId> = on_engine!(connection, |c| published_articles::table
        .filter(diesel::dsl::not(diesel::dsl::exists(indexed)))
        .order((published_articles::first_published_at, published_articles::id))
        .limit(BATCH)
        .select(published_articles::id)
        .load(c))?;
    for id in &missing {
        renew_article(connection, *id)?;
    }
    Ok(missing.len() as u64)
}

/// Those of a table that have no name in the index.
macro_rules! unnamed {
    ($connection:expr, $table:ident, $kind:literal, $columns:expr) => {{
        let named = published_search_names::table
            .filter(published_search_names::kind.eq($kind))
            .filter(published_search_names::item.eq($table::id))
            .select(published_search_names::number);
        on_engine!($connection, |c| $table::table
            .filter(diesel::dsl::not(diesel::dsl::exists(named)))
            .order($table::id)
            .limit(BATCH)
            .select($columns)
            .load(c))
    }};
}

fn tags(connection: &mut Connection) -> Result<u64, Failure> {
    let columns = (published_tags::id, published_tags::slug, published_tags::name);
    let missing = unnamed!(connection, published_tags, "tag", columns)?;
    put_names(connection, "tag", missing)
}

fn authors(connection: &mut Connection) -> Result<u64, Failure> {
    let columns = (
        published_authors::id,
        published_authors::slug,
        published_authors::name,
    );
    let missing = unnamed!(connection, published_authors, "author", columns)?;
    put_names(connection, "author", missing)
}

fn put_names(
    connection: &mut Connection,
    kind: &'static str,
    missing: Vec<(RowId, String, String)>,
) -> Result<u64, Failure> {
    for (item, slug, text) in &missing {
        let name = Name {
            kind,
            item: *item,
            slug,
            locale: None,
            text,
        };
        put_name(connection, &name)?;
    }
    Ok(missing.len() as u64)
}
