//! What `AutoPeftModel` needs to find the class of the base model.

use crate::rule::{
    Expr::{All, HasKey, IsNull, IsTruthy, Matches, Not},
    Rule,
    Text::InPackage,
    rule,
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] = &[&AUTO_MAPPING_INCOMPLETE, &AUTO_MAPPING_LIBRARY_REFUSED, &NO_AUTO_CLASS];

rule! {
    /// Without a `task_type`, `AutoPeftModel` reads the base model's class from `auto_mapping`, which needs both
    /// `base_model_class` and `parent_library`.
    ///
    /// A warning: only `AutoPeftModel.from_pretrained` fails, with a `KeyError`; `PeftModel.from_pretrained` does not look.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "auto_mapping": {"base_model_class": "GPT2Model"}}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8,
    ///  "auto_mapping": {"base_model_class": "GPT2Model", "parent_library": "transformers.models.gpt2.modeling_gpt2"}}
    /// ```
    static AUTO_MAPPING_INCOMPLETE: Warning = {
        when: All(&[IsNull("task_type"), Not(&IsNull("auto_mapping"))]),
        require: All(&[HasKey("auto_mapping", "base_model_class"), HasKey("auto_mapping", "parent_library")]),
        blame: "auto_mapping",
        message: "`auto_mapping` does not name both `base_model_class` and `parent_library`",
        label: "both keys are read",
        context: &[],
        notes: &["`AutoPeftModel.from_pretrained` stops with a `KeyError`; `PeftModel.from_pretrained` works"],
    }
}

rule! {
    /// `AutoPeftModel` imports the base model's class from `parent_library`, and since PEFT 0.20.0 only from diffusers, lerobot,
    /// megatron-core and transformers. Older releases import whatever module the file names.
    ///
    /// A warning: only `AutoPeftModel.from_pretrained` refuses.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8,
    ///  "auto_mapping": {"base_model_class": "Net", "parent_library": "my_models"}}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8,
    ///  "auto_mapping": {"base_model_class": "GPT2Model", "parent_library": "transformers"}}
    /// ```
    static AUTO_MAPPING_LIBRARY_REFUSED: Warning since "0.20.0" = {
        when: All(&[IsNull("task_type"), HasKey("auto_mapping", "parent_library")]),
        require: Matches(
            "auto_mapping/parent_library",
            InPackage(&["diffusers", "lerobot", "megatron-core", "transformers"]),
        ),
        blame: "auto_mapping/parent_library",
        message: "`AutoPeftModel` does not import from `{auto_mapping/parent_library}`",
        label: "not one of diffusers, lerobot, megatron-core, transformers",
        context: &[],
        notes: &["before PEFT 0.20.0 any module named here was imported"],
    }
}

rule! {
    /// A trained adapter with neither `task_type` nor `auto_mapping` does not say what its base model is.
    ///
    /// Only `AutoPeftModel.from_pretrained` needs to know.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "inference_mode": true}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "inference_mode": true, "task_type": "CAUSAL_LM"}
    /// ```
    static NO_AUTO_CLASS: Info = {
        when: All(&[IsTruthy("inference_mode"), IsNull("auto_mapping")]),
        require: Not(&IsNull("task_type")),
        blame: "task_type",
        message: "neither `task_type` nor `auto_mapping` tells the class of the base model",
        label: "null",
        context: &[("auto_mapping", "null")],
        notes: &["`AutoPeftModel.from_pretrained` cannot load this adapter; `PeftModel.from_pretrained` can"],
    }
}
