//! The sizes that a config decides, the counts that follow from them, and what a tensor's shape says about them.

use super::error::{EmbeddingError, ShapeMismatch};
use crate::methods::{MultitaskPromptTuningConfig, PromptTuningConfig, TaskType};

/// No tensor gets more elements than this: 4 GiB of float32.
pub(super) const MAX_ELEMENTS: usize = 1 << 30;

/// The sizes of a prompt embedding. Plain prompt tuning has no tasks and no ranks: both are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Rows of the prompt for each submodule.
    pub num_virtual_tokens: usize,
    /// Parts of the base model that get a prompt.
    pub num_transformer_submodules: usize,
    /// Width of the base model's word embeddings.
    pub token_dim: usize,
    /// Tasks that share the prompt.
    pub num_tasks: usize,
    /// Rank of each task's factor.
    pub num_ranks: usize,
}

impl Dimensions {
    /// Rows of the prompt in all: `num_virtual_tokens` for each submodule. More than a `usize` holds becomes the largest one.
    #[must_use]
    pub fn total_virtual_tokens(&self) -> usize {
        self.num_virtual_tokens.saturating_mul(self.num_transformer_submodules)
    }

    /// How many numbers are trained.
    #[must_use]
    pub fn parameters(&self) -> ParameterCount {
        let wide = |size: usize| u128::try_from(size).unwrap_or(u128::MAX);
        let tokens = wide(self.num_virtual_tokens).saturating_mul(wide(self.num_transformer_submodules));
        let per_rank = tokens.saturating_add(wide(self.token_dim));
        ParameterCount {
            shared: tokens.saturating_mul(wide(self.token_dim)),
            of_each_task: wide(self.num_ranks).saturating_mul(per_rank),
            tasks: wide(self.num_tasks),
        }
    }

    /// Refuses a tensor that would be too large to be made.
    pub(super) fn within_limit(&self, tensor: &'static str, axes: &[Size]) -> Result<(), EmbeddingError> {
        let shape: Vec<usize> = axes.iter().map(|size| size.of(self)).collect();
        let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        match elements {
            Some(elements) if elements <= MAX_ELEMENTS => Ok(()),
            _ => Err(EmbeddingError::TooLarge { tensor, shape, limit: MAX_ELEMENTS }),
        }
    }

    /// What is wrong with a tensor's shape, if anything.
    pub(super) fn mismatch(&self, tensor: &'static str, axes: &[Size], found: &[usize]) -> Option<ShapeMismatch> {
        let expected: Vec<usize> = axes.iter().map(|size| size.of(self)).collect();
        if expected == found {
            return None;
        }
        let agreeing = if expected.len() == found.len() {
            let differing = axes.iter().zip(found).filter(|(size, found)| size.of(self) != **found);
            differing.filter_map(|(size, found)| size.agreeing(*found, self)).collect()
        } else {
            Vec::new()
        };
        Some(ShapeMismatch { tensor, expected, found: found.to_vec(), agreeing })
    }
}

/// How many numbers an embedding trains. Plain prompt tuning has the shared ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterCount {
    /// In the prompt that the tasks share.
    pub shared: u128,
    /// In the two factors of one task.
    pub of_each_task: u128,
    /// How many tasks there are.
    pub tasks: u128,
}

impl ParameterCount {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.shared.saturating_add(self.tasks.saturating_mul(self.of_each_task))
    }

    /// What one task costs, its share of the common prompt included, as the paper counts (arXiv 2303.02861, section 4.1).
    /// `None` without tasks.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean, to be read by people")]
    pub fn per_task(&self) -> Option<f64> {
        (self.tasks > 0).then(|| self.total() as f64 / self.tasks as f64)
    }
}

/// What decides the size of an axis.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    Tokens,
    Width,
    Tasks,
    Ranks,
}

/// The axes of the shared prompt.
pub(super) const PROMPT_AXES: &[Size] = &[Size::Tokens, Size::Width];
/// The axes of the tasks' columns.
pub(super) const COLUMN_AXES: &[Size] = &[Size::Tasks, Size::Tokens, Size::Ranks];
/// The axes of the tasks' rows.
pub(super) const ROW_AXES: &[Size] = &[Size::Tasks, Size::Ranks, Size::Width];

impl Size {
    fn of(self, dimensions: &Dimensions) -> usize {
        match self {
            Self::Tokens => dimensions.total_virtual_tokens(),
            Self::Width => dimensions.token_dim,
            Self::Tasks => dimensions.num_tasks,
            Self::Ranks => dimensions.num_ranks,
        }
    }

    /// The field that decides the size, with the value by which it would be `found`.
    fn agreeing(self, found: usize, dimensions: &Dimensions) -> Option<(&'static str, usize)> {
        match self {
            Self::Tokens => tokens_agreeing(found, dimensions),
            Self::Width => Some(("token_dim", found)),
            Self::Tasks => Some(("num_tasks", found)),
            Self::Ranks => Some(("num_ranks", found)),
        }
    }
}

/// Two fields decide the number of rows. A tensor with the rows of one submodule only comes from another kind of model.
fn tokens_agreeing(found: usize, dimensions: &Dimensions) -> Option<(&'static str, usize)> {
    if found == dimensions.num_virtual_tokens {
        return Some(("num_transformer_submodules", 1));
    }
    let submodules = dimensions.num_transformer_submodules;
    let fits = found.checked_rem(submodules) == Some(0);
    fits.then(|| found.checked_div(submodules)).flatten().map(|tokens| ("num_virtual_tokens", tokens))
}

impl TryFrom<&MultitaskPromptTuningConfig> for Dimensions {
    type Error = EmbeddingError;

    /// Fails where the config leaves a size to the base model.
    fn try_from(config: &MultitaskPromptTuningConfig) -> Result<Self, EmbeddingError> {
        Ok(Self {
            num_virtual_tokens: given("num_virtual_tokens", config.num_virtual_tokens)?,
            num_transformer_submodules: submodules(config.num_transformer_submodules, config.task_type)?,
            token_dim: given("token_dim", config.token_dim)?,
            num_tasks: size("num_tasks", config.num_tasks)?,
            num_ranks: size("num_ranks", config.num_ranks)?,
        })
    }
}

impl TryFrom<&PromptTuningConfig> for Dimensions {
    type Error = EmbeddingError;

    /// Fails where the config leaves a size to the base model.
    fn try_from(config: &PromptTuningConfig) -> Result<Self, EmbeddingError> {
        Ok(Self {
            num_virtual_tokens: given("num_virtual_tokens", config.num_virtual_tokens)?,
            num_transformer_submodules: submodules(config.num_transformer_submodules, config.task_type)?,
            token_dim: given("token_dim", config.token_dim)?,
            num_tasks: 0,
            num_ranks: 0,
        })
    }
}

fn given(field: &'static str, value: Option<u32>) -> Result<usize, EmbeddingError> {
    size(field, value.ok_or(EmbeddingError::FieldMissing { field })?)
}

fn size(field: &'static str, value: u32) -> Result<usize, EmbeddingError> {
    usize::try_from(value).map_err(|_| EmbeddingError::TooLarge {
        tensor: field,
        shape: vec![usize::MAX],
        limit: MAX_ELEMENTS,
    })
}

/// PEFT's own default: encoder and decoder each get a prompt, any other model has one.
fn submodules(value: Option<u32>, task_type: Option<TaskType>) -> Result<usize, EmbeddingError> {
    let default = if task_type == Some(TaskType::Seq2SeqLm) { 2 } else { 1 };
    size("num_transformer_submodules", value.unwrap_or(default))
}
