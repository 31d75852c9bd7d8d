//! Reading a document without what is said in it to people, which is most of it.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Said to people, and of no weight for what is valid.
const SAID: [&str; 5] = ["description", "summary", "example", "examples", "externalDocs"];

/// A document as far as it decides anything. Nothing where it is none, which a test would not let pass.
pub(super) fn read(document: &str) -> Value {
    let mut reader = serde_json::Deserializer::from_str(document);
    Bare { are_names: false }
        .deserialize(&mut reader)
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a document of the contract cannot be read");
            Value::Null
        })
}

/// A value, the keys of which are names of things where these are listed: there may be one called `description`.
#[derive(Clone, Copy)]
struct Bare {
    are_names: bool,
}

impl<'de> DeserializeSeed<'de> for Bare {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bare {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Self { are_names: false })? {
            values.push(value);
        }
        values.shrink_to_fit();
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !self.are_names && SAID.contains(&key.as_str()) {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let are_names = !self.are_names
                && matches!(
                    key.as_str(),
                    "properties" | "patternProperties" | "schemas" | "mapping" | "paths"
                );
            let value = entries.next_value_seed(Self { are_names })?;
            kept.insert(key, value);
        }
        Ok(Value::Object(kept))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_decides_is_left_out() {
        let document = json!({
            "paths": { "/summary": { "get": { "summary": "S", "operationId": "get" } } },
            "components": { "schemas": { "example": {
                "type": "object",
                "description": "D",
                "examples": [{ "type": "x" }],
                "properties": {
                    "description": { "type": "string", "description": "D", "maxLength": 5 },
                    "properties": { "properties": { "example": { "minimum": 1.5 } }, "example": 1 },
                },
                "required": ["description"],
                "additionalProperties": false,
                "default": null,
                "minProperties": -1,
            } } },
        });
        let bare = json!({
            "paths": { "/summary": { "get": { "operationId": "get" } } },
            "components": { "schemas": { "example": {
                "type": "object",
                "properties": {
                    "description": { "type": "string", "maxLength": 5 },
                    "properties": { "properties": { "example": { "minimum": 1.5 } } },
                },
                "required": ["description"],
                "additionalProperties": false,
                "default": null,
                "minProperties": -1,
            } } },
        });
        assert_eq!(read(&document.to_string()), bare);
        assert_eq!(read("{"), Value::Null);
    }
}
