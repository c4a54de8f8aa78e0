//! From what schemars derives to what an editor should show and every engine accepts.

use super::{Map, Profile, Value, json};
use crate::methods::unwrapped;

/// A derived schema in its emitted form.
pub(super) fn tidied(mut schema: Value, profile: Profile) -> Map<String, Value> {
    tell_releases(&mut schema);
    tidy(&mut schema, profile);
    super::object(with_plain_text(schema))
}

/// A schema without what only people read, which costs time to compile.
#[cfg(feature = "check")]
pub(super) fn without_prose(mut schema: Value) -> Value {
    match &mut schema {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_prose(item.take())),
        Value::Object(keywords) => {
            keywords.retain(|keyword, _| !matches!(keyword.as_str(), "description" | "default" | "examples"));
            for (keyword, value) in keywords.iter_mut() {
                match value {
                    // Here the keys are names of fields.
                    Value::Object(fields) if keyword == "properties" => {
                        fields.values_mut().for_each(|field| *field = without_prose(field.take()));
                    }
                    _ => *value = without_prose(value.take()),
                }
            }
        }
        _ => {}
    }
    schema
}

/// Says in the descriptions since when a field exists and what it is by default, for editors that show nothing else; in nested configs
/// too.
fn tell_releases(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            tell_releases(property);
            leave_out_nested_nulls(property);
            tell_release(property);
        }
    }
}

/// yaml-language-server stops completing at a nested text whose default is null, which no one needs to be told.
fn leave_out_nested_nulls(property: &mut Value) {
    let nested = property.get_mut("properties").and_then(Value::as_object_mut);
    for keywords in nested.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        if keywords.get("default").is_some_and(Value::is_null) {
            keywords.remove("default");
        }
    }
}

fn tell_release(property: &mut Value) {
    let text = |key: &str| property.get(key).and_then(Value::as_str);
    let Some(since) = text("x-peft-since") else { return };
    let Some(description) = text("description") else { return };
    let default = match property.get("default") {
        Some(default) if property.get("const").is_none() && !default.is_null() => format!("Default: {default}. "),
        _ => String::new(),
    };
    let told = format!("{description}\n\n{default}In PEFT since {since}.");
    if let Some(keywords) = property.as_object_mut() {
        keywords.insert("description".to_owned(), json!(told));
    }
}

fn tidy(schema: &mut Value, profile: Profile) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| tidy(item, profile)),
        Value::Object(keywords) => {
            bound_by_format(keywords);
            flatten_nullable_choice(keywords);
            if keywords.contains_key("x-peft-until") {
                keywords.insert("deprecated".to_owned(), json!(true));
            }
            if profile == Profile::Lenient {
                keywords.retain(|keyword, _| !keyword.starts_with("x-"));
            }
            // `default` and `examples` hold values, not schemas.
            let schemas =
                keywords.iter_mut().filter(|(keyword, _)| !matches!(keyword.as_str(), "default" | "examples"));
            schemas.for_each(|(_, value)| tidy(value, profile));
        }
        _ => {}
    }
}

/// `format: uint32` is schemars' own: says the same in standard keywords.
fn bound_by_format(keywords: &mut Map<String, Value>) {
    let (smallest, largest) = match keywords.get("format").and_then(Value::as_str) {
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        Some("double") => {
            keywords.remove("format");
            return;
        }
        _ => return,
    };
    keywords.remove("format");
    keywords.entry("minimum").or_insert(json!(smallest));
    keywords.entry("maximum").or_insert(json!(largest));
}

/// What is optional is derived as a choice within a choice; editors complete a flat one better.
fn flatten_nullable_choice(keywords: &mut Map<String, Value>) {
    let Some([Value::Object(choice), null]) = keywords.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) else {
        return;
    };
    if null.get("type") != Some(&json!("null")) {
        return;
    }
    let Some((keyword, values)) = ["oneOf", "anyOf"].into_iter().find_map(|keyword| {
        let values = choice.get(keyword)?.as_array()?;
        Some((keyword, values.iter().chain([null]).cloned().collect()))
    }) else {
        return;
    };
    keywords.remove("anyOf");
    keywords.insert(keyword.to_owned(), Value::Array(values));
}

/// Unwraps the lines of descriptions, which come from doc comments; paragraphs stay apart.
pub(super) fn with_plain_text(mut schema: Value) -> Value {
    match &mut schema {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = with_plain_text(item.take())),
        Value::Object(keywords) => {
            for (keyword, value) in keywords.iter_mut() {
                match value {
                    Value::String(text) if keyword == "description" => *text = unwrapped(text),
                    _ => *value = with_plain_text(value.take()),
                }
            }
        }
        _ => {}
    }
    schema
}
