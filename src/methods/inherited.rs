//! The config classes that methods inherit from, field by field: `PeftConfigMixin`, `PeftConfig`, `PromptLearningConfig`,
//! `PromptTuningConfig`.
//!
//! serde's `flatten` would lose the place of every error, so `config!` repeats the parents' fields in each struct instead.

use super::wire_enum::wire_enum;

wire_enum! {
    /// What the model is used for (PEFT class `TaskType`). It decides which model class PEFT wraps around the base model.
    pub enum TaskType {
        /// Classifies a whole text.
        SeqCls = "SEQ_CLS" since "0.1.0",
        /// Writes a text from a text, with an encoder and a decoder (T5, BART).
        Seq2SeqLm = "SEQ_2_SEQ_LM" since "0.1.0",
        /// Continues a text (GPT, Llama).
        CausalLm = "CAUSAL_LM" since "0.1.0",
        /// Classifies every token of a text.
        TokenCls = "TOKEN_CLS" since "0.1.0",
        /// Finds the answer to a question within a text.
        QuestionAns = "QUESTION_ANS" since "0.4.0",
        /// Gives the hidden states, with no head on top.
        FeatureExtraction = "FEATURE_EXTRACTION" since "0.4.0",
    }
}

/// Defines a config struct from the class it inherits from and its own fields.
///
/// A field is written `["PeftClass" "first.release"] pub name: Type = default`. From this come the struct, its default,
/// its serde and JSON Schema forms, its limits (`validator`) and its [`AdapterConfig`](super::AdapterConfig) implementation.
///
/// A field that is gone again adds `until "last.release"`. A field whose default was another one adds what it was, as JSON, each
/// with the last release that had it, oldest first: `["OFTConfig" "0.7.0", was [8 until "0.15.2"]]`.
///
/// Structs nested in a config are declared alike, through [`fields!`].
macro_rules! config {
    // PeftConfig, with what PeftConfigMixin gives it.
    ($(#[$meta:meta])* $peft_type:ident pub struct $name:ident: PeftConfig { $($own:tt)* }) => {
        $crate::methods::inherited::config! { @define $(#[$meta])* $peft_type pub struct $name {
            /// The kind of task. Decides which class wraps the base model; `get_peft_model` cannot do without it for prompt
            /// learning, and may for other methods.
            #[schemars(title = "Task type", example = &"CAUSAL_LM", extend("x-peft-checked-since" = "0.14.0"))]
            ["PeftConfig" "0.1.0"] pub task_type: Option<$crate::methods::TaskType> = None,

            /// The PEFT method that the config is for.
            #[schemars(title = "PEFT method", with = "String", extend("const" = $crate::methods::PeftType::$peft_type.as_str()))]
            ["PeftConfig" "0.1.0"] pub peft_type: $crate::methods::PeftType = $crate::methods::PeftType::$peft_type,

            /// How to find the base model's class again when `task_type` is not set: `base_model_class` and
            /// `parent_library`. PEFT fills it in when it saves; only `AutoPeftModel` reads it.
            #[schemars(title = "Base model class")]
            ["PeftConfigMixin" "0.4.0"] pub auto_mapping: Option<serde_json::Map<String, serde_json::Value>> = None,

            /// The release of PEFT that wrote the file. PEFT stamps it when the value is null.
            #[schemars(title = "PEFT release", example = &"0.21.2")]
            ["PeftConfigMixin" "0.18.0"] pub peft_version: Option<String> = None,

            /// The model that the adapter belongs to: a repository id on the Hub or a folder. Training overwrites it with the
            /// name of the model at hand.
            #[schemars(title = "Base model", example = &"bigscience/mt0-small")]
            ["PeftConfig" "0.1.0"] pub base_model_name_or_path: Option<String> = None,

            /// Branch, tag or commit of the base model's repository.
            #[schemars(title = "Base model revision", example = &"main")]
            ["PeftConfig" "0.4.0"] pub revision: Option<String> = None,

            /// True in a trained adapter, false in a config to train from: `save_pretrained` of a model always writes true.
            #[schemars(title = "For inference")]
            ["PeftConfig" "0.1.0"] pub inference_mode: bool = false,

            $($own)*
        } }
    };

    ($(#[$meta:meta])* $peft_type:ident pub struct $name:ident: PromptLearningConfig { $($own:tt)* }) => {
        $crate::methods::inherited::config! { $(#[$meta])* $peft_type pub struct $name: PeftConfig {
            /// How many rows the soft prompt has, for each submodule. More rows can say more and leave less room for the
            /// input; 8 to 100 is usual. PEFT cannot build a model without it.
            #[schemars(title = "Virtual tokens", example = 20)]
            #[validate(range(min = 1))]
            ["PromptLearningConfig" "0.1.0"] pub num_virtual_tokens: Option<u32> = None,

            /// Width of the base model's word embeddings. Leave it out: PEFT reads it from the base model.
            #[schemars(title = "Embedding width", example = 768)]
            #[validate(range(min = 1))]
            ["PromptLearningConfig" "0.1.0"] pub token_dim: Option<u32> = None,

            /// How many parts of the base model get a prompt: 2 for encoder and decoder, else 1. Leave it out: PEFT takes 2
            /// for SEQ_2_SEQ_LM and 1 otherwise.
            #[schemars(title = "Transformer submodules", example = 1)]
            #[validate(range(min = 1))]
            ["PromptLearningConfig" "0.1.0"] pub num_transformer_submodules: Option<u32> = None,

            /// Attention heads of the base model. Leave it out: PEFT reads it from the base model.
            #[schemars(title = "Attention heads", example = 12)]
            ["PromptLearningConfig" "0.1.0"] pub num_attention_heads: Option<u32> = None,

            /// Layers of the base model. Leave it out: PEFT reads it from the base model.
            #[schemars(title = "Layers", example = 12)]
            ["PromptLearningConfig" "0.1.0"] pub num_layers: Option<u32> = None,

            /// Names of further modules to train and save in full, such as a classifier head. PEFT adds the heads of SEQ_CLS,
            /// TOKEN_CLS and QUESTION_ANS models by itself.
            #[schemars(title = "Modules to save", example = serde_json::json!(["classifier"]))]
            ["PromptLearningConfig" "0.17.0"] pub modules_to_save: Option<Vec<String>> = None,

            $($own)*
        } }
    };

    ($(#[$meta:meta])* $peft_type:ident pub struct $name:ident: PromptTuningConfig<$init:ident of $class:literal $since:literal> { $($own:tt)* }) => {
        $crate::methods::inherited::config! { $(#[$meta])* $peft_type pub struct $name: PromptLearningConfig {
            /// What the soft prompt starts from. PEFT takes any unknown word for random numbers without saying so.
            #[schemars(title = "Initialisation", extend("x-peft-never-refused" = true))]
            [$class $since] pub prompt_tuning_init: $init = $init::Random,

            /// The text whose word embeddings the prompt starts from, repeated or cut to `num_virtual_tokens`. Needed with, and
            /// only read with, `prompt_tuning_init` TEXT.
            #[schemars(title = "Initial text", example = &"Classify if the review is good or bad:")]
            ["PromptTuningConfig" "0.1.0"] pub prompt_tuning_init_text: Option<String> = None,

            /// The tokenizer that cuts the initial text into tokens: a repository id or a folder, as a rule that of the base
            /// model. Needed with, and only read with, `prompt_tuning_init` TEXT.
            #[schemars(title = "Tokenizer", example = &"bigscience/mt0-small")]
            ["PromptTuningConfig" "0.1.0"] pub tokenizer_name_or_path: Option<String> = None,

            /// Further arguments for `AutoTokenizer.from_pretrained`. Only allowed with `prompt_tuning_init` TEXT;
            /// `trust_remote_code` is taken out by PEFT.
            #[schemars(title = "Tokenizer arguments", example = serde_json::json!({"use_fast": true}))]
            ["PromptTuningConfig" "0.7.0"] pub tokenizer_kwargs: Option<serde_json::Map<String, serde_json::Value>> = None,

            $($own)*
        } }
    };

    // All fields are here: define the type.
    (@define $(#[$meta:meta])* $peft_type:ident pub struct $name:ident { $($fields:tt)* }) => {
        $crate::methods::inherited::fields! {
            $(#[$meta])*
            #[validate(schema(function = "Self::first_broken_rule", skip_on_field_errors = false))]
            pub struct $name { $($fields)* }
        }

        impl $crate::methods::AdapterConfig for $name {
            fn method() -> &'static $crate::methods::Method {
                &METHOD
            }
        }

        impl $name {
            fn first_broken_rule(&self) -> Result<(), validator::ValidationError> {
                $crate::methods::first_broken_rule(self)
            }

            /// Checks every limit and every rule between the fields; warnings are no reason to refuse.
            ///
            /// # Errors
            /// All that is wrong: limits under the field's name, broken rules under the name of the field to change.
            pub fn validate(&self) -> Result<(), validator::ValidationErrors> {
                $crate::methods::validate_all(self)
            }
        }
    };
}
pub(super) use config;

/// Defines a struct whose fields know their PEFT class, their releases and their default: a config, or one nested in a config.
///
/// A field that the newest release no longer has is `["PeftClass" "first.release" until "last.release"]`, and its default is its
/// type's: a file that is written has it only where it has another value.
macro_rules! fields {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* [
            $class:literal $since:literal $(until $until:literal)? $(, was [$($former:tt until $last:literal),+])?
        ] pub $field:ident: $type:ty = $default:expr,)*
    }) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema, validator::Validate)]
        #[serde(default)]
        $(#[$meta])*
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[schemars(extend("x-peft-class" = $class, "x-peft-since" = $since $(, "x-peft-until" = $until)?))]
                $(#[schemars(extend("x-peft-former-defaults" = serde_json::json!([$({"default": $former, "until": $last}),+])))])?
                $(#[doc = ""] #[doc = concat!("Gone since; ", $until, " was the last release with it.")]
                #[serde(skip_serializing_if = "crate::methods::inherited::is_default")])?
                pub $field: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}
pub(super) use fields;

/// Whether a value is its type's default.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
