//! Stories: one article in each of their languages, tied to the others.

use serde::{Deserialize, Serialize};

use crate::article::Status;
use crate::id::{ArticleId, StoryId};
use crate::locale::Locale;
use crate::slug::Slug;

/// An article of the same story in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The article.
    pub id: ArticleId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// For readers.
    pub status: Status,
}

/// The languages in which somebody wants a story, the best first, each once; none at all fits nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(Vec<Locale>);

impl Languages {
    /// These languages in this order; where one stands twice, its first place counts.
    pub fn new(wanted: impl IntoIterator<Item = Locale>) -> Self {
        let mut languages = Vec::new();
        for locale in wanted {
            if !languages.contains(&locale) {
                languages.push(locale);
            }
        }
        Self(languages)
    }

    /// This language alone.
    #[must_use]
    pub fn only(locale: Locale) -> Self {
        Self(vec![locale])
    }

    /// In order.
    #[must_use]
    pub fn as_slice(&self) -> &[Locale] {
        &self.0
    }

    /// The one of these articles that is told in the language that is wanted most.
    #[must_use]
    pub fn best(&self, told: &[Telling]) -> Option<ArticleId> {
        let first = |wanted: &Locale| told.iter().find(|telling| telling.article.locale == *wanted);
        self.0.iter().find_map(first).map(|telling| telling.article.id)
    }
}

/// A published article with the story that it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The story.
    pub story: StoryId,
    /// The article, without a URL where only the site knows it.
    pub article: Alternate,
}

/// A published article of the same story in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternate {
    /// The article.
    pub id: ArticleId,
    /// The language it is in.
    pub locale: Locale,
    /// Its word in addresses.
    pub slug: Slug,
    /// Where the original is, or else where the site has it; filled in where the site is known.
    pub url: Option<String>,
}
