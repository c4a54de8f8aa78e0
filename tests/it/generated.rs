//! Files that are generated from the model are written, and checked, here.

use std::{collections::BTreeSet, env, fs, path::Path};

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = peftspec::Model::newest();
    for target in peftspec::TARGETS {
        // The pages of the reference have one form, and are the project's own.
        let is_reference = target.name == "markdown";
        for profile in peftspec::Profile::ALL {
            let golden = format!("tests/golden/{}", profile.name());
            let folder = root.join(if is_reference { "docs/reference" } else { &golden });
            for page in target.pages(&model, peftspec::Options { profile }) {
                assert_current(&folder.join(page.name), &page.text);
            }
        }
    }
}

/// The summary that mdBook reads lists the pages of `docs/` under their titles: the reference in its order, then all others.
#[test]
fn the_book_has_every_page() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let reference = peftspec::TARGETS.iter().find(|target| target.name == "markdown").unwrap();
    let reference =
        reference.pages(&peftspec::Model::newest(), peftspec::Options { profile: peftspec::Profile::Strict });
    let mut pages: Vec<_> = reference.into_iter().map(|page| (format!("reference/{}", page.name), page.text)).collect();
    for folder in ["", "editors/"] {
        let names = fs::read_dir(docs.join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let names: BTreeSet<_> = names.map(|name| format!("{folder}{}", name.to_string_lossy())).collect();
        for name in names.into_iter().filter(|name| name != "SUMMARY.md") {
            let path = docs.join(&name);
            if path.extension().is_some_and(|ending| ending == "md") {
                pages.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    let line = |(name, text): &(String, String)| {
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        format!("- [{}]({name})\n", title.unwrap_or_else(|| panic!("{name} has no title on its first line")))
    };
    let lines: String = pages.iter().map(line).collect();
    assert_current(&docs.join("SUMMARY.md"), &format!("# Summary\n\n{lines}"));
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
    zod exclude-modules-not-a-regex: JavaScript does not know Python's regular expressions
    zod name-to-save-not-a-regex: JavaScript does not know Python's regular expressions
    zod rank-pattern-key-not-a-regex: JavaScript does not know Python's regular expressions
    zod target-modules-not-a-regex: JavaScript does not know Python's regular expressions
    ");
}

/// Engines in strict mode refuse keywords that they do not know.
#[test]
fn lenient_schemas_have_standard_keywords_only() {
    for (path, schema) in peftspec::all_schemas().into_iter().filter(|(path, _)| path.contains("/lenient/")) {
        assert!(!schema.to_string().contains("\"x-"), "{path} has a keyword of our own");
    }
}
