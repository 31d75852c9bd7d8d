//! Names of compressed answers: other bytes need another strong entity tag.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;

use crate::answer::encoded_tag;

/// Gives a compressed public answer a tag of its own.
pub async fn name_encoded<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let public = !request.path().starts_with("/management/");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let tag = headers.get(header::ETAG).and_then(|value| value.to_str().ok());
    // An editor's tag names a revision for `If-Match`, however it travels.
    let named = encoding
        .filter(|_| public)
        .zip(tag)
        .and_then(|(encoding, tag)| encoded_tag(tag, encoding));
    if let Some(tag) = named.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}
