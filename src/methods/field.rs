//! The fields of a config as the generated schema tells them, for everything that describes or explains.

use schemars::Schema;
use serde_json::Value;

/// A field of a config.
#[derive(Debug, Clone, PartialEq)]
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
    /// What it is when a config leaves it out.
    pub default: Value,
    /// The PEFT class that declares it.
    pub class: String,
    /// The first release whose class has it.
    pub since: String,
}

/// One of few values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value on the wire.
    pub value: String,
    /// What it means.
    pub description: String,
}

impl Field {
    /// Whether null is a value of the field.
    #[must_use]
    pub fn takes_null(&self) -> bool {
        self.types.iter().any(|kind| kind == "null")
    }

    /// What the field takes, in words: `an integer from 1`, `one of RANDOM, TEXT`, `a string or null`.
    #[must_use]
    pub fn expected(&self) -> String {
        let mut kinds: Vec<String> = Vec::new();
        if self.choices.is_empty() {
            kinds.extend(self.types.iter().map(|kind| in_words(kind)));
        } else {
            let values: Vec<&str> = self.choices.iter().map(|choice| choice.value.as_str()).collect();
            kinds.push(if let [only] = values.as_slice() {
                (*only).to_owned()
            } else {
                format!("one of {}", values.join(", "))
            });
            kinds.extend(self.takes_null().then(|| "null".to_owned()));
        }
        let largest_of_a_type = |bound: &i64| [i64::from(u32::MAX), i64::from(i32::MAX)].contains(bound);
        if let (Some(smallest), Some(first)) = (self.range.0, kinds.first_mut()) {
            match self.range.1.filter(|bound| !largest_of_a_type(bound)) {
                Some(largest) => first.push_str(&format!(" from {smallest} to {largest}")),
                None if smallest > i64::from(i32::MIN) => first.push_str(&format!(" of at least {smallest}")),
                None => {}
            }
        }
        kinds.join(" or ")
    }
}

/// A JSON type in words.
pub(crate) fn in_words(kind: &str) -> String {
    match kind {
        "null" => "null".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" | "object" | "integer" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

/// The fields that a struct's schema declares.
pub(super) fn fields(schema: &Schema) -> Vec<Field> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, property)| field(name, property)).collect()
}

fn field(name: &str, property: &Value) -> Field {
    let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut types = Vec::new();
    let mut choices = Vec::new();
    collect(property, &mut types, &mut choices);
    types.dedup();
    Field {
        name: name.to_owned(),
        title: text("title"),
        description: text("description"),
        types,
        choices,
        range: (number(property, "minimum"), number(property, "maximum")),
        default: property.get("default").cloned().unwrap_or(Value::Null),
        class: text("x-peft-class"),
        since: text("x-peft-since"),
    }
}

fn number(schema: &Value, keyword: &str) -> Option<i64> {
    schema.get(keyword).and_then(Value::as_i64)
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
        choices.push(Choice { value: value.to_owned(), description: description.to_owned() });
        if schema.get("type").is_none() {
            types.push("string".to_owned());
        }
    }
    for alternative in ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten() {
        collect(alternative, types, choices);
    }
}
