//! The history of what readers see: written with the change log, read for a moment that has passed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use masthead_domain::Result;
use masthead_domain::article::{Byline, BylineRole};
use masthead_domain::author::Author;
use masthead_domain::change::{ChangeOp, ChangeType, NewChange};
use masthead_domain::clock::Instant;
use masthead_domain::id::{ArticleId, AuthorId, FaqId, TagId};
use masthead_domain::published::{Edition, PublishedFaq};
use masthead_domain::repository::PastRepository;
use masthead_domain::tag::Tag;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::in_order;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::{PublishedArticleRow, PublishedAuthorRow, PublishedFaqRow, PublishedTagRow};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_authors, published_faq_tags, published_faqs, published_history, published_tags,
};
use crate::error::{Failure, during};
use crate::row::{Named, json};
use crate::schema::history_bodies;
use crate::transaction::Transaction;
use crate::types::{Micros, RowId};

impl PastRepository for Transaction<'_> {
    fn edition_at(&mut self, id: ArticleId, at: Instant) -> Result<Option<Edition>> {
        let found = states::<Edition>(self.connection, ChangeType::Article, &[id.into()], at)
            .map_err(during("reading an article as readers saw it"))?;
        Ok(found.into_iter().next())
    }

    fn published_faqs_at(&mut self, ids: &[FaqId], at: Instant) -> Result<Vec<PublishedFaq>> {
        states(self.connection, ChangeType::Faq, &row_ids(ids), at)
            .map_err(during("reading FAQs as readers saw them"))
    }

    fn published_tags_at(&mut self, ids: &[TagId], at: Instant) -> Result<Vec<Tag>> {
        states(self.connection, ChangeType::Tag, &row_ids(ids), at)
            .map_err(during("reading tags as readers saw them"))
    }

    fn published_authors_at(&mut self, ids: &[AuthorId], at: Instant) -> Result<Vec<Author>> {
        states(self.connection, ChangeType::Author, &row_ids(ids), at)
            .map_err(during("reading authors as readers saw them"))
    }
}

fn row_ids<I: Copy + Into<RowId>>(ids: &[I]) -> Vec<RowId> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// What these things showed at a moment, in the order asked; those that readers did not see are left out.
fn states<T: DeserializeOwned>(
    connection: &mut Connection,
    resource: ChangeType,
    ids: &[RowId],
    at: Instant,
) -> Result<Vec<T>, Failure> {
    let at = Micros::from(at);
    let same = published_history::resource
        .eq(history_bodies::resource)
        .and(published_history::resource_id.eq(history_bodies::resource_id))
        .and(published_history::since_seq.eq(history_bodies::since_seq));
    let rows: Vec<(RowId, String)> = on_engine!(connection, |c| published_history::table
        .inner_join(history_bodies::table.on(same))
        .filter(published_history::resource.eq(resource.as_str()))
        .filter(published_history::resource_id.eq_any(ids))
        .filter(published_history::since_at.le(at))
        .filter(
            published_history::until_at
                .is_null()
                .or(published_history::until_at.gt(at))
        )
        .order((published_history::resource_id, published_history::since_seq))
        .select((published_history::resource_id, history_bodies::body))
        .load(c))?;
    // Two states of one thing meet where a clock went back; the later one counts.
    let latest: BTreeMap<RowId, String> = rows.into_iter().collect();
    let read = |(id, body): (RowId, String)| {
        let named = Named {
            table: "history_bodies",
            id,
        };
        Ok(named.json("body", &body)?)
    };
    in_order(ids, latest.into_iter().collect(), |(id, _)| *id)
        .into_iter()
        .map(read)
        .collect()
}

/// Ends the state of a thing that readers saw until this entry, and begins the one they see from now on.
pub(super) fn turn(connection: &mut Connection, seq: i64, entry: &NewChange) -> Result<(), Failure> {
    let (id, at) = (RowId(entry.id), Micros::from(entry.at));
    on_engine!(connection, |c| diesel::update(published_history::table)
        .filter(published_history::resource.eq(entry.resource.as_str()))
        .filter(published_history::resource_id.eq(id))
        .filter(published_history::until_seq.is_null())
        .set((
            published_history::until_seq.eq(seq),
            published_history::until_at.eq(at)
        ))
        .execute(c))?;
    match entry.op {
        ChangeOp::Upsert => begin(connection, entry.resource, id, seq, at),
        ChangeOp::Delete => Ok(()),
    }
}

/// What a state is sorted by, and all that it shows.
struct State {
    title: String,
    slug: String,
    published_at: Option<Micros>,
    first_published_at: Option<Micros>,
    updated_at: Micros,
    body: String,
}

impl State {
    fn named(title: &str, slug: &str, updated_at: Instant, body: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self {
            title: title.to_owned(),
            slug: slug.to_owned(),
            published_at: None,
            first_published_at: None,
            updated_at: updated_at.into(),
            body: json(body)?,
        })
    }

    fn dated(self, published_at: Instant, first_published_at: Instant) -> Self {
        Self {
            published_at: Some(published_at.into()),
            first_published_at: Some(first_published_at.into()),
            ..self
        }
    }
}

/// Begins the state that readers see now, if they see the thing.
pub(super) fn begin(
    connection: &mut Connection,
    resource: ChangeType,
    id: RowId,
    seq: i64,
    at: Micros,
) -> Result<(), Failure> {
    let state = match resource {
        ChangeType::Article => article(connection, id)?,
        ChangeType::Faq => faq(connection, id)?,
        ChangeType::Tag => tag(connection, id)?,
        ChangeType::Author => author(connection, id)?,
    };
    let Some(state) = state else { return Ok(()) };
    on_engine!(connection, |c| {
        diesel::insert_into(published_history::table)
            .values((
                published_history::resource.eq(resource.as_str()),
                published_history::resource_id.eq(id),
                published_history::since_seq.eq(seq),
                published_history::since_at.eq(at),
                published_history::title.eq(&state.title),
                published_history::slug.eq(&state.slug),
                published_history::published_at.eq(state.published_at),
                published_history::first_published_at.eq(state.first_published_at),
                published_history::updated_at.eq(state.updated_at),
            ))
            .execute(c)?;
        diesel::insert_into(history_bodies::table)
            .values((
                history_bodies::resource.eq(resource.as_str()),
                history_bodies::resource_id.eq(id),
                history_bodies::since_seq.eq(seq),
                history_bodies::body.eq(&state.body),
            ))
            .execute(c)?;
    });
    Ok(())
}

fn article(connection: &mut Connection, id: RowId) -> Result<Option<State>, Failure> {
    let found: Option<(PublishedArticleRow, String)> = on_engine!(connection, |c| published_articles::table
        .find(id)
        .select((PublishedArticleRow::as_select(), published_articles::sections))
        .first(c)
        .optional())?;
    let Some((row, sections)) = found else {
        return Ok(None);
    };
    let named = Named {
        table: "published_articles",
        id,
    };
    let edition = Edition {
        article: row.model()?,
        sections: named.json("sections", &sections)?,
        tags: on_engine!(connection, |c| published_article_tags::table
            .filter(published_article_tags::article_id.eq(id))
            .order(published_article_tags::position)
            .select(published_article_tags::tag_id)
            .load::<RowId>(c))?
        .into_iter()
        .map(Into::into)
        .collect(),
        authors: bylines(connection, id)?,
        faqs: on_engine!(connection, |c| published_article_faqs::table
            .filter(published_article_faqs::article_id.eq(id))
            .order(published_article_faqs::position)
            .select(published_article_faqs::faq_id)
            .load::<RowId>(c))?
        .into_iter()
        .map(Into::into)
        .collect(),
    };
    let article = &edition.article;
    let state = State::named(
        &article.title,
        article.slug.as_str(),
        article.updated_at,
        &edition,
    )?;
    Ok(Some(
        state.dated(article.published_at, article.first_published_at),
    ))
}

fn bylines(connection: &mut Connection, id: RowId) -> Result<Vec<Byline>, Failure> {
    let rows: Vec<(RowId, String)> = on_engine!(connection, |c| published_article_authors::table
        .filter(published_article_authors::article_id.eq(id))
        .order(published_article_authors::position)
        .select((
            published_article_authors::author_id,
            published_article_authors::role
        ))
        .load(c))?;
    let named = Named {
        table: "published_article_authors",
        id,
    };
    rows.into_iter()
        .map(|(author, role)| {
            Ok(Byline {
                author_id: author.into(),
                role: named.word("role", &role, BylineRole::parse)?,
            })
        })
        .collect()
}

fn faq(connection: &mut Connection, id: RowId) -> Result<Option<State>, Failure> {
    let row: Option<PublishedFaqRow> = on_engine!(connection, |c| published_faqs::table
        .find(id)
        .select(PublishedFaqRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let tags: Vec<RowId> = on_engine!(connection, |c| published_faq_tags::table
        .filter(published_faq_tags::faq_id.eq(id))
        .order(published_faq_tags::position)
        .select(published_faq_tags::tag_id)
        .load(c))?;
    let faq = row.model(tags.into_iter().map(Into::into).collect())?;
    let state = State::named(&faq.question, faq.slug.as_str(), faq.updated_at, &faq)?;
    Ok(Some(state.dated(faq.published_at, faq.first_published_at)))
}

fn tag(connection: &mut Connection, id: RowId) -> Result<Option<State>, Failure> {
    let row: Option<PublishedTagRow> = on_engine!(connection, |c| published_tags::table
        .find(id)
        .select(PublishedTagRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let tag = row.model()?;
    State::named(&tag.name, tag.slug.as_str(), tag.updated_at, &tag).map(Some)
}

fn author(connection: &mut Connection, id: RowId) -> Result<Option<State>, Failure> {
    let row: Option<PublishedAuthorRow> = on_engine!(connection, |c| published_authors::table
        .find(id)
        .select(PublishedAuthorRow::as_select())
        .first(c)
        .optional())?;
    let Some(row) = row else { return Ok(None) };
    let author = row.model()?;
    State::named(&author.name, author.slug.as_str(), author.updated_at, &author).map(Some)
}
