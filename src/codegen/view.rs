//! The one view of the model that every target is written from: configs, their fields and types, their rules, as of one release.

use crate::{
    document::Object,
    methods::{Field, METHODS, Method, PeftType, Range, base_fields, base_rules},
    release::{NEWEST, Release},
    rule::Rule,
    schema,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that a target can say.
#[derive(Debug)]
#[non_exhaustive]
pub struct Model {
    /// The release of PEFT that it describes.
    pub release: Release,
    /// The methods whose fields are all known, in the order of `METHODS`.
    pub configs: Vec<ConfigView>,
    /// What is known of the configs of all other methods; they may have any further key.
    pub base: ConfigView,
    /// The configs nested in fields, by the name of their class.
    pub nested: Vec<ConfigView>,
}

/// A config, or one nested in a config.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConfigView {
    /// The PEFT class.
    pub class: String,
    /// Its name for people.
    pub title: String,
    /// What it is for, in Markdown.
    pub description: String,
    /// The values of `peft_type` that it is for; none where it is nested.
    pub peft_types: Vec<PeftType>,
    /// The row of the method, if it is modelled.
    pub method: Option<&'static Method>,
    /// Its fields, in PEFT's order; `peft_type` is not among them.
    pub fields: Vec<FieldView>,
    /// The rules between its fields, of every severity.
    pub rules: Vec<&'static Rule>,
}

/// A field of a config.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FieldView {
    /// Name, description, default, choices with their meaning, releases.
    pub field: Field,
    /// The types that it takes, `null` last.
    pub types: Vec<ValueType>,
}

/// A type of a value, with its limits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ValueType {
    /// `true` or `false`
    Boolean,
    /// A whole number, written without a fraction.
    Integer(Range),
    /// Any finite number.
    Number(Range),
    /// A text.
    Text,
    /// One of these texts.
    Choice(Vec<String>),
    /// A text that this regular expression matches; it is anchored at both ends.
    Pattern(String),
    /// Items of these types; so many of them, if their number is fixed.
    Array(Vec<ValueType>, Option<u64>),
    /// Values of these types under free keys.
    Map(Vec<ValueType>),
    /// An object of any content.
    Object,
    /// A nested config, by its class.
    Nested(String),
    /// Any value.
    Any,
    /// `null`
    Null,
}

impl Model {
    /// The model of the newest release.
    #[must_use]
    pub fn newest() -> Self {
        let release = NEWEST;
        let mut nested = BTreeMap::new();
        let configs = METHODS.iter().map(|method| ConfigView::of_method(method, release, &mut nested)).collect();
        let base = ConfigView::of_other_methods(release, &mut nested);
        Self { release, configs, base, nested: nested.into_values().collect() }
    }
}

impl ConfigView {
    fn of_method(method: &'static Method, release: Release, nested: &mut BTreeMap<String, Self>) -> Self {
        let shape = schema::described_shape(Some(method), release);
        Self {
            class: method.class().into_owned(),
            title: text(&shape, "title"),
            description: text(&shape, "description"),
            peft_types: vec![method.peft_type],
            method: Some(method),
            fields: fields(method.fields(), &shape, nested),
            rules: method.rules_in(release).collect(),
        }
    }

    fn of_other_methods(release: Release, nested: &mut BTreeMap<String, Self>) -> Self {
        let shape = schema::described_shape(None, release);
        Self {
            class: "PeftConfig".to_owned(),
            title: text(&shape, "title"),
            description: text(&shape, "description"),
            peft_types: PeftType::ALL.iter().copied().filter(|name| Method::find(*name).is_none()).collect(),
            method: None,
            fields: fields(base_fields(), &shape, nested),
            rules: base_rules().filter(|rule| rule.lifetime.contains(release)).collect(),
        }
    }

    fn of_nested(field: &Field, schema: &Value, nested: &mut BTreeMap<String, Self>) -> Self {
        Self {
            class: field.fields.first().map(|inner| inner.class.clone()).unwrap_or_default(),
            title: field.title.clone(),
            description: field.description.clone(),
            peft_types: Vec::new(),
            method: None,
            fields: fields(&field.fields, schema, nested),
            rules: Vec::new(),
        }
    }

    /// What each field is when a config leaves it out.
    #[must_use]
    pub fn defaults(&self) -> Object {
        self.method.map(|method| method.defaults().clone()).unwrap_or_default()
    }
}

/// The fields that a shape still has.
fn fields<'a>(
    declared: impl IntoIterator<Item = &'a Field>,
    shape: &Value,
    nested: &mut BTreeMap<String, ConfigView>,
) -> Vec<FieldView> {
    let properties = shape.get("properties");
    let mut found = Vec::new();
    for field in declared.into_iter().filter(|field| field.name != "peft_type") {
        let Some(schema) = properties.and_then(|properties| properties.get(&field.name)) else { continue };
        let mut types = Vec::new();
        collect(schema, field, &mut types, nested);
        types.sort_by_key(|one| *one == ValueType::Null);
        found.push(FieldView { field: field.clone(), types });
    }
    found
}

/// Adds the types that a schema and its alternatives allow.
fn collect(schema: &Value, field: &Field, types: &mut Vec<ValueType>, nested: &mut BTreeMap<String, ConfigView>) {
    let alternatives = ["oneOf", "anyOf"].into_iter().find_map(|keyword| schema.get(keyword)?.as_array());
    if let Some(alternatives) = alternatives {
        for alternative in alternatives {
            collect(alternative, field, types, nested);
        }
        return;
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    };
    for kind in kinds {
        let one = of_kind(kind, schema, field, nested);
        if let (ValueType::Choice(one), Some(ValueType::Choice(known))) = (&one, types.last_mut()) {
            known.extend(one.iter().cloned());
        } else if !types.contains(&one) {
            types.push(one);
        }
    }
}

fn of_kind(kind: &str, schema: &Value, field: &Field, nested: &mut BTreeMap<String, ConfigView>) -> ValueType {
    let mut inner = |keyword: &str| {
        let mut types = Vec::new();
        collect(schema.get(keyword).unwrap_or(&Value::Bool(true)), field, &mut types, nested);
        types
    };
    let number = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let string = |keyword: &str| schema.get(keyword).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "null" => ValueType::Null,
        "boolean" => ValueType::Boolean,
        "integer" => ValueType::Integer(Range::of_schema(schema)),
        "number" => ValueType::Number(Range::of_schema(schema)),
        "string" => match (string("const"), string("pattern")) {
            (Some(value), _) => ValueType::Choice(vec![value]),
            (None, Some(pattern)) => ValueType::Pattern(pattern),
            (None, None) => ValueType::Text,
        },
        "array" => {
            let length = number("minItems").filter(|least| number("maxItems") == Some(*least));
            ValueType::Array(inner("items"), length)
        }
        "object" if schema.get("properties").is_some() => {
            let config = ConfigView::of_nested(field, schema, nested);
            let class = config.class.clone();
            nested.entry(class.clone()).or_insert(config);
            ValueType::Nested(class)
        }
        "object" if schema.get("additionalProperties").is_some_and(Value::is_object) => {
            ValueType::Map(inner("additionalProperties"))
        }
        "object" => ValueType::Object,
        _ => ValueType::Any,
    }
}

fn text(schema: &Value, keyword: &str) -> String {
    schema.get(keyword).and_then(Value::as_str).unwrap_or_default().to_owned()
}
