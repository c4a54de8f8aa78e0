//! What families of models do differently when PEFT asks their config class for sizes (transformers 5.23, default configs of
//! 336 text models).

/// The key under which families keep the number of layers, where PEFT finds it only by asking the config class.
const KEYS_OF_LAYERS: &[(&str, &[&str])] = &[
    (
        "encoder_layers",
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
    ("n_layers", &["dbrx", "distilbert", "flaubert", "mpt", "xlm"]),
    ("decoder_layers", &["seamless_m4t", "seamless_m4t_v2", "trocr"]),
];

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

/// The key that stands for `num_hidden_layers` in a family's `config.json`.
pub(super) fn key_of_layers(model_type: &str) -> Option<&'static str> {
    KEYS_OF_LAYERS.iter().find(|(_, families)| families.contains(&model_type)).map(|(key, _)| *key)
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
            // These keys are looked up for every family.
            let alias = family["num_hidden_layers"].as_str().filter(|key| !["num_layers", "n_layer"].contains(key));
            assert_eq!(key_of_layers(name), alias, "{name}");
            assert_eq!(lacks_sizes(name), family["has_unknown_size"].as_bool().unwrap(), "{name}");
            unknown += usize::from(lacks_sizes(name));
        }
        assert_eq!(unknown, NOT_INFERRED.len());
        assert_eq!(text.lines().count(), 68);
    }
}
