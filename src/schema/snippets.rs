//! Snippets for a new config, which JSON and YAML language servers take from `defaultSnippets`.

use super::{Map, Value, json};
use crate::methods::{Field, Method};

/// The keyword of editors; JSON Schema does not know it, so only the strict profile has it.
pub(super) const KEYWORD: &str = "defaultSnippets";

/// A starter config of each method to choose from, with a stop at each value.
pub(super) fn of<'a>(methods: impl IntoIterator<Item = &'a Method>) -> Value {
    methods.into_iter().map(of_method).collect()
}

fn of_method(method: &Method) -> Value {
    let stops = method.starter().enumerate().map(|(stop, (field, value))| {
        // The method itself is settled.
        let value = if stop == 0 { value.clone() } else { stop_at(stop, field, value) };
        (field.name.clone(), value)
    });
    json!({
        "label": method.peft_type.as_str(),
        "description": format!("{}: a config to begin with.", method.title()),
        "body": stops.collect::<Map<_, _>>(),
    })
}

/// A value as a stop of the snippet; `^` takes away the quotes that a number must not have.
fn stop_at(stop: usize, field: &Field, value: &Value) -> Value {
    match value {
        Value::String(chosen) if !field.choices.is_empty() => {
            let others = field.choices.iter().map(|choice| choice.value.as_str()).filter(|choice| choice != chosen);
            let values: Vec<&str> = [chosen.as_str()].into_iter().chain(others).collect();
            json!(format!("${{{stop}|{}|}}", values.join(",")))
        }
        Value::String(text) => json!(format!("${{{stop}:{text}}}")),
        Value::Number(_) | Value::Bool(_) => json!(format!("^${{{stop}:{value}}}")),
        Value::Null | Value::Array(_) | Value::Object(_) => value.clone(),
    }
}
