//! Reading a document without what is said in it to people, which is most of it, and its operations apart from its
//! schemas, which only those need who check something.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What a document says of its operations.
#[derive(Deserialize, Default)]
pub(super) struct Operations {
    /// By path and method.
    pub paths: BTreeMap<String, BTreeMap<String, Described>>,
}

/// One operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    pub operation_id: String,
    #[serde(default)]
    pub parameters: Vec<DescribedParameter>,
    #[serde(default)]
    pub security: Vec<Keys>,
    pub request_body: Option<IgnoredAny>,
    #[serde(default)]
    pub responses: BTreeMap<String, Answered>,
}

/// A parameter of an operation.
#[derive(Deserialize)]
pub(super) struct DescribedParameter {
    pub name: String,
    #[serde(rename = "in")]
    pub place: String,
    #[serde(default)]
    pub required: bool,
    pub schema: Schema,
}

/// An answer of an operation, by its forms.
#[derive(Deserialize)]
pub(super) struct Answered {
    #[serde(default)]
    pub content: Keys,
}

/// The keys of an object, in their order.
#[derive(Default)]
pub(super) struct Keys(pub BTreeSet<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Keys, A::Error> {
                let mut keys = BTreeSet::new();
                while let Some((key, IgnoredAny)) = entries.next_entry()? {
                    keys.insert(key);
                }
                Ok(Keys(keys))
            }
        }

        reader.deserialize_map(OfObject)
    }
}

/// A schema as far as it decides anything.
pub(super) struct Schema(pub Value);

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Bare { are_names: false }.deserialize(reader).map(Self)
    }
}

/// Schemas by their names.
#[derive(Default)]
struct Schemas(Value);

impl<'de> Deserialize<'de> for Schemas {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Bare { are_names: true }.deserialize(reader).map(Self)
    }
}

#[derive(Deserialize, Default)]
struct Whole {
    components: Components,
}

#[derive(Deserialize, Default)]
struct Components {
    schemas: Schemas,
}

/// The operations of a document.
pub(super) fn operations(document: &str) -> Operations {
    read(document)
}

/// The schemas of a document, by their names.
pub(super) fn schemas(document: &str) -> Value {
    read::<Whole>(document).components.schemas.0
}

/// Nothing where it is no document, which a test would not let pass.
fn read<T: DeserializeOwned + Default>(document: &str) -> T {
    serde_json::from_str(document).unwrap_or_else(|error| {
        tracing::error!(%error, "a document of the contract cannot be read");
        T::default()
    })
}

/// Said to people, and of no weight for what is valid.
const SAID: [&str; 5] = ["description", "summary", "example", "examples", "externalDocs"];

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
            let are_names =
                !self.are_names && matches!(key.as_str(), "properties" | "patternProperties" | "mapping");
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
        let document = json!({ "paths": {}, "components": { "schemas": { "example": {
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
        } } } });
        let bare = json!({ "example": {
            "type": "object",
            "properties": {
                "description": { "type": "string", "maxLength": 5 },
                "properties": { "properties": { "example": { "minimum": 1.5 } } },
            },
            "required": ["description"],
            "additionalProperties": false,
            "default": null,
            "minProperties": -1,
        } });
        assert_eq!(schemas(&document.to_string()), bare);
        assert_eq!(schemas("{"), Value::Null);
    }

    #[test]
    fn an_operation_is_read_without_its_schemas() {
        let document = json!({ "paths": { "/summary/{id}": { "get": {
            "operationId": "get",
            "summary": "S",
            "security": [{ "key": [] }, {}],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "q", "in": "query", "schema": { "type": "string", "example": "x", "maxLength": 5 } },
            ],
            "responses": { "200": { "description": "D", "content": {
                "text/plain": { "schema": { "type": "string" } },
                "application/json": {},
            } } },
        } } } });
        let read = operations(&document.to_string());
        let operation = &read.paths["/summary/{id}"]["get"];
        assert_eq!(operation.operation_id, "get");
        assert!(operation.request_body.is_none());
        assert!(operation.security.iter().any(|one| one.0.is_empty()));
        assert_eq!(
            operation.parameters[1].schema.0,
            json!({ "type": "string", "maxLength": 5 })
        );
        assert!(operation.parameters[0].required && !operation.parameters[1].required);
        assert_eq!(operation.parameters[1].place, "query");
        assert!(
            operation.responses["200"]
                .content
                .0
                .iter()
                .eq(["application/json", "text/plain"])
        );
        assert!(operations("{").paths.is_empty());
    }
}
