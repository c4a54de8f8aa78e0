//! Context-aware prompt tuning (arXiv 2410.17222): the embeddings of chosen examples, refined with care.

use super::{Method, PeftType, inherited::config, wire_enum::wire_enum};
use crate::{
    layout::{
        Axis, Layout, TensorLayout,
        prompt_learning::{FROM_BASE_MODEL, PROMPT_EMBEDDINGS, WIDTH},
    },
    rule::{
        Comparison::Equal,
        Expr::{All, Any, Compare, Is, IsNull, Not},
        Operand::{Field, Integer, Length},
        Rule, rule,
    },
};

wire_enum! {
    /// How the loss of the context's tokens is weighted.
    pub enum WeightedLossType {
        /// All examples count alike.
        None = "none" since "0.14.0",
        /// Later examples count more: each one back by the factor `opt_loss_decay_factor` less.
        Decay = "decay" since "0.14.0",
    }
}

config! {
    /// # Context-aware prompt tuning
    ///
    /// The prompt starts as the embeddings of the tokens in `cpt_token_ids`, as a rule a few worked examples, and is trained
    /// within small bounds (arXiv 2410.17222, PEFT class `CPTConfig`). For CAUSAL_LM only.
    Cpt pub struct CPTConfig: PromptLearningConfig {
        /// The tokens that the prompt starts as. PEFT takes `[0]` when it is null; their number becomes `num_virtual_tokens`.
        #[schemars(title = "Token ids", example = serde_json::json!([50256, 8241]))]
        ["CPTConfig" "0.14.0"] pub cpt_token_ids: Option<Vec<u32>> = None,

        /// 1 for every token of the prompt that attention may see, 0 for the rest; as long as `cpt_token_ids`.
        #[schemars(title = "Attention mask", example = serde_json::json!([1, 1]))]
        ["CPTConfig" "0.14.0"] pub cpt_mask: Option<Vec<i64>> = None,

        /// What each token of the prompt is: its remainder by 4 is 1 for the template of an input, 2 for an input, 3 for the
        /// template of a label, 0 for a label; 0 itself is padding. As long as `cpt_token_ids`.
        #[schemars(title = "Token types", example = serde_json::json!([1, 2]))]
        ["CPTConfig" "0.14.0"] pub cpt_tokens_type_mask: Option<Vec<i64>> = None,

        /// How the loss of the examples in the prompt is weighted.
        #[schemars(title = "Weighted loss")]
        ["CPTConfig" "0.14.0"] pub opt_weighted_loss_type: Option<WeightedLossType> = Some(WeightedLossType::None),

        /// How much less each example before the last one counts. Only read with `decay`.
        #[schemars(title = "Loss decay", example = 0.95)]
        ["CPTConfig" "0.14.0"] pub opt_loss_decay_factor: Option<f64> = Some(1.0),

        /// How far the embedding of an input's or label's token may move from where it started.
        #[schemars(title = "Projection bound", example = 0.1)]
        ["CPTConfig" "0.14.0"] pub opt_projection_epsilon: Option<f64> = Some(0.1),

        /// How far the embedding of a template's token may move from where it started.
        #[schemars(title = "Projection bound of templates", example = 0.1)]
        ["CPTConfig" "0.14.0"] pub opt_projection_format_epsilon: Option<f64> = Some(0.1),

        /// The tokenizer that the token ids come from, for the record: PEFT does not load it.
        #[schemars(title = "Tokenizer", example = &"bigscience/bloom-560m")]
        ["CPTConfig" "0.14.0"] pub tokenizer_name_or_path: Option<String> = None,
    }
}

// What all prompt learning needs, a task type and a number of tokens, this method sets or demands itself.
pub(super) static METHOD: Method = Method::new::<CPTConfig>(PeftType::Cpt, &[RULES], &LAYOUT).with_starter(&[
    "task_type",
    "cpt_token_ids",
    "cpt_mask",
    "cpt_tokens_type_mask",
    "opt_weighted_loss_type",
    "opt_projection_epsilon",
]);

/// One row for each token of the context.
static LAYOUT: Layout = Layout {
    tensors: &[TensorLayout {
        name: PROMPT_EMBEDDINGS.name,
        axes: &[Axis { noun: "tokens", fields: &["cpt_token_ids"], times: 1 }, WIDTH],
        when_absent: PROMPT_EMBEDDINGS.when_absent,
    }],
    from_base_model: FROM_BASE_MODEL,
    ..Layout::EMPTY
};

static RULES: &[&Rule] = &[&NOT_CAUSAL_LM, &MASKS_OF_OTHER_LENGTH, &NUM_VIRTUAL_TOKENS_REPLACED];

rule! {
    /// The method is made for models that continue a text.
    ///
    /// An error: the config class refuses every other task type, and none at all.
    ///
    /// ```json bad
    /// {"peft_type": "CPT", "task_type": "SEQ_CLS", "cpt_token_ids": [1, 2]}
    /// ```
    /// ```json good
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_token_ids": [1, 2]}
    /// ```
    static NOT_CAUSAL_LM: Error since "0.18.0" = {
        when: All(&[]),
        require: Is("task_type", "CAUSAL_LM"),
        blame: "task_type",
        message: "`task_type` is {task_type}; this method works with CAUSAL_LM only",
        label: "must be CAUSAL_LM",
        context: &[],
        notes: &["PEFT stops with `ValueError: CPTConfig only supports task_type = CAUSAL_LM.`"],
    }
}

rule! {
    /// The masks have one number for each token of the prompt. Without `cpt_token_ids` there is one token.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_token_ids": [1, 2], "cpt_mask": [1, 1, 1]}
    /// ```
    /// ```json bad
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_tokens_type_mask": [1, 2]}
    /// ```
    /// ```json good
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_token_ids": [1, 2], "cpt_mask": [1, 1], "cpt_tokens_type_mask": [1, 2]}
    /// ```
    static MASKS_OF_OTHER_LENGTH: Error = {
        when: All(&[]),
        require: All(&[
            Any(&[IsNull("cpt_mask"), Compare(Length("cpt_mask"), Equal, Length("cpt_token_ids")),
                All(&[IsNull("cpt_token_ids"), Compare(Length("cpt_mask"), Equal, Integer(1))])]),
            Any(&[IsNull("cpt_tokens_type_mask"), Compare(Length("cpt_tokens_type_mask"), Equal, Length("cpt_token_ids")),
                All(&[IsNull("cpt_token_ids"), Compare(Length("cpt_tokens_type_mask"), Equal, Integer(1))])]),
        ]),
        blame: "cpt_token_ids",
        message: "`cpt_mask` and `cpt_tokens_type_mask` are not as long as `cpt_token_ids`",
        label: "the tokens",
        context: &[("cpt_mask", "one number for each token"), ("cpt_tokens_type_mask", "one number for each token")],
        notes: &["PEFT stops with `ValueError: cpt_token_ids, cpt_mask and cpt_tokens_type_mask must have the same length.`"],
    }
}

rule! {
    /// The number of virtual tokens is that of `cpt_token_ids`, whatever the config says.
    ///
    /// A warning: PEFT replaces the value without a word.
    ///
    /// ```json bad
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_token_ids": [1, 2], "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "CPT", "task_type": "CAUSAL_LM", "cpt_token_ids": [1, 2], "num_virtual_tokens": 2}
    /// ```
    static NUM_VIRTUAL_TOKENS_REPLACED: Warning = {
        when: Not(&IsNull("num_virtual_tokens")),
        require: Any(&[
            Compare(Field("num_virtual_tokens"), Equal, Length("cpt_token_ids")),
            All(&[IsNull("cpt_token_ids"), Compare(Field("num_virtual_tokens"), Equal, Integer(1))]),
        ]),
        blame: "num_virtual_tokens",
        message: "`num_virtual_tokens` is not used: it becomes the number of `cpt_token_ids`",
        label: "replaced",
        context: &[("cpt_token_ids", "their number counts")],
        notes: &[],
    }
}
