//! `peftspec embed`: the prompts that a trained multitask adapter puts before a batch of inputs.

use super::{
    Exit, Streams,
    adapter::{self, Adapter},
    failure::{Failure, Result},
    output::{self, Overwrite},
    progress,
};
use crate::{
    checkpoint::{StoredTensor, to_safetensors},
    embedding::{AdapterTensors, EmbeddingError, MultitaskPromptEmbedding, PromptConfig},
};
use ndarray::{Array2, ArrayD, arr1};
use serde_json::json;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

/// Compute the prompts that a multitask adapter puts before a batch of inputs.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An adapter's folder, its config, or a file with its three tensors
    path: PathBuf,
    /// The task of each input, or one for all, counted from 0: `2,0,1`
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    task_ids: Row,
    /// The virtual tokens of each input, as `0,1,2 0,1,2` [default: all of them, for each task id]
    #[arg(long, value_name = "ROW", num_args = 1..)]
    indices: Option<Vec<Row>>,
    /// The file to write: a tensor `output`, [batch, virtual tokens, width]
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Describe what was made as JSON
    #[arg(long)]
    json: bool,
}

/// Numbers with commas between them.
#[derive(Debug, Clone)]
struct Row(Vec<i64>);

impl FromStr for Row {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let number = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is no whole number"));
        text.split(',').map(number).collect::<std::result::Result<_, _>>().map(Self)
    }
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let made = match progress::while_working("computing the prompts", || make(args)) {
        Ok(made) => made,
        Err(failure) => return failure.tell(args.json, streams),
    };
    if args.json {
        let document = json!({
            "version": 1, "path": output::path(&args.path), "output": output::path(&args.output), "task_ids": args.task_ids.0,
            "tensors": output::listed(&[made]),
        });
        output::print_json(&document, streams)?;
    }
    output::tell_written(std::slice::from_ref(&args.output), streams)?;
    Ok(Exit::Clean)
}

fn make(args: &Args) -> Result<StoredTensor> {
    let adapter = adapter::open(&args.path)?;
    output::refuse_same(&adapter.weights, &args.output)?;
    let embedding = embedding(&adapter)?;
    let indices = match &args.indices {
        Some(rows) => matrix(rows)?,
        None => embedding.indices(args.task_ids.0.len()),
    };
    let prompts = embedding.forward(&indices, &arr1(&args.task_ids.0).into_dyn());
    let tensor = prompts.map_err(|error| Failure::Command(error.to_string()))?.stored("output");
    let bytes = to_safetensors(std::slice::from_ref(&tensor))?;
    output::write(&[(args.output.clone(), &bytes)], args.overwrite)?;
    Ok(StoredTensor { bytes: Vec::new(), ..tensor })
}

/// The embedding of a multitask adapter, its sizes compared with the config if there is one.
pub(super) fn embedding(adapter: &Adapter) -> Result<MultitaskPromptEmbedding> {
    let name = adapter.weights.display();
    let about_the_file = |error: EmbeddingError| Failure::files(&name, error);
    let tensors = AdapterTensors::read(&adapter.checkpoint)?;
    match &adapter.config {
        None => MultitaskPromptEmbedding::from_tensors(&tensors).map_err(about_the_file),
        Some(PromptConfig::Multitask(config)) => {
            MultitaskPromptEmbedding::from_adapter(&config.with_sizes_of(&tensors), &tensors).map_err(about_the_file)
        }
        Some(config) => {
            let is = config.peft_type();
            Err(Failure::files(name, format!("the adapter beside it is of {is}, which has no tasks")))
        }
    }
}

/// The rows as a matrix.
fn matrix(rows: &[Row]) -> Result<ArrayD<i64>> {
    let width = rows.first().map_or(0, |row| row.0.len());
    if let Some((position, row)) = (1..).zip(rows).find(|(_, row)| row.0.len() != width) {
        let found = row.0.len();
        return Err(Failure::Command(format!(
            "--indices: row {position} has {found} numbers, but the first has {width}: give each as many"
        )));
    }
    let numbers = rows.iter().flat_map(|row| &row.0).copied().collect();
    #[expect(clippy::expect_used, reason = "every row was found to have this width")]
    Ok(Array2::from_shape_vec((rows.len(), width), numbers).expect("one number for each place").into_dyn())
}
