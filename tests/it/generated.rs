//! Files that are generated from the model are written, and checked, here.

use std::{env, fs, path::Path};

/// Compares a generated file with what is on disk; writes it where `UPDATE_GENERATED` is set.
#[track_caller]
pub(crate) fn assert_current(path: &Path, fresh: &str) {
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, fresh).unwrap();
    }
    let on_disk = fs::read_to_string(path).unwrap_or_default();
    assert!(on_disk == fresh, "{} is stale: run `just generate`", path.display());
}

#[test]
fn schemas_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (path, schema) in peftspec::all_schemas() {
        assert_current(&root.join(path), &(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
    }
}

#[test]
fn generated_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let model = peftspec::Model::newest();
    for target in peftspec::TARGETS {
        let style = if target.style.is_empty() { String::new() } else { format!("_{}", target.style) };
        for profile in peftspec::Profile::ALL {
            let name = format!("{}/{}{style}.{}", profile.name(), target.name, target.extension);
            assert_current(&root.join(name), &(target.generate)(&model, peftspec::Options { profile }));
        }
    }
}

#[test]
fn rules_that_generated_code_leaves_out() {
    let model = peftspec::Model::newest();
    let line = |target: &peftspec::Target, found: peftspec::Inexpressible| {
        format!("{} {}: {}", target.style, found.rule.code(), found.reason)
    };
    // Types alone leave out every rule.
    let targets = peftspec::TARGETS.iter().filter(|target| target.style != "interface");
    let lines = targets.flat_map(|target| (target.inexpressible)(&model).into_iter().map(|found| line(target, found)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    zod alpha-pattern-key-not-a-regex: JavaScript does not know Python's regular expressions
    zod rank-pattern-key-not-a-regex: JavaScript does not know Python's regular expressions
    zod target-modules-not-a-regex: JavaScript does not know Python's regular expressions
    ");
}
