//! The history of what readers see: written with the change log, read for a moment that has passed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
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
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::delivery::rows::{PublishedArticleRow, PublishedAuthorRow, PublishedFaqRow, PublishedTagRow};
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_articles,
    published_authors, published_faq_tags, published_faqs, published_history, published_tags,
};
use crate::error::{Failure, during};
use crate::kept::{Keep as _, insert_rows};
use crate::row::{Named, json};
use crate::schema::history_bodies;
use crate::transaction::Transaction;
use crate::types::{Id, Micros, Moment, RowId};

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
        .filter(published_history::resource_id.among(ids))
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

/// Rows in one statement.
const BATCH: usize = 500;

/// A state of a thing, from the entry that begins it to the one that ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    resource: ChangeType,
    id: RowId,
    since: (i64, Micros),
    until: Option<(i64, Micros)>,
}

impl Span {
    /// The state that readers see of a thing since an entry.
    pub(super) const fn since(resource: ChangeType, id: RowId, seq: i64, at: Micros) -> Self {
        Self {
            resource,
            id,
            since: (seq, at),
            until: None,
        }
    }
}

/// Ends the states that readers saw until these entries, of which `first` is the first one's number, and begins those
/// that they see from now on.
pub(super) fn turn(connection: &mut Connection, first: i64, entries: &[NewChange]) -> Result<(), Failure> {
    let mut ends: BTreeMap<(ChangeType, RowId), (i64, Micros)> = BTreeMap::new();
    let mut spans: Vec<Span> = Vec::new();
    for (seq, entry) in (first..).zip(entries) {
        let (resource, id, at) = (entry.resource, RowId(entry.id), Micros::from(entry.at));
        ends.entry((resource, id)).or_insert((seq, at));
        // What an earlier entry of these began ends with this one.
        let same = |span: &&mut Span| (span.resource, span.id) == (resource, id) && span.until.is_none();
        if let Some(span) = spans.iter_mut().rev().find(same) {
            span.until = Some((seq, at));
        }
        if entry.op == ChangeOp::Upsert {
            spans.push(Span::since(resource, id, seq, at));
        }
    }
    end(connection, &ends)?;
    begin(connection, &spans)
}

/// All in one statement on PostgreSQL, where each has a way to go.
fn end(
    connection: &mut Connection,
    ends: &BTreeMap<(ChangeType, RowId), (i64, Micros)>,
) -> Result<(), Failure> {
    match connection {
        Connection::Sqlite(c) => {
            for ((resource, id), (seq, at)) in ends {
                diesel::update(published_history::table)
                    .filter(published_history::resource.eq(resource.as_str()))
                    .filter(published_history::resource_id.eq(id))
                    .filter(published_history::until_seq.is_null())
                    .set((
                        published_history::until_seq.eq(seq),
                        published_history::until_at.eq(at),
                    ))
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            let resources: Vec<&str> = ends.keys().map(|(resource, _)| resource.as_str()).collect();
            let ids: Vec<RowId> = ends.keys().map(|(_, id)| *id).collect();
            let (seqs, moments): (Vec<i64>, Vec<Micros>) = ends.values().copied().unzip();
            diesel::sql_query(
                "update published_history set until_seq = ended.seq, until_at = ended.at \
                 from unnest($1, $2, $3, $4) as ended (resource, id, seq, at) \
                 where published_history.resource = ended.resource \
                   and published_history.resource_id = ended.id and published_history.until_seq is null",
            )
            .bind::<Array<Text>, _>(resources)
            .bind::<Array<Id>, _>(ids)
            .bind::<Array<BigInt>, _>(seqs)
            .bind::<Array<Moment>, _>(moments)
            .kept()
            .execute(c)?;
        }
    }
    Ok(())
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

/// States of things by their ids.
type States = BTreeMap<RowId, State>;

/// Begins states with what readers see now of each thing; of one that they do not see there is none.
pub(super) fn begin(connection: &mut Connection, spans: &[Span]) -> Result<(), Failure> {
    for spans in spans.chunks(BATCH) {
        let mut seen: BTreeMap<ChangeType, States> = BTreeMap::new();
        for resource in ChangeType::ALL {
            let ids: Vec<RowId> = spans
                .iter()
                .filter(|span| span.resource == *resource)
                .map(|span| span.id)
                .collect();
            if !ids.is_empty() {
                seen.insert(*resource, states_now(connection, *resource, &ids)?);
            }
        }
        let begun: Vec<(&Span, &State)> = spans
            .iter()
            .filter_map(|span| Some((span, seen.get(&span.resource)?.get(&span.id)?)))
            .collect();
        insert(connection, &begun)?;
    }
    Ok(())
}

fn insert(connection: &mut Connection, begun: &[(&Span, &State)]) -> Result<(), Failure> {
    if begun.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = begun
        .iter()
        .map(|(span, state)| {
            (
                published_history::resource.eq(span.resource.as_str()),
                published_history::resource_id.eq(span.id),
                published_history::since_seq.eq(span.since.0),
                published_history::until_seq.eq(span.until.map(|(seq, _)| seq)),
                published_history::since_at.eq(span.since.1),
                published_history::until_at.eq(span.until.map(|(_, at)| at)),
                published_history::title.eq(&state.title),
                published_history::slug.eq(&state.slug),
                published_history::published_at.eq(state.published_at),
                published_history::first_published_at.eq(state.first_published_at),
                published_history::updated_at.eq(state.updated_at),
            )
        })
        .collect();
    let bodies: Vec<_> = begun
        .iter()
        .map(|(span, state)| {
            (
                history_bodies::resource.eq(span.resource.as_str()),
                history_bodies::resource_id.eq(span.id),
                history_bodies::since_seq.eq(span.since.0),
                history_bodies::body.eq(&state.body),
            )
        })
        .collect();
    insert_rows!(connection, published_history::table, &rows)?;
    insert_rows!(connection, history_bodies::table, &bodies)?;
    Ok(())
}

/// What readers see now of these things.
fn states_now(connection: &mut Connection, resource: ChangeType, ids: &[RowId]) -> Result<States, Failure> {
    match resource {
        ChangeType::Article => articles(connection, ids),
        ChangeType::Faq => faqs(connection, ids),
        ChangeType::Tag => tags(connection, ids),
        ChangeType::Author => authors(connection, ids),
    }
}

/// What a table links to each of these things, in order.
macro_rules! linked {
    ($connection:expr, $table:ident, $owner:ident, $target:ident, $owners:expr) => {{
        let rows: Vec<(RowId, RowId)> = on_engine!($connection, |c| $table::table
            .filter($table::$owner.among($owners))
            .order(($table::$owner, $table::position))
            .select(($table::$owner, $table::$target))
            .load(c))?;
        let mut links: BTreeMap<RowId, Vec<_>> = BTreeMap::new();
        for (owner, target) in rows {
            links.entry(owner).or_default().push(target.into());
        }
        links
    }};
}

fn articles(connection: &mut Connection, ids: &[RowId]) -> Result<States, Failure> {
    let rows: Vec<(PublishedArticleRow, String)> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::id.among(ids))
        .select((PublishedArticleRow::as_select(), published_articles::sections))
        .load(c))?;
    let mut tags = linked!(connection, published_article_tags, article_id, tag_id, ids);
    let mut authors = bylines(connection, ids)?;
    let mut faqs = linked!(connection, published_article_faqs, article_id, faq_id, ids);
    let state = |(row, sections): (PublishedArticleRow, String)| {
        let id = row.id;
        let named = Named {
            table: "published_articles",
            id,
        };
        let edition = Edition {
            article: row.model()?,
            sections: named.json("sections", &sections)?,
            tags: tags.remove(&id).unwrap_or_default(),
            authors: authors.remove(&id).unwrap_or_default(),
            faqs: faqs.remove(&id).unwrap_or_default(),
        };
        let article = &edition.article;
        let state = State::named(
            &article.title,
            article.slug.as_str(),
            article.updated_at,
            &edition,
        )?;
        Ok((id, state.dated(article.published_at, article.first_published_at)))
    };
    rows.into_iter().map(state).collect()
}

fn bylines(connection: &mut Connection, ids: &[RowId]) -> Result<BTreeMap<RowId, Vec<Byline>>, Failure> {
    let rows: Vec<(RowId, RowId, String)> = on_engine!(connection, |c| published_article_authors::table
        .filter(published_article_authors::article_id.among(ids))
        .order((
            published_article_authors::article_id,
            published_article_authors::position
        ))
        .select((
            published_article_authors::article_id,
            published_article_authors::author_id,
            published_article_authors::role
        ))
        .load(c))?;
    let mut bylines: BTreeMap<RowId, Vec<Byline>> = BTreeMap::new();
    for (id, author, role) in rows {
        let named = Named {
            table: "published_article_authors",
            id,
        };
        bylines.entry(id).or_default().push(Byline {
            author_id: author.into(),
            role: named.word("role", &role, BylineRole::parse)?,
        });
    }
    Ok(bylines)
}

fn faqs(connection: &mut Connection, ids: &[RowId]) -> Result<States, Failure> {
    let rows: Vec<PublishedFaqRow> = on_engine!(connection, |c| published_faqs::table
        .filter(published_faqs::id.among(ids))
        .select(PublishedFaqRow::as_select())
        .load(c))?;
    let mut tags = linked!(connection, published_faq_tags, faq_id, tag_id, ids);
    let state = |row: PublishedFaqRow| {
        let id = row.id;
        let faq = row.model(tags.remove(&id).unwrap_or_default())?;
        let state = State::named(&faq.question, faq.slug.as_str(), faq.updated_at, &faq)?;
        Ok((id, state.dated(faq.published_at, faq.first_published_at)))
    };
    rows.into_iter().map(state).collect()
}

fn tags(connection: &mut Connection, ids: &[RowId]) -> Result<States, Failure> {
    let rows: Vec<PublishedTagRow> = on_engine!(connection, |c| published_tags::table
        .filter(published_tags::id.among(ids))
        .select(PublishedTagRow::as_select())
        .load(c))?;
    let state = |row: PublishedTagRow| {
        let tag = row.model()?;
        let state = State::named(&tag.name, tag.slug.as_str(), tag.updated_at, &tag)?;
        Ok((tag.id.into(), state))
    };
    rows.into_iter().map(state).collect()
}

fn authors(connection: &mut Connection, ids: &[RowId]) -> Result<States, Failure> {
    let rows: Vec<PublishedAuthorRow> = on_engine!(connection, |c| published_authors::table
        .filter(published_authors::id.among(ids))
        .select(PublishedAuthorRow::as_select())
        .load(c))?;
    let state = |row: PublishedAuthorRow| {
        let author = row.model()?;
        let state = State::named(&author.name, author.slug.as_str(), author.updated_at, &author)?;
        Ok((author.id.into(), state))
    };
    rows.into_iter().map(state).collect()
}
