//! The forward pass, slow and obvious: what the fused one must equal.

use super::{call::Call, multitask::MultitaskPromptEmbedding, tensor::Tensor};
use ndarray::{Array2, Array3, ArrayD, ArrayView1, ArrayView2, Axis, Ix3, Zip};

/// `embedding[indices] * (cols[task_ids] @ rows[task_ids])`, in this order and with all intermediate results.
pub(super) fn forward(call: &Call, parameters: &MultitaskPromptEmbedding) -> Tensor {
    let task_prompts = task_prompts(call, parameters);
    let embedding = parameters.prompt().embedding();
    let gathered = gather(call, &embedding.to_float32());
    Tensor::rounded_like(multiply(&gathered, &task_prompts.to_float32()), embedding)
}

/// `cols[task_ids] @ rows[task_ids]`, rounded to the type of the factors.
fn task_prompts(call: &Call, parameters: &MultitaskPromptEmbedding) -> Tensor<Ix3> {
    let cols = parameters.cols().to_float32().select(Axis(0), &call.tasks);
    let rows = parameters.rows().to_float32().select(Axis(0), &call.tasks);
    Tensor::rounded_like(batched_product(&cols, &rows), parameters.cols())
}

fn batched_product(left: &Array3<f32>, right: &Array3<f32>) -> Array3<f32> {
    let mut products = Array3::zeros((left.dim().0, left.dim().1, right.dim().2));
    Zip::from(products.outer_iter_mut())
        .and(left.outer_iter())
        .and(right.outer_iter())
        .for_each(|mut product, left, right| product.assign(&matrix_product(&left, &right)));
    products
}

fn matrix_product(left: &ArrayView2<'_, f32>, right: &ArrayView2<'_, f32>) -> Array2<f32> {
    Array2::from_shape_fn((left.nrows(), right.ncols()), |(row, column)| dot(&left.row(row), &right.column(column)))
}

/// The sum of the products, from the first to the last.
fn dot(left: &ArrayView1<'_, f32>, right: &ArrayView1<'_, f32>) -> f32 {
    left.iter().zip(right).fold(0.0, |sum, (left, right)| sum + left * right)
}

/// The rows of the shared prompt, in the shape of the output.
fn gather(call: &Call, embedding: &Array2<f32>) -> ArrayD<f32> {
    #[expect(clippy::expect_used, reason = "the output has one row of this width for each index")]
    embedding.select(Axis(0), &call.indices).into_shape_with_order(call.output_shape()).expect("as many values")
}

fn multiply(gathered: &ArrayD<f32>, task_prompts: &Array3<f32>) -> ArrayD<f32> {
    #[expect(clippy::expect_used, reason = "that the shapes go together was checked with the call")]
    let task_prompts = task_prompts.broadcast(gathered.raw_dim()).expect("the shapes go together");
    gathered * &task_prompts
}
