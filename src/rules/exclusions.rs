//! Modules to leave out: what PEFT cannot read, and what leaves nothing out.

use super::targets::{BLANK_OR_EMPTY_PART, IS_LAYER_NAME, PARAMETERS, PATTERN, PREFIX_IN_A_REGEX, REGEX_CHARACTERS};
use crate::layout::modules::{ALL_LINEAR, PREFIX};
use crate::rule::{
    Expr::{All, Any, AnyItem, IsA, Matches, Not},
    Rule,
    Text::{Contains, Either, EndsWith, EndsWithAnyCase, OneOf, Regex, StartsWith, Without},
    Type::String,
    rule,
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] =
    &[&EXCLUDE_MODULES_NOT_A_REGEX, &NO_NAME_IN_EXCLUSIONS, &NAMES_TO_EXCLUDE_IN_A_STRING];

rule! {
    /// A string in `exclude_modules` is a regular expression of Python's, as in `target_modules`.
    ///
    /// An error: PEFT stops when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "exclude_modules": "(vision_tower.*"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "exclude_modules": ".*vision_tower.*"}
    /// ```
    static EXCLUDE_MODULES_NOT_A_REGEX: Error since "0.14.0" = {
        when: IsA("exclude_modules", String),
        require: Matches("exclude_modules", Regex),
        blame: "exclude_modules",
        message: "`exclude_modules` is no regular expression: {exclude_modules}",
        label: "must be a regular expression, or a list of names",
        context: &[],
        notes: &["Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// The items of the list are names, compared as they are written: no patterns, no blanks, no parameters, no word such as
    /// `all-linear`, no prefix that PEFT adds.
    ///
    /// A warning: PEFT adapts what was to be left out. It warns where nothing at all is left out.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "exclude_modules": [".*vision_tower.*"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "exclude_modules": ["lm_head.weight"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": ["lm_head, router"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": ["lm_head", "router"]}
    /// ```
    static NO_NAME_IN_EXCLUSIONS: Warning since "0.14.0" = {
        when: All(&[]),
        require: Not(&AnyItem("exclude_modules", Either(&[
            OneOf(&[""]),
            PATTERN,
            BLANK_OR_EMPTY_PART,
            StartsWith(&[".", PREFIX]),
            EndsWith(&["."]),
            EndsWith(PARAMETERS),
            EndsWithAnyCase(ALL_LINEAR),
        ]))),
        blame: "exclude_modules",
        message: "\"{item}\" in `exclude_modules` is no name of a module, so it leaves none out",
        label: "a name of the base model's own; patterns go into a string alone",
        context: &[],
        notes: &["PEFT adapts what it was to leave out, and warns only where it leaves nothing out at all"],
    }
}

rule! {
    /// A string is one regular expression for whole names: the name of a layer, several names or a list in a string match nothing.
    ///
    /// A warning: PEFT adapts what was to be left out, with a warning of its own.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": "q_proj"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": "lm_head,router"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": "['lm_head', 'router']"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": ["lm_head", "router"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": "all-linear", "exclude_modules": ".*\\.(gate|router)"}
    /// ```
    static NAMES_TO_EXCLUDE_IN_A_STRING: Warning since "0.14.0" = {
        when: All(&[]),
        require: Not(&Any(&[
            Matches("exclude_modules", StartsWith(&["['", "[\"", PREFIX, PREFIX_IN_A_REGEX])),
            All(&[Matches("exclude_modules", StartsWith(&["["])), Matches("exclude_modules", EndsWith(&["]"]))]),
            Matches("exclude_modules", Without(&Contains(&[","]), &Contains(REGEX_CHARACTERS))),
            Matches("exclude_modules", EndsWithAnyCase(ALL_LINEAR)),
            Matches("exclude_modules", IS_LAYER_NAME),
        ])),
        blame: "exclude_modules",
        message: "`exclude_modules` is `{exclude_modules}`, which matches no whole path such as `layers.0.self_attn.q_proj`",
        label: "names stand in a list",
        context: &[],
        notes: &["PEFT leaves nothing out, and warns: no modules were excluded"],
    }
}
