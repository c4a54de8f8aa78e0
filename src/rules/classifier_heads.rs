//! What releases of PEFT got wrong between learned prompts and models with a head of their own; none of it is left today.

use crate::{
    layout::heads::TASKS_WITH_HEAD,
    rule::{
        Expr::{All, IsOneOf, Not},
        rule,
    },
};

rule! {
    /// PEFT 0.13 cannot build a model with a learned prompt for a task that has a head of its own.
    ///
    /// An error in these releases: building and loading fail alike. Every other release can.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "SEQ_CLS", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    pub(super) static HEAD_BREAKS_PEFT_0_13: Error since "0.13.0" until "0.13.2" = {
        when: All(&[]),
        require: Not(&IsOneOf("task_type", &TASKS_WITH_HEAD)),
        blame: "task_type",
        message: "PEFT 0.13 cannot build a model with a learned prompt for {task_type}",
        label: "a task with a head of its own",
        context: &[],
        notes: &["PEFT stops with `TypeError: add_adapter() got an unexpected keyword argument 'low_cpu_mem_usage'`"],
    }
}

rule! {
    /// PEFT 0.15.0 and 0.15.1 cannot build a model with a learned prompt for a task that has a head of its own.
    ///
    /// An error in these releases: building and loading fail alike.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "SEQ_CLS", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    pub(super) static HEAD_BREAKS_PEFT_0_15: Error since "0.15.0" until "0.15.1" = {
        when: All(&[]),
        require: Not(&IsOneOf("task_type", &TASKS_WITH_HEAD)),
        blame: "task_type",
        message: "PEFT 0.15.0 and 0.15.1 cannot build a model with a learned prompt for {task_type}",
        label: "a task with a head of its own",
        context: &[],
        notes: &["PEFT stops with `AttributeError`: the config has no attribute `modules_to_save`"],
    }
}

rule! {
    /// PEFT 0.16.0 cannot build a model with a learned prompt that labels tokens or finds answers.
    ///
    /// An error in this release: building and loading fail alike.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "TOKEN_CLS", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    pub(super) static HEAD_BREAKS_PEFT_0_16: Error since "0.16.0" until "0.16.0" = {
        when: All(&[]),
        require: Not(&IsOneOf("task_type", &["TOKEN_CLS", "QUESTION_ANS"])),
        blame: "task_type",
        message: "PEFT 0.16.0 cannot build a model with a learned prompt for {task_type}",
        label: "a task with a head of its own",
        context: &[],
        notes: &["PEFT stops with `TypeError: 'NoneType' object is not iterable`"],
    }
}

rule! {
    /// PEFT 0.15.2 and 0.16.0 leave the trained head out when they save an adapter with a learned prompt, and do not look for one
    /// when they load.
    ///
    /// A warning: nothing says so, and the loaded model classifies with a random head.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "SEQ_CLS", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    pub(super) static HEAD_LOST_BY_PEFT_0_16: Warning since "0.15.2" until "0.16.0" = {
        when: All(&[]),
        require: Not(&IsOneOf("task_type", &TASKS_WITH_HEAD)),
        blame: "task_type",
        message: "PEFT 0.15.2 and 0.16.0 neither save nor load the head of a {task_type} model with a learned prompt",
        label: "a task with a head of its own",
        context: &[],
        notes: &["the loaded model has a random head"],
    }
}
