//! Rules as JSON Schema: `if` the rule applies `then` what it requires.

use super::{
    Fields, Rule,
    expr::{Comparison, Expr, Operand, Text},
    field_of, repository,
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
        Expr::IsA(field, wanted) => (field, json!({"type": wanted.name()})),
        Expr::Matches(field, form) => (field, text(*form)?),
        Expr::AnyItem(field, form) => (field, json!({"type": "array", "contains": text(*form)?})),
        Expr::EveryItem(field, form) => (field, json!({"type": "array", "items": text(*form)?})),
        Expr::EveryKey(field, form) => (field, json!({"type": "object", "propertyNames": text(*form)?})),
        Expr::AnyValue(field, comparison, bound) => {
            let none = json!({"additionalProperties": {"not": limit(*comparison, *bound)}});
            (field, json!({"type": "object", "not": none}))
        }
        Expr::HasRepeats(field) => (field, json!({"type": "array", "not": {"uniqueItems": true}})),
        Expr::Overlap(..) | Expr::IsSubset(..) => return Err("JSON Schema cannot compare two arrays"),
        Expr::IsMultipleOf(field, factor) => (field, json!({"type": "integer", "multipleOf": factor})),
        Expr::Compare(Operand::Length(field), comparison, Operand::Integer(bound)) => {
            (field, length(*comparison, *bound))
        }
        Expr::Compare(Operand::Field(field), comparison, Operand::Integer(bound)) => {
            (field, limit(*comparison, *bound))
        }
        Expr::Compare(..) => return Err("JSON Schema cannot compare two fields"),
        Expr::Not(inner) => {
            return Ok(match expression(inner, defaults)? {
                Value::Bool(always) => json!(!always),
                inner => json!({"not": inner}),
            });
        }
        // JSON Schema has no empty `allOf` and `anyOf`, which would hold always and never.
        Expr::All([]) => return Ok(json!(true)),
        Expr::Any([]) => return Ok(json!(false)),
        Expr::All(parts) => return Ok(json!({"allOf": all(parts)?})),
        Expr::Any(parts) => return Ok(json!({"anyOf": all(parts)?})),
        Expr::AtMostOne(parts) => {
            let mut parts = all(parts)?;
            parts.push(json!({"not": {"anyOf": parts}}));
            return Ok(json!({"oneOf": parts}));
        }
    };
    let absent = Object::default();
    let fields = Fields::new(&absent, defaults);
    let holds_when_absent = fields.holds(expr);
    // What the method does not have, PEFT drops.
    Ok(if fields.has(field_of(field)) { on_field(field, schema, holds_when_absent) } else { json!(holds_when_absent) })
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

/// A form of a text as a schema.
fn text(form: Text) -> Result<Value, &'static str> {
    let any_of = |texts: &[&str]| texts.iter().map(|text| escaped(text)).collect::<Vec<_>>().join("|");
    Ok(match form {
        Text::OneOf(texts) => json!({"enum": texts}),
        Text::StartsWith(starts) => pattern(&format!("^({})", any_of(starts))),
        Text::EndsWith(endings) => pattern(&format!("({})$", any_of(endings))),
        Text::EndsWithAnyCase(ending) => pattern(&format!("{}$", any_case(ending))),
        Text::Contains(parts) => pattern(&any_of(parts)),
        Text::OneCharacter => json!({"type": "string", "minLength": 1, "maxLength": 1}),
        Text::InPackage(packages) => pattern(&format!("^({})(\\.|$)", any_of(packages))),
        Text::RepositoryId => {
            let (all, none) = repository::patterns();
            json!({"allOf": all.map(|all| pattern(&all)), "not": pattern(none)})
        }
        Text::Regex | Text::RegexBetween(..) => return Err("JSON Schema does not know Python's regular expressions"),
        Text::Either(forms) => {
            json!({"anyOf": forms.iter().map(|form| self::text(*form)).collect::<Result<Vec<_>, _>>()?})
        }
        Text::Without(form, other) => json!({"allOf": [self::text(*form)?], "not": self::text(*other)?}),
    })
}

/// A bound of an array's length; one that no length or every length keeps is a schema all the same.
fn length(comparison: Comparison, bound: i64) -> Value {
    let least = |bound: i64| json!({"type": "array", "minItems": bound.max(0)});
    let most = |bound: i64| match bound {
        0.. => json!({"type": "array", "maxItems": bound}),
        _ => json!(false),
    };
    match comparison {
        Comparison::Less => most(bound.saturating_sub(1)),
        Comparison::AtMost => most(bound),
        Comparison::Equal => json!({"allOf": [least(bound), most(bound)]}),
        Comparison::AtLeast => least(bound),
        Comparison::Greater => least(bound.saturating_add(1)),
    }
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
        // Escapes of other characters mean something in one engine or another.
        if "\\^$.|?*+()[]{}".contains(character) {
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
