//! Starting a prompt from a text: what it needs, and what is ignored without it.

use crate::rule::{
    Expr::{All, HasKey, Is, IsNull, IsTruthy, Not},
    Rule, rule,
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] = &[
    &TEXT_INIT_WITHOUT_TOKENIZER,
    &TEXT_INIT_WITHOUT_TEXT,
    &EMPTY_INIT_TEXT,
    &TOKENIZER_KWARGS_WITHOUT_TEXT_INIT,
    &TRUST_REMOTE_CODE_IGNORED,
    &UNUSED_INIT_TEXT,
    &UNUSED_TOKENIZER,
];

rule! {
    /// To start from a text PEFT needs a tokenizer that cuts it into tokens.
    ///
    /// An error: the config class refuses it, in trained adapters too.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "Classify the review:"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "Classify the review:", "tokenizer_name_or_path": "gpt2"}
    /// ```
    pub(crate) static TEXT_INIT_WITHOUT_TOKENIZER: Error since "0.10.0" = {
        when: Is("prompt_tuning_init", "TEXT"),
        require: IsTruthy("tokenizer_name_or_path"),
        blame: "tokenizer_name_or_path",
        message: "`prompt_tuning_init` TEXT needs `tokenizer_name_or_path`",
        label: "must name a tokenizer",
        context: &[("prompt_tuning_init", "starts from a text, which needs a tokenizer")],
        notes: &["PEFT stops with `ValueError: When prompt_tuning_init='TEXT', tokenizer_name_or_path can't be None.`"],
    }
}

rule! {
    /// To start from a text PEFT needs the text.
    ///
    /// An error: the config class refuses it, in trained adapters too.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "TEXT", "tokenizer_name_or_path": "gpt2"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "Classify the review:", "tokenizer_name_or_path": "gpt2"}
    /// ```
    pub(crate) static TEXT_INIT_WITHOUT_TEXT: Error since "0.10.0" = {
        when: Is("prompt_tuning_init", "TEXT"),
        require: Not(&IsNull("prompt_tuning_init_text")),
        blame: "prompt_tuning_init_text",
        message: "`prompt_tuning_init` TEXT needs `prompt_tuning_init_text`",
        label: "must be the text",
        context: &[("prompt_tuning_init", "starts from a text")],
        notes: &["PEFT stops with `ValueError: When prompt_tuning_init='TEXT', prompt_tuning_init_text can't be None.`"],
    }
}

rule! {
    /// An empty text gives no tokens to start from, unless the tokenizer adds some of its own.
    ///
    /// A warning: with a tokenizer that adds no tokens of its own, building the model divides by zero.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "", "tokenizer_name_or_path": "gpt2"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "Classify the review:", "tokenizer_name_or_path": "gpt2"}
    /// ```
    static EMPTY_INIT_TEXT: Warning = {
        when: All(&[
            Is("prompt_tuning_init", "TEXT"),
            Not(&IsNull("prompt_tuning_init_text")),
            Not(&IsTruthy("inference_mode")),
        ]),
        require: IsTruthy("prompt_tuning_init_text"),
        blame: "prompt_tuning_init_text",
        message: "the initial text is empty",
        label: "no token to start from",
        context: &[("prompt_tuning_init", "starts from a text")],
        notes: &["`get_peft_model` stops with `ZeroDivisionError` unless the tokenizer adds tokens of its own"],
    }
}

rule! {
    /// `tokenizer_kwargs` goes with TEXT only. `{}` is accepted.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "tokenizer_kwargs": {"use_fast": true}}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "tokenizer_kwargs": {}}
    /// ```
    pub(crate) static TOKENIZER_KWARGS_WITHOUT_TEXT_INIT: Error since "0.7.0" = {
        when: IsTruthy("tokenizer_kwargs"),
        require: Is("prompt_tuning_init", "TEXT"),
        blame: "tokenizer_kwargs",
        message: "`tokenizer_kwargs` goes with `prompt_tuning_init` TEXT only, which is {prompt_tuning_init} here",
        label: "remove it, or start from a text",
        context: &[("prompt_tuning_init", "no tokenizer is used")],
        notes: &["PEFT stops with `ValueError: tokenizer_kwargs only valid when using prompt_tuning_init='TEXT'.`"],
    }
}

rule! {
    /// PEFT takes `trust_remote_code` out of `tokenizer_kwargs`, so a tokenizer that needs its own code does not load.
    ///
    /// A warning: it is dropped without a word.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "Classify:", "tokenizer_name_or_path": "gpt2", "tokenizer_kwargs": {"trust_remote_code": true}}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "TEXT",
    ///  "prompt_tuning_init_text": "Classify:", "tokenizer_name_or_path": "gpt2", "tokenizer_kwargs": {"use_fast": true}}
    /// ```
    static TRUST_REMOTE_CODE_IGNORED: Warning = {
        when: HasKey("tokenizer_kwargs", "trust_remote_code"),
        require: Not(&HasKey("tokenizer_kwargs", "trust_remote_code")),
        blame: "tokenizer_kwargs/trust_remote_code",
        message: "`trust_remote_code` has no effect in `tokenizer_kwargs`",
        label: "PEFT takes it out",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// The initial text is read with `prompt_tuning_init` TEXT only.
    ///
    /// A warning: PEFT ignores the field, and starts from something else than the text.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "RANDOM", "prompt_tuning_init_text": "Classify the review:"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init": "RANDOM"}
    /// ```
    static UNUSED_INIT_TEXT: Warning = {
        when: IsTruthy("prompt_tuning_init_text"),
        require: Is("prompt_tuning_init", "TEXT"),
        blame: "prompt_tuning_init_text",
        message: "`prompt_tuning_init_text` is not used: `prompt_tuning_init` is {prompt_tuning_init}",
        label: "only read with TEXT",
        context: &[("prompt_tuning_init", "does not start from a text")],
        notes: &[],
    }
}

rule! {
    /// The tokenizer is read with `prompt_tuning_init` TEXT only.
    ///
    /// A warning: PEFT ignores the field.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "tokenizer_name_or_path": "gpt2"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    static UNUSED_TOKENIZER: Warning = {
        when: IsTruthy("tokenizer_name_or_path"),
        require: Is("prompt_tuning_init", "TEXT"),
        blame: "tokenizer_name_or_path",
        message: "`tokenizer_name_or_path` is not used: `prompt_tuning_init` is {prompt_tuning_init}",
        label: "only read with TEXT",
        context: &[("prompt_tuning_init", "does not start from a text")],
        notes: &[],
    }
}
