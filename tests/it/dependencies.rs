//! What the build is made of: no C code, no unsafe code of our own.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// Crates that compile, find or bind what is not Rust.
const FOREIGN: [&str; 7] = ["cc", "cmake", "pkg-config", "bindgen", "nasm-rs", "vcpkg", "system-deps"];

/// Crates that claim a native library's name only to be there once.
const LINKS_NOTHING: [&str; 2] = ["rayon-core", "wasm-bindgen-shared"];

/// The packages that the library and the command are built of, and those that their builds need.
fn packages(features: &[&str]) -> Vec<Value> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path"])
        .arg(manifest)
        .args(features)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let array = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let nodes: BTreeMap<String, Value> =
        array(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), node)).collect();
    let mut reached = BTreeSet::new();
    let mut left = vec![text(&metadata["resolve"]["root"])];
    while let Some(id) = left.pop() {
        let for_tests = |kind: &Value| kind["kind"] == "dev";
        let dependencies = array(&nodes[&id]["deps"]).into_iter();
        let built = dependencies.filter(|dependency| !array(&dependency["dep_kinds"]).iter().all(for_tests));
        if reached.insert(id.clone()) {
            left.extend(built.map(|dependency| text(&dependency["pkg"])));
        }
    }
    array(&metadata["packages"])
        .into_iter()
        .filter(|package| reached.contains(package["id"].as_str().unwrap()))
        .collect()
}

#[test]
fn nothing_but_rust_is_compiled() {
    for features in [&[][..], &["--all-features"]] {
        let packages = packages(features);
        let names: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
        println!("{} packages with {features:?}", names.len());
        assert!(names.contains(&"clap") && names.contains(&"flate2"), "{names:?}");
        let foreign: Vec<&&str> = names.iter().filter(|name| FOREIGN.contains(name)).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        let linked: Vec<&str> = packages
            .iter()
            .filter(|package| !package["links"].is_null())
            .filter_map(|package| package["name"].as_str())
            .filter(|name| !LINKS_NOTHING.contains(name))
            .collect();
        assert!(linked.is_empty(), "{linked:?} link native libraries");
    }
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}
