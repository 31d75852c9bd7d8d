//! One tag in the place of another, in working copies and before readers' eyes.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::change::ChangeType;
use masthead_domain::id::{ArticleId, FaqId, TagId};
use masthead_domain::repository::{Carriers, TagMergeRepository};
use uuid::Uuid;

use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    published_article_tags, published_articles, published_faq_tags, published_faqs,
};
use crate::error::{Failure, during};
use crate::schema::{article_tags, articles, faq_tags, faqs};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};
use crate::{publishing, redirects};

impl TagMergeRepository for Transaction<'_> {
    fn hold_tag_carriers(&mut self, id: TagId, limit: u32) -> Result<Carriers> {
        hold_carriers(self.connection, id.into(), limit.into())
            .map_err(during("holding everything that carries a tag"))
    }

    fn retag_edition(&mut self, id: ArticleId, tags: &[TagId], revision: Option<u32>) -> Result<()> {
        retag_edition(self.connection, id.into(), tags, revision.map(i64::from))
            .map_err(during("changing the tags of a published article"))
    }

    fn retag_published_faq(&mut self, id: FaqId, tags: &[TagId], revision: Option<u32>) -> Result<()> {
        retag_faq(self.connection, id.into(), tags, revision.map(i64::from))
            .map_err(during("changing the tags of a published FAQ"))
    }

    fn hand_over_redirects(&mut self, kind: ChangeType, from: Uuid, to: Uuid) -> Result<()> {
        redirects::hand_over(self.connection, kind, RowId(from), RowId(to))
            .map_err(during("handing old slugs over"))
    }
}

/// Things of `$table` that carry a tag, as a working copy that is there or before readers' eyes, held in the order of
/// their ids. SQLite has one writer anyway.
macro_rules! held {
    ($connection:expr, $table:ident, $owner:ident, $working:ident, $published:ident, $tag:expr, $limit:expr) => {{
        let working = $working::table
            .filter($working::tag_id.eq($tag))
            .select($working::$owner);
        let published = $published::table
            .filter($published::tag_id.eq($tag))
            .select($published::$owner);
        let in_working = $table::deleted_at.is_null().and($table::id.eq_any(working));
        let query = $table::table
            .filter(in_working.or($table::id.eq_any(published)))
            .order($table::id)
            .limit($limit)
            .select($table::id);
        match $connection {
            Connection::Sqlite(c) => query.load::<RowId>(c),
            Connection::Postgres(c) => query.for_update().load::<RowId>(c),
        }
    }};
}

fn hold_carriers(connection: &mut Connection, tag: RowId, limit: i64) -> Result<Carriers, Failure> {
    let articles = held!(
        connection,
        articles,
        article_id,
        article_tags,
        published_article_tags,
        tag,
        limit
    )?;
    let faqs = held!(connection, faqs, faq_id, faq_tags, published_faq_tags, tag, limit)?;
    Ok(Carriers {
        articles: articles.into_iter().map(Into::into).collect(),
        faqs: faqs.into_iter().map(Into::into).collect(),
    })
}

fn retag_edition(
    connection: &mut Connection,
    id: RowId,
    tags: &[TagId],
    revision: Option<i64>,
) -> Result<(), Failure> {
    let published_at: Micros = on_engine!(connection, |c| published_articles::table
        .find(id)
        .select(published_articles::published_at)
        .first(c))?;
    publishing::put_tags(connection, id, published_at, tags, true)?;
    if let Some(revision) = revision {
        on_engine!(connection, |c| diesel::update(published_articles::table.find(id))
            .set(published_articles::revision.eq(revision))
            .execute(c))?;
    }
    Ok(())
}

fn retag_faq(
    connection: &mut Connection,
    id: RowId,
    tags: &[TagId],
    revision: Option<i64>,
) -> Result<(), Failure> {
    publishing::put_faq_tags(connection, &[(id, tags)])?;
    if let Some(revision) = revision {
        on_engine!(connection, |c| diesel::update(published_faqs::table.find(id))
            .set(published_faqs::revision.eq(revision))
            .execute(c))?;
    }
    Ok(())
}
