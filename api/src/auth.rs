//! Who asks: access tokens and API keys in `Authorization: Bearer`.

use actix_web::HttpRequest;
use actix_web::http::header;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::accounts;
use masthead_openapi::problem::ProblemCode;

use crate::credentials::{self, KEY_PREFIX};
use crate::error::ApiError;
use crate::service::Service;

/// Nobody said who they are.
#[must_use]
pub fn required() -> ApiError {
    let detail = "Send an access token or an API key in `Authorization: Bearer …`.";
    ApiError::new(ProblemCode::AuthenticationRequired, detail)
}

fn invalid() -> ApiError {
    let detail =
        "This token or key is unknown, altered, revoked or expired. Log in again, or use another key.";
    ApiError::new(ProblemCode::InvalidToken, detail)
}

/// Whoever asks, with what they are called.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What they may do.
    pub actor: Actor,
    /// The name of the account or key.
    pub name: String,
    /// The account's e-mail address.
    pub email: Option<String>,
}

/// Finds out who asks; the rights are those of today, not of when the token was made.
pub async fn authenticate(service: &Service, request: &HttpRequest) -> Result<Identity, ApiError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (headers.next(), headers.next()) else {
        return Err(required());
    };
    let text = value.to_str().map_err(|_| required())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(required)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(required());
    }
    let token = token.trim();
    if token.starts_with(KEY_PREFIX) {
        let digest = credentials::key_digest(token).ok_or_else(invalid)?;
        let now = service.now();
        let found = service
            .read(nobody(), move |unit| accounts::key_actor(unit, &digest, now))
            .await?;
        return found
            .map(|(actor, key)| Identity {
                actor,
                name: key.name,
                email: None,
            })
            .ok_or_else(invalid);
    }
    let user = service
        .keys()?
        .user_of(token, service.now())
        .ok_or_else(invalid)?;
    let found = service
        .read(nobody(), move |unit| accounts::user_actor(unit, user))
        .await?;
    let named = found.map(|(actor, user)| Identity {
        actor,
        name: user.name,
        email: Some(user.email.to_string()),
    });
    named.ok_or_else(invalid)
}

/// Somebody without any right, in whose name a credential is looked up.
pub(crate) fn nobody() -> Actor {
    Actor::key(masthead_domain::id::KeyId::from_uuid(uuid::Uuid::nil()), &[])
}
