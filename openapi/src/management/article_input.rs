//! Articles as clients write them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use masthead_domain::article as domain;
use masthead_domain::use_cases::articles::ArticlePatch;
use masthead_domain::use_cases::drafting;

use super::clearable;
use super::faq::NewFaq;
use super::section_input::SectionInput;
use crate::delivery::{ArticleKind, BylineRole};

/// The picture that stands for an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverInput {
    /// Where it is: an absolute address, or a path on the site.
    #[schema(min_length = 1, max_length = 2_000)]
    pub url: String,
    /// What it shows; empty for decoration.
    #[schema(max_length = 1_000)]
    pub alt: Option<String>,
    /// The line under it.
    #[schema(min_length = 1, max_length = 1_000)]
    pub caption: Option<String>,
    /// Who made it.
    #[schema(min_length = 1, max_length = 1_000)]
    pub credit: Option<String>,
}

impl From<CoverInput> for domain::Cover {
    fn from(cover: CoverInput) -> Self {
        Self {
            url: cover.url,
            alt: cover.alt,
            caption: cover.caption,
            credit: cover.credit,
        }
    }
}

/// A picture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureInput {
    /// Where it is: an absolute address, or a path on the site.
    #[schema(min_length = 1, max_length = 2_000)]
    pub url: String,
    /// What it shows; empty for decoration.
    #[schema(max_length = 1_000)]
    pub alt: Option<String>,
}

impl From<PictureInput> for domain::Image {
    fn from(image: PictureInput) -> Self {
        Self {
            url: image.url,
            alt: image.alt,
        }
    }
}

/// What search engines and link previews are told instead of the article's own words.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeoInput {
    /// Instead of the title.
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// Instead of the dek.
    #[schema(min_length = 1, max_length = 1_000)]
    pub description: Option<String>,
    /// Where the original is.
    #[schema(min_length = 1, max_length = 2_000)]
    pub canonical_url: Option<String>,
    /// Instead of the cover.
    pub image: Option<PictureInput>,
    /// Keep it out of search engines.
    #[serde(default)]
    #[schema(required = false)]
    pub no_index: bool,
}

impl From<SeoInput> for domain::Seo {
    fn from(seo: SeoInput) -> Self {
        Self {
            title: seo.title,
            description: seo.description,
            canonical_url: seo.canonical_url,
            image: seo.image.map(Into::into),
            no_index: seo.no_index,
        }
    }
}

/// A name in a byline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BylineInput {
    /// The author's slug.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: String,
    /// What they did; `writer` where missing.
    #[schema(nullable = false)]
    pub role: Option<BylineRole>,
}

impl From<BylineInput> for drafting::BylineInput {
    fn from(byline: BylineInput) -> Self {
        Self {
            slug: byline.slug,
            role: byline.role.unwrap_or(BylineRole::Writer).into(),
        }
    }
}

/// A FAQ that is there already.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FaqReference {
    /// The FAQ's id.
    #[schema(format = Uuid)]
    pub id: String,
}

/// A FAQ of an article: one to be made and linked, or one that is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is described where it is declared")]
pub enum FaqEntry {
    New(NewFaq),
    Existing(FaqReference),
}

impl From<FaqEntry> for drafting::FaqEntry {
    fn from(entry: FaqEntry) -> Self {
        match entry {
            FaqEntry::New(faq) => Self::New(faq.into()),
            FaqEntry::Existing(faq) => Self::Existing(faq.id),
        }
    }
}

/// A whole article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "locale": "en",
    "title": "Why tides turn",
    "dek": "Twice a day the sea changes its mind.",
    "sections": [{ "kind": "text", "heading": "Introduction", "body": "The sea is **never** still." }],
    "faqs": [{ "question": "How often do tides turn?", "answer": "About every six hours." }]
}))]
pub struct CreateArticle {
    /// Article or page; `article` where missing.
    #[schema(nullable = false)]
    pub kind: Option<ArticleKind>,
    /// The language it is in, a tag of BCP 47.
    #[schema(min_length = 2, max_length = 35)]
    pub locale: String,
    /// Its word in addresses, unique in its locale; made of the title where missing.
    #[schema(min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// The headline.
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// The line under the headline.
    #[schema(min_length = 1, max_length = 1_000)]
    pub dek: Option<String>,
    /// An excerpt of its own; derived from the text where missing.
    #[schema(min_length = 1, max_length = 1_000)]
    pub excerpt: Option<String>,
    /// The picture that stands for it.
    pub cover: Option<CoverInput>,
    /// Overrides for search engines.
    #[serde(default)]
    pub seo: SeoInput,
    /// A JSON object of the frontend's own: at most 16 KiB, nested at most 8 levels.
    #[serde(default)]
    #[schema(value_type = Object, required = false)]
    pub metadata: Map<String, Value>,
    /// In order.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub sections: Vec<SectionInput>,
    /// In order.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub faqs: Vec<FaqEntry>,
    /// Slugs of tags, in order; the first is the primary one.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
    /// The byline, in order.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub authors: Vec<BylineInput>,
    /// The id of an article that tells the same story in another language.
    #[schema(format = Uuid)]
    pub translation_of: Option<String>,
}

impl From<CreateArticle> for drafting::ArticleInput {
    fn from(article: CreateArticle) -> Self {
        Self {
            kind: article.kind.unwrap_or(ArticleKind::Article).into(),
            locale: article.locale,
            slug: article.slug,
            title: article.title,
            dek: article.dek,
            excerpt: article.excerpt,
            cover: article.cover.map(Into::into),
            seo: article.seo.into(),
            metadata: article.metadata,
            sections: article.sections.into_iter().map(Into::into).collect(),
            faqs: article.faqs.into_iter().map(Into::into).collect(),
            tags: article.tags,
            translation_of: article.translation_of,
            authors: article.authors.into_iter().map(Into::into).collect(),
        }
    }
}

/// A merge patch of a cover.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes an object that is merged as it comes")]
pub struct CoverPatch {
    /// Where it is; a cover that was not there before needs it.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    url: Option<String>,
    /// What it shows; empty for decoration.
    #[schema(max_length = 1_000)]
    alt: Option<String>,
    /// The line under it.
    #[schema(min_length = 1, max_length = 1_000)]
    caption: Option<String>,
    /// Who made it.
    #[schema(min_length = 1, max_length = 1_000)]
    credit: Option<String>,
}

/// A merge patch of a picture.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes an object that is merged as it comes")]
pub struct PicturePatch {
    /// Where it is; a picture that was not there before needs it.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    url: Option<String>,
    /// What it shows; empty for decoration.
    #[schema(max_length = 1_000)]
    alt: Option<String>,
}

/// A merge patch of the overrides for search engines.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes an object that is merged as it comes")]
pub struct SeoPatch {
    /// Instead of the title.
    #[schema(min_length = 1, max_length = 300)]
    title: Option<String>,
    /// Instead of the dek.
    #[schema(min_length = 1, max_length = 1_000)]
    description: Option<String>,
    /// Where the original is.
    #[schema(min_length = 1, max_length = 2_000)]
    canonical_url: Option<String>,
    /// Instead of the cover.
    image: Option<PicturePatch>,
    /// Keep it out of search engines.
    #[schema(nullable = false)]
    no_index: Option<bool>,
}

/// A merge patch of an article (RFC 7396): a missing key stays, null clears, objects are merged, arrays are replaced.
/// Sections and FAQs are changed through their own routes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "dek": "Twice a day the sea changes its mind, and nobody is asked." }))]
pub struct UpdateArticle {
    /// Article or page.
    #[schema(nullable = false)]
    pub kind: Option<ArticleKind>,
    /// The language it is in.
    #[schema(nullable = false, min_length = 2, max_length = 35)]
    pub locale: Option<String>,
    /// Its word in addresses.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub slug: Option<String>,
    /// The headline.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// The line under the headline.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub dek: Option<Option<String>>,
    /// An excerpt of its own.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub excerpt: Option<Option<String>>,
    /// The picture that stands for it.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<CoverPatch>)]
    pub cover: Option<Option<Value>>,
    /// Overrides for search engines; null clears all of them.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<SeoPatch>)]
    pub seo: Option<Option<Value>>,
    /// A JSON object of the frontend's own; null clears all of it.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Value>>,
    /// Slugs of tags, whole and in order.
    #[schema(nullable = false, max_items = 50)]
    pub tags: Option<Vec<String>>,
    /// The byline, whole and in order.
    #[schema(nullable = false, max_items = 20)]
    pub authors: Option<Vec<BylineInput>>,
    /// The id of an article that tells the same story in another language; null lets this one stand alone.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub translation_of: Option<Option<String>>,
}

impl From<UpdateArticle> for ArticlePatch {
    fn from(patch: UpdateArticle) -> Self {
        Self {
            kind: patch.kind.map(Into::into),
            locale: patch.locale,
            slug: patch.slug,
            title: patch.title,
            dek: patch.dek,
            excerpt: patch.excerpt,
            cover: patch.cover,
            seo: patch.seo,
            metadata: patch.metadata,
            tags: patch.tags,
            translation_of: patch.translation_of,
            authors: patch
                .authors
                .map(|authors| authors.into_iter().map(Into::into).collect()),
        }
    }
}

/// The FAQs of an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "faqs": [
        { "id": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0040" },
        { "question": "How high do tides rise?", "answer": "From a hand's breadth to *sixteen metres*." }
    ]
}))]
pub struct SetFaqs {
    /// All of them, in order; new ones are made.
    #[schema(max_items = 100)]
    pub faqs: Vec<FaqEntry>,
}

/// The tags of an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "tags": ["oceans", "the-moon"] }))]
pub struct SetTags {
    /// Slugs of all of them, in order; the first is the primary one.
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
}

/// The byline of an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "authors": [{ "slug": "ada-marsh", "role": "writer" }, { "slug": "edda-lund", "role": "editor" }]
}))]
pub struct SetAuthors {
    /// All names, in order.
    #[schema(max_items = 20)]
    pub authors: Vec<BylineInput>,
}

/// How to publish.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "published_at": "2020-02-29T12:00:00Z" }))]
pub struct PublishArticle {
    /// Dates the edition back, as moving from another system needs; now where missing.
    pub published_at: Option<DateTime<Utc>>,
}
