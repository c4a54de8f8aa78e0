//! `peftspec check` on adapters as a person sees it: weights, source and base model around a config.

use crate::{
    common::{Cli, cli},
    corpus::file,
};
use insta::assert_snapshot;
use serde_json::Value;
use std::fs;

/// A run beside copies of the corpus's files: path in the run's folder, path in the corpus.
fn with_files(args: &str, files: &[(&str, &str)]) -> Cli {
    let copy = |cli: Cli, (to, from): &(&str, &str)| cli.file(to, fs::read(file(from)).unwrap());
    files.iter().fold(cli(args), copy)
}

const SOURCE_A: (&str, &str) = ("a/adapter_model.safetensors", "checkpoints/mpt/source-a/adapter_model.safetensors");

/// The config of a sound adapter, with changes.
fn config(changes: &[(&str, Value)]) -> String {
    let text = fs::read_to_string(file("checkpoints/mpt/source-a/adapter_config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    for (field, value) in changes {
        config[*field] = value.clone();
    }
    serde_json::to_string_pretty(&config).unwrap()
}

#[test]
fn a_sound_adapter_is_two_files_without_problems() {
    let run = with_files("check a", &[SOURCE_A]).file("a/adapter_config.json", config(&[]));
    assert_snapshot!(run.exits(0), @"
    --- stderr
    no problems in 2 files
    ");
}

#[test]
fn the_field_to_change_is_marked() {
    let run = with_files("check a", &[SOURCE_A])
        .file("a/adapter_config.json", config(&[("num_tasks", 5.into()), ("num_transformer_submodules", 2.into())]));
    assert_snapshot!(run.exits(1));
}

/// What the config does not give, PEFT takes all the same.
#[test]
fn a_size_that_is_not_given_is_not_the_configs() {
    let fields = r#"{"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 3,
  "base_model_name_or_path": "gpt2", "num_layers": 3, "num_attention_heads": 2, "token_dim": 32}"#;
    let run = with_files("check a", &[SOURCE_A]).file("a/adapter_config.json", fields);
    assert_snapshot!(run.exits(1));
}

#[test]
fn weights_are_a_file_of_their_own_in_json() {
    let broken = ("a/adapter_model.safetensors", "checkpoints/defective/mpt-missing-cols/adapter_model.safetensors");
    let text = with_files("check --format json a", &[broken]).file("a/adapter_config.json", config(&[])).prints(1);
    let output: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(output["files"][0]["path"], "a/adapter_config.json");
    assert_eq!(output["files"][0]["diagnostics"], Value::Array(Vec::new()));
    assert_eq!(output["files"][1]["path"], "a/adapter_model.safetensors");
    assert_eq!(output["files"][1]["diagnostics"][0]["code"], "missing-tensor");
    assert_eq!(output["files"][1]["diagnostics"][0]["span"], Value::Null);
    assert_eq!(output["summary"]["files"], 2);
}

#[test]
fn a_second_checkpoint_is_said_to_be_ignored() {
    let second = ("a/adapter_model.bin", "checkpoints/mpt/source-a-bin/adapter_model.bin");
    let run = with_files("check a", &[SOURCE_A, second]).file("a/adapter_config.json", config(&[]));
    assert_snapshot!(run.exits(0));
}

#[test]
fn a_checkpoint_alone_can_be_checked() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    assert_snapshot!(cli("check w.safetensors").file("w.safetensors", pointer).exits(1));
}

#[test]
fn a_source_is_looked_for_where_peft_looks() {
    let starts = [
        ("inference_mode", false.into()),
        ("num_tasks", 1.into()),
        ("prompt_tuning_init", "EXACT_SOURCE_TASK".into()),
        ("prompt_tuning_init_state_dict_path", "a/adapter_model.safetensors".into()),
        ("prompt_tuning_init_task", 3.into()),
    ];
    let from = |folder: &str| format!("{folder}adapter_config.json");
    let elsewhere = with_files("check sub", &[("sub/a/adapter_model.safetensors", SOURCE_A.1)]);
    assert_snapshot!(elsewhere.file(&from("sub/"), config(&starts)).exits(1));
    let missing = || cli("check").file("adapter_config.json", config(&starts[..4]));
    assert_snapshot!(missing().exits(0));
    assert!(missing().arg("--require-files").exits(1).contains("error[source-not-found]"));
    let beside = with_files("check --pedantic", &[SOURCE_A]).file("adapter_config.json", config(&starts[..4]));
    assert_snapshot!(beside.exits(0));
}

#[test]
fn a_base_model_is_compared_when_it_is_asked_for() {
    let model = ("gpt2-wide/config.json", "base_models/gpt2-wide/config.json");
    let run = |args: &str| with_files(args, &[SOURCE_A, model]).file("a/adapter_config.json", config(&[]));
    assert!(run("check a --base-model gpt2-wide").exits(1).contains("error[base-model-mismatch]: `token_dim` is 32"));
    assert!(run("check a --base-model nowhere").exits(2).contains("nowhere: no such file or folder"));
    let named = config(&[("base_model_name_or_path", "gpt2-wide".into())]);
    let run = with_files("check a", &[SOURCE_A, model]).file("a/adapter_config.json", named);
    assert!(run.exits(0).contains("warning[base-model-mismatch]"));
}

#[test]
fn a_base_model_may_hold_numbers_that_only_python_reads() {
    let model = r#"{"model_type": "mamba2", "hidden_size": 32, "time_step_limit": [0.0, Infinity, 1e400, NaN]}"#;
    let run = with_files("check a --base-model mamba", &[SOURCE_A]).file("a/adapter_config.json", config(&[]));
    let printed = run.file("mamba/config.json", model).exits(0);
    assert!(!printed.contains("unreadable-base-model"), "{printed}");
}

#[cfg(unix)]
#[test]
fn devices_are_not_read() {
    let run = with_files("check a --base-model /dev/zero", &[SOURCE_A]).file("a/adapter_config.json", config(&[]));
    assert_snapshot!(run.exits(2), @r"
    --- stderr
    error: /dev/zero: this is a device, not a file; give a file, or `-` for standard input
    no problems in 2 files
    ");
}

#[test]
fn a_source_of_a_type_without_mean_is_an_error() {
    let starts = [
        ("inference_mode", false.into()),
        ("num_tasks", 1.into()),
        ("prompt_tuning_init", "AVERAGE_SOURCE_TASKS".into()),
        ("prompt_tuning_init_state_dict_path", "a/adapter_model.safetensors".into()),
    ];
    let eight_bits =
        ("a/adapter_model.safetensors", "checkpoints/defective/mpt-dtype-float8-e4m3fn/adapter_model.safetensors");
    let check = |code, mode: &str| {
        let mut starts = starts.clone();
        starts[2].1 = mode.into();
        with_files("check peft.json", &[eight_bits]).file("peft.json", config(&starts)).exits(code)
    };
    assert!(check(1, "AVERAGE_SOURCE_TASKS").contains("torch has no mean of it"));
    assert!(check(0, "EXACT_SOURCE_TASK").contains("warning[unusual-dtype]"));
}

/// Every checkpoint of the corpus, sound, broken or hostile, values included. The limit holds the program itself, too.
#[cfg(target_os = "linux")]
#[test]
fn all_checkpoints_are_checked_within_64_mebibytes() {
    let run = format!(
        "ulimit -v {} && exec {} check --values --quiet --no-ignore checkpoints",
        64 << 10,
        env!("CARGO_BIN_EXE_peftspec")
    );
    let output = std::process::Command::new("sh").args(["-c", &run]).current_dir(file("")).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert_eq!(err, "");
    assert!(output.stdout.len() > 10_000);
}
