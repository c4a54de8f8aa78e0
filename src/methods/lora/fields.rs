//! The fields of `LoraConfig`, which another method inherits.

use crate::methods::wire_enum::wire_enum;

wire_enum! {
    /// Which biases are trained beside the update.
    pub enum LoraBias {
        /// None.
        None = "none" since "0.1.0",
        /// All biases of the base model. Switching the adapter off then does not give back the base model.
        All = "all" since "0.1.0",
        /// Those of the target modules. Switching the adapter off then does not give back the base model.
        LoraOnly = "lora_only" since "0.1.0",
    }
}

/// A config with the fields of `LoraConfig`; the field `rank_pattern` differs between the classes, and what they do with a name in
/// `init_lora_weights` that they do not know.
macro_rules! lora_config {
    (
        $(#[$meta:meta])* $peft_type:ident pub struct $name:ident: LoraConfig {
            $(#[$start_meta:meta])* init_lora_weights,
            $(#[$pattern_meta:meta])* [$($pattern_release:tt)*] pub rank_pattern: $pattern:ty = $pattern_default:expr,
            $($own:tt)*
        }
    ) => {
        $crate::methods::inherited::config! { $(#[$meta])* $peft_type pub struct $name: PeftConfig {
            /// Rank of the update: each target module gets factors of this width. 8 to 64 is usual; more can say more and costs
            /// more.
            #[schemars(title = "Rank", example = 16)]
            #[validate(range(min = 1))]
            ["LoraConfig" "0.1.0"] pub r: u32 = 8,

            /// The modules to adapt: names, or one regular expression for whole names, or `all-linear`. When it is null, PEFT knows
            /// what to take for common architectures.
            #[schemars(title = "Target modules", example = serde_json::json!(["q_proj", "v_proj"]))]
            ["LoraConfig" "0.1.0"] pub target_modules: Option<$crate::methods::ModuleNames> = None,

            /// Modules to leave out although `target_modules` names them.
            #[schemars(title = "Excluded modules", example = serde_json::json!(["lm_head"]))]
            ["LoraConfig" "0.14.0"] pub exclude_modules: Option<$crate::methods::ModuleNames> = None,

            /// Strength of the update, which is scaled by `lora_alpha / r`. Equal to `r` or twice that is usual. PEFT takes fractions
            /// too, and other tools write them.
            #[schemars(title = "Alpha", example = 32)]
            ["LoraConfig" "0.1.0", was [null until "0.3.0"]] pub lora_alpha: $crate::methods::IntegerOrFloat =
                $crate::methods::IntegerOrFloat::Integer(8),

            /// Share of the input that is dropped in front of the update while training. 0.05 to 0.1 is usual.
            #[schemars(title = "Dropout", example = 0.05, extend("exclusiveMaximum" = 1.0))]
            #[validate(range(min = 0.0, exclusive_max = 1.0))]
            ["LoraConfig" "0.1.0", was [null until "0.3.0"]] pub lora_dropout: f64 = 0.0,

            /// True for layers that store their weight as (in, out), such as GPT-2's `Conv1D`. PEFT corrects a wrong value.
            #[schemars(title = "Fan in, fan out")]
            ["LoraConfig" "0.1.0"] pub fan_in_fan_out: bool = false,

            /// Which biases of the base model are trained too.
            #[schemars(title = "Bias")]
            ["LoraConfig" "0.1.0"] pub bias: $crate::methods::LoraBias = $crate::methods::LoraBias::None,

            /// Whether the update is scaled by `lora_alpha / sqrt(r)`, which keeps high ranks effective (rank-stabilised LoRA,
            /// arXiv 2312.03732).
            #[schemars(title = "Rank-stabilised scaling")]
            ["LoraConfig" "0.8.0"] pub use_rslora: bool = false,

            /// Names of further modules to train and save in full, such as a classifier head or resized embeddings. PEFT adds the
            /// heads of SEQ_CLS, TOKEN_CLS and QUESTION_ANS models by itself.
            #[schemars(title = "Modules to save", example = serde_json::json!(["embed_tokens", "lm_head"]))]
            ["LoraConfig" "0.1.0"] pub modules_to_save: Option<Vec<String>> = None,

            /// What the factors start from. True is the usual start, with which the untrained adapter changes nothing.
            #[schemars(title = "Initialisation")]
            $(#[$start_meta])*
            ["LoraConfig" "0.3.0"] pub init_lora_weights: $crate::methods::InitLoraWeights =
                $crate::methods::InitLoraWeights::Switch(true),

            /// The layers to adapt, counted from 0; all when it is null. Not with a regular expression in `target_modules`.
            #[schemars(title = "Layers", example = serde_json::json!([0, 1, 2]))]
            ["LoraConfig" "0.4.0"] pub layers_to_transform: Option<$crate::methods::LayersToTransform> = None,

            /// The name of the list of layers in the base model, where PEFT does not find it: `layers` or `h`. Only with
            /// `layers_to_transform`.
            #[schemars(title = "Name of the layers", example = &"layers")]
            ["LoraConfig" "0.4.0"] pub layers_pattern: Option<$crate::methods::LayersPattern> = None,

            $(#[$pattern_meta])* [$($pattern_release)*] pub rank_pattern: $pattern = $pattern_default,

            /// Alphas of modules that differ from `lora_alpha`, by the end of the module's name or a regular expression for it.
            #[schemars(title = "Alpha pattern", example = serde_json::json!({"model.layers.0.self_attn.q_proj": 32}))]
            ["LoraConfig" "0.6.0"] pub alpha_pattern:
                Option<std::collections::BTreeMap<String, $crate::methods::IntegerOrFloat>> =
                Some(std::collections::BTreeMap::new()),

            /// The configuration of Megatron's transformer, which makes PEFT create parallel layers.
            #[schemars(title = "Megatron config")]
            ["LoraConfig" "0.7.0"] pub megatron_config: Option<serde_json::Map<String, serde_json::Value>> = None,

            /// The Python module that Megatron's layers are imported from. Only read with `megatron_config`.
            #[schemars(title = "Megatron module", example = &"megatron.core")]
            ["LoraConfig" "0.7.0"] pub megatron_core: Option<String> = Some("megatron.core".to_owned()),

            /// Tokens whose embeddings are trained beside the update, at little cost: their numbers, or numbers for each embedding
            /// layer by its name.
            #[schemars(title = "Trainable tokens", example = serde_json::json!({"embed_tokens": [32000, 32001]}))]
            ["LoraConfig" "0.15.0"] pub trainable_token_indices: Option<$crate::methods::TokenIndices> = None,

            /// Settings of the start that makes up for quantisation. Only with `init_lora_weights` loftq.
            #[schemars(title = "LoftQ", example = serde_json::json!({"loftq_bits": 4, "loftq_iter": 1}))]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.7.0"] pub loftq_config: Option<$crate::methods::LoftQConfig> =
                Some($crate::methods::LoftQConfig::default()),

            /// Settings of the start from activations. Only with `init_lora_weights` eva.
            #[schemars(title = "EVA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.14.0"] pub eva_config: Option<$crate::methods::EvaConfig> = None,

            /// Settings of the start that is steered by sample data. Only with `init_lora_weights` corda.
            #[schemars(title = "CorDA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.15.0"] pub corda_config: Option<$crate::methods::CordaConfig> = None,

            /// Settings of the start along the first gradient. Only with `init_lora_weights` lora_ga.
            #[schemars(title = "LoRA-GA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.19.0"] pub lora_ga_config: Option<$crate::methods::LoraGAConfig> = None,

            /// Whether the length of each weight's columns is trained apart from their direction (DoRA, arXiv 2402.09353): better at
            /// low ranks, slower.
            #[schemars(title = "DoRA")]
            ["LoraConfig" "0.9.0"] pub use_dora: bool = false,

            /// Whether to train the variant for quantised weights that can be merged into them (QALoRA, arXiv 2309.14717). GPTQ only.
            #[schemars(title = "QALoRA")]
            ["LoraConfig" "0.16.0"] pub use_qalora: bool = false,

            /// How many inputs QALoRA pools into one. Only read with `use_qalora`.
            #[schemars(title = "QALoRA group size", example = 16)]
            #[validate(range(min = 1))]
            ["LoraConfig" "0.16.0"] pub qalora_group_size: u32 = 16,

            /// A new stack of layers, made of ranges of the base model's: `[[0, 4], [2, 5]]` is layers 0, 1, 2, 3, 2, 3, 4. All get
            /// updates of their own, the weights are shared.
            #[schemars(title = "Layer replication", example = serde_json::json!([[0, 4], [2, 5]]))]
            ["LoraConfig" "0.10.0"] pub layer_replication: Option<Vec<[u32; 2]>> = None,

            /// The tokens that switch the adapter on (activated LoRA, arXiv 2504.12397): what stands before them is computed as in
            /// the base model. For CAUSAL_LM.
            #[schemars(title = "Invocation tokens", example = serde_json::json!([27, 91, 3112]))]
            ["LoraConfig" "0.18.0"] pub alora_invocation_tokens: Option<Vec<u32>> = None,

            /// Parameters to adapt by name where there is no module to target, as in layers of experts. PEFT compares the ends of the
            /// names.
            #[schemars(title = "Target parameters", example = serde_json::json!(["feed_forward.experts.gate_up_proj"]))]
            ["LoraConfig" "0.17.0"] pub target_parameters: Option<Vec<String>> = None,

            /// Whether the update has a bias too. Only for a start of true or false, and not with DoRA.
            #[schemars(title = "LoRA bias")]
            ["LoraConfig" "0.14.0"] pub lora_bias: bool = false,

            /// Whether what the base model ties, such as input and output embeddings, stays tied when it is trained or targeted.
            #[schemars(title = "Keep weights tied")]
            ["LoraConfig" "0.18.0"] pub ensure_weight_tying: bool = false,

            /// Settings of routing between trained adapters.
            #[schemars(title = "Arrow")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.18.0"] pub arrow_config: Option<$crate::methods::ArrowConfig> = None,

            /// Settings of block-diagonal factors. An object, despite its name.
            #[schemars(title = "BD-LoRA", example = serde_json::json!({"target_modules_bd_b": ["q_proj", "v_proj"], "nblocks": 2}))]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.19.0"] pub use_bdlora: Option<$crate::methods::BdLoraConfig> = None,

            /// Settings of compressed activations.
            #[schemars(title = "VeLoRA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.20.0"] pub velora_config: Option<$crate::methods::VeloraConfig> = None,

            /// Settings of sampled perturbations.
            #[schemars(title = "MonteCLoRA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.20.0"] pub monteclora_config: Option<$crate::methods::MontecloraConfig> = None,

            /// Settings of adapted singular values.
            #[schemars(title = "KaSA")]
            #[validate(custom(function = "crate::methods::adapter_config::nested"))]
            ["LoraConfig" "0.21.0"] pub kasa_config: Option<$crate::methods::KasaConfig> = None,

            $($own)*
        } }
    };
}
pub(in crate::methods) use lora_config;
