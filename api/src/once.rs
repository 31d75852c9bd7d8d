//! `Idempotency-Key`: a `POST` of management that is carried out once, however often it is sent.
//!
//! The transaction that carries a request out remembers it, with its answer: neither is there without the other. What
//! was refused changed nothing, and nothing of it is remembered.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpResponse, ResponseError as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use masthead_domain::error::StorageError;
use masthead_domain::once::{CarriedOut, Claim, Turn, forgotten};
use masthead_openapi::document::Surface;
use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde::{Deserialize, Serialize};

use crate::answer::{Render, Rendered};
use crate::auth::{self, Identity};
use crate::contract::{Found, contract};
use crate::error::ApiError;
use crate::extract::RawBody;
use crate::service::Service;

mod key;

pub use key::HEADER as KEY;

/// Names an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Between two looks for answers that are a day old.
const FORGETTING: Duration = Duration::from_mins(1);
/// Such answers dropped in one transaction at most.
const BATCH: u32 = 1000;
/// Bytes in the body of an answer that is kept.
const LARGEST: usize = 8 << 20;
/// Quick: an answer is read back seldom.
const ZSTD_LEVEL: i32 = 1;

tokio::task_local! {
    /// The request that the handler is about, if it is to be carried out once.
    static HELD: Option<Arc<Held>>;
}

/// The requests that this node is about, with the digests of what they ask.
#[derive(Default)]
pub struct Running(Mutex<HashMap<[u8; 32], [u8; 32]>>);

/// A request that this node alone is about.
pub struct Held {
    claim: Claim,
    running: Arc<Running>,
    begun: AtomicBool,
    was_done: AtomicBool,
}

impl Held {
    fn new(running: &Arc<Running>, claim: Claim) -> Result<Arc<Self>, ApiError> {
        let mut all = running.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&claim.id) {
            Some(request) if *request == claim.request => return Err(in_progress()),
            Some(_) => return Err(reused()),
            None => all.insert(claim.id, claim.request),
        };
        drop(all);
        Ok(Arc::new(Self {
            claim,
            running: Arc::clone(running),
            begun: AtomicBool::new(false),
            was_done: AtomicBool::new(false),
        }))
    }

    /// The request.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.claim.id);
    }
}

/// The request that is to be carried out once, where the caller asked for that.
pub fn current() -> Result<Option<Arc<Held>>, ApiError> {
    let held = HELD.try_with(Clone::clone).ok().flatten();
    let again = held
        .as_ref()
        .is_some_and(|held| held.begun.swap(true, Ordering::SeqCst));
    if again {
        return Err(ApiError::internal(
            "a handler changes something twice, which cannot be carried out once",
        ));
    }
    Ok(held)
}

/// Whether the present request is to be carried out once.
pub fn is_asked() -> bool {
    HELD.try_with(Option::is_some).unwrap_or(false)
}

/// Runs what is a request of its own within the present one.
pub async fn apart<T>(request: impl Future<Output = T>) -> T {
    HELD.scope(None, request).await
}

/// The key under which a part of the present request is carried out once, where the whole has one: whoever sends the
/// whole again, after it broke in the middle, finds the parts that were done.
pub fn key_of_part(number: usize) -> Option<String> {
    let held = HELD.try_with(Clone::clone).ok().flatten()?;
    let name = URL_SAFE_NO_PAD.encode(held.claim.id);
    Some(format!("part-{number}-of-{name}"))
}

/// Why a transaction did nothing.
pub fn not_ours(held: Option<&Held>, turn: Turn) -> ApiError {
    if let (Some(held), Turn::Done) = (held, turn) {
        held.was_done.store(true, Ordering::SeqCst);
    }
    in_progress()
}

/// Takes a request that carries a key to its handler, unless it was carried out before.
pub async fn once<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let (service, held) = match hold(&mut request).await {
        Ok(Some(held)) => held,
        Ok(None) => return Ok(next.call(request).await?.map_into_left_body()),
        Err(error) => {
            return Ok(request
                .into_response(error.error_response())
                .map_into_right_body());
        }
    };
    if let Some(answer) = remembered(&service, &held).await {
        return Ok(request.into_response(answer).map_into_right_body());
    }
    let answered = HELD.scope(Some(Arc::clone(&held)), next.call(request)).await?;
    // Another node was about the same request, and has carried it out since we looked.
    if held.was_done.load(Ordering::SeqCst)
        && let Some(answer) = remembered(&service, &held).await
    {
        return Ok(answered.into_response(answer).map_into_right_body());
    }
    Ok(answered.map_into_left_body())
}

/// What the key of a request asks for; `None` where nothing has to be remembered.
async fn hold(request: &mut ServiceRequest) -> Result<Option<(Service, Arc<Held>)>, ApiError> {
    if !request.headers().contains_key(key::HEADER) {
        return Ok(None);
    }
    let Found::Operation(operation) = contract().find(request.method(), request.path()) else {
        return Ok(None);
    };
    if operation.surface != Surface::Management || request.method() == Method::GET {
        return Ok(None);
    }
    if request.method() != Method::POST {
        return Err(not_taken());
    }
    let name = key::read(request.headers())?;
    if operation.is_open {
        return Ok(None);
    }
    let service = request.app_data::<Data<Service>>().map(|it| it.as_ref().clone());
    let service = service.ok_or_else(|| ApiError::internal("no service"))?;
    let identity = request.extensions().get::<Identity>().cloned();
    let credential = identity.ok_or_else(auth::required)?.actor.credential;
    let RawBody(body) = request.extract::<RawBody>().await?;
    let body = body.freeze();
    let seen = request.headers().get_all(header::IF_MATCH);
    let seen: Vec<_> = seen.map(HeaderValue::as_bytes).collect();
    let kind = request.headers().get(header::CONTENT_TYPE);
    let parts = [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        request.query_string().as_bytes(),
        kind.map_or(&b""[..], HeaderValue::as_bytes),
        &seen.join(&b", "[..]),
        &body,
    ];
    let claim = Claim::new(credential, &name, service.keys()?.digest(parts));
    request.set_payload(Payload::from(body));
    let held = Held::new(service.running(), claim)?;
    Ok(Some((service, held)))
}

/// The answer to a request that was carried out before.
async fn remembered(service: &Service, held: &Held) -> Option<HttpResponse> {
    let (claim, now) = (held.claim.clone(), service.now());
    let found = service
        .read(auth::nobody(), move |unit| {
            unit.repository.carried_out(&claim, forgotten(now))
        })
        .await;
    let answer = match found {
        Ok(None) => return None,
        Ok(Some(done)) => replay(&held.claim, done),
        Err(error) => Err(error),
    };
    Some(answer.unwrap_or_else(|error| error.error_response()))
}

fn replay(claim: &Claim, done: CarriedOut) -> Result<HttpResponse, ApiError> {
    if claim.request != done.request {
        return Err(reused());
    }
    let answer = done.answer.ok_or_else(not_kept)?;
    let mut response = HttpResponse::from(read(&answer).map_err(ApiError::internal)?);
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// How an answer is kept, in front of its body: one line of JSON.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

/// An answer in the form in which it is kept; `None` for one that is too large.
pub fn kept(answer: &impl Render) -> masthead_domain::Result<Option<Vec<u8>>> {
    let rendered = answer.rendered().map_err(broken)?;
    if rendered.body.len() > LARGEST {
        return Ok(None);
    }
    let headers = rendered.headers.into_iter();
    let head = Head {
        status: rendered.status.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), value)).collect(),
    };
    let mut bytes = serde_json::to_vec(&head).map_err(broken)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&rendered.body);
    zstd::bulk::compress(&bytes, ZSTD_LEVEL).map(Some).map_err(broken)
}

fn read(kept: &[u8]) -> Result<Rendered, Box<dyn std::error::Error + Send + Sync>> {
    let bytes = zstd::bulk::decompress(kept, LARGEST + (64 << 10))?;
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or("a kept answer has no head")?;
    let head: Head = serde_json::from_slice(&bytes[..end])?;
    let mut headers = Vec::new();
    for (name, value) in head.headers {
        headers.push((HeaderName::try_from(name)?, value));
    }
    Ok(Rendered {
        status: StatusCode::from_u16(head.status)?,
        headers,
        body: bytes[end + 1..].to_vec(),
    })
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> masthead_domain::Error {
    let context = "writing an answer down".to_owned();
    let source = Box::new(error);
    StorageError::Database { context, source }.into()
}

/// Drops what is a day old, for as long as the service runs.
pub async fn keep_forgetting(service: &Service) {
    loop {
        forget(service).await;
        tokio::time::sleep(FORGETTING).await;
    }
}

async fn forget(service: &Service) {
    let forgotten = forgotten(service.now());
    loop {
        let dropped = service
            .storage()
            .write(move |repository| repository.forget_carried_out(forgotten, BATCH))
            .await;
        match dropped {
            Ok(count) if count < u64::from(BATCH) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop answers that are a day old"),
        }
    }
}

fn about_key(code: ProblemCode, word: &str, message: &str) -> ApiError {
    let errors = vec![ProblemError::header("Idempotency-Key", word, message)];
    ApiError::new(code, message).with_errors(errors)
}

fn in_progress() -> ApiError {
    let message = "A request with this key is still being carried out. Send it again in a moment.";
    about_key(ProblemCode::RequestInProgress, "in_progress", message)
}

fn reused() -> ApiError {
    let message = "This key was used for another request within the last 24 hours: another address, body, \
                   `Content-Type` or `If-Match`. Nothing was done; take a new key for a new request.";
    about_key(ProblemCode::IdempotencyKeyReused, "reused", message)
}

fn not_kept() -> ApiError {
    let message =
        "This request was carried out before and was not carried out again. Its answer is not kept.";
    about_key(ProblemCode::AnswerNotKept, "not_kept", message)
}

fn not_taken() -> ApiError {
    let message = "`Idempotency-Key` belongs to `POST`. What this method changes is guarded by `If-Match` and \
                   `If-None-Match`; send it without.";
    about_key(ProblemCode::InvalidHeader, "not_taken", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Created;
    use masthead_domain::rights::Credential;

    #[test]
    fn a_kept_answer_reads_back() {
        let body = serde_json::json!({ "data": "é\n".repeat(500) });
        let answer = Created::new(body, "\"a-1\"".to_owned(), "/there".to_owned());
        let kept = kept(&answer).unwrap().unwrap();
        let rendered = answer.rendered().unwrap();
        assert_eq!(read(&kept).unwrap(), rendered);
        assert!(kept.len() < rendered.body.len() / 4);
        let large = Created::new("x".repeat(LARGEST), String::new(), String::new());
        assert_eq!(super::kept(&large).unwrap(), None);
    }

    #[test]
    fn one_node_is_about_a_request_once_at_a_time() {
        let running = Arc::new(Running::default());
        let claim = |request| Claim::new(Credential::CommandLine, "a", [request; 32]);
        let held = Held::new(&running, claim(1)).ok().unwrap();
        let code = |claim| Held::new(&running, claim).err().map(|error| error.0.code);
        assert_eq!(code(claim(1)), Some(ProblemCode::RequestInProgress));
        assert_eq!(code(claim(2)), Some(ProblemCode::IdempotencyKeyReused));
        drop(held);
        assert_eq!(code(claim(2)), None);
    }
}
