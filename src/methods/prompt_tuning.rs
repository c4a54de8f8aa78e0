//! Prompt tuning (arXiv 2104.08691): a trained soft prompt put before the input embeddings.

use super::{Method, PeftType, inherited::config, wire_enum::wire_enum};
use crate::{
    layout::{
        Layout,
        prompt_learning::{DERIVED, FROM_BASE_MODEL, PROMPT_EMBEDDINGS, TEXT},
    },
    rules::{prompt_learning, text_init},
};

wire_enum! {
    /// What a soft prompt starts from (PEFT class `PromptTuningInit`).
    pub enum PromptTuningInit {
        /// Random numbers.
        Random = "RANDOM" since "0.1.0",
        /// The word embeddings of tokens drawn at random from the vocabulary.
        SampleVocab = "SAMPLE_VOCAB" since "0.18.0",
        /// The word embeddings of `prompt_tuning_init_text`.
        Text = "TEXT" since "0.1.0",
    }
}

config! {
    /// # Prompt tuning
    ///
    /// A soft prompt of `num_virtual_tokens` trained vectors is put before the embeddings of the input; the base model stays
    /// as it is (arXiv 2104.08691, PEFT class `PromptTuningConfig`).
    PromptTuning pub struct PromptTuningConfig: PromptTuningConfig<PromptTuningInit of "PromptTuningConfig" "0.1.0"> {}
}

pub(super) static METHOD: Method = Method::new::<PromptTuningConfig>(
    PeftType::PromptTuning,
    &[
        prompt_learning::RULES,
        prompt_learning::SUBMODULE_RULES,
        prompt_learning::ENCODER_DECODER_RULES,
        text_init::RULES,
    ],
    &LAYOUT,
)
.with_starter(&["task_type", "num_virtual_tokens", "prompt_tuning_init"]);

static LAYOUT: Layout = Layout {
    tensors: &[PROMPT_EMBEDDINGS],
    derived: DERIVED,
    from_base_model: FROM_BASE_MODEL,
    text: Some(&TEXT),
    ..Layout::EMPTY
};
