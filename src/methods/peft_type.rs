//! The names of the methods: every value of `peft_type` that the newest release of PEFT knows.

use super::wire_enum::wire_enum;
use crate::release::{Lifetime, lifetime};

wire_enum! {
    /// A PEFT method, as `peft_type` names it (PEFT class `PeftType`).
    pub enum PeftType {
        /// LoRA whose rank budget is spread over the layers by importance while training.
        AdaLora = "ADALORA" since "0.3.0",
        /// Adapters over subspaces of the weights that are selected and resized while training.
        AdaMss = "ADAMSS" since "0.19.0",
        /// LLaMA-Adapter: gated prompts in the upper attention layers.
        AdaptionPrompt = "ADAPTION_PROMPT" since "0.3.0",
        /// Trains bias vectors only.
        Beft = "BEFT" since "0.20.0",
        /// Butterfly-factorised orthogonal rotations of the weights.
        Boft = "BOFT" since "0.11.0",
        /// Circulant matrices as updates of the weights.
        C3a = "C3A" since "0.16.0",
        /// A trained key-value cache put before the input.
        Cartridge = "CARTRIDGE" since "0.19.0",
        /// Context-aware prompt tuning: the embeddings of chosen tokens are refined.
        Cpt = "CPT" since "0.14.0",
        /// Decomposed fine-tuning of the weights.
        Deft = "DEFT" since "0.20.0",
        /// LoRA with the direction of the update kept apart from its strength.
        DeLora = "DELORA" since "0.18.0",
        /// Updates given by a few coefficients of their Fourier transform.
        FourierFt = "FOURIERFT" since "0.12.0",
        /// Updates built from fixed rotations with few trained values.
        Frod = "FROD" since "0.20.0",
        /// Generalised LoRA: scales and shifts of weights and activations.
        GLora = "GLORA" since "0.20.0",
        /// LoRA split into a grid of small blocks.
        GraLora = "GRALORA" since "0.19.0",
        /// High-rank adaptation: the low-rank update multiplies the weights.
        Hira = "HIRA" since "0.20.0",
        /// Orthogonal adaptation by chains of Householder reflections.
        Hra = "HRA" since "0.12.0",
        /// Trained vectors that rescale activations.
        Ia3 = "IA3" since "0.4.0",
        /// Low-rank layers that share parts across the model.
        Lily = "LILY" since "0.19.0",
        /// Trains the layer norms only.
        LnTuning = "LN_TUNING" since "0.11.0",
        /// Low-rank updates combined by the Hadamard product.
        LoHa = "LOHA" since "0.6.0",
        /// Low-rank updates combined by the Kronecker product.
        LoKr = "LOKR" since "0.6.0",
        /// Low-rank updates of chosen weight matrices.
        Lora = "LORA" since "0.1.0",
        /// Updates shared between shards of a matrix.
        Miss = "MISS" since "0.17.0",
        /// A soft prompt shared by several tasks, with a low-rank factor for each.
        MultitaskPromptTuning = "MULTITASK_PROMPT_TUNING" since "0.6.0",
        /// Orthogonal rotations of the weights, block by block.
        Oft = "OFT" since "0.7.0",
        /// Training within orthogonal subspaces of the weights.
        Osf = "OSF" since "0.18.0",
        /// Small non-linear networks as updates of the weights.
        Peanut = "PEANUT" since "0.19.0",
        /// Mixtures of LoRA skills, chosen for each task.
        Poly = "POLY" since "0.8.0",
        /// Trained keys and values put before those of every layer.
        PrefixTuning = "PREFIX_TUNING" since "0.1.0",
        /// A trained soft prompt put before the input embeddings.
        PromptTuning = "PROMPT_TUNING" since "0.1.0",
        /// Orthogonal fine-tuning in a principal subspace.
        Psoft = "PSOFT" since "0.19.0",
        /// VeRA with learned distributions in place of fixed vectors.
        Pvera = "PVERA" since "0.19.0",
        /// A soft prompt computed by a small encoder.
        PTuning = "P_TUNING" since "0.1.0",
        /// Sums of fixed random low-rank bases with trained scales.
        RandLora = "RANDLORA" since "0.16.0",
        /// Rotations of activations in pairs of dimensions.
        Road = "ROAD" since "0.18.0",
        /// A small shadow of the model trained beside it.
        Shadow = "SHADOW" since "0.21.0",
        /// Sparse high-rank updates.
        Shira = "SHIRA" since "0.17.0",
        /// A selection of other tuners trained together.
        SuperTuning = "SUPERTUNING" since "0.21.0",
        /// LoRA with a handful of trained values.
        TinyLora = "TINYLORA" since "0.19.0",
        /// Trains the embeddings of chosen tokens only.
        TrainableTokens = "TRAINABLE_TOKENS" since "0.15.0",
        /// LoRA whose factors are drawn from one shared vector.
        UniLora = "UNILORA" since "0.20.0",
        /// LoRA whose factors are mixed from a shared vector bank.
        VbLora = "VBLORA" since "0.13.0",
        /// Shared random matrices with trained scaling vectors.
        Vera = "VERA" since "0.11.0",
        /// Updates given by a few wavelet coefficients.
        WaveFt = "WAVEFT" since "0.18.0",
        /// A mixture of trained LoRA adapters with a gate.
        XLora = "XLORA" since "0.12.0",
    }
}

impl PeftType {
    /// Methods that PEFT once had.
    pub const REMOVED: &[(&str, Lifetime)] =
        &[("BONE", lifetime!("0.14.0" until "0.18.1")), ("LORAPLUS", lifetime!("0.13.0" until "0.14.0"))];

    /// The releases that know a name, if any does.
    #[must_use]
    pub fn lifetime_of(wire: &str) -> Option<Lifetime> {
        let removed = || Self::REMOVED.iter().find(|(name, _)| *name == wire).map(|(_, lifetime)| *lifetime);
        Self::from_wire(wire).map(Self::lifetime).or_else(removed)
    }
}
