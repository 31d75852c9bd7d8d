//! Sections as editors get them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use masthead_domain::section::{self as domain, SectionContent};
use masthead_domain::use_cases::sections::OfArticle;

use super::article::Warning;
use super::etag;
use crate::delivery::{CalloutKind, EmbedKind, ImageKind, QuoteKind, TextKind, Tone};

/// A part of an article; `kind` tells its shape.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("text" = "#/components/schemas/TextSection"),
    ("quote" = "#/components/schemas/QuoteSection"),
    ("image" = "#/components/schemas/ImageSection"),
    ("embed" = "#/components/schemas/EmbedSection"),
    ("callout" = "#/components/schemas/CalloutSection")
)))]
#[expect(missing_docs, reason = "each is described where it is declared")]
pub enum Section {
    Text(Text),
    Quote(Quote),
    Image(Image),
    Embed(Embed),
    Callout(Callout),
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident as $schema:ident, $kind:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub struct $name {
            /// The section's id; it stays over edits and moves.
            #[schema(format = Uuid)]
            pub id: String,
            /// What it holds.
            #[schema(inline)]
            pub kind: $kind,
            /// Its heading.
            #[schema(required = true)]
            pub heading: Option<String>,
            /// The heading's level, 2 to 4; null without one.
            #[schema(required = true, minimum = 2, maximum = 4)]
            pub level: Option<u8>,
            /// The heading's anchor; it stays when the heading is reworded.
            #[schema(required = true)]
            pub anchor: Option<String>,
            /// Anchors it had before.
            pub anchor_aliases: Vec<String>,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Counts the section's own changes; a move is the article's.
            #[schema(minimum = 1)]
            pub revision: u32,
            /// For `If-Match`.
            pub etag: String,
            /// When it was made.
            pub created_at: DateTime<Utc>,
            /// When it was last changed.
            pub updated_at: DateTime<Utc>,
        }
    };
}

section! {
    /// Text.
    Text as TextSection, TextKind {
        /// Markdown.
        body: String,
    }
}

section! {
    /// Somebody's words.
    Quote as QuoteSection, QuoteKind {
        /// Markdown.
        body: String,
        /// Whose they are.
        #[schema(required = true)]
        attribution: Option<String>,
        /// Where they stand.
        #[schema(required = true)]
        source_url: Option<String>,
    }
}

section! {
    /// A picture.
    #[expect(clippy::struct_field_names, reason = "the field is named in the contract")]
    Image as ImageSection, ImageKind {
        /// Where it is.
        image: String,
        /// What it shows; empty for decoration.
        #[schema(required = true)]
        alt: Option<String>,
        /// The line under it.
        #[schema(required = true)]
        caption: Option<String>,
        /// Who made it.
        #[schema(required = true)]
        credit: Option<String>,
    }
}

section! {
    /// A player or card of another site.
    Embed as EmbedSection, EmbedKind {
        /// The address a person would share.
        url: String,
        /// What it is.
        #[schema(required = true)]
        title: Option<String>,
    }
}

section! {
    /// A box that stands out.
    Callout as CalloutSection, CalloutKind {
        /// What it is for.
        tone: Tone,
        /// Markdown.
        body: String,
    }
}

impl From<domain::Section> for Section {
    fn from(section: domain::Section) -> Self {
        let (id, etag) = (section.id.to_string(), etag(section.id.uuid(), section.revision));
        let (revision, created_at, updated_at) = (section.revision, section.created_at, section.updated_at);
        let anchor_aliases = section.anchor_aliases;
        let (heading, level, anchor) = match section.heading {
            Some(heading) => (Some(heading.text), Some(heading.level), Some(heading.anchor)),
            None => (None, None, None),
        };
        macro_rules! made {
            ($name:ident, $kind:ident, $($field:ident),+) => {
                Self::$name($name {
                    id,
                    kind: $kind::It,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    $($field,)+
                    revision,
                    etag,
                    created_at,
                    updated_at,
                })
            };
        }
        match section.content {
            SectionContent::Text { body } => made!(Text, TextKind, body),
            SectionContent::Quote {
                body,
                attribution,
                source_url,
            } => {
                made!(Quote, QuoteKind, body, attribution, source_url)
            }
            SectionContent::Image {
                image,
                alt,
                caption,
                credit,
            } => {
                made!(Image, ImageKind, image, alt, caption, credit)
            }
            SectionContent::Embed { url, title } => made!(Embed, EmbedKind, url, title),
            SectionContent::Callout { tone, body } => {
                let tone = tone.into();
                made!(Callout, CalloutKind, tone, body)
            }
        }
    }
}

/// About the article a section belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionMeta {
    /// The article's revision by now.
    #[schema(minimum = 1)]
    pub article_revision: u32,
    /// The article's entity tag by now.
    pub article_etag: String,
    /// What rendering cannot carry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<Warning>,
}

/// One section.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionResponse {
    /// The section.
    pub data: Section,
    /// About its article.
    pub meta: SectionMeta,
}

/// All sections of an article, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionsResponse {
    /// The sections.
    pub data: Vec<Section>,
    /// About their article.
    pub meta: SectionMeta,
}

impl SectionResponse {
    /// A section of this article.
    #[must_use]
    pub fn new(article: masthead_domain::id::ArticleId, section: OfArticle<domain::Section>) -> Self {
        let warnings = masthead_domain::use_cases::warnings::of_section("", &section.value);
        let meta = SectionMeta {
            article_revision: section.article_revision,
            article_etag: etag(article.uuid(), section.article_revision),
            warnings: warnings.into_iter().map(Into::into).collect(),
        };
        Self {
            data: section.value.into(),
            meta,
        }
    }
}

impl SectionsResponse {
    /// The sections of this article.
    #[must_use]
    pub fn new(article: masthead_domain::id::ArticleId, sections: OfArticle<Vec<domain::Section>>) -> Self {
        let meta = SectionMeta {
            article_revision: sections.article_revision,
            article_etag: etag(article.uuid(), sections.article_revision),
            warnings: Vec::new(),
        };
        Self {
            data: sections.value.into_iter().map(Into::into).collect(),
            meta,
        }
    }
}
