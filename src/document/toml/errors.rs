//! The TOML parser's errors, as findings with calm sentences.

use super::span_within;
use crate::{
    diagnostic::{Diagnostic, NESTED_TOO_DEEPLY, REPEATED_KEY, SYNTAX_ERROR, shortened},
    document::{
        Kind, Node,
        findings::{Findings, MOST_FINDINGS},
    },
    source::Span,
};
use std::collections::BTreeMap;
use toml::de::Error;

/// Reports every error; false when one of them cost more of the document than the value or line that it is in.
pub(super) fn report(text: &str, errors: &[Error], root: Option<&Node>, findings: &mut Findings<'_>) -> bool {
    let keys = if errors.iter().any(is_duplicate) { places_of_keys(root) } else { BTreeMap::new() };
    let (too_deep, others): (Vec<&Error>, Vec<&Error>) = errors.iter().partition(|error| is_too_deep(error));
    // Past its limit the parser reports every bracket.
    if let Some(first) = too_deep.first() {
        let finding =
            Diagnostic::new(&NESTED_TOO_DEEPLY, "tables, arrays or dotted keys nest too deeply for the parser");
        findings.add(match first.span() {
            Some(range) => finding.label(span_within(text, range), ""),
            None => finding,
        });
    }
    for error in others.iter().take(MOST_FINDINGS) {
        let span = error.span().map_or_else(|| Span::at(text.len()), |range| span_within(text, range));
        findings.add(if is_duplicate(error) { duplicate(text, span, &keys) } else { syntax_error(text, error, span) });
    }
    too_deep.is_empty() && others.iter().all(|error| is_local(parts(error).0))
}

/// An error's description, and what the parser expected instead.
fn parts(error: &Error) -> (&str, Option<&str>) {
    match error.message().split_once(", expected ") {
        Some((description, expected)) => (description, Some(expected).filter(|expected| *expected != "nothing")),
        None => (error.message(), None),
    }
}

fn is_duplicate(error: &Error) -> bool {
    error.message() == "duplicate key"
}

fn is_too_deep(error: &Error) -> bool {
    error.message() == "recursion limit" || error.message().starts_with("cannot recurse further")
}

/// Whether the parser lost no more than the key or scalar itself.
fn is_local(description: &str) -> bool {
    matches!(
        description,
        "duplicate key"
            | "string values must be quoted"
            | "invalid boolean"
            | "invalid float"
            | "invalid integer number"
            | "invalid hexadecimal number"
            | "invalid octal number"
            | "invalid binary number"
            | "invalid date-time"
            | "invalid date"
            | "invalid time"
            | "invalid mantissa"
            | "invalid fraction"
            | "invalid exponent"
            | "unexpected leading zero"
            | "unexpected sign"
            | "redundant numeric sign"
            | "redundant integer number prefix"
            | "integers with a radix cannot be signed"
            | "radix must be lowercase"
            | "`_` may only go between digits"
            | "invalid basic string"
            | "invalid literal string"
            | "missing escaped value"
            | "too few unicode value digits"
            | "invalid unquoted key"
            | "extra comma in array"
            | "extra comma in inline table"
            | "invalid comment character"
            | "carriage return must be followed by newline"
    )
}

fn syntax_error(text: &str, error: &Error, span: Span) -> Diagnostic {
    let (description, expected) = parts(error);
    let written = text.get(span.start..span.end).unwrap_or_default();
    let finding = |message: String| Diagnostic::new(&SYNTAX_ERROR, message).label(span, "");
    let shown = shortened(written);
    match description {
        "string values must be quoted" if written.is_empty() => finding("there is no value behind the `=`".to_owned()),
        "string values must be quoted" => finding(format!("`{shown}` is no value of TOML: a string needs quotes")),
        "invalid boolean" => {
            let finding = finding(format!("`{shown}` is no value of TOML: a boolean is `true` or `false`"));
            match written.to_ascii_lowercase().as_str() {
                value @ ("true" | "false") => finding.fix(format!("write `{value}`"), true, span, value),
                _ => finding,
            }
        }
        _ if is_null(written) => {
            finding(format!("`{shown}` is no value of TOML")).note("TOML has no null: leave the key out")
        }
        "key with no value" => finding("expected `=` and a value".to_owned()),
        "invalid key-value pair" => finding("expected `key = value`".to_owned()),
        "unexpected key or value" => finding("expected a line break".to_owned()),
        "missing escaped value" => finding("this backslash starts no escape of TOML".to_owned())
            .note("double the backslash, or put the string in single quotes, where backslashes mean themselves"),
        "invalid unquoted key" => finding(format!("the key `{shown}` needs quotes"))
            .note("without quotes a key has only letters of English, digits, `-` and `_`"),
        _ => finding(match expected {
            Some(expected) => format!("{description}: expected {}", with_or(expected)),
            None => description.to_owned(),
        }),
    }
}

fn is_null(written: &str) -> bool {
    ["null", "none", "nil"].iter().any(|name| written.eq_ignore_ascii_case(name))
}

/// `a, b, c` as `a, b or c`.
fn with_or(list: &str) -> String {
    match list.rsplit_once(", ") {
        Some((others, end)) => format!("{others} or {end}"),
        None => list.to_owned(),
    }
}

fn duplicate(text: &str, span: Span, keys: &BTreeMap<&str, Vec<Span>>) -> Diagnostic {
    let written = text.get(span.start..span.end).unwrap_or_default();
    let key = written.trim_matches(['"', '\'']);
    let message = format!("the key `{}` is given more than once", shortened(key));
    let finding = Diagnostic::new(&REPEATED_KEY, message).label(span, "given again here");
    let finding = match first_place(span, keys.get(key).map_or(&[], Vec::as_slice)) {
        Some(first) => finding.label(first, "first given here"),
        None => finding,
    };
    finding.note("TOML forbids it")
}

/// Where a key was given first, if there is one such place only: the parser does not say which table it has in mind.
fn first_place(span: Span, places: &[Span]) -> Option<Span> {
    let (before, rest) = places.split_at_checked(places.partition_point(|place| place.start < span.start))?;
    match before {
        // A table that is opened a second time takes the place of the first in the tree.
        [first] if rest.first() != Some(&span) => Some(*first),
        _ => None,
    }
}

/// Where each key of the tree stands, in order.
fn places_of_keys(root: Option<&Node>) -> BTreeMap<&str, Vec<Span>> {
    let mut places: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    let mut pending: Vec<&Node> = root.into_iter().collect();
    while let Some(node) = pending.pop() {
        match &node.kind {
            Kind::Array(items) => pending.extend(items),
            Kind::Object(object) => {
                for member in &object.members {
                    places.entry(&member.key).or_default().push(member.key_span);
                    pending.push(&member.value);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
        }
    }
    for spans in places.values_mut() {
        spans.sort_unstable();
    }
    places
}
