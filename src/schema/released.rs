//! A shape as one release of PEFT has it: without the fields and values of other releases.

use super::Value;
use crate::{methods::lifetime, release::Release};

/// Takes out the properties and choices, at any depth, that a release does not have. Says whether any value is left that matches.
pub(super) fn keep_to(schema: &mut Value, release: Release) -> bool {
    let Some(keywords) = schema.as_object_mut() else { return true };
    if let Some(properties) = keywords.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|_, property| lifetime(property).contains(release) && keep_to(property, release));
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = keywords.get_mut(keyword) {
            keep_to(inner, release);
        }
    }
    ["oneOf", "anyOf"].into_iter().all(|keyword| match keywords.get_mut(keyword).and_then(Value::as_array_mut) {
        Some(alternatives) => {
            alternatives
                .retain_mut(|alternative| lifetime(alternative).contains(release) && keep_to(alternative, release));
            !alternatives.is_empty()
        }
        None => true,
    })
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
            "either": {"anyOf": [{"type": "boolean"}, {"oneOf": [value("0.11.0")]}]},
            "nested": {"properties": {"newer": {"x-peft-since": "0.10.1"}}, "default": {"properties": {"newer": 1}}},
        }});
        assert!(keep_to(&mut schema, Release::new(0, 10, 0)));
        let expected = json!({"properties": {
            "new": {"x-peft-since": "0.9.0", "oneOf": [value("0.9.0")]},
            "either": {"anyOf": [{"type": "boolean"}]},
            "nested": {"properties": {}, "default": {"properties": {"newer": 1}}},
        }});
        assert_eq!(schema, expected);
    }
}
