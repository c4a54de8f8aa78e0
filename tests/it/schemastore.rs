//! `schemas/schemastore/`: what SchemaStore takes, in the places where it keeps it.
//!
//! Its tests come from what is declared already: the starters and the good examples of problems must be valid, and the bad example of
//! each error that JSON Schema can tell must not be. A file is named for the code that it is about.

use crate::generated::assert_current;
use crate::rules::{examples, problems};
use peftspec::{
    Draft, Limits, METHODS, Node, Profile, Severity, Syntax, TreeSchema, adapter_config_schema, check_bytes, template,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

const NAME: &str = "peft-adapter-config";

/// The lenient schema under the identifier that SchemaStore gives it.
fn schema() -> Value {
    let mut schema = adapter_config_schema(Draft::Draft07, Profile::Lenient);
    schema["$id"] = json!(format!("https://www.schemastore.org/{NAME}.json"));
    schema
}

fn catalog_entry() -> Value {
    json!({
        "name": "PEFT adapter config",
        "description": "Configuration of an adapter made with Hugging Face PEFT",
        "fileMatch": ["adapter_config.json"],
        "url": format!("https://www.schemastore.org/{NAME}.json"),
    })
}

/// The codes of the errors in a JSON text.
fn errors_of(text: &str) -> Vec<&'static str> {
    let report = check_bytes("adapter_config.json", text.as_bytes().to_vec(), &Limits::default());
    let errors = report.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code).collect()
}

/// The first example of a kind that is plain JSON and has these errors.
fn example(docs: &str, kind: &str, errors: &[&str]) -> Option<Value> {
    let mut texts =
        examples(docs, kind).into_iter().filter(|(ending, text)| *ending == "json" && errors_of(text) == errors);
    texts.find_map(|(_, text)| serde_json::from_str(text).ok())
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// Every file below `schemas/schemastore/src`.
fn files() -> BTreeMap<String, String> {
    let schema = schema();
    let accepts = TreeSchema::compile(&schema).unwrap();
    let mut files = BTreeMap::from([
        (format!("schemas/json/{NAME}.json"), pretty(&schema)),
        ("api/json/catalog-entry.json".to_owned(), pretty(&catalog_entry())),
    ]);
    for method in METHODS {
        let name = method.peft_type.as_str().to_ascii_lowercase();
        for (ending, syntax) in [("json", Syntax::Json), ("yaml", Syntax::Yaml), ("toml", Syntax::Toml)] {
            files.insert(format!("test/{NAME}/{name}.{ending}"), template(method, syntax));
        }
    }
    for (code, problem) in problems() {
        let Some(bad) = example(problem.docs, "bad", &[code]) else { continue };
        // What only another release or the tensors tell, and what JSON Schema cannot say, is no test of the schema.
        if accepts.is_valid(&Node::from(&bad)) {
            continue;
        }
        files.insert(format!("negative_test/{NAME}/{code}.json"), pretty(&bad));
        let good = example(problem.docs, "good", &[]);
        assert!(good.is_some(), "{code} has no good example in JSON");
        files.insert(format!("test/{NAME}/{code}.json"), pretty(&good.unwrap()));
    }
    files
}

#[test]
fn the_entry_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/schemastore/src");
    let files = files();
    for (path, text) in &files {
        assert_current(&root.join(path), text);
    }
    let folders = ["test", "negative_test"].map(|folder| format!("{folder}/{NAME}"));
    let on_disk: BTreeSet<String> = folders
        .iter()
        .flat_map(|folder| {
            let entries = fs::read_dir(root.join(folder)).unwrap();
            entries.map(move |entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()))
        })
        .collect();
    let stray: Vec<&String> = on_disk.iter().filter(|path| !files.contains_key(*path)).collect();
    if env::var_os("UPDATE_GENERATED").is_some() {
        for path in stray {
            fs::remove_file(root.join(path)).unwrap();
        }
    } else {
        assert_eq!(stray, [""; 0], "files that nothing makes any more: run `just generate`");
    }
    let negative = files.keys().filter(|path| path.starts_with("negative_test/")).count();
    println!("{negative} negative tests");
    assert!(negative >= 20, "only {negative} errors have a negative test");
}
