//! Ranks, alphas and targets: of all modules and of single ones.

use crate::rule::{
    Comparison::Equal,
    Expr::{All, Any, AnyValue, Compare, EveryKey, IsNull, IsTruthy, Not, Overlap},
    Operand::{Field, Integer},
    Rule,
    Text::RegexBetween,
    rule,
};

/// What a method that inherits from LoRA keeps to as well.
pub(in crate::methods) static INHERITED_RULES: &[&Rule] = &[&ZERO_ALPHA, &TRAINABLE_TOKENS_SAVED_IN_FULL];

/// What concerns methods where single modules can have another rank and alpha.
pub(in crate::methods) static PATTERN_RULES: &[&Rule] = &[
    &RANK_PATTERN_NULL,
    &ALPHA_PATTERN_NULL,
    &RANK_PATTERN_KEY_NOT_A_REGEX,
    &ALPHA_PATTERN_KEY_NOT_A_REGEX,
    &ZERO_ALPHA_IN_PATTERN,
];

/// What concerns LoRA alone.
pub(super) static RULES: &[&Rule] = &[&TARGET_PARAMETERS_UNSUPPORTED];

rule! {
    /// The update is scaled by alpha, so with 0 it does nothing and gets no gradient.
    ///
    /// An error: there is nothing to train, although PEFT accepts it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "lora_alpha": 0}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "lora_alpha": 16}
    /// ```
    static ZERO_ALPHA: Error = {
        when: All(&[]),
        require: Not(&Compare(Field("lora_alpha"), Equal, Integer(0))),
        blame: "lora_alpha",
        message: "with `lora_alpha` 0 the adapter does nothing and learns nothing",
        label: "expected a number other than 0",
        context: &[],
        notes: &["PEFT accepts it, and multiplies the update by 0"],
    }
}

rule! {
    /// The keys of `alpha_pattern` are regular expressions of Python's for the end of a module's name.
    ///
    /// An error: PEFT stops when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "alpha_pattern": {"(q_proj|v_proj": 32}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "alpha_pattern": {"(q_proj|v_proj)": 32}}
    /// ```
    pub(in crate::methods) static ALPHA_PATTERN_KEY_NOT_A_REGEX: Error = {
        when: IsTruthy("alpha_pattern"),
        require: EveryKey("alpha_pattern", RegexBetween(r"(.*\.)?(", ")$")),
        blame: "alpha_pattern",
        message: "the key `{item}` of `alpha_pattern` is no regular expression",
        label: "must be the end of a name, or a regular expression for it",
        context: &[],
        notes: &["PEFT compiles `(.*\\.)?({item})$`, at which Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// With an alpha of 0 the modules that a key stands for get no update, and learn nothing.
    ///
    /// A warning: PEFT accepts it and multiplies their update by 0; the other modules are trained. To leave modules out, name them in
    /// `exclude_modules`.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"], "alpha_pattern": {"v_proj": 0}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"], "alpha_pattern": {"v_proj": 8}}
    /// ```
    static ZERO_ALPHA_IN_PATTERN: Warning = {
        when: All(&[]),
        require: Not(&AnyValue("alpha_pattern", Equal, 0)),
        blame: "alpha_pattern",
        message: "with 0 in `alpha_pattern` the modules of `{item}` get no update and learn nothing",
        label: "expected a number other than 0",
        context: &[],
        notes: &["PEFT accepts it, and multiplies their update by 0"],
    }
}

rule! {
    /// The keys of `rank_pattern` are regular expressions of Python's for the end of a module's name.
    ///
    /// An error: PEFT stops when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "rank_pattern": {"*.q_proj": 32}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "rank_pattern": {".*.q_proj": 32}}
    /// ```
    static RANK_PATTERN_KEY_NOT_A_REGEX: Error = {
        when: IsTruthy("rank_pattern"),
        require: EveryKey("rank_pattern", RegexBetween(r"(.*\.)?(", ")$")),
        blame: "rank_pattern",
        message: "the key `{item}` of `rank_pattern` is no regular expression",
        label: "must be the end of a name, or a regular expression for it",
        context: &[],
        notes: &["PEFT compiles `(.*\\.)?({item})$`, at which Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// Without patterns the field is an empty object, not null.
    ///
    /// An error: PEFT takes null for an object when it creates or loads a model.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "rank_pattern": null}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "rank_pattern": {}}
    /// ```
    static RANK_PATTERN_NULL: Error = {
        when: All(&[]),
        require: Not(&IsNull("rank_pattern")),
        blame: "rank_pattern",
        message: "`rank_pattern` must not be null",
        label: "an empty object for none",
        context: &[],
        notes: &["PEFT stops with `AttributeError: 'NoneType' object has no attribute 'keys'`"],
    }
}

rule! {
    /// Without patterns the field is an empty object, not null.
    ///
    /// An error: PEFT takes null for an object when it creates or loads a model.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "alpha_pattern": null}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "alpha_pattern": {}}
    /// ```
    static ALPHA_PATTERN_NULL: Error = {
        when: All(&[]),
        require: Not(&IsNull("alpha_pattern")),
        blame: "alpha_pattern",
        message: "`alpha_pattern` must not be null",
        label: "an empty object for none",
        context: &[],
        notes: &["PEFT stops with `AttributeError: 'NoneType' object has no attribute 'keys'`"],
    }
}

rule! {
    /// A layer is either marked for single tokens or trained in full.
    ///
    /// An error: PEFT refuses it when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "trainable_token_indices": {"embed_tokens": [1]}, "modules_to_save": ["embed_tokens"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "trainable_token_indices": {"embed_tokens": [1]}, "modules_to_save": ["lm_head"]}
    /// ```
    static TRAINABLE_TOKENS_SAVED_IN_FULL: Error = {
        when: All(&[]),
        require: Not(&Overlap("trainable_token_indices", "modules_to_save")),
        blame: "trainable_token_indices",
        message: "`{item}` is in `trainable_token_indices` and in `modules_to_save`",
        label: "single tokens",
        context: &[("modules_to_save", "all tokens")],
        notes: &["PEFT stops with `ValueError: The embedding layer is already marked to be trained fully`"],
    }
}

rule! {
    /// Parameters that are targeted by name get a plain update: no dropout, no bias, no variant.
    ///
    /// A warning: PEFT refuses it once a parameter matches, which takes the base model to know.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": [], "target_parameters": ["experts.gate_up_proj"], "lora_dropout": 0.05}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": [], "target_parameters": ["experts.gate_up_proj"]}
    /// ```
    static TARGET_PARAMETERS_UNSUPPORTED: Warning = {
        when: IsTruthy("target_parameters"),
        require: Not(&Any(&[
            IsTruthy("lora_dropout"),
            IsTruthy("fan_in_fan_out"),
            IsTruthy("lora_bias"),
            IsTruthy("use_dora"),
            Not(&IsNull("velora_config")),
            Not(&IsNull("kasa_config")),
        ])),
        blame: "target_parameters",
        message: "parameters are targeted, which works with plain LoRA only",
        label: "no dropout, bias or variant for these",
        context: &[
            ("lora_dropout", "must be 0"),
            ("fan_in_fan_out", "must be false"),
            ("lora_bias", "must be false"),
            ("use_dora", "must be false"),
            ("velora_config", "must be null"),
            ("kasa_config", "must be null"),
        ],
        notes: &["PEFT stops with `ValueError: lora.ParamWrapper does not work with …` when one of them matches"],
    }
}
