//! Single sign-on: logging in at a provider, with the authorization code and PKCE.

use std::sync::Arc;

use actix_web::post;
use masthead_domain::sso::{PATIENCE, PendingLogin, SignedOn};
use masthead_domain::use_cases::sso;
use masthead_openapi::management::{BegunSignOn, BegunSignOnResponse, FinishSignOn, LoginResponse};
use masthead_openapi::problem::ProblemCode;

use super::session::Next;
use crate::answer::{Answer, Fresh};
use crate::auth;
use crate::credentials::{self, NewKey, random_letters};
use crate::error::ApiError;
use crate::extract::Body;
use crate::limits;
use crate::oidc::{OidcError, Provider};
use crate::service::Service;

/// Letters of what nobody may guess: 43 of 62 are 256 bits.
const LETTERS: usize = 43;

fn provider(service: &Service) -> Result<Arc<Provider>, ApiError> {
    service.options().provider.clone().ok_or_else(|| {
        let detail = "No provider of single sign-on is set. Log in with a password.";
        ApiError::new(ProblemCode::SignOnNotConfigured, detail)
    })
}

fn refused(error: &OidcError) -> ApiError {
    match error {
        OidcError::Unreachable(_) => {
            tracing::warn!(%error, "the provider of single sign-on cannot be asked");
            let detail = "The provider of single sign-on cannot be reached. Try again soon.";
            ApiError::new(ProblemCode::Unavailable, detail)
        }
        OidcError::Refused(_) => {
            tracing::warn!(%error, "a login at the provider of single sign-on was refused");
            let detail = "The provider did not vouch for this login. Begin again.";
            ApiError::new(ProblemCode::InvalidCredentials, detail)
        }
    }
}

/// Begin a login at the provider
///
/// Answers the address to send the browser to. The provider sends it back to the page that is set with
/// `--oidc-redirect-url`, with a `code` and the `state`; finish there, within ten minutes.
#[utoipa::path(
    operation_id = "begin_sign_on",
    tag = "Session",
    security(()),
    responses((status = 200, description = "Where to go.", body = BegunSignOnResponse)),
    extensions(("x-problems" = json!(["sign_on_not_configured"])))
)]
#[post("/auth/oidc/begin")]
pub async fn begin_sign_on(
    service: Service,
    auth::From(device): auth::From,
) -> Answer<Fresh<BegunSignOnResponse>> {
    let provider = provider(&service)?;
    limits::of_sign_on(&service, device.address.parse().ok()).await?;
    let random = || random_letters::<LETTERS>().map_err(ApiError::internal);
    let (state, binding, nonce, verifier) = (random()?, random()?, random()?, random()?);
    let authorization_url = provider
        .authorization_url(&state, &nonce, &verifier)
        .await
        .map_err(|error| refused(&error))?;
    let expires_at = service.now() + PATIENCE;
    let pending = PendingLogin {
        state: credentials::digest(&state),
        binding: credentials::digest(&binding),
        nonce,
        verifier,
        expires_at,
    };
    service
        .write(auth::nobody(), move |unit| sso::begin(unit, &pending))
        .await?;
    let data = BegunSignOn {
        authorization_url,
        state,
        binding,
        expires_at,
    };
    Ok(Fresh::new(BegunSignOnResponse { data }))
}

/// Finish a login at the provider
///
/// With what it sent back, and what beginning answered; each works once. The account is the one that belongs to whoever
/// logged in there, or that has their verified address, or a new one, with the role that the provider's claims give.
#[utoipa::path(
    operation_id = "finish_sign_on",
    tag = "Session",
    request_body = FinishSignOn,
    security(()),
    responses((status = 200, description = "The tokens.", body = LoginResponse)),
    extensions(("x-problems" = json!(["invalid_credentials", "forbidden", "sign_on_not_configured"])))
)]
#[post("/auth/oidc/finish")]
pub async fn finish_sign_on(
    service: Service,
    auth::From(device): auth::From,
    Body(body): Body<FinishSignOn>,
) -> Answer<Fresh<LoginResponse>> {
    let provider = provider(&service)?;
    limits::of_sign_on(&service, device.address.parse().ok()).await?;
    let (state, binding) = (
        credentials::digest(&body.state),
        credentials::digest(&body.binding),
    );
    let pending = service
        .write(auth::nobody(), move |unit| sso::take(unit, &state, &binding))
        .await?;
    let pending = pending.ok_or_else(|| {
        let detail = "This login was not begun here, was finished before, or took too long. Begin again.";
        ApiError::new(ProblemCode::InvalidCredentials, detail)
    })?;
    let identity = provider
        .identify(body.code, &pending, service.now())
        .await
        .map_err(|error| refused(&error))?;
    let (nobodys, cost) = (
        NewKey::link_token().map_err(ApiError::internal)?,
        service.options().password_cost,
    );
    let hash = service
        .hash(move || credentials::hash_password(&nobodys.text, cost))
        .await?
        .map_err(ApiError::internal)?;
    let next = Next::generate()?;
    let digest = next.digest;
    let sign_on = || {
        let (identity, hash, device) = (identity.clone(), hash.clone(), device.clone());
        service.write(auth::nobody(), move |unit| {
            sso::sign_on(unit, &identity, &hash, device.clone(), &digest)
        })
    };
    let mut signed = sign_on().await;
    if matches!(&signed, Err(error) if error.0.code == ProblemCode::AlreadyExists) {
        // Of two first logins at once, the other has made the account.
        signed = sign_on().await;
    }
    let why = match signed? {
        SignedOn::Begun(session) => return next.tokens(&service, &session),
        SignedOn::NoRole => "The provider knows you, and gives you no role here.",
        SignedOn::NoAddress => {
            "You have no account here, and the provider does not say that your address is yours."
        }
        SignedOn::Suspended => "Your account is suspended.",
    };
    Err(ApiError::new(ProblemCode::Forbidden, why))
}
