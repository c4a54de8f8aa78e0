//! Arrow: routing between trained adapters.

use crate::methods::inherited::fields;

fields! {
    /// # Arrow
    ///
    /// Mixes trained LoRA adapters token by token, the ones that fit best, without further training (arXiv 2405.11157, PEFT class
    /// `ArrowConfig`).
    pub struct ArrowConfig {
        /// How many adapters are mixed for a token.
        #[schemars(title = "Adapters per token", example = 3)]
        #[validate(range(min = 1))]
        ["ArrowConfig" "0.18.0"] pub top_k: u32 = 3,

        /// How even the mix is: higher is more even.
        #[schemars(title = "Temperature", example = 1.0, extend("exclusiveMinimum" = 0.0))]
        #[validate(range(exclusive_min = 0.0))]
        ["ArrowConfig" "0.18.0"] pub router_temperature: f64 = 1.0,

        /// Whether to subtract general knowledge from the adapters first (GenKnowSub).
        #[schemars(title = "Subtract general knowledge")]
        ["ArrowConfig" "0.18.0"] pub use_gks: bool = false,

        /// The adapters to mix. `create_arrow_model` sets them; PEFT writes them, and drops them when it reads.
        #[schemars(title = "Task adapters", example = serde_json::json!(["task_1", "task_2"]))]
        ["ArrowConfig" "0.18.0"] pub task_adapter_names: Option<Vec<String>> = None,

        /// The adapters that hold general knowledge. `create_arrow_model` sets them; PEFT writes them, and drops them when it
        /// reads.
        #[schemars(title = "General adapters", example = serde_json::json!(["english"]))]
        ["ArrowConfig" "0.18.0"] pub gks_adapter_names: Option<Vec<String>> = None,

        /// Seed of the random numbers; without one, two runs differ.
        #[schemars(title = "Seed", example = 42)]
        ["ArrowConfig" "0.18.0"] pub rng_seed: Option<i64> = None,
    }
}
