//! JSON Schema, from the same structs and rules that check: per method and for `adapter_config.json`.

#[cfg(feature = "codegen")]
mod entries;
mod openapi;
mod released;
mod snippets;
mod tidy;

#[cfg(feature = "codegen")]
pub(crate) use entries::{Entry, entries};
pub use openapi::openapi;

use crate::{
    diagnostic::Severity,
    methods::{Field, METHODS, Method, PeftType, oldest},
    release::{NEWEST, Release},
    rule::{Lowered, Rule, lower},
};
use serde_json::{Map, Value, json};

/// A version of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draft {
    /// Draft-07, which editors and SchemaStore read best.
    Draft07,
    /// Draft 2020-12, the current one.
    Draft202012,
}

/// How a schema treats what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Unknown keys are errors; keywords of our own (`x-peft-…`) tell class and release of each field, and editors find snippets.
    Strict,
    /// Unknown keys are allowed, as PEFT drops them with a warning; standard keywords only.
    Lenient,
}

impl Draft {
    /// Every draft that is emitted.
    pub const ALL: [Self; 2] = [Self::Draft07, Self::Draft202012];

    /// The draft's name in paths and identifiers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft07 => "draft-07",
            Self::Draft202012 => "2020-12",
        }
    }

    const fn meta_schema(self) -> &'static str {
        match self {
            Self::Draft07 => "http://json-schema.org/draft-07/schema#",
            Self::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    const fn definitions(self) -> &'static str {
        match self {
            Self::Draft07 => "definitions",
            Self::Draft202012 => "$defs",
        }
    }
}

impl Profile {
    /// Both profiles.
    pub const ALL: [Self; 2] = [Self::Strict, Self::Lenient];

    /// The profile's name in paths and identifiers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }
}

/// Every schema that is emitted, each with its path below `schemas/`.
#[must_use]
pub fn all_schemas() -> Vec<(String, Value)> {
    let mut schemas = Vec::new();
    for draft in Draft::ALL {
        for profile in Profile::ALL {
            let path = |name: &str| format!("{}/{}/{name}.schema.json", draft.name(), profile.name());
            schemas.push((path("adapter_config"), adapter_config_schema(draft, profile)));
            for method in METHODS {
                let name = method.peft_type.as_str().to_ascii_lowercase();
                schemas.push((path(&name), method_schema(method, draft, profile)));
            }
        }
    }
    schemas
}

/// The schema of one method's configs: shape, limits, and every error between fields that JSON Schema can say.
#[must_use]
pub fn method_schema(method: &Method, draft: Draft, profile: Profile) -> Value {
    let name = method.peft_type.as_str().to_ascii_lowercase();
    with_header(&name, draft, profile, with_snippets(method_body(method, profile), profile, [method]))
}

/// The schema of any `adapter_config.json`: the one of the method that `peft_type` names.
#[must_use]
pub fn adapter_config_schema(draft: Draft, profile: Profile) -> Value {
    let definitions = draft.definitions();
    let named =
        |name: &str| json!({"type": "object", "properties": {"peft_type": {"const": name}}, "required": ["peft_type"]});
    let refer = |name: &str| json!({"$ref": format!("#/{definitions}/{name}")});
    let mut branches = Vec::new();
    let mut bodies = Map::new();
    for method in METHODS {
        let name = method.peft_type.as_str();
        branches.push(json!({"if": named(name), "then": refer(name)}));
        bodies.insert(name.to_owned(), Value::Object(method_body(method, profile)));
    }
    let modelled: Vec<Value> = METHODS.iter().map(|method| named(method.peft_type.as_str())).collect();
    branches.push(json!({"if": {"anyOf": modelled}, "else": refer(BASE)}));
    bodies.insert(BASE.to_owned(), Value::Object(base_body(profile)));

    let methods = PeftType::ALL.iter().map(|peft_type| tidy::tidied(described(*peft_type), profile));
    let methods: Vec<Value> = methods.map(Value::Object).collect();
    let mut body = object(json!({
        "title": "PEFT adapter config",
        "description": "The `adapter_config.json` of an adapter made with Hugging Face PEFT. `peft_type` names the method, which decides the other fields.",
        "type": "object",
        "properties": {
            "peft_type": {
                "title": "PEFT method",
                "description": "The PEFT method that the config is for.",
                "oneOf": methods,
            },
        },
        "required": ["peft_type"],
        "allOf": branches,
    }));
    body.insert(definitions.to_owned(), Value::Object(bodies));
    with_header("adapter_config", draft, profile, with_snippets(body, profile, METHODS.iter().copied()))
}

/// The rules that no schema can say, each with its method and the reason.
pub fn inexpressible_rules() -> impl Iterator<Item = (&'static Method, &'static Rule, &'static str)> {
    METHODS.iter().flat_map(|method| {
        let defaults = method.defaults();
        errors(method).filter_map(move |rule| match lower(rule, defaults) {
            Lowered::Inexpressible(reason) => Some((*method, rule, reason)),
            Lowered::Schema(_) => None,
        })
    })
}

/// The shape that a method's configs must have in a release, unknown keys refused, without the rules: what `check` runs.
#[cfg(feature = "check")]
pub(crate) fn shape(method: Option<&Method>, release: Release) -> Value {
    closed_shape(method, release, tidy::without_prose)
}

/// The same with titles and descriptions, for generators.
#[cfg(feature = "codegen")]
pub(crate) fn described_shape(method: Option<&Method>, release: Release) -> Value {
    closed_shape(method, release, |shape| shape)
}

#[cfg(any(feature = "check", feature = "codegen"))]
fn closed_shape(method: Option<&Method>, release: Release, prose: fn(Value) -> Value) -> Value {
    let tidied = |shape| tidy::tidied(prose(shape), Profile::Strict);
    Value::Object(match method {
        Some(method) => closed(tidied(shape_in(method, release))),
        None => tidied(base_shape(release)),
    })
}

/// The shape of a method's configs in a release.
fn shape_in(method: &Method, release: Release) -> Value {
    let mut shape = method.shape().clone().to_value();
    released::keep_to(&mut shape, release);
    shape
}

/// The name of the definition for methods that are not modelled.
const BASE: &str = "PeftConfig";

/// The fields that every method has, for configs of methods that are not modelled.
fn base_shape(release: Release) -> Value {
    let mut shape = oldest().map(|method| shape_in(method, release)).unwrap_or_default();
    if let Some(shape) = shape.as_object_mut() {
        shape.insert("title".to_owned(), json!("PEFT config"));
        shape.insert(
            "description".to_owned(),
            json!("The fields that the configs of all methods have (PEFT class `PeftConfig`)."),
        );
    }
    if let Some(properties) = shape.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, property| name != "peft_type" && Field::new(name, property).is_shared());
    }
    shape
}

fn base_body(profile: Profile) -> Map<String, Value> {
    tidy::tidied(base_shape(NEWEST), profile)
}

/// Snippets for a new config, where the profile allows keywords that are not JSON Schema's.
fn with_snippets<'a>(
    mut body: Map<String, Value>,
    profile: Profile,
    methods: impl IntoIterator<Item = &'a Method>,
) -> Map<String, Value> {
    if profile == Profile::Strict {
        body.insert(snippets::KEYWORD.to_owned(), snippets::of(methods));
    }
    body
}

fn method_body(method: &Method, profile: Profile) -> Map<String, Value> {
    let mut body = tidy::tidied(shape_in(method, NEWEST), profile);
    body.insert("required".to_owned(), json!(["peft_type"]));
    let defaults = method.defaults();
    let rules: Vec<Value> = errors(method)
        .filter_map(|rule| match lower(rule, defaults) {
            Lowered::Schema(schema) => Some(schema),
            Lowered::Inexpressible(_) => None,
        })
        .collect();
    // JSON Schema has no empty `allOf`.
    if !rules.is_empty() {
        body.insert("allOf".to_owned(), Value::Array(rules));
    }
    match profile {
        Profile::Strict => closed(body),
        Profile::Lenient => body,
    }
}

/// A schema can only refuse, so only errors are lowered.
fn errors(method: &Method) -> impl Iterator<Item = &'static Rule> {
    method.rules_in(NEWEST).filter(|rule| rule.problem.severity == Severity::Error)
}

/// Refuses the keys that a schema does not name, in nested configs too. Objects whose keys are free name none.
fn closed(mut body: Map<String, Value>) -> Map<String, Value> {
    let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) else { return body };
    for property in properties.values_mut() {
        *property = match property.take() {
            Value::Object(property) => Value::Object(closed(property)),
            other => other,
        };
    }
    body.insert("additionalProperties".to_owned(), json!(false));
    body
}

/// A value of `peft_type` with what editors show beside it.
fn described(peft_type: PeftType) -> Value {
    let schema = schemars::schema_for!(PeftType);
    let mut values = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let own = values.find(|value| value.get("const").and_then(Value::as_str) == Some(peft_type.as_str()));
    tidy::with_plain_text(own.cloned().unwrap_or_else(|| json!({"const": peft_type.as_str()})))
}

fn with_header(name: &str, draft: Draft, profile: Profile, body: Map<String, Value>) -> Value {
    let mut schema = object(json!({
        "$schema": draft.meta_schema(),
        "$id": format!("urn:peftspec:{name}:{}:{}", draft.name(), profile.name()),
        "$comment": "Generated by peftspec; do not edit.",
    }));
    schema.extend(body);
    Value::Object(schema)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
