//! Files that nobody should send: each gets a clear answer, soon, and without a panic.

use crate::common::cli;
use peftspec::{Limits, check_bytes};
use std::time::{Duration, Instant};

/// More than any of these takes in a debug build on a slow machine, and far less than forever.
const SOON: Duration = Duration::from_secs(20);

/// The codes found in a file, and that it took no longer than it may.
#[track_caller]
fn codes(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<&'static str> {
    let started = Instant::now();
    let report = check_bytes(name, bytes.into(), &Limits::default());
    assert!(started.elapsed() < SOON, "{name} took {:?}", started.elapsed());
    for label in report.diagnostics.iter().flat_map(|found| &found.labels) {
        assert!(label.span.start <= label.span.end && label.span.end <= report.source.text().len());
    }
    report.diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn brackets_without_end_are_refused_in_every_syntax() {
    for (name, opening) in [
        ("a.json", "["),
        ("a.json", "{\"a\":"),
        ("a.yaml", "["),
        ("a.yaml", "- "),
        ("a.yaml", "{a: "),
        ("a.toml", "a=["),
    ] {
        let found = codes(name, opening.repeat(100_000));
        assert!(
            found.iter().any(|code| ["nested-too-deeply", "syntax-error"].contains(code)),
            "{name} {opening}: {found:?}"
        );
    }
}

#[test]
fn an_alias_bomb_is_defused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let previous = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [previous.as_str(); 9].join(", ")));
    }
    assert!(codes("a.yaml", bomb).contains(&"too-many-values"));
}

/// The parser of TOML has no limit of its own: 4 MB of these took 700 MB of memory.
#[test]
fn a_flood_of_toml_is_refused_before_it_is_parsed() {
    for piece in ["=", "a=\n", "[a]\n", "a.", "a=[1,", "x\n"] {
        assert_eq!(codes("a.toml", piece.repeat(1_000_000)), ["too-many-values"], "{piece}");
    }
}

#[test]
fn strings_that_do_not_end_are_refused_in_every_syntax() {
    for (name, text) in [("a.json", "{\"a\": \"b"), ("a.yaml", "a: \"b"), ("a.toml", "a = \"b")] {
        assert!(codes(name, text).contains(&"syntax-error"), "{name}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_at_their_place() {
    let report = check_bytes("a.json", b"{\"revision\": \"\xe9\"}".to_vec(), &Limits::default());
    assert_eq!(report.diagnostics[0].to_string(), "error[not-utf-8]: the byte 0xe9 at offset 14 is not UTF-8");
    assert_eq!(report.diagnostics[0].span().unwrap().start, 14);
}

#[test]
fn thousands_of_findings_are_counted_not_listed() {
    let keys: String = (0..50_000).map(|index| format!("\"key{index}\": {index}, ")).collect();
    let found = codes("a.json", format!("{{{keys}\"peft_type\": \"PROMPT_TUNING\", \"num_virtual_tokens\": 0}}"));
    assert_eq!((found.len(), found[1000]), (1001, "more-findings"));
}

#[test]
fn a_flood_of_slips_takes_no_more_than_its_share() {
    for (name, entry) in
        [("a.json", "w# "), ("a.json", "'#',"), ("a.json", "/*#*/"), ("a.yaml", "- 0#\n"), ("a.yaml", "no#: no\n")]
    {
        let flood: String = (0..100_000).map(|index| entry.replace('#', &index.to_string())).collect();
        let opening = if name == "a.json" { "[" } else { "" };
        assert!(!codes(name, format!("{opening}{flood}")).is_empty(), "{name} {entry}");
    }
}

#[test]
fn messages_stay_short_whatever_is_in_the_file() {
    let long = "x".repeat(100_000);
    for (name, text) in [
        ("a.json", format!("{{\"peft_type\": \"PROMPT_TUNING\", \"{long}\": 1, \"{long}\": 2}}")),
        ("a.json", format!("{{\"peft_type\": \"{long}\"}}")),
        (
            "a.json",
            format!("{{\"peft_type\": \"PROMPT_TUNING\", \"task_type\": \"{long}\", \"num_layers\": \"{long}\"}}"),
        ),
        ("a.json", format!("{{\"peft_type\": \"PROMPT_TUNING\", \"num_layers\": 1{}}}", "0".repeat(100_000))),
        ("a.json", format!("{{\"peft_type\": \"PROMPT_TUNING\", \"num_layers\": 1e{}}}", "9".repeat(100_000))),
        ("a.json", format!("{{\"peft_type\": {long}, {long}: +1{}}}", "0".repeat(100_000))),
        ("a.json", format!("[1 : {long}]")),
        ("a.yaml", format!("peft_type: {long}\n{long}: &{long} 1\n{long}: !{long} 2\n")),
        ("a.yaml", format!("peft_type: PROMPT_TUNING\n{long}: 1\nnum_layers: 0{}\n", "7".repeat(100_000))),
        ("a.toml", format!("peft_type = \"{long}\"\n{long} = 1\n{long} = {long}\n")),
    ] {
        for found in check_bytes(name, text.into_bytes(), &Limits::default()).diagnostics {
            let texts = found.labels.iter().map(|label| &label.text).chain(&found.notes).chain([&found.message]);
            for text in texts {
                assert!(text.len() < 400, "{name}: {} says {} bytes: {text:.200}", found.code, text.len());
            }
        }
    }
}

#[test]
fn the_worst_of_a_flood_is_shown() {
    let keys: String = (0..2000).map(|index| format!("\"key{index}\": {index}, ")).collect();
    let found = codes("a.json", format!("{{{keys}\"peft_type\": \"PROMPT_TUNING\", \"num_virtual_tokens\": 0}}"));
    assert!(found.contains(&"out-of-range") && found.contains(&"more-findings"), "{found:?}");
}

#[test]
fn a_config_of_eight_megabytes_is_read() {
    let text =
        format!("{{\"peft_type\": \"PROMPT_TUNING\", \"prompt_tuning_init_text\": \"{}\"}}", "x".repeat(8_000_000));
    assert!(codes("a.json", text).contains(&"unused-init-text"));
}

#[test]
fn ten_megabytes_are_too_many() {
    let shown = cli("check a.json")
        .prepare(|folder| std::fs::write(folder.join("a.json"), vec![b' '; 10_000_000]).unwrap())
        .exits(2);
    insta::assert_snapshot!(shown, @"
    --- stderr
    error: a.json: 10000000 bytes, more than the limit of 8388608; if this is a config, raise it with --max-file-size
    ");
}

#[test]
fn a_path_that_cannot_be_read_is_a_failure_of_the_command() {
    insta::assert_snapshot!(cli("check adapter_config.json").folder("adapter_config.json").exits(2), @"
    --- stderr
    error: adapter_config.json: no adapter_config.json, .yaml, .yml or .toml in this folder; name the file itself, or look into ignored and hidden folders with --no-ignore
    ");
    insta::assert_snapshot!(cli("check gone/adapter_config.json").exits(2), @"
    --- stderr
    error: gone/adapter_config.json: no such file or folder; is it spelt right?
    ");
}
