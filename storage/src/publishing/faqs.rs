//! The FAQs that readers see.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use masthead_domain::id::{ArticleId, FaqId, TagId};
use masthead_domain::locale::Locale;
use masthead_domain::published::{FaqLinks, PublishedFaq};
use masthead_domain::slug::Slug;

use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::PublishedFaqRow;
use crate::delivery::schema::{published_article_faqs, published_faq_tags, published_faqs};
use crate::error::Failure;
use crate::kept::{Keep as _, insert_rows};
use crate::row::{Named, folded, position};
use crate::searching;
use crate::types::RowId;

/// FAQs in one statement.
const FAQS: usize = 100;

pub(super) fn put_faqs(connection: &mut Connection, faqs: &[PublishedFaq]) -> Result<(), Failure> {
    let ids: Vec<RowId> = faqs.iter().map(|faq| faq.id.into()).collect();
    put_faq_rows(connection, faqs)?;
    let tagged: Vec<_> = faqs
        .iter()
        .map(|faq| (faq.id.into(), faq.tags.as_slice()))
        .collect();
    put_faq_tags(connection, &tagged)?;
    searching::renew_carriers(connection, &ids)
}

/// Shows FAQs with these tags instead of those before.
pub(crate) fn put_faq_tags(connection: &mut Connection, tagged: &[(RowId, &[TagId])]) -> Result<(), Failure> {
    let ids: Vec<RowId> = tagged.iter().map(|(id, _)| *id).collect();
    on_engine!(connection, |c| diesel::delete(published_faq_tags::table)
        .filter(published_faq_tags::faq_id.among(&ids))
        .execute(c))?;
    let rows: Vec<_> = tagged
        .iter()
        .flat_map(|(id, tags)| std::iter::repeat(*id).zip(tags.iter().enumerate()))
        .map(|(id, (index, tag))| {
            (
                published_faq_tags::faq_id.eq(id),
                published_faq_tags::tag_id.eq(RowId::from(*tag)),
                published_faq_tags::position.eq(position(index)),
            )
        })
        .collect();
    if !rows.is_empty() {
        insert_rows!(connection, published_faq_tags::table, &rows)?;
    }
    Ok(())
}

/// All in one statement on PostgreSQL, where each has a way to go.
fn put_faq_rows(connection: &mut Connection, faqs: &[PublishedFaq]) -> Result<(), Failure> {
    let rows = faqs.iter().map(|faq| {
        let text = faq_text(&faq.question, &faq.answer.text);
        (PublishedFaqRow::from(faq), text)
    });
    match connection {
        Connection::Sqlite(c) => {
            for (row, text) in rows {
                let values = (&row, published_faqs::search_text.eq(&text));
                diesel::insert_into(published_faqs::table)
                    .values(values)
                    .on_conflict(published_faqs::id)
                    .do_update()
                    .set(values)
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            let rows = rows.map(|(row, text)| (row, published_faqs::search_text.eq(text)));
            let rows: Vec<_> = rows.collect();
            for rows in rows.chunks(FAQS) {
                diesel::insert_into(published_faqs::table)
                    .values(rows)
                    .on_conflict(published_faqs::id)
                    .do_update()
                    .set((
                        published_faqs::locale.eq(excluded(published_faqs::locale)),
                        published_faqs::slug.eq(excluded(published_faqs::slug)),
                        published_faqs::question.eq(excluded(published_faqs::question)),
                        published_faqs::answer_html.eq(excluded(published_faqs::answer_html)),
                        published_faqs::answer_markdown.eq(excluded(published_faqs::answer_markdown)),
                        published_faqs::answer_text.eq(excluded(published_faqs::answer_text)),
                        published_faqs::revision.eq(excluded(published_faqs::revision)),
                        published_faqs::published_at.eq(excluded(published_faqs::published_at)),
                        published_faqs::first_published_at.eq(excluded(published_faqs::first_published_at)),
                        published_faqs::updated_at.eq(excluded(published_faqs::updated_at)),
                        published_faqs::search_text.eq(excluded(published_faqs::search_text)),
                    ))
                    .kept_with(rows.len())
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

pub(super) fn remove_faq(connection: &mut Connection, id: RowId) -> Result<Option<FaqLinks>, Failure> {
    let seen = faq_links(connection, id)?;
    on_engine!(connection, |c| diesel::delete(published_faqs::table.find(id))
        .execute(c))?;
    searching::renew_carriers(connection, &[id])?;
    Ok(seen)
}

pub(super) fn faq_links(connection: &mut Connection, id: RowId) -> Result<Option<FaqLinks>, Failure> {
    let found: Option<(String, String)> = on_engine!(connection, |c| published_faqs::table
        .find(id)
        .select((published_faqs::slug, published_faqs::locale))
        .first(c)
        .optional())?;
    let Some((slug, locale)) = found else {
        return Ok(None);
    };
    let tags: Vec<RowId> = on_engine!(connection, |c| published_faq_tags::table
        .filter(published_faq_tags::faq_id.eq(id))
        .order(published_faq_tags::position)
        .select(published_faq_tags::tag_id)
        .load(c))?;
    let named = Named {
        table: "published_faqs",
        id,
    };
    Ok(Some(FaqLinks {
        slug: named.slug(&slug)?,
        locale: named.locale(&locale)?,
        tags: tags.into_iter().map(Into::into).collect(),
    }))
}

pub(super) fn articles_showing_faqs(
    connection: &mut Connection,
    ids: &[FaqId],
) -> Result<Vec<(FaqId, ArticleId)>, Failure> {
    let ids: Vec<RowId> = ids.iter().map(|id| (*id).into()).collect();
    let shown: Vec<(RowId, RowId)> = on_engine!(connection, |c| published_article_faqs::table
        .filter(published_article_faqs::faq_id.among(&ids))
        .order((published_article_faqs::faq_id, published_article_faqs::article_id))
        .select((published_article_faqs::faq_id, published_article_faqs::article_id))
        .load(c))?;
    Ok(shown
        .into_iter()
        .map(|(faq, article)| (faq.into(), article.into()))
        .collect())
}

/// Asked for each locale, of which there is hardly ever more than one.
pub(super) fn faqs_seen_at(
    connection: &mut Connection,
    addresses: &[(&Locale, &Slug)],
) -> Result<Vec<(Locale, Slug, FaqId)>, Failure> {
    let mut slugs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (locale, slug) in addresses {
        slugs.entry(locale.as_str()).or_default().push(slug.as_str());
    }
    let mut holders = Vec::new();
    for (locale, slugs) in slugs {
        let found: Vec<(String, String, RowId)> = on_engine!(connection, |c| published_faqs::table
            .filter(published_faqs::locale.eq(locale))
            .filter(published_faqs::slug.eq_any(slugs))
            .select((published_faqs::locale, published_faqs::slug, published_faqs::id))
            .load(c))?;
        for (locale, slug, id) in found {
            let named = Named {
                table: "published_faqs",
                id,
            };
            holders.push((named.locale(&locale)?, named.slug(&slug)?, id.into()));
        }
    }
    Ok(holders)
}

/// What `q` looks through in a FAQ.
pub(crate) fn faq_text(question: &str, answer: &str) -> String {
    folded(&format!("{question}\n{answer}"))
}
