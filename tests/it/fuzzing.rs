//! The fuzz targets are those of the table, and what fuzzing found stays mended.

use crate::{corpus::file, generated::assert_current};
use peftspec::fuzzing::{Mutator, TARGETS, Target, dictionary, seeds, words};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn fuzz(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(path)
}

const MANIFEST: &str = r#"# Generated from `TARGETS` in src/fuzzing/mod.rs. Its own workspace: fuzz targets need a nightly compiler, the product does not.
[package]
name = "peftspec-fuzz"
version = "0.0.0"
publish = false
edition = "2024"

[package.metadata]
cargo-fuzz = true

[dependencies]
libfuzzer-sys = "0.4"
peftspec = { path = "..", default-features = false, features = ["fuzzing"] }

[profile.release]
debug = "line-tables-only"
# An overflow is a finding.
overflow-checks = true

[workspace]
"#;

fn bin(target: &Target) -> String {
    let name = target.name;
    format!(
        "\n[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\ntest = false\ndoc = false\nbench = false\n"
    )
}

#[test]
fn the_targets_are_those_of_the_table() {
    let bins: String = TARGETS.iter().map(bin).collect();
    assert_current(&fuzz("Cargo.toml"), &format!("{MANIFEST}{bins}"));
    for Target { name, says, .. } in TARGETS {
        let text = format!(
            "//! {says}\n#![no_main]\nlibfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::{name}(bytes));\n"
        );
        assert_current(&fuzz(&format!("fuzz_targets/{name}.rs")), &text);
    }
    let mut on_disk: Vec<String> = fs::read_dir(fuzz("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    on_disk.sort();
    names.sort_unstable();
    assert_eq!(on_disk, names);
}

#[test]
fn the_dictionary_is_that_of_the_model() {
    assert_current(&fuzz("words.dict"), &dictionary());
}

/// Each file is one input that once broke its property.
#[test]
fn what_fuzzing_found_stays_mended() {
    let mut replayed = 0;
    for entry in fs::read_dir(fuzz("regressions")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let target = TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target {name}"));
        for input in fs::read_dir(&folder).unwrap() {
            let path = input.unwrap().path();
            println!("{name}: {}", path.display());
            (target.run)(&fs::read(&path).unwrap());
            replayed += 1;
        }
    }
    println!("{replayed} regressions");
    assert!(replayed > 0);
}

/// A first taste of what `just soak` does a million times.
#[test]
fn every_property_holds_for_its_seeds_and_a_few_mutations() {
    for target in TARGETS {
        let seeds = seeds(target.input, &file("")).unwrap();
        assert!(seeds.len() >= 5, "{} has {} seeds", target.name, seeds.len());
        let mut mutator = Mutator::new(5, words(target.input).into_iter().map(String::into_bytes), 64 << 10);
        for index in 0..150 {
            let seed = &seeds[mutator.roll(seeds.len())];
            let mut bytes = seed.bytes.clone();
            if index % 3 > 0 {
                mutator.mutate(&mut bytes, &seeds[index % seeds.len()].bytes);
            }
            println!("{}: {} mutated in round {index}", target.name, seed.name);
            (target.run)(&bytes);
        }
    }
}
