//! Sections as clients write them.

use serde::Deserialize;
use utoipa::ToSchema;

use masthead_domain::section::SectionContent;
use masthead_domain::use_cases::drafting::SectionInput as Input;
use masthead_domain::use_cases::sections::{Place, SectionPatch};

use super::clearable;
use crate::delivery::{CalloutKind, EmbedKind, ImageKind, QuoteKind, TextKind, Tone};

/// A section of a new or replaced article; `kind` tells its shape.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("text" = "#/components/schemas/TextSectionInput"),
    ("quote" = "#/components/schemas/QuoteSectionInput"),
    ("image" = "#/components/schemas/ImageSectionInput"),
    ("embed" = "#/components/schemas/EmbedSectionInput"),
    ("callout" = "#/components/schemas/CalloutSectionInput")
)))]
#[expect(missing_docs, reason = "each is described where it is declared")]
pub enum SectionInput {
    Text(TextInput),
    Quote(QuoteInput),
    Image(ImageInput),
    Embed(EmbedInput),
    Callout(CalloutInput),
}

/// A section to be added to an article; `kind` tells its shape.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("text" = "#/components/schemas/NewTextSection"),
    ("quote" = "#/components/schemas/NewQuoteSection"),
    ("image" = "#/components/schemas/NewImageSection"),
    ("embed" = "#/components/schemas/NewEmbedSection"),
    ("callout" = "#/components/schemas/NewCalloutSection")
)))]
#[schema(example = json!({
    "kind": "text",
    "heading": "The Moon pulls",
    "body": "It pulls on the near side **more**.",
    "after": "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011"
}))]
#[expect(missing_docs, reason = "each is described where it is declared")]
pub enum NewSection {
    Text(NewText),
    Quote(NewQuote),
    Image(NewImage),
    Embed(NewEmbed),
    Callout(NewCallout),
}

/// Each shape twice: in a list, and on its own with the place it goes to.
macro_rules! section_input {
    ($(#[$doc:meta])* $name:ident as $schema:ident, $new:ident as $new_schema:ident, $kind:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    } => |$this:ident| $content:expr) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(as = $schema)]
        pub struct $name {
            /// What it holds.
            #[schema(inline)]
            pub kind: $kind,
            /// Keeps the section with this id, or gives a new one this id.
            #[schema(format = Uuid)]
            pub id: Option<String>,
            /// Its heading.
            #[schema(min_length = 1, max_length = 300)]
            pub heading: Option<String>,
            /// The heading's level; 2 where missing.
            #[schema(minimum = 2, maximum = 4)]
            pub level: Option<u8>,
            /// An anchor of your own; made of the heading where missing.
            #[schema(min_length = 1, max_length = 96)]
            pub anchor: Option<String>,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(as = $new_schema)]
        pub struct $new {
            /// What it holds.
            #[schema(inline)]
            pub kind: $kind,
            /// An id of your choosing.
            #[schema(format = Uuid)]
            pub id: Option<String>,
            /// Its heading.
            #[schema(min_length = 1, max_length = 300)]
            pub heading: Option<String>,
            /// The heading's level; 2 where missing.
            #[schema(minimum = 2, maximum = 4)]
            pub level: Option<u8>,
            /// An anchor of your own; made of the heading where missing.
            #[schema(min_length = 1, max_length = 96)]
            pub anchor: Option<String>,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Put it right behind the section with this id; not together with `before`.
            #[schema(format = Uuid)]
            pub after: Option<String>,
            /// Put it right before the section with this id; not together with `after`.
            #[schema(format = Uuid)]
            pub before: Option<String>,
        }

        impl From<$name> for Input {
            fn from($this: $name) -> Self {
                Self {
                    id: $this.id,
                    heading: $this.heading,
                    level: $this.level,
                    anchor: $this.anchor,
                    content: $content,
                }
            }
        }

        impl $new {
            fn into_parts(self) -> (Input, Option<String>, Option<String>) {
                let $this = self;
                let (after, before) = ($this.after, $this.before);
                let input = Input {
                    id: $this.id,
                    heading: $this.heading,
                    level: $this.level,
                    anchor: $this.anchor,
                    content: $content,
                };
                (input, after, before)
            }
        }
    };
}

section_input! {
    /// Text.
    TextInput as TextSectionInput, NewText as NewTextSection, TextKind {
        /// Markdown.
        #[schema(max_length = 100_000)]
        body: String,
    } => |this| SectionContent::Text { body: this.body }
}

section_input! {
    /// Somebody's words.
    QuoteInput as QuoteSectionInput, NewQuote as NewQuoteSection, QuoteKind {
        /// Markdown.
        #[schema(max_length = 100_000)]
        body: String,
        /// Whose they are.
        #[schema(min_length = 1, max_length = 1_000)]
        attribution: Option<String>,
        /// Where they stand: an absolute address, or a path on the site.
        #[schema(min_length = 1, max_length = 2_000)]
        source_url: Option<String>,
    } => |this| SectionContent::Quote { body: this.body, attribution: this.attribution, source_url: this.source_url }
}

section_input! {
    /// A picture.
    ImageInput as ImageSectionInput, NewImage as NewImageSection, ImageKind {
        /// Where it is: an absolute address, or a path on the site.
        #[schema(min_length = 1, max_length = 2_000)]
        image: String,
        /// What it shows; empty for decoration.
        #[schema(max_length = 1_000)]
        alt: Option<String>,
        /// The line under it.
        #[schema(min_length = 1, max_length = 1_000)]
        caption: Option<String>,
        /// Who made it.
        #[schema(min_length = 1, max_length = 1_000)]
        credit: Option<String>,
    } => |this| SectionContent::Image {
        image: this.image,
        alt: this.alt,
        caption: this.caption,
        credit: this.credit,
    }
}

section_input! {
    /// A player or card of another site.
    EmbedInput as EmbedSectionInput, NewEmbed as NewEmbedSection, EmbedKind {
        /// The address a person would share.
        #[schema(min_length = 1, max_length = 2_000)]
        url: String,
        /// What it is.
        #[schema(min_length = 1, max_length = 1_000)]
        title: Option<String>,
    } => |this| SectionContent::Embed { url: this.url, title: this.title }
}

section_input! {
    /// A box that stands out.
    CalloutInput as CalloutSectionInput, NewCallout as NewCalloutSection, CalloutKind {
        /// What it is for; `note` where missing.
        #[schema(nullable = false)]
        tone: Option<Tone>,
        /// Markdown.
        #[schema(max_length = 100_000)]
        body: String,
    } => |this| SectionContent::Callout { tone: this.tone.unwrap_or(Tone::Note).into(), body: this.body }
}

impl From<SectionInput> for Input {
    fn from(section: SectionInput) -> Self {
        match section {
            SectionInput::Text(section) => section.into(),
            SectionInput::Quote(section) => section.into(),
            SectionInput::Image(section) => section.into(),
            SectionInput::Embed(section) => section.into(),
            SectionInput::Callout(section) => section.into(),
        }
    }
}

impl NewSection {
    /// The section, and the ids it is to stand after and before.
    #[must_use]
    pub fn into_parts(self) -> (Input, Option<String>, Option<String>) {
        match self {
            Self::Text(section) => section.into_parts(),
            Self::Quote(section) => section.into_parts(),
            Self::Image(section) => section.into_parts(),
            Self::Embed(section) => section.into_parts(),
            Self::Callout(section) => section.into_parts(),
        }
    }

    /// Where it goes; `None` when both neighbours are named.
    #[must_use]
    pub fn place(after: Option<String>, before: Option<String>) -> Option<Place> {
        match (after, before) {
            (None, None) => Some(Place::Last),
            (Some(after), None) => Some(Place::After(after)),
            (None, Some(before)) => Some(Place::Before(before)),
            (Some(_), Some(_)) => None,
        }
    }
}

/// A merge patch of a section: a missing key stays, null clears. The kind tells which fields there are, and stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "body": "The sea is **never** still, and seldom silent." }))]
pub struct UpdateSection {
    /// Its heading.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub heading: Option<Option<String>>,
    /// The heading's level.
    #[schema(nullable = false, minimum = 2, maximum = 4)]
    pub level: Option<u8>,
    /// An anchor of your own; the old one stays as an alias.
    #[schema(nullable = false, min_length = 1, max_length = 96)]
    pub anchor: Option<String>,
    /// Markdown of a text, quote or callout.
    #[schema(nullable = false, max_length = 100_000)]
    pub body: Option<String>,
    /// Of a quote: whose words they are.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub attribution: Option<Option<String>>,
    /// Of a quote: where they stand.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2_000)]
    pub source_url: Option<Option<String>>,
    /// Of an image: where it is.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    pub image: Option<String>,
    /// Of an image: what it shows.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    pub alt: Option<Option<String>>,
    /// Of an image: the line under it.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub caption: Option<Option<String>>,
    /// Of an image: who made it.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub credit: Option<Option<String>>,
    /// Of an embed: the address a person would share.
    #[schema(nullable = false, min_length = 1, max_length = 2_000)]
    pub url: Option<String>,
    /// Of an embed: what it is.
    #[serde(default, deserialize_with = "clearable::deserialize")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1_000)]
    pub title: Option<Option<String>>,
    /// Of a callout: what it is for.
    #[schema(nullable = false)]
    pub tone: Option<Tone>,
}

impl From<UpdateSection> for SectionPatch {
    fn from(patch: UpdateSection) -> Self {
        Self {
            heading: patch.heading,
            level: patch.level,
            anchor: patch.anchor,
            body: patch.body,
            attribution: patch.attribution,
            source_url: patch.source_url,
            image: patch.image,
            alt: patch.alt,
            caption: patch.caption,
            credit: patch.credit,
            url: patch.url,
            title: patch.title,
            tone: patch.tone.map(Into::into),
        }
    }
}

/// The order of all sections of an article.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sections": ["0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0012", "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0011"]
}))]
pub struct SetSectionOrder {
    /// The ids of all sections, each once, in the new order.
    #[schema(max_items = 200)]
    pub sections: Vec<String>,
}
