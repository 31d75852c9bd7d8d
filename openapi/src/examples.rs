//! Examples in the documents.

use serde_json::Value;

use crate::document::Surface;
use crate::problem::{Problem, ProblemCode};

/// A problem of this code, as an answer would carry it.
pub(crate) fn problem(code: ProblemCode) -> Value {
    let problem = Problem {
        request_id: "0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b".into(),
        ..Problem::new(code, code.advice())
    };
    serde_json::to_value(problem).unwrap_or_default()
}

/// Adds examples to the answers of a document.
pub(crate) fn add(_document: &mut Value, _surface: Surface) {}
