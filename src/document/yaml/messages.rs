//! The findings that only YAML has: values that PyYAML reads differently, keys that are no strings, tags.

use super::pyyaml::{self, Reading};
use crate::{
    diagnostic::{Diagnostic, NO_JSON_EQUIVALENT, SYNTAX_ERROR, YAML_1_1_READS_DIFFERENTLY, shortened},
    document::{Kind, Node},
    source::Span,
};

/// The key `<<`.
pub(super) fn merge_key(span: Span) -> Diagnostic {
    Diagnostic::new(
        &YAML_1_1_READS_DIFFERENTLY,
        "PyYAML replaces `<<` by the entries of its value, YAML 1.2 reads it as a key like any other",
    )
    .label(span, "")
    .note("write the entries out")
}

/// A plain scalar of which PyYAML makes something else.
pub(super) fn reads_differently(text: &str, ours: &Kind, theirs: &Reading, span: Span) -> Diagnostic {
    let shown = shortened(text);
    let theirs_shown = match theirs {
        Reading::String => format!("the string \"{shown}\""),
        _ => theirs.to_string(),
    };
    let ours_shown = match ours {
        Kind::Number(number) if number.is_integer() => format!("the number {}", shortened(number.as_str())),
        Kind::Number(number) => format!("the number {}", pyyaml::shown(number.as_f64())),
        _ => format!("the string \"{shown}\""),
    };
    let message = match theirs {
        Reading::Refused => format!("PyYAML refuses `{shown}`, YAML 1.2 reads it as {ours_shown}"),
        _ => format!("PyYAML reads `{shown}` as {theirs_shown}, YAML 1.2 as {ours_shown}"),
    };
    let finding = Diagnostic::new(&YAML_1_1_READS_DIFFERENTLY, message).label(span, "");
    let (spelling, is_number) = match ours {
        Kind::Number(number) => (read_alike(number.as_str()), true),
        _ => (format!("\"{text}\""), false),
    };
    let note = match theirs {
        Reading::Bool(value) => format!("write `{value}` for the boolean, `\"{shown}\"` for the text"),
        Reading::Int(Some(value)) => {
            format!(
                "write `{}` for the number that PyYAML reads, `{}` for the other",
                shortened(value),
                shortened(&spelling)
            )
        }
        _ => format!("both read `{}` alike", shortened(&spelling)),
    };
    let title = if is_number { format!("write `{}`", shortened(&spelling)) } else { "put it in quotes".to_owned() };
    // Where PyYAML reads a boolean or another number, either may be meant.
    let is_safe = *theirs == Reading::String;
    finding.note(note).fix(title, is_safe, span, spelling)
}

/// A number of JSON in the spelling that YAML 1.1 also reads as a number: with a point, and a sign in the exponent.
fn read_alike(spelling: &str) -> String {
    let Some((mantissa, exponent)) = spelling.split_once(['e', 'E']) else { return spelling.to_owned() };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

fn demanded_by(tag: &str) -> &'static str {
    match tag {
        "null" => "`null`",
        "bool" => "`true` or `false`",
        "int" => "a whole number",
        "float" => "a number",
        "seq" => "a list",
        "map" => "keys and values",
        _ => "a string",
    }
}

/// A key that is no string; `shown` is what stands there, and quotes around it help unless it has a tag.
pub(super) fn key_is_no_string(node: &Node, shown: &str, quotes_help: bool) -> Diagnostic {
    let what = match node.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Number(_) => "a number",
        Kind::String(_) => "a string",
        Kind::Array(_) => "a list",
        Kind::Object(_) => "a mapping",
    };
    if shown.is_empty() {
        return Diagnostic::new(&NO_JSON_EQUIVALENT, "a key is missing here, and keys must be strings")
            .label(node.span, "");
    }
    let message = format!("the key `{shown}` is {what}, and keys must be strings");
    let finding = Diagnostic::new(&NO_JSON_EQUIVALENT, message).label(node.span, what);
    let is_scalar = matches!(node.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_));
    if is_scalar && quotes_help && !shown.starts_with(['*', '"', '\'']) && !shown.ends_with('…') {
        let quoted = format!("\"{shown}\"");
        return finding.note("quotes make it a string").fix("put the key in quotes", true, node.span, quoted);
    }
    finding.note("write a string instead")
}

/// A tag of the core schema on a value that is something else.
pub(super) fn tag_does_not_fit(tag: &str, what: &str, span: Span) -> Diagnostic {
    let message = format!("{what} does not fit the tag `!!{tag}`");
    Diagnostic::new(&SYNTAX_ERROR, message).label(span, format!("the tag demands {}", demanded_by(tag)))
}

/// A tag outside the core schema.
pub(super) fn foreign_tag(shown: &str, span: Span) -> Diagnostic {
    let message = format!("the tag `{shown}` makes this a value that JSON does not have");
    Diagnostic::new(&NO_JSON_EQUIVALENT, message)
        .label(span, "")
        .note("only `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map` are plain data")
}
