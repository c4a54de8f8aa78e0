//! Variants of LoRA: what goes with what.

use crate::rule::{
    Expr::{All, Any, AtMostOne, Is, IsNull, IsTruthy, Not, Overlap},
    Rule, rule,
};

/// What a method that inherits from LoRA keeps to as well.
pub(in crate::methods) static INHERITED_RULES: &[&Rule] = &[
    &DORA_WITH_MEGATRON,
    &LORA_BIAS_WITH_DORA,
    &INVOCATION_TOKENS_WITHOUT_CAUSAL_LM,
    &BLOCK_DIAGONAL_TWICE,
    &ARROW_ADAPTERS_FORGOTTEN,
    &ARROW_NOT_LOADABLE_UP_TO_PEFT_0_20,
    &ARROW_NOT_LOADABLE,
];

/// What concerns LoRA alone.
pub(super) static RULES: &[&Rule] = &[&VARIANTS_COMBINED, &VARIANTS_OVERRULED];

rule! {
    /// DoRA does not know the parallel layers of Megatron.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "use_dora": true, "megatron_config": {"hidden_size": 16}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "megatron_config": {"hidden_size": 16}}
    /// ```
    pub(in crate::methods) static DORA_WITH_MEGATRON: Error since "0.9.0" = {
        when: IsTruthy("megatron_config"),
        require: Not(&IsTruthy("use_dora")),
        blame: "use_dora",
        message: "DoRA does not work with `megatron_config`",
        label: "must be false",
        context: &[("megatron_config", "makes parallel layers")],
        notes: &["PEFT stops with `ValueError: DoRA does not support megatron_core, please set use_dora=False.`"],
    }
}

rule! {
    /// DoRA has no place for a bias of the update.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "use_dora": true, "lora_bias": true}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "lora_bias": true}
    /// ```
    static LORA_BIAS_WITH_DORA: Error since "0.14.0" = {
        when: IsTruthy("use_dora"),
        require: Not(&IsTruthy("lora_bias")),
        blame: "lora_bias",
        message: "`lora_bias` does not work with DoRA",
        label: "must be false",
        context: &[("use_dora", "has no place for it")],
        notes: &["PEFT stops with `ValueError: The argument lora_bias=True is not supported for DoRA`"],
    }
}

rule! {
    /// The adapter is switched on by tokens of a text that is being continued.
    ///
    /// A warning: PEFT warns, and goes on.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "task_type": "SEQ_CLS", "alora_invocation_tokens": [27, 91]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "task_type": "CAUSAL_LM", "alora_invocation_tokens": [27, 91]}
    /// ```
    static INVOCATION_TOKENS_WITHOUT_CAUSAL_LM: Warning = {
        when: Not(&IsNull("alora_invocation_tokens")),
        require: Is("task_type", "CAUSAL_LM"),
        blame: "task_type",
        message: "`alora_invocation_tokens` is made for CAUSAL_LM, and `task_type` is {task_type}",
        label: "expected CAUSAL_LM",
        context: &[("alora_invocation_tokens", "switch the adapter on")],
        notes: &["PEFT warns, and goes on"],
    }
}

rule! {
    /// One factor of a module is block-diagonal, not both.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "use_bdlora": {"target_modules_bd_a": ["q_proj"], "target_modules_bd_b": ["q_proj", "v_proj"]}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "use_bdlora": {"target_modules_bd_a": ["o_proj"], "target_modules_bd_b": ["q_proj", "v_proj"]}}
    /// ```
    static BLOCK_DIAGONAL_TWICE: Error since "0.21.0" = {
        when: All(&[]),
        require: Not(&Overlap("use_bdlora/target_modules_bd_a", "use_bdlora/target_modules_bd_b")),
        blame: "use_bdlora/target_modules_bd_a",
        message: "`{item}` is in `target_modules_bd_a` and in `target_modules_bd_b`",
        label: "may be in one of them only",
        context: &[("use_bdlora/target_modules_bd_b", "here too")],
        notes: &["PEFT stops with `ValueError: Found overlapping modules in target_modules_bd lists`"],
    }
}

rule! {
    /// `create_arrow_model` sets the names of the adapters that are mixed.
    ///
    /// A warning: PEFT writes them to the file, and drops them without a word when it reads it, since 0.21.0.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "arrow_config": {"task_adapter_names": ["task_1", "task_2"]}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "arrow_config": {"top_k": 2}}
    /// ```
    static ARROW_ADAPTERS_FORGOTTEN: Warning since "0.21.0" = {
        when: All(&[]),
        require: Not(&Any(&[IsTruthy("arrow_config/task_adapter_names"), IsTruthy("arrow_config/gks_adapter_names")])),
        blame: "arrow_config",
        message: "PEFT forgets the names of adapters in `arrow_config` when it loads",
        label: "set again by `create_arrow_model`",
        context: &[("arrow_config/task_adapter_names", "dropped"), ("arrow_config/gks_adapter_names", "dropped")],
        notes: &[],
    }
}

rule! {
    /// A layer can be one variant at a time.
    ///
    /// An error: PEFT refuses it when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "use_dora": true, "kasa_config": {"beta": 0.0001}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "kasa_config": {"beta": 0.0001}}
    /// ```
    static VARIANTS_COMBINED: Error since "0.20.0" = {
        when: All(&[]),
        require: AtMostOne(&[
            IsTruthy("use_dora"),
            IsTruthy("alora_invocation_tokens"),
            Is("init_lora_weights", "mica"),
            Not(&IsNull("arrow_config")),
            Not(&IsNull("use_bdlora")),
            Not(&IsNull("velora_config")),
            Not(&IsNull("monteclora_config")),
            Not(&IsNull("kasa_config")),
        ]),
        blame: "use_dora",
        message: "LoRA works in one variant at a time, and {rivals} ask for one each",
        label: "a variant, if true",
        context: &[
            ("alora_invocation_tokens", "a variant, unless null or empty"),
            ("init_lora_weights", "a variant, if mica"),
            ("arrow_config", "a variant, unless null"),
            ("use_bdlora", "a variant, unless null"),
            ("velora_config", "a variant, unless null"),
            ("monteclora_config", "a variant, unless null"),
            ("kasa_config", "a variant, unless null"),
        ],
        notes: &["PEFT stops with `ValueError: Invalid or unsupported variant combination`"],
    }
}

rule! {
    /// Up to 0.19.1 PEFT takes the first of Arrow, BD-LoRA, activated LoRA and DoRA that is asked for, and forgets the others.
    ///
    /// A warning: nothing fails in these releases; later ones refuse it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "task_type": "CAUSAL_LM", "use_dora": true, "alora_invocation_tokens": [27, 91]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "task_type": "CAUSAL_LM", "alora_invocation_tokens": [27, 91]}
    /// ```
    static VARIANTS_OVERRULED: Warning since "0.18.0" until "0.19.1" = {
        when: All(&[]),
        require: AtMostOne(&[
            Not(&IsNull("arrow_config")),
            Not(&IsNull("use_bdlora")),
            Not(&IsNull("alora_invocation_tokens")),
            IsTruthy("use_dora"),
        ]),
        blame: "use_dora",
        message: "of the variants that {rivals} ask for, PEFT up to 0.19.1 takes one, and forgets the others without a word",
        label: "taken fourth",
        context: &[
            ("arrow_config", "taken first, unless null"),
            ("use_bdlora", "taken second, unless null"),
            ("alora_invocation_tokens", "taken third, unless null"),
        ],
        notes: &["later releases stop with `ValueError: Invalid or unsupported variant combination`"],
    }
}

rule! {
    /// Up to 0.20.0 PEFT leaves the settings that it reads from a file a plain dictionary, and then reads attributes of it.
    ///
    /// A warning: PEFT writes such files itself. To mix adapters, `create_arrow_model` is called with a config made in code.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "arrow_config": {"top_k": 3}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "arrow_config": null}
    /// ```
    static ARROW_NOT_LOADABLE_UP_TO_PEFT_0_20: Warning since "0.18.0" until "0.20.0" = {
        when: All(&[]),
        require: IsNull("arrow_config"),
        blame: "arrow_config",
        message: "PEFT up to 0.20.0 builds no model from an `arrow_config` that was read from a file",
        label: "null in a file; made in code by `create_arrow_model`",
        context: &[],
        notes: &["PEFT stops with `AttributeError: 'dict' object has no attribute 'top_k'`"],
    }
}

rule! {
    /// PEFT drops the names of the adapters when it reads the settings, and then copies them.
    ///
    /// A warning: PEFT writes such files itself. To mix adapters, `create_arrow_model` is called with a config made in code.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "arrow_config": {"top_k": 3}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "arrow_config": null}
    /// ```
    static ARROW_NOT_LOADABLE: Warning since "0.21.0" = {
        when: All(&[]),
        require: IsNull("arrow_config"),
        blame: "arrow_config",
        message: "PEFT builds no model from an `arrow_config` that was read from a file",
        label: "null in a file; made in code by `create_arrow_model`",
        context: &[],
        notes: &["PEFT stops with `AttributeError: 'NoneType' object has no attribute 'copy'`"],
    }
}
