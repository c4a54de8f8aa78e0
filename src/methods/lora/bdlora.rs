//! BD-LoRA: block-diagonal factors, for serving on several devices.

use crate::methods::inherited::fields;

fields! {
    /// # BD-LoRA
    ///
    /// Makes one factor of each update block-diagonal, so that devices which share a model need not exchange it while serving
    /// (PEFT class `BdLoraConfig`).
    pub struct BdLoraConfig {
        /// Modules whose A is block-diagonal, by any part of their name: those that a server splits by rows, such as `down_proj`.
        #[schemars(title = "Block-diagonal A", example = serde_json::json!(["o_proj", "down_proj"]))]
        ["BdLoraConfig" "0.19.0"] pub target_modules_bd_a: Option<Vec<String>> = None,

        /// Modules whose B is block-diagonal, by any part of their name: those that a server splits by columns, such as `q_proj`.
        #[schemars(title = "Block-diagonal B", example = serde_json::json!(["q_proj", "k_proj", "v_proj"]))]
        ["BdLoraConfig" "0.19.0"] pub target_modules_bd_b: Option<Vec<String>> = None,

        /// How many blocks there are: as many as devices share the model.
        #[schemars(title = "Blocks", example = 2)]
        #[validate(range(min = 1))]
        ["BdLoraConfig" "0.19.0"] pub nblocks: u32 = 1,

        /// Whether every target module must be in one of the two lists.
        #[schemars(title = "Strict")]
        ["BdLoraConfig" "0.19.0"] pub match_strict: bool = true,
    }
}
