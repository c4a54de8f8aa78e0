//! The tasks of a multitask prompt: what they cost and how alike they are.

use crate::{
    checkpoint::{Catalogue, Checkpoint},
    embedding::{AdapterTensors, Dimensions, MultitaskPromptEmbedding, ParameterCount},
};
use ndarray::Array2;

/// As many tasks are compared; a picture of more would not be looked at.
pub(super) const MOST_TASKS: usize = 64;
/// Numbers in the prompts of all tasks up to which they are compared: about a second of work.
const MOST_NUMBERS: u128 = 1 << 28;

/// The tasks of a multitask prompt.
pub(super) struct Tasks {
    pub(super) parameters: ParameterCount,
    /// The cosine between the prompts of each two of the first tasks, or why it is not known.
    pub(super) similarity: Result<Array2<f64>, String>,
}

impl Tasks {
    /// The numbers that are trained, if the three tensors of a multitask prompt are there and fit each other.
    pub(super) fn parameters(catalogue: &Catalogue) -> Option<ParameterCount> {
        Dimensions::of_catalogue(catalogue).map(|dimensions| dimensions.parameters())
    }

    /// Reads the prompts and compares them.
    pub(super) fn compare(parameters: ParameterCount, checkpoint: &Checkpoint<'_>) -> Self {
        let prompts = parameters.shared.saturating_mul(parameters.tasks.min(MOST_TASKS as u128));
        let similarity = if parameters.total() == 0 {
            Err("there are no numbers in them".to_owned())
        } else if parameters.total().max(prompts) > MOST_NUMBERS {
            Err("they are too large".to_owned())
        } else {
            read(checkpoint).map(|embedding| embedding.task_similarity(MOST_TASKS))
        };
        Self { parameters, similarity }
    }
}

fn read(checkpoint: &Checkpoint<'_>) -> Result<MultitaskPromptEmbedding, String> {
    let tensors = AdapterTensors::read(checkpoint).map_err(|error| error.to_string())?;
    MultitaskPromptEmbedding::from_tensors(&tensors).map_err(|error| error.to_string())
}
