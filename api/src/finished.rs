//! Answers about articles that the store keeps finished: the text of a whole article, and its row in lists.
//!
//! They are made in the background, in the form that answers have where nothing else is asked for: soon after somebody
//! has asked, and all others while nothing is published. They go with the transaction that changes anything they show.
//! So what is read is one row by its key, whatever an article is made of, on every node and after every restart.

mod ahead;
mod preparing;

use base64::Engine as _;
use masthead_domain::delivering::Delivered;
use masthead_domain::id::ArticleId;
use masthead_domain::locale::Locale;
use masthead_domain::prepared::{Card, Named};
use masthead_domain::slug::Slug;
use masthead_openapi::delivery::{Article, ArticleSummary, Formats, Projection};
use masthead_openapi::document::Surface;
use masthead_openapi::forms::Site;
use masthead_openapi::parameters::{PageLinks, PageMeta};
use sha2::{Digest, Sha256};

pub use ahead::keep_ahead;
pub use preparing::{Preparer, keep_preparing};

use crate::answer::entity_tag;
use crate::documents;
use crate::error::ApiError;
use crate::service::Options;

/// Another number whenever the same article gives other bytes than before.
const FORM: u32 = 1;
/// Where articles are asked for.
const ARTICLES: &str = "/delivery/v1/articles/";
/// Where they are asked for by their slugs.
const BY_SLUG: &str = "by-slug/";

/// The name of what makes finished answers: software and settings that make other bytes have another.
#[must_use]
pub fn maker(options: &Options) -> String {
    let settings = format!("{:?}", (&options.site, options.has_site, &options.default_locale));
    // Whatever is added to an answer is added to its description too.
    let made_of = [documents::committed(Surface::Delivery), &settings].concat();
    format!("{FORM}-{}", stamp(made_of.as_bytes()))
}

/// The text of a whole article.
#[derive(Debug, Clone)]
pub struct Text {
    /// What stands in `data`.
    pub data: String,
    /// Names these bytes.
    pub stamp: String,
}

impl Text {
    /// The text of an article that has its address on the site.
    pub fn of(delivered: Delivered, formats: Formats, site: &Site) -> Result<Self, ApiError> {
        let article = Article::new(delivered, formats).on_site(site);
        let data = serde_json::to_string(&article).map_err(ApiError::internal)?;
        Ok(Self {
            stamp: stamp(data.as_bytes()),
            data,
        })
    }
}

/// The row of an article in lists where nothing was said of fields.
pub fn card(delivered: Delivered, site: &Site) -> Result<String, ApiError> {
    let projection = Projection {
        sections: false,
        faqs: false,
        authors: true,
        tags: true,
        formats: Formats::new(None),
        fields: None,
    };
    let row = ArticleSummary::new(delivered, &projection).on_site(site);
    serde_json::to_string(&row).map_err(ApiError::internal)
}

/// A name of these bytes.
#[must_use]
pub fn stamp(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..15])
}

/// The strong tag of an article's text at this address, known from its stamp alone.
#[must_use]
pub fn tag_of(stamp: &str, address: &str) -> String {
    entity_tag(format!("{stamp} {address}").as_bytes())
}

/// The whole answer: the text with the address it was asked for under.
pub fn body(data: &str, address: &str) -> Result<Vec<u8>, ApiError> {
    let address = serde_json::to_string(address).map_err(ApiError::internal)?;
    let parts = ["{\"data\":", data, ",\"links\":{\"self\":", &address, "}}"];
    Ok(parts.concat().into_bytes())
}

/// How a list begins.
const START: &[u8] = b"{\"data\":[";
/// Bytes that a list has after its rows, mostly.
const FRAME: usize = 2 * 1024;
/// Bytes of a stamp and what parts it from the next.
const STAMP: usize = 21;

/// A page of a list, finished rows with what the page says of itself, and the strong tag of these bytes: made of the
/// stamps of the rows, so that nobody has to read through all of them for it.
pub fn list_body(rows: &[Card], meta: &PageMeta, links: &PageLinks) -> Result<(Vec<u8>, String), ApiError> {
    let mut frame = Vec::with_capacity(FRAME);
    frame.extend_from_slice(b"],\"meta\":");
    serde_json::to_writer(&mut frame, meta).map_err(ApiError::internal)?;
    frame.extend_from_slice(b",\"links\":");
    serde_json::to_writer(&mut frame, links).map_err(ApiError::internal)?;
    frame.push(b'}');
    // Room for all of it at once: growing would copy it several times over.
    let length: usize = rows.iter().map(|row| row.card.len() + 1).sum();
    let mut body = Vec::with_capacity(START.len() + length + frame.len());
    body.extend_from_slice(START);
    let mut named = Vec::with_capacity(rows.len() * STAMP + frame.len());
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(row.card.as_bytes());
        named.extend_from_slice(row.stamp.as_bytes());
        named.push(b' ');
    }
    body.extend_from_slice(&frame);
    named.extend_from_slice(&frame);
    Ok((body, entity_tag(&named)))
}

/// What is asked for with this address, where that is one article in the form that needs no words.
///
/// Anything that would have to be decoded, corrected or refused is left to those who can.
#[must_use]
pub fn named(path: &str, query: &str, default: &Locale) -> Option<Named> {
    let name = path.strip_prefix(ARTICLES)?;
    let Some(slug) = name.strip_prefix(BY_SLUG) else {
        let id = ArticleId::parse(name).filter(|_| query.is_empty())?;
        return Some(Named::Id(id));
    };
    let locale = match query.strip_prefix("locale=") {
        Some(text) => Locale::parse(text)
            .ok()
            .filter(|locale| locale.to_string() == text)?,
        None if query.is_empty() => default.clone(),
        None => return None,
    };
    let slug = Slug::parse(slug).ok().filter(|parsed| parsed.as_str() == slug)?;
    Some(Named::Slug(slug, locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_reading_is_looked_up() -> Result<(), masthead_domain::error::Refused> {
        let english = Locale::parse("en")?;
        let ask = |path: &str, query: &str| named(&format!("{ARTICLES}{path}"), query, &english);
        let slug = Slug::parse("how-to")?;
        assert_eq!(
            ask("by-slug/how-to", ""),
            Some(Named::Slug(slug.clone(), english.clone()))
        );
        let french = Named::Slug(slug, Locale::parse("fr")?);
        assert_eq!(ask("by-slug/how-to", "locale=fr"), Some(french));
        let id = "018f3c5e-7b1a-7c2d-8e3f-9a0b1c2d3e4f";
        assert!(matches!(ask(id, ""), Some(Named::Id(_))));
        for (path, query) in [
            ("by-slug/how-to", "format=html"),
            ("by-slug/how-to", "locale=fr&fallback=en"),
            ("by-slug/how-to", "locale="),
            ("by-slug/how-to", "locale=%66r"),
            ("by-slug/how-to.md", ""),
            ("by-slug/how%2Dto", ""),
            ("by-slug/How-To", ""),
            ("by-slug/", ""),
            (id, "format=text"),
            ("", ""),
        ] {
            assert_eq!(ask(path, query), None, "{path}?{query}");
        }
        assert_eq!(named("/delivery/v1/faqs/how-to", "", &english), None);
        Ok(())
    }

    #[test]
    fn the_body_is_what_the_document_says() -> Result<(), ApiError> {
        let made = body("{\"id\":1}", "/a\"b")?;
        let read: serde_json::Value = serde_json::from_slice(&made).map_err(ApiError::internal)?;
        assert_eq!(
            read,
            serde_json::json!({ "data": { "id": 1 }, "links": { "self": "/a\"b" } })
        );
        Ok(())
    }
}
