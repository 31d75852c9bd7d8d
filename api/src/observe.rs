//! The outermost layer: the request's id, what every answer carries, problems in their final form, one log line.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use masthead_openapi::problem::{Problem, ProblemCode};

use crate::answer::keep_briefly;
use crate::contract::{Found, contract};
use crate::limits;
use crate::service::Service;
use crate::system;

/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What crawlers are told of a preview.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// What every answer carries, unless its handler says otherwise.
pub const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
];

/// For a year, this host is asked over TLS alone: what answers that come so say (RFC 6797).
pub const HSTS: (HeaderName, HeaderValue) = (
    header::STRICT_TRANSPORT_SECURITY,
    HeaderValue::from_static("max-age=31536000"),
);

/// Wraps everything else.
pub async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let started = system::stopwatch();
    let id = request_id(request.headers());
    let text = id.to_str().unwrap_or_default().to_owned();
    let trace = trace_id(request.headers());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let operation = operation(&method, &path);
    let service = request
        .app_data::<Data<Service>>()
        .map(|service| service.as_ref().clone());
    if !matches!(method, Method::GET | Method::HEAD) {
        request.extensions_mut().insert(RequestId(text.clone()));
    }
    if method == Method::HEAD {
        // Answered like GET; the server leaves the body out.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadersOnly);
    }
    // Handlers and the layers within make answers of their errors; what is left is the framework's.
    let answered = next.call(request).await?.map_into_left_body();
    let mut response = settle(answered, &text, &method, &path);
    add_headers(response.headers_mut(), id, &path);
    if service.as_ref().is_some_and(|service| service.options().has_tls) {
        let (name, value) = HSTS;
        response.headers_mut().insert(name, value);
    }
    if let Some(service) = service {
        service
            .metrics()
            .made(operation, response.status(), started.elapsed());
    }
    log(
        &response,
        &method,
        &path,
        &text,
        trace.as_deref(),
        started.elapsed(),
    );
    Ok(response)
}

/// Marks a request that was made with `HEAD`.
struct HeadersOnly;

/// The id of a request that may change something.
pub struct RequestId(pub String);

/// Whether no body will be sent, so that one without an end is not begun.
#[must_use]
pub fn wants_headers_only(request: &HttpRequest) -> bool {
    request.extensions().get::<HeadersOnly>().is_some()
}

/// The caller's id if it is sane, else one of our own.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> HeaderValue {
    let sane = |id: &&HeaderValue| {
        (8..=128).contains(&id.len())
            && id
                .as_bytes()
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    headers.get(REQUEST_ID).filter(sane).cloned().unwrap_or_else(|| {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let text = system::request_id().hyphenated().encode_lower(&mut text);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}

/// The trace a request belongs to (W3C trace context), for the log.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| {
        text.len() == length
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let sound = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let known = trace.bytes().any(|b| b != b'0') && span.bytes().any(|b| b != b'0');
    (sound && known).then(|| trace.to_owned())
}

/// What an address is called in the metrics; one word for all that are no part of the contract.
#[must_use]
pub fn operation(method: &Method, path: &str) -> &'static str {
    let method = if *method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    match contract().find(method, path) {
        Found::Operation(operation) => &operation.id,
        _ => "none",
    }
}

/// Gives every error the form of a problem, the framework's own included.
fn settle<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B, BoxBody>>,
    id: &str,
    method: &Method,
    path: &str,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let status = response.status();
    let ours = response.response().extensions().get::<Box<Problem>>().cloned();
    let problem = match ours {
        Some(problem) => *problem,
        None if status.is_client_error() || status.is_server_error() => of_framework(status, method, path),
        None => return response,
    };
    let problem = Problem {
        request_id: id.to_owned(),
        ..problem
    };
    let (request, old) = response.into_parts();
    let status = StatusCode::from_u16(problem.status).unwrap_or(status);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut new = HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body);
    for name in [
        header::ALLOW,
        header::RETRY_AFTER,
        limits::POLICY,
        limits::STATE,
        header::WWW_AUTHENTICATE,
        header::VARY,
    ] {
        for value in old.headers().get_all(&name) {
            new.headers_mut().append(name.clone(), value.clone());
        }
    }
    for (name, value) in old
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
    {
        new.headers_mut().append(name.clone(), value.clone());
    }
    new.headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !problem.cache_tags.is_empty() {
        keep_briefly(&request, &problem.cache_tags, new.headers_mut());
    }
    ServiceResponse::new(request, new).map_into_right_body()
}

/// What the framework says only with a status.
fn of_framework(status: StatusCode, method: &Method, path: &str) -> Problem {
    use ProblemCode as C;
    let code = match status.as_u16() {
        404 => C::NotFound,
        405 => C::MethodNotAllowed,
        406 => C::NotAcceptable,
        408 => C::RequestTimeout,
        413 => C::BodyTooLarge,
        414 => C::UriTooLong,
        415 => C::UnsupportedMediaType,
        429 => C::TooManyRequests,
        431 => C::HeadersTooLarge,
        503 => C::Unavailable,
        code if code < 500 => C::MalformedRequest,
        _ => C::InternalError,
    };
    if code == C::InternalError {
        tracing::error!(%status, %method, path, "the framework failed");
    }
    Problem::new(code, code.advice())
}

/// The methods that an address takes, for `Allow`.
#[must_use]
pub fn allowed(path: &str) -> Option<String> {
    let Found::OtherMethods(mut methods) = contract().find(&Method::TRACE, path) else {
        return None;
    };
    if methods.contains(&Method::GET) {
        methods.push(Method::HEAD);
    }
    let mut names: Vec<_> = methods.iter().map(Method::as_str).collect();
    names.sort_unstable();
    Some(names.join(", "))
}

fn add_headers(headers: &mut HeaderMap, id: HeaderValue, path: &str) {
    headers.insert(REQUEST_ID, id);
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if path.starts_with("/management/") {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
    } else if path.starts_with("/preview/") {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    } else {
        let mut always = |name: HeaderName, value: &'static str| {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        };
        always(header::CACHE_CONTROL, "no-store");
    }
}

/// One line for an answer that was kept: there are many, and each says the same.
pub fn log_kept(request: &ServiceRequest, response: &HttpResponse, begun: std::time::Instant) {
    tracing::debug!(
        target: "masthead::request",
        method = %request.method(),
        path = request.path(),
        status = response.status().as_u16(),
        ms = begun.elapsed().as_secs_f64() * 1e3,
        request_id = ?response.headers().get(REQUEST_ID),
        "kept"
    );
}

fn log<B>(
    response: &ServiceResponse<B>,
    method: &Method,
    path: &str,
    id: &str,
    trace: Option<&str>,
    took: std::time::Duration,
) {
    let status = response.status().as_u16();
    let ms = took.as_secs_f64() * 1e3;
    // The query is left out: people put secrets there.
    let trace = trace.unwrap_or_default();
    if status >= 500 {
        tracing::error!(target: "masthead::request", %method, path, status, ms = format!("{ms:.1}"), request_id = id, trace);
    } else {
        tracing::info!(target: "masthead::request", %method, path, status, ms = format!("{ms:.1}"), request_id = id, trace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_another_replaced() {
        let with = |id: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_static(id));
            request_id(&headers).to_str().unwrap().to_owned()
        };
        assert_eq!(with("abc-123_x.y"), "abc-123_x.y");
        for wild in [
            "",
            "short",
            "with space in it",
            "quote\"quote\"",
            "<script>alert(1)</script>",
        ] {
            assert_ne!(with(wild), wild);
        }
    }

    #[test]
    fn only_a_sound_trace_is_taken_up() {
        let with = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                HeaderName::from_static("traceparent"),
                HeaderValue::from_static(text),
            );
            trace_id(&headers)
        };
        let sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(with(sound).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for wrong in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(with(wrong), None, "{wrong}");
        }
    }
}
