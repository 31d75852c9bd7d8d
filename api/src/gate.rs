//! What every request passes before its handler: limits, the contract, and who asks.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use masthead_openapi::document::Surface;
use masthead_openapi::problem::{ProblemCode, ProblemError};

use crate::auth;
use crate::contract::{Found, Operation, contract};
use crate::credentials::{KEY_PREFIX, LINK_PREFIX, PREVIEW_PREFIX, REFRESH_PREFIX};
use crate::error::ApiError;
use crate::extract::{CheckedQuery, RawBody, Wanted};
use crate::limits::{self, Told};
use crate::negotiation::{self, MediaType};
use crate::observe;
use crate::service::Service;

/// Bytes in a path with its query.
pub const URI_LIMIT: usize = 8 * 1024;
/// Bytes in all headers.
pub const HEADER_LIMIT: usize = 16 * 1024;

/// Lets a request through to its handler, or answers why not.
pub async fn gate<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let checked = match check(request.request()).await {
        Ok(Way::WithoutBody) => no_stray_body(&mut request).await.map(|()| Way::Open),
        checked => checked,
    };
    let refusal = match checked {
        Ok(Way::OtherMethods) => method_not_allowed(request.path()),
        Ok(_) => {
            let mut answered = next.call(request).await?;
            let told = answered.request().extensions().get::<Told>().cloned();
            if let Some(told) = told {
                told.write(answered.headers_mut());
            }
            return Ok(answered.map_into_left_body());
        }
        Err(error) => error.error_response(),
    };
    Ok(request.into_response(refusal).map_into_right_body())
}

/// Whether a request goes on.
enum Way {
    /// To its handler, or to where nothing is.
    Open,
    /// To its handler, if it has no body.
    WithoutBody,
    /// Its address is known and takes other methods. This is told here: further on, another route may fit the
    /// address with a name where it has an id.
    OtherMethods,
}

/// 405 with the methods that an address takes.
fn method_not_allowed(path: &str) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::METHOD_NOT_ALLOWED);
    let methods = observe::allowed(path).unwrap_or_default();
    if let Ok(methods) = header::HeaderValue::from_str(&methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

async fn check(request: &HttpRequest) -> Result<Way, ApiError> {
    within_limits(request)?;
    no_key_in_url(request)?;
    let service = request
        .app_data::<Data<Service>>()
        .ok_or_else(|| ApiError::internal("no service"))?;
    let operation = match contract().find(request.method(), request.path()) {
        Found::Operation(operation) => operation,
        Found::OtherMethods(_) => return Ok(Way::OtherMethods),
        Found::Nothing => return Ok(Way::Open),
    };
    limits::of_address(service, request).await?;
    admit(service, request, operation).await?;
    limits::of_caller(service, request).await?;
    let form = accepted(request, operation)?;
    let query = operation.read_query(request.query_string())?;
    request.extensions_mut().insert(CheckedQuery(query));
    request
        .extensions_mut()
        .insert(Wanted(form.unwrap_or(MediaType::JSON)));
    Ok(if operation.takes_body {
        Way::Open
    } else {
        Way::WithoutBody
    })
}

async fn admit(service: &Service, request: &HttpRequest, operation: &Operation) -> Result<(), ApiError> {
    let needed = match operation.surface {
        Surface::Delivery => service.options().delivery_requires_key,
        // Who comes in there is looked at with the token that they may have.
        Surface::Preview => false,
        Surface::Management => !operation.is_open,
    };
    if !needed {
        return Ok(());
    }
    let caller = if operation.is_before_second_factor {
        auth::identify(service, request).await?
    } else {
        auth::authenticate(service, request).await?
    };
    request.extensions_mut().insert(caller);
    Ok(())
}

/// Whether path, query and headers are of a size that is read.
pub fn within_limits(request: &HttpRequest) -> Result<(), ApiError> {
    let uri = request.uri().path().len() + request.query_string().len();
    if uri > URI_LIMIT {
        let detail = format!("The path and query have {uri} bytes; at most {URI_LIMIT} are taken.");
        return Err(ApiError::new(ProblemCode::UriTooLong, detail));
    }
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers > HEADER_LIMIT {
        let detail = format!("The headers have {headers} bytes; at most {HEADER_LIMIT} are taken.");
        return Err(ApiError::new(ProblemCode::HeadersTooLarge, detail));
    }
    Ok(())
}

/// A body where none is taken would be ignored, and whoever sent it would not know. One that turns out to be empty
/// is none: some clients announce a body before they know that there is not any. An empty object is none either:
/// many clients send one with every `POST`.
async fn no_stray_body(request: &mut ServiceRequest) -> Result<(), ApiError> {
    let headers = request.headers();
    if !headers.contains_key(header::CONTENT_LENGTH) && !headers.contains_key(header::TRANSFER_ENCODING) {
        return Ok(());
    }
    match request.extract::<RawBody>().await {
        Ok(RawBody(body)) if matches!(body.trim_ascii(), b"" | b"{}") => return Ok(()),
        // In another form it is no better.
        Err(error) if error.0.code != ProblemCode::UnsupportedMediaType => return Err(error),
        _ => {}
    }
    let detail = "This request takes no body, and none is ignored in silence: send it without.";
    Err(ApiError::new(ProblemCode::MalformedRequest, detail))
}

/// Names under which people put credentials into URLs.
const KEY_NAMES: [&str; 8] = [
    "access_token",
    "api_key",
    "api-key",
    "apikey",
    "authorization",
    "key",
    "refresh_token",
    "token",
];

/// How a signed token begins: `{"` in base64.
const ACCESS_TOKEN: &str = "=eyJ";

fn no_key_in_url(request: &HttpRequest) -> Result<(), ApiError> {
    let query = request.query_string();
    if query.is_empty() {
        return Ok(());
    }
    // However it is spelled: `%5F` is an underscore.
    let read = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    // A preview link is made to be handed on as it is: its token, and nothing else, may stand in its address.
    let is_preview = request.path().starts_with("/preview/v1/");
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let telling = names
        .map(|name| read(name).to_ascii_lowercase())
        .find(|name| KEY_NAMES.contains(&name.as_str()) && !(is_preview && name == "token"));
    let holds_one = || {
        let query = read(query);
        let foreign = if is_preview { ACCESS_TOKEN } else { PREVIEW_PREFIX };
        [KEY_PREFIX, REFRESH_PREFIX, LINK_PREFIX, foreign]
            .iter()
            .any(|prefix| query.contains(prefix))
    };
    let Some(name) = telling.or_else(|| holds_one().then(|| "a value".to_owned())) else {
        return Ok(());
    };
    let message =
        format!("`{name}` looks like a credential. Send it in `Authorization: Bearer …`, and replace it.");
    let errors = vec![ProblemError::parameter(name, "key_in_url", message.clone())];
    Err(ApiError::new(ProblemCode::KeyInUrl, message).with_errors(errors))
}

/// The form that the client likes best of those that the operation has; `None` where the address names it.
fn accepted(request: &HttpRequest, operation: &Operation) -> Result<Option<MediaType>, ApiError> {
    if operation.forms.is_empty() {
        return Ok(None);
    }
    let given = request.headers().get_all(header::ACCEPT);
    let best = negotiation::best(given.map(header::HeaderValue::as_bytes), &operation.forms);
    best.map(Some).ok_or_else(|| {
        let names: Vec<_> = operation
            .forms
            .iter()
            .map(|form| format!("`{}`", form.essence()))
            .collect();
        let names = names.join(", ");
        let detail = format!("What can be had here is {names}; name one of them, or `*/*`, in `Accept`.");
        let errors = vec![ProblemError::header("Accept", "not_acceptable", detail.clone())];
        ApiError::new(ProblemCode::NotAcceptable, detail).with_errors(errors)
    })
}

/// The number of the form in which an answer at this address is kept for a client; `None` for one that has to be
/// refused.
#[must_use]
pub fn form(path: &str, headers: &header::HeaderMap) -> Option<u8> {
    let mut given = headers.get_all(header::ACCEPT);
    let takes_anything = match (given.next(), given.next()) {
        (None, _) => true,
        (Some(only), None) => only.as_bytes() == b"*/*",
        _ => false,
    };
    if takes_anything {
        return Some(0);
    }
    let Found::Operation(operation) = contract().find(&Method::GET, path) else {
        return None;
    };
    if operation.forms.is_empty() {
        return Some(0);
    }
    let given = headers.get_all(header::ACCEPT);
    let best = negotiation::best(given.map(header::HeaderValue::as_bytes), &operation.forms)?;
    let place = operation.forms.iter().position(|form| *form == best)?;
    u8::try_from(place).ok()
}
