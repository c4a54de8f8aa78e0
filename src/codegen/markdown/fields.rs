//! Fields: a table of them, and a section for each.

use super::{releases, table};
use crate::{methods::Field, rule::Rule};
use serde_json::Value;

/// Longer values are told in the field's section alone.
const SHORT: usize = 24;

/// A table of fields, each with a link to its section in `file`.
pub(super) fn overview(fields: &[&Field], file: &str) -> String {
    let row = |field: &&Field| {
        let default = value(&field.default);
        [
            format!("[`{0}`]({file}#{0})", field.name),
            field.title.clone(),
            if default.len() <= SHORT { default } else { "see there".to_owned() },
            releases(field.lifetime),
        ]
    };
    table(["field", "what it is", "default", "in PEFT"], fields.iter().map(row))
}

/// The sections of fields; rules that read a field are named with it.
pub(super) fn sections(fields: &[&Field], rules: &[&Rule]) -> String {
    fields.iter().map(|field| section(field, rules)).collect()
}

fn section(field: &Field, rules: &[&Rule]) -> String {
    let mut text = format!("### `{}`\n\n{}\n\n{}", field.name, field.description, about(field));
    text.push_str(&choices(field));
    if !field.fields.is_empty() {
        text.push_str(&format!("\n{}\n", nested(&field.fields)));
    }
    let codes: Vec<String> =
        rules.iter().filter(|rule| rule.reads(&field.name)).map(|rule| super::rules::link(rule.code())).collect();
    if !codes.is_empty() {
        text.push_str(&format!("\nRules that read it: {}.\n", codes.join(", ")));
    }
    text + "\n"
}

/// What a field takes, its default, and in which releases.
fn about(field: &Field) -> String {
    let default = value(&field.default);
    let mut lines = format!("- takes {}\n- default {default}", escaped(&field.expected()));
    for (former, last) in &field.former_defaults {
        lines.push_str(&format!("; up to PEFT {last} it was {}", value(former)));
    }
    lines.push_str(&format!("\n- in PEFT {}", field.lifetime));
    lines + ", declared by `" + &field.class + "`\n"
}

/// The values that have a meaning of their own.
fn choices(field: &Field) -> String {
    let told = field.choices.iter().chain(&field.forms).filter(|choice| !choice.description.is_empty());
    let lines = told.map(|choice| {
        let is_younger = choice.lifetime != field.lifetime;
        let releases = if is_younger { format!(" (PEFT {})", choice.lifetime) } else { String::new() };
        format!("- `{}`{releases}: {}\n", choice.value, choice.meaning())
    });
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\nValues:\n\n{lines}") }
}

/// The fields of a nested config.
fn nested(fields: &[Field]) -> String {
    let row = |field: &Field| {
        let default = value(&field.default);
        [format!("`{}`", field.name), field.description.replace("\n\n", " "), escaped(&field.expected()), default]
    };
    table(["key", "what it is for", "takes", "default"], fields.iter().map(row))
}

/// A value as the file has it.
fn value(value: &Value) -> String {
    format!("`{value}`")
}

/// What would begin an HTML tag as plain text.
fn escaped(text: &str) -> String {
    text.replace('<', "\\<")
}
