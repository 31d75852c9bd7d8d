//! Answers of handlers: what is fresh, what was created, what is gone, and what caches may keep.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use masthead_domain::change::Head;
use masthead_domain::clock::Instant;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::cache::{self, Keepable};
use crate::error::ApiError;
use crate::service::Service;
use crate::tagging::TagHeaders;

/// What a handler answers.
pub type Answer<T> = Result<T, ApiError>;

/// An answer of management, ready to be sent or kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its status.
    pub status: StatusCode,
    /// Its headers, but for those that every answer has.
    pub headers: Vec<(HeaderName, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Rendered {
    fn json<T: Serialize>(
        status: StatusCode,
        body: &T,
        headers: [(HeaderName, Option<&String>); 2],
    ) -> Result<Self, serde_json::Error> {
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.clone())));
        let content_type = (header::CONTENT_TYPE, "application/json".to_owned());
        Ok(Self {
            status,
            headers: std::iter::once(content_type).chain(headers).collect(),
            body: serde_json::to_vec(body)?,
        })
    }
}

impl From<Rendered> for HttpResponse {
    fn from(rendered: Rendered) -> Self {
        let mut response = Self::with_body(rendered.status, BoxBody::new(rendered.body));
        for (name, value) in rendered.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// An answer that can be written down before it is sent.
pub trait Render {
    /// What will be sent.
    fn rendered(&self) -> Result<Rendered, serde_json::Error>;

    /// Sends it.
    fn sent(&self) -> HttpResponse {
        match self.rendered() {
            Ok(rendered) => rendered.into(),
            Err(error) => HttpResponse::from_error(ApiError::internal(error)),
        }
    }
}

/// 200 with the present state of one thing or a list.
pub struct Fresh<T> {
    body: T,
    etag: Option<String>,
    link: Option<String>,
}

impl<T> Fresh<T> {
    /// The state of something without revisions.
    pub fn new(body: T) -> Self {
        Self {
            body,
            etag: None,
            link: None,
        }
    }

    /// The state of one revision.
    pub fn revision(body: T, etag: String) -> Self {
        Self {
            body,
            etag: Some(etag),
            link: None,
        }
    }

    /// With a `Link` header.
    #[must_use]
    pub fn linked(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }
}

impl<T: Serialize> Render for Fresh<T> {
    fn rendered(&self) -> Result<Rendered, serde_json::Error> {
        let headers = [
            (header::ETAG, self.etag.as_ref()),
            (header::LINK, self.link.as_ref()),
        ];
        Rendered::json(StatusCode::OK, &self.body, headers)
    }
}

impl<T: Serialize> Responder for Fresh<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.sent()
    }
}

/// 201 with a new thing.
pub struct Created<T> {
    body: T,
    etag: String,
    location: String,
}

impl<T> Created<T> {
    /// A new thing at its address.
    pub fn new(body: T, etag: String, location: String) -> Self {
        Self { body, etag, location }
    }
}

impl<T: Serialize> Render for Created<T> {
    fn rendered(&self) -> Result<Rendered, serde_json::Error> {
        let headers = [
            (header::ETAG, Some(&self.etag)),
            (header::LOCATION, Some(&self.location)),
        ];
        Rendered::json(StatusCode::CREATED, &self.body, headers)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.sent()
    }
}

/// Either a new thing or the new state of one that was there.
pub enum Put<T> {
    /// It is new.
    Created(Created<T>),
    /// It was there.
    Replaced(Fresh<T>),
}

impl<T: Serialize> Responder for Put<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Created(created) => created.respond_to(request),
            Self::Replaced(fresh) => fresh.respond_to(request),
        }
    }
}

/// 204: it is gone.
pub struct Gone;

impl Responder for Gone {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// 202: it will be done.
pub struct Accepted;

impl Render for Accepted {
    fn rendered(&self) -> Result<Rendered, serde_json::Error> {
        Ok(Rendered {
            status: StatusCode::ACCEPTED,
            headers: Vec::new(),
            body: Vec::new(),
        })
    }
}

impl Responder for Accepted {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.sent()
    }
}

/// What caches may keep.
enum PublicBody<T> {
    /// To be written as JSON.
    Json(T),
    /// Written already, with its whole `Content-Type`.
    Bytes(&'static str, Vec<u8>),
}

impl<T: Serialize> PublicBody<T> {
    fn written(self) -> Result<(&'static str, Vec<u8>), ApiError> {
        match self {
            Self::Json(body) => {
                let bytes = serde_json::to_vec(&body).map_err(ApiError::internal)?;
                Ok(("application/json", bytes))
            }
            Self::Bytes(content_type, bytes) => Ok((content_type, bytes)),
        }
    }
}

/// 200 that caches may keep, or 304 for a client that holds it already.
pub struct Public<T> {
    body: PublicBody<T>,
    head: Head,
    cache_tags: Vec<String>,
    found_by: Vec<String>,
    counts: bool,
    link: Option<String>,
    locale: Option<String>,
    cache_control: &'static str,
    location: Option<String>,
    turned: Option<Instant>,
    etag: Option<String>,
}

impl<T> Public<T> {
    /// What readers see as of this state of the change log; `cache_tags` name everything it shows.
    pub fn new(body: T, head: Head, cache_tags: Vec<String>) -> Self {
        Self::made(PublicBody::Json(body), head, cache_tags)
    }

    /// The same in another form than JSON, with its whole `Content-Type`.
    #[must_use]
    pub fn bytes(content_type: &'static str, bytes: Vec<u8>, head: Head, cache_tags: Vec<String>) -> Self {
        Self::made(PublicBody::Bytes(content_type, bytes), head, cache_tags)
    }

    fn made(body: PublicBody<T>, head: Head, cache_tags: Vec<String>) -> Self {
        Self {
            body,
            head,
            cache_tags,
            found_by: Vec::new(),
            counts: true,
            link: None,
            locale: None,
            cache_control: CACHE_CONTROL,
            location: None,
            turned: None,
            etag: None,
        }
    }

    /// 308: what was asked for has another address now.
    #[must_use]
    pub fn moved(location: String, head: Head, cache_tags: Vec<String>) -> Self {
        Self {
            location: Some(location),
            ..Self::bytes("", Vec::new(), head, cache_tags)
        }
    }

    /// It shows tags and authors without how many articles carry them: other articles with the same ones come and go,
    /// and this answer stays kept.
    #[must_use]
    pub fn without_counts(mut self) -> Self {
        self.counts = false;
        self
    }

    /// Caches ask each time whether it is still the same.
    #[must_use]
    pub fn asked_every_time(mut self) -> Self {
        self.cache_control = "public, no-cache";
        self
    }

    /// What it shows changes with the clock, too, and did so last at this moment: no entry of the change log would
    /// make a kept answer forgotten.
    #[must_use]
    pub fn turned(mut self, at: Instant) -> Self {
        self.turned = Some(at);
        self
    }

    /// With a strong tag that is known already: other bytes have another.
    #[must_use]
    pub fn tagged(mut self, etag: String) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Found by a name that another thing may hold tomorrow: the tag of that name.
    #[must_use]
    pub fn found_by(mut self, tag: String) -> Self {
        self.found_by.push(tag);
        self
    }

    /// With a `Link` header.
    #[must_use]
    pub fn linked(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }

    /// With a `Content-Language` header.
    #[must_use]
    pub fn in_locale(mut self, locale: String) -> Self {
        self.locale = Some(locale);
        self
    }
}

/// How long a shared cache keeps an answer, and for how long it may serve it while it asks again.
pub const CACHE_CONTROL: &str = "public, max-age=0, s-maxage=60, stale-while-revalidate=600";
/// What an answer depends on beside its address.
pub const VARY: &str = "Accept, Accept-Encoding";
/// What a credential opens is nobody else's.
pub const PRIVATE: &str = "private, no-store";

impl<T: Serialize> Responder for Public<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        if let Some(location) = self.location {
            return redirect(request, &location, &self.cache_tags);
        }
        let (content_type, bytes) = match self.body.written() {
            Ok(written) => written,
            Err(error) => return HttpResponse::from_error(error),
        };
        let etag = self.etag.unwrap_or_else(|| entity_tag(&bytes));
        let modified = self.head.map(|(_, at)| at).max(self.turned);
        let settled = settled(request, modified);
        let held = holds(request.headers(), &etag, settled.map(|at| at.timestamp()));
        let mut response = match &held {
            Held::No => HttpResponse::Ok().content_type(content_type).body(bytes),
            Held::Yes | Held::Named(_) => HttpResponse::new(StatusCode::NOT_MODIFIED),
        };
        // A client that holds a compressed form named it so; it gets its own name back.
        let etag = if let Held::Named(name) = held { name } else { etag };
        let open = request.headers().get(header::AUTHORIZATION).is_none();
        let headers = [
            (header::ETAG, Some(etag)),
            (header::LAST_MODIFIED, settled.map(http_date)),
            (
                header::CACHE_CONTROL,
                Some(if open { self.cache_control } else { PRIVATE }.to_owned()),
            ),
            (header::VARY, Some(VARY.to_owned())),
            (header::LINK, self.link),
            (header::CONTENT_LANGUAGE, self.locale),
        ];
        for (name, value) in headers {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        for (name, value) in tag_headers(request).of(&self.cache_tags) {
            response.headers_mut().insert(name, value);
        }
        if self.turned.is_none() {
            let mut tags = self.cache_tags;
            if self.counts {
                let carried = tags.iter().filter(|tag| cache::is_carried(tag));
                let counted: Vec<_> = carried.map(|tag| cache::count_tag(tag)).collect();
                tags.extend(counted);
            }
            tags.extend(self.found_by);
            response.extensions_mut().insert(Keepable {
                seq: self.head.map_or(0, |(seq, _)| seq),
                tags,
                modified,
                cache_control: self.cache_control,
            });
        }
        response
    }
}

/// What caches may do with an answer that is no page: a redirect, or that something is gone.
pub fn keep_briefly(request: &HttpRequest, cache_tags: &[String], headers: &mut HeaderMap) {
    let open = request.headers().get(header::AUTHORIZATION).is_none();
    let control = if open { CACHE_CONTROL } else { PRIVATE };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    for (name, value) in tag_headers(request).of(cache_tags) {
        headers.insert(name, value);
    }
}

/// The headers with tags that are set.
fn tag_headers(request: &HttpRequest) -> TagHeaders {
    let service = request.app_data::<Data<Service>>();
    service.map_or_else(TagHeaders::default, |service| {
        service.options().tag_headers.clone()
    })
}

fn redirect(request: &HttpRequest, location: &str, cache_tags: &[String]) -> HttpResponse {
    let mut response = HttpResponse::PermanentRedirect();
    let mut response = response.insert_header((header::LOCATION, location)).finish();
    keep_briefly(request, cache_tags, response.headers_mut());
    response
}

/// A strong tag of these bytes.
#[must_use]
pub fn entity_tag(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let digest = Sha256::digest(bytes);
    format!(
        "\"{}\"",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..15])
    )
}

/// Encodings whose names may stand at the end of a tag.
const ENCODINGS: [&str; 3] = ["br", "gzip", "zstd"];

/// The tag of the same bytes in another encoding, which are other bytes.
#[must_use]
pub fn encoded_tag(tag: &str, encoding: &str) -> Option<String> {
    let plain = tag.strip_suffix('"')?;
    ENCODINGS
        .contains(&encoding)
        .then(|| format!("{plain}-{encoding}\""))
}

/// What a client holds of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing, or other bytes.
    No,
    /// These bytes.
    Yes,
    /// These bytes, under this name.
    Named(String),
}

/// Whether the client holds these bytes already; `modified` in whole seconds, where that can tell.
#[must_use]
pub fn holds(headers: &HeaderMap, etag: &str, modified: Option<i64>) -> Held {
    let mut named = headers.get_all(header::IF_NONE_MATCH).peekable();
    if named.peek().is_some() {
        let tags = named
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','));
        let known = tags
            .map(str::trim)
            .map(|tag| holds_tag(tag, etag))
            .find(|held| *held != Held::No);
        return known.unwrap_or(Held::No);
    }
    let since = headers
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<header::HttpDate>().ok())
        .and_then(|date| SystemTime::from(date).duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    match modified.zip(since) {
        Some((modified, since)) if modified <= since => Held::Yes,
        _ => Held::No,
    }
}

fn holds_tag(tag: &str, etag: &str) -> Held {
    if tag == "*" {
        return Held::Yes;
    }
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let rest = strong
        .strip_prefix(etag.trim_end_matches('"'))
        .and_then(|rest| rest.strip_suffix('"'));
    match rest {
        Some("") => Held::Named(strong.to_owned()),
        Some(rest)
            if rest
                .strip_prefix('-')
                .is_some_and(|name| ENCODINGS.contains(&name)) =>
        {
            Held::Named(strong.to_owned())
        }
        _ => Held::No,
    }
}

/// A time in whole seconds tells two changes of one second apart only once that second is over.
fn settled(request: &HttpRequest, modified: Option<Instant>) -> Option<Instant> {
    let now = request.app_data::<Data<Service>>()?.now();
    modified.filter(|at| now.timestamp() > at.timestamp())
}

/// A moment as headers write it.
#[must_use]
pub fn http_date(at: Instant) -> String {
    header::HttpDate::from(SystemTime::from(at)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn held(tag: &str) -> Held {
        let request = TestRequest::default()
            .insert_header((header::IF_NONE_MATCH, tag))
            .to_http_request();
        holds(request.headers(), "\"abc\"", None)
    }

    #[test]
    fn a_client_knows_an_answer_by_any_of_its_forms() {
        for tag in ["\"abc\"", "\"abc-gzip\"", "W/\"abc-br\"", "\"x\", \"abc-zstd\""] {
            assert!(matches!(held(tag), Held::Named(_)), "{tag}");
        }
        assert_eq!(held("\"abc-br\""), Held::Named("\"abc-br\"".to_owned()));
        assert_eq!(held("*"), Held::Yes);
        for tag in ["\"abcd\"", "\"abc-xz\"", "abc", "\"ab\"", ""] {
            assert_eq!(held(tag), Held::No, "{tag}");
        }
    }

    #[test]
    fn other_bytes_have_another_tag() {
        assert_ne!(entity_tag(b"a"), entity_tag(b"b"));
        assert_eq!(encoded_tag("\"abc\"", "br").as_deref(), Some("\"abc-br\""));
        assert_eq!(encoded_tag("\"abc\"", "identity"), None);
    }
}
