//! The tensors that LoRA adds to a module, and those of the base model that are saved beside them.

use crate::{
    layout::{
        Layout,
        modules::{
            ModuleLayout, Part,
            Presence::{Optional, When, With},
            Rank, Saved, Setting,
        },
    },
    rule::Expr::{self, All, Any, Is, IsNull, IsTruthy, Not},
};

/// What a field that is set says.
const fn set(field: &'static str, holds: Expr) -> Setting {
    Setting { field, holds }
}

/// `A` projects down to the rank, `B` up again: `[r, in]` and `[out, r]`, or for an embedding `[r, words]` and `[width, r]`.
static PARTS: &[Part] = &[
    Part { name: "lora_A.weight", rank_axis: Some(0), presence: With("lora_B.weight") },
    Part { name: "lora_B.weight", rank_axis: Some(1), presence: With("lora_A.weight") },
    Part { name: "lora_embedding_A", rank_axis: Some(0), presence: With("lora_embedding_B") },
    Part { name: "lora_embedding_B", rank_axis: Some(1), presence: With("lora_embedding_A") },
    Part { name: "lora_magnitude_vector", rank_axis: None, presence: When(set("use_dora", IsTruthy("use_dora"))) },
    Part { name: "lora_B.bias", rank_axis: None, presence: When(set("lora_bias", IsTruthy("lora_bias"))) },
    Part { name: "lora_diag", rank_axis: Some(0), presence: When(set("kasa_config", IsTruthy("kasa_config"))) },
    Part {
        name: "lora_velora_embed",
        rank_axis: None,
        presence: When(set("velora_config", IsTruthy("velora_config"))),
    },
    Part { name: "lora_monteclora_sampler.expert_weights", rank_axis: None, presence: Optional },
    Part { name: "lora_monteclora_sampler.expert_weights_prior", rank_axis: None, presence: Optional },
    Part { name: "lora_monteclora_sampler.gaussian_var_prior", rank_axis: None, presence: Optional },
    Part { name: "lora_monteclora_sampler.std_prior", rank_axis: None, presence: Optional },
];

/// Beside the adapter PEFT saves biases that are trained, tokens that are, and embeddings that were resized or adapted.
pub(crate) static SAVED: &[Saved] = &[
    Saved { ending: ".bias", when: Not(&Is("bias", "none")) },
    Saved { ending: ".token_adapter.trainable_tokens_delta", when: IsTruthy("trainable_token_indices") },
    Saved { ending: ".base_layer.weight", when: All(&[]) },
    Saved { ending: "embed_tokens.weight", when: All(&[]) },
    Saved { ending: "lm_head.weight", when: All(&[]) },
    Saved { ending: "wte.weight", when: All(&[]) },
    Saved { ending: "word_embeddings.weight", when: All(&[]) },
    Saved { ending: "embed_in.weight", when: All(&[]) },
    Saved { ending: "embed_out.weight", when: All(&[]) },
    Saved { ending: "shared.weight", when: All(&[]) },
];

pub(super) static LAYOUT: Layout = Layout {
    modules: Some(&ModuleLayout {
        parts: PARTS,
        rank: Some(Rank {
            field: "r",
            pattern: Some("rank_pattern"),
            other_patterns: &["alpha_pattern"],
            first_beside: None,
            // Blocks have a part of the rank each, experts of one tensor share a multiple of it.
            is_otherwise: Any(&[Not(&IsNull("use_bdlora")), IsTruthy("target_parameters")]),
        }),
        targets: "target_modules",
        other_targets: &["target_parameters", "trainable_token_indices"],
        excluded: Some("exclude_modules"),
        choosing: &["layers_to_transform"],
        saved: SAVED,
    }),
    ..Layout::EMPTY
};
