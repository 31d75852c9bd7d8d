//! Searching and completing: what is asked, and hits with the places where the words stand.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::{IntoParams, ToSchema};

use masthead_domain::delivering::Delivered;
use masthead_domain::published::PublishedSummary;
use masthead_domain::searching as domain;

use super::parameters::ArticleKind;
use super::shared::{Author, Cover, Tag};
use crate::parameters::{Count, PageLinks, PageMeta};
use crate::words::mirror;

mirror! {
    /// What hits can be counted by.
    Facet = masthead_domain::searching::Facet {
        Tag = "tag",
        Author = "author",
        Year = "year",
        Kind = "kind",
    }
}

mirror! {
    /// Where in an article a text stands, in the order in which they rank.
    MatchField = masthead_domain::searching::Field {
        Title = "title",
        Dek = "dek",
        Heading = "heading",
        Faq = "faq",
        Body = "body",
    }
}

mirror! {
    /// What a completion leads to.
    SuggestionType = masthead_domain::searching::CompletionKind {
        Article = "article",
        Tag = "tag",
        Author = "author",
    }
}

/// A search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchParameters {
    /// Words, `"phrases"`, beginnings with `*` and exclusions with `-`, at most 12 of them. All of the words have to be
    /// in an article, wherever they stand; a phrase has to stand in one text. Case and accents do not matter. At least
    /// two letters stand before a `*`, and at least one word is no exclusion.
    #[param(max_length = 200, example = "tides \"low water\" harb* -storm")]
    pub q: String,
    /// Only articles with the tag of this slug.
    pub tag: Option<String>,
    /// Only articles with the author of this slug in the byline.
    pub author: Option<String>,
    /// Only articles in exactly this locale.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// Only articles, or only pages; both where missing.
    pub kind: Option<ArticleKind>,
    /// What to count all hits by; the 20 most frequent values of each are listed.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4)]
    pub facets: Option<Vec<Facet>>,
    /// Hits on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// What somebody has begun to type.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuggestParameters {
    /// One word or more, at most 32, the last of which need not be finished. One typing error is forgiven in a word of four
    /// letters and more, two in one of eight and more.
    #[param(max_length = 200, example = "harbu")]
    pub q: String,
    /// Only articles in exactly this locale. Tags and authors have none and stay.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// Suggestions at most.
    #[param(minimum = 1, maximum = 20, default = 8)]
    pub limit: Option<u32>,
}

/// What is shown of an article that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundArticle {
    /// The article's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Article or page.
    pub kind: ArticleKind,
    /// The language it is in.
    pub locale: String,
    /// Its word in addresses, unique in its locale.
    pub slug: String,
    /// The headline.
    pub title: String,
    /// The line under the headline.
    #[schema(required = true)]
    pub dek: Option<String>,
    /// Its own, or the beginning of the text.
    pub excerpt: String,
    /// The picture that stands for it.
    #[schema(required = true)]
    pub cover: Option<Cover>,
    /// The byline, in order.
    pub authors: Vec<Author>,
    /// In order; the first is the primary one.
    pub tags: Vec<Tag>,
    /// When this edition was published.
    pub published_at: DateTime<Utc>,
}

/// A range in a text, counted in Unicode scalar values (code points, not bytes and not UTF-16 units).
#[derive(Debug, Serialize, ToSchema)]
pub struct Mark {
    /// Where it begins.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
}

/// A piece of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snippet {
    /// Plain text, not HTML: escape it as any other. `…` stands where it was cut.
    pub text: String,
    /// Where the words stand that were asked for, in order and apart from each other.
    pub marks: Vec<Mark>,
}

/// A place in an article where something that was asked for stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchMatch {
    /// What kind of place.
    pub field: MatchField,
    /// The section, for `heading` and `body`.
    #[schema(required = true, format = Uuid)]
    pub section_id: Option<String>,
    /// The FAQ, for `faq`.
    #[schema(required = true, format = Uuid)]
    pub faq_id: Option<String>,
    /// The anchor of the section or FAQ on the article's page; null where it has none.
    #[schema(required = true)]
    pub anchor: Option<String>,
    /// A piece of the text.
    pub snippet: Snippet,
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// The article.
    #[schema(value_type = FoundArticle)]
    pub article: Box<RawValue>,
    /// A whole number by which the hits are sorted. It depends on this article and on `q` alone, and says something
    /// only beside those of other hits of the same search.
    pub score: i64,
    /// Where the words stand: at most five places, the best field first.
    pub matches: Vec<SearchMatch>,
}

/// One value of a facet.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// The slug, year or kind.
    pub value: String,
    /// The name of a tag or author.
    #[schema(required = true)]
    pub name: Option<String>,
    /// How many of all hits have it.
    pub count: u64,
}

/// All hits, counted; only what was asked for is there. The most frequent values come first, at most 20 of each.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Facets {
    /// By tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tag: Option<Vec<FacetValue>>,
    /// By author in the byline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub author: Option<Vec<FacetValue>>,
    /// By the year in which the edition was published, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub year: Option<Vec<FacetValue>>,
    /// By kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<Vec<FacetValue>>,
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResult {
    /// The page, best first.
    pub hits: Vec<SearchHit>,
    /// All hits, counted by what `facets` asked for.
    pub facets: Facets,
}

/// A page of hits.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResponse {
    /// Hits and facets.
    pub data: SearchResult,
    /// About the page.
    pub meta: PageMeta,
    /// Where to go from here; a search goes forward only, so `prev` is null.
    pub links: PageLinks,
}

/// A completion of what was typed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestion {
    /// What it leads to.
    #[serde(rename = "type")]
    pub kind: SuggestionType,
    /// The id of that.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// The locale of an article; null for tags and authors.
    #[schema(required = true)]
    pub locale: Option<String>,
    /// The title or name: plain text.
    pub text: String,
}

/// Completions, the best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestResponse {
    /// Names that have the words first, then those that have words like them.
    pub data: Vec<Suggestion>,
}

impl From<domain::FoundArticle> for FoundArticle {
    fn from(found: domain::FoundArticle) -> Self {
        let article = found.article;
        Self {
            id: article.id.to_string(),
            kind: article.kind.into(),
            locale: article.locale.to_string(),
            slug: article.slug.to_string(),
            title: article.title,
            dek: article.dek,
            excerpt: article.excerpt,
            cover: article.cover.map(Into::into),
            authors: found.authors.into_iter().map(Into::into).collect(),
            tags: found.tags.into_iter().map(Into::into).collect(),
            published_at: article.published_at,
        }
    }
}

impl From<Delivered> for FoundArticle {
    fn from(delivered: Delivered) -> Self {
        Self::from(domain::FoundArticle {
            article: PublishedSummary::from(delivered.article),
            authors: delivered.authors,
            tags: delivered.tags,
        })
    }
}

impl TryFrom<domain::Hit> for SearchHit {
    type Error = serde_json::Error;

    fn try_from(hit: domain::Hit) -> Result<Self, Self::Error> {
        Ok(Self {
            article: match hit.article {
                domain::Shown::Finished(text) => RawValue::from_string(text)?,
                domain::Shown::Joined(found) => to_raw_value(&FoundArticle::from(*found))?,
            },
            score: hit.score,
            matches: hit.matches.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<domain::Matched> for SearchMatch {
    fn from(matched: domain::Matched) -> Self {
        let marks = matched.snippet.marks.into_iter();
        Self {
            field: matched.field.into(),
            section_id: matched.section_id.map(|id| id.to_string()),
            faq_id: matched.faq_id.map(|id| id.to_string()),
            anchor: matched.anchor,
            snippet: Snippet {
                text: matched.snippet.text,
                marks: marks
                    .map(|mark| Mark {
                        start: mark.start,
                        end: mark.end,
                    })
                    .collect(),
            },
        }
    }
}

impl From<domain::Facets> for Facets {
    fn from(mut facets: domain::Facets) -> Self {
        let mut take = |facet| {
            let buckets = facets.remove(&facet)?;
            let values = buckets.into_iter().map(|bucket| FacetValue {
                value: bucket.value,
                name: bucket.name,
                count: bucket.count,
            });
            Some(values.collect())
        };
        Self {
            tag: take(domain::Facet::Tag),
            author: take(domain::Facet::Author),
            year: take(domain::Facet::Year),
            kind: take(domain::Facet::Kind),
        }
    }
}

impl From<domain::Completion> for Suggestion {
    fn from(completion: domain::Completion) -> Self {
        Self {
            kind: completion.kind.into(),
            id: completion.id.to_string(),
            slug: completion.slug,
            locale: completion.locale,
            text: completion.text,
        }
    }
}
