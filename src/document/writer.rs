//! Writes JSON byte for byte as PEFT's `save_pretrained` does: `json.dumps(config, indent=2, sort_keys=True)`.

use super::{Kind, Node, Number, Object};
use std::{collections::BTreeMap, fmt::Write};

/// Writes a tree as Python writes it: sorted keys, two spaces, no final newline, ASCII only, Python's spelling of floats.
#[must_use]
pub fn write_json(node: &Node) -> String {
    let mut out = String::new();
    value(node, 0, &mut out);
    out
}

/// A string as a JSON literal for people: quotes and control characters escaped, other characters as they are.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        escaped(character, &mut out, false);
    }
    out.push('"');
    out
}

/// Takes out what is null, for formats that have no null.
#[cfg(feature = "toml")]
pub(crate) fn drop_nulls(node: &mut Node) {
    match &mut node.kind {
        Kind::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_nulls);
        }
        Kind::Object(object) => {
            object.members.retain(|member| !member.value.is_null());
            object.members.iter_mut().for_each(|member| drop_nulls(&mut member.value));
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
    }
}

fn value(node: &Node, depth: usize, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&python_number(number)),
        Kind::String(text) => string(text, out),
        Kind::Array(items) => {
            let entries = items.iter().map(|item| (None, item));
            entries_between(['[', ']'], entries, depth, out);
        }
        Kind::Object(object) => {
            let sorted = last_of_each_key(object);
            let entries = sorted.iter().map(|(key, value)| (Some(*key), *value));
            entries_between(['{', '}'], entries, depth, out);
        }
    }
}

fn last_of_each_key(object: &Object) -> BTreeMap<&str, &Node> {
    object.members.iter().map(|member| (member.key.as_str(), &member.value)).collect()
}

fn entries_between<'a>(
    [open, close]: [char; 2],
    entries: impl Iterator<Item = (Option<&'a str>, &'a Node)>,
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    let mut empty = true;
    for (key, item) in entries {
        out.push_str(if empty { "\n" } else { ",\n" });
        empty = false;
        indent(depth + 1, out);
        if let Some(key) = key {
            string(key, out);
            out.push_str(": ");
        }
        value(item, depth + 1, out);
    }
    if !empty {
        out.push('\n');
        indent(depth, out);
    }
    out.push(close);
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        escaped(character, out, true);
    }
    out.push('"');
}

fn escaped(character: char, out: &mut String, ascii_only: bool) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(character),
        _ if !ascii_only && !character.is_control() => out.push(character),
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// A number in Python's spelling: whole numbers keep their digits, floats are written as `repr` does.
fn python_number(number: &Number) -> String {
    if number.is_integer() {
        return if number.as_str() == "-0" { "0".to_owned() } else { number.as_str().to_owned() };
    }
    python_float(number.as_f64())
}

fn python_float(value: f64) -> String {
    if !value.is_finite() {
        let spelling = if value.is_nan() { "NaN" } else { "Infinity" };
        return if value < 0.0 { format!("-{spelling}") } else { spelling.to_owned() };
    }
    // `{:e}` gives the shortest digits that read back as the same double, as Python's `repr` does.
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, Syntax, parse};
    use crate::source::Source;

    fn rewritten(text: &str) -> String {
        let (document, _) = parse(Source::new("t.json", text), Syntax::Json, &Limits::default());
        write_json(&document.root.unwrap())
    }

    #[test]
    fn the_layout_is_that_of_json_dumps() {
        let text = r#"{"b": [1, {"x": null}], "a": {}, "c": [], "é": "é\u0001😀/\t", "b2": true}"#;
        let python = "{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"x\": null\n    }\n  ],\n  \"b2\": true,\n  \"c\": [],\n  \
                      \"\\u00e9\": \"\\u00e9\\u0001\\ud83d\\ude00/\\t\"\n}";
        assert_eq!(rewritten(text), python);
    }

    #[test]
    fn floats_are_spelt_as_python_spells_them() {
        // Left: JSON text; right: what `json.dumps(json.loads(text))` of Python 3.11 prints.
        for (text, python) in [
            ("1e-5", "1e-05"),
            ("0.0001", "0.0001"),
            ("1.5e-7", "1.5e-07"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("8.0", "8.0"),
            ("-0.0", "-0.0"),
            ("0.1", "0.1"),
            ("1e300", "1e+300"),
            ("5e-324", "5e-324"),
            ("NaN", "NaN"),
            ("-Infinity", "-Infinity"),
            ("1e999", "Infinity"),
            ("-0", "0"),
            ("18446744073709551616", "18446744073709551616"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(rewritten(text), python, "{text}");
        }
    }

    #[test]
    fn of_a_repeated_key_the_last_value_is_written() {
        assert_eq!(rewritten(r#"{"a": 1, "a": 2}"#), "{\n  \"a\": 2\n}");
    }
}
