//! The YAML reader against tables, hostile texts and the port of libyaml.

use super::*;
use crate::diagnostic::Severity;
use crate::document::testing::{codes, json, parsed_by, places};
use crate::{diagnostic::NO_JSON_EQUIVALENT, document::Number};
use std::fmt::Write as _;

fn parse_within(text: &str, limits: Limits) -> (Option<Node>, Vec<Diagnostic>) {
    parsed_by(read, text, &limits)
}

fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    parse_within(text, Limits::default())
}

#[test]
fn documents_become_trees() {
    for (text, value) in [
        ("r: 8\nalpha: 8.0\n", r#"{"r":8,"alpha":8.0}"#),
        ("a: [x, 'y', \"\\u00e9\"]\nb: {c: ~, d: }\n", r#"{"a":["x","y","é"],"b":{"c":null,"d":null}}"#),
        ("- 1\n- - 2\n  - 3\n-\n", "[1,[2,3],null]"),
        ("a: |\n  x\n  y\nb: >-\n  p\n  q\n", r#"{"a":"x\ny\n","b":"p q"}"#),
        ("a: |\n  no line break", r#"{"a":"no line break"}"#),
        ("a: plain text\n  on two lines\n", r#"{"a":"plain text on two lines"}"#),
        ("? a\n: 1\n? b\n", r#"{"a":1,"b":null}"#),
        ("[a: 1, b]", r#"[{"a":1},"b"]"#),
        ("a: &x [1, &y 2]\nb: *x\nc: *y\n", r#"{"a":[1,2],"b":[1,2],"c":2}"#),
        ("&k key: 1\nb: {*k : 2}\n", r#"{"key":1,"b":{"key":2}}"#),
        ("a: !!str 8\nb: ! 8\nc: !!float 8\nd: !!int '8'\ne: !!str\n", r#"{"a":"8","b":"8","c":8.0,"d":8,"e":""}"#),
        ("a: !!map {b: !!seq [1]}\nc: ! [1]\n", r#"{"a":{"b":[1]},"c":[1]}"#),
        ("a: !<tag:yaml.org,2002:str> 1\n", r#"{"a":"1"}"#),
        ("a: .inf\nb: -.inf\nc: .nan\n", r#"{"a":Infinity,"b":-Infinity,"c":NaN}"#),
        ("%YAML 1.2\n---\na: 1\n...\n", r#"{"a":1}"#),
        ("\u{feff}a: 1\r\nb: 2\r\n", r#"{"a":1,"b":2}"#),
        ("~", "null"),
        ("\"\"", "\"\""),
    ] {
        let (root, diagnostics) = parse(text);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(json(&root.unwrap()), value, "{text}");
    }
}

#[test]
fn a_text_without_values_is_no_document_and_no_mistake() {
    for text in ["", "\n", "# nothing\n", "\u{feff}", "---\n", "--- # nothing\n...\n"] {
        assert_eq!(parse(text), (None, vec![]), "{text:?}");
    }
}

#[test]
fn spans_cover_what_is_written() {
    for (text, expected) in [
        ("é: '🦀'\r\nb: \"x\" # c\r\n", vec!["é: '🦀'\r\nb: \"x\"", "é", "'🦀'", "b", "\"x\""]),
        ("\u{feff}a: 1\n", vec!["a: 1", "a", "1"]),
        ("a: [1, {b: 2}]\n", vec!["a: [1, {b: 2}]", "a", "[1, {b: 2}]", "1", "{b: 2}", "b", "2"]),
        ("a:\n  - x\n  - y\n\n\nb: 1", vec!["a:\n  - x\n  - y\n\n\nb: 1", "a", "- x\n  - y", "x", "y", "b", "1"]),
        ("a: |\n  x\n  y\n\n", vec!["a: |\n  x\n  y", "a", "x\n  y"]),
        ("a: one\n  two\n", vec!["a: one\n  two", "a", "one\n  two"]),
        ("[a: , b]", vec!["[a: , b]", "a:", "a", "", "b"]),
        ("a: &x !!str b\nc: *x\n", vec!["a: &x !!str b\nc: *x", "a", "b", "c", "*x"]),
    ] {
        let mut found = Vec::new();
        places(text, &parse(text).0.unwrap(), &mut found);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_missing_value_stands_right_behind_its_colon() {
    for (text, offset) in [
        ("key:\n", 4),
        ("key:   # c\nb: 1\n", 4),
        ("key :\n", 5),
        ("'key':", 6),
        ("{key: , b: 1}", 5),
        ("? key # c :\n# c :\n:\n", 19),
        ("? key\n", 5),
        ("key: !!null\n", 11),
    ] {
        let root = parse(text).0.unwrap();
        let place = root.as_object().unwrap().members[0].value.span;
        assert_eq!(place, Span::at(offset), "{text}");
    }
}

#[test]
fn every_mistake_is_named() {
    for (text, problem, message) in [
        ("a: [1, 2\n", &SYNTAX_ERROR, "this `[` is never closed"),
        ("a: [1}\n", &SYNTAX_ERROR, "a `[` is open here, and `}` does not close it"),
        ("a: \"x\n", &SYNTAX_ERROR, "this quote is never closed"),
        ("a: \"\\q\"\n", &SYNTAX_ERROR, "this string has a backslash that starts no escape of YAML"),
        ("a: \"\\ud800\"\n", &SYNTAX_ERROR, "this string has an escape that stands for no character"),
        ("a:\n\t- b\n", &SYNTAX_ERROR, "there is a tab where YAML wants spaces"),
        ("a: @x\n", &SYNTAX_ERROR, "no value can start with `@`"),
        ("a: b: c\n", &SYNTAX_ERROR, "a `:` cannot stand here"),
        ("a: 1\nb\n", &SYNTAX_ERROR, "this is neither `key: value` nor part of the line above"),
        ("a: - b\n", &SYNTAX_ERROR, "a list item `- ` cannot start here"),
        ("a: ]\n", &SYNTAX_ERROR, "this bracket closes nothing"),
        ("a: 'x' y\n", &SYNTAX_ERROR, "there is more text after the closing quote"),
        ("a: *x\n", &SYNTAX_ERROR, "no `&x` stands in front of this alias"),
        ("a: &x [*x]\n", &SYNTAX_ERROR, "the alias `*x` stands inside the value that it names"),
        ("a: 1\n---\nb: 2\n", &SYNTAX_ERROR, "a second document starts here, and a config is a single one"),
        ("a: !!int x\n", &SYNTAX_ERROR, "`x` does not fit the tag `!!int`"),
        ("a: !!map [1]\n", &SYNTAX_ERROR, "this list does not fit the tag `!!map`"),
        ("a: !!seq\n", &SYNTAX_ERROR, "`` does not fit the tag `!!seq`"),
        ("a: !!set {b}\n", &NO_JSON_EQUIVALENT, "the tag `!!set` makes this a value that JSON does not have"),
        (
            "a: !!python/tuple [1]\n",
            &NO_JSON_EQUIVALENT,
            "the tag `!!python/tuple` makes this a value that JSON does not have",
        ),
        ("a: !mine 1\n", &NO_JSON_EQUIVALENT, "the tag `!mine` makes this a value that JSON does not have"),
        ("8: a\n", &NO_JSON_EQUIVALENT, "the key `8` is a number, and keys must be strings"),
        ("true: a\n", &NO_JSON_EQUIVALENT, "the key `true` is a boolean, and keys must be strings"),
        ("~: a\n", &NO_JSON_EQUIVALENT, "the key `~` is null, and keys must be strings"),
        (": a\n", &NO_JSON_EQUIVALENT, "a key is missing here, and keys must be strings"),
        ("[a, b]: c\n", &NO_JSON_EQUIVALENT, "the key `[a, b]` is a list, and keys must be strings"),
        ("a: 1\nb: 2\na: 3\n", &REPEATED_KEY, "the key `a` is given 2 times"),
    ] {
        let (_, diagnostics) = parse(text);
        assert_eq!(codes(&diagnostics), [problem.code], "{text}");
        assert_eq!(diagnostics[0].message, message, "{text}");
        assert_eq!(diagnostics[0].severity, Severity::Error, "{text}");
    }
}

#[test]
fn what_still_makes_sense_is_kept() {
    for (text, value) in [
        ("a: 1\nb: 2\na: 3\n", Some(r#"{"a":1,"b":2,"a":3}"#)),
        ("8: a\ntrue: b\n[x]: c\n", Some(r#"{"8":"a","true":"b","[x]":"c"}"#)),
        ("a: 1\n---\nb: 2\n", Some(r#"{"a":1}"#)),
        ("a: !!int x\nb: !mine [1]\n", Some(r#"{"a":"x","b":[1]}"#)),
        ("a: *nowhere\n", None),
        ("a: 1\nb: [\n", None),
    ] {
        assert_eq!(parse(text).0.as_ref().map(json).as_deref(), value, "{text}");
    }
}

#[test]
fn a_repeated_key_shows_both_places() {
    let (_, diagnostics) = parse("a: 1\n\"a\": 2\n");
    let labels: Vec<_> = diagnostics[0].labels.iter().map(|label| (label.span, label.text.as_str())).collect();
    assert_eq!(labels, [(Span::new(5, 8), "this one counts, as the last"), (Span::new(0, 1), "ignored")]);
}

#[test]
fn a_scalar_that_pyyaml_reads_differently_is_explained() {
    for (text, message, fixed) in [
        ("a: 1e-4", "PyYAML reads `1e-4` as the string \"1e-4\", YAML 1.2 as the number 0.0001", Some("a: 1.0e-4")),
        ("a: 1E3", "PyYAML reads `1E3` as the string \"1E3\", YAML 1.2 as the number 1000.0", Some("a: 1.0e+3")),
        ("a: -.5", "PyYAML reads `-.5` as the string \"-.5\", YAML 1.2 as the number -0.5", Some("a: -0.5")),
        ("a: 0o17", "PyYAML reads `0o17` as the string \"0o17\", YAML 1.2 as the number 15", Some("a: 15")),
        ("a: 017", "PyYAML reads `017` as the number 15, YAML 1.2 as the number 17", Some("a: 17")),
        ("a: no", "PyYAML reads `no` as the boolean false, YAML 1.2 as the string \"no\"", Some("a: \"no\"")),
        ("[1_000]", "PyYAML reads `1_000` as the number 1000, YAML 1.2 as the string \"1_000\"", Some("[\"1_000\"]")),
        ("a: 1:30", "PyYAML reads `1:30` as the number 90, YAML 1.2 as the string \"1:30\"", Some("a: \"1:30\"")),
        (
            "a: 2026-01-31",
            "PyYAML reads `2026-01-31` as a date, YAML 1.2 as the string \"2026-01-31\"",
            Some("a: \"2026-01-31\""),
        ),
        ("a: =", "PyYAML refuses `=`, YAML 1.2 reads it as the string \"=\"", Some("a: \"=\"")),
        ("on: 1", "PyYAML reads `on` as the boolean true, YAML 1.2 as the string \"on\"", Some("\"on\": 1")),
        (
            "<<: {a: 1}",
            "PyYAML replaces `<<` by the entries of its value, YAML 1.2 reads it as a key like any other",
            None,
        ),
    ] {
        let (_, diagnostics) = parse(text);
        assert_eq!(codes(&diagnostics), ["yaml-1-1-reads-differently"], "{text}");
        assert_eq!(diagnostics[0].message, message, "{text}");
        assert_eq!(diagnostics[0].severity, Severity::Warning);
        let Some(fixed) = fixed else { continue };
        let edit = &diagnostics[0].fix.as_ref().unwrap().edits[0];
        let mut mended = text.to_owned();
        mended.replace_range(edit.span.start..edit.span.end, &edit.text);
        assert_eq!(mended, fixed);
        assert_eq!(codes(&parse(&mended).1), [] as [&str; 0], "{mended}");
    }
}

#[test]
fn only_plain_scalars_are_compared_with_pyyaml() {
    for text in ["a: 'no'", "a: \"1e-4\"", "a: !!str no", "a: |\n  no\n", "=: 1", "a: y", "a: 1.0e-4"] {
        assert_eq!(parse(text).1, [], "{text}");
    }
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let many = 100_000;
    let laughs = |levels: usize| {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..=levels {
            let _ = writeln!(text, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 9].join(", "));
        }
        text
    };
    let ladder = |steps: usize| {
        (1..=steps).fold("- &a0 [x]\n".to_owned(), |text, step| text + &format!("- &a{step} [*a{}]\n", step - 1))
    };
    let long_text = format!("- &a {}\n{}", "x".repeat(1 << 20), "- *a\n".repeat(20));
    let nested_anchors = (0..150).fold("x, ".repeat(20_000), |text, level| format!("&a{level} [{text}]"));
    for (name, text, problem) in [
        ("open brackets", "[".repeat(many), &NESTED_TOO_DEEPLY),
        ("closed brackets", "[".repeat(many) + &"]".repeat(many), &NESTED_TOO_DEEPLY),
        ("braces", "{a: ".repeat(many), &NESTED_TOO_DEEPLY),
        ("dashes", "- ".repeat(many), &NESTED_TOO_DEEPLY),
        ("questions", "? ".repeat(many), &NESTED_TOO_DEEPLY),
        ("brackets in dashes", "- ".repeat(150) + &"[".repeat(150) + &"]".repeat(150), &NESTED_TOO_DEEPLY),
        ("billion laughs", laughs(12), &TOO_MANY_VALUES),
        ("a ladder of aliases", ladder(1000), &NESTED_TOO_DEEPLY),
        ("copies of a long text", long_text, &TOO_MANY_VALUES),
        ("anchors in anchors", nested_anchors, &TOO_MANY_VALUES),
        ("quotes", "\"".repeat(many + 1), &SYNTAX_ERROR),
        ("an open quote", format!("a: '{}", "x\n".repeat(many)), &SYNTAX_ERROR),
        ("tabs", "\t".repeat(many) + "- a:\n\t- b", &SYNTAX_ERROR),
        ("colons", ":".repeat(many) + ": : :", &SYNTAX_ERROR),
        ("escapes", format!("\"{}\"", "\\z".repeat(many)), &SYNTAX_ERROR),
        ("a long base-16 number", format!("0x{}", "f".repeat(many)), &INTEGER_TOO_LONG),
    ] {
        let (_, diagnostics) = parse(&text);
        assert!(codes(&diagnostics).contains(&problem.code), "{name}: {:?}", codes(&diagnostics));
    }
}

#[test]
fn many_aliases_of_little_are_fine() {
    let (root, diagnostics) = parse(&format!("- &a 1\n{}", "- *a\n".repeat(200_000)));
    assert_eq!(diagnostics, []);
    assert!(matches!(root.unwrap().kind, Kind::Array(items) if items.len() == 200_001));
}

#[test]
fn a_million_warnings_are_cut_short_but_no_error_is_lost() {
    let (_, diagnostics) = parse(&("- no\n".repeat(50_000) + "- ]"));
    assert_eq!(diagnostics.len(), 1001);
    assert_eq!(diagnostics.last().unwrap().code, "syntax-error");
}

#[test]
fn limits_are_exact() {
    let limits = Limits { bytes: 1000, depth: 2, values: 5 };
    for (text, expected) in [
        ("[[1]]", vec![]),
        ("[[[]]]", vec!["nested-too-deeply"]),
        ("- a: 1", vec![]),
        ("- - - 1", vec!["nested-too-deeply"]),
        ("[&a [1], [*a]]", vec!["nested-too-deeply"]),
        ("[1, 2, 3, 4]", vec![]),
        ("[1, 2, 3, 4, 5]", vec!["too-many-values"]),
        ("[&a [1], *a]", vec![]),
        ("[&a [1], *a, 2]", vec!["too-many-values"]),
    ] {
        assert_eq!(codes(&parse_within(text, limits).1), expected, "{text}");
    }
}

/// A generator of numbers that is the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

/// A flow or block value, mostly valid.
fn snippet(dice: &mut Dice, indent: usize) -> String {
    // Without `017`: the port reads it as a string, against the core schema.
    const SCALARS: &[&str] = &[
        "a",
        "8",
        "-3",
        "0x1F",
        "1.5",
        "1e3",
        ".5",
        "no",
        "null",
        "~",
        "true",
        "'it''s'",
        "\"\\u00e9\\n\"",
        "é🦀",
        "a b",
        "\"\"",
        "x: y",
        "- z",
        "# c",
        "\t",
        "&a 1",
        "*a",
        "!!str 8",
        "|\n  t\n",
        ".inf",
        "0o17",
        "12e03",
        "@",
        "%",
    ];
    let pad = " ".repeat(indent);
    let scalar = |dice: &mut Dice| dice.one_of(SCALARS).to_owned();
    if indent > 6 {
        return scalar(dice);
    }
    match dice.roll(6) {
        0 => (0..dice.roll(3)).map(|_| format!("\n{pad}- {}", snippet(dice, indent + 2))).collect::<Vec<_>>().concat(),
        1 => (0..dice.roll(3))
            .map(|key| format!("\n{pad}k{key}: {}", snippet(dice, indent + 2)))
            .collect::<Vec<_>>()
            .concat(),
        2 => format!("[{}, {}]", scalar(dice), snippet(dice, 8)),
        3 => format!("{{k: {}, l: {}}}", scalar(dice), scalar(dice)),
        _ => scalar(dice),
    }
}

/// Our tree as the value type of the port of libyaml.
fn value(node: &Node) -> serde_yaml::Value {
    match &node.kind {
        Kind::Null => serde_yaml::Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(number) if number.is_integer() => i64::try_from(number.as_i128().unwrap()).unwrap().into(),
        Kind::Number(number) => number.as_f64().into(),
        Kind::String(text) => text.as_str().into(),
        Kind::Array(items) => serde_yaml::Value::Sequence(items.iter().map(value).collect()),
        Kind::Object(object) => {
            let entries = object.members.iter().map(|member| (member.key.as_str().into(), value(&member.value)));
            serde_yaml::Value::Mapping(entries.collect())
        }
    }
}

#[test]
fn the_port_of_libyaml_reads_the_same_values() {
    let mut dice = Dice(0x5eed);
    let mut compared = 0;
    for _ in 0..6000 {
        let text = snippet(&mut dice, 0);
        let (root, diagnostics) = parse(&text);
        let has_error = diagnostics.iter().any(|finding| finding.severity == Severity::Error);
        let theirs: Result<serde_yaml::Value, _> = serde_yaml::from_str(&text);
        if let (Some(root), false, Ok(theirs)) = (root, has_error, theirs) {
            assert_eq!(value(&root), theirs, "{text:?}");
            compared += 1;
        }
    }
    assert!(compared > 2000, "only {compared} texts were read by both");
}

#[test]
fn any_text_is_read_without_a_panic_and_with_spans_inside_it() {
    let mut dice = Dice(0xd1ce);
    let pieces = [
        "a", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", "'", "\"", "é", "🦀", "\r\n", "\t", "#", "&a", "*a", "!",
        "|", ">", "?", "\u{feff}", "---", "\\", "<<", "~", "1", "%",
    ];
    for _ in 0..20_000 {
        let text: String = (0..dice.roll(16)).map(|_| dice.one_of(&pieces)).collect();
        let (root, diagnostics) = parse(&text);
        for span in diagnostics.iter().flat_map(|finding| &finding.labels).map(|label| label.span) {
            assert!(text.get(span.start..span.end).is_some(), "{text:?}");
        }
        if let Some(root) = root {
            places(&text, &root, &mut Vec::new());
        }
    }
}

#[test]
fn numbers_keep_their_spelling() {
    let root = parse("[8, 8.0, 8e0]").0.unwrap();
    let Kind::Array(items) = root.kind else { unreachable!() };
    let spelt: Vec<_> = items.iter().map(|item| item.as_number().map(Number::as_str)).collect();
    assert_eq!(spelt, [Some("8"), Some("8.0"), Some("8e0")]);
}
