//! IA3 (arXiv 2205.05638): trained vectors that rescale activations.

use super::{Method, PeftType, inherited::config, targets::ModuleNames};
use crate::{
    layout::{
        Layout,
        modules::{ModuleLayout, Part, Presence::Optional},
    },
    rule::{
        Expr::{All, IsA, IsSubset},
        Rule,
        Type::Array,
        rule,
    },
    rules::{exclusions, modules_to_save, targets},
};

config! {
    /// # IA3
    ///
    /// Trained vectors rescale the keys, values and feed-forward activations of the base model, which itself stays as it is
    /// (arXiv 2205.05638, PEFT class `IA3Config`). It trains far fewer numbers than LoRA.
    Ia3 pub struct IA3Config: PeftConfig {
        /// The modules to rescale: names, or one regular expression for whole names, or `all-linear`. When it is null, PEFT knows
        /// what to take for common architectures.
        #[schemars(title = "Target modules", example = serde_json::json!(["k_proj", "v_proj", "down_proj"]))]
        ["IA3Config" "0.4.0"] pub target_modules: Option<ModuleNames> = None,

        /// Modules to leave out although `target_modules` names them.
        #[schemars(title = "Excluded modules", example = serde_json::json!(["lm_head"]))]
        ["IA3Config" "0.14.0"] pub exclude_modules: Option<ModuleNames> = None,

        /// Which of the target modules are feed-forward layers: of these the input is rescaled, of the others the output. A list
        /// must be a part of `target_modules`.
        #[schemars(title = "Feed-forward modules", example = serde_json::json!(["down_proj"]))]
        ["IA3Config" "0.4.0"] pub feedforward_modules: Option<ModuleNames> = None,

        /// True for layers that store their weight as (in, out), such as GPT-2's `Conv1D`. PEFT corrects a wrong value.
        #[schemars(title = "Fan in, fan out")]
        ["IA3Config" "0.4.0"] pub fan_in_fan_out: bool = false,

        /// Names of further modules to train and save in full, such as a classifier head. PEFT adds the heads of SEQ_CLS,
        /// TOKEN_CLS and QUESTION_ANS models by itself.
        #[schemars(title = "Modules to save", example = serde_json::json!(["classifier"]))]
        ["IA3Config" "0.4.0"] pub modules_to_save: Option<Vec<String>> = None,

        /// Whether the vectors start as ones, so that the untrained adapter changes nothing. Leave it true.
        #[schemars(title = "Initialise")]
        ["IA3Config" "0.4.0"] pub init_ia3_weights: bool = true,
    }
}

pub(super) static METHOD: Method = Method::new::<IA3Config>(
    PeftType::Ia3,
    &[RULES, targets::RULES, exclusions::RULES, modules_to_save::RULES],
    &LAYOUT,
)
.with_starter(&["task_type", "target_modules", "feedforward_modules"]);

/// One vector for each module: `[out, 1]`, or `[1, in]` where it rescales the input of a feed-forward module.
static LAYOUT: Layout = Layout {
    modules: Some(&ModuleLayout {
        parts: &[Part { name: "ia3_l", rank_axis: None, presence: Optional }],
        rank: None,
        targets: "target_modules",
        other_targets: &[],
        excluded: Some("exclude_modules"),
        choosing: &[],
        saved: &[],
    }),
    ..Layout::EMPTY
};

static RULES: &[&Rule] = &[&FEEDFORWARD_NOT_TARGETED];

rule! {
    /// A feed-forward module that is not among the target modules has nothing to rescale. PEFT compares the two lists name by
    /// name.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "IA3", "target_modules": ["k_proj", "v_proj"], "feedforward_modules": ["down_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "IA3", "target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]}
    /// ```
    static FEEDFORWARD_NOT_TARGETED: Error since "0.6.1" = {
        when: All(&[IsA("target_modules", Array), IsA("feedforward_modules", Array)]),
        require: IsSubset("feedforward_modules", "target_modules"),
        blame: "feedforward_modules",
        message: "`{item}` is in `feedforward_modules` but not in `target_modules`",
        label: "must be a target module too",
        context: &[("target_modules", "without it")],
        notes: &["PEFT stops with `ValueError: feedforward_modules should be a subset of target_modules`"],
    }
}
