//! KaSA: singular values that adapt, without the noise of the base weight.

use crate::methods::inherited::fields;

fields! {
    /// # KaSA
    ///
    /// Cuts the smallest singular values off each base weight and trains singular values of the update (arXiv 2412.06071, PEFT
    /// class `KasaConfig`). The cut changes the base model for good: unloading the adapter does not undo it.
    pub struct KasaConfig {
        /// Weight of the penalty on the singular values. Takes effect only if you add `_get_kasa_loss` to the loss.
        #[schemars(title = "Penalty on singular values", example = 0.0001)]
        #[validate(range(min = 0.0))]
        ["KasaConfig" "0.21.0"] pub beta: f64 = 1e-4,

        /// Weight of the penalty that keeps the factors orthogonal. Takes effect only if you add `_get_kasa_loss` to the loss.
        #[schemars(title = "Penalty on orthogonality", example = 0.001)]
        #[validate(range(min = 0.0))]
        ["KasaConfig" "0.21.0"] pub gamma: f64 = 1e-3,
    }
}
