//! Modules that are trained and saved in full.

use super::targets::{BLANK_OR_EMPTY_PART, PARAMETERS, PATTERN};
use crate::{
    layout::{
        heads::TASKS_WITH_HEAD,
        modules::{ALL_LINEAR, PREFIX},
    },
    rule::{
        Expr::{All, AnyItem, EveryItem, IsNull, IsOneOf, IsTruthy, Matches, Not, Overlap},
        Rule, Text,
        Text::{Contains, Either, EndsWith, EndsWithAnyCase, OneOf, RegexBetween, StartsWith, Without},
        rule,
    },
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] = &[
    &PARAMETER_TO_SAVE,
    &EMPTY_NAME_TO_SAVE,
    &NO_NAME_TO_SAVE,
    &NAME_TO_SAVE_NOT_A_REGEX,
    &SAVED_AND_TARGETED,
    &HEAD_NOT_LISTED,
    &HEAD_NOT_TRAINED,
];

/// What PEFT makes of an item, to find out whether a module is saved in full.
const IN_SAVED_REGEX: Text = RegexBetween(r"(^|.*\.)", r"($|\..*)");

const ANY: Text = Contains(&[""]);

/// Any text that makes no regular expression: [`NAME_TO_SAVE_NOT_A_REGEX`] reports it.
const NOT_A_REGEX: Text = Without(&ANY, &IN_SAVED_REGEX);

rule! {
    /// `modules_to_save` names modules. Their weights and biases are saved with them, and by themselves match nothing.
    ///
    /// A warning: PEFT ignores the item without a word, and what was meant is neither trained nor saved.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head.weight"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}
    /// ```
    static PARAMETER_TO_SAVE: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("modules_to_save", EndsWith(PARAMETERS))),
        blame: "modules_to_save",
        message: "`{item}` in `modules_to_save` is a parameter, not a module",
        label: "leave the last part out",
        context: &[],
        notes: &["PEFT matches nothing with it, and says nothing"],
    }
}

rule! {
    /// An item stands for every module whose name ends with it, so an empty one for all of them.
    ///
    /// An error since PEFT 0.9.0: it stops at the first list of layers. Older releases make copies of everything.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": [""]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": []}
    /// ```
    static EMPTY_NAME_TO_SAVE: Error since "0.9.0" = {
        when: All(&[]),
        require: Not(&AnyItem("modules_to_save", OneOf(&[""]))),
        blame: "modules_to_save",
        message: "`modules_to_save` has an empty name, which every module ends with",
        label: "name a module, or leave the item out",
        context: &[],
        notes: &["PEFT stops with `TypeError: modules_to_save cannot be applied to modules of type …`"],
    }
}

rule! {
    /// An item stands for the modules whose name ends with it, as it is written: no pattern, no word such as `all-linear`, no prefix
    /// that PEFT adds. A dot at its beginning leaves out the modules at the top of the base model.
    ///
    /// A warning: PEFT ignores the item without a word, and what was meant is neither trained nor saved. Before 0.16.0 it compared with
    /// names that have the prefix: an item with it was found, and a dot at the beginning left nothing out.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head "]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head|embed_tokens"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["base_model.model.lm_head"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head", ".embed_tokens"]}
    /// ```
    static NO_NAME_TO_SAVE: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("modules_to_save", Without(&Either(&[
            PATTERN,
            BLANK_OR_EMPTY_PART,
            EndsWith(&["."]),
            EndsWithAnyCase(ALL_LINEAR),
            StartsWith(&[PREFIX]),
        ]), &NOT_A_REGEX))),
        blame: "modules_to_save",
        message: "\"{item}\" in `modules_to_save` is the end of no module's name in the base model",
        label: "a name of the base model's own, without patterns and blanks",
        context: &[],
        notes: &["PEFT finds nothing by it, and goes on without a word; releases before 0.16.0 compare with names that begin with `base_model.model.`"],
    }
}

rule! {
    /// What is saved in full is not adapted, and to find it out PEFT puts each item into a regular expression, unescaped.
    ///
    /// An error since PEFT 0.16.0: it stops when the model is created or loaded. Older releases match nothing with the item.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["(lm_head"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}
    /// ```
    static NAME_TO_SAVE_NOT_A_REGEX: Error since "0.16.0" = {
        when: IsTruthy("modules_to_save"),
        require: EveryItem("modules_to_save", IN_SAVED_REGEX),
        blame: "modules_to_save",
        message: "`{item}` in `modules_to_save` makes no regular expression, and PEFT puts it into one",
        label: "must be a name",
        context: &[],
        notes: &[r"PEFT compiles `(^|.*\.){item}($|\..*)`, at which Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// A module is either adapted or trained in full.
    ///
    /// A warning: PEFT trains it in full and makes no adapter for it, without a word.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "lm_head"], "modules_to_save": ["lm_head"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}
    /// ```
    static SAVED_AND_TARGETED: Warning = {
        when: All(&[]),
        require: Not(&Overlap("modules_to_save", "target_modules")),
        blame: "modules_to_save",
        message: "`{item}` is in `modules_to_save` and in `target_modules`",
        label: "trained in full",
        context: &[("target_modules", "so nothing is left to adapt")],
        notes: &["PEFT trains it in full, and makes no adapter for it"],
    }
}

rule! {
    /// When PEFT builds a classifier it adds the head to `modules_to_save`. A trained adapter of such a task without it has a head
    /// that was not trained, or was lost.
    ///
    /// A warning: PEFT adds the head once more when it loads, and stops if the checkpoint has none. Old releases, which did not stamp
    /// `peft_version` either, did not list the heads that they added.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "task_type": "SEQ_CLS", "inference_mode": true, "target_modules": ["q_proj"], "peft_version": "0.19.1"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "task_type": "SEQ_CLS", "inference_mode": true, "target_modules": ["q_proj"], "peft_version": "0.19.1",
    ///  "modules_to_save": ["classifier", "score"]}
    /// ```
    static HEAD_NOT_LISTED: Warning = {
        when: All(&[
            IsTruthy("inference_mode"),
            Not(&IsNull("peft_version")),
            IsOneOf("task_type", &TASKS_WITH_HEAD),
        ]),
        require: IsTruthy("modules_to_save"),
        blame: "modules_to_save",
        message: "this trained adapter for {task_type} names no head in `modules_to_save`",
        label: "PEFT lists the head here when it trains one",
        context: &[("task_type", "needs a trained head")],
        notes: &["if the checkpoint has no head, PEFT stops with a `KeyError`; if the task is another one, correct `task_type`"],
    }
}

rule! {
    /// PEFT knows by `task_type` alone that there is a head to train. Without one, the head of a classifier stays as it started:
    /// random, and not saved.
    ///
    /// A warning: nothing fails; every load brings another random head.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj"],
    ///  "auto_mapping": {"base_model_class": "LlamaForSequenceClassification", "parent_library": "transformers"}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"], "modules_to_save": ["score"],
    ///  "auto_mapping": {"base_model_class": "LlamaForSequenceClassification", "parent_library": "transformers"}}
    /// ```
    static HEAD_NOT_TRAINED: Warning = {
        when: All(&[IsNull("task_type"), Matches("auto_mapping/base_model_class", EndsWith(&[
            "ForSequenceClassification",
            "ForTokenClassification",
            "ForQuestionAnswering",
        ]))]),
        require: IsTruthy("modules_to_save"),
        blame: "modules_to_save",
        message: "the head of the base model is neither trained nor saved",
        label: "name the head, or set `task_type`",
        context: &[("auto_mapping/base_model_class", "has a head that starts at random")],
        notes: &[],
    }
}
