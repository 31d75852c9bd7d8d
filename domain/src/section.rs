//! Sections: the ordered parts of an article, each a row with an id of its own.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::id::SectionId;
use crate::rendering::{self, Length};
use crate::rights::words;

words! {
    /// What a section holds; the discriminator of its shape.
    SectionKind {
        /// Markdown.
        Text = "text",
        /// Somebody's words.
        Quote = "quote",
        /// A picture.
        Image = "image",
        /// A player or card of another site.
        Embed = "embed",
        /// A box that stands out.
        Callout = "callout",
    }
}

words! {
    /// What a callout is for.
    Tone {
        /// A remark.
        Note = "note",
        /// Advice.
        Tip = "tip",
        /// What must not be missed.
        Important = "important",
        /// A danger.
        Warning = "warning",
    }
}

/// What a section holds, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SectionContent {
    /// Markdown.
    Text {
        /// The text.
        body: String,
    },
    /// Somebody's words.
    Quote {
        /// The words, in Markdown.
        body: String,
        /// Whose they are.
        attribution: Option<String>,
        /// Where they stand.
        source_url: Option<String>,
    },
    /// A picture.
    Image {
        /// Where it is.
        image: String,
        /// What it shows; empty for decoration, `None` when nobody said.
        alt: Option<String>,
        /// The line under it.
        caption: Option<String>,
        /// Who made it.
        credit: Option<String>,
    },
    /// A player or card of an allowed provider.
    Embed {
        /// The address a person would share.
        url: String,
        /// What it is.
        title: Option<String>,
    },
    /// A box that stands out.
    Callout {
        /// What it is for.
        tone: Tone,
        /// The text, in Markdown.
        body: String,
    },
}

impl SectionContent {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> SectionKind {
        match self {
            Self::Text { .. } => SectionKind::Text,
            Self::Quote { .. } => SectionKind::Quote,
            Self::Image { .. } => SectionKind::Image,
            Self::Embed { .. } => SectionKind::Embed,
            Self::Callout { .. } => SectionKind::Callout,
        }
    }

    /// Its Markdown, where it has some.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Text { body } | Self::Quote { body, .. } | Self::Callout { body, .. } => Some(body),
            Self::Image { .. } | Self::Embed { .. } => None,
        }
    }
}

/// A heading with the anchor that addresses point to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The words.
    pub text: String,
    /// 2 to 4.
    pub level: u8,
    /// Stays when the words change.
    pub anchor: String,
}

/// One part of an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its name for ever.
    pub id: SectionId,
    /// Its heading, if it has one.
    pub heading: Option<Heading>,
    /// Anchors it had before; addresses that use them still find it.
    pub anchor_aliases: Vec<String>,
    /// What it holds.
    #[serde(flatten)]
    pub content: SectionContent,
    /// Counts its own changes; a move is the article's.
    pub revision: u32,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Section {
    /// The level of a heading that says none.
    pub const LEVEL: u8 = 2;

    /// The length of its heading and text.
    #[must_use]
    pub fn measured(&self) -> Length {
        let heading = self
            .heading
            .as_ref()
            .map(|heading| rendering::measure(&heading.text));
        let body = self.content.body().map(rendering::length);
        heading.into_iter().chain(body).sum()
    }

    /// Takes over the anchors of a state that it had, so that addresses which use them still find it.
    pub(crate) fn keep_anchors_of(&mut self, was: &Self) {
        for anchor in was.anchors() {
            if !self.anchors().any(|known| known == anchor) {
                self.anchor_aliases.push(anchor.to_owned());
            }
        }
        // An alias that becomes the anchor again is no alias.
        let own = self.heading.as_ref().map(|heading| heading.anchor.clone());
        self.anchor_aliases.retain(|alias| Some(alias) != own.as_ref());
    }

    /// The anchor in use and those it had.
    pub fn anchors(&self) -> impl Iterator<Item = &str> {
        let own = self.heading.as_ref().map(|heading| heading.anchor.as_str());
        own.into_iter()
            .chain(self.anchor_aliases.iter().map(String::as_str))
    }
}
