//! Sections as readers get them.

use serde::Serialize;
use utoipa::ToSchema;

use masthead_domain::published::{PublishedContent, PublishedSection};

use super::parameters::Formats;
use super::shared::Prose;
use crate::words::{literal, mirror};

mirror! {
    /// What a callout is for.
    Tone = masthead_domain::section::Tone {
        Note = "note",
        Tip = "tip",
        Important = "important",
        Warning = "warning",
    }
}

literal! {
    TextKind = "text",
    QuoteKind = "quote",
    ImageKind = "image",
    EmbedKind = "embed",
    CalloutKind = "callout",
}

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
            /// Anchors it had before; addresses that use them should still find it.
            pub anchor_aliases: Vec<String>,
            $($(#[$field_doc])* pub $field: $type,)*
        }
    };
}

section! {
    /// Text.
    Text as TextSection, TextKind {
        /// The text in the forms asked for.
        body: Prose,
    }
}

section! {
    /// Somebody's words.
    Quote as QuoteSection, QuoteKind {
        /// The words in the forms asked for.
        body: Prose,
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
        /// Ready to insert; only from allowed providers.
        #[schema(required = true)]
        html: Option<String>,
        /// Which of them.
        #[schema(required = true)]
        provider: Option<String>,
    }
}

section! {
    /// A box that stands out.
    Callout as CalloutSection, CalloutKind {
        /// What it is for.
        tone: Tone,
        /// The text in the forms asked for.
        body: Prose,
    }
}

impl Section {
    /// The section in these forms.
    #[must_use]
    pub fn new(section: PublishedSection, formats: Formats) -> Self {
        let id = section.id.to_string();
        let (heading, level, anchor) = match section.heading {
            Some(heading) => (Some(heading.text), Some(heading.level), Some(heading.anchor)),
            None => (None, None, None),
        };
        let anchor_aliases = section.anchor_aliases;
        let prose = |body| Prose::new(body, formats);
        match section.content {
            PublishedContent::Text { body } => {
                let kind = TextKind::It;
                Self::Text(Text {
                    id,
                    kind,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    body: prose(body),
                })
            }
            PublishedContent::Quote {
                body,
                attribution,
                source_url,
            } => {
                let (kind, body) = (QuoteKind::It, prose(body));
                Self::Quote(Quote {
                    id,
                    kind,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    body,
                    attribution,
                    source_url,
                })
            }
            PublishedContent::Image {
                image,
                alt,
                caption,
                credit,
            } => {
                let kind = ImageKind::It;
                Self::Image(Image {
                    id,
                    kind,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    image,
                    alt,
                    caption,
                    credit,
                })
            }
            PublishedContent::Embed {
                url,
                title,
                html,
                provider,
            } => {
                let kind = EmbedKind::It;
                Self::Embed(Embed {
                    id,
                    kind,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    url,
                    title,
                    html,
                    provider,
                })
            }
            PublishedContent::Callout { tone, body } => {
                let (kind, tone, body) = (CalloutKind::It, tone.into(), prose(body));
                Self::Callout(Callout {
                    id,
                    kind,
                    heading,
                    level,
                    anchor,
                    anchor_aliases,
                    tone,
                    body,
                })
            }
        }
    }
}
