//! The TOML reader against tables and hostile texts.

use super::*;
use crate::diagnostic::{REPEATED_KEY, SYNTAX_ERROR, Severity};
use crate::document::testing::{codes, json, parsed_by, places};

fn parse_within(text: &str, limits: Limits) -> (Option<Node>, Vec<Diagnostic>) {
    parsed_by(read, text, &limits)
}

fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    parse_within(text, Limits::default())
}

#[test]
fn documents_become_trees() {
    for (text, value) in [
        ("", "{}"),
        ("# nothing\n", "{}"),
        ("r = 8\nalpha = 8.0\n", r#"{"r":8,"alpha":8.0}"#),
        ("z = 1\na = 2\n[m]\nb = 3\n[c]\n", r#"{"z":1,"a":2,"m":{"b":3},"c":{}}"#),
        ("a = [\"x\", 'y']\nb = { c = true }\n", r#"{"a":["x","y"],"b":{"c":true}}"#),
        ("a.b.\"c.d\" = 1\na.e = 2\n", r#"{"a":{"b":{"c.d":1},"e":2}}"#),
        ("[[t]]\nx = 1\n[[t]]\nx = 2\n", r#"{"t":[{"x":1},{"x":2}]}"#),
        ("a = 0xFF\nb = 0o17\nc = 0b11\nd = 1_000\ne = +7\nf = -0\n", r#"{"a":255,"b":15,"c":3,"d":1000,"e":7,"f":0}"#),
        ("a = 12345678901234567890123\n", r#"{"a":12345678901234567890123}"#),
        ("a = 1e3\nb = 1_0.5_0E-0_1\nc = +1.5\n", r#"{"a":1e3,"b":10.50E-01,"c":1.5}"#),
        ("a = inf\nb = -inf\nc = nan\nd = -nan\n", r#"{"a":Infinity,"b":-Infinity,"c":NaN,"d":NaN}"#),
        ("a = \"\"\"\nx\\\n  y\"\"\"\nb = '''z'''\n", r#"{"a":"xy","b":"z"}"#),
        ("\u{feff}a = 1\r\nb = 2\r\n", r#"{"a":1,"b":2}"#),
    ] {
        let (root, diagnostics) = parse(text);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(json(&root.unwrap()), value, "{text}");
    }
}

#[test]
fn spans_cover_what_is_written() {
    for (text, expected) in [
        ("'é' = \"🦀\"\r\nb = [1, 0x2]\r\n", vec!["'é'", "\"🦀\"", "b", "[1, 0x2]", "1", "0x2"]),
        ("a.b = 1\n", vec!["a", "a", "b", "1"]),
        ("[t]\nx = {y = 1}\n", vec!["t", "[t]", "x", "{y = 1}", "y", "1"]),
        ("\u{feff}a = 1\n", vec!["a", "1"]),
    ] {
        let mut found = Vec::new();
        places(text, &parse(text).0.unwrap(), &mut found);
        found.remove(0);
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(parse("\u{feff}a = 1\n\n").0.unwrap().span, Span::new(3, 8));
}

#[test]
fn every_mistake_is_named_and_what_makes_sense_is_kept() {
    for (text, problem, message, value) in [
        ("a = x\nb = 1\n", &SYNTAX_ERROR, "`x` is no value of TOML: a string needs quotes", Some(r#"{"a":"x","b":1}"#)),
        (
            "a = True\n",
            &SYNTAX_ERROR,
            "`True` is no value of TOML: a boolean is `true` or `false`",
            Some(r#"{"a":true}"#),
        ),
        ("a = None\n", &SYNTAX_ERROR, "`None` is no value of TOML", Some(r#"{"a":null}"#)),
        ("a = null\n", &SYNTAX_ERROR, "`null` is no value of TOML", Some(r#"{"a":null}"#)),
        ("a = \nb = 1\n", &SYNTAX_ERROR, "there is no value behind the `=`", Some(r#"{"b":1}"#)),
        ("a = 0b\n", &SYNTAX_ERROR, "`0b` is no whole number", Some(r#"{"a":"0b"}"#)),
        ("a = 1_0m\n", &SYNTAX_ERROR, "`1_0m` is no whole number", Some(r#"{"a":"1_0m"}"#)),
        ("a = 017\n", &SYNTAX_ERROR, "unexpected leading zero", Some(r#"{"a":"017"}"#)),
        ("a = .5\n", &SYNTAX_ERROR, "invalid mantissa: expected digits", Some(r#"{"a":0.5}"#)),
        ("a = \"\\q\"\n", &SYNTAX_ERROR, "this backslash starts no escape of TOML", Some(r#"{"a":"\\q"}"#)),
        ("a = \"x\nb = 1\n", &SYNTAX_ERROR, "invalid basic string: expected `\"`", Some(r#"{"a":"x","b":1}"#)),
        ("é = 1\n", &SYNTAX_ERROR, "the key `é` needs quotes", Some(r#"{"é":1}"#)),
        ("a = \"\"\"x\nb = 1\n", &SYNTAX_ERROR, "invalid multi-line basic string: expected `\"`", None),
        ("a 1\nb = 2\n", &SYNTAX_ERROR, "expected `=` and a value", None),
        ("{\"a\": 1}", &SYNTAX_ERROR, "expected `key = value`", None),
        ("[a\n", &SYNTAX_ERROR, "unclosed table: expected `]`", None),
        ("a = 1\na = 2\n", &REPEATED_KEY, "the key `a` is given more than once", Some(r#"{"a":1}"#)),
        (
            "[a]\nx = 1\n[a]\ny = 2\n",
            &REPEATED_KEY,
            "the key `a` is given more than once",
            Some(r#"{"a":{"x":1,"y":2}}"#),
        ),
        (
            "a = 2026-01-31\n",
            &NO_JSON_EQUIVALENT,
            "`2026-01-31` is a date or time, which JSON does not have",
            Some(r#"{"a":"2026-01-31"}"#),
        ),
        (
            "a = 07:30:00\n",
            &NO_JSON_EQUIVALENT,
            "`07:30:00` is a date or time, which JSON does not have",
            Some(r#"{"a":"07:30:00"}"#),
        ),
    ] {
        let (root, diagnostics) = parse(text);
        assert_eq!(codes(&diagnostics), [problem.code], "{text}");
        assert_eq!(diagnostics[0].message, message, "{text}");
        assert_eq!(diagnostics[0].severity, Severity::Error, "{text}");
        assert_eq!(root.as_ref().map(json).as_deref(), value, "{text}");
    }
}

#[test]
fn all_mistakes_are_listed() {
    let (root, diagnostics) = parse("a = x\nb = True\nb = 1\nc = 1__0\n");
    assert_eq!(codes(&diagnostics).len(), 4);
    assert_eq!(json(&root.unwrap()), r#"{"a":"x","b":true,"c":10}"#);
}

#[test]
fn a_repeated_key_shows_its_first_place_if_that_is_certain() {
    for (text, first) in [
        ("r = 1\nr = 2\n", Some(Span::at(0))),
        ("'r' = 1\n\"r\" = 2\n", Some(Span::at(0))),
        ("[t]\na.r = 1\na.r = 2\n", Some(Span::at(6))),
        ("[a]\nr = 1\n[b]\nr = 2\nr = 3\n", None),
        ("[a]\n[a]\n", None),
    ] {
        let (_, diagnostics) = parse(text);
        assert_eq!(codes(&diagnostics), ["repeated-key"], "{text}");
        let place = diagnostics[0].labels.get(1).map(|label| Span::at(label.span.start));
        assert_eq!(place, first, "{text}");
    }
}

#[test]
fn hostile_texts_are_refused_quickly() {
    let many = 100_000;
    let dotted = |parts: usize| vec!["a"; parts].join(".");
    let inline = format!("{}1{}", format!("{{{}=", dotted(79)).repeat(78), "}".repeat(78));
    for (name, text, problem) in [
        ("brackets", format!("a = {}", "[".repeat(many)), &NESTED_TOO_DEEPLY),
        ("braces", format!("a = {}", "{a=".repeat(many)), &NESTED_TOO_DEEPLY),
        ("a dotted key", format!("{} = 1", dotted(many)), &NESTED_TOO_DEEPLY),
        ("a dotted table", format!("[{}]", dotted(many)), &NESTED_TOO_DEEPLY),
        ("dotted keys in dotted keys", format!("[{0}]\n{0} = {inline}", dotted(79)), &NESTED_TOO_DEEPLY),
        ("such a thing dropped by the parser", format!("x = 1\nx = {inline}"), &REPEATED_KEY),
        ("quotes", "\"".repeat(many + 1), &SYNTAX_ERROR),
        ("an open quote", format!("a = '''{}", "x\n".repeat(many)), &SYNTAX_ERROR),
        ("backslashes", "\\".repeat(many), &SYNTAX_ERROR),
        ("lines of junk", "junk\n".repeat(many), &SYNTAX_ERROR),
        ("a repeated key", "a = 1\n".repeat(many), &REPEATED_KEY),
        ("dates", format!("a = [{}]", "2026-01-31,".repeat(many)), &NO_JSON_EQUIVALENT),
        ("a long base-16 number", format!("a = 0x{}", "f".repeat(many)), &INTEGER_TOO_LONG),
    ] {
        let (_, diagnostics) = parse(&text);
        assert!(codes(&diagnostics).contains(&problem.code), "{name}: {:?}", codes(&diagnostics));
        assert!(diagnostics.len() <= 1001, "{name}: {}", diagnostics.len());
    }
}

#[test]
fn limits_are_exact() {
    let limits = Limits { bytes: 1000, depth: 2, values: 4 };
    for (text, expected) in [
        ("a = [1]", vec![]),
        ("a = [[]]", vec!["nested-too-deeply"]),
        ("a.b = 1", vec![]),
        ("a.b.c = 1", vec!["nested-too-deeply"]),
        ("a = 1\nb = 2\nc = 3\n", vec![]),
        ("a = 1\nb = 2\nc = 3\nd = 4\n", vec!["too-many-values"]),
    ] {
        assert_eq!(codes(&parse_within(text, limits).1), expected, "{text}");
    }
}

#[test]
fn any_text_is_read_without_a_panic_and_with_spans_inside_it() {
    let pieces = [
        "a",
        "=",
        " ",
        "\n",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "é",
        "🦀",
        "\r\n",
        "\r",
        "\t",
        "#",
        ".",
        "\u{feff}",
        "\"\"\"",
        "\\",
        "1",
        "_",
        "inf",
        "true",
        "-",
        "2026-01-31",
        "0x",
    ];
    let mut state = 0x5eed_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push_str(pieces[usize::try_from(state % pieces.len() as u64).unwrap()]);
        }
        let (root, diagnostics) = parse(&text);
        for span in diagnostics.iter().flat_map(|finding| &finding.labels).map(|label| label.span) {
            assert!(text.get(span.start..span.end).is_some(), "{text:?}");
        }
        if let Some(root) = root {
            places(&text, &root, &mut Vec::new());
        }
    }
}
