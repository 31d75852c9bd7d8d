//! The second factor of one's own account, and taking away that of somebody who has lost theirs.

use actix_web::{delete, get, post};
use masthead_domain::id::UserId;
use masthead_domain::second_factor::Shown;
use masthead_domain::use_cases::{second_factors, sessions};
use masthead_openapi::management::{
    BeginSecondFactor, NewSecondFactor, NewSecondFactorResponse, RecoveryCodes, RecoveryCodesResponse,
    SecondFactorCode, SecondFactorResponse,
};
use masthead_openapi::parameters::IdPath;
use masthead_openapi::problem::ProblemCode;

use super::session;
use crate::answer::{Answer, Fresh, Gone};
use crate::auth::Identity;
use crate::credentials;
use crate::error::ApiError;
use crate::extract::{Body, Caller, Id};
use crate::limits;
use crate::second_factor::{self as codes, NewAuthenticator};
use crate::service::Service;

/// What somebody is told whose code did not do.
pub(super) fn refused(shown: Shown) -> ApiError {
    match shown {
        Shown::TooOften(spent) => limits::too_many_codes(spent),
        Shown::Missing => ApiError::new(
            ProblemCode::SecondFactorRequired,
            "The password is right, and the account asks for a code as well: send it in `code`.",
        ),
        Shown::Good | Shown::Wrong => ApiError::new(
            ProblemCode::InvalidCredentials,
            "The code is not right, or was used before. An authenticator makes another every thirty seconds.",
        ),
    }
}

fn accepted(shown: Shown) -> Result<(), ApiError> {
    match shown {
        Shown::Good => Ok(()),
        shown => Err(refused(shown)),
    }
}

/// Get your second factor
///
/// Whether logging in asks for a code, and whether your role requires it.
#[utoipa::path(
    operation_id = "get_second_factor",
    tag = "Session",
    responses((status = 200, description = "How it stands.", body = SecondFactorResponse))
)]
#[get("/auth/second-factor")]
pub async fn get_second_factor(
    service: Service,
    Caller(actor): Caller,
) -> Answer<Fresh<SecondFactorResponse>> {
    let standing = service.read(actor, second_factors::standing).await?;
    let data = standing.into();
    Ok(Fresh::new(SecondFactorResponse { data }))
}

/// Begin a second factor
///
/// Answers what an authenticator app needs to make codes (RFC 6238: SHA-1, six digits, thirty seconds). Nothing asks
/// for one before a first code is shown with `POST …/confirm`; whoever begins again gets another secret.
#[utoipa::path(
    operation_id = "begin_second_factor",
    tag = "Session",
    request_body = BeginSecondFactor,
    responses((status = 200, description = "What the authenticator is given.", body = NewSecondFactorResponse)),
    extensions(("x-problems" = json!(["invalid_credentials", "not_open"])))
)]
#[post("/auth/second-factor")]
pub async fn begin_second_factor(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<BeginSecondFactor>,
) -> Answer<Fresh<NewSecondFactorResponse>> {
    let (user, held) = service.read(actor.clone(), sessions::own_password).await?;
    let forgiven = limits::of_password(&service, user.id).await?;
    let is_right = service
        .hash(move || credentials::verify_password(&body.password, &held))
        .await?;
    if !is_right {
        return Err(session::wrong_password());
    }
    let site = &service.options().site.title;
    let made = NewAuthenticator::generate(service.keys()?, user.id, site, user.email.as_str())
        .map_err(ApiError::internal)?;
    let sealed = made.sealed;
    service
        .write(actor, move |unit| {
            forgiven.settle(unit)?;
            second_factors::begin(unit, &sealed)
        })
        .await?;
    let data = NewSecondFactor {
        secret: made.secret,
        uri: made.uri,
    };
    Ok(Fresh::new(NewSecondFactorResponse { data }))
}

/// Confirm a second factor
///
/// With a first code of the authenticator: from now on, logging in asks for one. Answers ten recovery codes, each of
/// which logs in once when the authenticator is lost.
#[utoipa::path(
    operation_id = "confirm_second_factor",
    tag = "Session",
    request_body = SecondFactorCode,
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodesResponse)),
    extensions(("x-problems" = json!(["invalid_credentials", "not_found", "not_open"])))
)]
#[post("/auth/second-factor/confirm")]
pub async fn confirm_second_factor(
    service: Service,
    identity: Identity,
    Body(body): Body<SecondFactorCode>,
) -> Answer<Fresh<RecoveryCodesResponse>> {
    let user = identity.actor.require_user()?;
    let made = codes::RecoveryCodes::generate(user).map_err(ApiError::internal)?;
    let (digests, session, shared) = (made.digests, identity.session, service.clone());
    let shown = service
        .write(identity.actor, move |unit| {
            let check = codes::checker(&shared, &body.code, unit.now);
            second_factors::confirm(unit, &check, &digests, session)
        })
        .await?;
    accepted(shown)?;
    Ok(recovery_codes(made.texts))
}

fn recovery_codes(recovery_codes: Vec<String>) -> Fresh<RecoveryCodesResponse> {
    let data = RecoveryCodes { recovery_codes };
    Fresh::new(RecoveryCodesResponse { data })
}

/// Renew your recovery codes
///
/// Answers ten others for a code of the authenticator, or one of those that there are; none of those works any more.
#[utoipa::path(
    operation_id = "renew_recovery_codes",
    tag = "Session",
    request_body = SecondFactorCode,
    responses((status = 200, description = "The recovery codes.", body = RecoveryCodesResponse)),
    extensions(("x-problems" = json!(["invalid_credentials", "not_found"])))
)]
#[post("/auth/second-factor/recovery-codes")]
pub async fn renew_recovery_codes(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<SecondFactorCode>,
) -> Answer<Fresh<RecoveryCodesResponse>> {
    let user = actor.require_user()?;
    let made = codes::RecoveryCodes::generate(user).map_err(ApiError::internal)?;
    let (digests, shared) = (made.digests, service.clone());
    let shown = service
        .write(actor, move |unit| {
            let check = codes::checker(&shared, &body.code, unit.now);
            second_factors::renew_recovery_codes(unit, &check, &digests)
        })
        .await?;
    accepted(shown)?;
    Ok(recovery_codes(made.texts))
}

/// Disable your second factor
///
/// With a code of it, or a recovery code. Not where your role requires one.
#[utoipa::path(
    operation_id = "disable_second_factor",
    tag = "Session",
    request_body = SecondFactorCode,
    responses((status = 204, description = "Logging in asks for no code any more.")),
    extensions(("x-problems" = json!(["invalid_credentials", "not_found", "not_open"])))
)]
#[post("/auth/second-factor/disable")]
pub async fn disable_second_factor(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<SecondFactorCode>,
) -> Answer<Gone> {
    let shared = service.clone();
    let shown = service
        .write(actor, move |unit| {
            let check = codes::checker(&shared, &body.code, unit.now);
            second_factors::disable(unit, &check)
        })
        .await?;
    accepted(shown)?;
    Ok(Gone)
}

/// Take somebody's second factor away
///
/// For whoever has lost theirs and the recovery codes: they log in with the password alone, and set another one up
/// where their role requires it.
#[utoipa::path(
    operation_id = "delete_user_second_factor",
    tag = "Accounts",
    params(IdPath),
    responses((status = 204, description = "Logging in asks for no code any more.")),
    extensions(("x-problems" = json!(["not_open"])))
)]
#[delete("/users/{id}/second-factor")]
pub async fn delete_user_second_factor(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
) -> Answer<Gone> {
    service
        .write(actor, move |unit| second_factors::remove(unit, *id))
        .await?;
    Ok(Gone)
}
