//! Who asks: access tokens and API keys in `Authorization: Bearer`.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Once;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;
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
    /// Whether that is good for nothing but setting a second factor up.
    pub is_restricted: bool,
}

/// Finds out who asks and may do so; the rights are those of today, not of when the token was made.
pub async fn authenticate(service: &Service, request: &HttpRequest) -> Result<Identity, ApiError> {
    let identity = identify(service, request).await?;
    if identity.is_restricted {
        let detail = "Your role requires a second factor, and you have none yet. Set one up: \
                      `POST /management/v1/auth/second-factor`, and show a first code of it.";
        return Err(ApiError::new(ProblemCode::Forbidden, detail));
    }
    Ok(identity)
}

/// Finds out who asks, whether or not they have the second factor that their role requires.
pub async fn identify(service: &Service, request: &HttpRequest) -> Result<Identity, ApiError> {
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
            is_restricted: false,
        });
    }
    let bearer = service.keys()?.bearer(token, service.now()).ok_or_else(invalid)?;
    let found = service
        .look(nobody(), move |unit| {
            sessions::actor(unit, bearer.session, bearer.user)
        })
        .await?;
    let (actor, user, session) = found.ok_or_else(invalid)?;
    Ok(Identity {
        actor,
        name: user.name,
        email: Some(user.email.to_string()),
        session: Some(bearer.session),
        is_restricted: session.restricted,
    })
}

/// Where a request comes from: whoever made the connection, or where that is a proxy that the settings trust, whom it
/// says it was asked by, from one trusted proxy to the next.
#[must_use]
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let Some(service) = request.app_data::<Data<Service>>() else {
        return Some(peer);
    };
    let trusted = &service.options().trusted_proxies;
    let address = behind(peer, trusted, request.headers());
    if address == peer && trusted.is_empty() && request.headers().contains_key(FORWARDED_FOR) {
        untold_proxy(peer);
    }
    Some(address)
}

/// Says once that there may be a proxy that nobody has named: all who come through it are taken for one.
fn untold_proxy(peer: IpAddr) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            %peer,
            "a request says in X-Forwarded-For where it comes from, and no proxy is trusted to say so; if a proxy of \
             yours is at this address, name it with --trusted-proxies"
        );
    });
}

fn behind(peer: IpAddr, trusted: &[IpNet], headers: &header::HeaderMap) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer;
    if !is_trusted(&nearest) {
        return nearest;
    }
    // Each proxy adds whom it was asked by at the end; what stands before is what it was told.
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).collect();
    let lines = lines.into_iter().rev().map(|line| line.to_str().unwrap_or(""));
    for said in lines.flat_map(|line| line.rsplit(',')) {
        let Some(address) = spoken(said.trim()) else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

/// An address as proxies write it: alone, or with a port.
fn spoken(text: &str) -> Option<IpAddr> {
    let alone = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|at| at.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    alone
        .or_else(with_port)
        .or_else(bracketed)
        .map(|address| address.to_canonical())
}

/// What proxies say of whom they were asked by.
pub const FORWARDED_FOR: &str = "x-forwarded-for";

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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, trusted: &[&str], lines: &[&str]) -> String {
        let mut headers = header::HeaderMap::new();
        for line in lines {
            headers.append(
                header::HeaderName::from_static(FORWARDED_FOR),
                header::HeaderValue::from_str(line).unwrap(),
            );
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &trusted, &headers).to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_says_where_a_request_comes_from() {
        assert_eq!(seen("192.0.2.1", &[], &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &["10.0.0.0/8"], &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(
            seen("10.0.0.1", &["10.0.0.0/8"], &["198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(seen("10.0.0.1", &["10.0.0.0/8"], &[]), "10.0.0.1");
    }

    #[test]
    fn of_what_a_client_claims_nothing_is_believed_that_no_trusted_proxy_saw() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for (lines, expected) in [
            (&["1.1.1.1, 198.51.100.7"][..], "198.51.100.7"),
            (&["1.1.1.1", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            (&["198.51.100.7, 10.9.9.9,10.0.0.2"], "198.51.100.7"),
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&["unknown, 10.0.0.2"], "10.0.0.2"),
            (&["nonsense"], "10.0.0.1"),
            (&["198.51.100.7:4711"], "198.51.100.7"),
            (&["[2001:db9::1]:4711"], "2001:db9::1"),
            (&["[2001:db9::1], 2001:db8::5"], "2001:db9::1"),
            (&["::ffff:198.51.100.7"], "198.51.100.7"),
            (&[""], "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", &proxies, lines), expected, "{lines:?}");
        }
    }
}
