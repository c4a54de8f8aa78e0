//! A shape as one release of PEFT has it: without the fields and values of other releases.

use super::Value;
use crate::{methods::lifetime, release::Release};

/// Takes out the properties and choices, at any depth, that a release does not have.
pub(super) fn keep_to(schema: &mut Value, release: Release) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| keep_to(item, release)),
        Value::Object(keywords) => {
            if let Some(properties) = keywords.get_mut("properties").and_then(Value::as_object_mut) {
                properties.retain(|_, property| lifetime(property).contains(release));
            }
            for alternatives in ["oneOf", "anyOf"] {
                if let Some(alternatives) = keywords.get_mut(alternatives).and_then(Value::as_array_mut) {
                    alternatives.retain(|alternative| lifetime(alternative).contains(release));
                }
            }
            // `default` and `examples` hold values, not schemas.
            let schemas =
                keywords.iter_mut().filter(|(keyword, _)| !matches!(keyword.as_str(), "default" | "examples"));
            schemas.for_each(|(_, value)| keep_to(value, release));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_another_release_has_is_taken_out_at_any_depth() {
        let value = |since: &str| json!({"const": since, "x-peft-since": since});
        let mut schema = json!({"properties": {
            "old": {"x-peft-since": "0.3.0", "x-peft-until": "0.8.2"},
            "new": {"x-peft-since": "0.9.0", "oneOf": [value("0.9.0"), value("0.11.0")]},
            "nested": {"properties": {"newer": {"x-peft-since": "0.10.1"}}, "default": {"properties": {"newer": 1}}},
        }});
        keep_to(&mut schema, Release::new(0, 10, 0));
        let expected = json!({"properties": {
            "new": {"x-peft-since": "0.9.0", "oneOf": [value("0.9.0")]},
            "nested": {"properties": {}, "default": {"properties": {"newer": 1}}},
        }});
        assert_eq!(schema, expected);
    }
}
