//! CorDA: a start that looks at sample data.

use crate::methods::{inherited::fields, wire_enum::wire_enum};

wire_enum! {
    /// What CorDA keeps and what it trains.
    pub enum CordaMethod {
        /// Instruction-previewed: trains what the samples use most, which learns a task fastest.
        Ipm = "ipm" since "0.15.0",
        /// Knowledge-preserved: trains what the samples use least, so that what they stand for is not forgotten.
        Kpm = "kpm" since "0.15.0",
    }
}

fields! {
    /// # CorDA
    ///
    /// Starts the adapter from a decomposition of the weights that is steered by sample data (arXiv 2406.05223, PEFT class
    /// `CordaConfig`). The base model must be prepared with `preprocess_corda` first.
    pub struct CordaConfig {
        /// File to keep the decomposition in: smaller than a model, and enough to build the start again.
        #[schemars(title = "Cache file", example = &"corda_cache.pt")]
        ["CordaConfig" "0.15.0"] pub cache_file: Option<String> = None,

        /// File to keep the covariance of the samples in: about as large as the model, and of use for other ranks.
        #[schemars(title = "Covariance file", example = &"covariance.pt")]
        ["CordaConfig" "0.15.0"] pub covariance_file: Option<String> = None,

        /// Whether to learn fast or to preserve knowledge.
        #[schemars(title = "Method")]
        ["CordaConfig" "0.15.0"] pub corda_method: CordaMethod = CordaMethod::Ipm,

        /// Whether to print the progress of the preparation.
        #[schemars(title = "Verbose")]
        ["CordaConfig" "0.15.0"] pub verbose: bool = false,

        /// Whether to sum up the covariance in 16-bit floats: half the memory, less steady.
        #[schemars(title = "16-bit covariance")]
        ["CordaConfig" "0.15.0"] pub use_float16_for_covariance: bool = false,

        /// Whether to throw away what only the preparation needs.
        #[schemars(title = "Prune temporary fields")]
        ["CordaConfig" "0.15.0"] pub prune_temporary_fields: bool = true,
    }
}
