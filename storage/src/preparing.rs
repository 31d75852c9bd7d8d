//! Keeping finished answers, and throwing away what a change makes untrue.

use std::collections::HashSet;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::change::{ChangeType, NewChange, story_of};
use masthead_domain::prepared::NewPrepared;
use masthead_domain::repository::PreparedRepository;

use crate::among::Among as _;
use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    changes, published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_prepared,
};
use crate::error::{Failure, during};
use crate::kept::Keep as _;
use crate::schema::log_head;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

/// Changes that may have come since an answer was made; beyond that it is made again.
const LATEST: i64 = 200;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = published_prepared)]
struct PreparedRow {
    article_id: RowId,
    made_by: String,
    stamp: String,
    made_at: Micros,
    cache_tags: String,
    card_stamp: String,
    hit: String,
    card: String,
    whole: String,
}

impl PreparedRepository for Transaction<'_> {
    fn keep_prepared(&mut self, answers: &[NewPrepared]) -> Result<()> {
        keep(self.connection, answers).map_err(during("keeping finished answers"))
    }
}

fn keep(connection: &mut Connection, answers: &[NewPrepared]) -> Result<(), Failure> {
    let Some(oldest) = answers.iter().map(|answer| answer.seq).min() else {
        return Ok(());
    };
    // Held until the commit, so that no change comes between the look and the writing.
    if let Connection::Postgres(c) = connection {
        log_head::table.select(log_head::seq).for_share().load::<i64>(c)?;
    }
    let since: Vec<(i64, String)> = on_engine!(connection, |c| changes::table
        .filter(changes::seq.gt(oldest))
        .order(changes::seq)
        .limit(LATEST + 1)
        .select((changes::seq, changes::cache_tags))
        .load(c))?;
    if i64::try_from(since.len()).unwrap_or(i64::MAX) > LATEST {
        return Ok(());
    }
    // Another node may have finished the same meanwhile, and what has changed since is not there any more.
    let ids: Vec<RowId> = answers.iter().map(|answer| answer.id.into()).collect();
    let finished: Vec<(RowId, String)> = on_engine!(connection, |c| published_prepared::table
        .filter(published_prepared::article_id.among(&ids))
        .select((published_prepared::article_id, published_prepared::made_by))
        .load(c))?;
    let is_finished = |answer: &NewPrepared| {
        let id = RowId::from(answer.id);
        finished.iter().any(|(of, by)| *of == id && *by == answer.made_by)
    };
    // In one order everywhere: two who keep the same ones at once would wait for each other, and everybody who publishes
    // for both.
    let mut answers: Vec<&NewPrepared> = answers.iter().collect();
    answers.sort_unstable_by_key(|answer| answer.id);
    for answer in answers {
        if is_finished(answer) {
            continue;
        }
        let mut shown: HashSet<&str> = answer.cache_tags.iter().map(String::as_str).collect();
        // Whatever is shown is announced under the tag of the thing itself as well as under its list's.
        shown.retain(|tag| tag.contains(':'));
        let touched = since
            .iter()
            .filter(|(seq, _)| *seq > answer.seq)
            .any(|(_, tags)| {
                let tags: Vec<String> = serde_json::from_str(tags).unwrap_or_default();
                tags.iter().any(|tag| shown.contains(tag.as_str()))
            });
        if !touched {
            put(connection, answer)?;
        }
    }
    Ok(())
}

fn put(connection: &mut Connection, answer: &NewPrepared) -> Result<(), Failure> {
    let id = RowId::from(answer.id);
    let row = PreparedRow {
        article_id: id,
        made_by: answer.made_by.clone(),
        stamp: answer.stamp.clone(),
        made_at: answer.at.into(),
        cache_tags: answer.cache_tags.join(","),
        card_stamp: answer.card_stamp.clone(),
        hit: answer.hit.clone(),
        card: answer.card.clone(),
        whole: answer.whole.clone(),
    };
    // Whoever is just taking the article away holds its row and waits for the log: waiting for them would be for ever.
    let published = match connection {
        Connection::Sqlite(c) => published_articles::table
            .find(id)
            .select(published_articles::id)
            .first::<RowId>(c)
            .optional()?,
        Connection::Postgres(c) => published_articles::table
            .find(id)
            .select(published_articles::id)
            .for_key_share()
            .skip_locked()
            .first::<RowId>(c)
            .optional()?,
    };
    if published.is_some() {
        on_engine!(connection, |c| diesel::insert_into(published_prepared::table)
            .values(&row)
            .on_conflict(published_prepared::article_id)
            .do_update()
            .set(&row)
            .kept()
            .execute(c))?;
    }
    Ok(())
}

/// Throws away every finished answer that shows one of these things.
pub(crate) fn forget(connection: &mut Connection, entries: &[NewChange]) -> Result<(), Failure> {
    let of = |wanted: ChangeType| -> Vec<RowId> {
        let mut ids: Vec<_> = entries
            .iter()
            .filter(|entry| entry.resource == wanted)
            .map(|entry| entry.id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(RowId).collect()
    };
    let articles = of(ChangeType::Article);
    // Each language of a story names the others.
    let shown = entries.iter().flat_map(|entry| &entry.cache_tags);
    let stories: Vec<RowId> = shown.filter_map(|tag| story_of(tag)).map(Into::into).collect();
    if !(articles.is_empty() && stories.is_empty()) {
        let told = published_articles::table
            .filter(published_articles::story_id.among(&stories))
            .select(published_articles::id);
        on_engine!(connection, |c| diesel::delete(published_prepared::table)
            .filter(published_prepared::article_id.among(&articles))
            .or_filter(published_prepared::article_id.eq_any(told))
            .execute(c))?;
    }
    macro_rules! forget_by {
        ($kind:ident, $links:ident, $column:ident) => {
            let ids = of(ChangeType::$kind);
            if !ids.is_empty() {
                on_engine!(connection, |c| diesel::delete(published_prepared::table)
                    .filter(
                        published_prepared::article_id.eq_any(
                            $links::table
                                .filter($links::$column.among(&ids))
                                .select($links::article_id),
                        ),
                    )
                    .execute(c))?;
            }
        };
    }
    forget_by!(Faq, published_article_faqs, faq_id);
    forget_by!(Tag, published_article_tags, tag_id);
    forget_by!(Author, published_article_authors, author_id);
    Ok(())
}
