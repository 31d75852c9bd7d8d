//! Settings of the site.

use std::collections::BTreeSet;

use actix_web::{get, put};
use masthead_domain::preflight::Levels;
use masthead_domain::use_cases::preflighting::{self, PreflightSettings as Settings};
use masthead_domain::use_cases::second_factors::{self, SecuritySettings as Security};
use masthead_openapi::management::{
    PreflightSettings, PreflightSettingsResponse, SecuritySettings, SecuritySettingsResponse,
    SetPreflightSettings, SetSecuritySettings, etag,
};
use masthead_openapi::parameters::IfMatch;

use crate::answer::{Answer, Fresh};
use crate::extract::{Body, Caller, Seen};
use crate::service::Service;

fn fresh(settings: Settings) -> Fresh<PreflightSettingsResponse> {
    let tag = etag(PreflightSettings::id(), settings.revision);
    let data = settings.into();
    Fresh::revision(PreflightSettingsResponse { data }, tag)
}

/// Get the preflight settings
///
/// What the site makes of each check before publishing: nothing, a warning, or an error that keeps what is wrong from
/// readers.
#[utoipa::path(
    operation_id = "get_preflight_settings",
    tag = "Settings",
    responses((status = 200, description = "Each check.", body = PreflightSettingsResponse))
)]
#[get("/settings/preflight")]
pub async fn get_preflight_settings(
    service: Service,
    Caller(actor): Caller,
) -> Answer<Fresh<PreflightSettingsResponse>> {
    let settings = service.read(actor, preflighting::settings).await?;
    Ok(fresh(settings))
}

/// Set the preflight settings
///
/// Turns checks off or up, on every node with the next publication. A check that is left out gets its default.
#[utoipa::path(
    operation_id = "set_preflight_settings",
    tag = "Settings",
    params(IfMatch),
    request_body = SetPreflightSettings,
    responses((status = 200, description = "Each check.", body = PreflightSettingsResponse))
)]
#[put("/settings/preflight")]
pub async fn set_preflight_settings(
    service: Service,
    Caller(actor): Caller,
    seen: Seen,
    Body(body): Body<SetPreflightSettings>,
) -> Answer<Fresh<PreflightSettingsResponse>> {
    let (seen, levels) = (seen.of(PreflightSettings::id()), Levels::from(body.checks));
    let changed = service
        .write(actor, move |unit| preflighting::set(unit, &seen, levels.clone()))
        .await?;
    Ok(fresh(changed))
}

fn fresh_security(settings: Security) -> Fresh<SecuritySettingsResponse> {
    let tag = etag(SecuritySettings::id(), settings.revision);
    let data = settings.into();
    Fresh::revision(SecuritySettingsResponse { data }, tag)
}

/// Get the security settings
///
/// What the site requires of accounts.
#[utoipa::path(
    operation_id = "get_security_settings",
    tag = "Settings",
    responses((status = 200, description = "What is required.", body = SecuritySettingsResponse))
)]
#[get("/settings/security")]
pub async fn get_security_settings(
    service: Service,
    Caller(actor): Caller,
) -> Answer<Fresh<SecuritySettingsResponse>> {
    let settings = service.read(actor, second_factors::settings).await?;
    Ok(fresh_security(settings))
}

/// Set the security settings
///
/// Roles that need a second factor: whoever has one of them and no second factor can do nothing else before they have
/// set one up, from their next login or renewal on. API keys need none.
#[utoipa::path(
    operation_id = "set_security_settings",
    tag = "Settings",
    params(IfMatch),
    request_body = SetSecuritySettings,
    responses((status = 200, description = "What is required.", body = SecuritySettingsResponse))
)]
#[put("/settings/security")]
pub async fn set_security_settings(
    service: Service,
    Caller(actor): Caller,
    seen: Seen,
    Body(body): Body<SetSecuritySettings>,
) -> Answer<Fresh<SecuritySettingsResponse>> {
    let (seen, roles) = (seen.of(SecuritySettings::id()), BTreeSet::from(body));
    let changed = service
        .write(actor, move |unit| second_factors::set(unit, &seen, &roles))
        .await?;
    Ok(fresh_security(changed))
}
