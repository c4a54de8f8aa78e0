//! What is said of releases, on the recorded configs: by `compat` and `check --peft` alike, and kept by `downgrade`.

use crate::common::cli;
use crate::corpus::{Case, lines};
use peftspec::{
    CheckOptions, Compatibility, Diagnostic, Document, METHODS, Method, NEWEST, Node, Object, Reason, Release, Report,
    Severity, Source, Syntax, UnknownKeys, Verdict, check, compatibility, downgrade, parse, write_json,
};
use std::collections::{BTreeMap, BTreeSet};

/// The configs of modelled methods, each with its text.
fn configs() -> Vec<(String, Object, &'static Method)> {
    let mut configs = Vec::new();
    for case in lines::<Case>("configs.jsonl") {
        let Some(text) = case.config() else { continue };
        let Some(object) = object(text) else { continue };
        let method = METHODS
            .iter()
            .find(|method| object.get("peft_type").and_then(Node::as_str) == Some(method.peft_type.as_str()));
        if let Some(method) = method {
            configs.push((text.to_owned(), object, *method));
        }
    }
    assert!(configs.len() >= 390);
    configs
}

fn object(text: &str) -> Option<Object> {
    let (Document { root, .. }, _) = parse(Source::new("", text), Syntax::Json, &peftspec::Limits::default());
    root?.as_object().cloned()
}

fn checked(text: &str, release: Release) -> Report {
    check(Source::new("", text), Syntax::Json, CheckOptions { release, ..CheckOptions::default() })
}

fn row(rows: &[Compatibility], release: Release) -> &Compatibility {
    rows.iter().find(|row| row.first <= release && release <= row.last).unwrap()
}

/// The fields whose values a report refuses as unknown, those inside nested configs aside.
fn refused_values<'a>(report: &'a Report, method: &'a Method) -> impl Iterator<Item = &'a str> {
    let is_refused = |found: &&Diagnostic| found.code == "unknown-value" && found.severity == Severity::Error;
    let refused = report.diagnostics.iter().filter(is_refused);
    refused.filter_map(|found| Some(&*method.field(found.pointer.strip_prefix('/')?)?.name))
}

#[test]
fn check_and_compat_refuse_alike() {
    let mut counts = BTreeMap::<_, usize>::new();
    for (text, config, method) in configs() {
        let rows = compatibility(&config).unwrap();
        // Of a value that no release knows, `compat` says nothing: that is no matter of the release.
        let newest = checked(&text, NEWEST);
        let misspelt: BTreeSet<&str> = refused_values(&newest, method).collect();
        // Both ends of every range: there a mistake would show.
        let ends: BTreeSet<Release> = rows.iter().flat_map(|row| [row.first, row.last]).collect();
        for release in ends {
            let report = checked(&text, release);
            let errors = report.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            let errors: BTreeSet<&str> = errors.map(|found| found.code).collect();
            // Rules that read a wrong value are left out by `check`; `compat` leaves types and ranges to PEFT, which has no say.
            let about_values = ["wrong-type", "out-of-range", "unknown-value", "refused-key"];
            let are_rules_comparable = !about_values.iter().any(|code| errors.contains(code));
            let is_compared = |code: &&str| match *code {
                "unknown-peft-type" | "unknown-field" | "missing-default" => true,
                "reserved-key" => false,
                _ => are_rules_comparable,
            };
            let errors: BTreeSet<&str> = errors.into_iter().filter(is_compared).collect();
            let row = row(&rows, release);
            let refusals = row.reasons.iter().filter(|reason| reason.verdict() == Verdict::Fails);
            let codes = refusals.clone().map(|reason| match reason {
                Reason::NoMethod { .. } => "unknown-peft-type",
                Reason::KeysRefused { .. } => "unknown-field",
                Reason::OtherDefault { .. } => "missing-default",
                other => other.code(),
            });
            let codes: BTreeSet<&str> = codes.filter(is_compared).collect();
            assert_eq!(errors, codes, "{release}: {text}");
            let unknown_values = refusals.filter(|reason| matches!(reason, Reason::UnknownValue { .. }));
            let unknown_values: BTreeSet<&str> = unknown_values.flat_map(Reason::keys).collect();
            let is_known = |name: &&str| !misspelt.contains(*name) && *name != "peft_type";
            let refused_values: BTreeSet<&str> = refused_values(&report, method).filter(is_known).collect();
            let unknown_values: BTreeSet<&str> = unknown_values.into_iter().filter(is_known).collect();
            assert_eq!(refused_values, unknown_values, "{release}: {text}");
            *counts.entry(are_rules_comparable).or_default() += 1;
        }
    }
    println!("rules compared, too: {counts:?}");
    assert!(counts[&true] > 2000, "{counts:?}");
}

/// What a release, or a method, does not have saves no config from its rules.
#[test]
fn keys_that_are_not_seen_set_nothing() {
    let lora = r#"{"peft_type": "LORA", "target_modules": [], "target_parameters": ["a.b"], "lora_alpha": 8, "lora_dropout": 0.1}"#;
    let ia3 = r#"{"peft_type": "IA3", "target_modules": [], "feedforward_modules": [], "target_parameters": ["a.b"]}"#;
    for (config, release, is_refused) in [
        (lora, "0.5.0", true),
        (lora, "0.15.2", true),
        (lora, "0.17.0", false),
        (lora, "0.21.2", false),
        (ia3, "0.5.0", true),
        (ia3, "0.21.2", true),
    ] {
        let release: Release = release.parse().unwrap();
        let found = checked(config, release).diagnostics.iter().any(|found| found.code == "no-targets");
        let rows = compatibility(&object(config).unwrap()).unwrap();
        let told = row(&rows, release).reasons.iter().any(|reason| reason.code() == "no-targets");
        assert_eq!((found, told), (is_refused, is_refused), "{release}: {config}");
    }
}

/// What a config means to the newest release: each field's value, given or not.
fn meaning(config: &Object, method: &Method) -> BTreeMap<String, String> {
    let fields = method.fields().iter().filter(|field| field.lifetime.contains(NEWEST));
    fields
        .map(|field| {
            let value = config.get(&field.name).or_else(|| method.defaults().get(&field.name));
            (field.name.clone(), value.map(write_json).unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_downgraded_config_has_only_keys_of_the_release_and_loads() {
    let mut counts = BTreeMap::<_, usize>::new();
    for (text, config, method) in configs() {
        for release in Release::all() {
            let down = downgrade(&config, release).unwrap();
            let has_method = method.peft_type.lifetime().contains(release);
            let Some(written) = down.config.as_object().filter(|_| has_method) else {
                assert!(!down.obstacles.is_empty(), "{release}: {text}");
                *counts.entry("no such method").or_default() += 1;
                continue;
            };
            for (key, _) in written.effective() {
                let field = method.field(key).unwrap_or_else(|| panic!("{release}: {key} of {text}"));
                assert!(field.lifetime.contains(release), "{release} has no {key}: {text}");
            }
            // Nothing is left to warn about but what is named.
            let again = downgrade(written, release).unwrap();
            assert_eq!(again.obstacles, down.obstacles, "{release}: {text}");
            assert!(
                again.dropped.is_empty() && again.lost.is_empty() && again.added.is_empty(),
                "{release}: {again:?}"
            );
            // The second time changes nothing.
            assert_eq!(write_json(&again.config), write_json(&down.config), "{release}: {text}");
            *counts.entry(if down.lost.is_empty() { "kept" } else { "lost" }).or_default() += 1;
        }
    }
    println!("{counts:?}");
    assert!(counts["kept"] > 1000 && counts["lost"] > 1000, "{counts:?}");
}

#[test]
fn down_and_up_again_keeps_the_meaning() {
    let mut kept = 0;
    for (text, config, method) in configs() {
        for release in Release::all().filter(|release| method.peft_type.lifetime().contains(*release)) {
            let down = downgrade(&config, release).unwrap();
            let lost: BTreeSet<&str> = down.lost.iter().map(|loss| loss.key.as_str()).collect();
            let (before, after) = (meaning(&config, method), meaning(down.config.as_object().unwrap(), method));
            for (name, value) in &before {
                let is_stamp = name == "peft_version" && down.dropped.contains(name);
                let is_null = value == "null" && down.dropped.contains(name);
                if !lost.contains(&**name) && !is_stamp && !is_null {
                    assert_eq!(Some(value), after.get(name), "{name} in {release}: {text}");
                    kept += 1;
                }
            }
        }
    }
    println!("{kept} values kept");
}

#[test]
fn releases_that_refuse_unknown_keys_get_none() {
    let config =
        object(r#"{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "peft_version": "0.21.2"}"#).unwrap();
    let rows = compatibility(&config).unwrap();
    for release in Release::all() {
        let verdict = row(&rows, release).verdict;
        let expected = match release.unknown_keys() {
            _ if release >= Release::new(0, 18, 0) => Verdict::Loads,
            UnknownKeys::Refused => Verdict::Fails,
            UnknownKeys::ResetMethod => Verdict::LoadsWrongly,
            _ => Verdict::DropsKeys,
        };
        assert_eq!(verdict, expected, "{release}");
    }
}

const TRAINED: &str = r#"{
  "auto_mapping": null, "base_model_name_or_path": "bigscience/mt0-small", "inference_mode": true, "modules_to_save": null,
  "num_ranks": 1, "num_tasks": 1, "num_virtual_tokens": 16, "peft_type": "MULTITASK_PROMPT_TUNING", "peft_version": "0.19.1",
  "prompt_tuning_init": "RANDOM", "revision": null, "task_type": "SEQ_CLS", "tokenizer_kwargs": null
}"#;

#[test]
fn compat_tells_the_ranges_and_the_reasons() {
    insta::assert_snapshot!(cli("compat adapter_config.json").file("adapter_config.json", TRAINED).prints(0), @"
    PEFT             VERDICT        WHY
    0.18.0 - 0.21.2  loads
    0.17.0 - 0.17.1  drops keys     leaves out `peft_version`, which changes nothing
    0.15.2 - 0.16.0  loads wrongly  PEFT 0.15.2 and 0.16.0 neither save nor load the head of a
                                      SEQ_CLS model with a learned prompt
                                    leaves out `modules_to_save` and `peft_version`, which changes
                                      nothing
    0.15.0 - 0.15.1  fails          PEFT 0.15.0 and 0.15.1 cannot build a model with a learned
                                      prompt for SEQ_CLS
                                    leaves out `modules_to_save` and `peft_version`, which changes
                                      nothing
    0.14.0           loads wrongly  PeftConfig.from_pretrained does not know `modules_to_save` and
                                      `peft_version` and therefore forgets `num_virtual_tokens`;
                                      PeftModel.from_pretrained does not
                                    leaves out `modules_to_save` and `peft_version`, which changes
                                      nothing
    0.13.0 - 0.13.2  fails          stops with a TypeError at `modules_to_save` and `peft_version`
                                    PEFT 0.13 cannot build a model with a learned prompt for SEQ_CLS
    0.7.0 - 0.12.0   fails          stops with a TypeError at `modules_to_save` and `peft_version`
    0.6.0 - 0.6.2    fails          stops with a TypeError at `modules_to_save`, `peft_version` and
                                      `tokenizer_kwargs`
    0.3.0 - 0.5.0    fails          MULTITASK_PROMPT_TUNING came with 0.6.0
    ");
    let json = cli("compat adapter --json").file("adapter/adapter_config.json", TRAINED).prints(0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["releases"][0]["last"], "0.21.2");
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["releases"][1]).unwrap(), @r#"
    {
      "first": "0.17.0",
      "last": "0.17.1",
      "verdict": "drops keys",
      "reasons": [
        {
          "code": "keys-dropped",
          "verdict": "drops keys",
          "keys": [
            "peft_version"
          ],
          "message": "leaves out `peft_version`, which changes nothing"
        }
      ]
    }
    "#);
}

#[test]
fn compat_tells_what_is_no_config_as_check_does() {
    insta::assert_snapshot!(cli("compat -").input("{\"num_virtual_tokens\": 8}").exits(1), @r#"
    --- stdout
    error[missing-peft-type]: the config has no `peft_type`
     --> adapter_config.json:1:1
      |
    1 | {"num_virtual_tokens": 8}
      | ^ which method is it for?
      |
      = note: PEFT cannot tell how to load it, and stops with a `KeyError` or `TypeError`
      = help: peftspec explain missing-peft-type
    "#);
    insta::assert_snapshot!(cli("compat missing").exits(2), @"
    --- stderr
    error: missing: no such file or folder; is it spelt right?
    ");
    insta::assert_snapshot!(cli("compat -").input("{\"peft_type\": \"BONE\"}").exits(0), @"
    --- stdout
    PEFT             VERDICT  WHY
    0.19.0 - 0.21.2  fails    BONE is in PEFT 0.14.0 to 0.18.1 only
    0.14.0 - 0.18.1  loads
    0.3.0 - 0.13.2   fails    BONE is in PEFT 0.14.0 to 0.18.1 only
    --- stderr
    of BONE only the fields that all methods share were looked at
    ");
}

#[test]
fn downgrade_writes_what_the_release_accepts() {
    let run = |args: &str| cli(args).file("adapter_config.json", TRAINED);
    insta::assert_snapshot!(run("downgrade . --to 0.12.0").exits(0), @r#"
    --- stdout
    {
      "auto_mapping": null,
      "base_model_name_or_path": "bigscience/mt0-small",
      "inference_mode": true,
      "num_ranks": 1,
      "num_tasks": 1,
      "num_virtual_tokens": 16,
      "peft_type": "MULTITASK_PROMPT_TUNING",
      "prompt_tuning_init": "RANDOM",
      "revision": null,
      "task_type": "SEQ_CLS",
      "tokenizer_kwargs": null
    }--- stderr
    left out, which changes nothing: modules_to_save, peft_version
    "#);
    insta::assert_snapshot!(run("downgrade . --to 0.13.0").exits(1), @"
    --- stderr
    error: PEFT 0.13.0 cannot use this config: PEFT 0.13 cannot build a model with a learned prompt for SEQ_CLS
    ");
    insta::assert_snapshot!(run("downgrade . --to 0.5").exits(1), @"
    --- stderr
    error: PEFT 0.5.0 cannot use this config: MULTITASK_PROMPT_TUNING came with 0.6.0
    ");
}

#[test]
fn downgrade_refuses_to_lose_a_setting() {
    let run = |args: &str| {
        let config = r#"{"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "modules_to_save": ["lm_head"],
            "prompt_tuning_init": "SAMPLE_VOCAB", "added_later": 1}"#;
        cli(args).file("a.json", config)
    };
    insta::assert_snapshot!(run("downgrade a.json --to 0.10").exits(1), @r#"
    --- stderr
    error: `modules_to_save` would be lost: it is ["lm_head"], and the key came with PEFT 0.17.0
    error: `prompt_tuning_init` would be lost: it is "SAMPLE_VOCAB", and the value came with PEFT 0.18.0
    error: `added_later` would be lost: it is 1, and peftspec does not know the key
    nothing was written; --force leaves out what would be lost
    "#);
    insta::assert_snapshot!(run("downgrade a.json --to 0.10 --force").exits(0), @r#"
    --- stdout
    {
      "num_virtual_tokens": 8,
      "peft_type": "PROMPT_TUNING",
      "task_type": "CAUSAL_LM"
    }--- stderr
    warning: `modules_to_save` is lost: it is ["lm_head"], and the key came with PEFT 0.17.0
    warning: `prompt_tuning_init` is lost: it is "SAMPLE_VOCAB", and the value came with PEFT 0.18.0
    warning: `added_later` is lost: it is 1, and peftspec does not know the key
    "#);
}

#[test]
fn downgrade_writes_files_whole_and_over_nothing() {
    let run = |args: &str, existing: Option<&str>| {
        let run = cli(args).file("a.json", TRAINED);
        if let Some(text) = existing { run.file("b.json", text) } else { run }
    };
    insta::assert_snapshot!(run("downgrade a.json --to 0.12.0 --output b.json", Some("mine")).exits(2), @"
    --- stderr
    left out, which changes nothing: modules_to_save, peft_version
    error: b.json: this file is already there; --overwrite overwrites it
    ");
    insta::assert_snapshot!(run("downgrade a.json --to 0.12.0 --output b.json --overwrite", Some("mine")).exits(0), @"
    --- stderr
    left out, which changes nothing: modules_to_save, peft_version
    wrote b.json
    ");
    insta::assert_snapshot!(run("downgrade a.json --to 0.12.0 --output missing/b.json", None).exits(2), @"
    --- stderr
    left out, which changes nothing: modules_to_save, peft_version
    error: missing/b.json: no such file or folder; is it spelt right?
    ");
}

#[test]
fn the_readme_shows_what_compat_prints() {
    let readme = include_str!("../../README.md");
    let example = include_str!("../../examples/average-source-tasks/adapter_config.json");
    let printed = cli("compat adapter").file("adapter/adapter_config.json", example).prints(0);
    assert!(readme.contains(&printed), "{printed}");
}

/// What `check --peft` prints for a config.
fn checked_for(release: &str, config: &str, code: i32) -> String {
    cli("check - --peft").arg(release).input(config).prints(code)
}

#[test]
fn check_speaks_of_the_release() {
    let trained =
        r#"{"peft_type": "IA3", "target_modules": ["k"], "feedforward_modules": [], "peft_version": "0.21.2"}"#;
    insta::assert_snapshot!(checked_for("0.3.0", trained, 1), @r#"
    error[unknown-peft-type]: PEFT 0.3.0 has no method `IA3`
     --> adapter_config.json:1:15
      |
    1 | {"peft_type": "IA3", "target_modules": ["k"], "feedforward_modules": [], "peft_version": "0.21.2"}
      |               ^^^^^ not a value of `PeftType`
      |
      = note: PEFT stops with `KeyError: 'IA3'`
      = note: `IA3` came with PEFT 0.4.0
      = help: peftspec explain unknown-peft-type
    "#);
    insta::assert_snapshot!(checked_for("0.5.0", trained, 0), @r#"
    warning[unknown-field]: IA3 in PEFT 0.5.0 has no field `peft_version`
     --> adapter_config.json:1:74
      |
    1 | {"peft_type": "IA3", "target_modules": ["k"], "feedforward_modules": [], "peft_version": "0.21.2"}
      |                                                                          ^^^^^^^^^^^^^^ PEFT ignores it without a word
      |
      = note: `peft_version` came with PEFT 0.18.0
      = help: peftspec explain unknown-field
    "#);
    insta::assert_snapshot!(checked_for("0.10.0", trained, 1), @r#"
    error[unknown-field]: IA3 in PEFT 0.10.0 has no field `peft_version`
     --> adapter_config.json:1:74
      |
    1 | {"peft_type": "IA3", "target_modules": ["k"], "feedforward_modules": [], "peft_version": "0.21.2"}
      |                                                                          ^^^^^^^^^^^^^^ PEFT 0.10.0 stops here
      |
      = note: `peft_version` came with PEFT 0.18.0
      = note: PEFT stops with `TypeError: __init__() got an unexpected keyword argument 'peft_version'`
      = help: peftspec explain unknown-field
    "#);
    insta::assert_snapshot!(checked_for("0.14.0", trained, 0), @r#"
    warning[unknown-field]: IA3 in PEFT 0.14.0 has no field `peft_version`
     --> adapter_config.json:1:74
      |
    1 | {"peft_type": "IA3", "target_modules": ["k"], "feedforward_modules": [], "peft_version": "0.21.2"}
      |                                                                          ^^^^^^^^^^^^^^ PEFT warns, and drops it and more
      |
      = note: `peft_version` came with PEFT 0.18.0
      = note: because of it, `PeftConfig.from_pretrained` of 0.14.0 resets all fields of the method to their defaults; `PeftModel.from_pretrained` drops this key only
      = help: peftspec explain unknown-field
    "#);
    assert_eq!(checked_for("0.18.0", trained, 0), "");
}

#[test]
fn before_the_first_release_that_refuses_an_error_is_a_warning() {
    let config = r#"{"peft_type": "LORA", "target_modules": ".*q", "layers_to_transform": [0]}"#;
    insta::assert_snapshot!(checked_for("0.5.0", config, 0), @r#"
    warning[layers-with-target-regex]: `layers_to_transform` goes with a list of target modules only
     --> adapter_config.json:1:71
      |
    1 | {"peft_type": "LORA", "target_modules": ".*q", "layers_to_transform": [0]}
      |                                         ----- a string                ^^^ name the layers in the regular expression instead
      |
      = note: PEFT 0.5.0 does not look; 0.6.0 and newer refuse it
      = help: peftspec explain layers-with-target-regex
    "#);
    insta::assert_snapshot!(checked_for("0.6.0", config, 1), @r#"
    error[layers-with-target-regex]: `layers_to_transform` goes with a list of target modules only
     --> adapter_config.json:1:71
      |
    1 | {"peft_type": "LORA", "target_modules": ".*q", "layers_to_transform": [0]}
      |                                         ----- a string                ^^^ name the layers in the regular expression instead
      |
      = note: PEFT stops with `ValueError: layers_to_transform cannot be used when target_modules is a str.`
      = help: peftspec explain layers-with-target-regex
    "#);
    let unknown = r#"{"peft_type": "LORA", "target_modules": ["q"], "task_type": "CHAT"}"#;
    insta::assert_snapshot!(checked_for("0.13.2", unknown, 0), @r#"
    warning[unknown-value]: `task_type` has no value `CHAT`
     --> adapter_config.json:1:61
      |
    1 | {"peft_type": "LORA", "target_modules": ["q"], "task_type": "CHAT"}
      |                                                             ^^^^^^ expected one of SEQ_CLS, SEQ_2_SEQ_LM, CAUSAL_LM, TOKEN_CLS, QUESTION_ANS, FEATURE_EXTRACTION or null
      |
      = note: PEFT 0.13.2 does not look; 0.14.0 and newer refuse it
      = help: peftspec explain unknown-value
    "#);
}

#[test]
fn what_the_writer_of_a_config_meant_is_told() {
    let old = r#"{"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.3.0"}"#;
    insta::assert_snapshot!(checked_for("0.21.2", old, 0), @r#"
    warning[changed-default]: `lora_alpha` is left out, which means 8 in PEFT 0.21.2, but null in 0.3.0
     --> adapter_config.json:1:64
      |
    1 | {"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.3.0"}
      |                                                                ^^^^^^^ wrote the config
      |
      = help: peftspec explain changed-default

    warning[changed-default]: `lora_dropout` is left out, which means 0.0 in PEFT 0.21.2, but null in 0.3.0
     --> adapter_config.json:1:64
      |
    1 | {"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.3.0"}
      |                                                                ^^^^^^^ wrote the config
      |
      = help: peftspec explain changed-default
    "#);
    let new = r#"{"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.99.0.dev0@abc"}"#;
    insta::assert_snapshot!(cli("check - --pedantic").input(new).prints(0), @r#"
    info[newer-peft]: PEFT 0.99.0, which wrote the config, is newer than all that peftspec knows
     --> adapter_config.json:1:64
      |
    1 | {"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.99.0.dev0@abc"}
      |                                                                ^^^^^^^^^^^^^^^^^ the newest known is 0.21.2
      |
      = help: peftspec explain newer-peft
    "#);
    let refused = r#"{"peft_type": "LORA", "target_modules": ["q"], "peft_version": "0.20.0",
        "use_bdlora": {"target_modules_bd_a": ["q"], "target_modules_bd_b": ["q"]}}"#;
    insta::assert_snapshot!(checked_for("0.21.2", refused, 1), @r#"
    error[block-diagonal-twice]: `q` is in `target_modules_bd_a` and in `target_modules_bd_b`
     --> adapter_config.json:2:48
      |
    2 |         "use_bdlora": {"target_modules_bd_a": ["q"], "target_modules_bd_b": ["q"]}}
      |                                                ^^^                          ----- here too
      |                                                |
      |                                                may be in one of them only
      |
      = note: PEFT stops with `ValueError: Found overlapping modules in target_modules_bd lists`
      = note: PEFT 0.20.0, which wrote the config, does not look: the check came with PEFT 0.21.0
      = help: peftspec explain block-diagonal-twice
    "#);
}

#[test]
fn releases_that_do_not_exist_are_refused() {
    for (release, words) in
        [("0.9.5", "the nearest are 0.9.0 and 0.10.0"), ("1.0", "the nearest is 0.21.2"), ("x", "0.9")]
    {
        let told = cli("check --peft").arg(release).exits(2);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn values_with_a_form_have_releases_too() {
    let verdicts = |start: &str| {
        let config = format!(r#"{{"peft_type": "LORA", "target_modules": ["q"], "init_lora_weights": "{start}"}}"#);
        let rows = compatibility(&object(&config).unwrap()).unwrap();
        let kept = rows.iter().filter(|row| row.verdict == Verdict::Loads).map(|row| row.first).min();
        kept.unwrap().to_string()
    };
    assert_eq!(verdicts("pissa_niter_4"), "0.11.0");
    assert_eq!(verdicts("Gaussian"), "0.7.0");
    assert_eq!(verdicts("mica"), "0.20.0");
    assert_eq!(
        checked_for(
            "0.11.0",
            r#"{"peft_type": "LORA", "target_modules": ["q"], "init_lora_weights": "pissa_niter_4"}"#,
            0
        ),
        ""
    );
    let before = checked_for(
        "0.10.0",
        r#"{"peft_type": "LORA", "target_modules": ["q"], "init_lora_weights": "pissa_niter_4"}"#,
        1,
    );
    assert!(before.contains("`pissa_niter_4` came with PEFT 0.11.0"), "{before}");
}

/// What PEFT 0.3.0 to 0.14.0 said when models were built from these.
#[test]
fn old_releases_make_of_values_what_they_really_did() {
    use Verdict::{Fails, Loads, LoadsWrongly};
    let lora = |rest: &str| format!(r#"{{"peft_type": "LORA", "lora_alpha": 8, "lora_dropout": 0.0, {rest}}}"#);
    let start = |name: &str| lora(&format!(r#""target_modules": ["q"], "init_lora_weights": "{name}""#));
    let without = |rest: &str| format!(r#"{{"peft_type": "LORA", "target_modules": ["q"]{rest}}}"#);
    let adalora = r#"{"peft_type": "ADALORA", "total_step": 9, "target_modules": ["q"], "init_lora_weights": "olora"}"#;
    let cases: [(String, &[(&str, Verdict)]); 10] = [
        (start("olora"), &[("0.5.0", LoadsWrongly), ("0.6.2", LoadsWrongly), ("0.7.1", Fails), ("0.10.0", Fails)]),
        (start("OLoRA"), &[("0.6.2", LoadsWrongly), ("0.7.1", Fails), ("0.14.0", Loads)]),
        (start("pissa_niter_16"), &[("0.6.2", LoadsWrongly), ("0.7.1", Fails), ("0.10.0", Fails), ("0.14.0", Loads)]),
        (start("corda"), &[("0.10.0", Fails), ("0.14.0", Fails)]),
        (start("GAUSSIAN"), &[("0.6.2", LoadsWrongly), ("0.7.1", Loads)]),
        (adalora.to_owned(), &[("0.7.1", LoadsWrongly), ("0.10.0", LoadsWrongly), ("0.14.0", Loads)]),
        (lora(r#""target_modules": "all-linear""#), &[("0.3.0", Fails), ("0.7.1", Fails), ("0.8.0", Loads)]),
        (lora(r#""target_modules": "ALL-Linear""#), &[("0.6.2", Fails), ("0.10.0", Loads)]),
        (without(r#", "lora_dropout": 0.0"#), &[("0.3.0", Fails), ("0.5.0", Loads)]),
        (without(r#", "lora_alpha": 8"#), &[("0.3.0", Fails), ("0.5.0", Loads)]),
    ];
    for (config, expected) in cases {
        let rows = compatibility(&object(&config).unwrap()).unwrap();
        for (release, verdict) in expected {
            assert_eq!(row(&rows, release.parse().unwrap()).verdict, *verdict, "{release}: {config}");
        }
    }
}

#[test]
fn a_text_that_an_old_release_takes_for_true_is_a_warning() {
    let config = r#"{"peft_type": "LORA", "target_modules": ["q"], "init_lora_weights": "olora"}"#;
    let told = checked_for("0.6.2", config, 0);
    assert!(told.starts_with("warning[unknown-value]"), "{told}");
    assert!(told.contains("PEFT 0.6.2 does not look; 0.7.0 and newer refuse it"), "{told}");
}

#[test]
fn a_value_that_no_release_refuses_is_a_warning_in_those_that_do_not_know_it() {
    let config = r#"{"peft_type": "ADALORA", "total_step": 9, "target_modules": ["q"], "init_lora_weights": "olora"}"#;
    let told = checked_for("0.10.0", config, 0);
    assert!(told.contains("PEFT 0.10.0 does not look, and takes it for something else"), "{told}");
    let config = r#"{"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "SAMPLE_VOCAB"}"#;
    let told = checked_for("0.17.0", config, 0);
    assert!(told.starts_with("warning[unknown-value]"), "{told}");
    // What no release knows is misspelt.
    assert!(checked_for("0.17.0", &config.replace("SAMPLE", "SIMPLE"), 1).starts_with("error[unknown-value]"));
}

#[test]
fn names_and_variants_are_judged_as_the_release_does() {
    let saved =
        r#"{"peft_type": "IA3", "target_modules": ["q"], "feedforward_modules": [], "modules_to_save": ["(x"]}"#;
    assert!(checked_for("0.16.0", saved, 1).contains("error[name-to-save-not-a-regex]"));
    assert!(checked_for("0.15.2", saved, 0).contains("warning[name-to-save-not-a-regex]"));
    let variants = r#"{"peft_type": "LORA", "target_modules": ["q"], "use_dora": true, "use_bdlora": {"nblocks": 2}}"#;
    assert!(!checked_for("0.18.0", variants, 0).contains("variants-"));
    assert!(checked_for("0.19.0", variants, 0).contains("of the variants that `use_bdlora` and `use_dora` ask for"));
}

#[test]
fn without_a_default_the_field_must_be_given() {
    let config = r#"{"peft_type": "LORA", "target_modules": ["q"], "lora_dropout": 0.1}"#;
    insta::assert_snapshot!(checked_for("0.3.0", config, 1), @r#"
    error[missing-default]: `lora_alpha` is left out, and PEFT 0.3.0 has no default for it
     --> adapter_config.json:1:15
      |
    1 | {"peft_type": "LORA", "target_modules": ["q"], "lora_dropout": 0.1}
      |               ^^^^^^ `lora_alpha` is not given
      |
      = note: PEFT 0.3.0 takes null for it, and stops with a `TypeError`
      = note: `"lora_alpha": 8` is what newer releases take
      = help: peftspec explain missing-default
    "#);
    assert_eq!(checked_for("0.4.0", config, 0), "");
}

#[test]
fn all_linear_came_with_a_release() {
    let config = r#"{"peft_type": "LORA", "target_modules": "all-linear"}"#;
    let told = checked_for("0.7.1", config, 1);
    assert!(told.starts_with("error[all-linear-unknown]"), "{told}");
    assert_eq!(checked_for("0.8.0", config, 0), "");
    let told = cli("downgrade - --to 0.7.0").input(config).exits(1);
    assert!(told.contains("all-linear"), "{told}");
}

#[test]
fn of_a_method_that_is_not_modelled_every_own_key_is_reset() {
    let config = r#"{"peft_type": "BOFT", "boft_block_size": 4, "target_modules": ["q"], "bias": null, "peft_version": "0.18.0"}"#;
    let rows = compatibility(&object(config).unwrap()).unwrap();
    let row = row(&rows, Release::new(0, 14, 0));
    assert_eq!(row.verdict, Verdict::LoadsWrongly);
    assert!(
        matches!(row.reasons.as_slice(), [Reason::MethodReset { reset, .. }, ..] if reset == &["boft_block_size", "target_modules"]),
        "{row:?}"
    );
}
