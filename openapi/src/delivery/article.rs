//! Articles as readers get them: whole, and as rows of a list.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use masthead_domain::delivering::Delivered;

use super::parameters::{ArticleField, ArticleKind, Formats};
use super::section::Section;
use super::seo::Seo;
use super::shared::{Alternate, Author, Cover, Faq, Tag, TocEntry};
use crate::forms::Site;
use crate::parameters::SelfLink;
use crate::{data_of, list_of};

/// A whole article: everything a page needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Article {
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
    /// When the first edition was.
    pub first_published_at: DateTime<Utc>,
    /// When the text was last changed.
    pub updated_at: DateTime<Utc>,
    /// Words; characters in Chinese, Japanese and Korean.
    pub word_count: u32,
    /// Rounded up, at least one.
    #[schema(minimum = 1)]
    pub reading_time_minutes: u32,
    /// Contents, nested by level.
    pub toc: Vec<TocEntry>,
    /// In order.
    pub sections: Vec<Section>,
    /// In order.
    pub faqs: Vec<Faq>,
    /// The same story in other languages, by locale.
    pub alternates: Vec<Alternate>,
    /// What search engines and link previews are told.
    pub seo: Seo,
    /// A JSON object of the frontend's own.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

impl Article {
    /// The article with its bodies in these forms.
    #[must_use]
    pub fn new(delivered: Delivered, formats: Formats) -> Self {
        let article = delivered.article;
        let seo = Seo::new(&article, &delivered.alternates);
        let alternates = delivered.alternates.into_iter().map(Into::into).collect();
        Self {
            id: article.id.to_string(),
            kind: article.kind.into(),
            locale: article.locale.to_string(),
            slug: article.slug.to_string(),
            title: article.title,
            dek: article.dek,
            excerpt: article.excerpt,
            cover: article.cover.map(Into::into),
            authors: delivered.authors.into_iter().map(Into::into).collect(),
            tags: delivered.tags.into_iter().map(Into::into).collect(),
            published_at: article.published_at,
            first_published_at: article.first_published_at,
            updated_at: article.updated_at,
            word_count: article.word_count,
            reading_time_minutes: article.reading_time_minutes,
            toc: article.toc.into_iter().map(Into::into).collect(),
            sections: delivered
                .sections
                .into_iter()
                .map(|section| Section::new(section, formats))
                .collect(),
            faqs: delivered
                .faqs
                .into_iter()
                .map(|faq| Faq::new(faq, formats))
                .collect(),
            seo,
            alternates,
            metadata: article.metadata.0,
        }
    }

    /// With what only the site knows.
    #[must_use]
    pub fn on_site(mut self, site: &Site) -> Self {
        self.seo.on_site(site);
        self
    }
}

/// A row in a list of articles. With `fields` only what was asked for is there, beside what names the article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleSummary {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub dek: Option<Option<String>>,
    /// Its own, or the beginning of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub excerpt: Option<String>,
    /// The picture that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Cover>)]
    pub cover: Option<Option<Cover>>,
    /// The byline, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub authors: Option<Vec<Author>>,
    /// In order; the first is the primary one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tags: Option<Vec<Tag>>,
    /// When this edition was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub published_at: Option<DateTime<Utc>>,
    /// When the first edition was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_published_at: Option<DateTime<Utc>>,
    /// When the text was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Words; characters in Chinese, Japanese and Korean.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub word_count: Option<u32>,
    /// Rounded up, at least one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub reading_time_minutes: Option<u32>,
    /// Contents, nested by level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub toc: Option<Vec<TocEntry>>,
    /// In order; only with `include=sections`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sections: Option<Vec<Section>>,
    /// In order; only with `include=faqs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub faqs: Option<Vec<Faq>>,
    /// What search engines and link previews are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seo: Option<Seo>,
    /// A JSON object of the frontend's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    pub metadata: Option<Map<String, Value>>,
}

/// Which parts of its rows a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part is shown or not, whatever the others are"
)]
pub struct Projection {
    /// `None` for all but bodies.
    pub fields: Option<Vec<ArticleField>>,
    /// Whether sections are there.
    pub sections: bool,
    /// Whether FAQs are there.
    pub faqs: bool,
    /// Whether the byline is there.
    pub authors: bool,
    /// Whether tags are there.
    pub tags: bool,
    /// Forms of the bodies.
    pub formats: Formats,
}

impl Projection {
    fn shows(&self, field: ArticleField) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.contains(&field))
    }
}

impl ArticleSummary {
    /// A row with the parts that were asked for.
    #[must_use]
    pub fn new(delivered: Delivered, projection: &Projection) -> Self {
        use ArticleField as F;
        let (whole, p) = (Article::new(delivered, projection.formats), projection);
        Self {
            id: whole.id,
            kind: whole.kind,
            locale: whole.locale,
            slug: whole.slug,
            title: whole.title,
            dek: p.shows(F::Dek).then_some(whole.dek),
            excerpt: p.shows(F::Excerpt).then_some(whole.excerpt),
            cover: p.shows(F::Cover).then_some(whole.cover),
            authors: p.authors.then_some(whole.authors),
            tags: p.tags.then_some(whole.tags),
            published_at: p.shows(F::PublishedAt).then_some(whole.published_at),
            first_published_at: p.shows(F::FirstPublishedAt).then_some(whole.first_published_at),
            updated_at: p.shows(F::UpdatedAt).then_some(whole.updated_at),
            word_count: p.shows(F::WordCount).then_some(whole.word_count),
            reading_time_minutes: p
                .shows(F::ReadingTimeMinutes)
                .then_some(whole.reading_time_minutes),
            toc: p.shows(F::Toc).then_some(whole.toc),
            sections: p.sections.then_some(whole.sections),
            faqs: p.faqs.then_some(whole.faqs),
            seo: p.shows(F::Seo).then_some(whole.seo),
            metadata: p.shows(F::Metadata).then_some(whole.metadata),
        }
    }

    /// With what only the site knows.
    #[must_use]
    pub fn on_site(mut self, site: &Site) -> Self {
        if let Some(seo) = &mut self.seo {
            seo.on_site(site);
        }
        self
    }
}

/// One article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleResponse {
    /// What was asked for.
    pub data: Article,
    /// Where it is.
    pub links: SelfLink,
}

/// An article in the words of schema.org: the article itself, its questions and the way to it, ready to stand in a
/// `<script type="application/ld+json">`.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonLd {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    pub context: String,
    /// An `Article` or `WebPage`, a `FAQPage` where there are FAQs, and a `BreadcrumbList`.
    #[serde(rename = "@graph")]
    #[schema(value_type = Vec<Object>)]
    pub graph: Vec<Value>,
}

data_of!(
    /// The sections of an article, in order.
    SectionsResponse,
    Vec<Section>
);
list_of!(
    /// A page of articles.
    ArticleList,
    ArticleSummary
);
