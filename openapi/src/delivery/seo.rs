//! What search engines and link previews are told of an article.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use masthead_domain::article::ArticleKind;
use masthead_domain::locale::Locale;
use masthead_domain::published::PublishedArticle;
use masthead_domain::story::Alternate;

use super::shared::Picture;
use crate::forms::{Site, modified, picture};

/// What search engines and link previews are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seo {
    /// The title, or what overrides it.
    #[schema(required = true)]
    pub title: Option<String>,
    /// The dek or excerpt, or what overrides it.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Where the original is.
    #[schema(required = true)]
    pub canonical_url: Option<String>,
    /// The cover, or what overrides it.
    #[schema(required = true)]
    pub image: Option<Picture>,
    /// Keep it out of search engines.
    pub no_index: bool,
    /// For `<link rel="alternate" hreflang="…">`: this article, the others of its story, and `x-default` where one of
    /// them is in the site's default locale. Empty where the story is told in one language, where the site's address is
    /// not set, and in lists.
    pub alternates: Vec<Hreflang>,
    /// For `<meta property="og:…">`, computed from the rest.
    pub open_graph: OpenGraph,
    /// For `<meta name="twitter:…">`, computed from the rest.
    pub twitter: Twitter,
}

/// Where a story is told in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hreflang {
    /// The language, or `x-default`: for whoever reads none of the others.
    pub locale: String,
    /// Where it is.
    pub url: String,
}

/// What a link preview shows (Open Graph).
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenGraph {
    /// An article, or a website for a page.
    #[serde(rename = "type")]
    pub kind: OpenGraphType,
    /// `seo.title`.
    pub title: String,
    /// `seo.description`.
    #[schema(required = true)]
    pub description: Option<String>,
    /// `seo.canonical_url`.
    #[schema(required = true)]
    pub url: Option<String>,
    /// `seo.image`, with an absolute address.
    #[schema(required = true)]
    pub image: Option<Picture>,
    /// What the site is called.
    #[schema(required = true)]
    pub site_name: Option<String>,
    /// The language and the territory, where there is one, as Open Graph writes them: `pt_BR`.
    pub locale: String,
    /// When the first edition was published; null for a page.
    #[schema(required = true)]
    pub published_time: Option<DateTime<Utc>>,
    /// When readers last saw it change; null for a page.
    #[schema(required = true)]
    pub modified_time: Option<DateTime<Utc>>,
}

/// What Open Graph takes an article or page for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenGraphType {
    /// An article.
    Article,
    /// A page.
    Website,
}

/// What a card shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Twitter {
    /// Large where there is an image.
    pub card: TwitterCard,
    /// `seo.title`.
    pub title: String,
    /// `seo.description`.
    #[schema(required = true)]
    pub description: Option<String>,
    /// `seo.image`, with an absolute address.
    #[schema(required = true)]
    pub image: Option<Picture>,
}

/// A form of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TwitterCard {
    /// A small card.
    Summary,
    /// A card with a large image.
    SummaryLargeImage,
}

impl Seo {
    /// What an article says of itself; [`Self::on_site`] adds what only the site knows.
    #[must_use]
    pub fn new(article: &PublishedArticle, others: &[Alternate]) -> Self {
        let own = article.seo.clone();
        let title = own.title.clone().unwrap_or_else(|| article.title.clone());
        let image: Option<Picture> = picture(article).map(Into::into);
        let is_article = article.kind == ArticleKind::Article;
        let open_graph = OpenGraph {
            kind: if is_article {
                OpenGraphType::Article
            } else {
                OpenGraphType::Website
            },
            title: title.clone(),
            description: own.description.clone(),
            url: own.canonical_url.clone(),
            image: image.clone(),
            site_name: None,
            locale: locale(&article.locale),
            published_time: is_article.then_some(article.first_published_at),
            modified_time: is_article.then(|| modified(article)),
        };
        let card = if image.is_some() {
            TwitterCard::SummaryLargeImage
        } else {
            TwitterCard::Summary
        };
        let twitter = Twitter {
            card,
            title,
            description: own.description.clone(),
            image,
        };
        Self {
            title: own.title,
            description: own.description,
            canonical_url: own.canonical_url,
            image: own.image.map(Into::into),
            no_index: own.no_index,
            alternates: hreflang(article, others),
            open_graph,
            twitter,
        }
    }

    /// With the site's name, and with addresses that do not need the site to be understood.
    pub fn on_site(&mut self, site: &Site) {
        let (open_graph, twitter) = (&mut self.open_graph, &mut self.twitter);
        for image in [&mut open_graph.image, &mut twitter.image].into_iter().flatten() {
            image.url = site.absolute(&image.url);
        }
        open_graph.url = open_graph.url.take().map(|url| site.absolute(&url));
        open_graph.site_name = Some(site.title.clone());
        for alternate in &mut self.alternates {
            alternate.url = site.absolute(&alternate.url);
        }
        let default = site.default_locale.as_str();
        if let Some(url) = self.alternates.iter().find(|one| one.locale == default) {
            let url = url.url.clone();
            self.alternates.push(Hreflang {
                locale: X_DEFAULT.to_owned(),
                url,
            });
        }
    }
}

/// For whoever reads none of the languages that there are.
const X_DEFAULT: &str = "x-default";

/// Every language of a story with its address: search engines want each page to name itself too.
fn hreflang(article: &PublishedArticle, others: &[Alternate]) -> Vec<Hreflang> {
    let own = (&article.locale, &article.seo.canonical_url);
    let all = others
        .iter()
        .map(|other| (&other.locale, &other.url))
        .chain([own]);
    let mut all: Vec<_> = all
        .filter_map(|(locale, url)| {
            Some(Hreflang {
                locale: locale.to_string(),
                url: url.clone()?,
            })
        })
        .collect();
    if all.len() < 2 {
        return Vec::new();
    }
    all.sort_by(|one, other| one.locale.cmp(&other.locale));
    all
}

/// `zh-Hant-TW` is `zh_TW` to Open Graph, which knows no scripts.
fn locale(locale: &Locale) -> String {
    let mut parts = locale.as_str().split('-');
    let language = parts.next().unwrap_or_default();
    let is_territory = |part: &&str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()))
            || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    match parts.take_while(|part| part.len() > 1).find(is_territory) {
        Some(territory) => format!("{language}_{}", territory.to_uppercase()),
        None => language.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_graph_knows_languages_and_territories() {
        for (given, expected) in [
            ("en", "en"),
            ("pt-BR", "pt_BR"),
            ("zh-Hant-TW", "zh_TW"),
            ("zh-Hans", "zh"),
            ("es-419", "es_419"),
        ] {
            assert_eq!(locale(&Locale::parse(given).unwrap()), expected);
        }
    }
}
