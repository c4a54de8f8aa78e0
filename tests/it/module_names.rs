//! Adapters of modules whose names and shapes are unusual, as PEFT 0.21.2 saves them, and what is said of those that it does not.

use crate::common::{Cli, cli};

/// A safetensors file of zeros.
pub(crate) fn safetensors(tensors: &[(&str, &[usize])]) -> Vec<u8> {
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

/// PEFT stops with `size mismatch` at the last; the shapes of a split convolution are those of `create_adapter_parameters`.
#[test]
fn the_factors_of_loha_have_their_rank_where_the_layer_puts_it() {
    let loha = |tensors: &[(&str, [usize; 2])], cores: &[&str]| {
        let cores = cores.iter().map(|name| (format!("base_model.model.conv.hada_{name}"), vec![2, 2, 3, 3]));
        let factors =
            tensors.iter().map(|(name, shape)| (format!("base_model.model.conv.hada_{name}"), shape.to_vec()));
        let tensors: Vec<(String, Vec<usize>)> = factors.chain(cores).collect();
        let tensors: Vec<(&str, &[usize])> = tensors.iter().map(|(name, shape)| (&**name, &**shape)).collect();
        cli("check")
            .file("adapter_config.json", r#"{"peft_type": "LOHA", "r": 2, "target_modules": ["conv"]}"#)
            .file("adapter_model.safetensors", safetensors(&tensors))
    };
    let plain = [("w1_a", [8, 2]), ("w1_b", [2, 5]), ("w2_a", [8, 2]), ("w2_b", [2, 5])];
    assert_eq!(loha(&plain, &[]).exits(0), NO_PROBLEMS);
    let split = [("w1_a", [2, 8]), ("w1_b", [2, 5]), ("w2_a", [2, 8]), ("w2_b", [2, 5])];
    assert_eq!(loha(&split, &["t1", "t2"]).exits(0), NO_PROBLEMS);
    let printed = loha(&[("w1_a", [8, 3]), plain[1], plain[2], plain[3]], &[]).exits(1);
    assert!(printed.contains("hada_w1_a"), "{printed}");
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
    insta::assert_snapshot!(renamed(r#""target_modules": ["q_proj"]"#, &|name| format!("_orig_mod.{name}")).exits(1), @r#"
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

/// The tensors of `Q_PROJ` under other names.
fn renamed(fields: &str, name: &dyn Fn(&str) -> String) -> Cli {
    let tensors = Q_PROJ.map(|(plain, shape)| (name(plain), shape));
    let tensors: Vec<(&str, &[usize])> = tensors.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    lora(fields, &tensors)
}

/// PEFT 0.21.2 restores what torch.compile and DistributedDataParallel wrap if the base model is wrapped in the same way, and warns of
/// missing keys if it is not; names with the part of activation checkpointing it finds in neither.
#[test]
fn wrappers_are_named_and_the_modules_in_them_are_known() {
    let check =
        |wrapped: &dyn Fn(&str) -> String| renamed(r#""target_modules": ["layers.0.q_proj"]"#, wrapped).exits(0);
    insta::assert_snapshot!(check(&|name| name.replace("model.layers", "model._orig_mod.layers")), @r"
    --- stdout
    warning[wrapped-tensor-name]: 2 names hold `_orig_mod.` (torch.compile): `base_model.model._orig_mod.layers.0.q_proj.lora_A.weight`
     --> adapter_model.safetensors
      |
      = note: PEFT finds such names only in a base model that has this part; in any other it leaves their modules as they were initialised
      = note: save the adapter of the model inside, or leave this part of the names out
      = help: peftspec explain wrapped-tensor-name

    --- stderr
    1 warning in 1 file (2 files checked)
    ");
    insta::assert_snapshot!(check(&|name| name.replace("layers.0", "layers.0._checkpoint_wrapped_module")), @r"
    --- stdout
    warning[wrapped-tensor-name]: 2 names hold `_checkpoint_wrapped_module.` (activation checkpointing): `base_model.model.layers.0._checkpoint_wrapped_module.q_proj.lora_A.weight`
     --> adapter_model.safetensors
      |
      = note: PEFT does not find such names, not even in a base model with this part, as torch adds it to the names once more; it leaves their modules as they were initialised
      = note: save the adapter of the model inside, or leave this part of the names out
      = help: peftspec explain wrapped-tensor-name

    --- stderr
    1 warning in 1 file (2 files checked)
    ");
    let told = |wrapped: &dyn Fn(&str) -> String| check(wrapped).lines().nth(1).unwrap().to_owned();
    insta::assert_snapshot!(told(&|name| name.replace("model.layers", "model.module.layers")), @"warning[wrapped-tensor-name]: 2 names hold `module.` (DistributedDataParallel): `base_model.model.module.layers.0.q_proj.lora_A.weight`");
    insta::assert_snapshot!(told(&|name| name.replace("model.layers", "model.module._orig_mod.layers")), @"warning[wrapped-tensor-name]: 2 names hold `_orig_mod.` (torch.compile) or `module.` (DistributedDataParallel): `base_model.model.module._orig_mod.layers.0.q_proj.lora_A.weight`");
    insta::assert_snapshot!(told(&|name| name.replace("layers.0", "_fsdp_wrapped_module.layers.0._fsdp_wrapped_module")), @"warning[wrapped-tensor-name]: 2 names hold `_fsdp_wrapped_module.` (FSDP): `base_model.model._fsdp_wrapped_module.layers.0._fsdp_wrapped_module.q_proj.lora_A.weight`");
}

/// PEFT 0.21.2 saves each of these from a base model with such a part at the top, and restores it.
#[test]
fn a_wrapper_that_the_config_speaks_of_is_a_part_of_the_base_model() {
    for part in ["module", "_orig_mod"] {
        let check = |fields: &str| {
            let fields = fields.replace("PART", part);
            renamed(&fields, &|name| name.replace("model.layers", &format!("model.{part}.layers")))
        };
        for fields in [
            r#""target_modules": ["PART.layers.0.q_proj"]"#,
            r#""target_modules": "PART\\.layers\\..*\\.q_proj""#,
            r#""target_modules": ["q_proj"], "exclude_modules": "PART\\.layers\\.1\\..*""#,
            r#""target_modules": ["q_proj"], "rank_pattern": {"PART\\.layers\\.0\\.q_proj": 4}"#,
            r#""target_modules": ["q_proj"], "alpha_pattern": {"^PART.layers.0.q_proj": 4}"#,
            r#""target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": ["PART.layers"]"#,
        ] {
            assert_eq!(check(fields).exits(0), NO_PROBLEMS, "{part}: {fields}");
        }
        // The word alone is not the part.
        let printed = check(r#""target_modules": ["q_proj"], "exclude_modules": ["PART_list"]"#).exits(0);
        assert!(printed.contains("warning[wrapped-tensor-name]"), "{printed}");
    }
}

/// What the config says is matched with the path as it stands, as PEFT does, and with the one that a base model without wrappers has.
#[test]
fn beside_a_wrapper_nothing_else_is_said() {
    for fields in [
        r#""target_modules": ["layers.0.q_proj"]"#,
        r#""target_modules": "layers\\..*\\.q_proj""#,
        r#""target_modules": ".*\\.layers\\..*\\.q_proj""#,
        r#""target_modules": ["q_proj"], "exclude_modules": "layers\\.0\\.q_proj""#,
        r#""target_modules": ["q_proj"], "exclude_modules": "[^.]+\\.layers\\.0\\.q_proj""#,
        r#""target_modules": ["q_proj"], "rank_pattern": {"^layers.0.q_proj": 8}"#,
        r#""target_modules": ["q_proj"], "rank_pattern": {"^[^.]+.layers.0.q_proj": 8}"#,
        r#""target_modules": ["q_proj"], "alpha_pattern": {"^layers.0.q_proj": 8}"#,
        r#""target_modules": ["q_proj"], "layers_to_transform": [0]"#,
    ] {
        for part in ["module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"] {
            let printed =
                renamed(fields, &|name| name.replace("model.layers", &format!("model.{part}.layers"))).exits(0);
            assert!(printed.contains(&format!("2 names hold `{part}.`")), "{fields}: {printed}");
            assert!(printed.contains("--- stderr\n1 warning in 1 file (2 files checked)\n"), "{fields}: {printed}");
        }
    }
}

/// Neither the path as it stands nor the one without wrappers agrees.
#[test]
fn what_is_wrong_with_and_without_the_wrapper_is_said() {
    for (fields, code) in [
        (r#""target_modules": ["v_proj"]"#, "tensors-outside-targets"),
        (r#""target_modules": "layers\\.1\\..*""#, "tensors-outside-targets"),
        (r#""target_modules": ["q_proj"], "exclude_modules": [".*", "q_proj"]"#, "tensors-outside-targets"),
        (r#""target_modules": ["q_proj"], "rank_pattern": {"q_proj": 8}"#, "size-mismatch"),
        (r#""target_modules": ["q_proj"], "alpha_pattern": {"layers.1": 8}"#, "pattern-matches-nothing"),
        (r#""target_modules": ["q_proj"], "layers_to_transform": [1]"#, "tensors-outside-targets"),
    ] {
        let printed = renamed(fields, &|name| name.replace("model.layers", "model.module.layers"))
            .exits(i32::from(code != "pattern-matches-nothing"));
        assert!(printed.contains(&format!("[{code}]")), "{fields}: {printed}");
    }
}

/// Torch takes these parts out of the names of tensors; modules, and with them what `all-linear` becomes in the config, keep them.
#[test]
fn wrappers_that_only_the_config_has_excuse_their_modules() {
    for part in ["_checkpoint_wrapped_module", "_fsdp_wrapped_module"] {
        for fields in [
            r#""target_modules": ["layers.0.PART.q_proj"]"#,
            r#""target_modules": "layers\\.0\\.PART\\.q_proj""#,
            r#""target_modules": ["q_proj"], "rank_pattern": {"layers.0.PART.q_proj": 2}"#,
        ] {
            assert_eq!(lora(&fields.replace("PART", part), &Q_PROJ).exits(0), NO_PROBLEMS, "{part}: {fields}");
        }
        // In the names of tensors PEFT never finds them, whatever the config says.
        let named = renamed(&format!(r#""target_modules": ["{part}.q_proj"]"#), &|name| {
            name.replace("q_proj", &format!("{part}.q_proj"))
        });
        let printed = named.exits(0);
        assert!(printed.contains("PEFT does not find such names"), "{part}: {printed}");
    }
}

/// PEFT puts a key between `(.*\.)?(` and `)$`: what makes a pattern there is one, as 0.21.2 shows.
#[test]
fn keys_of_patterns_are_judged_as_peft_compiles_them() {
    let keys = |key: &str| lora(&format!(r#""target_modules": ["q_proj"], "rank_pattern": {{"{key}": 4}}"#), &Q_PROJ);
    assert_eq!(keys("q_proj)|(v_proj").exits(0), NO_PROBLEMS);
    let printed = keys("*q_proj").exits(1);
    assert!(
        printed.contains("`(.*/.)?(*q_proj)$`, at which Python's `re` stops with `nothing to repeat at position 8`"),
        "{printed}"
    );
}

/// Tensors that PEFT does not look for may be those of a target.
#[test]
fn where_names_are_wrong_no_target_lacks_tensors() {
    let targets = r#""target_modules": ["q_proj", "v_proj"]"#;
    let lacks = |name: &dyn Fn(&str) -> String| renamed(targets, &name).exits(1).contains("target-without-tensors");
    let sound = renamed(targets, &str::to_owned).exits(0);
    assert!(sound.contains("no tensors for `v_proj`"), "{sound}");
    for name in [
        |name: &str| name.replace(".weight", ".default.weight"),
        |name: &str| name.replace("base_model.model.", ""),
        |name: &str| format!("base_model.model.{name}"),
    ] {
        assert!(!lacks(&name), "{}", name(Q_PROJ[0].0));
    }
}

/// PEFT adapts `nn.MultiheadAttention` as a whole: what is inside has the rank of the outer module, and is left out with it only.
#[test]
fn a_module_inside_of_another_is_adapted_with_it() {
    let tensors: [(&str, &[usize]); 4] = [
        ("base_model.model.attn.lora_A.weight", &[2, 8]),
        ("base_model.model.attn.lora_B.weight", &[8, 2]),
        ("base_model.model.attn.base_layer.out_proj.lora_A.weight", &[2, 8]),
        ("base_model.model.attn.base_layer.out_proj.lora_B.weight", &[8, 2]),
    ];
    for fields in [
        r#""target_modules": ["attn"], "rank_pattern": {"attn": 2}"#,
        r#""target_modules": ["attn"], "rank_pattern": {"attn": 2, "out_proj": 3}"#,
        r#""target_modules": ["attn"], "rank_pattern": {"attn": 2}, "exclude_modules": ["out_proj"]"#,
    ] {
        assert_eq!(lora(fields, &tensors).exits(0), NO_PROBLEMS, "{fields}");
    }
    let excluded = r#""target_modules": ["attn"], "rank_pattern": {"attn": 2}, "exclude_modules": ["attn"]"#;
    assert!(lora(excluded, &tensors).exits(1).contains("`exclude_modules` leaves them out"));
    // A name that only begins so is no such module.
    let layers = |name: &str| name.replace("layers", "attn.base_layers");
    assert!(renamed(r#""target_modules": ["attn"]"#, &layers).exits(1).contains("`target_modules` does not name it"));
}

/// Which modules a pattern leaves out, only their whole paths tell.
#[test]
fn targets_may_be_left_out_by_a_pattern() {
    let fields = |excluded: &str| format!(r#""target_modules": ["q_proj", "qkv"], "exclude_modules": {excluded}"#);
    let warns = |excluded: &str| lora(&fields(excluded), &Q_PROJ).exits(0).contains("no tensors for `qkv`");
    for excluded in ["null", "[]", r#"["vision"]"#] {
        assert!(warns(excluded), "{excluded}");
    }
    for excluded in [r#"["qkv"]"#, r#"".*vision.*""#, r#"".*[a&&b].*|.*vision""#] {
        assert!(!warns(excluded), "{excluded}");
    }
}

/// PEFT saves every module whose name ends in an item, wherever the item begins in it, and adapts nothing inside of it.
#[test]
fn modules_to_save_are_ends_of_names() {
    let with = |saved: &str, name: &'static str| {
        let tensors = [&Q_PROJ[..], &[(name, &[4, 8])]].concat();
        lora(&format!(r#""target_modules": ["q_proj"], "modules_to_save": ["{saved}"]"#), &tensors).exits(0)
    };
    assert_eq!(with("head", "base_model.model.lm_head.weight"), NO_PROBLEMS);
    assert!(with("heads", "base_model.model.lm_head.weight").contains("no tensors of `heads`"));
    // A rule says that it is no name.
    let pattern = with("layers.[01].norm", "base_model.model.lm_head.weight");
    assert!(pattern.contains("warning[no-name-to-save]") && !pattern.contains("missing-saved-module"), "{pattern}");
    let of_layer =
        |layer: usize| Q_PROJ.map(|(name, shape)| (name.replace("layers.0", &format!("layers.{layer}")), shape));
    let named = [of_layer(0), of_layer(2)].concat();
    let tensors: Vec<(&str, &[usize])> = named.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    let whole = [&tensors[..], &[("base_model.model.layers.1.q_proj.weight", &[8, 8][..])]].concat();
    let fields = r#""target_modules": ["q_proj"], "modules_to_save": ["layers.1"]"#;
    assert_eq!(lora(fields, &whole).exits(0), NO_PROBLEMS);
}

/// What another engine takes for operations on sets and the like, and Python for characters.
#[test]
fn patterns_that_mean_something_else_here_judge_nothing() {
    for pattern in [
        r"[a-z&&q]_proj",
        r"[a-z--q]_proj",
        r"[q~~]_proj",
        r"[[q]_proj",
        r"\\N{LATIN SMALL LETTER Q}_proj",
        r"(?P<x>q)_proj(?(x)|z)",
    ] {
        let fields = format!(r#""target_modules": ".*\\.{pattern}""#);
        assert_eq!(lora(&fields, &Q_PROJ).exits(0), NO_PROBLEMS, "{pattern}");
    }
}

#[test]
fn a_module_may_be_called_module() {
    let name = |name: &str| name.replace("layers.0", "layers.0.module");
    assert_eq!(renamed(r#""target_modules": ["q_proj"]"#, &name).exits(0), NO_PROBLEMS);
    let alone = |name: &str| name.replace("layers.0.q_proj", "module");
    assert_eq!(renamed(r#""target_modules": "all-linear""#, &alone).exits(0), NO_PROBLEMS);
}

/// A check of a LoRA adapter with these fields and, for each module, these layers.
fn layered(fields: &str, modules: &[(&str, &[usize])]) -> Cli {
    let tensors = modules
        .iter()
        .flat_map(|(module, layers)| layers.iter().map(move |layer| module.replace('#', &layer.to_string())));
    let tensors = tensors.flat_map(|module| {
        let name = |part: &str| format!("base_model.model.{module}.{part}.weight");
        [(name("lora_A"), vec![4, 8]), (name("lora_B"), vec![8, 4])]
    });
    let tensors: Vec<(String, Vec<usize>)> = tensors.collect();
    let tensors: Vec<(&str, &[usize])> =
        tensors.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
    lora(fields, &tensors)
}

const Q_AND_V: &str = r#""target_modules": ["q_proj", "v_proj"]"#;

#[test]
fn a_layer_that_only_one_of_several_modules_lacks_is_missing() {
    let told = |modules: &[(&str, &[usize])]| layered(Q_AND_V, modules).exits(0);
    insta::assert_snapshot!(told(&[("layers.#.attn.q_proj", &[0, 1, 2]), ("layers.#.attn.v_proj", &[0, 1])]), @r#"
    --- stdout
    warning[layer-without-tensors]: `layers.2.attn.v_proj` has no tensors, but the modules beside it have
     --> adapter_model.safetensors
      |
      = note: if the base model has them, PEFT warns, and leaves them as they were initialised
      = help: peftspec explain layer-without-tensors

    --- stderr
    1 warning in 1 file (2 files checked)
    "#);
    assert!(told(&[("layers.#.q_proj", &[1, 2]), ("layers.#.v_proj", &[0, 1, 2])]).contains("`layers.0.q_proj`"));
    let several: [(&str, &[usize]); 4] = [
        ("a.#.x.q_proj", &[0, 1, 2]),
        ("a.#.x.v_proj", &[0, 1]),
        ("b.#.x.q_proj", &[1, 2]),
        ("b.#.x.v_proj", &[0, 1, 2]),
    ];
    assert!(
        told(&several).contains("2 modules, such as `a.2.x.v_proj`, have no tensors, but the modules beside them have")
    );
}

#[test]
fn layers_may_be_built_of_different_modules() {
    let sound: [&[(&str, &[usize])]; 6] = [
        // Half of the layers share the values of others.
        &[("layers.#.attn.q_proj", &[0, 1, 2, 3]), ("layers.#.attn.v_proj", &[0, 1])],
        // Two modules of three are not there, so it is the layer that is another.
        &[("l.#.a.q_proj", &[0, 1, 2]), ("l.#.a.v_proj", &[0, 1]), ("l.#.a.o_proj", &[0, 1])],
        &[("l.#.a.q_proj", &[0, 1, 2]), ("l.#.b.v_proj", &[0, 1])],
        // Attention in every fourth layer.
        &[("l.#.a.q_proj", &[3, 7]), ("l.#.a.v_proj", &[3, 7]), ("l.#.s.q_proj", &[0, 1, 2, 4, 5, 6])],
        &[("l.#.a.q_proj", &[0]), ("l.#.a.v_proj", &[0, 1])],
        &[("l.#.a.q_proj", &[0, 1, 2]), ("l.#.a.v_proj", &[0, 1, 4])],
    ];
    for modules in sound {
        let has_o = modules.iter().any(|(module, _)| module.ends_with("o_proj"));
        let fields = if has_o { Q_AND_V.replace("v_proj", r#"v_proj", "o_proj"#) } else { Q_AND_V.to_owned() };
        assert_eq!(layered(&fields, modules).exits(0), NO_PROBLEMS, "{modules:?}");
    }
    let uneven: [(&str, &[usize]); 10] = [
        ("base_model.model.d.0.conv1.lora_A.weight", &[4, 8]),
        ("base_model.model.d.0.conv1.lora_B.weight", &[8, 4]),
        ("base_model.model.d.1.conv1.lora_A.weight", &[4, 8]),
        ("base_model.model.d.1.conv1.lora_B.weight", &[16, 4]),
        ("base_model.model.d.2.conv1.lora_A.weight", &[4, 16]),
        ("base_model.model.d.2.conv1.lora_B.weight", &[32, 4]),
        ("base_model.model.d.1.shortcut.lora_A.weight", &[4, 8]),
        ("base_model.model.d.1.shortcut.lora_B.weight", &[16, 4]),
        ("base_model.model.d.2.shortcut.lora_A.weight", &[4, 16]),
        ("base_model.model.d.2.shortcut.lora_B.weight", &[32, 4]),
    ];
    assert_eq!(lora(r#""target_modules": ["conv1", "shortcut"]"#, &uneven).exits(0), NO_PROBLEMS);
    let excluded = format!(r#"{Q_AND_V}, "exclude_modules": ["layers.2.v_proj"]"#);
    let modules: [(&str, &[usize]); 2] = [("layers.#.q_proj", &[0, 1, 2]), ("layers.#.v_proj", &[0, 1])];
    assert_eq!(layered(&excluded, &modules).exits(0), NO_PROBLEMS);
}

#[test]
fn layers_that_the_config_does_not_choose_have_no_tensors() {
    let check = |fields: &str, code| {
        let fields = format!(r#""target_modules": ["q_proj"], {fields}"#);
        layered(&fields, &[("model.layers.#.q_proj", &[0, 1, 2])]).exits(code)
    };
    insta::assert_snapshot!(check(r#""layers_to_transform": [0, 1]"#, 1), @r#"
    --- stdout
    error[tensors-outside-targets]: `model.layers.2.q_proj` has tensors, but `layers_to_transform` does not choose its layer
     --> adapter_config.json:1:120
      |
    1 | ...es": ["q_proj"], "layers_to_transform": [0, 1]}
      |                                            ^^^^^^ decides which modules are adapted
      |
      = note: PEFT ignores them without a word, and leaves their modules as they were initialised
      = help: peftspec explain tensors-outside-targets

    --- stderr
    1 error in 1 file (2 files checked)
    "#);
    for chosen in ["[0, 1, 2]", "[]", "null"] {
        assert_eq!(check(&format!(r#""layers_to_transform": {chosen}"#), 0), NO_PROBLEMS, "{chosen}");
    }
    assert!(
        check(r#""layers_to_transform": 0"#, 1).contains("2 modules, such as `model.layers.1.q_proj`, have tensors")
    );
    let pattern = |pattern: &str| format!(r#""layers_to_transform": [0, 1, 2], "layers_pattern": {pattern}"#);
    assert_eq!(check(&pattern(r#"["h", "layers"]"#), 0), NO_PROBLEMS);
    assert!(check(&pattern(r#""h""#), 1).contains("3 modules, such as `model.layers.0.q_proj`, have tensors"));
}
