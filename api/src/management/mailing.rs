//! Mails to accounts: forgotten passwords, addresses that are shown to be somebody's, and invitations.

use actix_web::post;
use masthead_domain::account::KeyDigest;
use masthead_domain::email::Email;
use masthead_domain::id::UserId;
use masthead_domain::mail::MailKind;
use masthead_domain::use_cases::accounts::UserInput;
use masthead_domain::use_cases::{Unit, accounts, mailing, sessions};
use masthead_openapi::management::{
    ChoosePassword, ConfirmEmail, CreateInvitation, RequestPasswordReset, UserResponse,
};
use masthead_openapi::parameters::IdPath;
use masthead_openapi::problem::ProblemCode;

use super::users;
use crate::answer::{Accepted, Answer, Created, Gone};
use crate::auth;
use crate::credentials::{self, NewKey};
use crate::error::ApiError;
use crate::extract::{Body, Caller, Id};
use crate::limits;
use crate::passwords;
use crate::service::Service;

/// Refuses to promise a mail that nobody would send.
fn can_send(service: &Service) -> Result<(), ApiError> {
    if service.options().mailer.is_some() {
        return Ok(());
    }
    let detail = "No server that takes mail is set, so none was promised to anybody. Nothing was changed.";
    Err(ApiError::new(ProblemCode::MailNotConfigured, detail))
}

fn link(token: &str) -> Result<KeyDigest, ApiError> {
    credentials::link_digest(token).ok_or_else(no_link)
}

fn no_link() -> ApiError {
    let detail = "This link was used, is too old, or is not whole. Ask for another one.";
    ApiError::new(ProblemCode::InvalidToken, detail)
}

/// Ask for a new password
///
/// Sends a mail with a link to choose one, good for an hour and once. The answer is the same, and as soon, whether or
/// not there is an account with the address.
#[utoipa::path(
    operation_id = "request_password_reset",
    tag = "Session",
    request_body = RequestPasswordReset,
    security(()),
    responses((status = 202, description = "A mail will be sent if there is such an account.")),
    extensions(("x-problems" = json!(["mail_not_configured"])))
)]
#[post("/auth/password-reset")]
pub async fn request_password_reset(
    service: Service,
    auth::From(device): auth::From,
    Body(body): Body<RequestPasswordReset>,
) -> Answer<Accepted> {
    can_send(&service)?;
    let address = Email::parse(&body.email).map_err(|refused| refused.at("/email"))?;
    limits::of_mail(&service, address.as_str(), Some(device.address.parse().ok())).await?;
    let request = move |unit: &mut Unit<'_>| mailing::request_reset(unit, &address);
    let accepted = service.answer(auth::nobody(), request, |()| Accepted).await?;
    service.post().notify_one();
    Ok(accepted)
}

/// Choose a new password
///
/// With the token of a mail. Every session of the account ends; logging in asks for its second factor as before.
#[utoipa::path(
    operation_id = "confirm_password_reset",
    tag = "Session",
    request_body = ChoosePassword,
    security(()),
    responses((status = 204, description = "The password is the new one.")),
    extensions(("x-problems" = json!(["invalid_token"])))
)]
#[post("/auth/password-reset/confirm")]
pub async fn confirm_password_reset(service: Service, Body(body): Body<ChoosePassword>) -> Answer<Gone> {
    choose(&service, MailKind::PasswordReset, body).await
}

async fn choose(service: &Service, kind: MailKind, body: ChoosePassword) -> Answer<Gone> {
    let digest = link(&body.token)?;
    let user = service
        .read(auth::nobody(), move |unit| mailing::holder(unit, kind, &digest))
        .await?
        .ok_or_else(no_link)?;
    let cost = service.options().password_cost;
    let hash = service
        .hash(move || passwords::hash(&body.password, user.email.as_str(), &user.name, cost))
        .await?
        .map_err(ApiError::internal)?;
    let hash = hash.map_err(|refused| refused.at("/password"))?;
    let chosen = service
        .write(auth::nobody(), move |unit| {
            mailing::choose_password(unit, kind, &digest, &hash)
        })
        .await?;
    chosen.map(|_| Gone).ok_or_else(no_link)
}

/// Ask whether your address is yours
///
/// Sends a mail with a link that shows it, good for a day and once. Nothing is sent where that was shown before.
#[utoipa::path(
    operation_id = "request_email_verification",
    tag = "Session",
    responses((status = 202, description = "A mail will be sent.")),
    extensions(("x-problems" = json!(["mail_not_configured"])))
)]
#[post("/auth/email-verification")]
pub async fn request_email_verification(service: Service, Caller(actor): Caller) -> Answer<Accepted> {
    can_send(&service)?;
    let (user, _) = service.read(actor.clone(), sessions::own_password).await?;
    limits::of_mail(&service, user.email.as_str(), None).await?;
    let request = mailing::request_verification;
    let accepted = service.answer(actor, request, |()| Accepted).await?;
    service.post().notify_one();
    Ok(accepted)
}

/// Show that an address is yours
///
/// With the token of a mail; no login is needed, for the mail is often read on another device.
#[utoipa::path(
    operation_id = "confirm_email_verification",
    tag = "Session",
    request_body = ConfirmEmail,
    security(()),
    responses((status = 204, description = "The account's address is verified.")),
    extensions(("x-problems" = json!(["invalid_token"])))
)]
#[post("/auth/email-verification/confirm")]
pub async fn confirm_email_verification(service: Service, Body(body): Body<ConfirmEmail>) -> Answer<Gone> {
    let digest = link(&body.token)?;
    let verified = service
        .write(auth::nobody(), move |unit| mailing::verify(unit, &digest))
        .await?;
    verified.map(|_| Gone).ok_or_else(no_link)
}

/// Invite somebody
///
/// Makes an account with a role of at most your own rights, and sends a mail with a link to choose its password, good
/// for seven days and once.
#[utoipa::path(
    operation_id = "create_invitation",
    tag = "Accounts",
    request_body = CreateInvitation,
    responses((status = 201, description = "The new account.", body = UserResponse)),
    extensions(("x-problems" = json!(["already_exists", "mail_not_configured"])))
)]
#[post("/invitations")]
pub async fn create_invitation(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateInvitation>,
) -> Answer<Created<UserResponse>> {
    actor.require(masthead_domain::rights::Permission::UsersManage)?;
    can_send(&service)?;
    limits::of_mail(&service, &body.email, None).await?;
    // A password that nobody knows, so that the account is like any other to whoever tries to log in.
    let (nobodys, cost) = (
        NewKey::link_token().map_err(ApiError::internal)?,
        service.options().password_cost,
    );
    let hash = service
        .hash(move || credentials::hash_password(&nobodys.text, cost))
        .await?
        .map_err(ApiError::internal)?;
    let input = UserInput::from(body);
    let invite = move |unit: &mut Unit<'_>| mailing::invite(unit, input.clone(), &hash);
    let created = service.answer(actor, invite, users::created).await?;
    service.post().notify_one();
    Ok(created)
}

/// Send an invitation once more
///
/// To an account that has not shown yet that its address is its owner's.
#[utoipa::path(
    operation_id = "resend_invitation",
    tag = "Accounts",
    params(IdPath),
    responses((status = 202, description = "A mail will be sent.")),
    extensions(("x-problems" = json!(["mail_not_configured", "not_open"])))
)]
#[post("/users/{id}/invitation")]
pub async fn resend_invitation(service: Service, Caller(actor): Caller, id: Id<UserId>) -> Answer<Accepted> {
    let user = service
        .read(actor.clone(), move |unit| accounts::get(unit, *id))
        .await?;
    can_send(&service)?;
    limits::of_mail(&service, user.email.as_str(), None).await?;
    let invite = move |unit: &mut Unit<'_>| mailing::invite_again(unit, *id);
    let accepted = service.answer(actor, invite, |()| Accepted).await?;
    service.post().notify_one();
    Ok(accepted)
}

/// Accept an invitation
///
/// With the token of its mail, by choosing a password. Log in with it then.
#[utoipa::path(
    operation_id = "accept_invitation",
    tag = "Session",
    request_body = ChoosePassword,
    security(()),
    responses((status = 204, description = "The account has the password, and its address is verified.")),
    extensions(("x-problems" = json!(["invalid_token"])))
)]
#[post("/auth/invitation/accept")]
pub async fn accept_invitation(service: Service, Body(body): Body<ChoosePassword>) -> Answer<Gone> {
    choose(&service, MailKind::Invitation, body).await
}
