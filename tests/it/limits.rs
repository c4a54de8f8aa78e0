//! Each limit, exceeded: the message names the number, and a note the option that raises it.

use crate::{
    common::{Cli, cli},
    corpus::file,
    generated::assert_current,
    module_names::safetensors,
};
use peftspec::{
    Budget, CheckOptions, Diagnostic, Limit, Limits, Surroundings, check_adapter, check_bytes,
    checkpoint::{Checkpoint, Dtype, Place, Tensor, ValuesError},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Cursor,
    path::Path,
};

/// A limit, a number for it, and a file of the corpus or a text that needs more.
const EXCEEDED: [(&str, u64, &str); 16] = [
    ("document.bytes", 30, "{\"peft_type\": \"LORA\", \"task_type\": null}"),
    ("document.depth", 3, "{\"peft_type\": [[[]]]}"),
    ("document.depth", 3, "peft_type: [[[]]]"),
    ("document.values", 5, "{\"peft_type\": [1, 2, 3, 4]}"),
    ("document.values", 5, "peft_type: [1, 2, 3, 4]"),
    ("checkpoint.header", 19, "source-a/adapter_model.safetensors"),
    ("checkpoint.tensors", 2, "source-a/adapter_model.safetensors"),
    ("checkpoint.members", 4, "source-a-bin/adapter_model.bin"),
    ("checkpoint.pickle", 100, "source-a-bin/adapter_model.bin"),
    ("checkpoint.pickle", 100, "source-a-legacy/adapter_model.bin"),
    ("checkpoint.operations", 17, "source-a-bin/adapter_model.bin"),
    ("checkpoint.objects", 13, "source-a-bin/adapter_model.bin"),
    ("checkpoint.memo", 3, "source-a-bin/adapter_model.bin"),
    ("checkpoint.stack", 5, "source-a-bin/adapter_model.bin"),
    ("checkpoint.text", 30, "source-a-bin/adapter_model.bin"),
    ("checkpoint.checksums", 50, "source-a-bin/adapter_model.bin"),
];

/// Where to find files of the corpus, whatever folder they are in.
fn recorded(path: &str) -> Vec<u8> {
    let folders = ["checkpoints/mpt", "checkpoints/unusual", "checkpoints/defective"];
    let paths = folders.iter().map(|folder| file(&format!("{folder}/{path}")));
    fs::read(paths.into_iter().find(|path| path.is_file()).unwrap_or_else(|| unreachable!("no {path}"))).unwrap()
}

#[track_caller]
fn assert_told(findings: &[Diagnostic], name: &str, number: u64) {
    let option = format!("`--limit {name}=NUMBER`");
    let is_meant = |found: &Diagnostic| found.notes.iter().any(|note| note.contains(&option));
    let told = findings.iter().find(|found| is_meant(found));
    let told = told.unwrap_or_else(|| unreachable!("nothing names {option}: {findings:#?}"));
    assert!(told.message.contains(&number.to_string()), "{told}");
}

/// What is found within limits of which one is set.
fn findings(name: &str, number: u64, input: &str) -> Vec<Diagnostic> {
    let (mut limits, mut budget) = (Limits::default(), Budget::default());
    assert!(limits.set(name, number) || budget.set(name, number), "{name}");
    if name.starts_with("document.") {
        let syntax = if input.starts_with('{') { "a.json" } else { "a.yaml" };
        return check_bytes(syntax, input.as_bytes().to_vec(), CheckOptions { limits, ..CheckOptions::default() })
            .diagnostics;
    }
    let ending = Path::new(input).file_name().unwrap();
    Checkpoint::from_reader(Cursor::new(recorded(input)), Path::new(ending), &budget).unwrap().diagnostics
}

/// A config whose alias makes it longer than a limit of bytes.
const LONG_ALIAS: &str = "peft_type: &a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nrevision: [*a, *a, *a]\n";

#[test]
fn every_limit_is_named_where_it_is_exceeded() {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (name, number, input) in EXCEEDED.into_iter().filter(|(name, ..)| *name != "document.bytes") {
        assert_told(&findings(name, number, input), name, number);
        seen.insert(name);
    }
    assert_told(&findings("document.bytes", 90, LONG_ALIAS), "document.bytes", 90);
    assert_told(&of_a_bomb(), "checkpoint.inflated", 1 << 20);
    assert_told(&[of_repeated_values()], "checkpoint.values", 1 << 20);
    assert_told(&of_overlapping_tensors(), "checkpoint.scanned", 3040);
    assert_told(&of_matching(), "checkpoint.matching", 1000);
    let with_their_own =
        ["document.bytes", "checkpoint.inflated", "checkpoint.values", "checkpoint.scanned", "checkpoint.matching"];
    seen.extend(with_their_own);
    assert_eq!(seen, Limit::all().map(|limit| limit.name).collect());
}

/// What is said of the bomb of the catalogue.
fn of_a_bomb() -> Vec<Diagnostic> {
    let budget = Budget { inflated: 1 << 20, ..Budget::default() };
    let bytes = fs::read(file("hostile/zip-bomb-overlapping.bin")).unwrap();
    Checkpoint::from_reader(Cursor::new(bytes), Path::new("a.bin"), &budget).unwrap().diagnostics
}

/// What is said of one byte that strides repeat a terabyte long.
fn of_repeated_values() -> Diagnostic {
    let budget = Budget { values: 1 << 20, ..Budget::default() };
    let bytes = recorded("source-a/adapter_model.safetensors");
    let opened = Checkpoint::from_reader(Cursor::new(bytes), Path::new("a.safetensors"), &budget).unwrap();
    let place = Place { member: None, offset: 0, bytes: 1, strides: Some(vec![0]), big_endian: false };
    let tensor = Tensor { name: "a".to_owned(), dtype: Dtype::Uint8, shape: vec![1 << 40], place: Some(place) };
    match opened.bytes(&tensor) {
        Err(ValuesError::Fault(finding)) => *finding,
        other => unreachable!("{other:?}"),
    }
}

/// To come to a value in a compressed member, all before it is unpacked.
#[test]
fn what_is_unpacked_on_the_way_counts() {
    let skipped = |file: &str, member: &str| {
        let budget = Budget { scanned: 0, ..Budget::default() };
        let mut opened = Checkpoint::from_reader(Cursor::new(recorded(file)), Path::new("a.bin"), &budget).unwrap();
        let place = |offset| {
            let member = Some(member.to_owned());
            Place { member, offset, bytes: 8, strides: None, big_endian: false }
        };
        let tensor = |offset| Tensor {
            name: format!("t{offset}"),
            dtype: Dtype::Uint8,
            shape: vec![8],
            place: Some(place(offset)),
        };
        opened.catalogue.tensors = (1400..1420).map(tensor).collect();
        opened.scan_all().unwrap().0.iter().filter(|scan| scan.is_none()).count()
    };
    assert_eq!(skipped("source-a-bin/adapter_model.bin", "adapter_model/data/1"), 0);
    assert_ne!(skipped("zip-deflated/adapter_model.bin", "archive/data/1"), 0);
}

/// What is said of tensors that lie over one another; the length of the file is the limit then.
fn of_overlapping_tensors() -> Vec<Diagnostic> {
    let bytes = recorded("source-a/adapter_model.safetensors");
    let budget = Budget { scanned: 0, ..Budget::default() };
    let mut opened = Checkpoint::from_reader(Cursor::new(bytes), Path::new("a.safetensors"), &budget).unwrap();
    let place = |offset| Place { member: None, offset, bytes: 1000, strides: None, big_endian: false };
    let tensor = |offset| Tensor {
        name: format!("t{offset}"),
        dtype: Dtype::Uint8,
        shape: vec![1000],
        place: Some(place(offset)),
    };
    opened.catalogue.tensors = (0..100).map(|index| tensor(2 * index)).collect();
    opened.scan_all().unwrap().1
}

/// An adapter whose config names the ranks of two modules, one of them wrongly.
fn adapter(args: &str) -> Cli {
    let config = r#"{"peft_type": "LORA", "base_model_name_or_path": "model", "target_modules": ["q_proj"], "r": 4,
        "rank_pattern": {"layers.(0|1).q_proj": 2, "k_proj": 2}}"#;
    let tensors: [(&str, &[usize]); 2] = [
        ("base_model.model.layers.0.q_proj.lora_A.weight", &[4, 8]),
        ("base_model.model.layers.0.q_proj.lora_B.weight", &[8, 4]),
    ];
    let weights = safetensors(&tensors);
    cli(args).file("a/adapter_config.json", config).file("a/adapter_model.safetensors", weights)
}

/// What is said of names and patterns that take more work than is allowed.
fn of_matching() -> Vec<Diagnostic> {
    let folder = adapter("").keep();
    let path = folder.path().join("a/adapter_config.json");
    let budget = Budget { matching: 1000, ..Budget::default() };
    let around = Surroundings { budget, ..Surroundings::default() };
    let report = check_adapter(&path, fs::read(&path).unwrap(), &Limits::default(), &around);
    report.weights.into_iter().flat_map(|weights| weights.report.diagnostics).collect()
}

/// What was matched until then is told, the rest is taken for right.
#[test]
fn what_was_not_matched_is_not_judged() {
    let all = codes(&adapter("check --format json a").prints(1));
    assert_eq!(all, [("pattern-matches-nothing".to_owned(), 1), ("size-mismatch".to_owned(), 1)]);
    insta::assert_snapshot!(adapter("check --limit checkpoint.matching=1000 a").exits(0), @r#"
    --- stdout
    warning[pattern-matches-nothing]: `k_proj` in `rank_pattern` matches no module of the checkpoint
     --> a/adapter_config.json:2:52
      |
    2 |         "rank_pattern": {"layers.(0|1).q_proj": 2, "k_proj": 2}}
      |                                                    ^^^^^^^^ no module has this name, or one that ends in it behind a dot
      |
      = note: PEFT does not use the entry
      = help: peftspec explain pattern-matches-nothing

    warning[matching-over-budget]: matching the names of tensors with the config takes more than the limit of 1000 steps
     --> a/adapter_model.safetensors
      |
      = note: nothing is said of the modules and patterns that were not matched
      = note: `--limit checkpoint.matching=NUMBER` raises it for a file that you trust
      = help: peftspec explain matching-over-budget

    --- stderr
    2 warnings in 2 files
    "#);
}

/// Without patterns of ranks nothing is to be matched for them, however little work is left.
#[test]
fn what_needs_no_matching_is_judged_without_work() {
    let fields =
        r#"{"peft_type": "LORA", "base_model_name_or_path": "m", "r": 4, "target_modules": "(?:x|l).*q_proj"}"#;
    let tensors: [(&str, &[usize]); 2] = [
        ("base_model.model.layers.0.q_proj.lora_A.weight", &[2, 8]),
        ("base_model.model.layers.0.q_proj.lora_B.weight", &[8, 2]),
    ];
    let printed = cli("check --format json --limit checkpoint.matching=1")
        .file("adapter_config.json", fields)
        .file("adapter_model.safetensors", safetensors(&tensors))
        .prints(1);
    assert_eq!(codes(&printed), [("matching-over-budget".to_owned(), 1), ("size-mismatch".to_owned(), 1)]);
}

#[test]
fn an_option_sets_each_limit() {
    for (name, number, input) in EXCEEDED {
        let is_text = name.starts_with("document.");
        let file = match input.split('/').next_back() {
            Some(file) if !is_text => file,
            _ if input.starts_with('{') => "adapter_config.json",
            _ => "adapter_config.yaml",
        };
        let bytes = if is_text { input.as_bytes().to_vec() } else { recorded(input) };
        let run = cli(&format!("check --pedantic --limit {name}={number} {file}")).file(file, bytes);
        let code = match name {
            "document.bytes" => 2,
            "checkpoint.checksums" => 0,
            _ => 1,
        };
        let said = run.exits(code);
        assert!(said.contains(&number.to_string()), "{name}: {said}");
    }
}

/// The codes of the findings of a run, each with how often it occurs.
fn codes(printed: &str) -> Vec<(String, usize)> {
    let output: Value = serde_json::from_str(printed).unwrap();
    let files = output["files"].as_array().unwrap();
    let found = files.iter().flat_map(|file| file["diagnostics"].as_array().unwrap());
    let mut counts = BTreeMap::new();
    for finding in found {
        *counts.entry(finding["code"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// What was not read is neither missing from the file nor compared: the limit is the only finding.
#[test]
fn a_checkpoint_beyond_a_limit_is_not_compared() {
    let config = fs::read_to_string(file("checkpoints/mpt/source-a/adapter_config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&config).unwrap();
    // Wrong for every tensor that is read.
    config["num_tasks"] = 17.into();
    let mut starting = config.clone();
    starting["inference_mode"] = false.into();
    starting["num_tasks"] = 1.into();
    starting["prompt_tuning_init"] = "EXACT_SOURCE_TASK".into();
    starting["prompt_tuning_init_task"] = 0.into();
    let of_the_reader = EXCEEDED.iter().filter(|(name, ..)| name.starts_with("checkpoint."));
    // Checksums that are not verified leave no tensor out.
    for (name, number, input) in of_the_reader.filter(|(name, ..)| *name != "checkpoint.checksums") {
        let weights = Path::new(input).file_name().unwrap().to_str().unwrap();
        let args = format!("check --format json --limit {name}={number} a");
        let adapter = cli(&args).file("a/adapter_config.json", config.to_string());
        let adapter = adapter.file(&format!("a/{weights}"), recorded(input));
        let is = if *name == "checkpoint.header" { "broken-safetensors-header" } else { "checkpoint-over-budget" };
        assert_eq!(codes(&adapter.prints(1)), [(is.to_owned(), 1)], "{name}: {input}");
        starting["prompt_tuning_init_state_dict_path"] = format!("source/{weights}").into();
        let source = cli(&args).file("a/adapter_config.json", starting.to_string());
        let source = source.file(&format!("source/{weights}"), recorded(input));
        assert_eq!(codes(&source.prints(1)), [("unreadable-source".to_owned(), 1)], "{name}: {input}");
    }
}

/// Nor does `inspect` call tensors missing that were not read.
#[test]
fn what_lies_beyond_a_limit_is_not_missing_from_an_inspection() {
    let inspect = |args: &str, code| {
        let run = cli(args).file("a/adapter_model.safetensors", recorded("source-a/adapter_model.safetensors"));
        let config = fs::read(file("checkpoints/mpt/source-a/adapter_config.json")).unwrap();
        run.file("a/adapter_config.json", config).prints(code)
    };
    let limited = "inspect a --limit checkpoint.tensors=2";
    assert!(!inspect(limited, 1).contains("missing"));
    assert!(inspect("inspect a", 0).contains("all 3 that the method has"));
    let layout = |args: &str, code| serde_json::from_str::<Value>(&inspect(args, code)).unwrap()["layout"].is_null();
    assert!(layout(&format!("{limited} --json"), 1) && !layout("inspect a --json", 0));
}

#[test]
fn what_is_no_limit_is_refused() {
    insta::assert_snapshot!(cli("check --limit depth=3").exits(2), @"
    --- stderr
    error: invalid value 'depth=3' for '--limit <NAME=NUMBER>': no limit is called `depth`; there are document.bytes, document.depth, document.values, checkpoint.header, checkpoint.tensors, checkpoint.members, checkpoint.pickle, checkpoint.operations, checkpoint.objects, checkpoint.memo, checkpoint.stack, checkpoint.text, checkpoint.checksums, checkpoint.inflated, checkpoint.values, checkpoint.scanned, checkpoint.matching

    For more information, try '--help'.
    ");
}

#[test]
fn the_table_of_the_documents_is_current() {
    let rows: String =
        Limit::all().map(|Limit { name, docs, default, .. }| format!("| `{name}` | {default} |{docs} |\n")).collect();
    let table = format!("| limit | default | of what, and why |\n|---|---|---|\n{rows}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hostile-files.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- limits -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of the limits -->\n").unwrap();
    let fresh = format!("{before}<!-- limits -->\n{table}<!-- end of the limits -->\n{after}");
    assert_current(&path, &fresh);
}
