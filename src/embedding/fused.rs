//! The forward pass in one go: every number of the output is computed where it stands and written once.
//!
//! The products are added in the order of the reference, so that the results are equal bit for bit. The rows of a task are
//! rearranged into blocks of [`LANES`] columns, the ranks of a block side by side; a tile of blocks stays in the processor's
//! first cache while all virtual tokens pass over it.

#![expect(
    clippy::inline_always,
    reason = "loops are compiled anew for every set of instructions, with all that they call"
)]

use super::{
    call::Call,
    multitask::MultitaskPromptEmbedding,
    tensor::{Element, Tensor, contiguous, contiguous_mut, with_array},
};
use crate::vectorized::vectorized;
use ndarray::{Array3, Axis, Ix3};
use std::collections::BTreeMap;

/// Columns that are computed together: four registers of SSE, two of AVX or one of AVX-512.
const LANES: usize = 16;
/// Numbers of a tile: 16 KiB of float32.
const TILE: usize = 4096;

type Block = [f32; LANES];

/// Fills the output, which has the shape and the type of the result, in standard layout.
pub(super) fn forward(call: &Call, parameters: &MultitaskPromptEmbedding, output: &mut Tensor) {
    let width = parameters.prompt().size().1;
    let embedding =
        with_array!(parameters.prompt().embedding(), embedding => Element::widen_all(contiguous(embedding)));
    with_array!(output, output => with_array!(parameters.cols(), cols => {
        let shared = Shared { embedding: &embedding, width };
        batch(call, shared, cols, parameters.rows(), contiguous_mut(output));
    }));
}

/// The prompt that all tasks share, row after row.
#[derive(Clone, Copy)]
struct Shared<'a> {
    embedding: &'a [f32],
    width: usize,
}

fn batch<E: Element, F: Element>(
    call: &Call,
    shared: Shared<'_>,
    cols: &Array3<F>,
    rows: &Tensor<Ix3>,
    output: &mut [E],
) {
    let Shared { width, .. } = shared;
    if output.is_empty() {
        return;
    }
    let mut factors = Factors::new(cols, width);
    let length = call.indices_in_row * width;
    let mut done: BTreeMap<(usize, &[usize]), usize> = BTreeMap::new();
    let requests = call.indices.chunks_exact(call.indices_in_row).zip(call.tasks.iter().cycle());
    for ((indices, task), start) in requests.zip((0..).step_by(length)) {
        // Requests for the same task get the same prompt; with one rank, it is made as fast as it is copied.
        if let Some(earlier) = done.get(&(*task, indices)).filter(|_| factors.ranks > 1) {
            output.copy_within(*earlier..earlier + length, start);
            continue;
        }
        factors.load(*task, cols, rows);
        factors.fill::<E, F>(shared, indices, output.get_mut(start..start + length).unwrap_or_default());
        done.insert((*task, indices), start);
    }
}

/// The two factors of one task, as the inner loop wants them.
struct Factors {
    task: Option<usize>,
    /// At least 1: without any rank, there is one that adds nothing.
    ranks: usize,
    /// For each virtual token, the weight of each rank.
    weights: Vec<f32>,
    /// For each block of columns, its part of each rank's row. The last block is filled up with zeros.
    blocks: Vec<Block>,
}

impl Factors {
    fn new<F>(cols: &Array3<F>, width: usize) -> Self {
        let (_, tokens, ranks) = cols.dim();
        let ranks = ranks.max(1);
        Self {
            task: None,
            ranks,
            weights: vec![0.0; tokens * ranks],
            blocks: vec![[0.0; LANES]; width.div_ceil(LANES) * ranks],
        }
    }

    /// Makes these the factors of a task, unless they already are.
    fn load<F: Element>(&mut self, task: usize, cols: &Array3<F>, rows: &Tensor<Ix3>) {
        if self.task.replace(task) == Some(task) {
            return;
        }
        for (weight, value) in self.weights.iter_mut().zip(cols.index_axis(Axis(0), task)) {
            *weight = value.widen();
        }
        with_array!(rows, rows => for (rank, row) in rows.index_axis(Axis(0), task).outer_iter().enumerate() {
            let blocks = self.blocks.iter_mut().skip(rank).step_by(self.ranks);
            for (block, values) in blocks.zip(row.axis_chunks_iter(Axis(0), LANES)) {
                block.iter_mut().zip(values).for_each(|(slot, value)| *slot = value.widen());
            }
        });
    }

    /// The prompt of this task for one row of indices.
    fn fill<E: Element, F: Element>(&self, shared: Shared<'_>, indices: &[usize], prompt: &mut [E]) {
        vectorized(
            #[inline(always)]
            || self.fill_tiles::<E, F>(shared, indices, prompt),
        );
    }

    #[inline(always)]
    fn fill_tiles<E: Element, F: Element>(&self, shared: Shared<'_>, indices: &[usize], prompt: &mut [E]) {
        let Shared { embedding, width } = shared;
        let blocks_in_tile = (TILE / LANES / self.ranks).max(1);
        let columns_in_tile = blocks_in_tile * LANES;
        for (tile, blocks) in self.blocks.chunks(blocks_in_tile * self.ranks).enumerate() {
            let start = tile * columns_in_tile;
            let end = width.min(start + columns_in_tile);
            let weights = self.weights.chunks_exact(self.ranks).cycle();
            for ((output, index), weights) in prompt.chunks_exact_mut(width).zip(indices).zip(weights) {
                let shared = embedding.get(index * width + start..index * width + end).unwrap_or_default();
                let output = output.get_mut(start..end).unwrap_or_default();
                combine::<E, F>(weights, blocks, shared, output);
            }
        }
    }
}

/// For one virtual token: the weighted sum of the ranks' rows, rounded, times the shared prompt, rounded.
#[inline(always)]
fn combine<E: Element, F: Element>(weights: &[f32], blocks: &[Block], shared: &[f32], output: &mut [E]) {
    let mut ranks = blocks.chunks_exact(weights.len());
    let (output, output_rest) = output.as_chunks_mut::<LANES>();
    let (shared, shared_rest) = shared.as_chunks::<LANES>();
    for ((output, shared), ranks) in output.iter_mut().zip(shared).zip(ranks.by_ref()) {
        let values = product::<F>(weights, ranks, shared);
        E::store_all(&values, output);
    }
    if let Some(ranks) = ranks.next() {
        let mut padded = [0.0; LANES];
        padded.iter_mut().zip(shared_rest).for_each(|(slot, value)| *slot = *value);
        let values = product::<F>(weights, ranks, &padded);
        E::store_all(values.get(..output_rest.len()).unwrap_or_default(), output_rest);
    }
}

#[inline(always)]
fn product<F: Element>(weights: &[f32], ranks: &[Block], shared: &Block) -> Block {
    let mut sums = [0.0; LANES];
    for (weight, values) in weights.iter().zip(ranks) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += weight * value;
        }
    }
    F::round_all(&mut sums);
    for (sum, value) in sums.iter_mut().zip(shared) {
        *sum *= value;
    }
    sums
}
