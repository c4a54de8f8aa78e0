//! EVA: a start from the activations of the training data.

use crate::methods::inherited::fields;

fields! {
    /// # EVA
    ///
    /// Starts the adapter from the directions in which the training data varies most, and gives layers that explain more a higher
    /// rank (arXiv 2410.07170, PEFT class `EvaConfig`).
    pub struct EvaConfig {
        /// How far ranks may be moved between layers: none gets more than `r` times this. 1 moves nothing.
        #[schemars(title = "Largest growth of a rank", example = 2.0)]
        #[validate(range(min = 1.0))]
        ["EvaConfig" "0.14.0"] pub rho: f64 = 2.0,

        /// How alike the directions of two steps must be, as a cosine, before a layer counts as settled.
        #[schemars(title = "Similarity to stop at", example = 0.99)]
        #[validate(range(min = 0.0, max = 1.0))]
        ["EvaConfig" "0.14.0"] pub tau: f64 = 0.99,

        /// Whether to leave out the positions whose label is `label_mask_value`, such as those of the question.
        #[schemars(title = "Mask by label")]
        ["EvaConfig" "0.14.0"] pub use_label_mask: bool = true,

        /// The label of positions to leave out.
        #[schemars(title = "Masked label", example = -100)]
        ["EvaConfig" "0.14.0"] pub label_mask_value: i64 = -100,

        /// Whether to whiten the directions, which helps with images.
        #[schemars(title = "Whiten")]
        ["EvaConfig" "0.14.0"] pub whiten: bool = false,

        /// Whether to adapt the scale of each layer to the rank it was given.
        #[schemars(title = "Adjust scaling")]
        ["EvaConfig" "0.14.0"] pub adjust_scaling_factors: bool = true,
    }
}
