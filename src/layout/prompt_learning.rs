//! What the methods that learn a prompt have in common: the shared prompt, and the sizes that PEFT infers
//! (`PeftModel._setup_prompt_encoder`, `_prepare_prompt_learning_config`).

use super::{Axis, Derived, FromBaseModel, KeyValues, Layout, TensorLayout, TextInit};
use crate::rule::Expr::Is;

/// What stands before the names of the base model's own tensors in the checkpoint of a method that learns a prompt.
pub const OF_BASE_MODEL: &str = "base_model.";

/// The rows of the prompt, for all submodules of the base model.
pub const VIRTUAL_TOKENS: Axis =
    Axis { noun: "virtual tokens", fields: &["num_virtual_tokens", "num_transformer_submodules"], times: 1 };

/// The width of the base model's word embeddings.
pub const WIDTH: Axis = Axis { noun: "columns", fields: &["token_dim"], times: 1 };

/// The prompt, `[num_virtual_tokens · num_transformer_submodules, token_dim]`.
pub const PROMPT_EMBEDDINGS: TensorLayout = TensorLayout {
    name: "prompt_embeddings",
    axes: &[VIRTUAL_TOKENS, WIDTH],
    when_absent: "PEFT stops with `KeyError: 'prompt_embeddings'`",
};

/// Keys and values for every layer, `[num_virtual_tokens, num_layers · token_dim · 2]`.
pub const KEYS_AND_VALUES: TensorLayout = TensorLayout {
    name: PROMPT_EMBEDDINGS.name,
    axes: &[
        Axis { noun: "virtual tokens", fields: &["num_virtual_tokens"], times: 1 },
        Axis { noun: "columns", fields: &["token_dim", "num_layers"], times: 2 },
    ],
    when_absent: PROMPT_EMBEDDINGS.when_absent,
};

/// The sizes of keys and values.
pub static KEY_VALUES: KeyValues = KeyValues { width: "token_dim", heads: "num_attention_heads" };

/// Encoder and decoder each get a prompt, any other model has one.
pub static DERIVED: &[Derived] =
    &[Derived { field: "num_transformer_submodules", condition: Is("task_type", "SEQ_2_SEQ_LM"), values: (2, 1) }];

/// The sizes of the base model.
pub static FROM_BASE_MODEL: &[FromBaseModel] = &[
    FromBaseModel {
        field: "num_layers",
        attribute: Some("num_hidden_layers"),
        keys: &["num_hidden_layers", "num_layers", "n_layer"],
    },
    FromBaseModel { field: "token_dim", attribute: None, keys: &["hidden_size", "n_embd", "d_model"] },
    FromBaseModel {
        field: "num_attention_heads",
        attribute: None,
        keys: &["num_attention_heads", "n_head", "num_heads", "encoder_attention_heads"],
    },
];

/// Whether a model for the task type has an encoder and a decoder; models for other task types may or may not.
pub static ENCODER_DECODER: &[(&str, bool)] = &[("SEQ_2_SEQ_LM", true), ("CAUSAL_LM", false)];

/// The words that the prompt starts from.
pub static TEXT: TextInit = TextInit {
    mode: "prompt_tuning_init",
    value: "TEXT",
    text: "prompt_tuning_init_text",
    tokenizer: "tokenizer_name_or_path",
};

/// The layout of a prompt of keys and values.
pub static KEY_VALUE_LAYOUT: Layout = Layout {
    tensors: &[KEYS_AND_VALUES],
    derived: DERIVED,
    from_base_model: FROM_BASE_MODEL,
    key_values: Some(&KEY_VALUES),
    ..Layout::EMPTY
};
