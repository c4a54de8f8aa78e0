//! The tensors of an adapter file, and the three modes that start from those of source tasks (arXiv 2303.02861, section 3.2).

use super::{
    dimensions::Dimensions, error::EmbeddingError, multitask::MultitaskPromptEmbedding, prompt::PromptEmbedding,
    stored::LoadError, tensor::Tensor,
};
use crate::checkpoint::{Checkpoint, Dtype};
use crate::layout::prompt_learning::PROMPT_EMBEDDINGS;
use crate::methods::{MultitaskPromptTuningConfig, PREFIX_TASK_COLS, PREFIX_TASK_ROWS};
use ndarray::Dimension;

/// The names of the tensors in an adapter file.
pub(super) const PROMPT: &str = PROMPT_EMBEDDINGS.name;
pub(super) const COLUMNS: &str = PREFIX_TASK_COLS.name;
pub(super) const ROWS: &str = PREFIX_TASK_ROWS.name;

/// What an adapter file of multitask prompt tuning holds, under PEFT's names. A file may lack any of it, and nothing is known
/// of the shapes yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdapterTensors {
    /// The shared prompt, `[total virtual tokens, token_dim]`.
    pub prompt_embeddings: Option<Tensor>,
    /// The tasks' columns, `[num_tasks, total virtual tokens, num_ranks]`.
    pub prefix_task_cols: Option<Tensor>,
    /// The tasks' rows, `[num_tasks, num_ranks, token_dim]`.
    pub prefix_task_rows: Option<Tensor>,
    /// Those that were no floats of 16 or 32 bits in the file, and what they were; above they are float32.
    pub converted: Vec<(&'static str, Dtype)>,
}

impl AdapterTensors {
    /// The names of the three.
    pub const NAMES: [&str; 3] = [PROMPT, COLUMNS, ROWS];

    /// Reads those of the three tensors that a checkpoint has, whatever its format. float32, float16 and bfloat16 stay what
    /// they are, every other real type becomes float32.
    ///
    /// # Errors
    /// The values of one of them cannot be read, or are no real numbers.
    pub fn read(checkpoint: &Checkpoint<'_>) -> Result<Self, LoadError> {
        let mut converted = Vec::new();
        let mut read = |name| {
            let Some(stored) = checkpoint.catalogue.get(name) else { return Ok(None) };
            let tensor = Tensor::read(checkpoint, stored)?;
            if tensor.dtype() != stored.dtype {
                converted.push((name, stored.dtype));
            }
            Ok::<_, LoadError>(Some(tensor))
        };
        let (prompt_embeddings, prefix_task_cols, prefix_task_rows) = (read(PROMPT)?, read(COLUMNS)?, read(ROWS)?);
        Ok(Self { prompt_embeddings, prefix_task_cols, prefix_task_rows, converted })
    }

    pub(super) fn prompt(&self) -> Result<&Tensor, EmbeddingError> {
        self.prompt_embeddings.as_ref().ok_or(EmbeddingError::TensorMissing { tensor: PROMPT })
    }

    fn columns(&self) -> Result<&Tensor, EmbeddingError> {
        self.prefix_task_cols.as_ref().ok_or(EmbeddingError::TensorMissing { tensor: COLUMNS })
    }

    fn rows(&self) -> Result<&Tensor, EmbeddingError> {
        self.prefix_task_rows.as_ref().ok_or(EmbeddingError::TensorMissing { tensor: ROWS })
    }
}

/// ONLY_SOURCE_SHARED: the source's prompt. Its tasks are not looked at.
pub(super) fn shared_prompt(
    dimensions: &Dimensions,
    source: &AdapterTensors,
) -> Result<PromptEmbedding, EmbeddingError> {
    let prompt = source.prompt()?;
    match dimensions.mismatch(&PROMPT_EMBEDDINGS, prompt.shape()) {
        Some(mismatch) => Err(EmbeddingError::Shapes(vec![mismatch])),
        None => Ok(PromptEmbedding::new(float32(prompt))),
    }
}

/// AVERAGE_SOURCE_TASKS: the source's prompt, and the mean of its tasks' factors, rounded to the type of the source. A source
/// without tasks gives NaN, in PEFT as well. The mean of a float64 source is taken in float32, so its last bit may differ from
/// PEFT's.
pub(super) fn average(
    dimensions: &Dimensions,
    source: &AdapterTensors,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    one_task_only(dimensions, "AVERAGE_SOURCE_TASKS")?;
    let mean = |name, tensor: &Tensor| {
        task_count(dimensions, name, tensor)?;
        // Torch takes means of floats only, and of those of eight bits none.
        match source.converted.iter().find(|(converted, dtype)| *converted == name && !dtype.has_mean()) {
            Some((tensor, dtype)) => Err(EmbeddingError::NoMean { tensor, dtype: *dtype }),
            None => Ok(tensor.mean_of_first_axis()),
        }
    };
    let (cols, rows) = (mean(COLUMNS, source.columns()?)?, mean(ROWS, source.rows()?)?);
    loaded(dimensions, source.prompt()?, &cols, &rows)
}

/// EXACT_SOURCE_TASK: the source's prompt, and the factors of one of its tasks. A negative one counts from the end.
pub(super) fn exact(
    dimensions: &Dimensions,
    source: &AdapterTensors,
    task: Option<i64>,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    one_task_only(dimensions, "EXACT_SOURCE_TASK")?;
    let task = task.ok_or(EmbeddingError::SourceTaskMissing)?;
    let pick = |name, tensor: &Tensor| {
        let index = position(task, task_count(dimensions, name, tensor)?, name)?;
        Ok(tensor.item_of_first_axis(index))
    };
    let (cols, rows) = (pick(COLUMNS, source.columns()?)?, pick(ROWS, source.rows()?)?);
    loaded(dimensions, source.prompt()?, &cols, &rows)
}

fn one_task_only(dimensions: &Dimensions, mode: &'static str) -> Result<(), EmbeddingError> {
    let num_tasks = dimensions.num_tasks;
    if num_tasks == 1 { Ok(()) } else { Err(EmbeddingError::OneTaskOnly { mode, num_tasks }) }
}

/// The tasks that a factor has; a lone number has no axis for them.
fn task_count(dimensions: &Dimensions, name: &'static str, tensor: &Tensor) -> Result<usize, EmbeddingError> {
    let layout = if name == COLUMNS { &PREFIX_TASK_COLS } else { &PREFIX_TASK_ROWS };
    let no_axis = || EmbeddingError::Shapes(dimensions.mismatch(layout, tensor.shape()).into_iter().collect());
    tensor.shape().first().copied().ok_or_else(no_axis)
}

/// A task number as torch takes it, negative ones from the end.
fn position(task: i64, tasks: usize, tensor: &'static str) -> Result<usize, EmbeddingError> {
    let distance = usize::try_from(task.unsigned_abs()).ok();
    let position = if task < 0 { distance.and_then(|back| tasks.checked_sub(back)) } else { distance };
    let outside = EmbeddingError::SourceTaskOutOfRange { task, tensor, tasks };
    position.filter(|position| *position < tasks).ok_or(outside)
}

/// The embedding of these tensors, which must have the shapes that the config asks for. All values become float32.
pub(super) fn loaded(
    dimensions: &Dimensions,
    prompt: &Tensor,
    cols: &Tensor,
    rows: &Tensor,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    let checks = [(&PREFIX_TASK_COLS, cols), (&PREFIX_TASK_ROWS, rows), (&PROMPT_EMBEDDINGS, prompt)];
    let mismatches: Vec<_> =
        checks.into_iter().filter_map(|(layout, found)| dimensions.mismatch(layout, found.shape())).collect();
    if !mismatches.is_empty() {
        return Err(EmbeddingError::Shapes(mismatches));
    }
    MultitaskPromptEmbedding::new(float32(prompt), float32(cols), float32(rows))
}

impl MultitaskPromptTuningConfig {
    /// The config with the sizes that it leaves to the base model as the tensors of its adapter have them.
    #[must_use]
    pub fn with_sizes_of(&self, tensors: &AdapterTensors) -> Self {
        let shape = tensors.prompt_embeddings.as_ref().map(Tensor::shape).unwrap_or_default();
        let size = |axis: usize| shape.get(axis).and_then(|size| u32::try_from(*size).ok());
        Self { token_dim: self.token_dim.or_else(|| size(1)), ..self.clone() }
    }
}

/// A whole adapter: all three tensors must be there.
pub(super) fn adapter(
    dimensions: &Dimensions,
    tensors: &AdapterTensors,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    loaded(dimensions, tensors.prompt()?, tensors.columns()?, tensors.rows()?)
}

/// A whole adapter whose sizes are those that its tensors have.
pub(super) fn adapter_of_any_size(tensors: &AdapterTensors) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    fn flat<D: Dimension>(tensor: &'static str, values: &Tensor) -> Result<Tensor<D>, EmbeddingError> {
        let wrong = |_| EmbeddingError::DimensionCount {
            tensor,
            shape: values.shape().to_vec(),
            dimensions: D::NDIM.unwrap_or_default(),
        };
        Ok(values.to_float32().into_dimensionality::<D>().map_err(wrong)?.into())
    }
    let (prompt, cols, rows) = (tensors.prompt()?, tensors.columns()?, tensors.rows()?);
    MultitaskPromptEmbedding::new(flat(PROMPT, prompt)?, flat(COLUMNS, cols)?, flat(ROWS, rows)?)
}

/// The tensor as float32, with the number of dimensions that its shape was found to have.
pub(super) fn float32<D: Dimension>(tensor: &Tensor) -> Tensor<D> {
    #[expect(clippy::expect_used, reason = "called after the shape was compared")]
    tensor.to_float32().into_dimensionality::<D>().expect("the shape was compared").into()
}
