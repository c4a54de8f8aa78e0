//! What lies around a config and is not as it should be: files that cannot be read, folders in place of files, base models with
//! sizes of an unusual kind.

use crate::{
    common::{Cli, cli},
    corpus::file,
    module_names::safetensors,
};
use insta::assert_snapshot;
use peftspec::{BaseModel, Fields, Limits, METHODS, Source, Surroundings, Syntax, check_adapter, parse};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

const WEIGHTS: &str = "checkpoints/mpt/source-a/adapter_model.safetensors";

/// The config of a sound adapter, with changes.
fn config(changes: &[(&str, Value)]) -> String {
    let text = fs::read_to_string(file("checkpoints/mpt/source-a/adapter_config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    for (field, value) in changes {
        config[*field] = value.clone();
    }
    serde_json::to_string_pretty(&config).unwrap()
}

/// The config of one that is to start from a source.
fn starting_from(path: &str) -> String {
    config(&[
        ("inference_mode", false.into()),
        ("num_tasks", 1.into()),
        ("prompt_tuning_init", "EXACT_SOURCE_TASK".into()),
        ("prompt_tuning_init_state_dict_path", path.into()),
        ("prompt_tuning_init_task", 0.into()),
    ])
}

fn with_weights(args: &str) -> Cli {
    cli(args).file("a/adapter_model.safetensors", fs::read(file(WEIGHTS)).unwrap())
}

/// A config with a mistake of its own.
fn mistaken() -> String {
    config(&[("num_ranks", 0.into())])
}

#[test]
fn what_cannot_be_read_does_not_hide_what_is_wrong_elsewhere() {
    let run = with_weights("check a b --base-model nowhere").file("a/adapter_config.json", mistaken());
    let printed = run.file("b/adapter_config.json", mistaken()).exits(2);
    assert_eq!(printed.matches("error[out-of-range]").count(), 2, "{printed}");
    assert_eq!(printed.matches("nowhere: no such file or folder").count(), 1, "{printed}");
}

#[cfg(unix)]
fn forbid(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
}

/// Weights and a source that may not be read; for the superuser, who may, they are sound.
#[cfg(unix)]
#[test]
fn files_that_may_not_be_read_are_named_beside_the_report() {
    let run = || {
        let run = with_weights("check a").file("a/adapter_config.json", mistaken());
        run.prepare(|folder| forbid(&folder.join("a/adapter_model.safetensors")))
    };
    let folder = run().keep();
    let is_superuser = fs::read(folder.path().join("a/adapter_model.safetensors")).is_ok();
    let printed = run().exits(if is_superuser { 1 } else { 2 });
    assert!(printed.contains("error[out-of-range]"), "{printed}");
    let told = "error: a/adapter_model.safetensors: permission denied";
    assert_eq!(printed.contains(told), !is_superuser, "{printed}");

    let run = with_weights("check peft.json").file("peft.json", starting_from("a/adapter_model.safetensors"));
    let run = run.prepare(|folder| forbid(&folder.join("a")));
    let printed = run.exits(if is_superuser { 0 } else { 2 });
    assert!(!printed.contains("source-not-found"), "{printed}");
    assert_eq!(printed.contains(told), !is_superuser, "{printed}");
    // The folder is removed after the test.
    drop(folder);
}

#[test]
fn what_is_called_like_weights_and_is_no_file_is_an_error() {
    let run = cli("check a").folder("a/adapter_model.safetensors").file("a/adapter_config.json", mistaken());
    let run =
        run.file("a/adapter_model.bin", fs::read(file("checkpoints/mpt/source-a-bin/adapter_model.bin")).unwrap());
    let printed = run.exits(1);
    assert!(printed.contains("error[out-of-range]"), "{printed}");
    assert!(printed.contains("warning[two-checkpoints]: PEFT does not read this file"), "{printed}");
    assert!(printed.contains("error[not-a-checkpoint]: this is a folder, not a file"), "{printed}");
}

#[cfg(unix)]
#[test]
fn pipes_and_links_that_lead_nowhere_are_named() {
    let run = |make: &dyn Fn(&Path)| {
        let run = cli("check a").file("a/adapter_config.json", config(&[]));
        run.prepare(|folder| make(&folder.join("a/adapter_model.safetensors"))).exits(1)
    };
    assert_snapshot!(run(&|path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }), @r#"
    --- stdout
    error[not-a-checkpoint]: this is a named pipe, not a file
     --> a/adapter_model.safetensors
      |
      = note: PEFT takes it for the weights, and cannot read it
      = help: peftspec explain not-a-checkpoint

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
    assert_snapshot!(run(&|path| std::os::unix::fs::symlink("gone", path).unwrap()), @r#"
    --- stdout
    error[not-a-checkpoint]: this is a link that leads nowhere, not a file
     --> a/adapter_model.safetensors
      |
      = note: for PEFT it is not there
      = help: peftspec explain not-a-checkpoint

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_what_peft_takes() {
    let run = cli("check a").file("a/adapter_config.json", config(&[("num_tasks", 5.into())]));
    let run =
        run.file("a/adapter_model.bin", fs::read(file("checkpoints/mpt/source-a-bin/adapter_model.bin")).unwrap());
    let run =
        run.prepare(|folder| std::os::unix::fs::symlink("gone", folder.join("a/adapter_model.safetensors")).unwrap());
    let printed = run.exits(1);
    assert!(printed.contains("error[size-mismatch]") && !printed.contains("two-checkpoints"), "{printed}");
}

#[test]
fn standard_input_is_checked_with_what_does_not_lie_beside_it() {
    let model = fs::read(file("base_models/gpt2-wide/config.json")).unwrap();
    let run = |args: &str, config: String| {
        let run = cli(args).file("wide/config.json", &model).file("adapter_model.safetensors", "not looked at");
        run.input(config)
    };
    assert!(
        run("check - --base-model wide", config(&[]))
            .exits(1)
            .contains("error[base-model-mismatch]: `token_dim` is 32")
    );
    let named = config(&[("base_model_name_or_path", "./wide".into())]);
    assert!(run("check -", named).exits(0).contains("wide/config.json"));
    let missing = || starting_from("gone.safetensors");
    assert!(run("check -", missing()).exits(0).contains("warning[source-not-found]"));
    assert!(run("check - --require-files", missing()).exits(1).contains("error[source-not-found]"));
    assert_snapshot!(run("check - --values", config(&[])).exits(2), @r#"
    --- stderr
    error: --values is about weights, which standard input has none of; give a file or folder
    "#);
}

#[test]
fn paths_in_messages_are_short_and_plain() {
    let told = |path: &str| {
        let printed = cli("check peft.json").file("peft.json", starting_from(path)).exits(1);
        printed.lines().find(|line| line.contains("source")).unwrap().to_owned()
    };
    let missing = |path: &str| {
        let printed = cli("check peft.json").file("peft.json", starting_from(path)).exits(0);
        printed.lines().find(|line| line.contains("source")).unwrap().to_owned()
    };
    assert_snapshot!(missing(&format!("{}/w.safetensors", "folder/".repeat(100).trim_end_matches('/'))), @"warning[source-not-found]: the source checkpoint `folder/folder/folder/folder/folder/fol…der/folder/folder/folder/w.safetensors` is not there");
    assert_snapshot!(missing(&format!("{}.safetensors", "w".repeat(5000))), @"warning[source-not-found]: the source checkpoint `wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww…wwwwwwwwwwwwwwwwwwwwwwwwww.safetensors` is not there");
    assert_snapshot!(told("a\0b"), @"error[unreadable-source]: the path of the source checkpoint, `a/u{0}b`, holds a null character");
}

#[derive(Deserialize)]
struct Inference {
    what: String,
    model: Value,
    config: Value,
    sizes: Option<BTreeMap<String, Option<u64>>>,
    exception: Option<String>,
}

/// What PEFT made of base models of unusual kinds.
#[test]
fn sizes_of_unusual_base_models_are_those_that_peft_takes() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/base_model_sizes.jsonl");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let mut refused = 0;
    let facts: Vec<Inference> =
        fs::read_to_string(facts).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for case in &facts {
        fs::write(&path, case.model.to_string()).unwrap();
        let around = Surroundings { base_model: Some(path.clone()), ..Surroundings::default() };
        let report = check_adapter(Path::new("peft.json"), case.config.to_string().into(), &Limits::default(), &around);
        let unknown = report.config.diagnostics.iter().filter(|found| found.code == "base-model-size-unknown");
        let case_is = format!("{} {} {}", case.what, case.model, case.config);
        assert_eq!(
            unknown.count(),
            usize::from(case.exception.is_some()),
            "{case_is}: {:?}",
            report.config.diagnostics
        );
        let Some(sizes) = &case.sizes else {
            refused += 1;
            continue;
        };
        let (document, _) = parse(Source::new("", case.config.to_string()), Syntax::Json, &Limits::default());
        let config = document.root.unwrap();
        let config = config.as_object().unwrap();
        let peft_type = config.get("peft_type").unwrap().as_str();
        let method = METHODS.iter().find(|method| peft_type == Some(method.peft_type.as_str())).unwrap();
        let model = BaseModel::read(&path, &Limits::default()).unwrap().unwrap();
        let resolved = model.resolved(method.layout(), &Fields::new(config, method.defaults()));
        for (field, size) in sizes {
            assert_eq!(resolved.get(field.as_str()), size.as_ref(), "{case_is}: {field}");
        }
    }
    assert_eq!((facts.len(), refused), (45, 13));
}

/// A prefix of five layers with 64 columns, on a base model of six.
fn prefix(fields: &str, model: &str) -> Cli {
    let config =
        format!(r#"{{"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, {fields}}}"#);
    cli("check a --base-model base")
        .file("base/config.json", model)
        .file("a/adapter_config.json", config)
        .file("a/adapter_model.safetensors", safetensors(&[("prompt_embeddings", &[4, 640])]))
}

#[test]
fn what_was_given_is_not_to_be_changed_for_the_base_model() {
    let model = r#"{"num_hidden_layers": 6, "hidden_size": 64, "num_attention_heads": 8}"#;
    assert_snapshot!(prefix(r#""token_dim": 64"#, model).exits(1), @r#"
    --- stdout
    error[size-mismatch]: the checkpoint has 640 columns, but `token_dim` 64 and `num_layers` 6 (from the base model), times 2, make 768
     --> a/adapter_config.json:1:96
      |
    1 | {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "token_dim": 64}
      |                                                                                                ^^
      |
      = note: `"num_layers": 5` would agree
      = note: the adapter may have been trained on another base model
      = note: PEFT stops with `RuntimeError: size mismatch` when it loads the adapter
      = help: peftspec explain size-mismatch

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
    let of_keys =
        r#"{"num_hidden_layers": 6, "hidden_size": 128, "num_attention_heads": 16, "num_key_value_heads": 8}"#;
    assert_snapshot!(prefix(r#""num_layers": 6, "token_dim": 64"#, of_keys).exits(1), @r#"
    --- stdout
    error[size-mismatch]: the checkpoint has 640 columns, but `token_dim` 32 (from the base model) and `num_layers` 6, times 2, make 384
     --> a/adapter_config.json:1:113
      |
    1 | {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "num_layers": 6, "token_dim": 64}
      |                                                                                                 -               ^^
      |
      = note: the adapter may have been trained on another base model
      = note: PEFT stops with `RuntimeError: size mismatch` when it loads the adapter
      = help: peftspec explain size-mismatch

    warning[base-model-differs]: `token_dim` is not used: PEFT takes 32, which the base model has for keys and values
     --> a/adapter_config.json:1:113
      |
    1 | {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "num_layers": 6, "token_dim": 64}
      |                                                                                                                 ^^ 32 in the base model
      |
      = help: peftspec explain base-model-differs

    --- stderr
    1 error and 1 warning in 1 file (2 files checked)
    "#);
}

#[test]
fn null_heads_of_keys_are_an_error_where_they_stay_null() {
    let model = |family: &str| {
        format!(
            r#"{{"model_type": "{family}", "num_hidden_layers": 5, "hidden_size": 64, "num_attention_heads": 8, "num_key_value_heads": null}}"#
        )
    };
    assert_snapshot!(prefix(r#""token_dim": null"#, &model("glm")).exits(1), @r#"
    --- stdout
    error[base-model-size-unknown]: the base model's `num_key_value_heads` (glm) is null, so the size of its keys and values is not known
     --> a/adapter_config.json:1:15
      |
    1 | {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "token_dim": null}
      |               ^^^^^^^^^^^^^^^ needs the size of keys and values
      |
      = note: PEFT stops with `TypeError`, whatever the adapter's config says
      = note: set `num_key_value_heads` in base/config.json
      = help: peftspec explain base-model-size-unknown

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
    assert_eq!(prefix(r#""token_dim": null"#, &model("phi")).exits(0), "--- stderr\nno problems in 2 files\n");
}

#[test]
fn a_key_without_a_number_stops_the_search() {
    let model = r#"{"model_type": "bart", "encoder_layers": 5, "hidden_size": null, "d_model": 64, "encoder_attention_heads": 8}"#;
    assert_snapshot!(prefix(r#""token_dim": null"#, model).exits(0), @r#"
    --- stdout
    warning[base-model-size-unseen]: `token_dim` is not given, and the base model's `hidden_size` (bart) is no number
     --> a/adapter_config.json:1:96
      |
    1 | {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "token_dim": null}
      |                                                                                                ^^^^ `token_dim` must be given here
      |
      = note: unless the model's class puts a number there, PEFT takes it as it is, and stops
      = help: peftspec explain base-model-size-unseen

    --- stderr
    1 warning in 1 file (2 files checked)
    "#);
}

#[test]
fn a_source_is_read_as_its_name_ends() {
    let weights = fs::read(file(WEIGHTS)).unwrap();
    let told = |name: &str, code| {
        let run = cli("check --pedantic peft.json").file("peft.json", starting_from(name)).file(name, &weights);
        let printed = run.exits(code);
        let told =
            printed.lines().filter(|line| line.contains("source") && line.contains('[') || line.contains("note"));
        told.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told(".safetensors", 0), @"info[source-used]: PEFT starts from the source's shared prompt and its task 0 of 3, counted from 0");
    assert_snapshot!(told("w.SAFETENSORS", 1), @r#"
    error[unreadable-source]: the source checkpoint cannot be read: the file is a safetensors file, but its name does not say so
       = note: PEFT reads it as one if its name ends in `.safetensors`
    warning[source-file-ending]: PEFT does not take the source for a safetensors file: its ending is not in lower case
       = note: PEFT hands it to `torch.load`, which stops with `UnpicklingError: Weights only load failed.`
    "#);
}

/// PEFT 0.21.2 reads the first three, and stops with these exceptions at the rest.
#[cfg(unix)]
#[test]
fn the_path_of_a_source_is_taken_as_it_is_written() {
    let check = |path: &str, code| {
        let run = with_weights("check --pedantic peft.json").file("peft.json", starting_from(path));
        run.file("a/adapter_model.bin", fs::read(file("checkpoints/mpt/source-a-bin/adapter_model.bin")).unwrap())
            .exits(code)
    };
    for path in ["a/adapter_model.safetensors", "./a/./adapter_model.safetensors", "a/../a/adapter_model.bin"] {
        let printed = check(path, 0);
        assert!(printed.contains("info[source-used]") && printed.contains("1 info"), "{path}: {printed}");
    }
    for (path, code, exception) in [
        ("a/adapter_model.safetensors/", "source-not-found", "NotADirectoryError"),
        ("a/adapter_model.bin/", "source-not-found", "NotADirectoryError"),
        ("a/adapter_model.bin/.", "source-not-found", "NotADirectoryError"),
        ("a/adapter_model.bin/x.bin", "source-not-found", "NotADirectoryError"),
        ("a/adapter_model.bin/x.safetensors", "source-not-found", "FileNotFoundError"),
        ("gone/", "source-not-found", "FileNotFoundError"),
        (".", "unreadable-source", "IsADirectoryError"),
        ("./", "unreadable-source", "IsADirectoryError"),
        ("a/", "unreadable-source", "IsADirectoryError"),
    ] {
        let printed = check(path, i32::from(code == "unreadable-source"));
        assert!(printed.contains(&format!("[{code}]: the source checkpoint `{path}` is ")), "{path}: {printed}");
        assert!(printed.contains(&format!("PEFT stops with `{exception}`")), "{path}: {printed}");
    }
}

/// Which of the files beside a config PEFT takes: the first that exists, whatever it is.
#[cfg(unix)]
#[test]
fn the_weights_that_peft_takes_are_marked() {
    let used = |prepare: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let path = folder.path().join("adapter_config.json");
        let report = check_adapter(&path, config(&[]).into(), &Limits::default(), &Surroundings::default());
        assert!(report.unreadable.is_empty());
        let found = report.weights.iter();
        found
            .map(|found| (found.path.extension().unwrap().to_string_lossy().into_owned(), found.is_used))
            .collect::<Vec<_>>()
    };
    let bin = |folder: &Path| {
        let from = file("checkpoints/mpt/source-a-bin/adapter_model.bin");
        fs::copy(from, folder.join("adapter_model.bin")).unwrap();
    };
    let expected =
        |all: &[(&str, bool)]| all.iter().map(|(ending, used)| ((*ending).to_owned(), *used)).collect::<Vec<_>>();
    let broken = |folder: &Path| fs::write(folder.join("adapter_model.safetensors"), "broken").unwrap();
    let link = |folder: &Path| std::os::unix::fs::symlink("gone", folder.join("adapter_model.safetensors")).unwrap();
    let directory = |folder: &Path| fs::create_dir(folder.join("adapter_model.safetensors")).unwrap();
    assert_eq!(used(&|_| {}), []);
    assert_eq!(used(&bin), expected(&[("bin", true)]));
    assert_eq!(used(&link), expected(&[("safetensors", false)]));
    for first in [&broken as &dyn Fn(&Path), &directory] {
        let both = |folder: &Path| {
            first(folder);
            bin(folder);
        };
        assert_eq!(used(&both), expected(&[("safetensors", true), ("bin", false)]));
    }
    let both = |folder: &Path| {
        link(folder);
        bin(folder);
    };
    assert_eq!(used(&both), expected(&[("bin", true), ("safetensors", false)]));
}
