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
            let text = percent_decoded(text)?;
            Slug::parse(&text).ok()
        };
        match second {
            None => Some((self.default_locale.clone(), decoded(first)?)),
            Some(slug) => Some((Locale::parse(first).ok()?, decoded(slug)?)),
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

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes).ok()
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
            "https://example.org/blogs/x",
        ] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
