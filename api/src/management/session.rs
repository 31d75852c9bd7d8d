//! Logging in, and who one is.

use actix_web::{get, post};
use masthead_domain::account::PasswordHash;
use masthead_domain::rights::Credential;
use masthead_domain::use_cases::accounts;
use masthead_openapi::management::{AccessToken, LoginRequest, LoginResponse, Me, MeKind, MeResponse};
use masthead_openapi::problem::ProblemCode;

use crate::answer::{Answer, Fresh};
use crate::auth::{self, Identity};
use crate::credentials;
use crate::error::ApiError;
use crate::extract::Body;
use crate::keys::TOKEN_SECONDS;
use crate::service::Service;

/// The hash of no password, so that an address without an account takes as long as one with.
const NO_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$ayzDtQy13vckFGpb6OlFFaUtiGWnUIl4OexARKwWUUc";

/// Log in
///
/// Exchanges an e-mail address and a password for an access token that is good for fifteen minutes.
#[utoipa::path(
    operation_id = "login",
    tag = "Session",
    request_body = LoginRequest,
    security(()),
    responses((status = 200, description = "The token.", body = LoginResponse)),
    extensions(("x-problems" = json!(["invalid_credentials"])))
)]
#[post("/auth/login")]
pub async fn login(service: Service, Body(login): Body<LoginRequest>) -> Answer<Fresh<LoginResponse>> {
    let email = login.email.clone();
    let found = service
        .read(auth::nobody(), move |unit| {
            accounts::login_candidate(unit, &email)
        })
        .await?;
    let (user, hash) = match found {
        Some((user, hash)) => (Some(user), hash),
        None => (None, PasswordHash(NO_ACCOUNT.to_owned())),
    };
    let good = service
        .hash(move || credentials::verify_password(&login.password, &hash))
        .await?;
    let user = user.filter(|_| good).ok_or_else(|| {
        ApiError::new(
            ProblemCode::InvalidCredentials,
            "The e-mail address or the password is not right.",
        )
    })?;
    let token = service
        .keys()?
        .access_token(user.id, service.now(), service.next_id())
        .map_err(ApiError::internal)?;
    let data = AccessToken {
        access_token: token,
        token_type: "Bearer".to_owned(),
        expires_in: TOKEN_SECONDS,
    };
    Ok(Fresh::new(LoginResponse { data }))
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
