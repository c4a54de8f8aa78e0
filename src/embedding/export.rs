//! One task of a multitask prompt as a prompt of its own.

use super::{
    error::EmbeddingError,
    multitask::MultitaskPromptEmbedding,
    prompt::PromptEmbedding,
    tensor::{Tensor, with_array},
};
use ndarray::{Axis, Ix2, arr0};

/// The prompt of one task with its factors multiplied in: what a plain `PROMPT_TUNING` adapter holds, so that any server that
/// knows prompt tuning can use it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedPrompt {
    task: usize,
    prompt: PromptEmbedding,
}

impl ExportedPrompt {
    pub(super) fn of(embedding: &MultitaskPromptEmbedding, task: usize) -> Result<Self, EmbeddingError> {
        let id = arr0(i64::try_from(task).unwrap_or(i64::MAX)).into_dyn();
        let prompts = embedding.forward(&embedding.indices(1), &id)?;
        Ok(Self { task, prompt: PromptEmbedding::new(first_item(&prompts)) })
    }

    /// The task that it was made of.
    #[must_use]
    pub fn task(&self) -> usize {
        self.task
    }

    /// The rows, `[total virtual tokens, token_dim]`: the tensor `prompt_embeddings` of the adapter.
    #[must_use]
    pub fn prompt_embeddings(&self) -> &Tensor<Ix2> {
        self.prompt.embedding()
    }

    /// The same as a plain prompt embedding.
    #[must_use]
    pub fn into_embedding(self) -> PromptEmbedding {
        self.prompt
    }
}

/// The prompts of a batch of one, without the batch.
fn first_item(prompts: &Tensor) -> Tensor<Ix2> {
    #[expect(clippy::expect_used, reason = "indices with two dimensions make an output with three")]
    with_array!(prompts, prompts => prompts.index_axis(Axis(0), 0).to_owned().into_dimensionality().map(Tensor::from))
        .expect("two dimensions are left")
}
