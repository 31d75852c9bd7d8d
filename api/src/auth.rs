//! Who asks: access tokens and API keys in `Authorization: Bearer`.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use masthead_domain::account::Device;
use masthead_domain::id::SessionId;
use masthead_domain::rights::Actor;
use masthead_domain::use_cases::{keys, sessions};
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
    /// The session that an access token belongs to.
    pub session: Option<SessionId>,
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
        let from = address(request);
        let found = service
            .read(nobody(), move |unit| keys::actor(unit, &digest, from))
            .await?;
        let (actor, key) = found.ok_or_else(invalid)?;
        service.note_use(&key);
        return Ok(Identity {
            actor,
            name: key.name,
            email: None,
            session: None,
        });
    }
    let bearer = service.keys()?.bearer(token, service.now()).ok_or_else(invalid)?;
    let found = service
        .read(nobody(), move |unit| {
            sessions::actor(unit, bearer.session, bearer.user)
        })
        .await?;
    let (actor, user) = found.ok_or_else(invalid)?;
    Ok(Identity {
        actor,
        name: user.name,
        email: Some(user.email.to_string()),
        session: Some(bearer.session),
    })
}

/// Where a request comes from.
#[must_use]
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// Characters that are kept of what a device says of itself.
const USER_AGENT: usize = 200;

impl FromRequest for From {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let said = request.headers().get(header::USER_AGENT);
        let said = said.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let plain = |c: &char| !c.is_control();
        ready(Ok(Self(Device {
            user_agent: said
                .unwrap_or_default()
                .chars()
                .filter(plain)
                .take(USER_AGENT)
                .collect(),
            address: address(request).map_or_else(String::new, |address| address.to_string()),
        })))
    }
}

/// The device that a request comes from.
pub struct From(pub Device);

/// Somebody without any right, in whose name a credential is looked up.
pub(crate) fn nobody() -> Actor {
    Actor::key(masthead_domain::id::KeyId::from_uuid(uuid::Uuid::nil()), &[])
}
