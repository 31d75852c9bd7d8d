//! What is to happen to articles by itself.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use masthead_domain::article::Status;
use masthead_domain::clock::Instant;
use masthead_domain::workflow::{Action, Due, ScheduleError};

use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::{Named, json};
use crate::schema::articles;
use crate::types::{Micros, RowId};

/// What an index over few rows holds is written out: a value that is bound could be any, and the index would not be
/// used.
const SCHEDULED: &str = "articles.status = 'scheduled'";
const PUBLISHED: &str = "articles.status = 'published'";

pub(super) fn due(connection: &mut Connection, now: Instant, limit: u32) -> Result<Vec<Due>, Failure> {
    let (now, most) = (Micros::from(now), i64::from(limit));
    let coming: Vec<(RowId, Option<Micros>)> = on_engine!(connection, |c| articles::table
        .filter(sql::<Bool>(SCHEDULED))
        .filter(articles::publish_at.le(now))
        .filter(articles::schedule_error.is_null())
        .filter(articles::deleted_at.is_null())
        .order((articles::publish_at, articles::id))
        .limit(most)
        .select((articles::id, articles::publish_at))
        .load(c))?;
    let going: Vec<(RowId, Option<Micros>)> = on_engine!(connection, |c| articles::table
        .filter(sql::<Bool>(PUBLISHED))
        .filter(articles::unpublish_at.is_not_null())
        .filter(articles::unpublish_at.le(now))
        .filter(articles::schedule_error.is_null())
        .filter(articles::deleted_at.is_null())
        .order((articles::unpublish_at, articles::id))
        .limit(most)
        .select((articles::id, articles::unpublish_at))
        .load(c))?;
    let mut all = Vec::with_capacity(coming.len() + going.len());
    for (action, column, rows) in [
        (Action::Publish, "publish_at", coming),
        (Action::Unpublish, "unpublish_at", going),
    ] {
        for (id, at) in rows {
            let table = "articles";
            let at = Named { table, id }.some_instant(column, at)?;
            all.extend(at.map(|at| Due {
                id: id.into(),
                action,
                at,
            }));
        }
    }
    all.sort_by_key(|due| (due.at, due.id));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

/// Written without reading the article: one that cannot be read is among those that fail.
pub(super) fn fail(connection: &mut Connection, due: &Due, error: &ScheduleError) -> Result<bool, Failure> {
    let (id, at) = (RowId::from(due.id), Micros::from(due.at));
    let error = Some(json(error)?);
    let (status, goes) = match due.action {
        Action::Unpublish => (Status::Published, true),
        _ => (Status::Scheduled, false),
    };
    let affected = on_engine!(connection, |c| {
        let open = diesel::update(articles::table)
            .filter(articles::id.eq(id))
            .filter(articles::status.eq(status.as_str()))
            .filter(articles::schedule_error.is_null())
            .filter(articles::deleted_at.is_null())
            .set(articles::schedule_error.eq(&error));
        if goes {
            open.filter(articles::unpublish_at.eq(at)).execute(c)
        } else {
            open.filter(articles::publish_at.eq(at)).execute(c)
        }
    })?;
    Ok(affected == 1)
}
