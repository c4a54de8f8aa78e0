//! The conventions of the house, as tests: layers, first lines, lengths.

use peftspec::PeftType;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Which module may use which; what is not listed may not be used. `lib.rs` and `main.rs` stand outside.
const LAYERS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("limits", &[]),
    ("diagnostic", &["source"]),
    ("document", &["diagnostic", "limits", "source"]),
    ("release", &[]),
    ("vectorized", &[]),
    ("rule", &["release", "document", "diagnostic", "source"]),
    ("rules", &["layout", "rule"]),
    ("layout", &["rule", "document"]),
    ("methods", &["rules", "layout", "rule", "release", "document", "diagnostic", "source"]),
    ("schema", &["methods", "release", "rule", "diagnostic"]),
    ("compat", &["methods", "release", "rule", "document", "diagnostic", "source"]),
    ("codegen", &["schema", "methods", "release", "rule", "document", "diagnostic"]),
    (
        "check",
        &["schema", "checkpoint", "layout", "error", "methods", "release", "rule", "document", "diagnostic", "source"],
    ),
    ("error", &[]),
    ("checkpoint", &["layout", "rule", "document", "diagnostic", "limits", "source", "error", "vectorized"]),
    ("embedding", &["methods", "checkpoint", "layout", "document", "vectorized"]),
    (
        "cli",
        &[
            "check",
            "codegen",
            "compat",
            "checkpoint",
            "embedding",
            "schema",
            "methods",
            "layout",
            "release",
            "rule",
            "document",
            "diagnostic",
            "source",
            "error",
        ],
    ),
    (
        "fuzzing",
        &["cli", "check", "compat", "checkpoint", "schema", "methods", "release", "document", "diagnostic", "source"],
    ),
];

const MAX_LINES: usize = 800;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(below: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn below_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// The modules of the crate that a text names: `crate::a`, `crate::{a::b, c}`.
fn used_modules(text: &str) -> BTreeSet<String> {
    let name =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut starts = true;
        for (index, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts = true,
                _ if starts && character.is_alphabetic() => {
                    used.insert(name(&group[index..]));
                    starts = false;
                }
                _ => {}
            }
        }
    }
    used
}

#[test]
fn modules_use_only_what_is_below_them() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut seen = BTreeSet::new();
    for path in rust_files("src") {
        let relative = below_root(&path);
        let module = relative["src/".len()..].split(['/', '.']).next().unwrap().to_owned();
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let allowed = layers.get(module.as_str()).unwrap_or_else(|| panic!("{module} has no layer"));
        let text = fs::read_to_string(&path).unwrap();
        // A file's own tests may use anything.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for used in used_modules(text) {
            // What the crate re-exports at its root would hide the layer; only the command may use it.
            assert!(layers.contains_key(used.as_str()) || module == "cli", "{relative}: crate::{used} names no layer");
            assert!(
                !layers.contains_key(used.as_str()) || used == module || allowed.contains(&used.as_str()),
                "{relative}: {module} may not use {used}"
            );
        }
        seen.insert(module);
    }
    assert_eq!(seen.len(), LAYERS.len(), "LAYERS names a module that does not exist");
}

#[test]
fn used_modules_are_recognised() {
    let text = "use crate::{a::{b, c}, d};\nlet x = crate::e::f(); $crate::g::h!()";
    let names: Vec<String> = used_modules(text).into_iter().collect();
    assert_eq!(names, ["a", "d", "e", "g"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    for path in rust_files("src").into_iter().chain(rust_files("tests")).chain(rust_files("fuzz/fuzz_targets")) {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") || first.contains("doc = include_str!"),
            "{}: no `//!` on line 1",
            below_root(&path)
        );
    }
}

#[test]
fn files_are_one_room_each() {
    for path in rust_files("src") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines, over {MAX_LINES}", below_root(&path));
    }
}

#[test]
fn rules_and_machinery_name_no_method() {
    for folder in [
        "src/rules",
        "src/rule",
        "src/document",
        "src/diagnostic",
        "src/check",
        "src/checkpoint",
        "src/codegen",
        "src/compat",
        "src/schema",
        "src/layout",
        "src/cli",
    ] {
        for path in
            rust_files(folder).into_iter().filter(|path| !path.ends_with("tests.rs") && !path.ends_with("testing.rs"))
        {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in lines {
                let quoted = |name: &&PeftType| line.contains(&format!("\"{name}\""));
                let named = PeftType::ALL.iter().find(quoted);
                let is_variant = line.split("PeftType::").skip(1).any(|rest| {
                    rest.starts_with(char::is_uppercase) && rest.chars().nth(1).is_some_and(char::is_lowercase)
                });
                assert!(named.is_none() && !is_variant, "{} names a method: {line}", below_root(&path));
            }
        }
    }
}

#[test]
fn paths_in_the_documents_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "schemas/", "tools/", "examples/", "fuzz/", ".ci/"]
                .iter()
                .any(|top| quoted.starts_with(top));
            if is_path && !quoted.contains(['<', '*', ' ', '{']) {
                assert!(root().join(quoted).exists(), "{document} names {quoted}, which does not exist");
            }
        }
    }
}
