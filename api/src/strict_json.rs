//! JSON without surprises: one value, nested within a limit, no key twice, nothing that a database cannot keep.

use std::fmt;

use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{ApiError, validation};

/// Up to here a whole number that is written as a fraction stands for itself and no other.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Levels that a body may nest.
pub const DEPTH: usize = 64;

/// Reads one value.
pub fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if nests_too_deep(bytes) {
        let detail = format!("The body nests more than {DEPTH} levels.");
        return Err(ApiError::new(ProblemCode::InvalidJson, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| {
        ApiError::new(
            ProblemCode::InvalidJson,
            format!("The body is not JSON: {error}."),
        )
    })?;
    let mut errors = Vec::new();
    find_nul(&value, &mut String::new(), &mut errors);
    if errors.is_empty() {
        Ok(value)
    } else {
        Err(validation(errors))
    }
}

fn nests_too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

fn find_nul(value: &Value, at: &mut String, errors: &mut Vec<ProblemError>) {
    let message = "The character U+0000 cannot be kept; remove it.";
    match value {
        Value::String(text) if text.contains('\0') => {
            errors.push(ProblemError::at(at.clone(), "invalid_character", message));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(at, &index.to_string(), |at| find_nul(item, at, errors));
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                within(at, key, |at| {
                    if key.contains('\0') {
                        errors.push(ProblemError::at(at.clone(), "invalid_character", message));
                    }
                    find_nul(item, at, errors);
                });
            }
        }
        _ => {}
    }
}

fn within(at: &mut String, step: &str, visit: impl FnOnce(&mut String)) {
    let before = at.len();
    at.push('/');
    at.push_str(&step.replace('~', "~0").replace('/', "~1"));
    visit(at);
    at.truncate(before);
}

/// Reads a value and refuses an object with one key twice, of which other readers see the one or the other.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.fract() == 0.0 && value.abs() <= EXACT {
            // JSON knows one kind of number: `2.0` is a whole one, however it is written.
            #[expect(clippy::cast_possible_truncation, reason = "a whole number within the limit")]
            return Ok(Value::from(value as i64));
        }
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if out.contains_key(&key) {
                return Err(A::Error::custom(format!(
                    "the key `{key}` stands twice in one object"
                )));
            }
            let value = fields.next_value_seed(Strict)?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(bytes: &[u8]) -> ProblemCode {
        parse(bytes).unwrap_err().0.code
    }

    #[test]
    fn one_value_is_read_as_it_is() {
        let text = br#" {"a": [1, -2, 1.5, true, null, "x\u00e9"], "b": {"c": 18446744073709551615}} "#;
        assert_eq!(
            parse(text).unwrap(),
            json!({"a": [1, -2, 1.5, true, null, "xé"], "b": {"c": u64::MAX}})
        );
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let text = b"[2.0, 3e0, -0, 1e2, -7.0, 1e300, 0.5]";
        assert_eq!(parse(text).unwrap(), json!([2, 3, 0, 100, -7, 1e300, 0.5]));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let wrong: &[&[u8]] = &[
            b"",
            b"{",
            b"{} {}",
            b"{'a': 1}",
            br#""\ud800""#,
            b"\xff",
            b"NaN",
            b"1e999",
            br#"{"a": 1, "a": 2}"#,
        ];
        for text in wrong {
            assert_eq!(
                code(text),
                ProblemCode::InvalidJson,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
        assert!(parse(&nested(64)).is_ok());
        assert_eq!(code(&nested(65)), ProblemCode::InvalidJson);
        assert_eq!(code(&nested(10_000)), ProblemCode::InvalidJson);
        assert!(
            parse(br#""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"""#)
                .is_ok()
        );
    }

    #[test]
    fn nul_is_refused_with_its_place() {
        let error = parse(br#"{"a/b": [{"c": "x\u0000"}]}"#).unwrap_err();
        assert_eq!(error.0.code, ProblemCode::ValidationFailed);
        assert_eq!(error.0.errors[0].pointer.as_deref(), Some("/a~1b/0/c"));
    }
}
