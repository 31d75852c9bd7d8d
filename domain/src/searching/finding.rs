//! Searching and completing, for readers: what is asked of the store, and what they get.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::change::Head;
use crate::delivering::AsOf;
use crate::error::{Refused, Result};
use crate::id::{ArticleId, FaqId, SectionId};
use crate::locale::Locale;
use crate::page::{Position, SortValue};
use crate::published::{ArticleQuery, PublishedArticle, PublishedByline, PublishedSummary};
use crate::repository::Delivery;
use crate::rights::words as word_enum;
use crate::tag::Tag;

use super::document::Field;
use super::question::{INDEX_TERMS, Question, Term};
use super::snippet::{Snippet, occurrences, snippet};
use super::typo::{distance_to_beginning, distance_to_whole, grams, tolerance};
use super::words::{Word, WordKind, clean, words};

/// Matches that are shown of a hit.
pub const MATCHES: usize = 5;
/// Values that are counted in a facet, the most frequent first.
pub const FACET_ROWS: u32 = 20;
/// Words that one that was typed with errors is taken for.
const ALTERNATIVES: usize = 50;
/// Names with a word like one that was typed that are compared.
const NEAR_NAMES: u32 = 200;

word_enum! {
    /// What hits can be counted by.
    Facet {
        /// Tags.
        Tag = "tag",
        /// Authors in the byline.
        Author = "author",
        /// The year of publication, in UTC.
        Year = "year",
        /// Article or page.
        Kind = "kind",
    }
}

word_enum! {
    /// What a completion leads to.
    CompletionKind {
        /// An article or page, by its title.
        Article = "article",
        /// A tag, by its name.
        Tag = "tag",
        /// An author, by the name.
        Author = "author",
    }
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// What for.
    pub question: Question,
    /// Among which articles.
    pub among: ArticleQuery,
    /// Hits on a page.
    pub limit: u32,
    /// Only hits that stand after this one.
    pub after: Option<Place>,
    /// Whether to count all hits.
    pub count: bool,
    /// What to count all hits by.
    pub facets: BTreeSet<Facet>,
}

/// Where a hit stands: better ones first, then those published first later, then those that came to be known later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What its words weigh.
    pub score: i64,
    /// The second of its first publication, since 1970.
    pub dated: i64,
    /// Its number in the index.
    pub number: i64,
}

impl Place {
    /// As a cursor keeps it.
    #[must_use]
    pub fn position(self, id: Uuid) -> Position {
        let values = [self.score, self.dated, self.number];
        Position {
            values: values.map(SortValue::Number).to_vec(),
            id,
            as_of: None,
        }
    }

    /// From a cursor.
    #[must_use]
    pub fn at(position: &Position) -> Option<Self> {
        let [
            SortValue::Number(score),
            SortValue::Number(dated),
            SortValue::Number(number),
        ] = position.values.as_slice()
        else {
            return None;
        };
        Some(Self {
            score: *score,
            dated: *dated,
            number: *number,
        })
    }
}

/// An article that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spotted {
    /// Which.
    pub article: ArticleId,
    /// Where it stands among the hits.
    pub place: Place,
    /// The finished text of what is shown of it, where there is one.
    pub finished: Option<String>,
    /// Its texts that hold what was asked for, in order; some others may be among them.
    pub parts: Vec<FoundPart>,
}

/// Articles that were found, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The page.
    pub rows: Vec<Spotted>,
    /// Whether there are others behind it.
    pub is_more: bool,
    /// All hits, where that was asked.
    pub total: Option<u64>,
    /// The newest entry of the change log at that moment.
    pub head: Head,
}

/// A text of an article that was found, as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPart {
    /// Where it stands.
    pub field: Field,
    /// In which section.
    pub section_id: Option<SectionId>,
    /// In which FAQ.
    pub faq_id: Option<FaqId>,
    /// Where on the page that is.
    pub anchor: Option<String>,
    /// The text.
    pub text: String,
    /// Its words.
    pub words: String,
    /// Where they stand.
    pub spans: Vec<u8>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The slug, year or word that the filter of the same name takes.
    pub value: String,
    /// The name, where it has one.
    pub name: Option<String>,
    /// Hits with it.
    pub count: u64,
}

/// All hits, counted; the most frequent values first, then by value.
pub type Facets = BTreeMap<Facet, Vec<Bucket>>;

/// A place in an article where something that was asked for stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// What kind of place.
    pub field: Field,
    /// In which section.
    pub section_id: Option<SectionId>,
    /// In which FAQ.
    pub faq_id: Option<FaqId>,
    /// Where on the page that is.
    pub anchor: Option<String>,
    /// A piece of it.
    pub snippet: Snippet,
}

/// What is shown of an article that was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Its finished text.
    Finished(String),
    /// Still to be written.
    Joined(Box<FoundArticle>),
}

/// An article that was found, with what is shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundArticle {
    /// The article.
    pub article: PublishedSummary,
    /// In order.
    pub authors: Vec<PublishedByline>,
    /// In order.
    pub tags: Vec<Tag>,
}

/// A hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The article.
    pub article: Shown,
    /// What its words weigh; only to be compared with that of other hits of the same search.
    pub score: i64,
    /// The best places first.
    pub matches: Vec<Matched>,
}

/// The answer to a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hits {
    /// The page, best first.
    pub hits: Vec<Hit>,
    /// Where the next page begins.
    pub next: Option<Position>,
    /// All hits, where that was asked.
    pub total: Option<u64>,
    /// Those that were asked for.
    pub facets: Facets,
}

impl From<PublishedArticle> for PublishedSummary {
    fn from(article: PublishedArticle) -> Self {
        Self {
            id: article.id,
            kind: article.kind,
            locale: article.locale,
            slug: article.slug,
            title: article.title,
            dek: article.dek,
            excerpt: article.excerpt,
            cover: article.cover,
            published_at: article.published_at,
        }
    }
}

impl Find {
    /// Whether one statement of the store answers it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.count && self.facets.is_empty() && self.among == ArticleQuery::default()
    }
}

/// What was found, if all that is shown of it is finished; otherwise gives it back.
pub fn finished(find: &Find, found: Found) -> std::result::Result<AsOf<Hits>, Found> {
    if found.rows.iter().any(|row| row.finished.is_none()) {
        return Err(found);
    }
    Ok(hits(find, found, BTreeMap::new(), Facets::new()))
}

/// Finds articles, and reads what is shown of those that this maker did not finish. `before` is what was found a moment
/// ago, and is still true where nothing has changed since.
pub fn find(
    delivery: &mut dyn Delivery,
    made_by: &str,
    find: &Find,
    before: Option<Found>,
) -> Result<AsOf<Hits>> {
    let found = match before {
        Some(before) if before.head == delivery.head()? => before,
        _ => delivery.found(made_by, find)?,
    };
    let missing = found.rows.iter().filter(|row| row.finished.is_none());
    let missing: Vec<_> = missing.map(|row| row.article).collect();
    let joined = if missing.is_empty() {
        BTreeMap::new()
    } else {
        joined(delivery, &missing)?
    };
    let facets = if find.facets.is_empty() {
        Facets::new()
    } else {
        delivery.facets(find)?
    };
    Ok(hits(find, found, joined, facets))
}

fn joined(delivery: &mut dyn Delivery, ids: &[ArticleId]) -> Result<BTreeMap<ArticleId, FoundArticle>> {
    let mut authors = delivery.bylines_of(ids)?;
    let mut tags = delivery.tags_of(ids)?;
    let summaries = delivery.summaries_of(ids)?.into_iter();
    let joined = summaries.map(|(id, article)| {
        let found = FoundArticle {
            article,
            authors: authors.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
        };
        (id, found)
    });
    Ok(joined.collect())
}

fn hits(
    find: &Find,
    found: Found,
    mut joined: BTreeMap<ArticleId, FoundArticle>,
    facets: Facets,
) -> AsOf<Hits> {
    let last = found.rows.last().filter(|_| found.is_more);
    let next = last.map(|row| row.place.position(row.article.uuid()));
    let hits = found.rows.into_iter().filter_map(|row| {
        let article = match row.finished {
            Some(text) => Shown::Finished(text),
            None => Shown::Joined(Box::new(joined.remove(&row.article)?)),
        };
        Some(Hit {
            article,
            score: row.place.score,
            matches: matches(&find.question, row.parts),
        })
    });
    let value = Hits {
        hits: hits.collect(),
        next,
        total: found.total,
        facets,
    };
    AsOf {
        value,
        head: found.head,
    }
}

/// The best places among the texts of an article: by field, then by how much of what was asked stands there, then in
/// the order of the article.
#[must_use]
pub fn matches(question: &Question, parts: Vec<FoundPart>) -> Vec<Matched> {
    let mut best: Vec<_> = parts
        .into_iter()
        .filter_map(|part| {
            let found = occurrences(question, &part.words, &part.spans);
            let wanted: BTreeSet<usize> = found.iter().map(|occurrence| occurrence.wanted).collect();
            (!found.is_empty()).then_some((part, found, wanted.len()))
        })
        .collect();
    best.sort_by_key(|(part, _, wanted)| (part.field, std::cmp::Reverse(*wanted)));
    let shown = best.into_iter().take(MATCHES);
    shown
        .map(|(part, found, _)| Matched {
            field: part.field,
            section_id: part.section_id,
            faq_id: part.faq_id,
            anchor: part.anchor,
            snippet: snippet(&part.text, &found),
        })
        .collect()
}

/// What somebody has begun to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggest {
    typed: Vec<Word>,
    locale: Option<Locale>,
    limit: u32,
}

impl Suggest {
    /// Words, the last of which need not be finished. Articles are of `locale` only, where one is given; tags and authors
    /// have none.
    pub fn parse(text: &str, locale: Option<Locale>, limit: u32) -> std::result::Result<Self, Refused> {
        let mut typed: Vec<Word> = words(&clean(text));
        // The pair before it says more.
        typed.dedup_by(|next, pair| {
            next.kind == WordKind::Last && pair.kind == WordKind::Pair && next.end == pair.end
        });
        let count = typed.len();
        if count == 0 {
            return Err(Refused::new(
                "no_words",
                "There is no word to complete; give letters or digits.",
            ));
        }
        if count > INDEX_TERMS {
            let message = format!("This has {count} words; at most {INDEX_TERMS} are completed.");
            return Err(Refused::new("too_many", message));
        }
        Ok(Self { typed, locale, limit })
    }

    /// What each word that was typed stands for: the last one for all that begin with it.
    fn meant(&self) -> Vec<Vec<Term>> {
        let last = self.typed.len() - 1;
        let words = self.typed.iter().enumerate();
        words
            .map(|(index, word)| {
                let text = word.term.clone();
                let is_beginning = index == last || word.kind == WordKind::Last;
                vec![if is_beginning {
                    Term::Prefix(text)
                } else {
                    Term::Exact(text)
                }]
            })
            .collect()
    }
}

/// A name that has what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameMatch {
    /// Its words, as the index keeps them.
    pub words: String,
    /// What it is.
    pub completion: Completion,
}

/// What can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it leads to.
    pub kind: CompletionKind,
    /// The id of that.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// The locale of an article.
    pub locale: Option<String>,
    /// The title or name.
    pub text: String,
}

/// Completes what was typed: with names that have its words first, then with those that have words like them.
pub fn suggest(delivery: &mut dyn Delivery, asked: &Suggest) -> Result<AsOf<Vec<Completion>>> {
    let meant = asked.meant();
    let found = delivery.names_with(&meant, asked.locale.as_ref(), asked.limit)?;
    let mut value: Vec<_> = found.into_iter().map(|name| name.completion).collect();
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    if value.len() < limit {
        let near = near(delivery, asked, meant)?;
        for completion in near {
            if value.len() < limit && !value.contains(&completion) {
                value.push(completion);
            }
        }
    }
    Ok(AsOf {
        value,
        head: delivery.head()?,
    })
}

/// Names that have words like those that were typed, the nearest first.
fn near(delivery: &mut dyn Delivery, asked: &Suggest, mut meant: Vec<Vec<Term>>) -> Result<Vec<Completion>> {
    let last = asked.typed.len() - 1;
    let mut is_wider = false;
    for (index, word) in asked.typed.iter().enumerate() {
        for like in words_like(delivery, word, index == last)? {
            is_wider = true;
            meant[index].push(Term::Exact(like));
        }
    }
    if !is_wider {
        return Ok(Vec::new());
    }
    let names = delivery.names_with(&meant, asked.locale.as_ref(), NEAR_NAMES)?;
    let mut names: Vec<_> = names
        .into_iter()
        .map(|name| (errors(asked, &name.words), name.completion))
        .collect();
    // The store's order stays among those that are equally far.
    names.sort_by_key(|(errors, _)| *errors);
    Ok(names.into_iter().map(|(_, completion)| completion).collect())
}

/// Words of names that are like one that was typed, the nearest first.
fn words_like(delivery: &mut dyn Delivery, typed: &Word, is_beginning: bool) -> Result<Vec<String>> {
    let allowed = tolerance(typed.term.chars().count());
    if allowed == 0 || typed.kind != WordKind::Whole {
        return Ok(Vec::new());
    }
    let grams: Vec<String> = grams(&typed.term).into_iter().collect();
    let least = grams.len().saturating_sub(3 * allowed).max(1);
    let words = delivery.words_sharing(&grams, least)?;
    let mut near: Vec<(usize, String)> = words
        .into_iter()
        .map(|word| (distance(typed, &word, is_beginning), word))
        .filter(|(errors, _)| (1..=allowed).contains(errors))
        .collect();
    near.sort_unstable();
    near.truncate(ALTERNATIVES);
    Ok(near.into_iter().map(|(_, word)| word).collect())
}

fn distance(typed: &Word, word: &str, is_beginning: bool) -> usize {
    if is_beginning {
        distance_to_beginning(&typed.term, word)
    } else {
        distance_to_whole(&typed.term, word)
    }
}

/// Errors between what was typed and the words of a name.
fn errors(asked: &Suggest, words: &str) -> usize {
    let last = asked.typed.len() - 1;
    let typed = asked.typed.iter().enumerate();
    typed
        .map(|(index, word)| {
            let all = words.split(' ').filter(|other| !other.is_empty());
            all.map(|other| distance(word, other, index == last))
                .min()
                .unwrap_or(usize::MAX / 64)
        })
        .sum()
}
