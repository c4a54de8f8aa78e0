//! LoHa (arXiv 2108.06098): updates that are the element-wise product of two low-rank ones.

use super::{
    IntegerOrFloat, LayersPattern, LayersToTransform, Method, ModuleNames, PeftType, inherited::config,
    lora::PATTERN_RULES,
};
use crate::{
    layout::{
        Layout,
        modules::{
            ModuleLayout, Part,
            Presence::{Optional, With},
            Rank,
        },
    },
    rule::{
        Comparison::Equal,
        Expr::{All, Any, Compare, IsA, IsNull, Not},
        Operand::{Field, Integer},
        Rule,
        Type::String as Text,
        rule,
    },
    rules::{exclusions, layers, modules_to_save, targets},
};
use std::{collections::BTreeMap, num::NonZeroU32};

config! {
    /// # LoHa
    ///
    /// Trains an update of the chosen weight matrices that is the element-wise (Hadamard) product of two updates of rank `r`, and so
    /// can reach rank `r²` (arXiv 2108.06098, PEFT class `LoHaConfig`). Known best for image models.
    LoHa pub struct LoHaConfig: PeftConfig {
        /// Ranks of modules that differ from `r`, by the end of the module's name or a regular expression for it.
        #[schemars(title = "Rank pattern", example = serde_json::json!({"model.layers.0.self_attn.q_proj": 4}))]
        ["LycorisConfig" "0.6.0"] pub rank_pattern: Option<BTreeMap<String, NonZeroU32>> = Some(BTreeMap::new()),

        /// Alphas of modules that differ from `alpha`, by the end of the module's name or a regular expression for it.
        #[schemars(title = "Alpha pattern", example = serde_json::json!({"model.layers.0.self_attn.q_proj": 8}))]
        ["LycorisConfig" "0.6.0"] pub alpha_pattern: Option<BTreeMap<String, IntegerOrFloat>> = Some(BTreeMap::new()),

        /// Rank of the two factors; the product can have its square as rank. 4 to 16 is usual.
        #[schemars(title = "Rank", example = 8)]
        #[validate(range(min = 1))]
        ["LoHaConfig" "0.6.0"] pub r: u32 = 8,

        /// Strength of the update, which is scaled by `alpha / r`.
        #[schemars(title = "Alpha", example = 8)]
        ["LoHaConfig" "0.6.0"] pub alpha: IntegerOrFloat = IntegerOrFloat::Integer(8),

        /// Share of the rows of the update that are dropped while training.
        #[schemars(title = "Rank dropout", example = 0.1, extend("exclusiveMaximum" = 1.0))]
        #[validate(range(min = 0.0, exclusive_max = 1.0))]
        ["LoHaConfig" "0.6.0"] pub rank_dropout: f64 = 0.0,

        /// Share of the modules whose update is left out in a step of training.
        #[schemars(title = "Module dropout", example = 0.1, extend("exclusiveMaximum" = 1.0))]
        #[validate(range(min = 0.0, exclusive_max = 1.0))]
        ["LoHaConfig" "0.6.0"] pub module_dropout: f64 = 0.0,

        /// Whether convolutions with kernels larger than 1 are split further, which takes fewer numbers.
        #[schemars(title = "Effective convolutions")]
        ["LoHaConfig" "0.6.0"] pub use_effective_conv2d: bool = false,

        /// The modules to adapt: names, or one regular expression for whole names, or `all-linear`. When it is null, PEFT knows
        /// what to take for common architectures.
        #[schemars(title = "Target modules", example = serde_json::json!(["q_proj", "v_proj"]))]
        ["LoHaConfig" "0.6.0"] pub target_modules: Option<ModuleNames> = None,

        /// Modules to leave out although `target_modules` names them.
        #[schemars(title = "Excluded modules", example = serde_json::json!(["lm_head"]))]
        ["LoHaConfig" "0.14.0"] pub exclude_modules: Option<ModuleNames> = None,

        /// Whether the update starts as zeros, so that the untrained adapter changes nothing. Leave it true.
        #[schemars(title = "Initialise")]
        ["LoHaConfig" "0.6.0"] pub init_weights: bool = true,

        /// The layers to adapt, counted from 0; all when it is null. Not with a regular expression in `target_modules`.
        #[schemars(title = "Layers", example = serde_json::json!([0, 1, 2]))]
        ["LoHaConfig" "0.6.0"] pub layers_to_transform: Option<LayersToTransform> = None,

        /// The name of the list of layers in the base model, where PEFT does not find it: `layers` or `h`. Only with
        /// `layers_to_transform`.
        #[schemars(title = "Name of the layers", example = &"layers")]
        ["LoHaConfig" "0.6.0"] pub layers_pattern: Option<LayersPattern> = None,

        /// Names of further modules to train and save in full, such as a classifier head. PEFT adds the heads of SEQ_CLS,
        /// TOKEN_CLS and QUESTION_ANS models by itself.
        #[schemars(title = "Modules to save", example = serde_json::json!(["classifier"]))]
        ["LoHaConfig" "0.6.0"] pub modules_to_save: Option<Vec<String>> = None,
    }
}

pub(super) static METHOD: Method = Method::new::<LoHaConfig>(
    PeftType::LoHa,
    &[RULES, PATTERN_RULES, targets::RULES, exclusions::RULES, layers::RULES, modules_to_save::RULES],
    &LAYOUT,
)
.with_starter(&["task_type", "target_modules", "r", "alpha", "rank_dropout"]);

/// Two pairs of factors: `[out, r]` and `[r, in]`. Of a convolution that is split further, they are `[r, out]` and `[r, in]`, and
/// `t1` and `t2` `[r, r, height, width]` lie between.
static LAYOUT: Layout = Layout {
    modules: Some(&ModuleLayout {
        parts: &[
            Part { name: "hada_w1_a", rank_axis: Some(1), presence: With("hada_w1_b") },
            Part { name: "hada_w1_b", rank_axis: Some(0), presence: With("hada_w1_a") },
            Part { name: "hada_w2_a", rank_axis: Some(1), presence: With("hada_w1_a") },
            Part { name: "hada_w2_b", rank_axis: Some(0), presence: With("hada_w1_a") },
            Part { name: "hada_t1", rank_axis: Some(0), presence: Optional },
            Part { name: "hada_t2", rank_axis: Some(0), presence: With("hada_t1") },
        ],
        rank: Some(Rank {
            field: "r",
            pattern: Some("rank_pattern"),
            other_patterns: &["alpha_pattern"],
            first_beside: Some("hada_t1"),
            is_otherwise: Any(&[]),
        }),
        targets: "target_modules",
        other_targets: &[],
        excluded: Some("exclude_modules"),
        choosing: &["layers_to_transform"],
        saved: &[],
    }),
    ..Layout::EMPTY
};

static RULES: &[&Rule] = &[&NO_STRENGTH, &LAYERS_IGNORED];

rule! {
    /// The update is scaled by `alpha / r`, so with 0 it does nothing and gets no gradient.
    ///
    /// An error: there is nothing to train, although PEFT accepts it.
    ///
    /// ```json bad
    /// {"peft_type": "LOHA", "target_modules": ["q_proj"], "alpha": 0}
    /// ```
    /// ```json good
    /// {"peft_type": "LOHA", "target_modules": ["q_proj"], "alpha": 8}
    /// ```
    static NO_STRENGTH: Error = {
        when: All(&[]),
        require: Not(&Compare(Field("alpha"), Equal, Integer(0))),
        blame: "alpha",
        message: "with `alpha` 0 the adapter does nothing and learns nothing",
        label: "expected a number other than 0",
        context: &[],
        notes: &["PEFT accepts it, and multiplies the update by 0"],
    }
}

rule! {
    /// A regular expression matches whole names, layers included, so there is nothing left for `layers_to_transform` to choose.
    ///
    /// A warning: PEFT adapts every layer that the expression matches, without a word.
    ///
    /// ```json bad
    /// {"peft_type": "LOHA", "target_modules": ".*q_proj", "layers_to_transform": [0, 1]}
    /// ```
    /// ```json good
    /// {"peft_type": "LOHA", "target_modules": ["q_proj"], "layers_to_transform": [0, 1]}
    /// ```
    static LAYERS_IGNORED: Warning = {
        when: IsA("target_modules", Text),
        require: IsNull("layers_to_transform"),
        blame: "layers_to_transform",
        message: "`layers_to_transform` is ignored beside a regular expression",
        label: "name the layers in the regular expression instead",
        context: &[("target_modules", "a string")],
        notes: &["PEFT adapts every layer that `target_modules` matches"],
    }
}
