//! P-tuning (arXiv 2103.10385): a soft prompt that a small encoder computes.

use super::{Method, PeftType, inherited::config, wire_enum::wire_enum};
use crate::{
    layout::{
        Layout,
        prompt_learning::{DERIVED, FROM_BASE_MODEL, PROMPT_EMBEDDINGS},
    },
    rule::{
        Comparison::Equal,
        Expr::{All, Compare, Is, IsTruthy, Not},
        Operand::{Field, Integer},
        Rule, rule,
    },
    rules::prompt_learning,
};

wire_enum! {
    /// The encoder that computes the prompt (PEFT class `PromptEncoderReparameterizationType`).
    pub enum PromptEncoderReparameterizationType {
        /// Three linear layers; the usual choice.
        Mlp = "MLP" since "0.1.0",
        /// A bidirectional LSTM and two linear layers, as in the paper.
        Lstm = "LSTM" since "0.1.0",
    }
}

config! {
    /// # P-tuning
    ///
    /// A soft prompt of `num_virtual_tokens` rows is put before the embeddings of the input; while training, a small encoder
    /// computes it (arXiv 2103.10385, PEFT class `PromptEncoderConfig`). The saved adapter holds the result, without encoder.
    PTuning pub struct PromptEncoderConfig: PromptLearningConfig {
        /// Which encoder computes the prompt. It is only used while training.
        #[schemars(title = "Encoder")]
        ["PromptEncoderConfig" "0.1.0"] pub encoder_reparameterization_type: PromptEncoderReparameterizationType =
            PromptEncoderReparameterizationType::Mlp,

        /// Width of the encoder's hidden layers. Leave it out: PEFT takes the width of the embeddings.
        #[schemars(title = "Encoder width", example = 768)]
        #[validate(range(min = 1))]
        ["PromptEncoderConfig" "0.1.0"] pub encoder_hidden_size: Option<u32> = None,

        /// Layers of the LSTM. The MLP always has its own number, and anything but 2 makes PEFT fail.
        #[schemars(title = "Encoder layers", example = 2)]
        #[validate(range(min = 1))]
        ["PromptEncoderConfig" "0.1.0"] pub encoder_num_layers: u32 = 2,

        /// Share of values that is dropped between the layers of the LSTM. The MLP drops none.
        #[schemars(title = "Encoder dropout", example = 0.1, extend("exclusiveMaximum" = 1.0))]
        #[validate(range(min = 0.0, exclusive_max = 1.0))]
        ["PromptEncoderConfig" "0.1.0"] pub encoder_dropout: f64 = 0.0,
    }
}

pub(super) static METHOD: Method = Method::new::<PromptEncoderConfig>(
    PeftType::PTuning,
    &[RULES, prompt_learning::RULES, prompt_learning::SUBMODULE_RULES],
    &LAYOUT,
)
.with_starter(&["task_type", "num_virtual_tokens", "encoder_reparameterization_type", "encoder_hidden_size"]);

/// The encoder's output is saved, not the encoder.
static LAYOUT: Layout =
    Layout { tensors: &[PROMPT_EMBEDDINGS], derived: DERIVED, from_base_model: FROM_BASE_MODEL, ..Layout::EMPTY };

static RULES: &[&Rule] = &[&MLP_WITH_OTHER_LAYERS, &DROPOUT_WITHOUT_LSTM];

rule! {
    /// The MLP encoder has a fixed number of layers. With another value than 2, PEFT means to warn, stumbles over the value as it
    /// stands in a file, and stops.
    ///
    /// A warning, since PEFT itself writes such configs and a trained adapter, which needs no encoder, loads; training from the
    /// file fails.
    ///
    /// ```json bad
    /// {"peft_type": "P_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "encoder_num_layers": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "P_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "encoder_num_layers": 3,
    ///  "encoder_reparameterization_type": "LSTM"}
    /// ```
    static MLP_WITH_OTHER_LAYERS: Warning = {
        when: All(&[Is("encoder_reparameterization_type", "MLP"), Not(&IsTruthy("inference_mode"))]),
        require: Compare(Field("encoder_num_layers"), Equal, Integer(2)),
        blame: "encoder_num_layers",
        message: "the MLP encoder has no use for `encoder_num_layers` {encoder_num_layers}",
        label: "2, or left out, for the MLP",
        context: &[("encoder_reparameterization_type", "its layers are fixed")],
        notes: &["PEFT stops with `AttributeError: 'str' object has no attribute 'value'` when a model is created from the file"],
    }
}

rule! {
    /// Only the LSTM encoder drops values.
    ///
    /// A warning: PEFT ignores the field.
    ///
    /// ```json bad
    /// {"peft_type": "P_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "encoder_dropout": 0.1}
    /// ```
    /// ```json good
    /// {"peft_type": "P_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "encoder_dropout": 0.1,
    ///  "encoder_reparameterization_type": "LSTM"}
    /// ```
    static DROPOUT_WITHOUT_LSTM: Warning = {
        when: IsTruthy("encoder_dropout"),
        require: Is("encoder_reparameterization_type", "LSTM"),
        blame: "encoder_dropout",
        message: "`encoder_dropout` is not used: the encoder is {encoder_reparameterization_type}",
        label: "only read with LSTM",
        context: &[("encoder_reparameterization_type", "drops nothing")],
        notes: &[],
    }
}
