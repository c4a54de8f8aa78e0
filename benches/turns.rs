//! Measures what it is asked to, one line of standard input at a time, so that another program can take turns with it.
//!
//! A line is a name and numbers, as `tools/bench/run.py` sends them; the answer is a line with the seconds it took.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark may stop, and answers its asker")]

use ndarray::{Array1, ArrayD};
use peftspec::embedding::{Dtype, InitInputs, MultitaskPromptEmbedding, Tensor};
use peftspec::methods::MultitaskPromptTuningConfig;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const BATCH: usize = 32;
const TOKENS: u32 = 100;
const WIDTH: u32 = 4096;
const TASKS: u32 = 8;

fn main() {
    let mut bench = Bench::new();
    for line in io::stdin().lines() {
        let line = line.expect("text");
        let words: Vec<&str> = line.split_whitespace().collect();
        println!("{}", bench.measure(&words).as_secs_f64());
        io::stdout().flush().expect("an asker who listens");
    }
}

struct Bench {
    embeddings: BTreeMap<u32, MultitaskPromptEmbedding>,
    task_ids: ArrayD<i64>,
    indices: ArrayD<i64>,
    output: Tensor,
}

impl Bench {
    fn new() -> Self {
        let embeddings = BTreeMap::from([1, 16].map(|ranks| (ranks, embedding(ranks))));
        let requests = (0..BATCH).map(|request| i64::try_from(request).unwrap_or_default() % i64::from(TASKS));
        Self {
            indices: embedding(1).indices(BATCH),
            embeddings,
            task_ids: Array1::from_iter(requests).into_dyn(),
            output: Tensor::zeros(Dtype::Float32, &[BATCH, TOKENS as usize, WIDTH as usize]),
        }
    }

    fn measure(&mut self, words: &[&str]) -> Duration {
        match *words {
            ["fill"] => self.fill(),
            ["fill-fresh"] => fill_fresh(),
            ["forward", ranks] => self.forward(number(ranks)),
            ["forward-into", ranks] => self.forward_into(number(ranks)),
            _ => unreachable!("nothing is called {words:?}"),
        }
    }

    /// The least that any forward pass does: write the output.
    fn fill(&mut self) -> Duration {
        let Tensor::Float32(array) = &mut self.output else { unreachable!("made as float32") };
        let values = array.as_slice_mut().expect("standard layout");
        timed(|| black_box(values).fill(black_box(1.5)))
    }

    fn forward(&self, ranks: u32) -> Duration {
        let embedding = self.embeddings.get(&ranks).expect("ranks 1 or 16");
        timed(|| embedding.forward(black_box(&self.indices), &self.task_ids).expect("a sound call"))
    }

    fn forward_into(&mut self, ranks: u32) -> Duration {
        let embedding = self.embeddings.get(&ranks).expect("ranks 1 or 16");
        timed(|| embedding.forward_into(black_box(&self.indices), &self.task_ids, &mut self.output).expect("sound"))
    }
}

/// The same with memory that the operating system has yet to hand over.
fn fill_fresh() -> Duration {
    timed(|| {
        let mut values = vec![0_f32; BATCH * TOKENS as usize * WIDTH as usize];
        black_box(&mut values).fill(black_box(1.5));
        values
    })
}

/// How long something takes; that its result is dropped does not count.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let elapsed = start.elapsed();
    drop(result);
    elapsed
}

fn number(word: &str) -> u32 {
    word.parse().expect("a number")
}

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
