//! Any text can be checked against any release, and what is found can be shown in every format.

use super::{
    documents::{assert_places, text},
    sum_of,
};
use crate::{
    check::{CheckOptions, check_bytes},
    compat::{compatibility, downgrade},
    diagnostic::{github, human, json_v1},
    document::{Limits, Syntax, parse},
    release::{NEWEST, Release},
    source::Source,
};

/// A JSON config.
pub fn json_check_renders(bytes: &[u8]) {
    check_renders("adapter_config.json", bytes);
}

/// A YAML config.
pub fn yaml_check_renders(bytes: &[u8]) {
    check_renders("adapter_config.yaml", bytes);
}

/// A TOML config.
pub fn toml_check_renders(bytes: &[u8]) {
    check_renders("adapter_config.toml", bytes);
}

fn check_renders(name: &str, bytes: &[u8]) {
    let releases = Release::all().collect::<Vec<_>>();
    // The bytes choose an old release; the newest is always asked.
    let sum = sum_of(bytes);
    let old = sum.checked_rem(releases.len()).and_then(|index| releases.get(index)).copied().unwrap_or(NEWEST);
    for release in [NEWEST, old] {
        let report = check_bytes(name, bytes.to_vec(), CheckOptions { release, limits: Limits::default() });
        assert_places(report.source.text(), &report.diagnostics);
        let _ = human::render(&report.source, &report.diagnostics, true);
        for shown in [
            human::render(&report.source, &report.diagnostics, false),
            github::render(&report.source, &report.diagnostics),
        ] {
            let control = shown.chars().find(|character| character.is_control() && *character != '\n');
            assert_eq!(control, None, "what is shown would spoil a terminal: {shown:?}");
        }
        for found in &report.diagnostics {
            let _ = json_v1::value(&report.source, found);
        }
    }
    // To ask for all releases takes longer than all else.
    if sum.is_multiple_of(4) {
        asks_releases(name, bytes, old);
    }
}

/// What the releases make of a config is told, and what it would be in an old one.
fn asks_releases(name: &str, bytes: &[u8], old: Release) {
    let Some(text) = text(bytes) else { return };
    let (document, _) = parse(Source::new(name, text), Syntax::of_file_name(name), &Limits::default());
    if let Some(object) = document.root.as_ref().and_then(|root| root.as_object()) {
        let _ = compatibility(object);
        let _ = downgrade(object, old);
    }
}
