//! The words of articles, written by difference: what stayed as it was is left alone.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::Datelike;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel::upsert::excluded;
use masthead_domain::published::{PublishedArticle, PublishedSection};
use masthead_domain::searching::{self, Field, Indexed, Part, Posting};

use super::names::{Name, put_name};
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::delivery::schema::{
    published_article_faqs, published_search_documents, published_search_parts, published_search_postings,
};
use crate::delivery::{articles, faqs, parts};
use crate::error::Failure;
use crate::kept::Keep as _;
use crate::types::RowId;

/// Rows in one statement.
const BATCH: usize = 500;

/// A text of an article in the index.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = published_search_parts, treat_none_as_default_value = false, treat_none_as_null = true)]
struct PartRow {
    document: i64,
    position: i64,
    field: String,
    section_id: Option<RowId>,
    faq_id: Option<RowId>,
    anchor: Option<String>,
    words: String,
    spans: Vec<u8>,
    text: String,
    ordinal: Option<i64>,
}

/// What a text is in its article, besides what it says: its field, section and FAQ.
type Role<'a> = (&'a str, Option<RowId>, Option<RowId>);

impl PartRow {
    /// `known` are rows whose texts were taken apart before; most of a new edition is as it was.
    fn new(document: i64, position: i64, index: usize, part: Part, known: &HashMap<&str, &Self>) -> Self {
        let indexed = known.get(part.text.as_str()).map_or_else(
            || searching::index(&part.text),
            |row| Indexed {
                words: row.words.clone(),
                spans: row.spans.clone(),
            },
        );
        Self {
            document,
            position,
            field: part.field.as_str().to_owned(),
            section_id: part.section_id.map(Into::into),
            faq_id: part.faq_id.map(Into::into),
            anchor: part.anchor,
            words: indexed.words,
            spans: indexed.spans,
            text: part.text,
            ordinal: Some(crate::row::position(index)),
        }
    }

    fn role(&self) -> Role<'_> {
        (&self.field, self.section_id, self.faq_id)
    }
}

/// The rows of these texts. What stood in the article before keeps its position, wherever it stands now, so that the
/// words of all others are left alone when one comes or goes.
fn rows(document: i64, parts: Vec<Part>, before: &[PartRow]) -> Vec<PartRow> {
    let known = before.iter().map(|row| (row.text.as_str(), row)).collect();
    let mut held: HashMap<Role<'_>, VecDeque<i64>> = HashMap::new();
    for row in before {
        held.entry(row.role()).or_default().push_back(row.position);
    }
    let held: Vec<Option<i64>> = parts
        .iter()
        .map(|part| {
            let (section, faq) = (part.section_id.map(Into::into), part.faq_id.map(Into::into));
            held.get_mut(&(part.field.as_str(), section, faq))?.pop_front()
        })
        .collect();
    let taken: HashSet<i64> = held.iter().flatten().copied().collect();
    let mut free = (0..).filter(|position| !taken.contains(position));
    let rows = parts.into_iter().zip(held).enumerate();
    let mut rows: Vec<PartRow> = rows
        .filter_map(|(index, (part, held))| {
            let position = held.or_else(|| free.next())?;
            Some(PartRow::new(document, position, index, part, &known))
        })
        .collect();
    rows.sort_by_key(|row| row.position);
    rows
}

/// An article in the index.
struct Document {
    number: i64,
    /// The date that its postings carry; none while it has no postings.
    dated: Option<i64>,
}

/// Lets readers find an edition instead of the one before. Its links must be written already.
pub(crate) fn put_article(
    connection: &mut Connection,
    article: &PublishedArticle,
    sections: &[PublishedSection],
) -> Result<(), Failure> {
    let id = RowId::from(article.id);
    let dated = article.first_published_at.timestamp();
    let document = document(connection, article)?;
    let mut linked = faqs::texts_of_articles(connection, &[id])?;
    let linked = linked.remove(&article.id).unwrap_or_default();
    let parts = searching::parts(&article.title, article.dek.as_deref(), sections, &linked);
    let before = match document.dated {
        Some(_) => part_rows(connection, document.number)?,
        None => Vec::new(),
    };
    let after = rows(document.number, parts, &before);
    put_parts(connection, document.number, &before, &after)?;
    put_postings(connection, &document, dated, &before, &after)?;
    put_name(
        connection,
        &Name {
            kind: "article",
            item: id,
            slug: article.slug.as_str(),
            locale: Some(article.locale.as_str()),
            text: &article.title,
        },
    )
}

/// Takes an article out of the index, if it is there.
pub(crate) fn remove_article(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    super::names::remove_name(connection, "article", id)?;
    let Some(Held { number, .. }) = held(connection, id)? else {
        return Ok(());
    };
    let before = part_rows(connection, number)?;
    let terms: Vec<&str> = postings(&before, |_| true).into_keys().collect();
    remove_postings(connection, number, &terms)?;
    // Its parts go with it.
    on_engine!(connection, |c| diesel::delete(
        published_search_documents::table.find(number)
    )
    .execute(c))?;
    Ok(())
}

/// Indexes every article again that carries one of these FAQs, which readers see differently now.
pub(crate) fn renew_carriers(connection: &mut Connection, faqs: &[RowId]) -> Result<(), Failure> {
    let carriers: Vec<RowId> = on_engine!(connection, |c| published_article_faqs::table
        .filter(published_article_faqs::faq_id.among(faqs))
        .order(published_article_faqs::article_id)
        .select(published_article_faqs::article_id)
        .distinct()
        .load(c))?;
    for id in carriers {
        renew_article(connection, id)?;
    }
    Ok(())
}

/// Indexes an article from what readers see of it.
pub(super) fn renew_article(connection: &mut Connection, id: RowId) -> Result<(), Failure> {
    // Held first: whoever publishes the article meanwhile is waited for, and seen.
    held(connection, id)?;
    let Some(article) = articles::find(connection, id)? else {
        return Ok(());
    };
    let sections = parts::sections(connection, &[id])?.remove(&article.id);
    put_article(connection, &article, &sections.unwrap_or_default())
}

/// An article in the index, which nobody else changes until the transaction ends.
fn held(connection: &mut Connection, id: RowId) -> Result<Option<Held>, Failure> {
    let query = published_search_documents::table
        .filter(published_search_documents::article_id.eq(id))
        .select((
            published_search_documents::number,
            published_search_documents::dated,
            published_search_documents::year,
            published_search_documents::kind,
        ));
    Ok(match connection {
        Connection::Sqlite(c) => query.first(c).optional()?,
        Connection::Postgres(c) => query.for_update().first(c).optional()?,
    })
}

/// An article in the index, as it stands there.
#[derive(Queryable)]
struct Held {
    number: i64,
    dated: i64,
    year: i64,
    kind: String,
}

fn document(connection: &mut Connection, article: &PublishedArticle) -> Result<Document, Failure> {
    let id = RowId::from(article.id);
    let (dated, year, kind) = (
        article.first_published_at.timestamp(),
        i64::from(article.published_at.year()),
        article.kind.as_str(),
    );
    let values = (
        published_search_documents::dated.eq(dated),
        published_search_documents::year.eq(year),
        published_search_documents::kind.eq(kind),
    );
    if let Some(held) = held(connection, id)? {
        if (held.dated, held.year, held.kind.as_str()) != (dated, year, kind) {
            on_engine!(connection, |c| diesel::update(
                published_search_documents::table.find(held.number)
            )
            .set(values)
            .kept()
            .execute(c))?;
        }
        return Ok(Document {
            number: held.number,
            dated: Some(held.dated),
        });
    }
    let number = on_engine!(connection, |c| diesel::insert_into(
        published_search_documents::table
    )
    .values((published_search_documents::article_id.eq(id), values))
    .returning(published_search_documents::number)
    .get_result(c))?;
    Ok(Document { number, dated: None })
}

fn part_rows(connection: &mut Connection, document: i64) -> Result<Vec<PartRow>, Failure> {
    Ok(on_engine!(connection, |c| published_search_parts::table
        .filter(published_search_parts::document.eq(document))
        .order(published_search_parts::position)
        .select(PartRow::as_select())
        .load(c))?)
}

fn put_parts(
    connection: &mut Connection,
    document: i64,
    before: &[PartRow],
    after: &[PartRow],
) -> Result<(), Failure> {
    let standing: HashMap<i64, &PartRow> = before.iter().map(|row| (row.position, row)).collect();
    let changed = after.iter();
    let changed: Vec<&PartRow> = changed
        .filter(|row| standing.get(&row.position) != Some(row))
        .collect();
    upsert_parts(connection, &changed)?;
    let kept: HashSet<i64> = after.iter().map(|row| row.position).collect();
    let gone = before.iter().map(|row| row.position);
    let gone: Vec<i64> = gone.filter(|position| !kept.contains(position)).collect();
    for gone in gone.chunks(BATCH) {
        on_engine!(connection, |c| diesel::delete(published_search_parts::table)
            .filter(published_search_parts::document.eq(document))
            .filter(published_search_parts::position.eq_any(gone))
            .execute(c))?;
    }
    Ok(())
}

/// All in one statement on PostgreSQL, where each has a way to go.
fn upsert_parts(connection: &mut Connection, rows: &[&PartRow]) -> Result<(), Failure> {
    let key = (published_search_parts::document, published_search_parts::position);
    match connection {
        Connection::Sqlite(c) => {
            for row in rows {
                diesel::insert_into(published_search_parts::table)
                    .values(*row)
                    .on_conflict(key)
                    .do_update()
                    .set(*row)
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            for rows in rows.chunks(BATCH) {
                diesel::insert_into(published_search_parts::table)
                    .values(rows.to_vec())
                    .on_conflict(key)
                    .do_update()
                    .set((
                        published_search_parts::field.eq(excluded(published_search_parts::field)),
                        published_search_parts::section_id.eq(excluded(published_search_parts::section_id)),
                        published_search_parts::faq_id.eq(excluded(published_search_parts::faq_id)),
                        published_search_parts::anchor.eq(excluded(published_search_parts::anchor)),
                        published_search_parts::words.eq(excluded(published_search_parts::words)),
                        published_search_parts::spans.eq(excluded(published_search_parts::spans)),
                        published_search_parts::text.eq(excluded(published_search_parts::text)),
                        published_search_parts::ordinal.eq(excluded(published_search_parts::ordinal)),
                    ))
                    .kept_with(rows.len())
                    .execute(c)?;
            }
        }
    }
    Ok(())
}

/// The words of these texts that are asked for.
fn postings(parts: &[PartRow], is_asked: impl Fn(&str) -> bool) -> BTreeMap<&str, Posting> {
    let fields = parts.iter().filter_map(|part| {
        let field = Field::parse(&part.field).ok()?;
        Some((part.position, field, part.words.as_str()))
    });
    searching::postings(fields, is_asked)
}

fn put_postings(
    connection: &mut Connection,
    document: &Document,
    dated: i64,
    before: &[PartRow],
    after: &[PartRow],
) -> Result<(), Failure> {
    let is_redated = document.dated != Some(dated);
    // Most texts of a new edition are as they were, and a word that stands in none of the others stays as it is.
    let touched = words_of_changed(before, after);
    let is_asked = |word: &str| is_redated || touched.contains(word);
    let (before, after) = (postings(before, is_asked), postings(after, is_asked));
    let gone: Vec<&str> = before
        .keys()
        .filter(|term| !after.contains_key(*term))
        .copied()
        .collect();
    remove_postings(connection, document.number, &gone)?;
    let changed: Vec<(&str, Posting)> = after
        .into_iter()
        .filter(|(term, posting)| is_redated || before.get(term) != Some(posting))
        .collect();
    add_postings(connection, document.number, dated, &changed)
}

/// The words of the texts that only one of two editions has at its position.
fn words_of_changed<'a>(before: &'a [PartRow], after: &'a [PartRow]) -> HashSet<&'a str> {
    fn key(part: &PartRow) -> (i64, &str, &str) {
        (part.position, &part.field, &part.words)
    }
    let (first, second): (HashSet<_>, HashSet<_>) =
        (before.iter().map(key).collect(), after.iter().map(key).collect());
    let changed = first.symmetric_difference(&second);
    changed.flat_map(|(_, _, words)| words.split(' ')).collect()
}

fn remove_postings(connection: &mut Connection, document: i64, terms: &[&str]) -> Result<(), Failure> {
    for terms in terms.chunks(BATCH) {
        on_engine!(connection, |c| diesel::delete(published_search_postings::table)
            .filter(published_search_postings::term.eq_any(terms))
            .filter(published_search_postings::document.eq(document))
            .kept_with(terms.len())
            .execute(c))?;
    }
    Ok(())
}

/// All in one statement on PostgreSQL, where each has a way to go; a prepared one for each on SQLite.
fn add_postings(
    connection: &mut Connection,
    document: i64,
    dated: i64,
    postings: &[(&str, Posting)],
) -> Result<(), Failure> {
    match connection {
        Connection::Sqlite(c) => {
            for (term, posting) in postings {
                let changed = (
                    published_search_postings::weight.eq(posting.weight),
                    published_search_postings::dated.eq(dated),
                    published_search_postings::places.eq(posting.places),
                );
                diesel::insert_into(published_search_postings::table)
                    .values((
                        published_search_postings::term.eq(term),
                        published_search_postings::document.eq(document),
                        changed,
                    ))
                    .on_conflict((
                        published_search_postings::term,
                        published_search_postings::document,
                    ))
                    .do_update()
                    .set(changed)
                    .kept()
                    .execute(c)?;
            }
        }
        Connection::Postgres(c) => {
            for postings in postings.chunks(BATCH * 10) {
                let terms: Vec<&str> = postings.iter().map(|(term, _)| *term).collect();
                let weights: Vec<i64> = postings.iter().map(|(_, posting)| posting.weight).collect();
                let places: Vec<i64> = postings.iter().map(|(_, posting)| posting.places).collect();
                diesel::sql_query(
                    "insert into published_search_postings (term, document, weight, dated, places) \
                     select held.term, $4, held.weight, $5, held.places \
                     from unnest($1, $2, $3) as held (term, weight, places) \
                     on conflict (term, document) do update \
                     set weight = excluded.weight, dated = excluded.dated, places = excluded.places",
                )
                .bind::<Array<Text>, _>(terms)
                .bind::<Array<BigInt>, _>(weights)
                .bind::<Array<BigInt>, _>(places)
                .bind::<BigInt, _>(document)
                .bind::<BigInt, _>(dated)
                .kept()
                .execute(c)?;
            }
        }
    }
    Ok(())
}
