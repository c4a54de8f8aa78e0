//! VeLoRA: compressed activations, to save memory while training.

use crate::methods::{inherited::fields, wire_enum::wire_enum};

wire_enum! {
    /// What the activations are projected on.
    pub enum VeloraInit {
        /// The mean of each batch.
        BatchAverage = "batch_average" since "0.20.0",
        /// The mean of the first batch, kept: faster, less exact.
        BatchAverageOnce = "batch_average_once" since "0.20.0",
        /// A random direction.
        Random = "random" since "0.20.0",
    }
}

fields! {
    /// # VeLoRA
    ///
    /// Keeps the activations for the backward pass in compressed form (arXiv 2405.17991, PEFT class `VeloraConfig`).
    pub struct VeloraConfig {
        /// In how many groups the features are compressed: more is more exact and needs more memory.
        #[schemars(title = "Groups", example = 64)]
        #[validate(range(min = 1))]
        ["VeloraConfig" "0.20.0"] pub num_groups: u32 = 64,

        /// Scale of the activations when they are unpacked.
        #[schemars(title = "Scale", example = 1.0, extend("exclusiveMinimum" = 0.0))]
        #[validate(range(exclusive_min = 0.0))]
        ["VeloraConfig" "0.20.0"] pub scale: f64 = 1.0,

        /// What the activations are projected on.
        #[schemars(title = "Projection")]
        ["VeloraConfig" "0.20.0"] pub init_type: VeloraInit = VeloraInit::BatchAverage,
    }
}
