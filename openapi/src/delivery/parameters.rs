//! Query parameters of the delivery routes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use masthead_domain::page::{Direction, SortKey};
use masthead_domain::published::{ArticleSort, FaqSort, NameSort};

use crate::parameters::Count;
use crate::words::mirror;

mirror! {
    /// What kind of thing an article is.
    ArticleKind = masthead_domain::article::ArticleKind {
        Article = "article",
        Page = "page",
    }
}

/// A form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// Sanitised HTML.
    Html,
    /// As it was written.
    Markdown,
    /// Without any marks.
    Text,
}

/// The forms that were asked for; HTML where nothing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats {
    /// Sanitised HTML.
    pub html: bool,
    /// As it was written.
    pub markdown: bool,
    /// Without any marks.
    pub text: bool,
}

impl Formats {
    /// From the parameter.
    #[must_use]
    pub fn new(asked: Option<&[BodyFormat]>) -> Self {
        let asked = asked.unwrap_or(&[BodyFormat::Html]);
        Self {
            html: asked.contains(&BodyFormat::Html),
            markdown: asked.contains(&BodyFormat::Markdown),
            text: asked.contains(&BodyFormat::Text),
        }
    }
}

/// An enumeration of sort keys, each with its descending twin.
macro_rules! sort_keys {
    ($(#[$doc:meta])* $name:ident = $field:ty { $($up:ident, $down:ident = $variant:ident, $word:tt, $minus:tt;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`.")]
                #[serde(rename = $word)]
                $up,
                #[doc = concat!("`", $minus, "`.")]
                #[serde(rename = $minus)]
                $down,
            )+
        }

        impl From<$name> for SortKey<$field> {
            fn from(key: $name) -> Self {
                match key {
                    $(
                        $name::$up => Self { field: <$field>::$variant, direction: Direction::Ascending },
                        $name::$down => Self { field: <$field>::$variant, direction: Direction::Descending },
                    )+
                }
            }
        }
    };
}
pub(crate) use sort_keys;

sort_keys! {
    /// A key of a list of articles; a minus turns it round.
    ArticleSortKey = ArticleSort {
        PublishedAt, NewestEdition = PublishedAt, "published_at", "-published_at";
        FirstPublishedAt, NewestFirst = FirstPublishedAt, "first_published_at", "-first_published_at";
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
        Title, TitleBackwards = Title, "title", "-title";
    }
}

sort_keys! {
    /// A key of a list of FAQs; a minus turns it round.
    FaqSortKey = FaqSort {
        Question, QuestionBackwards = Question, "question", "-question";
        PublishedAt, NewestEdition = PublishedAt, "published_at", "-published_at";
        UpdatedAt, LatestUpdate = UpdatedAt, "updated_at", "-updated_at";
    }
}

sort_keys! {
    /// A key of a list of tags or authors; a minus turns it round.
    NameSortKey = NameSort {
        Name, NameBackwards = Name, "name", "-name";
        Slug, SlugBackwards = Slug, "slug", "-slug";
    }
}

/// Parts that a list leaves out unless they are asked for. Authors and tags are there anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArticleRelation {
    /// The names in the byline.
    Authors,
    /// The tags.
    Tags,
    /// The sections with their bodies.
    Sections,
    /// The FAQs with their answers.
    Faqs,
}

/// A top-level field of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each names the field it stands for")]
pub enum ArticleField {
    Id,
    Kind,
    Locale,
    Slug,
    Title,
    Dek,
    Excerpt,
    Cover,
    Authors,
    Tags,
    PublishedAt,
    FirstPublishedAt,
    UpdatedAt,
    WordCount,
    ReadingTimeMinutes,
    Toc,
    Sections,
    Faqs,
    Seo,
    Metadata,
}

/// The list of articles.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleListParameters {
    /// Only articles with at least one of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub tag: Option<Vec<String>>,
    /// Only articles with each of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub tag_all: Option<Vec<String>>,
    /// Only articles with none of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub not_tag: Option<Vec<String>>,
    /// Only articles with at least one of the authors of these slugs in the byline.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub author: Option<Vec<String>>,
    /// Only articles in this locale, or in those of `fallback`.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
    /// Only articles, or only pages; both where missing.
    pub kind: Option<ArticleKind>,
    /// Only articles with one of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub slug: Option<Vec<String>>,
    /// Only these articles, by their UUIDs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub id: Option<Vec<Uuid>>,
    /// Only articles whose present edition was published at this moment (RFC 3339) or later.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Only articles whose present edition was published before this moment (RFC 3339); at it is too late.
    #[param(example = "2027-01-01T00:00:00Z")]
    pub published_to: Option<DateTime<Utc>>,
    /// Only articles whose text was last changed at this moment (RFC 3339) or later.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Only articles that a search for this finds: words, `"phrases"`, beginnings with `*` and exclusions with `-`, at
    /// most 12 of them. The order is that of `sort`.
    #[param(max_length = 200, example = "tides \"low water\" harb* -storm")]
    pub q: Option<String>,
    /// Keys in order of weight; `-published_at` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub sort: Option<Vec<ArticleSortKey>>,
    /// Parts that the list leaves out unless they are asked for.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4)]
    pub include: Option<Vec<ArticleRelation>>,
    /// Only these fields, beside `id`, `kind`, `locale`, `slug` and `title`, which are always there.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub fields: Option<Vec<ArticleField>>,
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// One article.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleParameters {
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
}

/// One article, now or at a moment that has passed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleAsOfParameters {
    /// What readers saw at this moment (RFC 3339), which cannot lie ahead. Needs a credential with
    /// `content:preview`; the answer is never cached.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    /// The language in which the story is wanted; that of the article where missing. Not with `as_of`.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
}

/// One article by its slug.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BySlugParameters {
    /// The language in which the story is wanted that has an article with this slug. Where missing, that article
    /// itself: in the site's default locale, or else in the first one that has the slug.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
}

/// One article by its slug, in a form without choices.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MarkdownParameters {
    /// The language in which the story is wanted that has an article with this slug. Where missing, that article
    /// itself: in the site's default locale, or else in the first one that has the slug.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
}

/// The sections or FAQs of an article.
pub type SectionParameters = ArticleParameters;

/// The list of FAQs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FaqListParameters {
    /// Only FAQs with at least one of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub tag: Option<Vec<String>>,
    /// Only FAQs with each of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub tag_all: Option<Vec<String>>,
    /// Only FAQs with none of the tags of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub not_tag: Option<Vec<String>>,
    /// Only FAQs in exactly this locale.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// Only FAQs with one of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub slug: Option<Vec<String>>,
    /// Only these FAQs, by their UUIDs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub id: Option<Vec<Uuid>>,
    /// Only FAQs whose present edition was published at this moment (RFC 3339) or later.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Only FAQs whose present edition was published before this moment (RFC 3339); at it is too late.
    #[param(example = "2027-01-01T00:00:00Z")]
    pub published_to: Option<DateTime<Utc>>,
    /// Only FAQs whose text was last changed at this moment (RFC 3339) or later.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Words, with spaces between them. Only FAQs that hold each of them somewhere in question or answer, in upper or lower
    /// case; parts of words count.
    #[param(min_length = 1, max_length = 200, pattern = r"\S")]
    pub q: Option<String>,
    /// Keys in order of weight; `question` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub sort: Option<Vec<FaqSortKey>>,
    /// Forms of the answers; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// The list of tags.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TagListParameters {
    /// Only tags of this kind.
    #[param(example = "topic")]
    pub kind: Option<String>,
    /// Only tags with one of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub slug: Option<Vec<String>>,
    /// Only these tags, by their UUIDs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub id: Option<Vec<Uuid>>,
    /// Only tags that were last changed at this moment (RFC 3339) or later.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Words, with spaces between them. Only tags that hold each of them somewhere in name, slug or description, in upper or lower
    /// case; parts of words count.
    #[param(min_length = 1, max_length = 200, pattern = r"\S")]
    pub q: Option<String>,
    /// Keys in order of weight; `name` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
    pub sort: Option<Vec<NameSortKey>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// The list of authors.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuthorListParameters {
    /// Only authors with one of these slugs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub slug: Option<Vec<String>>,
    /// Only these authors, by their UUIDs.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20)]
    pub id: Option<Vec<Uuid>>,
    /// Words, with spaces between them. Only authors that hold each of them somewhere in name, slug or biography, in upper or lower
    /// case; parts of words count.
    #[param(min_length = 1, max_length = 200, pattern = r"\S")]
    pub q: Option<String>,
    /// Keys in order of weight; `name` where missing. The id always breaks ties.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2)]
    pub sort: Option<Vec<NameSortKey>>,
    /// Rows on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from `links.next`.
    #[param(max_length = 2000)]
    pub after: Option<String>,
    /// The page before this cursor, from `links.prev`.
    #[param(max_length = 2000)]
    pub before: Option<String>,
    /// `exact` adds `meta.total`.
    pub count: Option<Count>,
}

/// A feed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedParameters {
    /// Only articles with the tag of this slug; 404 where readers see no such tag.
    pub tag: Option<String>,
    /// Only articles with the author of this slug in the byline; 404 where readers see no such author.
    pub author: Option<String>,
    /// Only articles in exactly this locale.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// Articles at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// The page after this cursor, from the feed's own link to the next page.
    #[param(max_length = 2000)]
    pub after: Option<String>,
}

/// The number of a sitemap.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SitemapPath {
    /// From 1, as `sitemap.xml` lists them.
    #[param(minimum = 1)]
    pub number: u64,
}
