//! The prompt of plain prompt tuning, and the part of a multitask one that all tasks share.

use super::{
    dimensions::{Dimensions, ParameterCount},
    error::EmbeddingError,
    init::{self, InitInputs},
    tensor::{Tensor, with_array},
};
use crate::checkpoint::StoredTensor;
use crate::layout::prompt_learning::PROMPT_EMBEDDINGS;
use crate::methods::PromptTuningConfig;
use ndarray::{Array, ArrayD, Axis, Ix2, IxDyn};

/// A soft prompt: `total_virtual_tokens` rows, each as wide as the base model's word embeddings (arXiv 2104.08691; PEFT class
/// `PromptEmbedding`).
#[derive(Debug, Clone, PartialEq)]
pub struct PromptEmbedding {
    embedding: Tensor<Ix2>,
}

impl PromptEmbedding {
    /// A prompt of the given rows, `[total virtual tokens, token_dim]`.
    #[must_use]
    pub fn new(embedding: Tensor<Ix2>) -> Self {
        Self { embedding: embedding.into_standard_layout() }
    }

    /// The prompt that training starts from: standard normal random numbers, or word embeddings, as `prompt_tuning_init` says.
    /// All values are float32.
    ///
    /// # Errors
    /// The config leaves a size open, or the words that it asks for are not among the inputs or do not fit.
    pub fn from_config(
        config: &PromptTuningConfig,
        inputs: &InitInputs<'_>,
        seed: u64,
    ) -> Result<Self, EmbeddingError> {
        let dimensions = Dimensions::try_from(config)?;
        init::plain_prompt(config, &dimensions, inputs, seed)
    }

    /// A trained prompt: the tensor `prompt_embeddings` of an adapter, as float32.
    ///
    /// # Errors
    /// The config leaves a size open, or the tensor has another shape.
    pub fn from_tensor(config: &PromptTuningConfig, tensor: &Tensor) -> Result<Self, EmbeddingError> {
        let dimensions = Dimensions::try_from(config)?;
        match dimensions.mismatch(&PROMPT_EMBEDDINGS, tensor.shape()) {
            Some(mismatch) => Err(EmbeddingError::Shapes(vec![mismatch])),
            None => Ok(Self::new(super::source_modes::float32(tensor))),
        }
    }

    /// The rows, `[total virtual tokens, token_dim]`.
    #[must_use]
    pub fn embedding(&self) -> &Tensor<Ix2> {
        &self.embedding
    }

    /// The tensors of an adapter, under PEFT's names.
    #[must_use]
    pub fn stored(&self) -> Vec<StoredTensor> {
        vec![self.embedding.stored(super::source_modes::PROMPT)]
    }

    /// How many numbers are trained.
    #[must_use]
    pub fn parameters(&self) -> ParameterCount {
        let (rows, width) = self.size();
        let no_tasks = Dimensions {
            num_virtual_tokens: rows,
            num_transformer_submodules: 1,
            token_dim: width,
            num_tasks: 0,
            num_ranks: 0,
        };
        no_tasks.parameters()
    }

    /// The rows with the given indices: `indices` of any shape give that shape with `token_dim` behind it.
    ///
    /// # Errors
    /// An index is negative or not below the number of rows.
    pub fn forward(&self, indices: &ArrayD<i64>) -> Result<Tensor, EmbeddingError> {
        let rows = checked_indices(indices, self.size().0)?;
        let mut shape = indices.shape().to_vec();
        shape.push(self.size().1);
        Ok(with_array!(&self.embedding, embedding => {
            let flat = embedding.select(Axis(0), &rows).into_raw_vec_and_offset().0;
            Tensor::from(reshaped(&shape, flat))
        }))
    }

    /// Rows and width.
    pub(super) fn size(&self) -> (usize, usize) {
        with_array!(&self.embedding, embedding => embedding.dim())
    }
}

fn reshaped<E>(shape: &[usize], values: Vec<E>) -> Array<E, IxDyn> {
    #[expect(clippy::expect_used, reason = "one row of the width for each index, which is what the shape says")]
    Array::from_shape_vec(shape, values).expect("as many values as the shape has")
}

/// The indices in order, as numbers of rows.
pub(super) fn checked_indices(indices: &ArrayD<i64>, rows: usize) -> Result<Vec<usize>, EmbeddingError> {
    let checked = |index: &i64| {
        let row = usize::try_from(*index).ok().filter(|row| *row < rows);
        row.ok_or(EmbeddingError::IndexOutOfRange { index: *index, rows })
    };
    indices.iter().map(checked).collect()
}
