//! Plain dataclasses whose `validate` knows types, limits and rules; they need no library.

use super::{
    DIALECT, LAYOUT, docstring, exported, extra,
    names::{Limits, annotation, limits, literal},
    rules, rules_of,
};
use crate::codegen::{
    ConfigView, FieldView, Generator, Model, Options, Target, ValueType,
    code::{Code, quoted},
    frame::rendered,
    header, told,
};
use minijinja::context;
use serde_json::Value;

/// Classes that check themselves when they are told to.
pub(in crate::codegen) static DATACLASS: Target = Target {
    name: "python",
    style: "dataclass",
    about: "dataclasses with a `validate()` of types, limits and rules, without dependencies",
    extension: "py",
    generator: Generator::File(dataclasses),
    inexpressible: |model| DIALECT.inexpressible(model),
};

fn dataclasses(model: &Model, options: Options) -> String {
    let configs = || model.configs.iter().chain([&model.base]);
    let named: Vec<Code> = configs().map(|config| Code::text(&config.class)).collect();
    let by_name = configs().flat_map(|config| {
        config.peft_types.iter().map(|name| Code::text(format!("{}: {}", quoted(name.as_str()), config.class)))
    });
    let table = Code::list("CLASSES: dict[str, type[Config]] = {", by_name.collect(), "}");
    rendered(
        "dataclass.py",
        context! {
            header => header(model, "#", LAYOUT.width, &DATACLASS.command(options)),
            exported => exported(model, &["AdapterConfig", "ConfigError", "Problem", "Rule", "parse"]),
            rules => rules(model),
            code => "str",
            extra => extra(options.profile),
            classes => model.nested.iter().map(typed_dict).chain(configs().map(class)).collect::<Vec<_>>(),
            union => Code::list("AdapterConfig = Union[", named, "]").laid_out(LAYOUT, 0, 0),
            table => table.laid_out(LAYOUT, 0, 0),
        },
    )
}

/// A nested config: a dictionary with known keys, so that it remembers which were given; and what it takes.
fn typed_dict(config: &ConfigView) -> String {
    let attribute = |field: &FieldView| {
        let name = format!("{}: ", field.field.name);
        let annotation = annotation(&field.types, Limits::LeftOut, LAYOUT.width - 4 - name.len());
        format!("    {}\n{}\n", annotation.between(&name, "").laid_out(LAYOUT, 1, 0), docstring(&told(field, "`")))
    };
    let attributes: String = config.fields.iter().map(attribute).collect();
    let keys = config.fields.iter().map(|field| takes(&field.types).between(&format!("{}=", field.field.name), ""));
    let check = Code::call("nested", keys.collect()).between(&format!("{} = ", check_of(&config.class)), "");
    format!(
        "class {}(TypedDict, total=False):\n{}\n{attributes}\n{}\n",
        config.class,
        docstring(&config.description),
        check.laid_out(LAYOUT, 0, 0),
    )
}

/// The name of what a nested config takes.
fn check_of(class: &str) -> String {
    format!("_{class}")
}

/// The class of a config.
fn class(config: &ConfigView) -> String {
    let mut text = format!("@dataclass\nclass {}(Config):\n{}\n", config.class, docstring(&config.description));
    text.push_str(&rules_of(config));
    text.push_str(&peft_type(config));
    text.push_str(&config.fields.iter().map(attribute).collect::<String>());
    format!("{}\n", text.trim_end())
}

fn peft_type(config: &ConfigView) -> String {
    let names: Vec<String> = config.peft_types.iter().map(|name| name.as_str().to_owned()).collect();
    let (default, expected) = match names.as_slice() {
        [only] => (Some(format!("default={}", quoted(only))), only.clone()),
        _ => (None, "the name of a method".to_owned()),
    };
    attribute_of("peft_type", &[ValueType::Choice(names)], default.map(Code::text), &expected)
        + &format!("{}\n", docstring("The PEFT method that the config is for."))
}

/// A field with its default and what it is for.
fn attribute(field: &FieldView) -> String {
    let default = literal(&field.field.default, &field.types);
    // Dataclasses share no default that can change.
    let default = match field.field.default {
        Value::Array(_) | Value::Object(_) => default.between("default_factory=lambda: ", ""),
        _ => default.between("default=", ""),
    };
    attribute_of(&field.field.name, &field.types, Some(default), &field.field.expected())
        + &format!("{}\n", docstring(&told(field, "`")))
}

fn attribute_of(name: &str, types: &[ValueType], default: Option<Code>, expected: &str) -> String {
    let metadata = Code::call("checked", vec![takes(types), Code::text(quoted(expected))]).between("metadata=", "");
    let arguments = Code::call("field", default.into_iter().chain([metadata]).collect());
    let (name, behind) = (format!("{name}: "), " = field(".len());
    let annotation = annotation(types, Limits::LeftOut, LAYOUT.width - 4 - name.len() - behind);
    let annotation = annotation.between(&name, "").laid_out(LAYOUT, 1, behind);
    // The arguments go on where the annotation ends.
    let (lines, last) =
        annotation.rsplit_once('\n').map_or(("", &*annotation), |(lines, last)| (lines, last.trim_start()));
    let line_end = if lines.is_empty() { "" } else { "\n    " };
    format!("    {lines}{line_end}{}\n", arguments.between(&format!("{last} = "), "").laid_out(LAYOUT, 1, 0))
}

/// The types as a call of functions that say whether a value is of one.
fn takes(types: &[ValueType]) -> Code {
    match types {
        [only] => one_type(only),
        _ => Code::call("either", types.iter().map(one_type).collect()),
    }
}

fn one_type(one: &ValueType) -> Code {
    let texts = |texts: &[String]| texts.iter().map(|text| Code::text(quoted(text))).collect();
    match one {
        ValueType::Boolean => Code::call("boolean", vec![]),
        ValueType::Integer(range) => Code::call("integer", limits(range)),
        ValueType::Number(range) => Code::call("real", limits(range)),
        ValueType::Text => Code::call("text", vec![]),
        ValueType::Choice(values) => Code::call("choice", texts(values)),
        ValueType::Pattern(pattern) => Code::call("pattern", vec![Code::text(quoted(pattern))]),
        ValueType::Array(items, length) => {
            let length = length.map(|length| Code::text(length.to_string()));
            Code::call("array", [takes(items)].into_iter().chain(length).collect())
        }
        ValueType::Map(values) => Code::call("mapping", vec![takes(values)]),
        ValueType::Object => Code::call("mapping", vec![Code::call("anything", vec![])]),
        ValueType::Nested(class) => Code::text(check_of(class)),
        ValueType::Any => Code::call("anything", vec![]),
        ValueType::Null => Code::call("null", vec![]),
    }
}
