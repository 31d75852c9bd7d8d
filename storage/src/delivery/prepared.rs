//! Finished answers about published articles.

use std::collections::HashSet;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use masthead_domain::id::ArticleId;
use masthead_domain::prepared::{Named as Asked, Prepared, Unfinished};
use uuid::Uuid;

use super::schema::{changes, published_articles, published_prepared};
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::Named;
use crate::types::{Micros, RowId};

type Row = (RowId, String, String, Micros, String, Option<String>, Option<i64>);

/// One statement, so that it sees one state of the store without a transaction around it. Long texts stand at the end
/// of a row: whoever leaves them out never walks through them.
pub(super) fn article(
    connection: &mut Connection,
    made_by: &str,
    named: &Asked,
    text: bool,
) -> Result<Option<Prepared>, Failure> {
    macro_rules! first {
        ($text:expr, $name:expr) => {
            on_engine!(connection, |c| published_prepared::table
                .inner_join(published_articles::table)
                .filter($name)
                .filter(published_prepared::made_by.eq(made_by))
                .select((
                    published_prepared::article_id,
                    published_articles::locale,
                    published_prepared::stamp,
                    published_prepared::made_at,
                    published_prepared::cache_tags,
                    $text,
                    changes::table.select(max(changes::seq)).single_value(),
                ))
                .first::<Row>(c)
                .optional())?
        };
    }
    macro_rules! named {
        ($text:expr) => {
            match named {
                Asked::Id(id) => first!($text, published_articles::id.eq(RowId::from(*id))),
                Asked::Slug(slug, locale) => first!(
                    $text,
                    published_articles::slug
                        .eq(slug.as_str())
                        .and(published_articles::locale.eq(locale.as_str()))
                ),
            }
        };
    }
    let row = if text {
        named!(published_prepared::whole.nullable())
    } else {
        named!(None::<String>.into_sql::<Nullable<Text>>())
    };
    row.map(prepared).transpose()
}

fn prepared((id, locale, stamp, made_at, cache_tags, whole, seq): Row) -> Result<Prepared, Failure> {
    let named = Named {
        table: "published_prepared",
        id,
    };
    let at = named.instant("made_at", made_at)?;
    Ok(Prepared {
        id: id.into(),
        locale: named.locale(&locale)?,
        stamp,
        cache_tags: split(&cache_tags),
        whole,
        head: seq.map(|seq| (seq, at)),
    })
}

/// By id, which no publication changes, so that a walk through all of them meets each once.
pub(super) fn unfinished(
    connection: &mut Connection,
    made_by: &str,
    before: Option<ArticleId>,
    limit: u32,
) -> Result<Unfinished, Failure> {
    // Greater than any id there is.
    let before = before.map_or(RowId(Uuid::max()), RowId::from);
    let ids: Vec<RowId> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::id.lt(before))
        .order(published_articles::id.desc())
        .limit(i64::from(limit))
        .select(published_articles::id)
        .load(c))?;
    let Some(last) = ids.last().copied() else {
        return Ok(Unfinished {
            ids: Vec::new(),
            last: None,
        });
    };
    let finished: Vec<RowId> = on_engine!(connection, |c| published_prepared::table
        .filter(published_prepared::made_by.eq(made_by))
        .filter(published_prepared::article_id.ge(last))
        .filter(published_prepared::article_id.lt(before))
        .select(published_prepared::article_id)
        .load(c))?;
    let finished: HashSet<RowId> = finished.into_iter().collect();
    let left = ids.into_iter().filter(|id| !finished.contains(id));
    Ok(Unfinished {
        ids: left.map(Into::into).collect(),
        last: Some(last.into()),
    })
}

fn split(tags: &str) -> Vec<String> {
    tags.split(',')
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect()
}
