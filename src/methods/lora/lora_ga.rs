//! LoRA-GA: a start along the first gradient.

use crate::methods::{inherited::fields, wire_enum::wire_enum};

wire_enum! {
    /// Which singular vectors of the gradient go to A and which to B.
    pub enum LoraGADirection {
        /// In turns: the odd ones to A, the even ones to B.
        ArBr = "ArBr" since "0.19.0",
        /// The second `r` to A, the first `r` to B.
        A2rBr = "A2rBr" since "0.19.0",
        /// The first `r` to A, the second `r` to B; the recommended one.
        ArB2r = "ArB2r" since "0.19.0",
        /// At random.
        Random = "random" since "0.19.0",
    }
}

wire_enum! {
    /// How the start is scaled.
    pub enum LoraGAScale {
        /// By the layer's size and `stable_gamma`, so that outputs keep their size.
        Stable = "stable" since "0.19.0",
        /// By the singular values of the weight.
        WeightSvd = "weight_svd" since "0.19.0",
        /// Like the first step of gradient descent.
        GdScale = "gd_scale" since "0.19.0",
        /// Not at all.
        Unit = "unit" since "0.19.0",
    }
}

fields! {
    /// # LoRA-GA
    ///
    /// Starts the adapter so that its first step goes the way full fine-tuning would (arXiv 2407.05000, PEFT class
    /// `LoraGAConfig`). The base model must be prepared with `preprocess_loraga` first.
    pub struct LoraGAConfig {
        /// Which singular vectors of the gradient go to A and which to B.
        #[schemars(title = "Direction")]
        ["LoraGAConfig" "0.19.0"] pub direction: LoraGADirection = LoraGADirection::ArB2r,

        /// How the start is scaled.
        #[schemars(title = "Scale")]
        ["LoraGAConfig" "0.19.0"] pub scale: LoraGAScale = LoraGAScale::Stable,

        /// Larger values make a smaller start. Only read with `stable`.
        #[schemars(title = "Gamma", example = 16)]
        #[validate(range(min = 1))]
        ["LoraGAConfig" "0.19.0"] pub stable_gamma: u32 = 16,
    }
}
