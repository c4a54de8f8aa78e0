//! AdaLoRA (arXiv 2303.10512): LoRA whose ranks are spread over the modules by importance while training.

use super::{
    Method, PeftType,
    lora::{
        ALPHA_PATTERN_KEY_NOT_A_REGEX, DORA_WITH_MEGATRON, LOFTQ_WITHOUT_CONFIG, RANK_RULES, SAVED, START_RULES,
        VARIANT_RULES, lora_config,
    },
};
use crate::{
    layout::{
        Layout,
        modules::{ModuleLayout, Part, Presence::With, Rank},
    },
    release::Release,
    rule::{
        Comparison::{Equal, Less},
        Expr::{All, Compare, Is, IsNull, IsTruthy, Not},
        Operand::{Difference, Field, Integer},
        Rule, rule,
    },
    rules::{exclusions, layers, modules_to_save, targets},
};
use std::collections::BTreeMap;

lora_config! {
    /// # AdaLoRA
    ///
    /// Every target module starts with the rank `init_r`; while training, singular values that matter little are cut, until the
    /// ranks are `target_r` on average (arXiv 2303.10512, PEFT class `AdaLoraConfig`).
    #[expect(non_snake_case, reason = "`deltaT` is PEFT's spelling of the key")]
    AdaLora pub struct AdaLoraConfig: LoraConfig {
        // Its layers start in one way, whatever the name.
        #[schemars(extend("x-peft-never-refused" = true))]
        init_lora_weights,

        /// For each parameter, which singular values were kept. Training fills it in.
        #[schemars(title = "Rank pattern")]
        ["AdaLoraConfig" "0.3.0"] pub rank_pattern: Option<BTreeMap<String, Vec<bool>>> = None,

        /// The rank to get to, on average.
        #[schemars(title = "Target rank", example = 8)]
        #[validate(range(min = 1))]
        ["AdaLoraConfig" "0.3.0"] pub target_r: u32 = 8,

        /// The rank that every module starts with; half as much again as `target_r` is usual.
        #[schemars(title = "Initial rank", example = 12)]
        #[validate(range(min = 1))]
        ["AdaLoraConfig" "0.3.0"] pub init_r: u32 = 12,

        /// Steps before the first cut.
        #[schemars(title = "Warm-up steps", example = 200)]
        ["AdaLoraConfig" "0.3.0"] pub tinit: i64 = 0,

        /// Steps after the last cut.
        #[schemars(title = "Final steps", example = 1000)]
        ["AdaLoraConfig" "0.3.0"] pub tfinal: i64 = 0,

        /// Steps from one cut to the next.
        #[schemars(title = "Steps between cuts", example = 10)]
        #[validate(range(min = 1))]
        ["AdaLoraConfig" "0.3.0"] pub deltaT: u32 = 1,

        /// How slowly the smoothed importance follows.
        #[schemars(title = "Smoothing of importance", example = 0.85, extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
        #[validate(range(exclusive_min = 0.0, exclusive_max = 1.0))]
        ["AdaLoraConfig" "0.3.0"] pub beta1: f64 = 0.85,

        /// How slowly the smoothed uncertainty follows.
        #[schemars(title = "Smoothing of uncertainty", example = 0.85, extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
        #[validate(range(exclusive_min = 0.0, exclusive_max = 1.0))]
        ["AdaLoraConfig" "0.3.0"] pub beta2: f64 = 0.85,

        /// Weight of the penalty that keeps the factors orthogonal.
        #[schemars(title = "Orthogonality", example = 0.5)]
        #[validate(range(min = 0.0))]
        ["AdaLoraConfig" "0.3.0"] pub orth_reg_weight: f64 = 0.5,

        /// All steps of the training. PEFT cannot do without it.
        #[schemars(title = "Total steps", example = 10000)]
        #[validate(range(min = 1))]
        ["AdaLoraConfig" "0.3.0"] pub total_step: Option<u32> = None,
    }
}

pub(super) static METHOD: Method = Method::new::<AdaLoraConfig>(
    PeftType::AdaLora,
    &[
        RULES,
        RANK_RULES,
        START_RULES,
        VARIANT_RULES,
        targets::RULES,
        exclusions::RULES,
        layers::REGEX_RULES,
        layers::RULES,
        modules_to_save::RULES,
    ],
    &LAYOUT,
)
// The class runs the checks of the class that it inherits from since 0.14.0; two of them it had copied before.
.with_later_rules(&[
    (&layers::LAYERS_WITH_TARGET_REGEX, Release::literal("0.11.0")),
    (&layers::LAYERS_PATTERN_WITH_TARGET_REGEX, Release::literal("0.11.0")),
    (&DORA_WITH_MEGATRON, Release::literal("0.14.0")),
    (&LOFTQ_WITHOUT_CONFIG, Release::literal("0.14.0")),
])
.with_starter(&[
    "task_type",
    "target_modules",
    "init_r",
    "target_r",
    "lora_alpha",
    "lora_dropout",
    "total_step",
    "tinit",
    "tfinal",
    "deltaT",
]);

/// `A` is `[r, in]`, `B` `[out, r]`, and `E`, the singular values, `[r, 1]`.
static LAYOUT: Layout = Layout {
    modules: Some(&ModuleLayout {
        parts: &[
            Part { name: "lora_A", rank_axis: Some(0), presence: With("lora_B") },
            Part { name: "lora_B", rank_axis: Some(1), presence: With("lora_A") },
            Part { name: "lora_E", rank_axis: Some(0), presence: With("lora_A") },
        ],
        // Once the budget is spent, `rank_pattern` says which singular values of each module were kept.
        rank: Some(Rank {
            field: "init_r",
            pattern: None,
            other_patterns: &[],
            first_beside: None,
            is_otherwise: IsTruthy("rank_pattern"),
        }),
        targets: "target_modules",
        other_targets: &["trainable_token_indices"],
        excluded: Some("exclude_modules"),
        choosing: &["layers_to_transform"],
        saved: SAVED,
    }),
    ..Layout::EMPTY
};

static RULES: &[&Rule] = &[
    &MISSING_TOTAL_STEP,
    &NO_BUDGET_PHASE,
    &DORA_UNSUPPORTED,
    &LOFTQ_UNSUPPORTED,
    &UNUSED_RANK,
    &PARAMETERS_NOT_ADAPTED,
    &ONLY_PARAMETERS_TARGETED,
    &ALPHA_PATTERN_KEY_NOT_A_REGEX,
];

rule! {
    /// The schedule of cuts is spread over all steps of the training, so their number must be known.
    ///
    /// An error: the config class refuses it, in trained adapters too.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 10000}
    /// ```
    static MISSING_TOTAL_STEP: Error since "0.15.0" = {
        when: All(&[]),
        require: Not(&IsNull("total_step")),
        blame: "total_step",
        message: "`total_step` is not set, and there is no schedule without it",
        label: "expected the number of training steps",
        context: &[],
        notes: &[
            "PEFT stops with `ValueError: AdaLoRA does not work when total_step is None, supply a value > 0.`",
            "releases before 0.15.0 wrote such adapters; any number of steps makes one load, as trained ranks stay as they are",
        ],
    }
}

rule! {
    /// Ranks are cut between step `tinit` and step `total_step - tfinal`; there must be time for it.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100, "tinit": 60, "tfinal": 50}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100, "tinit": 20, "tfinal": 50}
    /// ```
    static NO_BUDGET_PHASE: Error since "0.15.0" = {
        when: Not(&IsNull("total_step")),
        require: Compare(Field("tinit"), Less, Difference("total_step", "tfinal")),
        blame: "tinit",
        message: "no step is left to cut ranks: of {total_step}, {tinit} are warm-up and {tfinal} final",
        label: "must be less than `total_step` - `tfinal`",
        context: &[("tfinal", "steps after the last cut"), ("total_step", "all steps")],
        notes: &["PEFT stops with `ValueError: The supplied schedule values don't allow for a budgeting phase.`"],
    }
}

rule! {
    /// AdaLoRA inherits `target_parameters`, but adapts modules only.
    ///
    /// A warning: PEFT stops once a parameter of the base model matches, and ignores the field if none does.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "total_step": 100, "target_modules": ["q_proj"], "target_parameters": ["experts.gate_up_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "total_step": 100, "target_modules": ["q_proj"]}
    /// ```
    static PARAMETERS_NOT_ADAPTED: Warning = {
        when: Not(&targets::TARGETS_NOTHING),
        require: Not(&IsTruthy("target_parameters")),
        blame: "target_parameters",
        message: "`target_parameters` is set, but AdaLoRA does not adapt parameters",
        label: "works with LoRA only",
        context: &[],
        notes: &["PEFT stops with `TypeError: AdaLoraModel._create_and_replace() got an unexpected keyword argument 'parameter_name'` when one of them matches, and ignores the field otherwise"],
    }
}

rule! {
    /// Without modules there is nothing that AdaLoRA could adapt, as it cannot adapt parameters.
    ///
    /// An error: PEFT stops when the model is created or loaded, whether or not a parameter matches.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "total_step": 100, "target_modules": [], "target_parameters": ["experts.gate_up_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "total_step": 100, "target_modules": ["q_proj"]}
    /// ```
    static ONLY_PARAMETERS_TARGETED: Error = {
        when: IsTruthy("target_parameters"),
        require: Not(&targets::TARGETS_NOTHING),
        blame: "target_modules",
        message: "`target_modules` is empty, and AdaLoRA does not adapt parameters",
        label: "name modules, or leave it out where PEFT knows the architecture",
        context: &[("target_parameters", "works with LoRA only")],
        notes: &["PEFT stops when it creates or loads the model"],
    }
}

rule! {
    /// DoRA trains what this method does not have.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100, "use_dora": true}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100}
    /// ```
    static DORA_UNSUPPORTED: Error since "0.11.0" = {
        when: All(&[]),
        require: Not(&IsTruthy("use_dora")),
        blame: "use_dora",
        message: "this method does not support DoRA",
        label: "must be false",
        context: &[],
        notes: &["PEFT stops with `ValueError: PeftType.ADALORA does not support DoRA.`"],
    }
}

rule! {
    /// The start that makes up for quantisation needs a fixed rank.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100,
    ///  "init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100}
    /// ```
    static LOFTQ_UNSUPPORTED: Error since "0.11.0" = {
        when: IsTruthy("loftq_config"),
        require: Not(&Is("init_lora_weights", "loftq")),
        blame: "init_lora_weights",
        message: "this method does not support LoftQ",
        label: "must be another start",
        context: &[("loftq_config", "remove it as well")],
        notes: &["PEFT stops with `ValueError: PeftType.ADALORA does not support LOFTQ.`"],
    }
}

rule! {
    /// The ranks come from `init_r` and `target_r`.
    ///
    /// A warning: PEFT warns, and ignores `r`.
    ///
    /// ```json bad
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100, "r": 16}
    /// ```
    /// ```json good
    /// {"peft_type": "ADALORA", "target_modules": ["q_proj"], "total_step": 100, "init_r": 24, "target_r": 16}
    /// ```
    static UNUSED_RANK: Warning = {
        when: All(&[]),
        require: Compare(Field("r"), Equal, Integer(8)),
        blame: "r",
        message: "`r` is not used: the ranks come from `init_r` and `target_r`",
        label: "8 is the default; anything else reads as if it counted",
        context: &[],
        notes: &["PEFT warns, and ignores it"],
    }
}
