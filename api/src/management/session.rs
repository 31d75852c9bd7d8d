//! Logging in, staying in, and who one is.

use actix_web::{delete, get, post};
use jsonwebtoken::jwk::AlgorithmParameters;
use masthead_domain::account::{KeyDigest, PasswordHash, Session, SessionEnd, SessionSort};
use masthead_domain::id::{SessionId, UserId};
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::rights::{Actor, Credential};
use masthead_domain::second_factor::Check;
use masthead_domain::use_cases::accounts;
use masthead_domain::use_cases::sessions::{self, Login, Renewal};
use masthead_openapi::management as m;
use masthead_openapi::management::{
    AccessToken, ChangePassword, JwkSet, LoginRequest, LoginResponse, Me, MeKind, MeResponse, RefreshRequest,
    SessionList, SessionListParameters, SessionSortKey,
};
use masthead_openapi::parameters::IdPath;
use masthead_openapi::problem::ProblemCode;

use crate::answer::{Answer, Fresh, Gone};
use crate::auth::{self, Identity};
use crate::credentials::{self, NewKey};
use crate::error::ApiError;
use crate::extract::{Body, Caller, Here, Id, Query};
use crate::keys::{Bearer, TOKEN_SECONDS};
use crate::limits::{self, Attempt};
use crate::paging::{Asked, List, asked, link_header};
use crate::passwords;
use crate::second_factor;
use crate::service::Service;

/// The hash of no password, so that an address without an account takes as long as one with.
const NO_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$ayzDtQy13vckFGpb6OlFFaUtiGWnUIl4OexARKwWUUc";

/// A refresh token, with what is sent out when it is taken.
pub(super) struct Next {
    pub(super) digest: KeyDigest,
    text: String,
}

impl Next {
    pub(super) fn generate() -> Result<Self, ApiError> {
        let made = NewKey::refresh_token().map_err(ApiError::internal)?;
        Ok(Self {
            digest: made.digest,
            text: made.text,
        })
    }

    /// The tokens of a session that was begun or renewed with this one.
    pub(super) fn tokens(self, service: &Service, session: &Session) -> Answer<Fresh<LoginResponse>> {
        let now = service.now();
        let bearer = Bearer {
            user: session.user_id,
            session: session.id,
        };
        let access_token = service
            .keys()?
            .access_token(bearer, now, service.next_id())
            .map_err(ApiError::internal)?;
        let data = AccessToken {
            access_token,
            token_type: "Bearer".to_owned(),
            expires_in: TOKEN_SECONDS,
            refresh_token: self.text,
            refresh_expires_at: session.expires_at.min(session.last_used_at + sessions::IDLE),
            session_id: session.id.to_string(),
            needs_second_factor: session.restricted,
        };
        Ok(Fresh::new(LoginResponse { data }))
    }
}

/// Whoever has no account, or another password.
pub(super) fn wrong_password() -> ApiError {
    ApiError::new(
        ProblemCode::InvalidCredentials,
        "The e-mail address or the password is not right.",
    )
}

/// Log in
///
/// Exchanges an e-mail address and a password for an access token that is good for fifteen minutes, and a refresh token
/// that renews it for up to ninety days. An account with a second factor is asked for a code as well.
#[utoipa::path(
    operation_id = "login",
    tag = "Session",
    request_body = LoginRequest,
    security(()),
    responses((status = 200, description = "The tokens.", body = LoginResponse)),
    extensions(("x-problems" = json!(["invalid_credentials", "second_factor_required"])))
)]
#[post("/auth/login")]
pub async fn login(
    service: Service,
    auth::From(device): auth::From,
    Body(login): Body<LoginRequest>,
) -> Answer<Fresh<LoginResponse>> {
    let (email, from) = (login.email.clone(), device.address.parse().ok());
    let (found, is_known) = service
        .read(auth::nobody(), move |unit| {
            let found = accounts::login_candidate(unit, &email)?;
            Ok((found.clone(), accounts::is_known_address(unit, found, from)?))
        })
        .await?;
    let attempt = Attempt::new(&login.email, from, is_known);
    attempt.begin(&service).await?;
    let (user, hash) = match found {
        Some((user, hash)) => (Some(user), hash),
        None => (None, PasswordHash(NO_ACCOUNT.to_owned())),
    };
    let (held, cost) = (hash.clone(), service.options().password_cost);
    let (good, better) = service
        .hash(move || {
            let good = credentials::verify_password(&login.password, &held);
            let outdated = good && cost.is_another(&held);
            let better = outdated.then(|| credentials::hash_password(&login.password, cost));
            (good, better.and_then(Result::ok))
        })
        .await?;
    let user = user.filter(|_| good).ok_or_else(wrong_password)?;
    let next = Next::generate()?;
    let (digest, forgiven, shared) = (next.digest, attempt.forgiven(), service.clone());
    let begun = service
        .write(auth::nobody(), move |unit| {
            let check = login.code.as_deref();
            let check = check.map(|code| second_factor::checker(&shared, code, unit.now));
            let code = check.as_ref().map(|check| check as Check<'_>);
            let known = (user.id, &hash);
            let begun = sessions::log_in(unit, known, better.as_ref(), code, device.clone(), &digest)?;
            if matches!(begun, Login::Begun(_)) {
                forgiven.settle(unit)?;
            }
            Ok(begun)
        })
        .await?;
    match begun {
        Login::Begun(session) => next.tokens(&service, &session),
        Login::Refused => Err(wrong_password()),
        Login::SecondFactor(shown) => Err(super::second_factor::refused(shown)),
    }
}

/// Refresh a login
///
/// Exchanges a refresh token for a new access token and the next refresh token. One that was used before ends its
/// session, for somebody has a copy; only the device that used it may show it again, for ten seconds, so that two tabs
/// which renew at once both go on.
#[utoipa::path(
    operation_id = "refresh_login",
    tag = "Session",
    request_body = RefreshRequest,
    security(()),
    responses((status = 200, description = "The next tokens.", body = LoginResponse)),
    extensions(("x-problems" = json!(["invalid_token"])))
)]
#[post("/auth/refresh")]
pub async fn refresh_login(
    service: Service,
    auth::From(device): auth::From,
    Body(body): Body<RefreshRequest>,
) -> Answer<Fresh<LoginResponse>> {
    let over = || {
        let detail = "This refresh token is unknown, used or over. Log in again.";
        ApiError::new(ProblemCode::InvalidToken, detail)
    };
    let shown = credentials::refresh_digest(&body.refresh_token).ok_or_else(over)?;
    let next = Next::generate()?;
    let digest = next.digest;
    let renewal = service
        .write(auth::nobody(), move |unit| {
            sessions::renew(unit, &shown, &digest, &device)
        })
        .await?;
    match renewal {
        Renewal::Renewed(session) => next.tokens(&service, &session),
        Renewal::Replayed(session) => {
            tracing::warn!(
                session = %session.id,
                user = %session.user_id,
                "a used refresh token was shown again, and its session was ended"
            );
            Err(over())
        }
        Renewal::Refused => Err(over()),
    }
}

/// Log out
///
/// Ends the session that the access token belongs to, on every node at once.
#[utoipa::path(
    operation_id = "logout",
    tag = "Session",
    responses((status = 204, description = "It has ended."))
)]
#[post("/auth/logout")]
pub async fn logout(service: Service, identity: Identity) -> Answer<Gone> {
    let session = identity.session;
    service
        .write(identity.actor, move |unit| {
            unit.actor.require_user()?;
            session.map_or(Ok(()), |id| sessions::end(unit, id, SessionEnd::LoggedOut))
        })
        .await?;
    Ok(Gone)
}

/// Change your password
///
/// Ends every session of yours and begins a new one, whose tokens are the answer.
#[utoipa::path(
    operation_id = "change_password",
    tag = "Session",
    request_body = ChangePassword,
    responses((status = 200, description = "The tokens of the new session.", body = LoginResponse)),
    extensions(("x-problems" = json!(["invalid_credentials"])))
)]
#[post("/auth/password")]
pub async fn change_password(
    service: Service,
    Caller(actor): Caller,
    auth::From(device): auth::From,
    Body(body): Body<ChangePassword>,
) -> Answer<Fresh<LoginResponse>> {
    let (user, held) = service.read(actor.clone(), sessions::own_password).await?;
    let forgiven = limits::of_password(&service, user.id).await?;
    let (seen, cost) = (held.clone(), service.options().password_cost);
    let (current, new) = (body.current_password, body.new_password);
    let hashed = service
        .hash(move || {
            if !credentials::verify_password(&current, &held) {
                return Err(wrong_password());
            }
            let hash =
                passwords::hash(&new, user.email.as_str(), &user.name, cost).map_err(ApiError::internal)?;
            Ok(hash.map_err(|refused| refused.at("/new_password"))?)
        })
        .await??;
    let next = Next::generate()?;
    let digest = next.digest;
    let begun = service
        .write(actor, move |unit| {
            let begun = sessions::change_password(unit, &seen, &hashed, device.clone(), &digest)?;
            forgiven.settle(unit)?;
            Ok(begun)
        })
        .await?;
    next.tokens(&service, &begun.ok_or_else(wrong_password)?)
}

/// List your sessions
///
/// Where you are logged in, the newest first.
#[utoipa::path(
    operation_id = "list_sessions",
    tag = "Session",
    params(SessionListParameters),
    responses((status = 200, description = "A page of open sessions.", body = SessionList))
)]
#[get("/auth/sessions")]
pub async fn list_sessions(
    service: Service,
    identity: Identity,
    here: Here,
    Query(asked): Query<SessionListParameters>,
) -> Answer<Fresh<SessionList>> {
    let page = asked!(asked);
    list_of(&service, identity, here, page, Actor::require_user).await
}

/// List somebody's sessions
///
/// Where an account is logged in, the newest first.
#[utoipa::path(
    operation_id = "list_user_sessions",
    tag = "Accounts",
    params(IdPath, SessionListParameters),
    responses((status = 200, description = "A page of open sessions.", body = SessionList))
)]
#[get("/users/{id}/sessions")]
pub async fn list_user_sessions(
    service: Service,
    identity: Identity,
    id: Id<UserId>,
    here: Here,
    Query(asked): Query<SessionListParameters>,
) -> Answer<Fresh<SessionList>> {
    let page = asked!(asked);
    list_of(&service, identity, here, page, |_| Ok(*id)).await
}

async fn list_of(
    service: &Service,
    identity: Identity,
    here: Here,
    asked: Asked<SessionSortKey>,
    whose: impl FnOnce(&Actor) -> masthead_domain::Result<UserId>,
) -> Answer<Fresh<SessionList>> {
    let list = List::new(here);
    let newest = SortKey {
        field: SessionSort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked, newest)?;
    let (limit, current) = (page.limit, identity.session);
    let user = whose(&identity.actor)?;
    let page = service
        .read(identity.actor, move |unit| sessions::list(unit, user, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let rows = page.items.into_iter();
    let data = rows.map(|session| m::Session::new(session, current)).collect();
    Ok(Fresh::new(SessionList { data, meta, links }).linked(link))
}

/// End one of your sessions
///
/// Its tokens stop working at once, on every node.
#[utoipa::path(
    operation_id = "delete_session",
    tag = "Session",
    params(IdPath),
    responses((status = 204, description = "It has ended."))
)]
#[delete("/auth/sessions/{id}")]
pub async fn delete_session(service: Service, Caller(actor): Caller, id: Id<SessionId>) -> Answer<Gone> {
    service
        .write(actor, move |unit| sessions::end(unit, *id, SessionEnd::Revoked))
        .await?;
    Ok(Gone)
}

/// End all your sessions
///
/// This one too: log in again.
#[utoipa::path(
    operation_id = "delete_sessions",
    tag = "Session",
    responses((status = 204, description = "They have ended."))
)]
#[delete("/auth/sessions")]
pub async fn delete_sessions(service: Service, Caller(actor): Caller) -> Answer<Gone> {
    service
        .write(actor, move |unit| {
            let own = unit.actor.require_user()?;
            sessions::end_all(unit, own)
        })
        .await?;
    Ok(Gone)
}

/// End all of somebody's sessions
///
/// Whoever has the account logs in again.
#[utoipa::path(
    operation_id = "delete_user_sessions",
    tag = "Accounts",
    params(IdPath),
    responses((status = 204, description = "They have ended."))
)]
#[delete("/users/{id}/sessions")]
pub async fn delete_user_sessions(service: Service, Caller(actor): Caller, id: Id<UserId>) -> Answer<Gone> {
    service
        .write(actor, move |unit| sessions::end_all(unit, *id))
        .await?;
    Ok(Gone)
}

/// Get the keys that sign access tokens
///
/// Their public halves, as a JSON Web Key Set (RFC 7517), for whoever checks a token without asking. A token that is
/// rightly signed may have ended early with its session; only this service knows.
#[utoipa::path(
    operation_id = "get_jwks",
    tag = "Session",
    security(()),
    responses((status = 200, description = "The keys, the newest first.", body = JwkSet))
)]
#[get("/auth/jwks")]
pub async fn get_jwks(service: Service) -> Answer<Fresh<JwkSet>> {
    let keys = service.keys()?.public();
    let keys = keys.filter_map(|key| match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) => Some(m::Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            use_: "sig".to_owned(),
            kid: key.common.key_id.clone().unwrap_or_default(),
            x: pair.x.clone(),
        }),
        _ => None,
    });
    Ok(Fresh::new(JwkSet { keys: keys.collect() }))
}

/// Get who you are
///
/// The account or key behind the credential, with what it may do.
#[utoipa::path(
    operation_id = "get_me",
    tag = "Session",
    responses((status = 200, description = "Who asks.", body = MeResponse))
)]
#[get("/auth/me")]
pub async fn get_me(identity: Identity) -> Answer<Fresh<MeResponse>> {
    let (kind, id) = match identity.actor.credential {
        Credential::User(id) => (MeKind::User, id.to_string()),
        Credential::Key(id) => (MeKind::Key, id.to_string()),
        Credential::CommandLine | Credential::Scheduler => return Err(auth::required()),
    };
    let permissions = identity
        .actor
        .permissions()
        .iter()
        .map(ToString::to_string)
        .collect();
    let role = identity.actor.role.map(|role| role.to_string());
    let data = Me {
        kind,
        id,
        name: identity.name,
        email: identity.email,
        role,
        permissions,
    };
    Ok(Fresh::new(MeResponse { data }))
}
