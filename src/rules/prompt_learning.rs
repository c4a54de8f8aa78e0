//! What every method that learns a prompt needs before a model can be built.

use super::classifier_heads;
use crate::rule::{
    Comparison::{AtMost, Greater},
    Evidence,
    Expr::{All, Any, Compare, Is, IsNull, IsTruthy, Not},
    Operand::{Field, Integer},
    Rule, rule,
};

/// What every method with `num_virtual_tokens` needs.
pub(crate) static RULES: &[&Rule] = &[
    &MISSING_NUM_VIRTUAL_TOKENS,
    &MISSING_TASK_TYPE,
    &classifier_heads::HEAD_BREAKS_PEFT_0_13,
    &classifier_heads::HEAD_BREAKS_PEFT_0_15,
    &classifier_heads::HEAD_BREAKS_PEFT_0_16,
    &classifier_heads::HEAD_LOST_BY_PEFT_0_16,
];

/// For methods whose prompt stands before the input.
pub(crate) static SUBMODULE_RULES: &[&Rule] = &[&MORE_SUBMODULES_THAN_TASK];

/// For methods whose prompt stands before the input of encoder and decoder.
pub(crate) static ENCODER_DECODER_RULES: &[&Rule] = &[&PROMPT_FOR_ENCODER_ONLY, &MORE_THAN_TWO_SUBMODULES];

/// For methods whose prompt is keys and values.
pub(crate) static KEY_VALUE_RULES: &[&Rule] = &[&MORE_SUBMODULES_THAN_CACHES];

rule! {
    /// `num_virtual_tokens` has no default: without it PEFT cannot tell how large the prompt is.
    ///
    /// A warning, since PEFT itself writes configs without it when they are saved before a model is built; `get_peft_model`
    /// and loading then fail with a `TypeError`.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 20}
    /// ```
    static MISSING_NUM_VIRTUAL_TOKENS: Warning = {
        when: All(&[]),
        require: Not(&IsNull("num_virtual_tokens")),
        blame: "num_virtual_tokens",
        message: "`num_virtual_tokens` is not set, so no model can be built",
        label: "expected a number of at least 1",
        context: &[],
        notes: &["PEFT stops with `TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'`"],
        certain_with: &[Evidence::Weights, Evidence::BaseModel],
    }
}

rule! {
    /// For methods that learn a prompt `get_peft_model` looks the task type up in a table, so training needs one.
    ///
    /// A warning, since a trained adapter loads without it and PEFT itself writes such configs.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "CAUSAL_LM"}
    /// ```
    static MISSING_TASK_TYPE: Warning = {
        when: Not(&IsTruthy("inference_mode")),
        require: Not(&IsNull("task_type")),
        blame: "task_type",
        message: "`task_type` is not set, so the config cannot be trained with",
        label: "expected a task type",
        context: &[],
        notes: &["`get_peft_model` stops with `KeyError: None`"],
        certain_with: &[Evidence::BaseModel],
    }
}

rule! {
    /// An encoder-decoder model has two parts that take a prompt. With `num_transformer_submodules` 1 only the encoder gets one.
    ///
    /// A warning: PEFT trains it without complaint.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM", "num_transformer_submodules": 1}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM"}
    /// ```
    static PROMPT_FOR_ENCODER_ONLY: Warning = {
        when: Is("task_type", "SEQ_2_SEQ_LM"),
        require: Any(&[
            IsNull("num_transformer_submodules"),
            Compare(Field("num_transformer_submodules"), Greater, Integer(1)),
        ]),
        blame: "num_transformer_submodules",
        message: "the decoder gets no prompt: `num_transformer_submodules` is {num_transformer_submodules}",
        label: "2 for SEQ_2_SEQ_LM",
        context: &[("task_type", "encoder and decoder")],
        notes: &["left out, PEFT takes 2 for SEQ_2_SEQ_LM"],
    }
}

rule! {
    /// Only encoder-decoder models have more than one submodule that takes a prompt.
    ///
    /// A warning: PEFT builds the model with a prompt as long as all submodules ask for.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "CAUSAL_LM", "num_transformer_submodules": 2}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "CAUSAL_LM", "num_transformer_submodules": 1}
    /// ```
    static MORE_SUBMODULES_THAN_TASK: Warning = {
        when: All(&[Not(&IsNull("task_type")), Not(&Is("task_type", "SEQ_2_SEQ_LM"))]),
        require: Not(&Compare(Field("num_transformer_submodules"), Greater, Integer(1))),
        blame: "num_transformer_submodules",
        message: "a {task_type} model has one submodule, but `num_transformer_submodules` is {num_transformer_submodules}",
        label: "1 for this task type",
        context: &[("task_type", "no separate decoder")],
        notes: &["in a CAUSAL_LM model the attention mask then does not cover the whole prompt, and PEFT reports nothing"],
    }
}

rule! {
    /// An encoder-decoder model has two submodules that take a prompt. With more, PEFT's forward pass matches none of its cases
    /// and returns nothing.
    ///
    /// An error: there is no output to train on.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM", "num_transformer_submodules": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM", "num_transformer_submodules": 2}
    /// ```
    static MORE_THAN_TWO_SUBMODULES: Error = {
        when: All(&[Is("task_type", "SEQ_2_SEQ_LM"), Not(&IsNull("num_transformer_submodules"))]),
        require: Compare(Field("num_transformer_submodules"), AtMost, Integer(2)),
        blame: "num_transformer_submodules",
        message: "an encoder-decoder model has 2 submodules, but `num_transformer_submodules` is {num_transformer_submodules}",
        label: "must be 2, or left out",
        context: &[("task_type", "encoder and decoder")],
        notes: &["PEFT builds the model, and its forward pass returns `None`"],
    }
}

rule! {
    /// Keys and values for more submodules than the model has make a cache that the model cannot read.
    ///
    /// A warning: PEFT saves such configs and builds such models; the failure comes with the first batch.
    ///
    /// ```json bad
    /// {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20, "task_type": "CAUSAL_LM", "num_transformer_submodules": 2}
    /// ```
    /// ```json bad
    /// {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM", "num_transformer_submodules": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20, "task_type": "SEQ_2_SEQ_LM", "num_transformer_submodules": 2}
    /// ```
    static MORE_SUBMODULES_THAN_CACHES: Warning = {
        when: Not(&IsNull("task_type")),
        require: Any(&[
            Not(&Compare(Field("num_transformer_submodules"), Greater, Integer(1))),
            All(&[Is("task_type", "SEQ_2_SEQ_LM"), Compare(Field("num_transformer_submodules"), AtMost, Integer(2))]),
        ]),
        blame: "num_transformer_submodules",
        message: "a {task_type} model cannot read keys and values for {num_transformer_submodules} submodules",
        label: "leave it out",
        context: &[("task_type", "2 submodules for SEQ_2_SEQ_LM, else 1")],
        notes: &["PEFT stops with an `AttributeError` at the first forward pass"],
    }
}
