//! Every answer of every test is held against the OpenAPI documents: no status, code, header or body outside them.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use masthead_api::documents;
use masthead_openapi::document::{PROBLEM_CODES, Surface, resolve};
use serde_json::{Value, json};

use crate::caller::Response;

static DOCUMENTS: LazyLock<[(Surface, Value); 3]> = LazyLock::new(|| {
    [Surface::Delivery, Surface::Preview, Surface::Management]
        .map(|surface| (surface, documents::document(surface)))
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// Panics unless the documents allow this answer to this request.
pub fn check(method: &str, path: &str, response: &Response) {
    let path = path.split('?').next().unwrap_or_default();
    let found = DOCUMENTS
        .iter()
        .find(|(surface, _)| path.starts_with(surface.prefix()));
    assert!(
        response.header("x-request-id").is_some(),
        "{method} {path}: no request id"
    );
    let Some((surface, document)) = found else { return };
    let what = format!("{method} {path} answered {}", response.status());
    let method = if method == "HEAD" {
        "get".to_owned()
    } else {
        method.to_lowercase()
    };
    let Some((template, operation)) = operation(document, path, &method) else {
        assert!(
            [400, 401, 404, 405, 414, 431].contains(&response.status()),
            "{what} where no operation is documented: {}",
            response.text()
        );
        check_problem(&what, response, *surface, document);
        return;
    };
    let documented = resolve(document, &operation["responses"][response.status().to_string()]);
    assert!(
        documented.is_object(),
        "{what}, which {method} {template} does not document: {}",
        response.text()
    );
    for name in ["x-request-id", "x-content-type-options", "cache-control"] {
        assert!(response.header(name).is_some(), "{what} without {name}");
    }
    if response.status() >= 400 {
        check_problem(&what, response, *surface, document);
        if response.bytes().is_empty() {
            return; // HEAD
        }
        let code = response.body()["code"].clone();
        let codes = documented[PROBLEM_CODES].as_array().cloned().unwrap_or_default();
        assert!(
            codes.contains(&code),
            "{what} with the code {code}, which is not documented there: {codes:?}"
        );
        return;
    }
    check_success(&what, response, *surface, document, documented);
}

fn check_success(what: &str, response: &Response, surface: Surface, document: &Value, documented: &Value) {
    let Some(content) = documented["content"].as_object() else {
        assert!(
            response.bytes().is_empty(),
            "{what} with a body that is not documented: {}",
            response.text()
        );
        return;
    };
    if response.bytes().is_empty() {
        return; // HEAD
    }
    let kind = response.header("content-type").unwrap_or_default();
    let schema = content
        .get(kind)
        .unwrap_or_else(|| panic!("{what} as {kind}, which is not documented"));
    validate(what, response, surface, document, &schema["schema"]);
}

fn check_problem(what: &str, response: &Response, surface: Surface, document: &Value) {
    assert_eq!(
        response.header("content-type"),
        Some("application/problem+json"),
        "{what}: {}",
        response.text()
    );
    if response.bytes().is_empty() {
        return; // HEAD
    }
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    validate(what, response, surface, document, &problem);
    let body = response.body();
    assert_eq!(body["status"], response.status(), "{what}");
    assert_eq!(
        body["request_id"].as_str(),
        response.header("x-request-id"),
        "{what}"
    );
}

fn validate(what: &str, response: &Response, surface: Surface, document: &Value, schema: &Value) {
    let key = format!("{surface:?} {schema}");
    let mut validators = VALIDATORS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = *validators.entry(key).or_insert_with(|| {
        let mut root = schema.clone();
        root["components"] = document["components"].clone();
        let built = jsonschema::options().should_validate_formats(true).build(&root);
        Box::leak(Box::new(
            built.unwrap_or_else(|error| panic!("{schema}: {error}")),
        ))
    });
    drop(validators);
    // What is no JSON is a text to the documents.
    let kind = response.header("content-type").unwrap_or_default();
    let is_json = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.ends_with("/json") || kind.ends_with("+json"));
    let body = if is_json {
        response.body()
    } else {
        Value::from(std::str::from_utf8(response.bytes()).unwrap_or_else(|error| panic!("{what}: {error}")))
    };
    let errors: Vec<_> = validator
        .iter_errors(&body)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{what}, and the body breaks its schema: {errors:#?}\n{body:#}"
    );
}

fn operation<'a>(document: &'a Value, path: &str, method: &str) -> Option<(&'a str, &'a Value)> {
    let paths = document["paths"].as_object()?;
    let mut fitting: Vec<_> = paths
        .iter()
        .filter(|(template, _)| fits(template, path))
        .collect();
    // A literal is meant where a parameter fits too, and so is what ends in one.
    fitting.sort_by_key(|(template, _)| (template.matches('{').count(), template.ends_with('}')));
    let (template, item) = fitting.first()?;
    item.get(method).map(|operation| (template.as_str(), operation))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(t, p)| *t == p || is_value(t, p))
}

/// Whether a segment is what a template asks for: `{slug}.md` is anything that ends in `.md`.
fn is_value(template: &str, segment: &str) -> bool {
    let ending = template
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
        .map(|(_, ending)| ending);
    ending.is_some_and(|ending| {
        segment
            .strip_suffix(ending)
            .is_some_and(|value| !value.is_empty())
    })
}
