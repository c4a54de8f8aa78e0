//! Types and values of the model in Python's words.

use crate::{
    codegen::{
        ValueType,
        code::{Code, quoted},
    },
    methods::Range,
};
use serde_json::Value;

/// Whether limits are part of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    Told,
    LeftOut,
}

/// The type of a field, in at most so many columns if it goes on one line.
pub(super) fn annotation(types: &[ValueType], told: Limits, columns: usize) -> Code {
    let mut names: Vec<Code> = types.iter().map(|one| type_name(one, told)).collect();
    names.dedup();
    let line = names.iter().map(Code::flat).collect::<Vec<_>>().join(" | ");
    match <[Code; 1]>::try_from(names) {
        Ok([only]) => only,
        Err(names) if line.chars().count() > columns => Code::list("Union[", names, "]"),
        Err(_) => Code::text(line),
    }
}

/// A type inside another.
fn inner(types: &[ValueType], told: Limits) -> Code {
    annotation(types, told, usize::MAX)
}

fn type_name(one: &ValueType, told: Limits) -> Code {
    let with = |name: &str, limits: Vec<Code>| match limits.as_slice() {
        [] => Code::text(name),
        _ if told == Limits::LeftOut => Code::text(name),
        _ => Code::list("Annotated[", vec![Code::text(name), Code::call("Field", limits)], "]"),
    };
    let list = |items: &[ValueType]| Code::only("list[", inner(items, told), "]");
    match one {
        ValueType::Boolean => Code::text("bool"),
        ValueType::Integer(range) => with("int", limits(range)),
        // A number keeps the way it was written.
        ValueType::Number(range) => with("int | float", limits(range)),
        ValueType::Text => Code::text("str"),
        ValueType::Choice(values) => {
            let values = values.iter().map(|value| Code::text(quoted(value))).collect();
            Code::list("Literal[", values, "]")
        }
        ValueType::Pattern(pattern) => with("str", vec![Code::text(format!("pattern={}", quoted(pattern)))]),
        ValueType::Array(items, _) if told == Limits::LeftOut => list(items),
        ValueType::Array(items, None) => list(items),
        ValueType::Array(items, Some(length)) => {
            let length = ["min_length", "max_length"].map(|limit| Code::text(format!("{limit}={length}")));
            Code::list("Annotated[", vec![list(items), Code::call("Field", length.to_vec())], "]")
        }
        ValueType::Map(values) => Code::list("dict[", vec![Code::text("str"), inner(values, told)], "]"),
        ValueType::Object => Code::text("dict[str, Any]"),
        ValueType::Nested(class) => Code::text(class),
        ValueType::Any => Code::text("Any"),
        ValueType::Null => Code::text("None"),
    }
}

pub(super) fn limits(range: &Range) -> Vec<Code> {
    let limits = [
        ("ge", &range.minimum),
        ("gt", &range.exclusive_minimum),
        ("le", &range.maximum),
        ("lt", &range.exclusive_maximum),
    ];
    let limit = |(name, bound): (&str, &Option<_>)| {
        bound.as_ref().map(|bound: &crate::document::Number| Code::text(format!("{name}={}", bound.as_str())))
    };
    limits.into_iter().filter_map(limit).collect()
}

/// A value as Python writes it; an object is a nested config where the field takes one.
pub(super) fn literal(value: &Value, types: &[ValueType]) -> Code {
    let class = types.iter().find_map(|one| match one {
        ValueType::Nested(class) => Some(class),
        _ => None,
    });
    match (value, class) {
        (Value::Null, _) => Code::text("None"),
        (Value::Bool(true), _) => Code::text("True"),
        (Value::Bool(false), _) => Code::text("False"),
        (Value::Number(number), _) => Code::text(number.to_string()),
        (Value::String(text), _) => Code::text(quoted(text)),
        (Value::Array(items), _) => Code::list("[", items.iter().map(|item| literal(item, &[])).collect(), "]"),
        (Value::Object(members), Some(class)) => {
            let member = |(key, value): (&String, &Value)| literal(value, &[]).between(&format!("{key}="), "");
            Code::call(class, members.iter().map(member).collect())
        }
        (Value::Object(members), None) => {
            let member =
                |(key, value): (&String, &Value)| literal(value, &[]).between(&format!("{}: ", quoted(key)), "");
            Code::list("{", members.iter().map(member).collect(), "}")
        }
    }
}
