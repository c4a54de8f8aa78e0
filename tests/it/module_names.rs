//! Adapters of modules whose names and shapes are unusual, as PEFT 0.21.2 saves them, and what is said of those that it does not.

use crate::common::{Cli, cli};

/// A safetensors file of zeros.
fn safetensors(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let mut end = 0;
    let entries = tensors.iter().map(|(name, shape)| {
        let start = end;
        end += shape.iter().product::<usize>() * 4;
        format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#)
    });
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    let length = u64::try_from(header.len()).unwrap().to_le_bytes();
    [length.as_slice(), header.as_bytes(), &vec![0; end]].concat()
}

/// A check of a LoRA adapter with these fields and tensors.
fn lora(fields: &str, tensors: &[(&str, &[usize])]) -> Cli {
    let config = format!(r#"{{"peft_type": "LORA", "base_model_name_or_path": "model", "r": 4, {fields}}}"#);
    cli("check").file("adapter_config.json", config).file("adapter_model.safetensors", safetensors(tensors))
}

const Q_PROJ: [(&str, &[usize]); 2] = [
    ("base_model.model.layers.0.q_proj.lora_A.weight", &[4, 8]),
    ("base_model.model.layers.0.q_proj.lora_B.weight", &[8, 4]),
];

const NO_PROBLEMS: &str = "--- stderr\nno problems in 2 files\n";

#[test]
fn a_convolution_in_groups_has_a_part_of_the_rank_in_its_second_factor() {
    let tensors: [(&str, &[usize]); 2] = [
        ("base_model.model.conv.lora_A.weight", &[4, 8, 3, 3]),
        ("base_model.model.conv.lora_B.weight", &[8, 2, 1, 1]),
    ];
    assert_eq!(lora(r#""target_modules": ["conv"]"#, &tensors).exits(0), NO_PROBLEMS);
    let tensors: [(&str, &[usize]); 2] = [
        ("base_model.model.conv.lora_A.weight", &[4, 8, 3, 3]),
        ("base_model.model.conv.lora_B.weight", &[8, 3, 1, 1]),
    ];
    let printed = lora(r#""target_modules": ["conv"]"#, &tensors).exits(1);
    assert!(printed.contains("error[tensors-disagree]"), "{printed}");
}

#[test]
fn patterns_may_be_those_of_parameters() {
    let tensors: [(&str, &[usize]); 2] =
        [("base_model.model.experts.lora_A.weight", &[6, 16]), ("base_model.model.experts.lora_B.weight", &[16, 6])];
    let fields = r#""target_parameters": ["experts.gate_up"], "rank_pattern": {"experts.gate_up": 2}"#;
    assert_eq!(lora(fields, &tensors).exits(0), NO_PROBLEMS);
}

#[test]
fn a_target_may_be_excluded_or_lie_in_a_module_that_is_saved() {
    let fields = r#""target_modules": ["q_proj", "head"], "exclude_modules": ["head"]"#;
    assert_eq!(lora(fields, &Q_PROJ).exits(0), NO_PROBLEMS);
    let saved: [(&str, &[usize]); 1] = [("base_model.model.classifier.out_proj.weight", &[2, 8])];
    let fields = r#""target_modules": ["q_proj", "out_proj"], "modules_to_save": ["classifier"]"#;
    assert_eq!(lora(fields, &[Q_PROJ.as_slice(), &saved].concat()).exits(0), NO_PROBLEMS);
}

#[test]
fn tensors_of_an_excluded_module_are_outside_the_targets() {
    insta::assert_snapshot!(
        lora(r#""target_modules": ["q_proj"], "exclude_modules": ["q_proj"]"#, &Q_PROJ).exits(1), @r#"
    --- stdout
    error[tensors-outside-targets]: `layers.0.q_proj` has tensors, but `exclude_modules` leaves it out
     --> adapter_config.json:1:116
      |
    1 | ...odules": ["q_proj"], "exclude_modules": ["q_proj"]}
      |                                            ^^^^^^^^^^ decides which modules are adapted
      |
      = note: PEFT ignores them without a word, and leaves their modules as they were initialised
      = help: peftspec explain tensors-outside-targets

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
}

#[test]
fn heads_that_were_not_saved_are_one_finding() {
    let fields = r#""target_modules": ["q_proj"], "task_type": "SEQ_CLS", "modules_to_save": ["classifier", "score", "classifier", "score"]"#;
    insta::assert_snapshot!(lora(fields, &Q_PROJ).exits(0), @r#"
    --- stdout
    warning[missing-saved-module]: the checkpoint has no tensors of `classifier` or `score`
     --> adapter_config.json:1:141
      |
    1 | ...k_type": "SEQ_CLS", "modules_to_save": ["classifier", "score", "classifier", "score"]}
      |                                            ^^^^^^^^^^^^ to be saved
      |
      = note: if the base model has it, PEFT stops with a `KeyError`; 0.14.0 and older keep the base model's own weights
      = help: peftspec explain missing-saved-module

    --- stderr
    1 warning in 1 file (2 files checked)
    "#);
}

#[test]
fn what_stands_before_the_prefix_is_not_part_of_the_name() {
    let wrapped = Q_PROJ.map(|(name, shape)| (format!("_orig_mod.{name}"), shape));
    let wrapped: Vec<(&str, &[usize])> = wrapped.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    insta::assert_snapshot!(lora(r#""target_modules": ["q_proj"]"#, &wrapped).exits(1), @r#"
    --- stdout
    error[wrong-tensor-name]: 2 names lack `base_model.model.` at the start: `_orig_mod.base_model.model.layers.0.q_proj.lora_A.weight`
     --> adapter_model.safetensors
      |
      = note: PEFT saves it as `base_model.model.layers.0.q_proj.lora_A.weight`
      = note: PEFT ignores them without a word, and leaves their modules as they were initialised
      = help: peftspec explain wrong-tensor-name

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
}
