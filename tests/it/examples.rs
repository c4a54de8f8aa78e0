//! The examples that the repository ships: the same in every syntax, and a broken one as a person sees it.

use crate::{common::cli, generated::assert_current};
use peftspec::{Diagnostic, Limits, Severity, check_bytes};
use std::{fs, path::Path};

/// The three configs of PEFT's documentation, as they stand there.
const DOCUMENTED: [&str; 3] = ["random", "average-source-tasks", "exact-source-task"];

fn example(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path)).unwrap()
}

/// What is said of a text, without the places.
fn said(name: &str, text: &str) -> Vec<String> {
    let report = check_bytes(name, text.as_bytes().to_vec(), &Limits::default());
    let mut said: Vec<String> = report.diagnostics.iter().map(without_places).collect();
    said.sort();
    said
}

fn without_places(found: &Diagnostic) -> String {
    let labels: Vec<&str> = found.labels.iter().map(|label| label.text.as_str()).collect();
    format!("{found} {} {labels:?} {:?}", found.pointer, found.notes)
}

#[test]
fn the_examples_say_the_same_in_json_yaml_and_toml() {
    for name in DOCUMENTED {
        let json = example(&format!("{name}/adapter_config.json"));
        let yaml = example(&format!("{name}/adapter_config.yaml"));
        let toml = toml::to_string(&serde_json::from_str::<serde_json::Value>(&json).unwrap()).unwrap();
        let in_json = said("adapter_config.json", &json);
        assert_eq!(said("adapter_config.yaml", &yaml), in_json, "{name}, YAML");
        assert_eq!(said("adapter_config.toml", &toml), in_json, "{name}, TOML");
        assert!(in_json.iter().all(|found| !found.starts_with("error")), "{name}: {in_json:?}");
    }
}

#[test]
fn places_point_at_the_value_in_every_syntax() {
    for name in DOCUMENTED {
        for ending in ["json", "yaml"] {
            let text = example(&format!("{name}/adapter_config.{ending}"));
            let report = check_bytes(&format!("adapter_config.{ending}"), text.into_bytes(), &Limits::default());
            for found in report.diagnostics.iter().filter(|found| found.code == "source-init-with-many-tasks") {
                let shown = report.source.slice(found.span().unwrap());
                assert!(["3", "4"].contains(&shown), "{name}.{ending} points at {shown:?}");
            }
        }
    }
}

#[test]
fn the_broken_example_as_a_person_sees_it() {
    let shown = cli("check").file("examples/broken.json", example("broken.json")).arg("examples/broken.json").exits(1);
    insta::assert_snapshot!(shown);
    let captured = shown.replace("--- stdout\n", "").split("--- stderr\n").collect::<String>();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("$ peftspec check examples/broken.json\n").unwrap();
    let (_, after) = rest.split_once("\n```").unwrap();
    let fresh = format!("{before}$ peftspec check examples/broken.json\n{}\n```{after}", captured.trim());
    assert_current(&path, &fresh);
}

#[test]
fn the_broken_example_has_only_findings_that_are_meant() {
    let report = check_bytes("broken.json", example("broken.json").into_bytes(), &Limits::default());
    let errors = report.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    assert_eq!((errors, report.diagnostics.len()), (4, 6));
}
