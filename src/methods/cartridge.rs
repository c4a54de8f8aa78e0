//! Cartridges (arXiv 2506.06266): a trained key-value cache in place of a long text.

use super::{Method, PeftType, inherited::config};
use crate::{
    layout::prompt_learning::KEY_VALUE_LAYOUT,
    rule::{
        Comparison::AtMost,
        Expr::{Compare, IsNull, Not},
        Operand::Field,
        Rule, rule,
    },
    rules::prompt_learning,
};

config! {
    /// # Cartridge
    ///
    /// A key-value cache of `num_virtual_tokens` positions is trained to stand for a long text, and is put before the input of
    /// every layer (arXiv 2506.06266, PEFT class `CartridgeConfig`).
    Cartridge pub struct CartridgeConfig: PromptLearningConfig {
        /// How many of the first positions are kept as they start. Freezing the first, which attention leans on, keeps training
        /// steady.
        #[schemars(title = "Frozen tokens", example = 1)]
        ["CartridgeConfig" "0.19.0"] pub num_frozen_tokens: u32 = 1,
    }
}

pub(super) static METHOD: Method = Method::new::<CartridgeConfig>(
    PeftType::Cartridge,
    &[RULES, prompt_learning::RULES, prompt_learning::KEY_VALUE_RULES],
    &KEY_VALUE_LAYOUT,
)
.with_starter(&["task_type", "num_virtual_tokens", "num_frozen_tokens"]);

static RULES: &[&Rule] = &[&MORE_FROZEN_THAN_VIRTUAL_TOKENS];

rule! {
    /// No more positions can be frozen than there are.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "CARTRIDGE", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "num_frozen_tokens": 5}
    /// ```
    /// ```json good
    /// {"peft_type": "CARTRIDGE", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4, "num_frozen_tokens": 4}
    /// ```
    static MORE_FROZEN_THAN_VIRTUAL_TOKENS: Error = {
        when: Not(&IsNull("num_virtual_tokens")),
        require: Compare(Field("num_frozen_tokens"), AtMost, Field("num_virtual_tokens")),
        blame: "num_frozen_tokens",
        message: "{num_frozen_tokens} tokens are frozen, but there are only {num_virtual_tokens}",
        label: "must be at most `num_virtual_tokens`",
        context: &[("num_virtual_tokens", "all there are")],
        notes: &["PEFT stops with `ValueError: num_frozen_tokens must be <= num_virtual_tokens`"],
    }
}
