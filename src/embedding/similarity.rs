//! How alike the prompts of the tasks are.

use super::MultitaskPromptEmbedding;
use ndarray::{Array2, Axis, Slice};

impl MultitaskPromptEmbedding {
    /// The cosine between the prompts of each two tasks, `[tasks, tasks]`: each prompt, `embedding * (cols[k] @ rows[k])` of shape
    /// `[T, D]`, taken as one long vector. Computed in float64, for the first `most` tasks. NaN where a prompt is all zero
    /// or not finite.
    #[must_use]
    pub fn task_similarity(&self, most: usize) -> Array2<f64> {
        let embedding = self.prompt().embedding().to_float32().mapv(f64::from);
        let (cols, rows) = (self.cols().to_float32(), self.rows().to_float32());
        let tasks = cols.len_of(Axis(0)).min(most);
        let cols = cols.slice_axis(Axis(0), Slice::from(..tasks)).mapv(f64::from);
        let rows = rows.slice_axis(Axis(0), Slice::from(..tasks)).mapv(f64::from);
        let mut products = Array2::zeros((tasks, tasks));
        // One virtual token of all tasks at a time, so that the prompts are never held together.
        for (token, shared) in embedding.outer_iter().enumerate() {
            let mut prompts = Array2::zeros((tasks, shared.len()));
            let weights = cols.index_axis(Axis(1), token);
            for ((mut prompt, weights), rows) in
                prompts.outer_iter_mut().zip(weights.outer_iter()).zip(rows.outer_iter())
            {
                prompt.assign(&weights.dot(&rows));
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
