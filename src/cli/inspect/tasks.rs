//! The tasks of a multitask prompt: what they cost and how alike they are.

use crate::{
    checkpoint::{Catalogue, Checkpoint},
    embedding::{AdapterTensors, Dimensions, MultitaskPromptEmbedding, ParameterCount},
};
use ndarray::{Array2, Ix2, Ix3};

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
        Self::dimensions(catalogue).map(|dimensions| dimensions.parameters())
    }

    fn dimensions(catalogue: &Catalogue) -> Option<Dimensions> {
        let shape = |name| catalogue.get(name).map(|tensor| tensor.shape.as_slice());
        let ([tokens, width], [tasks, tokens_of_cols, ranks], [tasks_of_rows, ranks_of_rows, width_of_rows]) =
            (shape("prompt_embeddings")?, shape("prefix_task_cols")?, shape("prefix_task_rows")?)
        else {
            return None;
        };
        let fit = [(tokens, tokens_of_cols), (width, width_of_rows), (tasks, tasks_of_rows), (ranks, ranks_of_rows)];
        let size = |size: &u64| usize::try_from(*size).ok();
        fit.iter().all(|(left, right)| left == right).then_some(Dimensions {
            num_virtual_tokens: size(tokens)?,
            num_transformer_submodules: 1,
            token_dim: size(width)?,
            num_tasks: size(tasks)?,
            num_ranks: size(ranks)?,
        })
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
    let missing = || "a tensor is missing".to_owned();
    // The factors of a file may be of different types; PEFT loads all as float32.
    let wide = |tensor: Option<crate::embedding::Tensor>| tensor.map(|tensor| tensor.to_float32()).ok_or_else(missing);
    let shape = |error: ndarray::ShapeError| error.to_string();
    let embedding = wide(tensors.prompt_embeddings)?.into_dimensionality::<Ix2>().map_err(shape)?;
    let cols = wide(tensors.prefix_task_cols)?.into_dimensionality::<Ix3>().map_err(shape)?;
    let rows = wide(tensors.prefix_task_rows)?.into_dimensionality::<Ix3>().map_err(shape)?;
    MultitaskPromptEmbedding::new(embedding.into(), cols.into(), rows.into()).map_err(|error| error.to_string())
}
