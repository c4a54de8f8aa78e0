//! LoftQ: a start that makes up for the quantisation of the base model.

use crate::methods::inherited::fields;

fields! {
    /// # LoftQ
    ///
    /// Starts the adapter so that it makes up for what quantising the base model loses (arXiv 2310.08659, PEFT class
    /// `LoftQConfig`). PEFT keeps it as a plain object, empty when it is not used, so nothing is filled in here.
    pub struct LoftQConfig {
        /// Bits that the base model is quantised to: 4 or 8. PEFT cannot do without it.
        #[schemars(title = "Bits", example = 4)]
        #[validate(range(min = 1))]
        #[serde(skip_serializing_if = "Option::is_none")]
        ["LoftQConfig" "0.7.0"] pub loftq_bits: Option<u32> = None,

        /// How often quantising and fitting alternate. PEFT cannot do without it.
        #[schemars(title = "Iterations", example = 1)]
        #[validate(range(min = 1))]
        #[serde(skip_serializing_if = "Option::is_none")]
        ["LoftQConfig" "0.7.0"] pub loftq_iter: Option<u32> = None,
    }
}
