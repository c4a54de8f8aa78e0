//! Prefix tuning (arXiv 2101.00190): trained keys and values before those of every layer.

use super::{Method, PeftType, inherited::config, union::union, wire_enum::wire_enum};
use crate::{
    layout::prompt_learning::KEY_VALUE_LAYOUT,
    rule::{
        Expr::{Is, IsNull, Not},
        Rule, rule,
    },
    rules::prompt_learning,
};

wire_enum! {
    /// What the prefix starts from, by name.
    pub enum PrefixInit {
        /// Zeros, so that an untrained prefix changes nothing.
        Zero = "zero" since "0.19.0",
    }
}

union! {
    /// What the prefix starts from.
    pub enum PrefixInitWeights {
        /// Random numbers, whichever it is: PEFT looks for the name only.
        Switch(bool) as boolean,
        /// A named start.
        Named(PrefixInit) as string,
    }
}

config! {
    /// # Prefix tuning
    ///
    /// `num_virtual_tokens` trained keys and values are put before those of every layer; the base model stays as it is
    /// (arXiv 2101.00190, PEFT class `PrefixTuningConfig`).
    PrefixTuning pub struct PrefixTuningConfig: PromptLearningConfig {
        /// What the prefix starts from: random numbers, or `zero`, with which the untrained prefix changes nothing.
        #[schemars(title = "Initialisation", example = &"zero")]
        ["PrefixTuningConfig" "0.19.0"] pub init_weights: Option<PrefixInitWeights> = None,

        /// Width of the two layers that compute the prefix. Only read with `prefix_projection`. Leave it out: PEFT takes the
        /// width of the embeddings.
        #[schemars(title = "Projection width", example = 768)]
        #[validate(range(min = 1))]
        ["PrefixTuningConfig" "0.1.0"] pub encoder_hidden_size: Option<u32> = None,

        /// Whether the prefix is computed by two small layers while training, which the paper found steadier, or trained as it
        /// is. The saved adapter holds the result either way.
        #[schemars(title = "Prefix projection")]
        ["PrefixTuningConfig" "0.1.0"] pub prefix_projection: bool = false,
    }
}

pub(super) static METHOD: Method = Method::new::<PrefixTuningConfig>(
    PeftType::PrefixTuning,
    &[RULES, prompt_learning::RULES, prompt_learning::KEY_VALUE_RULES],
    &KEY_VALUE_LAYOUT,
)
.with_starter(&["task_type", "num_virtual_tokens", "prefix_projection"]);

static RULES: &[&Rule] = &[&INIT_WEIGHTS_NOT_ZERO];

rule! {
    /// PEFT compares `init_weights` with the word `zero` and starts from random numbers otherwise.
    ///
    /// A warning: true and false read as if they chose something, and choose nothing.
    ///
    /// ```json bad
    /// {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "init_weights": true}
    /// ```
    /// ```json good
    /// {"peft_type": "PREFIX_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "init_weights": "zero"}
    /// ```
    static INIT_WEIGHTS_NOT_ZERO: Warning = {
        when: Not(&IsNull("init_weights")),
        require: Is("init_weights", "zero"),
        blame: "init_weights",
        message: "`init_weights` is {init_weights}, which PEFT takes for random numbers",
        label: "\"zero\", or null for random numbers",
        context: &[],
        notes: &[],
    }
}
