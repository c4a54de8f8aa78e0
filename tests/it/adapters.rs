//! Adapters as a whole, config, weights, source and base model, against what PEFT did with them.

use crate::{
    checkpoint::REFUSED_BY_TORCH,
    corpus::{file, lines},
};
use peftspec::{
    AdapterReport, BaseModel, Diagnostic, Fields, Limits, METHODS, Severity, Source, Surroundings, Syntax,
    WeightsReport, check_adapter, parse,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Paths in the corpus count from its folder.
fn surroundings() -> Surroundings {
    Surroundings { working_directory: file(""), require_files: true, values: true, ..Surroundings::default() }
}

fn check(path: &Path, surroundings: &Surroundings) -> AdapterReport {
    let report = check_adapter(path, fs::read(path).unwrap(), &Limits::default(), surroundings);
    assert!(report.unreadable.is_empty(), "{:?}", report.unreadable);
    report
}

/// The errors of every file, by code.
fn errors(report: &AdapterReport) -> BTreeSet<&'static str> {
    let reports = std::iter::once(&report.config).chain(report.weights.iter().map(|weights| &weights.report));
    let findings = reports.flat_map(|report| &report.diagnostics);
    findings.filter(|found| found.severity == Severity::Error).map(|found| found.code).collect()
}

#[derive(Deserialize)]
struct Creation {
    id: String,
    what: String,
    peft_config: Box<RawValue>,
    base_model: String,
    outcome: String,
    exception: Option<String>,
    resolved: Option<BTreeMap<String, Value>>,
    forward: Option<String>,
}

impl Creation {
    fn base_model(&self) -> std::path::PathBuf {
        file(&format!("base_models/{}", self.base_model))
    }

    /// Why PEFT creates a model and we report an error all the same.
    fn justified(&self, errors: &BTreeSet<&str>) -> Option<&'static str> {
        let all = |codes: &[&str]| errors.iter().all(|code| codes.contains(code));
        if all(&["wrong-type", "out-of-range", "unknown-value"]) {
            Some("PEFT takes a value of the wrong type, range or spelling")
        } else if self.forward.as_deref() == Some("error") && all(&["base-model-mismatch"]) {
            Some("the model is created, and its first forward pass fails")
        } else if all(&["more-than-two-submodules"]) {
            Some("the model is created, and its forward pass returns nothing")
        } else if all(&["unsuitable-source", "empty-tensor"]) {
            Some("the model is created, and starts from NaN")
        } else {
            None
        }
    }
}

#[test]
fn models_that_peft_refuses_to_create_have_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("peft.json");
    let mut tally: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in lines::<Creation>("model_creation.jsonl") {
        fs::write(&path, case.peft_config.get()).unwrap();
        let surroundings = Surroundings { base_model: Some(case.base_model()), ..surroundings() };
        let report = check(&path, &surroundings);
        let errors = errors(&report);
        let row = match (case.outcome == "error", errors.is_empty()) {
            _ if !report.config.is_modelled() => "a method still to come".to_owned(),
            (true, false) => "refused by both".to_owned(),
            (false, true) => "accepted by both".to_owned(),
            (false, false) => {
                case.justified(&errors).map_or_else(|| format!("false errors: {errors:?}"), str::to_owned)
            }
            // The same config creates a model of another class of the family.
            (true, true) if case.exception.as_deref() == Some("AttributeError") => {
                "disagreement: the class of the model cannot generate, which its config does not tell".to_owned()
            }
            (true, true) => "missed".to_owned(),
        };
        tally.entry(row).or_default().push(format!("{} {}", case.id, case.what));
    }
    let counts: BTreeMap<&str, usize> = tally.iter().map(|(row, cases)| (row.as_str(), cases.len())).collect();
    println!("{counts:#?}");
    assert_eq!(counts.values().sum::<usize>(), 555);
    let listed = |start: &str| tally.iter().find(|(row, _)| row.starts_with(start));
    assert_eq!(listed("false errors"), None);
    assert_eq!(listed("missed"), None);
    let disagreements = listed("disagreement").unwrap().1.len();
    let judged = 555 - counts.get("a method still to come").copied().unwrap_or_default();
    assert!(disagreements * 100 < judged, "{disagreements} of {judged}");
}

#[test]
fn sizes_are_inferred_from_the_base_model_as_peft_does() {
    let mut inferred = 0;
    for case in lines::<Creation>("model_creation.jsonl").iter().filter(|case| case.outcome != "error") {
        let (document, _) = parse(Source::new("", case.peft_config.get()), Syntax::Json, &Limits::default());
        let config = document.root.unwrap();
        let config = config.as_object().unwrap();
        let method =
            METHODS.iter().find(|method| config.get("peft_type").unwrap().as_str() == Some(method.peft_type.as_str()));
        let method = method.unwrap();
        let model = BaseModel::read(&case.base_model(), &Limits::default()).unwrap().unwrap();
        let sizes = model.resolved(method.layout(), &Fields::new(config, method.defaults()));
        for field in method.layout().from_base_model {
            let expected = case.resolved.as_ref().unwrap()[field.field].as_u64();
            // What is no size PEFT keeps as it is; that is reported elsewhere.
            if expected.is_some() {
                assert_eq!(sizes.get(field.field).copied(), expected, "{} {}", case.id, field.field);
                inferred += 1;
            }
        }
    }
    println!("{inferred} sizes");
    assert!(inferred > 800, "{inferred}");
}

#[derive(Deserialize)]
struct Recorded {
    path: String,
    base_model: Option<String>,
    valid: bool,
    defect: Option<String>,
}

impl Recorded {
    /// The folder of the file, which names the case.
    fn case(&self) -> &str {
        self.path.rsplit('/').nth(1).unwrap()
    }

    /// All findings about the config and the weights beside it, worst first.
    fn findings(&self, surroundings: &Surroundings) -> Vec<Diagnostic> {
        let path = file(&self.path);
        let config = path.with_file_name("adapter_config.json");
        let mut findings = Vec::new();
        if config.is_file() {
            let report = check(&config, surroundings);
            findings.extend(report.config.diagnostics);
            findings.extend(report.weights.into_iter().flat_map(|weights| weights.report.diagnostics));
        } else {
            findings.extend(WeightsReport::read(&path, surroundings).unwrap().report.diagnostics);
        }
        findings.sort_by_key(|found| found.severity);
        findings
    }
}

fn manifest() -> Vec<Recorded> {
    let manifest = lines::<Recorded>("checkpoints/manifest.jsonl");
    assert_eq!(manifest.len(), 433);
    manifest
}

/// Why a defective adapter has no error.
fn unreported(recorded: &Recorded) -> Option<&'static str> {
    Some(match recorded.case() {
        "safetensors-header-space-padding" | "safetensors-metadata-absent" => "allowed by the format",
        "safetensors-header-extra-field" | "safetensors-metadata-format-tf" => "readers ignore it: a warning",
        "mpt-dtype-float64" | "mpt-dtype-float8-e4m3fn" => "PEFT converts it: a warning",
        "mpt-extra-tensor" | "mpt-extra-other-adapter" => "PEFT ignores it: a warning",
        "mpt-config-unknown-key" => "PEFT drops it: a warning",
        "mpt-config-modules-to-save-unknown" => "PEFT keeps the base model's weights: a warning",
        "mpt-config-dim-null" | "mpt-config-submodules-null" => "PEFT fills it in with the same value",
        "mpt-config-inference-mode-false" => "PEFT loads it as it is",
        "mpt-config-layers-other" | "mpt-config-heads-other" => "PEFT does not use it: a warning",
        "mpt-extra-like-base" => "not visible without the base model's tensors: a warning",
        "mpt-config-base-model-other" | "mpt-config-task-type-seq2seq" => {
            "not visible without the base model that it is loaded on: a warning"
        }
        case if case.starts_with("mpt-wrong-base") => "not visible without the base model that it is loaded on",
        "mpt-subnormal" => "PEFT loads it, and such numbers have next to no effect: a warning",
        "mpt-no-config" => {
            "without a config nothing says what the tensors are: the command names the folder and exits with 2"
        }
        "lora-missing-layer" => "a model may be built like that: a warning",
        _ => return None,
    })
}

#[test]
fn defective_adapters_have_an_error() {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for recorded in manifest().iter().filter(|recorded| !recorded.valid) {
        let errors =
            recorded.findings(&surroundings()).iter().filter(|found| found.severity == Severity::Error).count();
        let reason = match (errors, unreported(recorded)) {
            (0, Some(reason)) => reason,
            (0, None) => panic!("{}: {:?}: no error", recorded.path, recorded.defect),
            (_, None) => "reported",
            (_, Some(reason)) => panic!("{}: has an error, but is listed: {reason}", recorded.path),
        };
        by_reason.entry(reason).or_default().push(recorded.case().to_owned());
    }
    for (reason, cases) in &by_reason {
        println!(
            "{} {reason}{}",
            cases.len(),
            if *reason == "reported" { String::new() } else { format!(": {cases:?}") }
        );
    }
    assert_eq!(by_reason.values().map(Vec::len).sum::<usize>(), 253);
}

/// What a person reads about each adapter whose config and tensors do not go together.
#[test]
fn disagreements_have_names() {
    let mut text = String::new();
    for recorded in manifest().iter().filter(|recorded| !recorded.valid) {
        let is_of_interest =
            ["mpt-", "prompt-tuning-", "target-"].iter().any(|start| recorded.case().starts_with(start));
        if !is_of_interest {
            continue;
        }
        text.push_str(&format!("{} ({})\n", recorded.case(), recorded.defect.as_deref().unwrap()));
        for found in recorded.findings(&surroundings()) {
            text.push_str(&format!("    {found}\n"));
            found.notes.iter().for_each(|note| text.push_str(&format!("        {note}\n")));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn sound_adapters_have_no_error() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for recorded in manifest().iter().filter(|recorded| recorded.valid) {
        let findings = recorded.findings(&surroundings());
        let errors: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
        let is_refused_by_torch = REFUSED_BY_TORCH.contains(&recorded.case());
        assert_eq!(errors.is_empty(), !is_refused_by_torch, "{}: {errors:?}", recorded.path);
        *counts.entry(if is_refused_by_torch { "refused by torch" } else { "no error" }).or_default() += 1;
    }
    println!("{counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 180);
}

#[test]
fn an_adapter_on_the_wrong_base_model_has_an_error() {
    let mut told = Vec::new();
    for recorded in manifest().iter().filter(|recorded| recorded.case().starts_with("mpt-wrong-base")) {
        let base_model = recorded.base_model.as_deref().unwrap();
        let path = file(&format!("base_models/{base_model}"));
        let surroundings = Surroundings { base_model: Some(path), ..surroundings() };
        let findings = recorded.findings(&surroundings);
        told.push(format!("{base_model}: {}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")));
    }
    insta::assert_snapshot!(told.join("\n"));
}
