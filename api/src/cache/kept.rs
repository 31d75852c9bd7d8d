//! One finished answer.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use masthead_domain::change::ChangeType;
use masthead_domain::clock::Instant;
use masthead_domain::prepared::Prepared;

use super::{Encoding, slug_tag};
use crate::answer::{CACHE_CONTROL, VARY, encoded_tag, http_date};
use crate::finished::{self, tag_of};
use crate::metrics::KeptCounters;
use crate::observe::ALWAYS;
use crate::tagging::{TagHeader, TagHeaders};

/// Bytes that an entry takes beside its body and headers, about.
const OVERHEAD: u64 = 512;

/// What a handler says of an answer that may be kept.
#[derive(Debug, Clone)]
pub struct Keepable {
    /// The newest entry of the change log that it knows.
    pub seq: i64,
    /// The tags of everything it shows and of everything it was looked up by.
    pub tags: Vec<String>,
    /// When what it shows last changed.
    pub modified: Option<Instant>,
    /// What shared caches are told when no credential was sent.
    pub cache_control: &'static str,
}

/// An answer with everything that is the same for all who ask.
#[derive(Debug)]
pub struct Kept {
    /// Every header but those of one request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its strong tag in this encoding.
    pub etag: HeaderValue,
    /// The tag without encoding.
    pub plain_tag: String,
    /// When what it shows last changed, as a header and as seconds.
    pub modified: Option<(HeaderValue, i64)>,
    /// What shared caches are told.
    pub cache_control: HeaderValue,
    /// The body in this encoding.
    pub body: Bytes,
    /// Where it is counted.
    pub counters: KeptCounters,
    tags: Box<[u64]>,
    seq: i64,
}

/// Headers of a kept answer; all others belong to one request.
const KEPT: [HeaderName; 9] = [
    header::CONTENT_TYPE,
    header::CONTENT_LANGUAGE,
    header::LINK,
    header::VARY,
    header::X_CONTENT_TYPE_OPTIONS,
    header::X_FRAME_OPTIONS,
    header::REFERRER_POLICY,
    header::CONTENT_SECURITY_POLICY,
    HeaderName::from_static("cross-origin-resource-policy"),
];

impl Kept {
    /// What a handler has answered; `None` without a tag, which no other request could be told apart by.
    #[must_use]
    pub fn of(
        headers: &HeaderMap,
        body: Bytes,
        keepable: &Keepable,
        counters: KeptCounters,
        hash: impl Fn(&str) -> u64,
    ) -> Option<Self> {
        let etag = headers.get(header::ETAG)?.clone();
        let plain_tag = etag.to_str().ok()?.to_owned();
        let fixed = headers
            .iter()
            .filter(|(name, _)| KEPT.contains(name) || name.as_str().parse::<TagHeader>().is_ok())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let modified = keepable.modified.and_then(|at| {
            let value = HeaderValue::from_str(&http_date(at)).ok()?;
            Some((value, at.timestamp()))
        });
        Some(Self {
            headers: fixed,
            etag,
            plain_tag,
            modified,
            cache_control: HeaderValue::from_static(keepable.cache_control),
            body,
            counters,
            tags: keepable.tags.iter().map(|tag| hash(tag)).collect(),
            seq: keepable.seq,
        })
    }

    /// What the store keeps finished about an article, as an answer at this address. Without its text it can only say
    /// that nothing has changed.
    #[must_use]
    pub fn finished(
        prepared: Prepared,
        address: &str,
        tag_headers: &TagHeaders,
        counters: KeptCounters,
        hash: impl Fn(&str) -> u64,
    ) -> Option<Self> {
        let plain_tag = tag_of(&prepared.stamp, address);
        let (seq, at) = prepared.head?;
        let body = match prepared.whole {
            Some(data) => finished::body(&data, address).ok()?,
            None => Vec::new(),
        };
        let mut headers = vec![
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (
                header::CONTENT_LANGUAGE,
                HeaderValue::from_str(prepared.locale.as_str()).ok()?,
            ),
            (header::VARY, HeaderValue::from_static(VARY)),
        ];
        headers.extend(tag_headers.of(&prepared.cache_tags));
        headers.extend(ALWAYS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        let mut tags: Vec<u64> = prepared.cache_tags.iter().map(|tag| hash(tag)).collect();
        if let Some(slug) = address
            .split('?')
            .next()
            .and_then(|path| path.split("/by-slug/").nth(1))
        {
            // Which of two languages a slug without one means may change without the article's own change.
            tags.push(hash(&slug_tag(ChangeType::Article.as_str(), slug)));
        }
        Some(Self {
            headers,
            etag: HeaderValue::from_str(&plain_tag).ok()?,
            plain_tag,
            modified: Some((HeaderValue::from_str(&http_date(at)).ok()?, at.timestamp())),
            cache_control: HeaderValue::from_static(CACHE_CONTROL),
            body: body.into(),
            counters,
            tags: tags.into(),
            seq,
        })
    }

    /// The same in another encoding.
    #[must_use]
    pub fn encoded(&self, body: Bytes, encoding: Encoding) -> Option<Self> {
        let tag = encoded_tag(&self.plain_tag, encoding.as_str())?;
        let mut headers = self.headers.clone();
        headers.push((
            header::CONTENT_ENCODING,
            HeaderValue::from_static(encoding.as_str()),
        ));
        Some(Self {
            headers,
            etag: HeaderValue::from_str(&tag).ok()?,
            plain_tag: self.plain_tag.clone(),
            modified: self.modified.clone(),
            cache_control: self.cache_control.clone(),
            body,
            counters: self.counters.clone(),
            tags: self.tags.clone(),
            seq: self.seq,
        })
    }

    /// Bytes that it takes, about.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let headers: usize = self.headers.iter().map(|(_, value)| value.len() + 96).sum();
        OVERHEAD + (self.body.len() + headers + self.tags.len() * 32) as u64
    }

    pub(super) fn tags(&self) -> &[u64] {
        &self.tags
    }

    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }
}
