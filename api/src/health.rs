//! Whether the service lives and whether it is ready, for those who run it.

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::answer::Answer;
use crate::service::Service;

/// Registers the routes; they are no part of the contract.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(live).service(ready);
}

/// The process answers.
#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// The database answers, with its schema in place.
#[get("/health/ready")]
async fn ready(service: Service) -> Answer<HttpResponse> {
    service.keys()?;
    service.storage().ping().await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ready" })))
}
