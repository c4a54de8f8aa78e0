//! Rules as JSON Schema: `if` the rule applies `then` what it requires.

use super::{
    Fields, Rule,
    expr::{Comparison, Expr, Operand},
};
use crate::document::Object;
use serde_json::{Value, json};

/// A rule in JSON Schema, or why it cannot be said there.
#[derive(Debug, Clone, PartialEq)]
pub enum Lowered {
    /// A schema that configs breaking the rule do not match.
    Schema(Value),
    /// The reason, a sentence without a full stop.
    Inexpressible(&'static str),
}

/// Lowers a rule; `defaults` are those of the method it is used with, for fields that a config leaves out.
#[must_use]
pub fn lower(rule: &Rule, defaults: &Object) -> Lowered {
    match (expression(&rule.when, defaults), expression(&rule.require, defaults)) {
        (Ok(when), Ok(require)) => Lowered::Schema(json!({"$comment": rule.code(), "if": when, "then": require})),
        (Err(reason), _) | (_, Err(reason)) => Lowered::Inexpressible(reason),
    }
}

fn expression(expr: &Expr, defaults: &Object) -> Result<Value, &'static str> {
    let all = |parts: &[Expr]| parts.iter().map(|part| expression(part, defaults)).collect::<Result<Vec<_>, _>>();
    let (field, schema) = match expr {
        Expr::Is(field, value) => (field, json!({"const": value})),
        Expr::IsOneOf(field, values) => (field, json!({"enum": values})),
        Expr::IsNull(field) => (field, json!({"const": null})),
        Expr::IsTruthy(field) => (field, json!({"not": {"enum": [null, false, 0, "", [], {}]}})),
        Expr::HasKey(field, key) => (field, json!({"type": "object", "properties": {(*key): true}, "required": [key]})),
        Expr::EndsWith(field, ending) => (field, pattern(&format!("{}$", escaped(ending)))),
        Expr::EndsWithAnyCase(field, ending) => (field, pattern(&format!("{}$", any_case(ending)))),
        Expr::IsInPackage(field, packages) => {
            let packages: Vec<String> = packages.iter().map(|package| escaped(package)).collect();
            (field, pattern(&format!("^({})(\\.|$)", packages.join("|"))))
        }
        Expr::Compare(Operand::Field(field), comparison, Operand::Integer(bound)) => {
            (field, limit(*comparison, *bound))
        }
        Expr::Compare(..) => return Err("JSON Schema cannot compare two fields"),
        Expr::Not(inner) => return Ok(json!({"not": expression(inner, defaults)?})),
        // JSON Schema has no empty `allOf` and `anyOf`, which would hold always and never.
        Expr::All([]) => return Ok(json!(true)),
        Expr::Any([]) => return Ok(json!(false)),
        Expr::All(parts) => return Ok(json!({"allOf": all(parts)?})),
        Expr::Any(parts) => return Ok(json!({"anyOf": all(parts)?})),
    };
    let holds_when_absent = Fields::new(&Object::default(), defaults).holds(expr);
    Ok(on_field(field, schema, holds_when_absent))
}

/// A schema for the value at `field` or `field/key`.
fn on_field(path: &str, schema: Value, holds_when_absent: bool) -> Value {
    let (field, rest) = path.split_once('/').map_or((path, None), |(field, rest)| (field, Some(rest)));
    let schema = match rest {
        Some(rest) => on_field(rest, schema, holds_when_absent),
        None => schema,
    };
    let mut object = json!({"type": "object", "properties": {(field): schema}});
    if let (Some(object), false) = (object.as_object_mut(), holds_when_absent) {
        object.insert("required".to_owned(), json!([field]));
    }
    object
}

fn pattern(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

fn limit(comparison: Comparison, bound: i64) -> Value {
    match comparison {
        Comparison::Less => json!({"type": "number", "exclusiveMaximum": bound}),
        Comparison::AtMost => json!({"type": "number", "maximum": bound}),
        Comparison::Equal => json!({"type": "number", "const": bound}),
        Comparison::AtLeast => json!({"type": "number", "minimum": bound}),
        Comparison::Greater => json!({"type": "number", "exclusiveMinimum": bound}),
    }
}

/// A literal text as a regular expression.
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for character in text.chars() {
        if !character.is_ascii_alphanumeric() && !matches!(character, '_' | '-' | ' ' | '/') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// A literal text in whatever case as a regular expression.
fn any_case(text: &str) -> String {
    let one = |character: char| match character {
        _ if character.is_ascii_alphabetic() => {
            format!("[{}{}]", character.to_ascii_lowercase(), character.to_ascii_uppercase())
        }
        _ => escaped(&character.to_string()),
    };
    text.chars().map(one).collect()
}
