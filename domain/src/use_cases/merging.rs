//! Merge patches (RFC 7396) of the objects inside a thing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Violations;

/// Lays a patch over a value: null removes a key, objects are merged, anything else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// The object that a patch makes of the present one. `pictures` are the pointers of pictures in it: each needs its
/// `url`, and one that comes without is a violation at its place.
pub(super) fn merged<T: Serialize + DeserializeOwned>(
    v: &mut Violations,
    at: &str,
    current: Option<&T>,
    patch: Value,
    pictures: &[&str],
) -> Option<T> {
    let mut value = current
        .and_then(|current| serde_json::to_value(current).ok())
        .unwrap_or(Value::Null);
    merge(&mut value, patch);
    let mut lacking = pictures
        .iter()
        .filter(|at| {
            value
                .pointer(at)
                .is_some_and(|it| it.is_object() && it.get("url").is_none())
        })
        .peekable();
    if lacking.peek().is_some() {
        for picture in lacking {
            v.add(
                format!("{at}{picture}/url"),
                "required",
                "There was no picture here before, so it needs its `url`.",
            );
        }
        return None;
    }
    match serde_json::from_value(value) {
        Ok(merged) => Some(merged),
        Err(error) => {
            v.add(
                at,
                "invalid",
                format!("After the merge this cannot be read: {error}."),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_examples_of_the_standard_hold() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut merged = target;
            merge(&mut merged, patch);
            assert_eq!(merged, result);
        }
    }
}
