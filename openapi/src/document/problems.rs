//! What can go wrong in each operation, as answers that many of them share.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{PROBLEM_CODES, PROBLEMS, Surface, names_its_form, with_headers};
use crate::problem::ProblemCode;

/// What every operation can answer with 400; the name of a shared answer tells the others.
const ALWAYS: [ProblemCode; 3] = [
    ProblemCode::MalformedRequest,
    ProblemCode::UnknownParameter,
    ProblemCode::KeyInUrl,
];

/// What can go wrong, from what the operation takes.
pub(super) fn codes(surface: Surface, path: &str, operation: &Value) -> BTreeMap<u16, Vec<ProblemCode>> {
    use ProblemCode as C;
    let parameters: Vec<(&str, &str)> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|parameter| Some((parameter["in"].as_str()?, parameter["name"].as_str()?)))
        .collect();
    let has = |place: &str, name: &str| parameters.contains(&(place, name));
    let mut codes = ALWAYS.to_vec();
    codes.extend((!names_its_form(path)).then_some(C::NotAcceptable));
    codes.extend([
        C::RequestTimeout,
        C::UriTooLong,
        C::HeadersTooLarge,
        C::BodyTooLarge,
        C::TooManyRequests,
        C::InternalError,
        C::Unavailable,
    ]);
    if parameters.iter().any(|(place, _)| *place == "query") {
        codes.push(C::InvalidParameter);
    }
    if has("query", "after") {
        codes.push(C::InvalidCursor);
    }
    if path.contains('{') {
        codes.push(C::NotFound);
    }
    if has("header", "If-Match") {
        codes.extend([C::InvalidHeader, C::StaleRevision, C::PreconditionRequired]);
    }
    if has("header", super::once::KEY) {
        codes.push(C::InvalidHeader);
        if !operation["security"].is_array() {
            codes.extend([C::RequestInProgress, C::AnswerNotKept, C::IdempotencyKeyReused]);
        }
    }
    if operation["requestBody"].is_object() {
        codes.extend([
            C::InvalidJson,
            C::UnsupportedMediaType,
            C::ValidationFailed,
            C::UnknownField,
        ]);
    }
    if has("header", "Last-Event-ID") {
        codes.push(C::InvalidHeader);
    }
    let is_open = operation["security"].is_array();
    if !is_open {
        codes.extend([C::AuthenticationRequired, C::InvalidToken]);
        codes.extend((surface != Surface::Delivery).then_some(C::Forbidden));
    }
    let own: BTreeSet<_> = operation[PROBLEMS]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    codes.extend(C::ALL.iter().filter(|code| own.contains(code.as_str())));
    let mut by_status: BTreeMap<u16, Vec<C>> = BTreeMap::new();
    for code in C::ALL.iter().filter(|code| codes.contains(code)) {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

/// The name of the answer with these codes among the components; another set has another name.
pub(super) fn name(codes: &[ProblemCode]) -> String {
    let own: Vec<_> = codes.iter().filter(|code| !ALWAYS.contains(code)).collect();
    let head = if own.len() < codes.len() { "BadRequest" } else { "" };
    let words = own.iter().flat_map(|code| code.as_str().split('_'));
    let tail: String = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    format!("{head}{tail}")
}

/// The answer that carries one of these codes.
pub(super) fn response(codes: &[ProblemCode]) -> Value {
    let description: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.as_str(), code.title()))
        .collect();
    let headers = match codes[0].status() {
        410 if codes.contains(&ProblemCode::Gone) => {
            with_headers(&["Cache-Control", "Cache-Tag", "X-Request-Id"])
        }
        401 => with_headers(&["WWW-Authenticate", "X-Request-Id"]),
        429 => with_headers(&["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"]),
        503 => with_headers(&["Retry-After", "X-Request-Id"]),
        _ => with_headers(&["X-Request-Id"]),
    };
    let examples = codes.iter().map(|code| {
        let word = code.as_str().to_owned();
        let place = json!({ "$ref": format!("#/components/examples/{word}") });
        (word, place)
    });
    json!({
        "description": description.join(" "),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": examples.collect::<Map<_, _>>(),
            }
        },
        PROBLEM_CODES: codes.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_named_after_what_is_special_about_it() {
        use ProblemCode as C;
        assert_eq!(name(&[C::NotFound]), "NotFound");
        assert_eq!(name(&[C::AlreadyExists, C::InUse]), "AlreadyExistsInUse");
        assert_eq!(name(&ALWAYS), "BadRequest");
        assert_eq!(
            name(&[
                C::MalformedRequest,
                C::InvalidJson,
                C::UnknownParameter,
                C::KeyInUrl
            ]),
            "BadRequestInvalidJson"
        );
    }
}
