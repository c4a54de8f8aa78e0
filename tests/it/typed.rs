//! The typed configs: read, written, validated.

use crate::corpus::lines;
use peftspec::{
    Limits, Method, Source, Syntax,
    methods::{
        AdapterConfig, MultitaskPromptTuningConfig, MultitaskPromptTuningInit, PeftType, PromptTuningConfig, TaskType,
    },
    parse,
};
use serde::Deserialize;
use validator::Validate;

#[derive(Deserialize)]
struct Saved {
    path: String,
    text: String,
}

fn target() -> MultitaskPromptTuningConfig {
    MultitaskPromptTuningConfig {
        task_type: Some(TaskType::CausalLm),
        num_virtual_tokens: Some(20),
        num_ranks: 4,
        prompt_tuning_init: MultitaskPromptTuningInit::ExactSourceTask,
        prompt_tuning_init_state_dict_path: Some("source/adapter_model.safetensors".to_owned()),
        ..Default::default()
    }
}

#[test]
fn what_peft_saved_reads_into_the_type_and_is_written_back_byte_for_byte() {
    let mut counts = [0; 3];
    for Saved { path, text } in lines::<Saved>("saved_configs.jsonl") {
        let (document, _) = parse(Source::new(&*path, &*text), Syntax::Json, &Limits::default());
        let root = document.root.unwrap();
        let name = root.as_object().and_then(|object| object.get("peft_type")?.as_str());
        let method =
            name.and_then(PeftType::from_wire).and_then(Method::find).unwrap_or_else(|| panic!("{path}: {name:?}"));
        match method.rewrite(&root) {
            Ok(written) if written == text => counts[0] += 1,
            // Keys that are too many or too few, and values of another type, were put there on purpose.
            Ok(_) => {
                assert!(path.starts_with("defective/"), "{path} is written back otherwise");
                counts[1] += 1;
            }
            Err(error) => {
                assert!(path.starts_with("defective/"), "{path}: {error}");
                counts[2] += 1;
            }
        }
    }
    println!("{} identical, {} with other keys, {} refused", counts[0], counts[1], counts[2]);
    assert_eq!(counts, [383, 4, 4]);
}

#[test]
fn a_config_survives_every_format() {
    for config in [MultitaskPromptTuningConfig::default(), target()] {
        assert_eq!(MultitaskPromptTuningConfig::from_json(&config.to_json()), Ok(config.clone()));
        assert_eq!(MultitaskPromptTuningConfig::from_yaml(&config.to_yaml()), Ok(config.clone()));
        // TOML has no null; what is left out has its default, and `prompt_tuning_init_task` alone defaults to something else.
        assert_eq!(MultitaskPromptTuningConfig::from_toml(&config.to_toml()), Ok(config));
    }
}

#[test]
fn validate_names_the_field_to_change_and_the_rule() {
    assert!(target().validate().is_ok());
    let broken = MultitaskPromptTuningConfig {
        num_virtual_tokens: Some(0),
        num_tasks: 3,
        prompt_tuning_init_task: Some(3),
        prompt_tuning_init_state_dict_path: None,
        ..target()
    };
    let errors = broken.validate().unwrap_err();
    let mut codes: Vec<(String, String)> = errors
        .field_errors()
        .into_iter()
        .flat_map(|(field, errors)| errors.iter().map(move |error| (field.to_string(), error.code.to_string())))
        .collect();
    codes.sort();
    let expected = [
        ("num_virtual_tokens", "range"),
        ("prompt_tuning_init_state_dict_path", "source-init-without-path"),
        ("prompt_tuning_init_task", "task-out-of-range"),
    ];
    assert_eq!(codes, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    assert!(Validate::validate(&broken).is_err(), "the trait refuses it too");
}

#[test]
fn warnings_are_findings_and_no_reason_to_refuse() {
    let config = MultitaskPromptTuningConfig { num_tasks: 3, ..target() };
    assert!(config.validate().is_ok());
    let codes: Vec<&str> = config.findings().iter().map(|found| found.code).collect();
    assert_eq!(codes, ["source-init-with-many-tasks"]);
}

#[test]
fn a_config_of_another_method_is_refused() {
    let config = MultitaskPromptTuningConfig { peft_type: PeftType::Lora, ..target() };
    assert!(config.validate().unwrap_err().field_errors().contains_key("peft_type"));
}

#[test]
fn reading_says_what_does_not_fit_and_where() {
    let error = MultitaskPromptTuningConfig::from_json("{\"num_tasks\": \"3\"}").unwrap_err();
    assert_eq!((error.pointer.as_str(), error.span.unwrap().start), ("/num_tasks", 14));
    assert_eq!(error.to_string(), "`num_tasks`: expected an integer of at least 1");
    assert_eq!(PromptTuningConfig::from_json("{'a': 1}").unwrap_err().to_string(), "the string is in single quotes");
    assert_eq!(PromptTuningConfig::from_yaml("").unwrap_err().to_string(), "the text is empty");
    assert!(PromptTuningConfig::from_json("{\"num_virtual_tokens\": 8.0}").is_err());
}
