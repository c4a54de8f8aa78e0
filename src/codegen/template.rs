//! Starter configs: the fields that a new config sets, with comments where the format has them.

use super::code::wrapped;
use crate::{
    document::Syntax,
    methods::{Field, Method},
};
use serde_json::Value;

/// How long a line of comment may get.
const WIDTH: usize = 100;

/// A config of a method to begin with, in a format; it has no problems. JSON has no comments.
#[must_use]
pub fn template(method: &Method, syntax: Syntax) -> String {
    let entries: Vec<_> = method.starter().collect();
    match syntax {
        Syntax::Json => {
            let members = entries.iter().map(|(field, value)| format!("  \"{}\": {}", field.name, inline(value)));
            format!("{{\n{}\n}}\n", members.collect::<Vec<_>>().join(",\n"))
        }
        Syntax::Yaml => commented(method, &entries, |name, value| format!("{name}: {}", plain(value))),
        #[cfg(feature = "toml")]
        Syntax::Toml => commented(method, &entries, |name, value| format!("{name} = {}", inline(value))),
    }
}

/// A head about the method, then each field under what it is for.
fn commented(method: &Method, entries: &[(&Field, &Value)], entry: impl Fn(&str, &Value) -> String) -> String {
    let lifetime = method.peft_type.lifetime();
    let mut text = comment(&format!("{}, in PEFT {lifetime}.\n\n{}", method.title(), method.description()));
    for (field, value) in entries {
        text.push('\n');
        if field.name != "peft_type" {
            text.push_str(&about(field));
        }
        text.push_str(&entry(&field.name, value));
        text.push('\n');
    }
    text
}

/// What a field is for, and what it takes.
fn about(field: &Field) -> String {
    let default = match &field.default {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        default => inline(default),
    };
    comment(&field.description) + &comment(&format!("Takes {}; {default} by default.", field.expected()))
}

/// A text as a comment, wrapped.
fn comment(text: &str) -> String {
    let lines = wrapped(text, WIDTH - 2);
    lines.iter().map(|line| format!("{}\n", format!("# {line}").trim_end())).collect()
}

/// A value on one line, as JSON and TOML spell it: what a starter sets are texts, numbers, switches and arrays of them.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A value as YAML, where names need no quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        other => inline(other),
    }
}

/// Whether a text is a name that no YAML reader takes for something else, such as the old `yes`.
fn is_plain(text: &str) -> bool {
    const OTHERS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && !OTHERS.contains(&&*text.to_ascii_lowercase())
}
