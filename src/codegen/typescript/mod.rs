//! TypeScript: a discriminated union of interfaces, with a comment on every field.

mod zod;

pub(super) use zod::ZOD;

use super::{
    ConfigView, FieldView, Generator, Model, Options, Target, ValueType,
    code::{quoted, wrapped},
    header,
};
use crate::schema::Profile;
use std::fmt::Write as _;

/// Types alone.
pub(super) static INTERFACES: Target = Target {
    name: "typescript",
    style: "interface",
    about: "TypeScript interfaces",
    extension: "ts",
    generator: Generator::File(interfaces),
    inexpressible: super::every_rule_is_beyond_types,
};

/// The columns of a line, as prettier has them.
const WIDTH: usize = 80;

fn interfaces(model: &Model, options: Options) -> String {
    let mut text = header(model, "//", WIDTH, &INTERFACES.command(options));
    for config in model.nested.iter().chain(&model.configs).chain([&model.base]) {
        text.push('\n');
        text.push_str(&interface(config, options.profile, config.class == model.base.class));
    }
    let classes = model.configs.iter().chain([&model.base]).map(|config| config.class.as_str());
    let union: String = classes.map(|class| format!("\n  | {class}")).collect();
    text.push_str(&comment("Any `adapter_config.json`; `peft_type` tells which.", 0).replacen("/**", "\n/**", 1));
    text.push_str(&format!("export type AdapterConfig ={union};\n"));
    text
}

/// The interface of a config.
fn interface(config: &ConfigView, profile: Profile, is_open: bool) -> String {
    let mut text = comment(&config.description, 0);
    let _ = writeln!(text, "export interface {} {{", config.class);
    if !config.peft_types.is_empty() {
        let names = config.peft_types.iter().map(|name| quoted(name.as_str())).collect::<Vec<_>>();
        text.push_str(&comment("The PEFT method that the config is for.", 1));
        text.push_str(&property("peft_type", &names));
    }
    for field in &config.fields {
        text.push_str(&comment(&about(field), 1));
        text.push_str(&property(&format!("{}?", field.field.name), &type_names(&field.types)));
    }
    if is_open || profile == Profile::Lenient {
        text.push_str("  [key: string]: unknown;\n");
    }
    text.push_str("}\n");
    text
}

/// What there is to say of a field, with its default.
pub(super) fn about(field: &FieldView) -> String {
    format!("{}\n\n@default {}", super::told(field, "`"), field.field.default)
}

/// A comment for documentation.
pub(super) fn comment(text: &str, level: usize) -> String {
    let pad = "  ".repeat(level);
    // What would end the comment is taken apart.
    let lines = wrapped(&text.replace("*/", "* /"), WIDTH - pad.len() - 3);
    match lines.as_slice() {
        [line] if line.chars().count() + pad.len() + 7 <= WIDTH => format!("{pad}/** {line} */\n"),
        _ => {
            let lines: String =
                lines.iter().map(|line| format!("{}\n", format!("{pad} * {line}").trim_end())).collect();
            format!("{pad}/**\n{lines}{pad} */\n")
        }
    }
}

/// A property that is one of these types; a line for each where they do not fit on one.
fn property(name: &str, types: &[String]) -> String {
    let line = format!("  {name}: {};\n", types.join(" | "));
    if line.chars().count() <= WIDTH + 1 {
        return line;
    }
    let types: String = types.iter().map(|one| format!("\n    | {one}")).collect();
    format!("  {name}:{types};\n")
}

fn type_names(types: &[ValueType]) -> Vec<String> {
    let mut names = Vec::new();
    for one in types {
        for name in type_name(one) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// A type in TypeScript; limits of numbers are not part of one.
fn type_name(one: &ValueType) -> Vec<String> {
    vec![match one {
        ValueType::Boolean => "boolean".to_owned(),
        ValueType::Integer(_) | ValueType::Number(_) => "number".to_owned(),
        ValueType::Text | ValueType::Pattern(_) => "string".to_owned(),
        ValueType::Choice(values) => return values.iter().map(|value| quoted(value)).collect(),
        ValueType::Array(items, Some(length)) => {
            let item = type_names(items).join(" | ");
            let length = usize::try_from(*length).unwrap_or_default();
            format!("[{}]", vec![item; length].join(", "))
        }
        ValueType::Array(items, None) => match type_names(items).as_slice() {
            [item] => format!("{item}[]"),
            items => format!("({})[]", items.join(" | ")),
        },
        ValueType::Map(values) => format!("Record<string, {}>", type_names(values).join(" | ")),
        ValueType::Object => "Record<string, unknown>".to_owned(),
        ValueType::Nested(class) => class.clone(),
        ValueType::Any => "unknown".to_owned(),
        ValueType::Null => "null".to_owned(),
    }]
}
