//! Links that lead to a place on the same site.

use url::Url;

use crate::locale::Locale;
use crate::slug::Slug;

/// Where readers find the site, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteAddress {
    /// Without a slash at the end.
    pub url: Option<String>,
    /// The locale whose addresses do not name it.
    pub default_locale: Locale,
}

/// The article that a link leads to.
pub type Target = (Locale, Slug);

/// How an article stands that a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// There is one, and readers do not see it.
    Unpublished,
    /// Readers see it, or are led on from there.
    Published,
}

impl SiteAddress {
    /// The article at an address: `/slug` or `/locale/slug`, alone or behind the address of the site. Anything else is
    /// a page of the frontend's own, of which nothing is known here.
    #[must_use]
    pub fn article_at(&self, link: &str) -> Option<Target> {
        let path = self.path(link)?;
        let mut parts = path.trim_matches('/').split('/');
        let (first, second, rest) = (parts.next()?, parts.next(), parts.next());
        if rest.is_some() {
            return None;
        }
        let decoded = |text: &str| {
            let text = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
            Slug::parse(&text).ok()
        };
        match second {
            None => Some((self.default_locale.clone(), decoded(first)?)),
            Some(slug) => Some((locale(first)?, decoded(slug)?)),
        }
    }

    /// The path of an address of this site, without query and fragment.
    fn path(&self, link: &str) -> Option<String> {
        let link = link.split(['?', '#']).next().unwrap_or_default();
        if link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\") {
            // The site may stand below the root of its host.
            let base = self.url.as_deref().and_then(|url| Url::parse(url).ok());
            let base = base.map_or_else(String::new, |url| url.path().trim_end_matches('/').to_owned());
            let rest = link.strip_prefix(base.as_str())?;
            return rest.starts_with('/').then(|| rest.to_owned());
        }
        let rest = link.strip_prefix(self.url.as_deref()?)?;
        rest.starts_with('/').then(|| rest.to_owned())
    }
}

/// A locale of a language with two letters. Those with three look like folders of a frontend (`/tag/sea`).
fn locale(text: &str) -> Option<Locale> {
    let language = text.split('-').next().unwrap_or_default();
    (language.len() == 2).then(|| Locale::parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_articles_are_places_that_are_known() {
        let site = SiteAddress {
            url: Some("https://example.org/blog".into()),
            default_locale: Locale::parse("en").unwrap(),
        };
        let at = |link: &str| {
            site.article_at(link)
                .map(|(locale, slug)| format!("{locale} {slug}"))
        };
        assert_eq!(at("/blog/tides").as_deref(), Some("en tides"));
        assert_eq!(
            at("https://example.org/blog/fr/marees?x=1#y").as_deref(),
            Some("fr marees")
        );
        assert_eq!(
            at("https://example.org/blog/gezeiten/").as_deref(),
            Some("en gezeiten")
        );
        assert_eq!(at("/blog/%E6%BD%AE").as_deref(), Some("en 潮"));
        for other in [
            "/about",
            "https://example.org/tides",
            "https://other.org/blog/tides",
            "//example.org/blog/tides",
            "#top",
            "mailto:a@b.org",
            "tides",
            "/blog/",
            "/blog/tag/sea/more",
            "/blog/tag/%",
            "/blog/tag/sea",
            "/blog/faq/why",
            "https://example.org/blogs/x",
        ] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
