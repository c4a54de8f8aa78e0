//! What each way to start needs, and settings that belong to another.

use crate::rule::{
    Comparison::Equal,
    Expr::{All, Any, Compare, HasKey, Is, IsA, IsMultipleOf, IsNull, IsOneOf, IsTruthy, Matches, Not},
    Operand::{Field, Integer},
    Rule,
    Text::StartsWith,
    Type::Boolean,
    rule,
};

/// What a method that inherits from LoRA keeps to as well.
pub(in crate::methods) static INHERITED_RULES: &[&Rule] = &[
    &LOFTQ_WITHOUT_CONFIG,
    &LOFTQ_CONFIG_INCOMPLETE,
    &LOFTQ_BITS_UNSUPPORTED,
    &UNUSED_LOFTQ_CONFIG,
    &EVA_WITHOUT_CONFIG,
    &UNUSED_EVA_CONFIG,
    &CORDA_WITHOUT_CONFIG,
    &TRAINED_CORDA_NOT_PREPARED,
    &UNUSED_CORDA_CONFIG,
    &UNUSED_LORA_GA_CONFIG,
    &LORA_BIAS_WITH_NAMED_START,
    &RSLORA_PATTERNS_NOT_CONVERTIBLE,
];

/// What concerns LoRA alone.
pub(super) static RULES: &[&Rule] = &[&ORTHOGONAL_WITH_ODD_RANK];

rule! {
    /// The start that makes up for quantisation must know the quantisation.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "loftq"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}}
    /// ```
    pub(in crate::methods) static LOFTQ_WITHOUT_CONFIG: Error since "0.7.0" = {
        when: Is("init_lora_weights", "loftq"),
        require: IsTruthy("loftq_config"),
        blame: "loftq_config",
        message: "`init_lora_weights` loftq needs `loftq_config`",
        label: "must have `loftq_bits` and `loftq_iter`",
        context: &[("init_lora_weights", "makes up for quantisation")],
        notes: &["PEFT stops with `ValueError: loftq_config must be specified when init_lora_weights is 'loftq'.`"],
    }
}

rule! {
    /// PEFT reads both settings and has no defaults for a plain object.
    ///
    /// An error: the model cannot be created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}}
    /// ```
    static LOFTQ_CONFIG_INCOMPLETE: Error = {
        when: All(&[Is("init_lora_weights", "loftq"), IsTruthy("loftq_config")]),
        require: All(&[HasKey("loftq_config", "loftq_bits"), HasKey("loftq_config", "loftq_iter")]),
        blame: "loftq_config",
        message: "`loftq_config` does not have both `loftq_bits` and `loftq_iter`",
        label: "both are read",
        context: &[("init_lora_weights", "makes up for quantisation")],
        notes: &["PEFT stops with a `KeyError` when the model is created"],
    }
}

rule! {
    /// PEFT can quantise to 4 and to 8 bits.
    ///
    /// An error: the model cannot be created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 2, "loftq_iter": 1}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 8, "loftq_iter": 1}}
    /// ```
    static LOFTQ_BITS_UNSUPPORTED: Error = {
        when: All(&[Is("init_lora_weights", "loftq"), HasKey("loftq_config", "loftq_bits")]),
        require: Any(&[
            Compare(Field("loftq_config/loftq_bits"), Equal, Integer(4)),
            Compare(Field("loftq_config/loftq_bits"), Equal, Integer(8)),
        ]),
        blame: "loftq_config/loftq_bits",
        message: "`loftq_bits` is {loftq_config/loftq_bits}; PEFT can quantise to 4 and to 8 bits",
        label: "must be 4 or 8",
        context: &[],
        notes: &["PEFT stops with `ValueError: Only support 4 and 8 bits quantization`"],
    }
}

rule! {
    /// The settings are read with the start that makes up for quantisation only.
    ///
    /// A warning: PEFT warns, and empties the field.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": true, "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": true, "loftq_config": {}}
    /// ```
    static UNUSED_LOFTQ_CONFIG: Warning = {
        when: IsTruthy("loftq_config"),
        require: Is("init_lora_weights", "loftq"),
        blame: "loftq_config",
        message: "`loftq_config` is not used: `init_lora_weights` is {init_lora_weights}",
        label: "only read with loftq",
        context: &[("init_lora_weights", "does not make up for quantisation")],
        notes: &["PEFT warns, and empties the field"],
    }
}

rule! {
    /// Without settings the start from activations has its defaults.
    ///
    /// PEFT warns, and fills them in.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "eva"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "eva", "eva_config": {"rho": 2.0}}
    /// ```
    static EVA_WITHOUT_CONFIG: Info since "0.14.0" = {
        when: All(&[Is("init_lora_weights", "eva"), Not(&IsTruthy("loftq_config"))]),
        require: Not(&IsNull("eva_config")),
        blame: "eva_config",
        message: "`init_lora_weights` is eva, but there is no `eva_config`",
        label: "defaults are filled in",
        context: &[("init_lora_weights", "starts from activations")],
        notes: &["PEFT warns, and takes the defaults"],
    }
}

rule! {
    /// The settings are read with the start from activations only.
    ///
    /// A warning: PEFT ignores them, and says so with most other starts.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": true, "eva_config": {"rho": 2.0}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "eva", "eva_config": {"rho": 2.0}}
    /// ```
    static UNUSED_EVA_CONFIG: Warning = {
        when: Not(&IsNull("eva_config")),
        require: Is("init_lora_weights", "eva"),
        blame: "eva_config",
        message: "`eva_config` is not used: `init_lora_weights` is {init_lora_weights}",
        label: "only read with eva",
        context: &[("init_lora_weights", "does not start from activations")],
        notes: &[],
    }
}

rule! {
    /// Without settings the start that is steered by sample data has its defaults.
    ///
    /// PEFT warns, and fills them in.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "corda"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "corda", "corda_config": {"corda_method": "kpm"}}
    /// ```
    static CORDA_WITHOUT_CONFIG: Info since "0.15.0" = {
        when: All(&[Is("init_lora_weights", "corda"), IsNull("eva_config"), Not(&IsTruthy("loftq_config"))]),
        require: Not(&IsNull("corda_config")),
        blame: "corda_config",
        message: "`init_lora_weights` is corda, but there is no `corda_config`",
        label: "defaults are filled in",
        context: &[("init_lora_weights", "is steered by sample data")],
        notes: &["PEFT warns, and takes the defaults"],
    }
}

rule! {
    /// The settings are read with the start that is steered by sample data only.
    ///
    /// A warning: PEFT ignores them, and says so with most other starts.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": true, "corda_config": {"corda_method": "kpm"}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "corda", "corda_config": {"corda_method": "kpm"}}
    /// ```
    static UNUSED_CORDA_CONFIG: Warning = {
        when: Not(&IsNull("corda_config")),
        require: Is("init_lora_weights", "corda"),
        blame: "corda_config",
        message: "`corda_config` is not used: `init_lora_weights` is {init_lora_weights}",
        label: "only read with corda",
        context: &[("init_lora_weights", "is not steered by sample data")],
        notes: &[],
    }
}

rule! {
    /// The settings are read with the start along the first gradient only.
    ///
    /// A warning: PEFT ignores them without a word.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": true, "lora_ga_config": {"scale": "unit"}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "lora_ga", "lora_ga_config": {"scale": "unit"}}
    /// ```
    static UNUSED_LORA_GA_CONFIG: Warning = {
        when: Not(&IsNull("lora_ga_config")),
        require: Is("init_lora_weights", "lora_ga"),
        blame: "lora_ga_config",
        message: "`lora_ga_config` is not used: `init_lora_weights` is {init_lora_weights}",
        label: "only read with lora_ga",
        context: &[("init_lora_weights", "does not follow the gradient")],
        notes: &[],
    }
}

rule! {
    /// The update has a bias only where it starts in the usual way.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "pissa", "lora_bias": true}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": true, "lora_bias": true}
    /// ```
    static LORA_BIAS_WITH_NAMED_START: Error since "0.14.0" = {
        when: IsTruthy("lora_bias"),
        require: IsA("init_lora_weights", Boolean),
        blame: "lora_bias",
        message: "`lora_bias` goes with `init_lora_weights` true or false only, which is {init_lora_weights} here",
        label: "must be false",
        context: &[("init_lora_weights", "a named start")],
        notes: &["PEFT stops with `ValueError: lora_bias=True is only supported with init_lora_weights=True or False`"],
    }
}

rule! {
    /// Some starts change the base model to make up for the adapter; PEFT can turn such an adapter into a plain one when it saves.
    /// With rank-stabilised scaling and patterns it cannot.
    ///
    /// A warning: training works; saving with `path_initial_model_for_weight_conversion` fails.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "pissa", "use_rslora": true, "rank_pattern": {"q_proj": 32}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "pissa", "use_rslora": true}
    /// ```
    static RSLORA_PATTERNS_NOT_CONVERTIBLE: Warning = {
        when: All(&[
            Any(&[IsTruthy("rank_pattern"), IsTruthy("alpha_pattern")]),
            Any(&[
                Matches("init_lora_weights", StartsWith(&["pissa"])),
                IsOneOf("init_lora_weights", &["olora", "corda", "lora_ga"]),
            ]),
        ]),
        require: Not(&IsTruthy("use_rslora")),
        blame: "use_rslora",
        message: "the adapter cannot be turned into a plain one when it is saved",
        label: "not together with patterns and this start",
        context: &[
            ("init_lora_weights", "changes the base model"),
            ("rank_pattern", "scales differ"),
            ("alpha_pattern", "scales differ"),
        ],
        notes: &["`save_pretrained` with `path_initial_model_for_weight_conversion` does not work; without it, it does"],
    }
}

rule! {
    /// Orthogonal factors are made in two halves.
    ///
    /// An error: PEFT refuses it when the model is created or loaded. With a `rank_pattern` it depends on what that matches.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "orthogonal", "r": 7}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": "orthogonal", "r": 8}
    /// ```
    static ORTHOGONAL_WITH_ODD_RANK: Error = {
        when: All(&[Is("init_lora_weights", "orthogonal"), Not(&IsTruthy("rank_pattern"))]),
        require: IsMultipleOf("r", 2),
        blame: "r",
        message: "`init_lora_weights` orthogonal needs an even rank, and `r` is {r}",
        label: "must be even",
        context: &[("init_lora_weights", "makes factors in two halves")],
        notes: &["PEFT stops with a `ValueError`: orthogonal initialization requires the LoRA rank to be even"],
    }
}

rule! {
    /// A start that CorDA prepares is prepared again whenever the adapter is loaded, although its trained weights are there.
    ///
    /// A warning: the base model may have been prepared, which the config does not tell.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "init_lora_weights": "corda", "inference_mode": true, "corda_config": {}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "init_lora_weights": true, "inference_mode": true}
    /// ```
    static TRAINED_CORDA_NOT_PREPARED: Warning since "0.15.0" = {
        when: IsTruthy("inference_mode"),
        require: Not(&Is("init_lora_weights", "corda")),
        blame: "init_lora_weights",
        message: "this trained adapter starts with CorDA, which needs the base model to be prepared before it loads",
        label: "call `preprocess_corda` first, or save with `path_initial_model_for_weight_conversion`",
        context: &[("inference_mode", "a trained adapter")],
        notes: &["PEFT stops with ``ValueError: `eigens` attribute not found for layer, please run `preprocess_corda` first``"],
    }
}
