//! Several operations in one request: all or nothing, or each for itself.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest, post};
use masthead_openapi::document::Surface;
use masthead_openapi::management::{Batch, BatchMethod, BatchOperation, BatchResponse, BatchResult};
use masthead_openapi::problem::{Problem, ProblemCode, ProblemError};
use serde_json::Value;

use crate::answer::{Answer, Fresh};
use crate::contract::{Found, contract};
use crate::error::{ApiError, validation};
use crate::extract::{Body, Caller};
use crate::inner::{self, Inner};
use crate::observe::{REQUEST_ID, RequestId};
use crate::service::Service;
use crate::{auth, joint, limits, once, system};

/// What operations of a batch begin with; accounts, keys, sessions and whatever shows a secret once are not among it.
const ROOMS: [&str; 10] = [
    "articles",
    "authors",
    "faqs",
    "notes",
    "proposals",
    "redirects",
    "releases",
    "settings",
    "tags",
    "trash",
];
/// Bytes in the bodies of all results together.
const BODIES: usize = 8 << 20;

/// Do many things at once
///
/// Up to 100 operations, in their order, each with the address, precondition and body that it would be sent with alone,
/// and each decided on as if it were. `atomic: true`: in one transaction, so that all of them are done and seen at once,
/// or none; the problem of the first that is refused is the answer, with its place as `operation` and in every pointer.
/// `atomic: false`: each for itself, with a result each. A thing that is made by `PUT` with an id of your choosing can be
/// named by the operations after it, with `If-Match: *` where nobody else can have touched it.
#[utoipa::path(
    operation_id = "run_batch",
    tag = "Batch",
    request_body = Batch,
    responses((status = 200, description = "What became of each operation.", body = BatchResponse)),
    extensions(("x-problems" = json!([
        "not_found", "already_exists", "slug_taken", "in_use", "illegal_transition", "limit_reached", "stale_revision",
        "precondition_required", "invalid_header", "invalid_parameter", "conflicting_operations", "preflight_failed",
        "too_many_requests"
    ])))
)]
#[post("/batch")]
pub async fn run_batch(
    service: Service,
    Caller(actor): Caller,
    request: HttpRequest,
    Body(batch): Body<Batch>,
) -> Answer<Fresh<BatchResponse>> {
    let parts = read(&request, batch.operations)?;
    limits::of_batch(&service, &request, parts.len()).await?;
    let inner = request
        .app_data::<Inner>()
        .ok_or_else(|| ApiError::internal("there is no inner application"))?;
    if batch.atomic.unwrap_or(true) {
        let done = joint::run(
            &service,
            || once::apart(in_turn(inner, &parts)),
            |results: &Results| once::kept(&results.answer(true)),
        );
        let done = tokio::time::timeout(service.options().request_timeout, done).await;
        let late = |_| {
            let detail = "This took too long. Look whether it was done before you try again.";
            ApiError::new(ProblemCode::Unavailable, detail)
        };
        return match done.map_err(late)?? {
            Ok(results) => Ok(results.answer(true)),
            Err(results) => Err(results.refusal()),
        };
    }
    let results = each_for_itself(&service, inner, &parts).await?;
    if !once::is_asked() {
        return Ok(results.answer(false));
    }
    let answer = move |results: Results| results.answer(false);
    service.answer(actor, move |_| Ok(results.clone()), answer).await
}

/// Sends the operations one after the other, whatever becomes of them. Those that there is no time for are not begun.
async fn each_for_itself(service: &Service, inner: &Inner, parts: &[Part]) -> Result<Results, ApiError> {
    let begun = system::stopwatch();
    let mut results = Results::default();
    for (number, part) in parts.iter().enumerate() {
        if begun.elapsed() > service.options().request_timeout {
            results.not_begun();
            continue;
        }
        let key = once::key_of_part(number);
        results.add(once::apart(inner.send(part.asked(key.as_deref()))).await?);
    }
    Ok(results)
}

/// Sends the operations until one is refused.
async fn in_turn(inner: &Inner, parts: &[Part]) -> Result<Results, Results> {
    let mut results = Results::default();
    for part in parts {
        match inner.send(part.asked(None)).await {
            Ok(answer) => results.add(answer),
            Err(error) => {
                results.broken = Some(error.0);
                return Err(results);
            }
        }
        if results.all.last().is_some_and(|last| last.status >= 400) {
            return Err(results);
        }
    }
    Ok(results)
}

/// An operation that may be sent.
struct Part {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    peer: Option<std::net::SocketAddr>,
}

impl Part {
    fn asked(&self, key: Option<&str>) -> inner::Asked {
        let mut headers = self.headers.clone();
        if let Some(key) = key.filter(|_| self.method == Method::POST)
            && let Ok(key) = HeaderValue::from_str(key)
        {
            headers.insert(HeaderName::from_static(once::KEY), key);
        }
        inner::Asked {
            method: self.method.clone(),
            uri: self.uri.clone(),
            headers,
            body: self.body.clone(),
            peer: self.peer,
        }
    }
}

/// Everything that is wrong with the operations before any is sent.
fn read(request: &HttpRequest, operations: Vec<BatchOperation>) -> Result<Vec<Part>, ApiError> {
    let mut errors = Vec::new();
    let mut parts = Vec::with_capacity(operations.len());
    for (index, operation) in operations.into_iter().enumerate() {
        match part(request, operation) {
            Ok(part) => parts.push(part),
            Err((field, code, message)) => {
                errors.push(ProblemError::at(
                    format!("/operations/{index}/{field}"),
                    code,
                    message,
                ));
            }
        }
    }
    if errors.is_empty() {
        return Ok(parts);
    }
    Err(validation(errors))
}

type Wrong = (&'static str, &'static str, String);

fn part(request: &HttpRequest, operation: BatchOperation) -> Result<Part, Wrong> {
    let method = match operation.method {
        BatchMethod::Post => Method::POST,
        BatchMethod::Put => Method::PUT,
        BatchMethod::Patch => Method::PATCH,
        BatchMethod::Delete => Method::DELETE,
    };
    let uri = address(&method, &operation.path)?;
    let mut headers = HeaderMap::new();
    let from = HeaderName::from_static(auth::FORWARDED_FOR);
    for name in [header::AUTHORIZATION, header::USER_AGENT, from] {
        for value in request.headers().get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if let Some(id) = request.extensions().get::<RequestId>()
        && let Ok(id) = HeaderValue::from_str(&id.0)
    {
        headers.insert(REQUEST_ID, id);
    }
    for (field, name, value) in [
        ("if_match", header::IF_MATCH, operation.if_match),
        ("if_none_match", header::IF_NONE_MATCH, operation.if_none_match),
    ] {
        let Some(value) = value else { continue };
        let value = HeaderValue::from_str(&value).map_err(|_| {
            let message = "This cannot stand in a header.".to_owned();
            (field, "invalid_format", message)
        })?;
        headers.insert(name, value);
    }
    let body = match operation.body {
        Some(body) => Value::Object(body).to_string(),
        None => String::new(),
    };
    if !body.is_empty() {
        let kind = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Ok(Part {
        method,
        uri,
        headers,
        body: body.into(),
        peer: request.peer_addr(),
    })
}

/// The address of an operation that a batch may hold.
fn address(method: &Method, path: &str) -> Result<Uri, Wrong> {
    let refused = |code, message: &str| ("path", code, message.to_owned());
    let uri: Uri = path.parse().map_err(|_| {
        refused(
            "invalid_format",
            "This is no address; write it as `/management/v1/…`.",
        )
    })?;
    let room = uri
        .path()
        .strip_prefix("/management/v1/")
        .filter(|_| path.starts_with('/'));
    let mut rooms = room.unwrap_or_default().split('/');
    let is_known = rooms.next().is_some_and(|room| ROOMS.contains(&room));
    if !is_known || rooms.any(|room| room == "preview-links") {
        return Err(refused(
            "not_allowed",
            &format!(
                "A batch holds operations below `/management/v1/` of {}; send others alone.",
                ROOMS.join(", ")
            ),
        ));
    }
    match contract().find(method, uri.path()) {
        Found::Operation(operation) if operation.surface == Surface::Management => Ok(uri),
        Found::OtherMethods(_) => Err((
            "method",
            "method_not_allowed",
            format!("`{}` does not take `{method}`.", uri.path()),
        )),
        _ => Err(refused(
            "unknown_operation",
            "There is no operation at this address.",
        )),
    }
}

/// What became of the operations so far.
#[derive(Clone, Default)]
struct Results {
    all: Vec<BatchResult>,
    bytes: usize,
    broken: Option<Box<Problem>>,
}

impl Results {
    fn add(&mut self, answer: inner::Answer) {
        let text = |name| {
            let value: Option<&HeaderValue> = answer.headers.get(name);
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        self.bytes += answer.body.len();
        // Why something was refused is always told.
        let is_refusal = answer.status.as_u16() >= 400;
        let is_left_out = self.bytes > BODIES && !answer.body.is_empty() && !is_refusal;
        let body = if is_left_out {
            None
        } else {
            serde_json::from_slice(&answer.body).ok()
        };
        self.all.push(BatchResult {
            status: answer.status.as_u16(),
            etag: text(header::ETAG),
            location: text(header::LOCATION),
            body,
            body_left_out: is_left_out,
        });
    }

    /// There was no time left for the next one.
    fn not_begun(&mut self) {
        let detail = "The batch took too long, and this operation was not begun. Send it again.";
        let problem = Problem::new(ProblemCode::Unavailable, detail);
        self.all.push(BatchResult {
            status: problem.status,
            etag: None,
            location: None,
            body: serde_json::to_value(problem).ok(),
            body_left_out: false,
        });
    }

    fn answer(&self, atomic: bool) -> Fresh<BatchResponse> {
        Fresh::new(BatchResponse::new(atomic, self.all.clone()))
    }

    /// The problem of the operation that was refused, as one of the whole.
    fn refusal(self) -> ApiError {
        if let Some(problem) = self.broken {
            return ApiError(problem);
        }
        let place = self.all.len().saturating_sub(1);
        let body = self.all.into_iter().next_back().and_then(|last| last.body);
        let problem = body.and_then(|body| serde_json::from_value::<Problem>(body).ok());
        let Some(mut problem) = problem else {
            return ApiError::internal("an operation of a batch was refused without a problem");
        };
        problem.operation = u32::try_from(place).ok();
        problem.detail = format!(
            "Operation {place} was refused, so nothing was done. {}",
            problem.detail
        );
        let at = format!("/operations/{place}");
        for error in &mut problem.errors {
            let place = match (&error.pointer, &error.parameter, &error.header) {
                (Some(pointer), ..) => format!("{at}/body{pointer}"),
                (_, _, Some(name)) => format!("{at}/{}", name.to_ascii_lowercase().replace('-', "_")),
                _ => format!("{at}/path"),
            };
            *error = ProblemError::at(place, error.code.clone(), error.message.clone());
        }
        for conflict in problem.conflicts.iter_mut().flatten() {
            conflict.pointer = format!("{at}/body{}", conflict.pointer);
        }
        ApiError(Box::new(problem))
    }
}
