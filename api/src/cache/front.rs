//! The outermost layer: gives kept answers at once, lets the first who asks compute a new one, and keeps it.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{Service as ActixService, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpResponse};
use masthead_domain::prepared::Named;

use super::encode::{self, Encoding};
use super::lull::Lull;
use super::{Answers, Asked, Keepable, Kept, Turn};
use crate::answer::{self, Held, PRIVATE};
use crate::cross_origin::CrossOrigin;
use crate::finished;
use crate::metrics::KeptCounters;
use crate::service::Service;
use crate::{gate, observe, system};

/// Addresses that are never kept: what they answer is the log itself, or belongs to one credential.
const PASSED: [&str; 2] = ["/delivery/v1/changes", "/delivery/v1/events"];
/// How often one request waits for another's answer before it computes its own.
const WAITS: usize = 3;
/// Bytes in an address that is kept.
const ADDRESS_LIMIT: usize = 2_048;
/// Headers of a request that decide how a kept answer is given.
const ASKED: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::ORIGIN,
    observe::REQUEST_ID,
];

/// Wraps the whole application.
#[derive(Clone)]
pub struct Front {
    service: Service,
    cross_origin: Arc<CrossOrigin>,
    finished: Arc<[KeptCounters; 2]>,
}

impl Front {
    /// Answers from what the service keeps.
    #[must_use]
    pub fn new(service: Service, cross_origin: Arc<CrossOrigin>) -> Self {
        Self {
            finished: Arc::new(service.metrics().finished()),
            service,
            cross_origin,
        }
    }

    fn answers(&self) -> &Arc<Answers> {
        self.service.answers()
    }

    /// Whether an answer to this request may be a kept one, and in which form.
    fn form(&self, request: &ServiceRequest) -> Option<u8> {
        let path = request.path();
        let readable = matches!(*request.method(), Method::GET | Method::HEAD)
            && path.starts_with("/delivery/v1/")
            && !PASSED.contains(&path)
            && !about_the_past(request.query_string());
        let headers = request.headers();
        let plain =
            !headers.contains_key(header::CONTENT_LENGTH) && !headers.contains_key(header::TRANSFER_ENCODING);
        let options = self.service.options();
        let open = !options.delivery_requires_key;
        if !(readable && plain && open) || gate::within_limits(request.request()).is_err() {
            return None;
        }
        gate::form(path, headers)
    }

    /// The answer to this request from what is kept: whole, or only that the client has it already.
    fn give(&self, kept: &Kept, asked: &HeaderMap, id: HeaderValue) -> HttpResponse {
        let now = self.service.now().timestamp();
        let modified = kept.modified.as_ref().filter(|(_, at)| now > *at);
        let held = answer::holds(asked, &kept.plain_tag, modified.map(|(_, at)| *at));
        let (mut response, tag) = match held {
            Held::No => {
                let response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(kept.body.clone()));
                (response, kept.etag.clone())
            }
            Held::Yes => (HttpResponse::new(StatusCode::NOT_MODIFIED), kept.etag.clone()),
            // A client that holds another encoding named it so; it gets its own name back.
            Held::Named(name) => {
                let name = HeaderValue::from_str(&name).unwrap_or_else(|_| kept.etag.clone());
                (HttpResponse::new(StatusCode::NOT_MODIFIED), name)
            }
        };
        let whole = response.status() == StatusCode::OK;
        let headers = response.headers_mut();
        for (name, value) in &kept.headers {
            if whole || !matches!(*name, header::CONTENT_TYPE | header::CONTENT_ENCODING) {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.insert(header::ETAG, tag);
        if let Some((value, _)) = modified {
            headers.insert(header::LAST_MODIFIED, value.clone());
        }
        let cache_control = if asked.contains_key(header::AUTHORIZATION) {
            HeaderValue::from_static(PRIVATE)
        } else {
            kept.cache_control.clone()
        };
        headers.insert(header::CACHE_CONTROL, cache_control);
        if let Some(origin) = asked.get(header::ORIGIN) {
            self.cross_origin.allow(origin, headers);
        }
        headers.insert(observe::REQUEST_ID, id);
        if self.service.options().has_tls {
            let (name, value) = observe::HSTS;
            headers.insert(name, value);
        }
        response
    }

    /// What is asked for, where the store may keep the answer finished.
    fn named(&self, request: &ServiceRequest, form: u8) -> Option<Named> {
        let default = &self.service.options().default_locale;
        (form == 0)
            .then(|| finished::named(request.path(), request.query_string(), default))
            .flatten()
    }

    /// The answer that the store keeps finished, without its text where the client has that already.
    async fn finished(&self, named: Named, address: &str, asked: &HeaderMap) -> Option<Kept> {
        let answers = self.answers();
        let tag_headers = &self.service.options().tag_headers;
        let counters = || match named {
            Named::Id(_) => self.service.metrics().kept("get_article"),
            Named::Slug(..) => self.service.metrics().kept("get_article_by_slug"),
        };
        if asked.contains_key(header::IF_NONE_MATCH) {
            let known = self.service.prepared(named.clone(), false).await.ok()??;
            let tag = finished::tag_of(&known.stamp, address);
            if answer::holds(asked, &tag, None) != Held::No {
                return Kept::finished(known, address, tag_headers, counters(), |_| 0);
            }
        }
        let whole = self.service.prepared(named.clone(), true).await.ok()??;
        Kept::finished(whole, address, tag_headers, counters(), |tag| answers.tag(tag))
    }

    /// The body in the encoding that is asked for: made once, then kept too.
    fn encoded(&self, asked: Asked<'_>, plain: Arc<Kept>) -> Arc<Kept> {
        if asked.encoding == Encoding::Identity || plain.body.len() < encode::SMALLEST {
            return plain;
        }
        let Some(made) = asked
            .encoding
            .encode(&plain.body)
            .ok()
            .and_then(|body| plain.encoded(body, asked.encoding))
        else {
            return plain;
        };
        let made = Arc::new(made);
        self.answers().keep(asked, &made);
        made
    }
}

impl<S, B> Transform<S, ServiceRequest> for Front
where
    S: ActixService<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = FrontService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(FrontService {
            front: self.clone(),
            inner: Rc::new(inner),
            lull: Lull::of_this_worker(),
        }))
    }
}

/// The layer over one worker's application.
pub struct FrontService<S> {
    front: Front,
    inner: Rc<S>,
    lull: Lull,
}

/// An answer that is there, or one to wait for.
type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

impl<S, B> ActixService<ServiceRequest> for FrontService<S>
where
    S: ActixService<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = futures_util::future::Either<Ready<Result<Self::Response, Error>>, Answering>;

    actix_web::dev::forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        use futures_util::future::Either;
        let begun = system::stopwatch();
        let Some(form) = self.front.form(&request) else {
            return Either::Right(Box::pin(pass(Rc::clone(&self.inner), request)));
        };
        let encoding = Encoding::asked(request.headers());
        let asked = Asked {
            form,
            encoding,
            address: address(&request),
        };
        if asked.address.len() > ADDRESS_LIMIT {
            return Either::Right(Box::pin(pass(Rc::clone(&self.inner), request)));
        }
        let answers = self.front.answers();
        if let Some(kept) = answers.get(asked, begun) {
            let id = observe::request_id(request.headers());
            let response = self.front.give(&kept, request.headers(), id);
            kept.counters.count(response.status(), begun.elapsed());
            observe::log_kept(&request, &response, begun);
            self.lull.after_answer();
            return Either::Left(ready(Ok(request.into_response(response))));
        }
        let named = self.front.named(&request, form);
        if !answers.is_on() && named.is_none() {
            return Either::Right(Box::pin(pass(Rc::clone(&self.inner), request)));
        }
        Either::Right(Box::pin(missed(
            self.front.clone(),
            Rc::clone(&self.inner),
            request,
            (form, encoding),
            named,
            begun,
        )))
    }
}

/// Whether a query may name the parameter `as_of`, however it is written: what that answers belongs to one credential.
fn about_the_past(query: &str) -> bool {
    let named = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        name == "as_of" || percent_encoding::percent_decode_str(name).eq(*b"as_of")
    };
    !query.is_empty() && query.split('&').any(named)
}

/// Path and query as they were sent.
fn address(request: &ServiceRequest) -> &str {
    request
        .uri()
        .path_and_query()
        .map_or_else(|| request.uri().path(), |address| address.as_str())
}

/// What is none of the cache's business.
async fn pass<S, B>(inner: Rc<S>, request: ServiceRequest) -> Result<ServiceResponse<BoxBody>, Error>
where
    S: ActixService<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    Ok(inner.call(request).await?.map_into_boxed_body())
}

/// An answer that is not kept: computed by the first who asks, for all who ask meanwhile.
async fn missed<S, B>(
    front: Front,
    inner: Rc<S>,
    mut request: ServiceRequest,
    (form, encoding): (u8, Encoding),
    named: Option<Named>,
    begun: std::time::Instant,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    S: ActixService<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let address = address(&request).to_owned();
    let asked = Asked {
        form,
        encoding,
        address: &address,
    };
    let plain = asked.encoded(Encoding::Identity);
    let answers = front.answers();
    let conditional = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
        .iter()
        .any(|name| request.headers().contains_key(name));
    let mut flight = None;
    for _ in 0..if answers.is_on() { WAITS } else { 0 } {
        let now = system::stopwatch();
        let found = answers
            .get(asked, now)
            .or_else(|| answers.get(plain, now).map(|plain| front.encoded(asked, plain)));
        if let Some(kept) = found {
            let id = observe::request_id(request.headers());
            let response = front.give(&kept, request.headers(), id);
            kept.counters.count(response.status(), begun.elapsed());
            return Ok(request.into_response(response));
        }
        if conditional {
            // What the client has may be told from less than the whole answer, so nobody computes it for others.
            break;
        }
        match answers.turn(plain) {
            Turn::Mine(mine) => {
                flight = Some(mine);
                break;
            }
            Turn::Theirs(mut theirs) => {
                // The sender never says a word: it goes when the answer is there.
                let _ = tokio::time::timeout(front.service.options().request_timeout, theirs.changed()).await;
            }
        }
    }
    if let Some(named) = named {
        let counters = &front.finished[usize::from(matches!(named, Named::Slug(..)))];
        if let Some(found) = front.finished(named, &address, request.headers()).await {
            let found = Arc::new(found);
            let kept = if found.body.is_empty() {
                found
            } else {
                answers.keep(plain, &found);
                drop(flight);
                front.encoded(asked, found)
            };
            let id = observe::request_id(request.headers());
            let response = front.give(&kept, request.headers(), id);
            counters.count(response.status(), begun.elapsed());
            observe::log_kept(&request, &response, begun);
            return Ok(request.into_response(response));
        }
        if !answers.is_on() {
            return pass(inner, request).await;
        }
    }
    let mut wanted = HeaderMap::new();
    for name in ASKED {
        for value in request.headers().get_all(&name) {
            wanted.append(name.clone(), value.clone());
        }
    }
    // Bodies are kept as they are, and encoded here.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let response = inner.call(request).await?.map_into_boxed_body();
    let keepable = response.response().extensions().get::<Keepable>().cloned();
    let Some(keepable) = keepable.filter(|_| response.status() == StatusCode::OK) else {
        drop(flight);
        return Ok(response);
    };
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = body::to_bytes(body)
        .await
        .map_err(|error| actix_web::error::ErrorInternalServerError(error.to_string()))?;
    let counters = front
        .service
        .metrics()
        .kept(observe::operation(&Method::GET, request.path()));
    let Some(kept) = Kept::of(response.headers(), body.clone(), &keepable, counters, |tag| {
        answers.tag(tag)
    }) else {
        drop(flight);
        return Ok(ServiceResponse::new(
            request,
            response.set_body(BoxBody::new(body)),
        ));
    };
    let kept = Arc::new(kept);
    answers.keep(plain, &kept);
    drop(flight);
    let kept = front.encoded(asked, kept);
    let id = response
        .headers()
        .get(observe::REQUEST_ID)
        .cloned()
        .unwrap_or_else(|| observe::request_id(&wanted));
    Ok(ServiceResponse::new(request, front.give(&kept, &wanted, id)))
}
