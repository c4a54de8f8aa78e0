//! Which layers of the base model are adapted.

use crate::rule::{
    Comparison::Equal,
    Expr,
    Expr::{All, Any, Compare, EveryItem, IsA, IsNull, IsTruthy, Matches, Not},
    Operand::{Integer, Length},
    Rule, Text,
    Text::RegexBetween,
    Type::{Array, String},
    rule,
};

/// The rules of this topic that all methods with a choice of layers keep to.
pub(crate) static RULES: &[&Rule] = &[
    &LAYERS_PATTERN_WITHOUT_LAYERS,
    &LAYER_ZERO_BREAKS_PEFT_0_20,
    &LAYERS_PATTERN_NOT_A_REGEX,
    &LAYERS_PATTERN_ITEM_NOT_A_REGEX,
];

/// Those of methods that refuse the choice beside a regular expression, and not only ignore it.
pub(crate) static REGEX_RULES: &[&Rule] = &[&LAYERS_WITH_TARGET_REGEX, &LAYERS_PATTERN_WITH_TARGET_REGEX];

/// What PEFT makes of `layers_pattern`, or of an item of it.
const IN_LAYERS_REGEX: Text = RegexBetween(r"(?:^|.*?\.)", r"\.(?P<idx>\d+)\.");

/// Whether PEFT looks for layers at all.
const CHOOSES_LAYERS: Expr =
    Not(&Any(&[IsNull("layers_to_transform"), Compare(Length("layers_to_transform"), Equal, Integer(0))]));

rule! {
    /// A regular expression matches whole names, layers included, so there is nothing left for `layers_to_transform` to choose.
    ///
    /// An error: the config class refuses it, `all-linear` included.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ".*q_proj", "layers_to_transform": [0, 1]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0, 1]}
    /// ```
    pub(crate) static LAYERS_WITH_TARGET_REGEX: Error since "0.6.0" = {
        when: IsA("target_modules", String),
        require: IsNull("layers_to_transform"),
        blame: "layers_to_transform",
        message: "`layers_to_transform` goes with a list of target modules only",
        label: "name the layers in the regular expression instead",
        context: &[("target_modules", "a string")],
        notes: &["PEFT stops with `ValueError: layers_to_transform cannot be used when target_modules is a str.`"],
    }
}

rule! {
    /// A regular expression matches whole names, the list of layers included.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ".*q_proj", "layers_pattern": "h"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0, 1], "layers_pattern": "h"}
    /// ```
    pub(crate) static LAYERS_PATTERN_WITH_TARGET_REGEX: Error since "0.6.0" = {
        when: IsA("target_modules", String),
        require: IsNull("layers_pattern"),
        blame: "layers_pattern",
        message: "`layers_pattern` goes with a list of target modules only",
        label: "name the layers in the regular expression instead",
        context: &[("target_modules", "a string")],
        notes: &["PEFT stops with `ValueError: layers_pattern cannot be used when target_modules is a str.`"],
    }
}

rule! {
    /// `layers_pattern` says where the layers are that `layers_to_transform` chooses from.
    ///
    /// An error: the config class refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_pattern": "h"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0, 1], "layers_pattern": "h"}
    /// ```
    static LAYERS_PATTERN_WITHOUT_LAYERS: Error since "0.14.0" = {
        when: IsTruthy("layers_pattern"),
        require: Not(&IsNull("layers_to_transform")),
        blame: "layers_to_transform",
        message: "`layers_pattern` needs `layers_to_transform`",
        label: "must name the layers",
        context: &[("layers_pattern", "says where the layers are, not which")],
        notes: &["PEFT stops with `ValueError: When layers_pattern is specified, layers_to_transform must also be specified.`"],
    }
}

rule! {
    /// Up to 0.20.0 PEFT takes layer 0 alone, and an empty list, for no choice of layers.
    ///
    /// An error in these releases: with `layers_pattern`, the config class refuses it. Write layer 0 as a list.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": 0, "layers_pattern": "h"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "h"}
    /// ```
    static LAYER_ZERO_BREAKS_PEFT_0_20: Error since "0.14.0" until "0.20.0" = {
        when: All(&[IsTruthy("layers_pattern"), Not(&IsNull("layers_to_transform"))]),
        require: IsTruthy("layers_to_transform"),
        blame: "layers_to_transform",
        message: "PEFT up to 0.20.0 takes {layers_to_transform} for no choice of layers, which `layers_pattern` needs",
        label: "`[0]` stands for layer 0 in all releases",
        context: &[("layers_pattern", "needs layers to choose from")],
        notes: &["PEFT stops with `ValueError: When layers_pattern is specified, layers_to_transform must also be specified.`"],
    }
}

rule! {
    /// `layers_pattern` is a regular expression of Python's for what stands before the number of a layer.
    ///
    /// A warning: PEFT stops when the model is created or loaded, unless all targets are full names, of which it asks no layer.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "(layers"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "layers"}
    /// ```
    static LAYERS_PATTERN_NOT_A_REGEX: Warning = {
        when: All(&[IsA("layers_pattern", String), CHOOSES_LAYERS]),
        require: Matches("layers_pattern", IN_LAYERS_REGEX),
        blame: "layers_pattern",
        message: "`layers_pattern` is no regular expression: {layers_pattern}",
        label: "must be the name of the list of layers, or a regular expression for it",
        context: &[],
        notes: &["PEFT compiles `(?:^|.*?\\.){layers_pattern}\\.(?P<idx>\\d+)\\.`, at which Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// Each item of `layers_pattern` is a regular expression of Python's for what stands before the number of a layer.
    ///
    /// A warning: PEFT stops at the item when it creates or loads a model with a target module that no item before it matches.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": ["layers", "h("]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": ["layers", "h"]}
    /// ```
    static LAYERS_PATTERN_ITEM_NOT_A_REGEX: Warning = {
        when: All(&[IsA("layers_pattern", Array), CHOOSES_LAYERS]),
        require: EveryItem("layers_pattern", IN_LAYERS_REGEX),
        blame: "layers_pattern",
        message: "`{item}` in `layers_pattern` is no regular expression",
        label: "must be the name of a list of layers, or a regular expression for it",
        context: &[],
        notes: &["PEFT compiles `(?:^|.*?\\.){item}\\.(?P<idx>\\d+)\\.`, at which Python's `re` stops with `{refusal}`"],
    }
}
