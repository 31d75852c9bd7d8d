//! What readers get beside JSON: whole articles as Markdown and JSON-LD, and what the site says of itself.

use masthead_domain::article::Image;
use masthead_domain::clock::Instant;
use masthead_domain::locale::Locale;
use masthead_domain::published::PublishedArticle;
use masthead_domain::slug::Slug;

mod feed;
mod html;
mod json_ld;
mod markdown;
mod sitemap;

pub use feed::{ATOM, Feed, JSON_FEED, JsonFeed, JsonFeedAuthor, JsonFeedItem, RSS, TEXT_BYTES, atom, rss};
pub use json_ld::json_ld;
pub use markdown::markdown;
pub use sitemap::{PLAIN, SITEMAP, llms, news_sitemap, robots, sitemap, sitemap_index};

/// Markdown, as `Content-Type` names it.
pub const MARKDOWN: &str = "text/markdown; charset=utf-8; variant=GFM";
/// JSON-LD, as `Content-Type` names it.
pub const JSON_LD: &str = "application/ld+json";

/// The site that readers know: what it is called and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where readers find it, without a slash at the end.
    pub url: String,
    /// Where they reach this service, without a slash at the end.
    pub api_url: String,
    /// Who publishes it; its name where nobody said.
    pub publisher: Option<String>,
    /// Their sign.
    pub publisher_logo: Option<String>,
    /// The locale whose addresses do not name it.
    pub default_locale: Locale,
    /// What its header and footer lead to.
    pub links: Vec<SiteLink>,
}

/// An address that the site shows on every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLink {
    /// What a reader is shown.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// What it is to the site: `me`, `contact`, `privacy-policy`, …
    pub rel: Option<String>,
}

impl Site {
    /// Where readers find the page of a slug.
    #[must_use]
    pub fn page(&self, locale: &Locale, slug: &Slug) -> String {
        // Whatever script it is in, an address is ASCII.
        let slug = encoded(slug.as_str());
        if *locale == self.default_locale {
            format!("{}/{slug}", self.url)
        } else {
            format!("{}/{locale}/{slug}", self.url)
        }
    }

    /// Where the original of an article is.
    #[must_use]
    pub fn address(&self, article: &PublishedArticle) -> String {
        match &article.seo.canonical_url {
            Some(own) => self.absolute(own),
            None => self.page(&article.locale, &article.slug),
        }
    }

    /// Where this service gives a path.
    #[must_use]
    pub fn api(&self, path: &str) -> String {
        format!("{}{path}", self.api_url)
    }

    /// An address that may be relative to the site.
    #[must_use]
    pub fn absolute(&self, address: &str) -> String {
        if address.starts_with("//") {
            let scheme = self.url.split("//").next().unwrap_or_default();
            format!("{scheme}{address}")
        } else if address.starts_with('/') {
            // From the root of the host, as a browser would read it.
            let host = self.url.find("://").map_or(0, |at| at + 3);
            let end = self.url[host..].find('/').map_or(self.url.len(), |at| host + at);
            format!("{}{address}", &self.url[..end])
        } else {
            address.to_owned()
        }
    }

    /// Who publishes it.
    #[must_use]
    pub fn publisher(&self) -> &str {
        self.publisher.as_deref().unwrap_or(&self.title)
    }
}

/// The picture that stands for an article in other places.
pub(crate) fn picture(article: &PublishedArticle) -> Option<Image> {
    let cover = article.cover.as_ref().map(|cover| Image {
        url: cover.url.clone(),
        alt: cover.alt.clone(),
    });
    article.seo.image.clone().or(cover)
}

/// When readers last saw it change: a text that was finished before its day is no older than that day.
pub(crate) fn modified(article: &PublishedArticle) -> Instant {
    article.updated_at.max(article.first_published_at)
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Everything but letters, digits and hyphens of ASCII as `%XX`.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_as_a_browser_would_read_it() {
        let site = crate::examples::site();
        let site = Site {
            url: "https://example.org/news".into(),
            ..site
        };
        for (given, expected) in [
            ("/a.jpg", "https://example.org/a.jpg"),
            ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
            ("http://a.example/b", "http://a.example/b"),
        ] {
            assert_eq!(site.absolute(given), expected);
        }
        let (slug, fr) = (Slug::parse("été-1").unwrap(), Locale::parse("fr").unwrap());
        assert_eq!(
            site.page(&site.default_locale, &slug),
            "https://example.org/news/%C3%A9t%C3%A9-1"
        );
        assert_eq!(
            site.page(&fr, &slug),
            "https://example.org/news/fr/%C3%A9t%C3%A9-1"
        );
    }
}
