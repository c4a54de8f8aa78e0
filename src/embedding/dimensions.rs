//! The sizes that a config decides, the counts that follow from them, and what a tensor's shape says about them.

use super::error::{EmbeddingError, ShapeMismatch};
use super::source_modes::{COLUMNS, PROMPT, ROWS};
use crate::checkpoint::Catalogue;
use crate::layout::{Axis, Sizes, TensorLayout};
use crate::methods::{MultitaskPromptTuningConfig, PromptTuningConfig, TaskType};

/// Neither a tensor nor all of an adapter together get more elements than this: 4 GiB of float32.
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
    /// The sizes that the tensors of a multitask prompt have, if all three are there and fit each other. They do not tell the
    /// submodules apart: their rows are counted as those of one.
    #[must_use]
    pub fn of_catalogue(catalogue: &Catalogue) -> Option<Self> {
        let shape = |name| catalogue.get(name).map(|tensor| tensor.shape.as_slice());
        let ([tokens, width], [tasks, tokens_of_cols, ranks], [tasks_of_rows, ranks_of_rows, width_of_rows]) =
            (shape(PROMPT)?, shape(COLUMNS)?, shape(ROWS)?)
        else {
            return None;
        };
        let fit = [(tokens, tokens_of_cols), (width, width_of_rows), (tasks, tasks_of_rows), (ranks, ranks_of_rows)];
        let size = |size: &u64| usize::try_from(*size).ok();
        fit.iter().all(|(left, right)| left == right).then_some(Self {
            num_virtual_tokens: size(tokens)?,
            num_transformer_submodules: 1,
            token_dim: size(width)?,
            num_tasks: size(tasks)?,
            num_ranks: size(ranks)?,
        })
    }

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

    /// The fields that decide shapes.
    fn sizes(&self) -> Sizes {
        let size = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        let fields = [
            ("num_virtual_tokens", self.num_virtual_tokens),
            ("num_transformer_submodules", self.num_transformer_submodules),
            ("token_dim", self.token_dim),
            ("num_tasks", self.num_tasks),
            ("num_ranks", self.num_ranks),
        ];
        fields.into_iter().map(|(field, value)| (field, size(value))).collect()
    }

    /// The shape of a tensor. More than a `usize` holds becomes the largest one.
    fn shape(&self, tensor: &TensorLayout) -> Vec<usize> {
        let sizes = self.sizes();
        let size = |axis: &Axis| sizes.of_axis(*axis).and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
        tensor.axes.iter().map(size).collect()
    }

    /// Refuses tensors that would be too large to be made, one of them or all together.
    pub(super) fn within_limits(&self, tensors: &[&TensorLayout]) -> Result<(), EmbeddingError> {
        let shapes = || tensors.iter().map(|tensor| (tensor.name, self.shape(tensor)));
        shapes().try_for_each(|(name, shape)| within_limit(name, &shape))?;
        let elements = shapes().map(|(_, shape)| shape.iter().product::<usize>()).fold(0, usize::saturating_add);
        if elements <= MAX_ELEMENTS {
            return Ok(());
        }
        let names = tensors.iter().map(|tensor| tensor.name).collect();
        Err(EmbeddingError::TooLargeTogether { tensors: names, elements, limit: MAX_ELEMENTS })
    }

    /// What is wrong with a tensor's shape, if anything.
    pub(super) fn mismatch(&self, tensor: &TensorLayout, found: &[usize]) -> Option<ShapeMismatch> {
        let expected = self.shape(tensor);
        if expected == found {
            return None;
        }
        let agreeing = if expected.len() == found.len() {
            let differing =
                tensor.axes.iter().zip(&expected).zip(found).filter(|((_, expected), found)| expected != found);
            differing.filter_map(|((axis, _), found)| self.agreeing(*axis, *found)).collect()
        } else {
            Vec::new()
        };
        Some(ShapeMismatch { tensor: tensor.name, expected, found: found.to_vec(), agreeing })
    }

    /// The field that decides an axis, with the value by which it would be `found`.
    fn agreeing(&self, axis: Axis, found: usize) -> Option<(&'static str, usize)> {
        let (field, value) = self.sizes().agreeing(axis, u64::try_from(found).ok()?).into_iter().next()?;
        Some((field, usize::try_from(value).ok()?))
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

fn submodules(value: Option<u32>, task_type: Option<TaskType>) -> Result<usize, EmbeddingError> {
    size("num_transformer_submodules", value.unwrap_or_else(|| default_submodules(task_type)))
}

/// PEFT's own default: encoder and decoder each get a prompt, any other model has one.
pub(super) fn default_submodules(task_type: Option<TaskType>) -> u32 {
    if task_type == Some(TaskType::Seq2SeqLm) { 2 } else { 1 }
}

/// Refuses an array that would be too large to be made.
pub(super) fn within_limit(tensor: &'static str, shape: &[usize]) -> Result<(), EmbeddingError> {
    let elements = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    match elements {
        Some(elements) if elements <= MAX_ELEMENTS => Ok(()),
        _ => Err(EmbeddingError::TooLarge { tensor, shape: shape.to_vec(), limit: MAX_ELEMENTS }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::prompt_learning::PROMPT_EMBEDDINGS;
    use crate::methods::{PREFIX_TASK_COLS, PREFIX_TASK_ROWS};

    /// Each has a third of the limit and a bit.
    #[test]
    fn tensors_that_no_memory_holds_together_are_refused() {
        let of_tokens = |num_virtual_tokens| Dimensions {
            num_virtual_tokens,
            num_transformer_submodules: 1,
            token_dim: 18_920,
            num_tasks: 1,
            num_ranks: 18_920,
        };
        let told = |dimensions: Dimensions| {
            dimensions.within_limits(&[&PREFIX_TASK_COLS, &PREFIX_TASK_ROWS, &PROMPT_EMBEDDINGS])
        };
        assert_eq!(told(of_tokens(18_900)), Ok(()));
        insta::assert_snapshot!(told(of_tokens(18_930)).unwrap_err(), @"`prefix_task_cols`, `prefix_task_rows`, `prompt_embeddings` would have 1074277600 elements together, which is more than the limit of 1073741824");
    }

    #[test]
    fn an_array_that_no_memory_holds_is_refused() {
        assert_eq!(within_limit("output", &[1 << 16, 1 << 14]), Ok(()));
        for shape in [[1 << 16, (1 << 14) + 1], [usize::MAX, 2]] {
            let error = within_limit("output", &shape).unwrap_err();
            assert!(error.to_string().starts_with("`output` would have shape ["), "{error}");
        }
    }
}
