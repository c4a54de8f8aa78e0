//! What families of models do differently when PEFT asks their config class for sizes (transformers 5.23, default configs of
//! 336 text models).

use crate::document::{Kind, Node, Object};

/// The key under which families keep the number of layers, where PEFT finds it only by asking the config class, and how often
/// the class counts each.
const KEYS_OF_LAYERS: &[(&str, u64, &[&str])] = &[
    (
        "encoder_layers",
        1,
        &[
            "bart",
            "bigbird_pegasus",
            "blenderbot",
            "blenderbot-small",
            "fsmt",
            "led",
            "m2m_100",
            "marian",
            "mbart",
            "mvp",
            "nllb-moe",
            "pegasus",
            "pegasus_x",
            "plbart",
            "whisper",
        ],
    ),
    ("n_layers", 1, &["dbrx", "distilbert", "flaubert", "mpt", "xlm"]),
    ("decoder_layers", 1, &["seamless_m4t", "seamless_m4t_v2", "trocr"]),
    // Each layer has two sublayers with attention.
    ("num_layers", 2, &["longcat_flash"]),
];

/// The families whose config class halves the number of layers where `layer_types` lists attention and `mlp` one by one.
const COUNTED_IN_BLOCKS: &[&str] = &["dory"];

/// The families whose config class leaves `num_key_value_heads: null` as it is. The others refuse it, or take the number of
/// heads for it.
const KEEP_NULL_HEADS: &[&str] =
    &["emu3", "emu3_text_model", "ernie4_5_moe", "glm", "gpt_bigcode", "nemotron", "qwen2_moe"];

/// The families of which PEFT cannot infer every size.
const NOT_INFERRED: &[&str] = &[
    "blt",
    "dbrx",
    "distilbert",
    "encoder-decoder",
    "falcon_mamba",
    "flaubert",
    "florence2",
    "fnet",
    "kosmos-2",
    "kosmos-2.5",
    "mamba",
    "mpt",
    "musicgen",
    "musicgen_melody",
    "nemo_speechlm",
    "nemotron_h_omni",
    "perceiver",
    "pi0",
    "pp_formulanet",
    "prophetnet",
    "rwkv",
    "t5gemma",
    "t5gemma2",
    "trocr",
    "vision-encoder-decoder",
    "xglm",
    "xlm",
];

/// The key that stands for `num_hidden_layers` in a family's `config.json`, and what its value is multiplied by.
pub(super) fn key_of_layers(model_type: &str) -> Option<(&'static str, u64)> {
    KEYS_OF_LAYERS.iter().find(|(_, _, families)| families.contains(&model_type)).map(|(key, times, _)| (*key, *times))
}

/// Whether the number of layers in a `config.json` is twice what the family's config class makes of it.
pub(super) fn counts_blocks(model_type: &str, config: &Object) -> bool {
    let lists_mlp = match config.get("layer_types").map(|types| &types.kind) {
        Some(Kind::Array(types)) => types.iter().any(|layer| layer.as_str() == Some("mlp")),
        _ => false,
    };
    lists_mlp && COUNTED_IN_BLOCKS.contains(&model_type)
}

/// Whether `num_key_value_heads` stays null where the `config.json` says so.
pub(super) fn keeps_null_heads(config: &Object) -> bool {
    config.get("model_type").and_then(Node::as_str).is_some_and(|family| KEEP_NULL_HEADS.contains(&family))
}

/// Whether a size that the family's `config.json` lacks is surely not found by PEFT either.
pub(super) fn lacks_sizes(model_type: &str) -> bool {
    NOT_INFERRED.contains(&model_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What was seen of the families that PEFT treats otherwise than by the keys of `config.json`.
    #[test]
    fn families_are_those_that_were_recorded() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/facts/base_model_families.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let mut unknown = 0;
        for line in text.lines() {
            let family: Value = serde_json::from_str(line).unwrap();
            let name = family["model_type"].as_str().unwrap();
            let times = family["times"].as_u64().unwrap_or(1);
            // These keys are looked up for every family.
            let is_usual = |key: &str| times == 1 && ["num_layers", "n_layer"].contains(&key);
            let alias = family["num_hidden_layers"].as_str().filter(|key| !is_usual(key));
            assert_eq!(key_of_layers(name), alias.map(|key| (key, times)), "{name}");
            assert_eq!(lacks_sizes(name), family["has_unknown_size"].as_bool().unwrap(), "{name}");
            unknown += usize::from(lacks_sizes(name));
        }
        assert_eq!(unknown, NOT_INFERRED.len());
        assert_eq!(text.lines().count(), 68);
    }
}
