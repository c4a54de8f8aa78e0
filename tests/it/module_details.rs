//! What is said of the tensors of modules that differ from sound ones in one detail.

use crate::{common::cli, module_names::safetensors};
use peftspec::{Limits, Surroundings, check_adapter};
use std::fs;

/// Code and message of everything that is said of an adapter of this method with these fields and tensors.
fn told(peft_type: &str, fields: &str, tensors: &[(&str, &[usize])]) -> Vec<String> {
    let config = format!(r#"{{"peft_type": "{peft_type}", "base_model_name_or_path": "some/model"{fields}}}"#);
    let named: Vec<(String, &[usize])> =
        tensors.iter().map(|(name, shape)| (format!("base_model.model.{name}"), *shape)).collect();
    let named: Vec<(&str, &[usize])> = named.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter_config.json");
    fs::write(folder.path().join("adapter_model.safetensors"), safetensors(&named)).unwrap();
    let report = check_adapter(&path, config.into_bytes(), &Limits::default(), &Surroundings::default());
    let reports = std::iter::once(&report.config).chain(report.weights.iter().map(|weights| &weights.report));
    reports.flat_map(|report| &report.diagnostics).map(|found| format!("{}: {}", found.code, found.message)).collect()
}

/// The factors of a module of rank 4.
fn factors(module: &str, rank: usize) -> [(String, Vec<usize>); 2] {
    [(format!("{module}.lora_A.weight"), vec![rank, 8]), (format!("{module}.lora_B.weight"), vec![8, rank])]
}

/// As [`told`], of LoRA of rank 4, modules by their ranks.
fn told_of_modules(fields: &str, modules: &[(&str, usize)], more: &[(&str, &[usize])]) -> Vec<String> {
    let all: Vec<_> = modules.iter().flat_map(|(module, rank)| factors(module, *rank)).collect();
    let mut all: Vec<(&str, &[usize])> = all.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
    all.extend(more);
    told("LORA", &format!(r#", "r": 4{fields}"#), &all)
}

#[test]
fn a_tensor_that_nothing_asks_for_is_told() {
    let fields = r#", "target_modules": ["q"], "modules_to_save": ["head"]"#;
    let more = |name| told_of_modules(fields, &[("h.0.q", 4)], &[("head.weight", &[2, 8]), (name, &[8])]);
    assert_eq!(more("head.bias"), [""; 0]);
    assert_eq!(more("norm.weight"), ["unused-tensor: `base_model.model.norm.weight` is not part of the adapter"]);
    // Biases are saved where the config says so.
    let bias = |fields: &str| told_of_modules(fields, &[("h.0.q", 4)], &[("h.0.q.bias", &[8])]);
    assert_eq!(bias(r#", "target_modules": ["q"], "bias": "all""#), [""; 0]);
    assert_eq!(
        bias(r#", "target_modules": ["q"]"#),
        ["unused-tensor: `base_model.model.h.0.q.bias` is not part of the adapter"]
    );
}

#[test]
fn a_target_without_tensors_is_told() {
    let targets = |targets: &str, modules: &[(&str, usize)]| {
        told_of_modules(&format!(r#", "target_modules": {targets}"#), modules, &[])
    };
    let lacking = |target: &str| {
        vec![format!("target-without-tensors: the checkpoint has no tensors for `{target}` of `target_modules`")]
    };
    assert_eq!(targets(r#"["q", "v"]"#, &[("h.0.q", 4)]), lacking("v"));
    assert_eq!(targets(r#"["q", "h.0.v"]"#, &[("h.0.q", 4), ("h.0.v", 4)]), [""; 0]);
    // A layer that is wrapped by another method has its name in the outer one's.
    assert_eq!(targets(r#"["q"]"#, &[("h.0.q.base_layer", 4)]), [""; 0]);
    assert_eq!(targets(r#"["q.base_layer"]"#, &[("h.0.q.base_layer", 4)]), [""; 0]);
    // Where no module is a target at all, that is said instead; so are names that PEFT does not look for.
    let outside = ["tensors-outside-targets: `h.0.q` has tensors, but `target_modules` does not name it"];
    assert_eq!(targets(r#"["v"]"#, &[("h.0.q", 4)]), outside);
    let irregular = targets(r#"["q", "v"]"#, &[("base_model.model.h.0.q", 4)]);
    assert_eq!(irregular.len(), 1, "{irregular:?}");
    assert!(irregular[0].starts_with("wrong-tensor-name: 2 names have `base_model.model.` twice"), "{irregular:?}");
    // What is adapted besides the targets, or is no list of names.
    let others = r#"["q"], "target_parameters": ["experts.up"]"#;
    assert_eq!(told_of_modules(&format!(r#", "target_modules": {others}"#), &[("experts", 4)], &[]), [""; 0]);
    for all in [r#""all-linear""#, r#""ALL-Linear""#, "[]"] {
        let found = targets(all, &[("h.0.q", 4)]);
        assert!(!found.iter().any(|found| found.contains("tensors")), "{all}: {found:?}");
    }
    assert_eq!(targets(r#"".*\\.q""#, &[("h.0.q", 4), ("h.1.q.base_layer", 4)]), [""; 0]);
}

/// The name of an adapter stands between the kind of a tensor and its end.
#[test]
fn names_of_adapters_are_no_numbers_or_ends() {
    let named = |name: &str| {
        told(
            "LORA",
            r#", "r": 4, "target_modules": ["q"]"#,
            &[("h.q.lora_A.weight", &[4, 8]), ("h.q.lora_B.weight", &[8, 4]), (name, &[4, 8])],
        )
    };
    for (name, code) in [
        ("k.lora_A.mine.weight", "wrong-tensor-name"),
        ("k.lora_A.1.weight", "unused-tensor"),
        ("k.lora_A.weight.weight", "unused-tensor"),
        ("k.lora_A.bias.weight", "unused-tensor"),
        ("k.lora_A..weight", "unused-tensor"),
    ] {
        let found = named(name);
        assert!(found.iter().any(|found| found.starts_with(code)), "{name}: {found:?}");
    }
}

#[test]
fn ranks_that_differ_are_told_by_what_decides_them() {
    let of = |fields: &str, modules: &[(&str, usize)]| {
        told_of_modules(&format!(r#", "target_modules": ["q", "v"]{fields}"#), modules, &[])
    };
    let all = [("h.0.q", 4), ("h.0.v", 4)];
    assert_eq!(of("", &all), [""; 0]);
    // All of them: the field is wrong. Some: the modules are.
    assert_eq!(
        of("", &[("h.0.q", 8), ("h.0.v", 8)]),
        ["size-mismatch: 2 modules, such as `h.0.q`, have rank 8, but `r` is 4"]
    );
    assert_eq!(
        of("", &[("h.0.q", 8), ("h.0.v", 2)]),
        ["size-mismatch: 2 modules, such as `h.0.q`, have other ranks, but `r` is 4"]
    );
    assert_eq!(of("", &[("h.0.q", 8), ("h.0.v", 4)]), ["size-mismatch: `h.0.q` has rank 8, but `r` is 4"]);
    let pattern = r#", "rank_pattern": {"q": 8}"#;
    assert_eq!(of(pattern, &[("h.0.q", 8), ("h.0.v", 4)]), [""; 0]);
    assert_eq!(of(pattern, &all), ["size-mismatch: `h.0.q` has rank 4, but `rank_pattern` says 8 for `q`"]);
    // The first pattern that matches decides.
    assert_eq!(of(r#", "rank_pattern": {"q": 4, "h.0.q": 8}"#, &all), [""; 0]);
    // The last value of a repeated key counts, and the place of its first.
    let repeated =
        |fields: &str| of(fields, &all).into_iter().filter(|found| !found.starts_with("duplicate-key")).count();
    assert_eq!(repeated(r#", "rank_pattern": {"q": 8, "h.0.q": 8, "q": 4}"#), 0);
    assert_eq!(repeated(r#", "rank_pattern": {"q": 4, "q": 8}"#), 1);
    assert_eq!(
        of(r#", "rank_pattern": {"k": 8}"#, &all),
        ["pattern-matches-nothing: `k` in `rank_pattern` matches no module of the checkpoint"]
    );
    assert_eq!(
        of(r#", "alpha_pattern": {"k": 8, "q": 2}"#, &all),
        ["pattern-matches-nothing: `k` in `alpha_pattern` matches no module of the checkpoint"]
    );
}

/// What a person is told to do about ranks.
#[test]
fn ranks_have_advice() {
    let advice = |fields: &str, modules: &[(&str, usize)]| {
        let config = format!(
            r#"{{"peft_type": "LORA", "base_model_name_or_path": "some/model", "r": 4, "target_modules": ["q", "v"]{fields}}}"#
        );
        let named: Vec<(String, Vec<usize>)> =
            modules.iter().flat_map(|(module, rank)| factors(&format!("base_model.model.{module}"), *rank)).collect();
        let named: Vec<(&str, &[usize])> =
            named.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
        cli("check").file("adapter_config.json", config).file("adapter_model.safetensors", safetensors(&named)).exits(1)
    };
    assert!(advice("", &[("h.q", 8), ("h.v", 8)]).contains("8 would agree"));
    let some = advice("", &[("h.q", 8), ("h.v", 4)]);
    assert!(some.contains("if that is meant, `rank_pattern` must say so: `\"h.q\": 8`"), "{some}");
    let mixed = advice("", &[("h.q", 8), ("h.v", 2)]);
    assert!(!mixed.contains("would agree") && mixed.contains("`\"h.q\": 8`"), "{mixed}");
    assert!(advice(r#", "rank_pattern": {"q": 2}"#, &[("h.q", 8), ("h.v", 4)]).contains("8 would agree"));
    // A key that takes too long to match: whether the last module has the rank that it should, nobody knows.
    let long = format!("z.{}", "a".repeat(40));
    let unknown = advice(r#", "rank_pattern": {"((a+)+\\4)+!": 2}"#, &[("h.q", 8), (&long, 4)]);
    assert!(!unknown.contains("size-mismatch"), "{unknown}");
    // Another module agrees with the key.
    let mixed = advice(r#", "rank_pattern": {"q": 4}"#, &[("h.0.q", 4), ("h.1.q", 2), ("h.v", 4)]);
    assert!(mixed.contains("`h.1.q` has rank 2") && !mixed.contains("would agree"), "{mixed}");
}

#[test]
fn a_rank_that_is_not_given_is_pefts() {
    let config = r#"{"peft_type": "LORA", "base_model_name_or_path": "some/model", "target_modules": ["q"]}"#;
    let factors = factors("base_model.model.h.q", 4);
    let tensors: Vec<(&str, &[usize])> =
        factors.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
    let run = cli("check").file("adapter_config.json", config).file("adapter_model.safetensors", safetensors(&tensors));
    insta::assert_snapshot!(run.exits(1));
}

#[test]
fn factors_that_do_not_go_together_are_told() {
    let of = |a: &[usize], b: &[usize]| {
        told("LORA", r#", "r": 4, "target_modules": ["q"]"#, &[("h.q.lora_A.weight", a), ("h.q.lora_B.weight", b)])
    };
    assert_eq!(of(&[4, 8], &[8, 4]), [""; 0]);
    let transposed = ["wrong-shape: `lora_A.weight` of `h.q` is transposed: [8, 4], rank 4"];
    assert_eq!(of(&[8, 4], &[6, 4]), transposed);
    assert_eq!(
        of(&[4, 8], &[8, 2]),
        [
            "tensors-disagree: the tensors of `h.q` do not go together: `lora_A.weight` has rank 4, `lora_B.weight` has rank 2"
        ]
    );
    // A part of the rank is enough for a convolution alone.
    assert_eq!(of(&[4, 8, 3, 3], &[8, 2, 1, 1]), [""; 0]);
    assert_eq!(of(&[4, 8, 3, 3], &[8, 3, 1, 1]).len(), 1);
}

/// Layers are known by the first number in a name.
#[test]
fn layers_that_are_not_chosen_are_told() {
    let of = |fields: &str, modules: &[&str]| {
        let modules: Vec<(&str, usize)> = modules.iter().map(|module| (*module, 4)).collect();
        told_of_modules(&format!(r#", "layers_to_transform": [0]{fields}"#), &modules, &[])
    };
    let outside = |module: &str| {
        vec![format!(
            "tensors-outside-targets: `{module}` has tensors, but `layers_to_transform` does not choose its layer"
        )]
    };
    let list = r#", "target_modules": ["q"]"#;
    assert_eq!(of(list, &["model.h.0.q"]), [""; 0]);
    assert_eq!(of(list, &["model.h.0.q", "model.h.1.q"]), outside("model.h.1.q"));
    for pattern in [r#""h""#, r#"["h"]"#, r#"["x", "h"]"#, "[]", r#""""#, "null"] {
        let fields = format!(r#"{list}, "layers_pattern": {pattern}"#);
        let found = of(&fields, &["model.h.0.q", "model.h.1.q"]);
        assert!(found.contains(&outside("model.h.1.q")[0]), "{pattern}: {found:?}");
    }
    // Named in full; of two numbers; adapted for another reason.
    assert_eq!(of(r#", "target_modules": ["q", "model.h.1.q"]"#, &["model.h.0.q", "model.h.1.q"]), [""; 0]);
    assert_eq!(of(list, &["model.h.0.q", "model.h.1.experts.0.q"]), [""; 0]);
    let others = r#", "target_modules": ["q"], "target_parameters": ["w"]"#;
    assert_eq!(of(others, &["model.h.0.q", "model.h.1.q"]), [""; 0]);
}

/// One layer between others; two are no slip, and a layer of another kind has other modules.
#[test]
fn a_layer_without_tensors_is_told() {
    let of = |modules: &[&str]| {
        let modules: Vec<(&str, usize)> = modules.iter().map(|module| (*module, 4)).collect();
        told_of_modules(r#", "target_modules": ["qa", "va", "xa"]"#, &modules, &[])
            .into_iter()
            .filter(|found| !found.starts_with("target-without-tensors"))
            .collect::<Vec<_>>()
    };
    let gap = "layer-without-tensors: `h.1.qa` has no tensors, but the layers around it have";
    assert_eq!(of(&["h.0.qa", "h.2.qa"]), [gap]);
    assert_eq!(of(&["h.0.qa", "h.3.qa"]), [""; 0]);
    assert_eq!(of(&["h.0.qa", "h.1.xa", "h.2.qa"]), [""; 0]);
    assert_eq!(of(&["h.0.qa", "g.1.xa", "h.2.qa"]), [gap]);
    assert_eq!(of(&["h.0.qa", "h.0.va", "h.1.va", "h.2.qa", "h.2.va"]), [gap]);
}

#[test]
fn types_that_trained_numbers_do_not_have_are_told() {
    let of = |names: &[&str]| {
        let mut end = 0;
        let entries = names.iter().map(|name| {
            let start = end;
            end += 32;
            format!(r#""{name}":{{"dtype":"U8","shape":[4,8],"data_offsets":[{start},{end}]}}"#)
        });
        let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![1; end]].concat();
        let printed = cli("check")
            .file("adapter_config.json", r#"{"peft_type": "LORA", "target_modules": ["q"], "r": 4}"#)
            .file("adapter_model.safetensors", bytes)
            .exits(1);
        printed.lines().find(|line| line.contains("trained numbers")).unwrap_or_default().to_owned()
    };
    let names: Vec<String> = (0..5).map(|layer| format!("base_model.model.h.{layer}.q.lora_A.weight")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(of(&names).contains(" and 2 more are uint8, which cannot hold trained numbers"), "{}", of(&names));
    assert!(!of(&names[..3]).contains("more"), "{}", of(&names[..3]));
    assert!(of(&names[..1]).contains("is uint8"), "{}", of(&names[..1]));
}
