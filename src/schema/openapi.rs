//! The schemas as components of an OpenAPI 3.1 description, whose schemas are those of draft 2020-12.

use super::{BASE, Map, Profile, Value, base_body, json, method_body};
use crate::methods::{METHODS, Method, PeftType};

/// The component that stands for a config of any method.
const ANY: &str = "AdapterConfig";

/// An OpenAPI 3.1 description with nothing but components: one schema for each method, or for one alone.
///
/// `AdapterConfig` is any of them, told apart by `peft_type` (`oneOf` with a `discriminator`, as generators of clients expect).
#[must_use]
pub fn openapi(method: Option<&Method>, profile: Profile) -> Value {
    let schemas = match method {
        Some(method) => {
            [(method.peft_type.to_string(), Value::Object(method_body(method, profile)))].into_iter().collect()
        }
        None => components(profile),
    };
    json!({
        "openapi": "3.1.0",
        "info": {"title": "PEFT adapter configs", "version": env!("CARGO_PKG_VERSION")},
        "components": {"schemas": schemas},
    })
}

fn components(profile: Profile) -> Map<String, Value> {
    let own = METHODS.iter().map(|method| (method.peft_type.to_string(), Value::Object(method_body(method, profile))));
    let mut schemas: Map<String, Value> = [(ANY.to_owned(), any())].into_iter().chain(own).collect();
    schemas.insert(BASE.to_owned(), Value::Object(base_component(profile)));
    schemas
}

fn refer(component: &str) -> String {
    format!("#/components/schemas/{component}")
}

/// The component that describes a method.
fn component_of(peft_type: PeftType) -> &'static str {
    Method::find(peft_type).map_or(BASE, |method| method.peft_type.as_str())
}

fn any() -> Value {
    let names = METHODS.iter().map(|method| method.peft_type.as_str()).chain([BASE]);
    let components: Vec<Value> = names.map(|name| json!({"$ref": refer(name)})).collect();
    let mapping: Map<String, Value> =
        PeftType::ALL.iter().map(|peft_type| (peft_type.to_string(), json!(refer(component_of(*peft_type))))).collect();
    json!({"oneOf": components, "discriminator": {"propertyName": "peft_type", "mapping": mapping}})
}

/// The fields that all methods have, for the methods that have no component of their own.
fn base_component(profile: Profile) -> Map<String, Value> {
    let mut body = base_body(profile);
    let names: Vec<&str> = PeftType::ALL
        .iter()
        .filter(|peft_type| Method::find(**peft_type).is_none())
        .map(|peft_type| peft_type.as_str())
        .collect();
    if let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("peft_type".to_owned(), json!({"title": "PEFT method", "type": "string", "enum": names}));
    }
    body.insert("required".to_owned(), json!(["peft_type"]));
    body
}
