//! Searching: what a question finds in the index, in which order, and what is shown of it.

mod condition;
mod names;
mod plan;
mod statement;

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use masthead_domain::article::ArticleKind;
use masthead_domain::error::StorageError;
use masthead_domain::id::ArticleId;
use masthead_domain::published::{ArticleQuery, PublishedSummary};
use masthead_domain::searching::{
    Bucket, FACET_ROWS, Facet, Facets, Field, Find, Found, FoundPart, Place, Question, Spotted, Term,
};

use super::articles::{Filters, narrowed};
use super::schema::published_articles;
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::{Named, total};
use crate::types::{Id, Micros, RowId};
use condition::exact_first;
use statement::{Candidate, Pieces, Statement};

pub(super) use condition::articles_with;
pub(super) use names::{names_with, words_sharing};

/// Postings of a word that are counted; one with more is as good as any.
const COUNTED: i64 = 2_000;

/// A hit: number, score, date and article.
type HitRow = (BigInt, BigInt, BigInt, Id);
/// A value of a facet: value, name and number of hits.
type BucketRow = (Text, Nullable<Text>, BigInt);
/// A text: article number, field, section, FAQ, anchor, text, words and their places.
type TextRow = (
    BigInt,
    Text,
    Nullable<Id>,
    Nullable<Id>,
    Nullable<Text>,
    Text,
    Text,
    Binary,
);
/// The same in Rust.
type TextColumns = (
    i64,
    String,
    Option<RowId>,
    Option<RowId>,
    Option<String>,
    String,
    String,
    Vec<u8>,
);

/// Runs a query on the hits of a search, with its filters where it has some.
macro_rules! on_hits {
    ($connection:expr, $among:expr, $pieces:expr, $row:ty) => {{
        let (among, pieces): (&Filters, Pieces) = ($among, $pieces);
        on_engine!($connection, |c| {
            let candidates = narrowed!(published_articles::table.into_boxed(), among)
                .filter(published_articles::id.eq(Candidate))
                .select(published_articles::id);
            Statement::<$row, _>::among(pieces, candidates).load(c)
        })
    }};
}

pub(super) fn found(connection: &mut Connection, find: &Find) -> Result<Found, Failure> {
    let Some(among) = Filters::of(connection, &find.among)? else {
        return Ok(Found {
            rows: Vec::new(),
            is_more: false,
            total: find.count.then_some(0),
        });
    };
    let hits = hits(connection, find)?;
    let mut page = Pieces::new("select hit.number, hit.score, hit.dated, d.article_id from (select * from (")
        .then(&hits)
        .plain(") every");
    if let Some(place) = find.after {
        page = page
            .plain(" where every.score < ")
            .number(place.score)
            .plain(" or (every.score = ")
            .number(place.score)
            .plain(" and (every.dated < ")
            .number(place.dated)
            .plain(" or (every.dated = ")
            .number(place.dated)
            .plain(" and every.number < ")
            .number(place.number)
            .plain(")))");
    }
    page = page
        .plain(" order by every.score desc, every.dated desc, every.number desc limit ")
        .number(i64::from(find.limit) + 1)
        .plain(
            ") hit join published_search_documents d on d.number = hit.number \
             order by hit.score desc, hit.dated desc, hit.number desc",
        );
    let rows: Vec<(i64, i64, i64, RowId)> = on_hits!(connection, &among, page, HitRow)?;
    let counted = if find.count {
        let pieces = Pieces::new("select count(*) from (").then(&hits).plain(") every");
        let counts: Vec<i64> = on_hits!(connection, &among, pieces, BigInt)?;
        counts.first().copied().map(total)
    } else {
        None
    };
    let mut rows: Vec<Spotted> = rows
        .into_iter()
        .map(|(number, score, dated, article)| Spotted {
            article: article.into(),
            place: Place { score, dated, number },
        })
        .collect();
    let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Found {
        rows,
        is_more,
        total: counted,
    })
}

pub(super) fn facets(connection: &mut Connection, find: &Find) -> Result<Facets, Failure> {
    let Some(among) = Filters::of(connection, &find.among)? else {
        return Ok(find.facets.iter().map(|facet| (*facet, Vec::new())).collect());
    };
    let hits = hits(connection, find)?;
    let mut facets = Facets::new();
    for facet in &find.facets {
        let (columns, joined, grouped) = match facet {
            Facet::Tag => (
                "t.slug, t.name, count(*)",
                "join published_article_tags l on l.article_id = d.article_id join published_tags t on t.id = l.tag_id",
                "t.slug, t.name",
            ),
            // A name may stand twice in a byline, for two things that were done.
            Facet::Author => (
                "a.slug, a.name, count(distinct d.number)",
                "join published_article_authors l on l.article_id = d.article_id \
                 join published_authors a on a.id = l.author_id",
                "a.slug, a.name",
            ),
            Facet::Year => ("cast(d.year as text), cast(null as text), count(*)", "", "d.year"),
            Facet::Kind => ("d.kind, cast(null as text), count(*)", "", "d.kind"),
        };
        let pieces = Pieces::new(&format!("select {columns} from ("))
            .then(&hits)
            .plain(&format!(
                ") hit join published_search_documents d on d.number = hit.number {joined} \
                 group by {grouped} order by 3 desc, {grouped} limit "
            ))
            .number(FACET_ROWS.into());
        let rows: Vec<(String, Option<String>, i64)> = on_hits!(connection, &among, pieces, BucketRow)?;
        let buckets = rows.into_iter().map(|(value, name, count)| Bucket {
            value,
            name,
            count: total(count),
        });
        facets.insert(*facet, buckets.collect());
    }
    Ok(facets)
}

/// The query of all hits, the rarest word first.
fn hits(connection: &mut Connection, find: &Find) -> Result<Pieces, Failure> {
    let is_narrowed = find.among != ArticleQuery::default();
    let mut terms = exact_first(&find.question);
    let whole = terms
        .iter()
        .take_while(|term| matches!(term, Term::Exact(_)))
        .count();
    if whole > 1 {
        let counts = frequencies(connection, &terms[..whole])?;
        let mut counted: Vec<_> = counts.into_iter().zip(terms[..whole].to_vec()).collect();
        counted.sort_by_key(|(count, _)| *count);
        for (place, (_, term)) in terms.iter_mut().zip(counted) {
            *place = term;
        }
    }
    Ok(plan::hits(&find.question, &terms, is_narrowed))
}

/// In how many articles each of these words is, as far as that matters.
fn frequencies(connection: &mut Connection, terms: &[&Term]) -> Result<Vec<i64>, Failure> {
    let mut pieces = Pieces::default();
    for (index, term) in terms.iter().enumerate() {
        let union = if index == 0 { "" } else { " union all " };
        pieces = pieces
            .plain(&format!(
                "{union}select cast({index} as bigint), count(*) from (select 1 from published_search_postings where term = "
            ))
            .text(term.text())
            .plain(" limit ")
            .number(COUNTED)
            .plain(&format!(") w{index}"));
    }
    let mut counts: Vec<(i64, i64)> =
        on_engine!(connection, |c| Statement::<(BigInt, BigInt)>::new(pieces).load(c))?;
    counts.sort_unstable();
    Ok(counts.into_iter().map(|(_, count)| count).collect())
}

/// Documents in the query of their texts; a page has one of these sizes, so that there are few shapes of it.
const SIZES: [usize; 3] = [1, 20, 101];

pub(super) fn found_parts(
    connection: &mut Connection,
    question: &Question,
    rows: &[Spotted],
) -> Result<BTreeMap<ArticleId, Vec<FoundPart>>, Failure> {
    let Some(last) = rows.last() else {
        return Ok(BTreeMap::new());
    };
    let size = SIZES.into_iter().find(|size| *size >= rows.len());
    let size = size.unwrap_or(rows.len());
    let mut pieces = Pieces::new(
        "select document, field, section_id, faq_id, anchor, text, words, spans \
         from published_search_parts where document in (",
    );
    for index in 0..size {
        let comma = if index == 0 { "" } else { ", " };
        let number = rows.get(index).unwrap_or(last).place.number;
        pieces = pieces.plain(comma).number(number);
    }
    pieces = pieces.plain(") and (");
    for (index, sought) in question.wanted().iter().enumerate() {
        let or = if index == 0 { "" } else { " or " };
        pieces = pieces
            .plain(&format!("{or}words like "))
            .text(plan::pattern(sought.terms()))
            .plain(r" escape '\'");
    }
    pieces = pieces.plain(") order by document, position");
    let found: Vec<TextColumns> = on_engine!(connection, |c| Statement::<TextRow>::new(pieces).load(c))?;
    let mut parts: BTreeMap<ArticleId, Vec<FoundPart>> = BTreeMap::new();
    for (number, field, section, faq, anchor, text, words, spans) in found {
        let row = rows.iter().find(|row| row.place.number == number);
        let Some(article) = row.map(|row| row.article) else {
            continue;
        };
        let named = Named {
            table: "published_search_parts",
            id: article.into(),
        };
        parts.entry(article).or_default().push(FoundPart {
            field: named.word("field", &field, Field::parse)?,
            section_id: section.map(Into::into),
            faq_id: faq.map(Into::into),
            anchor,
            text,
            words,
            spans,
        });
    }
    Ok(parts)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = published_articles)]
struct SummaryRow {
    id: RowId,
    kind: String,
    locale: String,
    slug: String,
    title: String,
    dek: Option<String>,
    excerpt: String,
    cover: Option<String>,
    published_at: Micros,
}

impl SummaryRow {
    fn model(self) -> Result<PublishedSummary, StorageError> {
        let named = Named {
            table: "published_articles",
            id: self.id,
        };
        Ok(PublishedSummary {
            id: self.id.into(),
            kind: named.word("kind", &self.kind, ArticleKind::parse)?,
            locale: named.locale(&self.locale)?,
            slug: named.slug(&self.slug)?,
            title: self.title,
            dek: self.dek,
            excerpt: self.excerpt,
            cover: named.some_json("cover", self.cover.as_deref())?,
            published_at: named.instant("published_at", self.published_at)?,
        })
    }
}

pub(super) fn summaries(
    connection: &mut Connection,
    ids: &[RowId],
) -> Result<BTreeMap<ArticleId, PublishedSummary>, Failure> {
    let rows: Vec<SummaryRow> = on_engine!(connection, |c| published_articles::table
        .filter(published_articles::id.among(ids))
        .select(SummaryRow::as_select())
        .load(c))?;
    rows.into_iter()
        .map(|row| Ok((row.id.into(), row.model()?)))
        .collect()
}
