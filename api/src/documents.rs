//! The OpenAPI documents: made of the routes that serve, committed, and carried by the binary as they were committed.

use actix_web::App;
use masthead_openapi::document::{Surface, finish};
use serde_json::Value;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::scope::scope;

use crate::{delivery, management, preview};

/// The document of a surface, made of its routes.
#[must_use]
pub fn document(surface: Surface) -> Value {
    let app = App::new().into_utoipa_app();
    let prefix = surface.prefix();
    let (_, collected) = match surface {
        Surface::Delivery => app.service(delivery::routes(scope(prefix))).split_for_parts(),
        Surface::Preview => app.service(preview::routes(scope(prefix))).split_for_parts(),
        Surface::Management => app.service(management::routes(scope(prefix))).split_for_parts(),
    };
    finish(&collected, surface)
}

/// The same as it is to be committed.
#[must_use]
pub fn text(surface: Surface) -> String {
    let mut text = serde_json::to_string_pretty(&document(surface)).unwrap_or_default();
    text.push('\n');
    text
}

/// The document as it was committed. Making it takes twenty times the memory that serving needs.
#[must_use]
pub const fn committed(surface: Surface) -> &'static str {
    match surface {
        Surface::Delivery => include_str!("../../openapi/delivery.json"),
        Surface::Preview => include_str!("../../openapi/preview.json"),
        Surface::Management => include_str!("../../openapi/management.json"),
    }
}
