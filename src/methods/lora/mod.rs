//! LoRA (arXiv 2106.09685): low-rank updates of chosen weight matrices.

mod arrow;
mod bdlora;
mod corda;
mod eva;
mod fields;
mod init;
mod kasa;
mod layout;
mod loftq;
mod lora_ga;
mod monteclora;
mod rank;
mod starts;
mod variants;
mod velora;

pub use arrow::ArrowConfig;
pub use bdlora::BdLoraConfig;
pub use corda::{CordaConfig, CordaMethod};
pub use eva::EvaConfig;
pub use fields::LoraBias;
pub(super) use fields::lora_config;
pub use init::{InitLoraWeights, LoraInit, LoraInitName};
pub use kasa::KasaConfig;
pub use loftq::LoftQConfig;
pub use lora_ga::{LoraGAConfig, LoraGADirection, LoraGAScale};
pub use monteclora::MontecloraConfig;
pub use velora::{VeloraConfig, VeloraInit};

use super::{Method, PeftType};
use crate::rules::{exclusions, layers, modules_to_save, targets};
use std::{collections::BTreeMap, num::NonZeroU32};

lora_config! {
    /// # LoRA
    ///
    /// Trains an update of rank `r` for each of the chosen weight matrices; the base model stays as it is (arXiv 2106.09685, PEFT
    /// class `LoraConfig`).
    Lora pub struct LoraConfig: LoraConfig {
        #[schemars(extend("x-peft-checked-since" = "0.7.0"))]
        init_lora_weights,

        /// Ranks of modules that differ from `r`, by the end of the module's name or a regular expression for it.
        #[schemars(title = "Rank pattern", example = serde_json::json!({"model.layers.0.self_attn.q_proj": 32}))]
        ["LoraConfig" "0.6.0"] pub rank_pattern: Option<BTreeMap<String, NonZeroU32>> = Some(BTreeMap::new()),

        /// For fused layers, which of their parts to adapt.
        #[schemars(title = "Enabled parts")]
        ["LoraConfig" "0.1.0" until "0.2.0"] pub enable_lora: Option<Vec<bool>> = None,

        /// Whether to merge the update into the base model for inference.
        #[schemars(title = "Merge weights")]
        ["LoraConfig" "0.1.0" until "0.2.0"] pub merge_weights: bool = false,
    }
}

pub(super) static METHOD: Method = Method::new::<LoraConfig>(
    PeftType::Lora,
    &[
        rank::RULES,
        PATTERN_RULES,
        starts::RULES,
        variants::RULES,
        rank::INHERITED_RULES,
        starts::INHERITED_RULES,
        variants::INHERITED_RULES,
        targets::RULES,
        exclusions::RULES,
        layers::REGEX_RULES,
        layers::RULES,
        modules_to_save::RULES,
    ],
    &layout::LAYOUT,
)
.with_starter(&["task_type", "target_modules", "r", "lora_alpha", "lora_dropout", "bias"]);

/// Rules that came to an heir later.
pub(super) use {starts::LOFTQ_WITHOUT_CONFIG, variants::DORA_WITH_MEGATRON};

/// What methods with patterns of ranks or alphas keep to.
pub(super) use rank::{ALPHA_PATTERN_KEY_NOT_A_REGEX, PATTERN_RULES};

/// The topics that a method inherits with the fields of `LoraConfig`.
pub(super) use {
    layout::SAVED, rank::INHERITED_RULES as RANK_RULES, starts::INHERITED_RULES as START_RULES,
    variants::INHERITED_RULES as VARIANT_RULES,
};
