//! From what a schema says against a value to what a client is told.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{ValidationError, Validator};
use masthead_openapi::problem::ProblemError;
use serde_json::Value;

/// Everything that is wrong with a value. Of the shapes of a `oneOf`, the one that was meant is told by its
/// discriminator, or else by having the least against the value.
pub fn all(validator: &Validator, value: &Value, components: &Value) -> Vec<ProblemError> {
    let mut out = Vec::new();
    for error in validator.iter_errors(value) {
        tell(&error, value, components, &mut out);
    }
    out.dedup();
    out
}

fn tell(error: &ValidationError<'_>, root: &Value, components: &Value, out: &mut Vec<ProblemError>) {
    let at = error.instance_path().as_str().to_owned();
    let found = root.pointer(&at).unwrap_or(&Value::Null);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = known_fields(error, components);
            out.extend(unexpected.iter().map(|name| {
                let message = format!("`{name}` is not a field here{known}.");
                ProblemError::at(format!("{at}/{}", escaped(name)), "unknown_field", message)
            }));
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let message = format!("`{name}` is missing.");
            out.push(ProblemError::at(
                format!("{at}/{}", escaped(name)),
                "required",
                message,
            ));
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } | Kind::OneOfMultipleValid { context } => {
            if let Some(error) = unknown_kind(context, &at, found) {
                return out.push(error);
            }
            match meant(context, &at) {
                Some(errors) => errors.iter().for_each(|error| tell(error, root, components, out)),
                None => out.push(ProblemError::at(
                    at,
                    "wrong_shape",
                    "This fits none of the shapes that are taken.",
                )),
            }
        }
        kind => {
            let (code, message) = said(kind, found).unwrap_or_else(|| ("invalid", format!("{error}.")));
            out.push(ProblemError::at(at, code, message));
        }
    }
}

/// The code and message of what is wrong with one value in itself.
fn said(kind: &Kind, found: &Value) -> Option<(&'static str, String)> {
    Some(match kind {
        Kind::Type { kind } => (
            "wrong_type",
            format!("This is {}; expected: {}.", article(found), expected(kind)),
        ),
        Kind::Enum { options } => {
            let options: Vec<_> = options.as_array().into_iter().flatten().map(plain).collect();
            let options = options.join(", ");
            (
                "unknown_value",
                format!("{} is not known here; use one of: {options}.", shown(found)),
            )
        }
        Kind::Constant { expected_value } => (
            "unknown_value",
            format!(
                "{} is not known here; use {}.",
                shown(found),
                plain(expected_value)
            ),
        ),
        Kind::MaxLength { limit } => {
            let length = found.as_str().map_or(0, |text| text.chars().count());
            (
                "too_long",
                format!("This has {length} characters; at most {limit} are kept."),
            )
        }
        Kind::MinLength { limit } => (
            "too_short",
            format!("This must have at least {limit} character{}.", plural(*limit)),
        ),
        Kind::MaxItems { limit } => {
            let length = found.as_array().map_or(0, Vec::len);
            (
                "too_many",
                format!("This has {length} entries; at most {limit} are taken."),
            )
        }
        Kind::MinItems { limit } => ("too_few", format!("This needs more entries: at least {limit}.")),
        Kind::Minimum { limit } => ("out_of_range", format!("{} is less than {limit}.", shown(found))),
        Kind::Maximum { limit } => ("out_of_range", format!("{} is more than {limit}.", shown(found))),
        Kind::Format { format } => {
            let code = if format == "uuid" {
                "invalid_id"
            } else {
                "invalid_format"
            };
            (code, format!("{} is no {}.", shown(found), format_name(format)))
        }
        Kind::Pattern { pattern } => ("invalid_format", format!("This must match `{pattern}`.")),
        _ => return None,
    })
}

/// The fields that tell the shapes of a `oneOf` apart.
const DISCRIMINATORS: [&str; 2] = ["kind", "op"];

/// A discriminator that names none of the shapes; then nothing else can be said of the value.
fn unknown_kind(context: &[Vec<ValidationError<'_>>], at: &str, found: &Value) -> Option<ProblemError> {
    let mut names = DISCRIMINATORS.iter();
    names.find_map(|name| unknown(context, at, found, name))
}

fn unknown(
    context: &[Vec<ValidationError<'_>>],
    at: &str,
    found: &Value,
    name: &str,
) -> Option<ProblemError> {
    let kind = format!("{at}/{name}");
    let mut known = Vec::new();
    for errors in context {
        let refused = errors
            .iter()
            .find(|error| error.instance_path().as_str() == kind)?;
        match refused.kind() {
            Kind::Enum { options } => known.extend(options.as_array().into_iter().flatten().map(plain)),
            Kind::Constant { expected_value } => known.push(plain(expected_value)),
            _ => return None,
        }
    }
    let (given, known) = (shown(&found[name]), known.join(", "));
    let message = format!("{given} is not known here; use one of: {known}.");
    (!context.is_empty()).then(|| ProblemError::at(kind, "unknown_value", message))
}

/// The shape whose complaints say most: one that accepts the discriminator, then the one with fewest of them. A
/// complaint that a value should be null is the least helpful.
fn meant<'a, 'e>(context: &'a [Vec<ValidationError<'e>>], at: &str) -> Option<&'a Vec<ValidationError<'e>>> {
    let kinds = DISCRIMINATORS.map(|name| format!("{at}/{name}"));
    let weight = |errors: &Vec<ValidationError<'_>>| {
        let other_kind = errors.iter().any(|error| match error.kind() {
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                DISCRIMINATORS.contains(&name) && error.instance_path().as_str() == at
            }
            _ => kinds.iter().any(|kind| error.instance_path().as_str() == kind),
        });
        let other_type = errors
            .iter()
            .any(|error| matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == at);
        (other_type, other_kind, errors.len())
    };
    let best = context
        .iter()
        .filter(|errors| !errors.is_empty())
        .min_by_key(|errors| weight(errors))?;
    Some(best)
}

/// The names that the refusing schema knows, found by its place in the document.
fn known_fields(error: &ValidationError<'_>, components: &Value) -> String {
    let place = error.schema_path().as_str();
    let reference = error.evaluation_path().as_str();
    let schema = [place, reference].into_iter().find_map(|path| {
        let parent = path.strip_suffix("/additionalProperties")?;
        let parent = parent
            .rfind("/components/schemas/")
            .map_or(parent, |start| &parent[start..]);
        components.pointer(parent.strip_prefix("/components")?)
    });
    let names: Vec<_> = schema
        .and_then(|schema| schema["properties"].as_object())
        .into_iter()
        .flat_map(|p| p.keys())
        .cloned()
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; allowed: {}", names.join(", "))
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), |text| format!("`{text}`"))
}

/// The value, cut where it is long, for it comes from outside.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() {
        format!("`{cut}…`")
    } else {
        format!("`{cut}`")
    }
}

const fn article(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(many) => many
            .into_iter()
            .map(|one| one.to_string())
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn format_name(format: &str) -> &str {
    match format {
        "uuid" => "UUID",
        "date-time" => "time as in `2026-01-31T12:00:00Z`",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use masthead_openapi::document::Surface;
    use serde_json::json;

    use super::*;
    use crate::contract::contract;

    fn errors(body: &Value) -> Vec<(String, String, String)> {
        let error = contract()
            .check_body(Surface::Management, "CreateArticle", body)
            .unwrap_err();
        let errors = error.0.errors.iter();
        errors
            .map(|e| (e.pointer.clone().unwrap(), e.code.clone(), e.message.clone()))
            .collect()
    }

    #[test]
    fn a_section_is_told_by_its_kind() {
        let of = |section: Value| errors(&json!({ "locale": "en", "title": "T", "sections": [section] }));
        let unknown = of(json!({ "kind": "video", "url": 1 }));
        let message =
            "`\"video\"` is not known here; use one of: `text`, `quote`, `image`, `embed`, `callout`.";
        assert_eq!(
            unknown,
            [(
                "/sections/0/kind".to_owned(),
                "unknown_value".to_owned(),
                message.to_owned()
            )]
        );
        let quote = of(json!({ "kind": "quote", "attribution": 5 }));
        let mut said: Vec<_> = quote
            .iter()
            .map(|(pointer, code, _)| (pointer.as_str(), code.as_str()))
            .collect();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                ("/sections/0/attribution", "wrong_type"),
                ("/sections/0/body", "required")
            ]
        );
        assert_eq!(of(json!(5))[0].1, "wrong_type");
        assert_eq!(of(json!({ "body": "" }))[0].0, "/sections/0/kind");
    }

    #[test]
    fn an_operation_is_told_by_its_op_and_its_section_by_its_kind() {
        let of = |operation: Value| {
            let body = json!({ "base_revision": 1, "operations": [operation] });
            let checked = contract().check_body(Surface::Management, "CreateProposal", &body);
            let mut errors: Vec<_> = checked
                .unwrap_err()
                .0
                .errors
                .iter()
                .map(|e| (e.pointer.clone().unwrap(), e.code.clone()))
                .collect();
            errors.sort_unstable();
            errors
        };
        let at = |place: &str, code: &str| (format!("/operations/0{place}"), code.to_owned());
        assert_eq!(of(json!({ "op": "rename" })), [at("/op", "unknown_value")]);
        assert_eq!(of(json!({ "section_id": "x" }))[0], at("/op", "required"));
        assert_eq!(
            of(json!({ "op": "insert", "section": { "kind": "video" } })),
            [at("/section/kind", "unknown_value")]
        );
        assert_eq!(
            of(json!({ "op": "replace", "section": { "kind": "text" } })),
            [at("/section/body", "required"), at("/section_id", "required")]
        );
    }

    #[test]
    fn an_unknown_field_is_told_what_is_known() {
        let said = errors(&json!({ "locale": "en", "title": "T", "faqs": [{ "id": "x", "a": 1 }] }));
        assert!(
            said.iter()
                .any(|(pointer, _, message)| pointer == "/faqs/0/a" && message.ends_with("allowed: id."))
        );
    }
}
