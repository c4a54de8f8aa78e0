//! MonteCLoRA: sampled perturbations of the update.

use crate::methods::inherited::fields;

fields! {
    /// # MonteCLoRA
    ///
    /// Adds learnt random perturbations to the update, which makes it better calibrated (PEFT class `MontecloraConfig`).
    #[serde(deny_unknown_fields)]
    #[schemars(extend("x-peft-refuses-unknown-keys" = "RecursionError: maximum recursion depth exceeded"))]
    pub struct MontecloraConfig {
        /// Samples for each forward pass: more is smoother and costs more.
        #[schemars(title = "Samples", example = 8)]
        #[validate(range(min = 1))]
        ["MontecloraConfig" "0.20.0"] pub num_samples: u32 = 8,

        /// Whether to keep the weights of the samples from settling on a single one.
        #[schemars(title = "Entropy term")]
        ["MontecloraConfig" "0.20.0"] pub use_entropy: bool = false,

        /// How even the weights of the samples are by themselves: higher is more even.
        #[schemars(title = "Dirichlet prior", example = 0.1, extend("exclusiveMinimum" = 0.0))]
        #[validate(range(exclusive_min = 0.0))]
        ["MontecloraConfig" "0.20.0"] pub dirichlet_prior: f64 = 0.1,

        /// Size of the perturbations; close to 0 it is plain LoRA.
        #[schemars(title = "Scale of the samples", example = 0.0001)]
        ["MontecloraConfig" "0.20.0"] pub sample_scaler: f64 = 1e-4,

        /// How strongly the perturbations are held to their prior.
        #[schemars(title = "Weight of the prior", example = 0.00001)]
        ["MontecloraConfig" "0.20.0"] pub kl_loss_weight: f64 = 1e-5,

        /// How many samples are drawn ahead: more is steadier and needs more memory.
        #[schemars(title = "Buffer", example = 150)]
        #[validate(range(min = 1))]
        ["MontecloraConfig" "0.20.0"] pub buffer_size: u32 = 150,
    }
}
