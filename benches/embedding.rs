//! The fused forward pass beside the reference: 32 requests, 100 virtual tokens, 4096 wide, as a server would batch them.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array1, ArrayD};
use peftspec::checkpoint::Dtype;
use peftspec::embedding::{InitInputs, MultitaskPromptEmbedding, Tensor};
use peftspec::methods::MultitaskPromptTuningConfig;
use std::hint::black_box;

const BATCH: usize = 32;
const TOKENS: u32 = 100;
const WIDTH: u32 = 4096;
const TASKS: u32 = 8;

#[expect(clippy::expect_used, reason = "a benchmark may stop")]
fn embedding(num_ranks: u32) -> MultitaskPromptEmbedding {
    let config = MultitaskPromptTuningConfig {
        num_virtual_tokens: Some(TOKENS),
        token_dim: Some(WIDTH),
        num_tasks: TASKS,
        num_ranks,
        ..Default::default()
    };
    MultitaskPromptEmbedding::from_config(&config, &InitInputs::default(), 1).expect("a sound config")
}

fn task_ids() -> ArrayD<i64> {
    Array1::from_iter((0..BATCH).map(|request| i64::try_from(request).unwrap_or_default() % i64::from(TASKS)))
        .into_dyn()
}

fn forward(criterion: &mut Criterion) {
    let bytes = u64::from(TOKENS) * u64::from(WIDTH) * BATCH as u64 * 4;
    let mut group = criterion.benchmark_group("forward");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    let shape = [BATCH, TOKENS as usize, WIDTH as usize];
    let mut output = Tensor::zeros(Dtype::Float32, &shape).unwrap();
    let mut floor = vec![0_f32; shape.iter().product()];
    group.bench_function("floor: the output filled with one number", |bencher| {
        bencher.iter(|| black_box(&mut floor).fill(black_box(1.5)));
    });
    for ranks in [1, 16] {
        let (embedding, task_ids) = (embedding(ranks), task_ids());
        let indices = embedding.indices(BATCH);
        group.bench_function(format!("fused, rank {ranks}, memory at hand"), |bencher| {
            bencher.iter(|| embedding.forward_into(black_box(&indices), &task_ids, &mut output));
        });
        group.bench_function(format!("fused, rank {ranks}, fresh memory"), |bencher| {
            bencher.iter(|| embedding.forward(black_box(&indices), &task_ids));
        });
        group.sample_size(10);
        group.bench_function(format!("reference, rank {ranks}"), |bencher| {
            bencher.iter(|| embedding.forward_reference(black_box(&indices), &task_ids));
        });
    }
}

criterion_group!(benches, forward);
criterion_main!(benches);
