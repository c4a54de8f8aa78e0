//! The catalogue of hostile checkpoints: each is reported, and nothing of it is executed.

use crate::corpus::{file, lines};
use peftspec::{
    Diagnostic, Severity,
    checkpoint::{self, Budget},
};
use serde::Deserialize;
use std::{collections::BTreeMap, time::Instant};

/// A line of the manifest, as `tools/hostile/build.py` wrote it.
#[derive(Deserialize)]
struct Hostile {
    file: String,
    /// What the file does, as the rest of a sentence about it.
    what: String,
}

fn findings(hostile: &Hostile) -> Vec<Diagnostic> {
    let path = file(&format!("hostile/{}", hostile.file));
    let started = Instant::now();
    let (_, diagnostics) = checkpoint::read(&path, &Budget::default()).unwrap();
    assert!(started.elapsed().as_secs() < 10, "{} took {:?}", hostile.file, started.elapsed());
    diagnostics
}

#[test]
fn every_hostile_file_is_reported() {
    let mut by_code: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missed = Vec::new();
    let all = lines::<Hostile>("hostile/manifest.jsonl");
    for hostile in &all {
        let diagnostics = findings(hostile);
        let error = diagnostics.iter().find(|found| found.severity == Severity::Error);
        match error {
            Some(error) => *by_code.entry(error.code).or_default() += 1,
            None => missed.push(format!("{} {}: {diagnostics:?}", hostile.file, hostile.what)),
        }
    }
    println!("{by_code:#?}");
    assert_eq!(missed, [""; 0]);
    assert_eq!(all.len(), 117);
}

/// What is said of each, for a person to read.
#[test]
fn what_is_said_of_hostile_files() {
    let mut text = String::new();
    for hostile in lines::<Hostile>("hostile/manifest.jsonl") {
        text.push_str(&format!("{} {}\n", hostile.file, hostile.what));
        for found in findings(&hostile).iter().take(2) {
            text.push_str(&format!("  {found}\n"));
        }
    }
    insta::assert_snapshot!(text);
}

/// A call of what is outside of the allow-list is told as such, whatever else is wrong with the file.
#[test]
fn calls_are_told_by_name() {
    let unnamed: Vec<String> = lines::<Hostile>("hostile/manifest.jsonl")
        .into_iter()
        .filter(|hostile| hostile.what.starts_with("calls ") && hostile.what.contains('.'))
        .filter(|hostile| {
            let function = hostile.what.trim_start_matches("calls ").replace("__builtin__", "builtins");
            let names = |found: &Diagnostic| found.code == "dangerous-pickle" && found.message.contains(&function);
            !findings(hostile).iter().any(names)
        })
        .map(|hostile| hostile.file)
        .collect();
    assert_eq!(unnamed, [""; 0]);
}
