//! Settings of the site.

use actix_web::{get, put};
use masthead_domain::preflight::Levels;
use masthead_domain::use_cases::preflighting::{self, PreflightSettings as Settings};
use masthead_openapi::management::{
    PreflightSettings, PreflightSettingsResponse, SetPreflightSettings, etag,
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
