//! The fields of a config as the generated schema tells them, for everything that describes or explains.

use crate::release::{Lifetime, Release};
use serde_json::Value;

/// A field of a config, or a value inside one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// Its key in the file.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The JSON types it takes, `null` last.
    pub types: Vec<String>,
    /// The values it takes, if they are few.
    pub choices: Vec<Choice>,
    /// Smallest and largest number it takes.
    pub range: (Option<i64>, Option<i64>),
    /// What the items of an array are, in words.
    pub items: Option<String>,
    /// What it is when a config leaves it out.
    pub default: Value,
    /// The PEFT class that declares it.
    pub class: String,
    /// The first release that refuses values that are no choice, where that is not the first that has the field.
    pub checked_since: Option<Release>,
    /// The releases whose class has it.
    pub lifetime: Lifetime,
    /// Defaults that it once had, each with the last release that had it; oldest first.
    pub former_defaults: Vec<(Value, Release)>,
}

/// One of few values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value on the wire.
    pub value: String,
    /// What it means.
    pub description: String,
    /// The releases that know it.
    pub lifetime: Lifetime,
}

impl Field {
    /// The fields that the schema of a config declares.
    pub(super) fn of_shape(shape: &Value) -> Vec<Self> {
        let properties = shape.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, property)| Self::new(name, property)).collect()
    }

    /// What a schema says of the value called `name`.
    pub(crate) fn new(name: &str, schema: &Value) -> Self {
        let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| schema.get(key).and_then(Value::as_i64);
        let mut types = Vec::new();
        let mut choices = Vec::new();
        collect(schema, &mut types, &mut choices);
        types.dedup();
        Self {
            name: name.to_owned(),
            title: text("title"),
            description: text("description"),
            types,
            choices,
            range: (number("minimum"), number("maximum")),
            items: schema.get("items").map(|items| Self::new(name, items).expected()),
            default: schema.get("default").cloned().unwrap_or(Value::Null),
            class: text("x-peft-class"),
            checked_since: release(schema, "x-peft-checked-since"),
            lifetime: lifetime(schema),
            former_defaults: former_defaults(schema),
        }
    }

    /// Whether every method has the field.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(&*self.class, "PeftConfigMixin" | "PeftConfig")
    }

    /// What the field is in a release when a config leaves it out.
    #[must_use]
    pub fn default_in(&self, release: Release) -> &Value {
        let former = self.former_defaults.iter().find(|(_, last)| release <= *last);
        former.map_or(&self.default, |(default, _)| default)
    }

    /// Whether the field takes values of a JSON type.
    #[must_use]
    pub fn takes(&self, json_type: &str) -> bool {
        self.types.iter().any(|taken| taken == json_type)
    }

    /// What the field takes, in words: `an integer of at least 1`, `one of RANDOM, TEXT`, `a string or null`.
    #[must_use]
    pub fn expected(&self) -> String {
        let mut kinds: Vec<String> = if self.choices.is_empty() {
            self.types.iter().filter(|kind| *kind != "null").map(|kind| self.kind_in_words(kind)).collect()
        } else {
            vec![self.choices_in_words()]
        };
        if self.takes("null") {
            kinds.push("null".to_owned());
        }
        if kinds.is_empty() { "any value".to_owned() } else { kinds.join(" or ") }
    }

    fn choices_in_words(&self) -> String {
        let values: Vec<&str> = self.choices.iter().map(|choice| choice.value.as_str()).collect();
        match values.as_slice() {
            [only] => (*only).to_owned(),
            _ => format!("one of {}", values.join(", ")),
        }
    }

    fn kind_in_words(&self, kind: &str) -> String {
        match (kind, &self.items, self.range) {
            ("array", Some(items), _) => format!("an array (each item {items})"),
            // The bounds of the Rust type say nothing of the field.
            ("integer", _, (Some(smallest), _)) if smallest > i64::MIN => {
                format!("an integer of at least {smallest}")
            }
            _ => in_words(kind).to_owned(),
        }
    }
}

/// The releases that have what a schema describes, as the declaration wrote them into it.
pub(crate) fn lifetime(schema: &Value) -> Lifetime {
    let since = release(schema, "x-peft-since").unwrap_or(Lifetime::ALWAYS.since);
    Lifetime { since, until: release(schema, "x-peft-until") }
}

fn release(schema: &Value, keyword: &str) -> Option<Release> {
    schema.get(keyword)?.as_str()?.parse().ok()
}

fn former_defaults(schema: &Value) -> Vec<(Value, Release)> {
    let listed = schema.get("x-peft-former-defaults").and_then(Value::as_array);
    let one = |former: &Value| Some((former.get("default")?.clone(), former.get("until")?.as_str()?.parse().ok()?));
    listed.into_iter().flatten().filter_map(one).collect()
}

/// A JSON type in words.
fn in_words(kind: &str) -> &'static str {
    match kind {
        "null" => "null",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "an object",
        "integer" => "an integer",
        "number" => "a number",
        _ => "a string",
    }
}

/// Types and choices of a schema and of its alternatives.
fn collect(schema: &Value, types: &mut Vec<String>, choices: &mut Vec<Choice>) {
    match schema.get("type") {
        Some(Value::String(kind)) => types.push(kind.clone()),
        Some(Value::Array(kinds)) => types.extend(kinds.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    if let Some(value) = schema.get("const").and_then(Value::as_str) {
        choices.push(Choice {
            value: value.to_owned(),
            description: description.to_owned(),
            lifetime: lifetime(schema),
        });
    }
    for alternative in ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten() {
        collect(alternative, types, choices);
    }
}
