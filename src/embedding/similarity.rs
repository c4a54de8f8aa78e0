//! How alike the prompts of the tasks are.

use super::{
    Dimensions, MultitaskPromptEmbedding,
    tensor::{Element, Tensor, with_array},
};
use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, Axis, Ix3, Zip};

impl Dimensions {
    /// How many multiplications [`task_similarity`](MultitaskPromptEmbedding::task_similarity) takes for the first `most` tasks.
    /// More than 128 bits hold becomes the largest number.
    #[must_use]
    pub fn similarity_cost(&self, most: usize) -> u128 {
        let wide = |size: usize| u128::try_from(size).unwrap_or(u128::MAX);
        let tasks = wide(self.num_tasks.min(most));
        let of_each_number = tasks.saturating_mul(wide(self.num_ranks).saturating_add(tasks));
        wide(self.total_virtual_tokens()).saturating_mul(wide(self.token_dim)).saturating_mul(of_each_number)
    }
}

impl MultitaskPromptEmbedding {
    /// The cosine between the prompts of each two tasks, `[tasks, tasks]`: each prompt, `embedding * (cols[k] @ rows[k])` of shape
    /// `[T, D]`, taken as one long vector. Computed in float64, for the first `most` tasks. NaN where a prompt is all zero
    /// or not finite.
    #[must_use]
    pub fn task_similarity(&self, most: usize) -> Array2<f64> {
        let Dimensions { num_tasks, token_dim, .. } = self.dimensions();
        let tasks = num_tasks.min(most);
        let mut products = Array2::zeros((tasks, tasks));
        // One virtual token of all tasks at a time, so that neither the prompts nor what they are made of is held in float64.
        for token in 0..self.dimensions().total_virtual_tokens() {
            let shared = with_array!(self.prompt().embedding(), shared => widened(&shared.row(token)));
            let mut prompts = Array2::zeros((tasks, token_dim));
            for (task, mut prompt) in prompts.outer_iter_mut().enumerate() {
                let weights = with_array!(self.cols(), cols => widened(&cols.index_axis(Axis(0), task).row(token)));
                add_rows(self.rows(), task, &weights, prompt.view_mut());
                prompt *= &shared;
            }
            products += &prompts.dot(&prompts.t());
        }
        let lengths = products.diag().mapv(f64::sqrt);
        let mut cosines = products;
        for ((task, other), cosine) in cosines.indexed_iter_mut() {
            let length = |task: usize| lengths.get(task).copied().unwrap_or(f64::NAN);
            // Rounding can lead a hair beyond 1; zero divided by zero stays NaN.
            *cosine = (*cosine / (length(task) * length(other))).clamp(-1.0, 1.0);
        }
        cosines
    }
}

fn widened<E: Element>(values: &ArrayView1<'_, E>) -> Array1<f64> {
    values.map(|value| f64::from(value.widen()))
}

/// Adds the rows of a task, each by its weight.
fn add_rows(rows: &Tensor<Ix3>, task: usize, weights: &Array1<f64>, mut prompt: ArrayViewMut1<'_, f64>) {
    with_array!(rows, rows => {
        for (row, weight) in rows.index_axis(Axis(0), task).outer_iter().zip(weights) {
            Zip::from(&mut prompt).and(&row).for_each(|sum, value| *sum += weight * f64::from(value.widen()));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, array};

    /// Four tasks with one rank and two virtual tokens: task 1 is task 0 doubled, task 2 its opposite, task 3 nothing.
    #[test]
    fn the_scale_of_a_prompt_does_not_count_and_its_sign_does() {
        let embedding = arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]).into();
        let cols = array![[[1.0_f32], [1.0]], [[2.0], [2.0]], [[-1.0], [-1.0]], [[0.0], [0.0]]].into();
        let rows = array![[[1.0_f32, 1.0]], [[1.0, 1.0]], [[1.0, 1.0]], [[1.0, 1.0]]].into();
        let embedding = MultitaskPromptEmbedding::new(embedding, cols, rows).unwrap();
        let cosines = embedding.task_similarity(10);
        assert!((cosines[[0, 1]] - 1.0).abs() < 1e-12 && (cosines[[0, 2]] + 1.0).abs() < 1e-12, "{cosines}");
        assert!(cosines[[0, 3]].is_nan() && cosines[[3, 3]].is_nan(), "{cosines}");
        assert_eq!(embedding.task_similarity(2).dim(), (2, 2));
    }

    /// Against the plain definition, with the prompts that are exported.
    #[test]
    fn prompts_are_those_that_are_exported() {
        let embedding = array![[0.5_f32, -1.0, 2.0], [1.5, 0.25, -0.5]].into();
        let cols = array![[[1.0_f32, 0.5], [-2.0, 1.0]], [[0.25, 3.0], [1.0, 1.0]]].into();
        let rows = array![[[1.0_f32, 2.0, 3.0], [0.5, -1.0, 1.0]], [[-1.0, 1.0, 0.0], [2.0, 0.0, 1.0]]].into();
        let embedding = MultitaskPromptEmbedding::new(embedding, cols, rows).unwrap();
        let [first, second] = [0, 1].map(|task| {
            let exported = embedding.export_task(task).unwrap();
            exported.prompt_embeddings().to_float32().mapv(f64::from).flatten().to_owned()
        });
        let expected = first.dot(&second) / (first.dot(&first) * second.dot(&second)).sqrt();
        assert!((embedding.task_similarity(2)[[0, 1]] - expected).abs() < 1e-6);
    }
}
