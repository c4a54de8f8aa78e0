//! Adapters as a whole, config, weights, source and base model, against what PEFT did with them.

use crate::corpus::{file, lines};
use peftspec::{AdapterReport, Limits, Severity, Surroundings, check_adapter};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fs, path::Path};

/// Paths in the corpus count from its folder.
fn surroundings() -> Surroundings {
    let mut surroundings = Surroundings::default();
    surroundings.working_directory = file("");
    surroundings
}

fn check(path: &Path, surroundings: &Surroundings) -> AdapterReport {
    check_adapter(path, fs::read(path).unwrap(), &Limits::default(), surroundings).unwrap()
}

/// The errors of every file.
fn errors(report: &AdapterReport) -> Vec<String> {
    let reports = std::iter::once(&report.config).chain(report.weights.iter().map(|weights| &weights.report));
    let findings = reports.flat_map(|report| &report.diagnostics);
    findings.filter(|found| found.severity == Severity::Error).map(ToString::to_string).collect()
}

#[derive(Deserialize)]
struct Creation {
    id: String,
    what: String,
    peft_config: Box<RawValue>,
    base_model: String,
    outcome: String,
    exception: Option<String>,
    message: Option<String>,
    resolved: Option<BTreeMap<String, serde_json::Value>>,
}

#[test]
fn models_that_peft_refuses_to_create_have_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peft.json");
    let mut tally: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in lines::<Creation>("model_creation.jsonl") {
        fs::write(&path, case.peft_config.get()).unwrap();
        let mut surroundings = surroundings();
        surroundings.base_model = Some(file(&format!("base_models/{}", case.base_model)));
        let report = check(&path, &surroundings);
        let errors = errors(&report);
        let row = if !report.config.is_modelled() {
            "method still to come".to_owned()
        } else if (case.outcome == "error") == !errors.is_empty() {
            format!("agree, {}", if errors.is_empty() { "accepted" } else { "refused" })
        } else {
            format!("PEFT {}, we say {:?}", case.outcome, errors)
        };
        let said = format!("{} {}: {:?} {:?}", case.id, case.what, case.exception, case.message);
        tally.entry(row).or_default().push(said);
    }
    for (row, cases) in &tally {
        println!(
            "{row}: {} {}",
            cases.len(),
            if row.starts_with("PEFT") { format!("{cases:#?}") } else { String::new() }
        );
    }
}
