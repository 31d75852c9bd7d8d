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
use masthead_domain::page::PageRequest;
use masthead_domain::published::{ArticleQuery, PublishedSummary};
use masthead_domain::searching::{
    Bucket, FACET_ROWS, Facet, Facets, Field, Find, Found, FoundPart, LAST_PLACE, Place, Spotted, Term,
};

use super::articles::{Filters, narrowed};
use super::changes;
use super::schema::published_articles;
use crate::among::Among;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::row::{Named, total};
use crate::types::{Id, Micros, Moment, RowId};
use condition::exact_first;
use statement::{Candidate, Pieces, Statement};

pub(super) use condition::articles_with;
pub(super) use names::{names_with, words_sharing};

/// Postings of a word that are counted; one with more is as good as any.
const COUNTED: i64 = 2_000;

/// A value of a facet: value, name and number of hits.
type BucketRow = (Text, Nullable<Text>, BigInt);
/// A row of a page: the newest entry of the change log; number, score, date and article of a hit; its finished text;
/// field, section, FAQ, anchor, text, words and their places of one of its texts.
type HitRow = (
    (Nullable<BigInt>, Nullable<Moment>),
    (Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<Id>),
    Nullable<Text>,
    PartColumns,
);
type PartColumns = (
    Nullable<Text>,
    Nullable<Id>,
    Nullable<Id>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Binary>,
);
/// The same in Rust.
type FoundRow = (
    (Option<i64>, Option<Micros>),
    (Option<i64>, Option<i64>, Option<i64>, Option<RowId>),
    Option<String>,
    PartRow,
);

/// A text that may hold what was asked for, where there is one.
#[derive(Queryable)]
struct PartRow {
    field: Option<String>,
    section_id: Option<RowId>,
    faq_id: Option<RowId>,
    anchor: Option<String>,
    text: Option<String>,
    words: Option<String>,
    spans: Option<Vec<u8>>,
}

impl PartRow {
    fn model(self, article: RowId) -> Result<Option<FoundPart>, StorageError> {
        let (Some(field), Some(text), Some(words), Some(spans)) =
            (self.field, self.text, self.words, self.spans)
        else {
            return Ok(None);
        };
        let named = Named {
            table: "published_search_parts",
            id: article,
        };
        Ok(Some(FoundPart {
            field: named.word("field", &field, Field::parse)?,
            section_id: self.section_id.map(Into::into),
            faq_id: self.faq_id.map(Into::into),
            anchor: self.anchor,
            text,
            words,
            spans,
        }))
    }
}

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

/// All with one statement where nothing is counted and nothing narrowed down, so that it needs no transaction to see
/// one state of the store. How frequent its words are is asked before, and decides where to begin, not what is found.
pub(super) fn found(connection: &mut Connection, made_by: &str, find: &Find) -> Result<Found, Failure> {
    let Some(among) = Filters::of(connection, &find.among)? else {
        return Ok(Found {
            total: find.count.then_some(0),
            head: changes::head(connection)?,
            ..Found::default()
        });
    };
    let hits = hits(connection, find)?;
    let page = page(connection, find, &hits, made_by);
    let rows: Vec<FoundRow> = on_hits!(connection, &among, page, HitRow)?;
    let total = if find.count {
        let pieces = Pieces::new("select count(*) from (").then(&hits).plain(") every");
        let counts: Vec<i64> = on_hits!(connection, &among, pieces, BigInt)?;
        counts.first().copied().map(total)
    } else {
        None
    };
    let mut found = gathered(rows)?;
    found.total = total;
    let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
    found.is_more = found.rows.len() > limit;
    found.rows.truncate(limit);
    Ok(found)
}

/// The query of a page: the newest entry of the change log beside each hit with what is finished of it, beside each of
/// its texts that may hold what is wanted. Where nothing is found, one row with the entry alone is left.
fn page(connection: &Connection, find: &Find, hits: &Pieces, made_by: &str) -> Pieces {
    // In the index of ranks the hits of one word stand in their order. Of a limit that is a parameter PostgreSQL thinks
    // that it may be large, and so plans the statement anew for each who asks; within one that it knows, the same plan
    // is good for all, and more than is wanted is never read.
    let is_bounded = matches!(connection, Connection::Postgres(_)) && is_one_word(find);
    let mut page = Pieces::new(
        "select head.seq, head.created_at, hit.number, hit.score, hit.dated, d.article_id, made.hit, \
         x.field, x.section_id, x.faq_id, x.anchor, x.text, x.words, x.spans \
         from (select 1 as one) one \
         left join (select c.seq, c.created_at from changes c order by c.seq desc limit 1) head on 1 = 1 \
         left join (select * from (",
    );
    if is_bounded {
        page = page.plain("select * from (");
    }
    page = page.then(hits).plain(") every");
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
    if is_bounded {
        page = page.plain(&format!(
            " {IN_ORDER} limit {}) every",
            PageRequest::<()>::LIMIT + 1
        ));
    }
    page = page
        .plain(&format!(" {IN_ORDER} limit "))
        .number(i64::from(find.limit) + 1)
        .plain(
            ") hit on 1 = 1 left join published_search_documents d on d.number = hit.number \
             left join published_prepared made on made.article_id = d.article_id and made.made_by = ",
        )
        .text(made_by)
        .plain(match connection {
            Connection::Sqlite(_) => PARTS_ON_SQLITE,
            Connection::Postgres(_) => PARTS_ON_POSTGRES,
        });
    for (index, sought) in find.question.wanted().iter().enumerate() {
        let or = if index == 0 { "" } else { " or " };
        page = page
            .plain(&format!("{or}x.words like "))
            .text(plan::pattern(sought.terms()))
            .plain(r" escape '\'");
    }
    page.plain(") order by hit.score desc, hit.dated desc, hit.number desc, coalesce(x.ordinal, x.position)")
}

/// Whether a text `x` of a hit is one of those where its words are; those from place 62 on share that one.
macro_rules! has_place {
    () => {
        "x.document = hit.number \
         and ((hit.places >> cast(case when x.position < 62 then x.position else 62 end as integer)) & 1) = 1"
    };
}

/// The best hits first.
const IN_ORDER: &str = "order by every.score desc, every.dated desc, every.number desc";

/// Joins the texts of a hit, the condition of which is still to be said and closed.
const PARTS_ON_SQLITE: &str = concat!(" left join published_search_parts x on ", has_place!(), " and (");
/// PostgreSQL would take the pattern for rarer than the key, and read the whole table for it; the offset keeps it from
/// looking in. Of some thirty texts a word stands in one or two: they are looked up between the lowest and the highest
/// place, about, for what the roundings leave in is left out by the bits.
const PARTS_ON_POSTGRES: &str = concat!(
    " left join lateral (select * from published_search_parts x where ",
    has_place!(),
    " and x.position >= cast(floor(ln(cast(greatest(hit.places & -hit.places, 1) as float8)) / ln(2.0::float8)) as bigint) \
     and x.position <= case when hit.places > 0 and hit.places < 4611686018427387904 \
     then cast(ceil(ln(cast(hit.places as float8)) / ln(2.0::float8)) as bigint) \
     else 9223372036854775807 end offset 0) x on ("
);
const _: () = assert!(LAST_PLACE == 62 && 1_i64 << LAST_PLACE == 4_611_686_018_427_387_904);

/// Whether one whole word is all that was asked.
fn is_one_word(find: &Find) -> bool {
    matches!(find.question.terms()[..], [Term::Exact(_)])
        && find.question.unwanted().is_empty()
        && find.among == ArticleQuery::default()
}

/// Rows of one hit stand side by side.
fn gathered(rows: Vec<FoundRow>) -> Result<Found, Failure> {
    let mut found = Found::default();
    for (head, hit, finished, part) in rows {
        if let (None, (Some(seq), Some(at))) = (&found.head, head) {
            found.head = Some(changes::entry((seq, at))?);
        }
        let (Some(number), Some(score), Some(dated), Some(article)) = hit else {
            continue;
        };
        let is_next = found.rows.last().is_none_or(|row| row.place.number != number);
        if is_next {
            found.rows.push(Spotted {
                article: article.into(),
                place: Place { score, dated, number },
                finished,
                parts: Vec::new(),
            });
        }
        if let (Some(row), Some(part)) = (found.rows.last_mut(), part.model(article)?) {
            row.parts.push(part);
        }
    }
    Ok(found)
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
