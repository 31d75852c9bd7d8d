//! What every `POST` of management has: it can be sent again and is carried out once.

use serde_json::{Value, json};

use super::Surface;

/// The header of a request.
pub(super) const KEY: &str = "Idempotency-Key";
/// The header of an answer that was given before.
pub(super) const REPLAYED: &str = "Idempotent-Replayed";

/// Adds the header that an operation takes; answers whether its answer can be one that was given before.
pub(super) fn complete(surface: Surface, method: &str, operation: &mut Value) -> bool {
    if surface != Surface::Management || method != "post" {
        return false;
    }
    let is_open = operation["security"].is_array();
    let description = if is_open {
        "Checked and otherwise without effect: the answer holds a secret, so it is never kept. A request that is sent \
         again is carried out again, which changes nothing."
    } else {
        "A name of your choosing for this request, such as a UUID; in quotes or bare. For 24 hours the same key with \
         the same request gets the first answer again, with `Idempotent-Replayed: true`, and nothing is done twice. \
         Each credential has keys of its own."
    };
    let parameter = json!({
        "name": KEY,
        "in": "header",
        "required": false,
        "description": description,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
    !is_open
}

/// Says that an answer may be one that was given before.
pub(super) fn add_header(response: &mut Value) {
    response["headers"][REPLAYED] = json!({ "$ref": format!("#/components/headers/{REPLAYED}") });
}
