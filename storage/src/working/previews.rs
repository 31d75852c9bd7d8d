//! Preview links, and what stands beside a working copy once it is published.

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::account::KeyDigest;
use masthead_domain::audit::AuditResource;
use masthead_domain::clock::Instant;
use masthead_domain::error::{Resource, StorageError};
use masthead_domain::id::{ArticleId, FaqId, PreviewLinkId, StoryId};
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::preview::{PreviewLink, PreviewLinkSort};
use masthead_domain::published::PublishedFaq;
use masthead_domain::repository::PreviewRepository;
use masthead_domain::rights::Credential;
use masthead_domain::slug::Slug;
use masthead_domain::story::{Alternate, Telling};

use super::expect_one;
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::delivery::addresses;
use crate::delivery::faqs::tag_ids;
use crate::delivery::rows::PublishedFaqRow;
use crate::delivery::schema::published_faqs;
use crate::error::{Failure, during, during_write};
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::{Named, position as count_of, total};
use crate::schema::{articles, preview_links};
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl PreviewRepository for Transaction<'_> {
    fn preview_link(&mut self, id: PreviewLinkId) -> Result<Option<PreviewLink>> {
        find(self.connection, id.into()).map_err(during("reading a preview link"))
    }

    fn preview_link_by_digest(&mut self, digest: &KeyDigest) -> Result<Option<PreviewLink>> {
        by_digest(self.connection, digest).map_err(during("looking for a preview link"))
    }

    fn preview_links(
        &mut self,
        article: ArticleId,
        now: Instant,
        page: &PageRequest<PreviewLinkSort>,
    ) -> Result<Page<PreviewLink>> {
        list(self.connection, article.into(), now.into(), page).map_err(during("listing preview links"))
    }

    fn count_preview_links(&mut self, article: ArticleId, now: Instant) -> Result<u64> {
        count(self.connection, article.into(), now.into()).map_err(during("counting preview links"))
    }

    fn insert_preview_link(&mut self, link: &PreviewLink, digest: &KeyDigest) -> Result<()> {
        insert(self.connection, link, digest).map_err(during_write(
            "adding a preview link",
            link.id.uuid(),
            "",
        ))?;
        self.touch(AuditResource::PreviewLink, link.id, None, None);
        Ok(())
    }

    fn delete_preview_link(&mut self, id: PreviewLinkId) -> Result<()> {
        delete(self.connection, id).map_err(during("revoking a preview link"))?;
        self.touch(AuditResource::PreviewLink, id, None, None);
        Ok(())
    }

    fn forget_preview_links(&mut self, expired: Instant, limit: u32) -> Result<u64> {
        forget(self.connection, expired.into(), limit.into()).map_err(during("dropping old preview links"))
    }

    fn working_tellings(&mut self, slug: &Slug) -> Result<Vec<Telling>> {
        with_slug(self.connection, slug).map_err(during("looking for working copies with a slug"))
    }

    fn published_tellings(&mut self, story: StoryId) -> Result<Vec<Telling>> {
        addresses::tellings(self.connection, &[story.into()])
            .map_err(during("reading what readers see of a story"))
    }

    fn published_faqs(&mut self, ids: &[FaqId]) -> Result<Vec<PublishedFaq>> {
        let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
        faqs(self.connection, &ids).map_err(during("reading what readers see of FAQs"))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = preview_links)]
struct LinkRow {
    id: RowId,
    article_id: RowId,
    created_by: String,
    created_at: Micros,
    expires_at: Micros,
}

impl LinkRow {
    fn model(self) -> Result<PreviewLink, StorageError> {
        let named = Named {
            table: "preview_links",
            id: self.id,
        };
        Ok(PreviewLink {
            id: self.id.into(),
            article: self.article_id.into(),
            created_by: named.word("created_by", &self.created_by, Credential::parse)?,
            created_at: named.instant("created_at", self.created_at)?,
            expires_at: named.instant("expires_at", self.expires_at)?,
        })
    }
}

fn find(connection: &mut Connection, id: RowId) -> Result<Option<PreviewLink>, Failure> {
    let row: Option<LinkRow> = on_engine!(connection, |c| preview_links::table
        .find(id)
        .select(LinkRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(LinkRow::model).transpose()?)
}

fn by_digest(connection: &mut Connection, digest: &KeyDigest) -> Result<Option<PreviewLink>, Failure> {
    let row: Option<LinkRow> = on_engine!(connection, |c| preview_links::table
        .filter(preview_links::digest.eq(digest.0.as_slice()))
        .select(LinkRow::as_select())
        .first(c)
        .optional())?;
    Ok(row.map(LinkRow::model).transpose()?)
}

fn list(
    connection: &mut Connection,
    article: RowId,
    now: Micros,
    request: &PageRequest<PreviewLinkSort>,
) -> Result<Page<PreviewLink>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(preview_links::id))?;
    let (rows, total) = on_engine!(connection, |c| load_page!(
        c,
        preview_links,
        request,
        keyset,
        LinkRow,
        || preview_links::table
            .filter(preview_links::article_id.eq(article))
            .filter(preview_links::expires_at.gt(now))
            .into_boxed()
    ))?;
    let links = rows
        .into_iter()
        .map(|row: LinkRow| Ok(row.model()?))
        .collect::<Result<Vec<PreviewLink>, Failure>>()?;
    Ok(keyset.page(links, total, |link| position(link, request)))
}

const fn sort_column(field: PreviewLinkSort) -> &'static str {
    match field {
        PreviewLinkSort::CreatedAt => sorted_by!(preview_links::created_at),
    }
}

fn position(link: &PreviewLink, request: &PageRequest<PreviewLinkSort>) -> Position {
    let value = |field| match field {
        PreviewLinkSort::CreatedAt => SortValue::Instant(link.created_at),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: link.id.uuid(),
        as_of: None,
    }
}

fn count(connection: &mut Connection, article: RowId, now: Micros) -> Result<u64, Failure> {
    let count: i64 = on_engine!(connection, |c| preview_links::table
        .filter(preview_links::article_id.eq(article))
        .filter(preview_links::expires_at.gt(now))
        .count()
        .get_result(c))?;
    Ok(total(count))
}

fn insert(connection: &mut Connection, link: &PreviewLink, digest: &KeyDigest) -> Result<(), Failure> {
    let row = LinkRow {
        id: link.id.into(),
        article_id: link.article.into(),
        created_by: link.created_by.to_string(),
        created_at: link.created_at.into(),
        expires_at: link.expires_at.into(),
    };
    on_engine!(connection, |c| diesel::insert_into(preview_links::table)
        .values((&row, preview_links::digest.eq(digest.0.as_slice())))
        .execute(c))?;
    Ok(())
}

fn delete(connection: &mut Connection, id: PreviewLinkId) -> Result<(), Failure> {
    let affected = on_engine!(connection, |c| diesel::delete(
        preview_links::table.find(RowId::from(id))
    )
    .execute(c))?;
    expect_one(affected, Resource::PreviewLink, id)
}

fn forget(connection: &mut Connection, expired: Micros, limit: i64) -> Result<u64, Failure> {
    let old: Vec<RowId> = on_engine!(connection, |c| preview_links::table
        .filter(preview_links::expires_at.le(expired))
        .order(preview_links::expires_at)
        .limit(limit)
        .select(preview_links::id)
        .load(c))?;
    let dropped = on_engine!(connection, |c| diesel::delete(preview_links::table)
        .filter(preview_links::id.among(&old))
        .execute(c))?;
    Ok(total(count_of(dropped)))
}

fn with_slug(connection: &mut Connection, slug: &Slug) -> Result<Vec<Telling>, Failure> {
    let rows: Vec<(RowId, RowId, String)> = on_engine!(connection, |c| articles::table
        .filter(articles::slug.eq(slug.as_str()))
        .filter(articles::deleted_at.is_null())
        .order((articles::locale, articles::id))
        .select((articles::id, articles::story_id, articles::locale))
        .load(c))?;
    let read = |(id, story, locale): (RowId, RowId, String)| {
        let named = Named {
            table: "articles",
            id,
        };
        Ok(Telling {
            story: story.into(),
            article: Alternate {
                id: id.into(),
                locale: named.locale(&locale)?,
                slug: slug.clone(),
                url: None,
            },
        })
    };
    rows.into_iter().map(read).collect()
}

fn faqs(connection: &mut Connection, ids: &[RowId]) -> Result<Vec<PublishedFaq>, Failure> {
    let rows: Vec<PublishedFaqRow> = on_engine!(connection, |c| published_faqs::table
        .filter(published_faqs::id.among(ids))
        .select(PublishedFaqRow::as_select())
        .load(c))?;
    let mut tags = tag_ids(connection, ids)?;
    let model = |row: PublishedFaqRow| {
        let tags = tags.remove(&row.id).unwrap_or_default();
        Ok(row.model(tags)?)
    };
    rows.into_iter().map(model).collect()
}
