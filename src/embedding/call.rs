//! The arguments of a forward pass, checked, with torch's rules of broadcasting.
//!
//! PEFT multiplies in place, `embedding[indices] *= task_prompts`, so the prompts of the tasks may be repeated to fit the
//! indices, but never the other way round.

use super::{
    dimensions::{Dimensions, within_limit},
    error::EmbeddingError,
    prompt::checked_indices,
};
use ndarray::ArrayD;

/// What to compute: for every row of indices its task.
#[derive(Debug)]
pub(super) struct Call {
    /// Rows of the shared prompt, row of indices after row of indices.
    pub(super) indices: Vec<usize>,
    /// Indices in a row: T, or any number if T is 1.
    pub(super) indices_in_row: usize,
    /// One task for each row of the batch, or one for all.
    pub(super) tasks: Vec<usize>,
    output_shape: Vec<usize>,
}

impl Call {
    /// Checks in the order in which torch would.
    pub(super) fn new(
        dimensions: Dimensions,
        indices: &ArrayD<i64>,
        task_ids: &ArrayD<i64>,
    ) -> Result<Self, EmbeddingError> {
        let rows = checked_indices(indices, dimensions.total_virtual_tokens())?;
        let tasks = checked_tasks(task_ids, dimensions.num_tasks)?;
        let shape = indices.shape();
        let [.., batch, indices_in_row] = *shape else {
            return Err(EmbeddingError::IndicesShape { shape: shape.to_vec() });
        };
        if tasks.len() != batch && tasks.len() != 1 {
            return Err(EmbeddingError::BatchMismatch { batch, task_ids: tasks.len() });
        }
        let tokens = dimensions.total_virtual_tokens();
        if tokens != indices_in_row && tokens != 1 {
            return Err(EmbeddingError::TokensMismatch { indices: indices_in_row, tokens });
        }
        let mut output_shape = shape.to_vec();
        output_shape.push(dimensions.token_dim);
        within_limit("output", &output_shape)?;
        Ok(Self { indices: rows, indices_in_row, tasks, output_shape })
    }

    pub(super) fn output_shape(&self) -> &[usize] {
        &self.output_shape
    }
}

fn checked_tasks(task_ids: &ArrayD<i64>, tasks: usize) -> Result<Vec<usize>, EmbeddingError> {
    if task_ids.ndim() > 1 {
        return Err(EmbeddingError::TaskIdsShape { shape: task_ids.shape().to_vec() });
    }
    let checked = |(position, id): (usize, &i64)| {
        let task = usize::try_from(*id).ok().filter(|task| *task < tasks);
        task.ok_or(EmbeddingError::TaskOutOfRange { position, id: *id, tasks })
    };
    task_ids.iter().enumerate().map(checked).collect()
}
