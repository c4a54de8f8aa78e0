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

/// Engines in strict mode refuse keywords that they do not know.
#[test]
fn lenient_schemas_have_standard_keywords_only() {
    for (path, schema) in peftspec::all_schemas().into_iter().filter(|(path, _)| path.contains("/lenient/")) {
        assert!(!schema.to_string().contains("\"x-"), "{path} has a keyword of our own");
    }
}
