//! Files that nobody should send: each gets a clear answer, soon, and without a panic.

use crate::common::cli;
use peftspec::{
    Limits, check_bytes,
    checkpoint::{Budget, Checkpoint, Place, StoredTensor, Tensor, to_safetensors},
};
use std::cell::Cell;
use std::io::{Cursor, Read, Result, Seek, SeekFrom};
use std::path::Path;
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

/// A file that counts the bytes that are read from it.
struct Counted<'a> {
    file: Cursor<Vec<u8>>,
    read: &'a Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.set(self.read.get() + count);
        Ok(count)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.file.seek(to)
    }
}

/// What a scan says of a tensor of 1,000,000 bytes and 1,000 more that lie over it, and how many bytes were read for it.
fn scan_of_many(scanned: u64, place_of: impl Fn(u64, &Place) -> Place) -> (usize, Vec<String>, usize) {
    let tensor = StoredTensor {
        name: "a".to_owned(),
        dtype: peftspec::checkpoint::Dtype::Uint8,
        shape: vec![1_000_000],
        bytes: vec![1; 1_000_000],
    };
    let file = Cursor::new(to_safetensors(&[tensor]).unwrap());
    let read = Cell::new(0);
    let budget = Budget { scanned, ..Budget::default() };
    let mut checkpoint =
        Checkpoint::from_reader(Counted { file, read: &read }, Path::new("x.safetensors"), &budget).unwrap();
    let first = checkpoint.catalogue.tensors[0].clone();
    let place = first.place.clone().unwrap();
    checkpoint.catalogue.tensors.extend((0..1_000).map(|index| {
        let place = place_of(index, &place);
        Tensor { name: format!("t{index}"), shape: vec![place.bytes], place: Some(place), ..first.clone() }
    }));
    read.set(0);
    let (scans, findings) = checkpoint.scan_all().unwrap();
    (scans.iter().flatten().count(), findings.iter().map(ToString::to_string).collect(), read.get())
}

#[test]
fn values_under_many_names_are_looked_at_once() {
    let (scans, findings, read) = scan_of_many(0, |_, place| place.clone());
    assert_eq!((scans, findings, read), (1_001, Vec::new(), 1_000_000));
}

#[test]
fn tensors_that_overlap_are_read_within_a_budget() {
    let (scans, findings, read) = scan_of_many(5_000_000, |index, place| Place {
        offset: place.offset + index,
        bytes: place.bytes - index,
        ..place.clone()
    });
    assert_eq!(scans, 6, "five places fit, and two tensors share the first");
    assert!(read <= 5_000_000, "{read}");
    insta::assert_snapshot!(findings.join("\n"), @"error[checkpoint-over-budget]: the values of 995 tensors were not read, since all together take too many bytes: 999500500, more than the limit of 5000000");
}
