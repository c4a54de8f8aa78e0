//! What the JSON reader accepts, refuses and mends; two other parsers are the judges.

use super::*;
use crate::document::{Document, Syntax, parse};
use crate::source::Source;

fn parsed(text: &str) -> (Document, Vec<String>) {
    let (document, diagnostics) = parse(Source::new("t.json", text), Syntax::Json, &Limits::default());
    let found = diagnostics.iter().map(|found| format!("{} @{}", found, found.span().map_or(0, |span| span.start)));
    (document, found.collect())
}

/// The value that was read, in JSON; `-` where there is none.
fn value(text: &str) -> String {
    parsed(text).0.root.map_or("-".to_owned(), |root| serde_json::to_string(&root).unwrap())
}

/// A value as text; `-0` is a whole number to Python and to us, a double to serde_json.
fn comparable(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().to_string().replace("-0.0", "0")
}

#[test]
fn sound_documents_read_without_a_finding() {
    for text in [
        "null",
        " [1, 2.5, -0, 1e5, 1E+2, 1.0] ",
        "{}",
        "[]",
        "[[],{}]",
        r#"{"a": {"b": [true, false, null]}}"#,
        r#""A\/é😀\b\f\n\r\t\"\\""#,
        "{\r\n\t\"r\": 8\r\n}",
        r#"{"é": "日本"}"#,
        "\n\t {\"a\":1} \n",
    ] {
        let (document, found) = parsed(text);
        assert_eq!(found, [""; 0], "{text}");
        let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(comparable(&document.root.unwrap()), comparable(&theirs), "{text}");
    }
}

#[test]
fn slips_are_reported_and_the_rest_is_read() {
    for (text, read, message) in [
        ("{\"a\": 1,}", r#"{"a":1}"#, "error[trailing-comma]: there is a comma before the closing `}` @7"),
        ("[1,]", "[1]", "error[trailing-comma]: there is a comma before the closing `]` @2"),
        ("{'a': 1}", r#"{"a":1}"#, "error[syntax-error]: the string is in single quotes @1"),
        ("{a: 1}", r#"{"a":1}"#, "error[syntax-error]: the key `a` has no quotes @1"),
        ("[True]", "[true]", "error[syntax-error]: `True` is not a JSON value @1"),
        ("[None]", "[null]", "error[syntax-error]: `None` is not a JSON value @1"),
        ("[LORA]", r#"["LORA"]"#, "error[syntax-error]: `LORA` is not a JSON value @1"),
        ("[1 2]", "[1,2]", "error[syntax-error]: a comma is missing between two entries @2"),
        ("{\"a\": 1\n \"b\": 2}", r#"{"a":1,"b":2}"#, "error[syntax-error]: a comma is missing between two entries @7"),
        ("[+1]", "[1]", "error[syntax-error]: `+1` is not how JSON writes a number @1"),
        ("[01]", "[1]", "error[syntax-error]: `01` is not how JSON writes a number @1"),
        ("[1.]", "[1.0]", "error[syntax-error]: `1.` is not how JSON writes a number @1"),
        ("[.5]", "[0.5]", "error[syntax-error]: `.5` is not how JSON writes a number @1"),
        ("[-.5e1]", "[-0.5e1]", "error[syntax-error]: `-.5e1` is not how JSON writes a number @1"),
        ("[0x10]", "[16]", "error[syntax-error]: `0x10` is not how JSON writes a number @1"),
        ("[1_000]", "[1000]", "error[syntax-error]: `1_000` is not how JSON writes a number @1"),
        ("[1]// c", "[1]", "error[comment]: JSON has no comments @3"),
        ("/* c */[1]", "[1]", "error[comment]: JSON has no comments @0"),
        ("# c\n[1]", "[1]", "error[comment]: JSON has no comments @0"),
        ("\u{feff}[1]", "[1]", "error[byte-order-mark]: the file starts with a byte order mark @0"),
        ("[\u{a0}1]", "[1]", "error[syntax-error]: the character U+00A0 is not white space in JSON @1"),
        ("[\u{b}1]", "[1]", "error[syntax-error]: the character U+000B is not white space in JSON @1"),
        ("[\"a\tb\"]", r#"["a\tb"]"#, "error[syntax-error]: there is a raw control character in the string @3"),
        (r#"["\ud800"]"#, "[\"\u{fffd}\"]", "warning[lone-surrogate]: the string has half of a surrogate pair @2"),
        ("[NaN]", "[null]", "error[non-finite-number]: the number is NaN @1"),
        ("[-Infinity]", "[null]", "error[non-finite-number]: the number is -Infinity @1"),
        ("[1e999]", "[null]", "error[non-finite-number]: the number is 1e999, too large for a double @1"),
    ] {
        let (_, found) = parsed(text);
        assert_eq!(found, [message], "{text}");
        assert_eq!(value(text), read.replace("-0.5e1", "-5.0"), "{text}");
    }
}

#[test]
fn what_cannot_be_mended_stops_the_reading() {
    for (text, message) in [
        ("{\"a\": 1", "error[syntax-error]: the file ends inside an object @7"),
        ("[1, ", "error[syntax-error]: the file ends inside an array @4"),
        ("[1}", "error[syntax-error]: expected `,` or `]`, found `}` @2"),
        ("[,]", "error[syntax-error]: expected a value, found `,` @1"),
        ("{\"a\" 1}", "error[syntax-error]: expected `:` after the key, found `1` @5"),
        ("{\"a\": }", "error[syntax-error]: expected a value, found `}` @6"),
        ("{[1]: 2}", "error[syntax-error]: expected a key in double quotes, found `[` @1"),
        ("{}{}", "error[syntax-error]: something follows the end of the document @2"),
        ("\"abc", "error[syntax-error]: the string is never closed @0"),
        ("[\"abc\n\"]", "error[syntax-error]: the string is not closed on its line @1"),
        (r#"["\q"]"#, "error[syntax-error]: the string has an escape that JSON does not know @2"),
        (r#"["\u00g0"]"#, "error[syntax-error]: the string has a broken `\\u` escape @2"),
        ("[1] /* c", "error[syntax-error]: the comment is never closed @4"),
        ("\0{}", "error[syntax-error]: unexpected character '\\0' @0"),
    ] {
        let (document, found) = parsed(text);
        assert_eq!(found, [message], "{text}");
        assert_eq!(document.root, None, "{text}");
    }
}

#[test]
fn an_empty_text_has_no_tree_and_no_finding() {
    for text in ["", " \n\t"] {
        let (document, found) = parsed(text);
        assert_eq!((document.root, found.len()), (None, 0));
    }
}

#[test]
fn repeated_keys_are_kept_and_the_last_one_counts() {
    let (document, found) = parsed(r#"{"r": 1, "\u0072": 2}"#);
    assert_eq!(found, ["warning[duplicate-key]: the key `r` is given 2 times @9"]);
    let root = document.root.unwrap();
    let object = root.as_object().unwrap();
    assert_eq!(object.members.len(), 2);
    assert_eq!(object.get("r").unwrap().as_number().unwrap().as_str(), "2");
}

#[test]
fn spans_cover_keys_and_values_exactly() {
    let text = "{\n  \"é\": [8.0, \"a\\u00e9\"],\n  \"r\": -1e5\n}";
    let (document, _) = parsed(text);
    let root = document.root.unwrap();
    let slice = |span| document.source.slice(span);
    assert_eq!(slice(root.span), text);
    let members = &root.as_object().unwrap().members;
    assert_eq!((slice(members[0].key_span), slice(members[0].value.span)), ("\"é\"", "[8.0, \"a\\u00e9\"]"));
    assert_eq!((slice(members[1].key_span), slice(members[1].value.span)), ("\"r\"", "-1e5"));
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parsed(&deep).1, ["error[nested-too-deeply]: brackets are nested more than 200 deep @200"]);
    assert_eq!(parsed(&"{\"a\":".repeat(100_000)).1.len(), 1);
    let many = format!("[{}1]", "1,".repeat(250_000));
    assert_eq!(parsed(&many).1, ["error[too-many-values]: the document has more than 250000 values @499999"]);
}

#[test]
fn integers_keep_every_digit_until_python_refuses_them() {
    let digits = "9".repeat(4300);
    let (document, found) = parsed(&digits);
    assert_eq!((document.root.unwrap().as_number().unwrap().as_str(), found.len()), (&*digits, 0));
    assert_eq!(parsed(&"9".repeat(4301)).1, ["error[integer-too-long]: the number has 4301 digits @0"]);
}

/// Broken and sound texts made by cutting and splicing a few seeds; the same every time.
fn mutations() -> impl Iterator<Item = String> {
    let seeds = [
        "{\"peft_type\": \"LORA\", \"r\": 8, \"x\": [1.5e3, null, true, {\"a\": \"\\u00e9\\n\"}]}",
        "[[-1, 0.0, \"\u{1F980}\"], {}, []]",
        "{\"a\": {\"b\": {\"c\": \"d\"}}}",
    ];
    let mut state = 0x2303_2861_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    (0..20_000).map(move |_| {
        let mut characters: Vec<char> = seeds[random(seeds.len())].chars().collect();
        for _ in 0..=random(3) {
            let at = random(characters.len().max(1));
            if characters.is_empty() {
                break;
            }
            match random(3) {
                0 => drop(characters.remove(at)),
                1 => characters
                    .insert(at, ['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '.', 'e', ' ', 'u'][random(14)]),
                _ => characters.truncate(at.max(1)),
            }
        }
        characters.into_iter().collect()
    })
}

#[test]
fn we_accept_exactly_what_serde_json_accepts() {
    let (mut sound, mut broken) = (0, 0);
    for text in mutations() {
        let (document, diagnostics) = parse(Source::new("t.json", text.clone()), Syntax::Json, &Limits::default());
        let clean = !diagnostics
            .iter()
            .any(|found| !matches!(found.code, "duplicate-key" | "lone-surrogate" | "non-finite-number"));
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(theirs) => {
                assert!(clean, "{text}: {diagnostics:?}");
                assert_eq!(comparable(document.root.as_ref().unwrap()), comparable(&theirs), "{text}");
                sound += 1;
            }
            // serde_json refuses these two, which Python reads.
            Err(_) if diagnostics.iter().any(|found| matches!(found.code, "lone-surrogate" | "non-finite-number")) => {}
            Err(error) => {
                assert!(!clean || document.root.is_none(), "{text}: {error}");
                broken += 1;
            }
        }
    }
    println!("{sound} sound and {broken} broken texts");
    assert!(sound > 1000 && broken > 1000);
}
