//! Whether anyone but the author can find the base model.

use crate::rule::{
    Expr::{Any, IsTruthy, Matches, Not},
    Rule,
    Text::{Contains, OneOf, RepositoryId, StartsWith},
    rule,
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] =
    &[&NO_BASE_MODEL, &LOCAL_BASE_MODEL, &PLACEHOLDER_BASE_MODEL, &BASE_MODEL_NOT_A_REPOSITORY];

const FIELD: &str = "base_model_name_or_path";

/// How paths begin.
const PATH_STARTS: &[&str] = &["/", "~", "."];

/// What paths have and names of repositories have not: separators of Windows, drives, addresses.
const PATH_PARTS: &[&str] = &["\\", ":", "/../", "/./"];

/// Words that stand for a model that is to be named.
const PLACEHOLDERS: &[&str] =
    &["model", "base_model", "base-model", "model_name", "model_id", "none", "None", "null", "unknown"];

/// How texts begin that stand for a model that is to be named.
const PLACEHOLDER_STARTS: &[&str] = &["path/to/", "/path/to/", "./path/to/", "your-", "your_", "YOUR", "<", "{", "$"];

rule! {
    /// A trained adapter that does not say which model it is for.
    ///
    /// `PeftModel.from_pretrained` is given the model and does not look; `AutoPeftModel` and most servers do.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "inference_mode": true, "task_type": "CAUSAL_LM", "base_model_name_or_path": null}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "inference_mode": true, "task_type": "CAUSAL_LM", "base_model_name_or_path": "google/gemma-2b"}
    /// ```
    static NO_BASE_MODEL: Info = {
        when: IsTruthy("inference_mode"),
        require: IsTruthy(FIELD),
        blame: "base_model_name_or_path",
        message: "the adapter does not say which base model it is for",
        label: "expected the id of a repository",
        context: &[("inference_mode", "trained")],
        notes: &["`AutoPeftModel.from_pretrained` cannot load this adapter; `PeftModel.from_pretrained` can"],
    }
}

rule! {
    /// A path leads to the model on one machine only.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "base_model_name_or_path": "/home/me/models/gemma"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "base_model_name_or_path": "C:\\models\\gemma"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "base_model_name_or_path": "google/gemma-2b"}
    /// ```
    static LOCAL_BASE_MODEL: Info = {
        when: Not(&Any(&[Matches(FIELD, OneOf(PLACEHOLDERS)), Matches(FIELD, StartsWith(PLACEHOLDER_STARTS))])),
        require: Not(&Any(&[Matches(FIELD, StartsWith(PATH_STARTS)), Matches(FIELD, Contains(PATH_PARTS))])),
        blame: "base_model_name_or_path",
        message: "`base_model_name_or_path` is a path, which leads nowhere on another machine",
        label: "the id of a repository works everywhere",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// A word that stands for a model that was to be named.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "base_model_name_or_path": "path/to/model"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "base_model_name_or_path": "google/gemma-2b"}
    /// ```
    static PLACEHOLDER_BASE_MODEL: Info = {
        when: IsTruthy(FIELD),
        require: Not(&Any(&[Matches(FIELD, OneOf(PLACEHOLDERS)), Matches(FIELD, StartsWith(PLACEHOLDER_STARTS))])),
        blame: "base_model_name_or_path",
        message: "`base_model_name_or_path` is `{base_model_name_or_path}`, which reads like a placeholder",
        label: "expected the id of a repository",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// Neither a path nor what the Hub can call a repository: `owner/name` or `name`, of letters, digits and `.`, `_`, `-`.
    ///
    /// It may be a folder below the working directory, as deep ones are.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "base_model_name_or_path": "models/google/gemma-2b"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "base_model_name_or_path": "google/gemma-2b"}
    /// ```
    static BASE_MODEL_NOT_A_REPOSITORY: Info = {
        when: IsTruthy(FIELD),
        require: Any(&[
            Matches(FIELD, RepositoryId),
            Matches(FIELD, OneOf(PLACEHOLDERS)),
            Matches(FIELD, StartsWith(PLACEHOLDER_STARTS)),
            Matches(FIELD, StartsWith(PATH_STARTS)),
            Matches(FIELD, Contains(PATH_PARTS)),
        ]),
        blame: "base_model_name_or_path",
        message: "`base_model_name_or_path` cannot be the id of a repository",
        label: "expected `owner/name`",
        context: &[],
        notes: &[],
    }
}
