//! Measures what it is asked to, one line of standard input at a time, so that another program can take turns with it.
//!
//! A line is a name and numbers, as `tools/bench/run.py` sends them; the answer is a line with the seconds it took.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark may stop, and answers its asker")]

use ndarray::{Array1, ArrayD};
use peftspec::checkpoint::{Budget, Checkpoint, Dtype, Scan};
use peftspec::embedding::{InitInputs, MultitaskPromptEmbedding, Tensor};
use peftspec::methods::MultitaskPromptTuningConfig;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Cursor, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

const BATCH: usize = 32;
const TOKENS: u32 = 100;
const WIDTH: u32 = 4096;

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
    /// By ranks and tasks.
    embeddings: BTreeMap<(u32, u32), MultitaskPromptEmbedding>,
    output: Tensor,
    files: BTreeMap<String, Vec<u8>>,
}

impl Bench {
    fn new() -> Self {
        let shape = [BATCH, TOKENS as usize, WIDTH as usize];
        let output = Tensor::zeros(Dtype::Float32, &shape).expect("a type that is computed with");
        Self { embeddings: BTreeMap::new(), output, files: BTreeMap::new() }
    }

    fn measure(&mut self, words: &[&str]) -> Duration {
        match *words {
            ["fill"] => self.fill(),
            ["fill-fresh"] => fill_fresh(),
            ["scan", path] => timed(|| scan(File::open(path).expect("a file"))),
            ["read", path] => timed(|| read(File::open(path).expect("a file"))),
            ["scan-memory", path] => self.in_memory(path, |bytes| scan(Cursor::new(bytes))),
            ["sum-memory", path] => self.in_memory(path, sum),
            ["forward", ranks, tasks] => self.forward(number(ranks), number(tasks)),
            ["forward-into", ranks, tasks] => self.forward_into(number(ranks), number(tasks)),
            _ => unreachable!("nothing is called {words:?}"),
        }
    }

    /// The least that any forward pass does: write the output.
    fn fill(&mut self) -> Duration {
        let Tensor::Float32(array) = &mut self.output else { unreachable!("made as float32") };
        let values = array.as_slice_mut().expect("standard layout");
        timed(|| black_box(values).fill(black_box(1.5)))
    }

    fn forward(&mut self, ranks: u32, tasks: u32) -> Duration {
        let embedding = self.embeddings.entry((ranks, tasks)).or_insert_with(|| embedding(ranks, tasks));
        let (indices, task_ids) = (embedding.indices(BATCH), task_ids(tasks));
        timed(|| embedding.forward(black_box(&indices), &task_ids).expect("a sound call"))
    }

    fn forward_into(&mut self, ranks: u32, tasks: u32) -> Duration {
        let embedding = self.embeddings.entry((ranks, tasks)).or_insert_with(|| embedding(ranks, tasks));
        let (indices, task_ids) = (embedding.indices(BATCH), task_ids(tasks));
        timed(|| embedding.forward_into(black_box(&indices), &task_ids, &mut self.output).expect("a sound call"))
    }

    /// With the bytes of a file, which are read once.
    fn in_memory<T>(&mut self, path: &str, work: impl FnOnce(&[u8]) -> T) -> Duration {
        let bytes = self.files.entry(path.to_owned()).or_insert_with(|| fs::read(path).expect("a file"));
        timed(|| work(black_box(bytes)))
    }
}

/// The value scan, with the reading that belongs to it.
fn scan(file: impl Read + Seek) -> Vec<Option<Scan>> {
    let checkpoint = Checkpoint::from_reader(file, Path::new("x.safetensors"), &Budget::default()).expect("readable");
    let (scans, findings) = checkpoint.scan_all().expect("readable");
    assert!(findings.is_empty() && !scans.is_empty(), "a sound file");
    scans
}

/// The bytes of a file, read and not looked at.
fn read(mut file: File) -> usize {
    let mut buffer = vec![0; 768 << 10];
    let mut total = 0;
    loop {
        match file.read(black_box(&mut buffer)).expect("readable") {
            0 => return total,
            count => total += count,
        }
    }
}

/// Every byte looked at, as cheaply as can be.
fn sum(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}

/// The requests of a batch, task by task in turn.
fn task_ids(tasks: u32) -> ArrayD<i64> {
    let requests = (0..BATCH).map(|request| i64::try_from(request).unwrap_or_default() % i64::from(tasks));
    Array1::from_iter(requests).into_dyn()
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

fn embedding(num_ranks: u32, num_tasks: u32) -> MultitaskPromptEmbedding {
    let config = MultitaskPromptTuningConfig {
        num_virtual_tokens: Some(TOKENS),
        token_dim: Some(WIDTH),
        num_tasks,
        num_ranks,
        ..Default::default()
    };
    MultitaskPromptEmbedding::from_config(&config, &InitInputs::default(), 1).expect("a sound config")
}
