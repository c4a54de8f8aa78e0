//! Modules that are trained and saved in full.

use crate::{
    layout::heads::TASKS_WITH_HEAD,
    rule::{
        Expr::{All, AnyItem, IsNull, IsOneOf, IsTruthy, Matches, Not, Overlap},
        Rule,
        Text::EndsWith,
        rule,
    },
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] = &[&PARAMETER_TO_SAVE, &SAVED_AND_TARGETED, &HEAD_NOT_LISTED, &HEAD_NOT_TRAINED];

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
        require: Not(&AnyItem("modules_to_save", EndsWith(&[".weight", ".bias"]))),
        blame: "modules_to_save",
        message: "`{item}` in `modules_to_save` is a parameter, not a module",
        label: "leave the last part out",
        context: &[],
        notes: &["PEFT matches nothing with it, and says nothing"],
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
