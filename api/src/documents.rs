//! The OpenAPI documents, made of the routes that serve.

use actix_web::App;
use masthead_openapi::document::{Surface, finish};
use serde_json::Value;
use utoipa_actix_web::AppExt;

use crate::{delivery, management, preview};

/// The document of a surface.
#[must_use]
pub fn document(surface: Surface) -> Value {
    let app = App::new().into_utoipa_app();
    let (_, collected) = match surface {
        Surface::Delivery => app.configure(delivery::configure).split_for_parts(),
        Surface::Preview => app.configure(preview::configure).split_for_parts(),
        Surface::Management => app.configure(management::configure).split_for_parts(),
    };
    finish(&collected, surface)
}

/// The delivery document as it is committed.
#[must_use]
pub fn delivery_json() -> String {
    text(Surface::Delivery)
}

/// The management document as it is committed.
#[must_use]
pub fn management_json() -> String {
    text(Surface::Management)
}

/// The preview document as it is committed.
#[must_use]
pub fn preview_json() -> String {
    text(Surface::Preview)
}

fn text(surface: Surface) -> String {
    let mut text = serde_json::to_string_pretty(&document(surface)).unwrap_or_default();
    text.push('\n');
    text
}
