//! What the real PEFT did with hundreds of configs, against what we say of them.
//!
//! `tests/corpus/configs.jsonl` records PEFT 0.21.2; `findings.jsonl` beside it pins our findings and schema verdicts.

use crate::generated::assert_current;
use peftspec::{
    Draft, Limits, Profile, Report, Severity, Source, Syntax, TreeSchema, adapter_config_schema, check_bytes, parse,
    write_json,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{collections::BTreeMap, path::Path};

/// A recorded config.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) what: String,
    /// The config, digits kept.
    config: Option<Box<RawValue>>,
    raw: Option<String>,
    raw_base64: Option<String>,
    pub(crate) outcome: String,
    #[serde(default)]
    missing_packages: Vec<String>,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match (&self.config, &self.raw, &self.raw_base64) {
            (Some(config), ..) => config.get().as_bytes().to_vec(),
            (_, Some(raw), _) => raw.as_bytes().to_vec(),
            (_, _, Some(encoded)) => base64(encoded),
            _ => unreachable!("{} has no content", self.id),
        }
    }

    /// The config as text, if the case is not about bytes.
    pub(crate) fn config(&self) -> Option<&str> {
        self.config.as_deref().map(RawValue::get)
    }

    fn is_refused(&self) -> bool {
        self.outcome == "error"
    }

    fn was_saved_by_peft(&self) -> bool {
        self.what.contains("saved default") || self.what.contains("saved variation")
    }
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|byte| ALPHABET.iter().position(|digit| *digit == byte));
    let bits: Vec<bool> = digits.flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}

pub(crate) fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

pub(crate) fn lines<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let text = std::fs::read_to_string(file(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn errors(report: &Report) -> Vec<&str> {
    report.diagnostics.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code).collect()
}

fn schema(profile: Profile) -> TreeSchema {
    TreeSchema::compile(&adapter_config_schema(Draft::Draft202012, profile)).unwrap()
}

/// The code of the finding that a method is known by name only.
const METHOD_NOT_MODELLED: &str = "method-not-modelled";

#[test]
fn refused_configs_get_an_error_and_saved_ones_none() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = lines::<Case>("configs.jsonl");
    for case in &cases {
        let report = check_bytes("adapter_config.json", case.bytes(), &Limits::default());
        let errors = errors(&report);
        let kind = match (case.is_refused(), case.was_saved_by_peft()) {
            _ if !case.missing_packages.is_empty() => "environment errors",
            (true, _)
                if errors.is_empty() && report.diagnostics.iter().any(|found| found.code == METHOD_NOT_MODELLED) =>
            {
                "refused by PEFT, a method still to come"
            }
            (true, _) => {
                assert!(!errors.is_empty(), "{} ({}): PEFT refuses it, we say nothing", case.id, case.what);
                "refused by PEFT, error"
            }
            (false, true) => {
                assert_eq!(errors, [""; 0], "{} ({}): PEFT saved it", case.id, case.what);
                "saved by PEFT, no error"
            }
            (false, false) if errors.is_empty() => "accepted by PEFT, no error",
            (false, false) => "accepted by PEFT, error by the severity table",
        };
        *counts.entry(kind).or_default() += 1;
    }
    println!("{counts:#?}");
    assert_eq!(counts.values().sum::<usize>(), cases.len());
}

#[test]
fn findings_are_pinned() {
    let (lenient, strict) = (schema(Profile::Lenient), schema(Profile::Strict));
    let mut pinned = String::new();
    for case in lines::<Case>("configs.jsonl") {
        let report = check_bytes("adapter_config.json", case.bytes(), &Limits::default());
        let findings: Vec<String> = report
            .diagnostics
            .iter()
            .map(|found| format!("{} {} {}", found.severity, found.code, found.pointer).trim_end().to_owned())
            .collect();
        let mut line = json!({"id": case.id, "findings": findings});
        // Where the bytes are the point, a schema has something to say only if they are sound JSON.
        let (document, problems) =
            parse(Source::new("", String::from_utf8_lossy(&case.bytes())), Syntax::Json, &Limits::default());
        if let (Some(root), true) = (document.root, problems.is_empty()) {
            line["lenient"] = Value::Bool(lenient.is_valid(&root));
            line["strict"] = Value::Bool(strict.is_valid(&root));
        }
        pinned.push_str(&format!("{line}\n"));
    }
    assert_current(&file("findings.jsonl"), &pinned);
}

#[derive(Deserialize)]
struct Saved {
    path: String,
    text: String,
}

#[test]
fn saved_configs_are_written_back_byte_for_byte() {
    let saved = lines::<Saved>("saved_configs.jsonl");
    for Saved { path, text } in &saved {
        let (document, _) = parse(Source::new(path.as_str(), text.as_str()), Syntax::Json, &Limits::default());
        assert_eq!(write_json(&document.root.unwrap()), *text, "{path}");
    }
    println!("{} configs written back", saved.len());
    assert_eq!(saved.len(), 391);
}
