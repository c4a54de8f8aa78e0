//! `peftspec export-task`: one task of a multitask adapter as an adapter of plain prompt tuning.

use super::{
    Exit, Streams,
    adapter::{self, Adapter},
    embed,
    failure::{Failure, Result},
    output::{self, Overwrite},
    progress,
};
use crate::{
    checkpoint::{Checkpoint, StoredTensor},
    embedding::{
        AdapterTensors, ExportedPrompt, MultitaskPromptEmbedding, PromptConfig, PromptEmbedding, counted_tasks,
    },
    layout::prompt_learning::OF_BASE_MODEL,
};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

/// Make a plain prompt tuning adapter of one task of a multitask adapter.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the multitask adapter, or its config
    #[arg(value_name = "DIR")]
    path: PathBuf,
    /// The task, counted from 0
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    task: i64,
    /// The folder to write
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Describe what was made as JSON
    #[arg(long)]
    json: bool,
}

/// Where the methods differ in PEFT.
const DECODER_PROMPT: &str = "with plain prompt tuning PEFT never puts a prompt before the decoder's input, so the last half of the \
     rows does nothing: `generate` gives the same as before, a forward pass with labels does not";

/// What was made.
struct Made {
    files: Vec<PathBuf>,
    tensors: Vec<StoredTensor>,
    /// Tensors of the adapter that the new one has no use for.
    left_out: Vec<String>,
    notes: Vec<&'static str>,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let made = match progress::while_working("exporting the task", || make(args)) {
        Ok(made) => made,
        Err(failure) => return failure.tell(args.json, streams),
    };
    if args.json {
        let document = json!({
            "version": 1, "path": output::path(&args.path), "task": args.task,
            "output": output::path(&args.output), "files": output::paths(&made.files),
            "tensors": output::listed(&made.tensors), "left_out": made.left_out, "notes": made.notes,
        });
        output::print_json(&document, streams)?;
    }
    if !made.left_out.is_empty() {
        writeln!(streams.err, "left out, since PEFT ignores them: {}", made.left_out.join(", "))?;
    }
    for note in &made.notes {
        writeln!(streams.err, "note: {note}")?;
    }
    output::tell_written(&made.files, streams)?;
    Ok(Exit::Clean)
}

fn make(args: &Args) -> Result<Made> {
    output::refuse_same(adapter::folder(&args.path).unwrap_or(&args.path), &args.output)?;
    let adapter = adapter::open(&args.path)?;
    let Adapter { config: Some(PromptConfig::Multitask(config)), checkpoint, .. } = &adapter else {
        return Err(not_multitask(&adapter, &args.path));
    };
    let prompt = exported(&embed::embedding(&adapter)?, args.task)?;
    let mut plain = PromptConfig::Plain(config.of_one_task()).into_saved();
    let width = prompt.embedding().shape().last().and_then(|width| u32::try_from(*width).ok());
    width.map(|width| plain.fill("token_dim", width));
    let mut tensors = prompt.stored();
    let (heads, left_out) = others(checkpoint)?;
    tensors.extend(heads);
    let files = output::write_adapter(&args.output, &plain.to_json(), &tensors, args.overwrite)?;
    let notes = if plain.has_decoder_prompt() { vec![DECODER_PROMPT] } else { Vec::new() };
    Ok(Made { files, tensors, left_out, notes })
}

/// The prompt of one task.
fn exported(embedding: &MultitaskPromptEmbedding, task: i64) -> Result<PromptEmbedding> {
    let exported = usize::try_from(task).ok().and_then(|task| embedding.export_task(task).ok());
    exported.map(ExportedPrompt::into_embedding).ok_or_else(|| {
        let tasks = counted_tasks(embedding.dimensions().num_tasks);
        Failure::Command(format!("--task is {task}, but the adapter has {tasks}"))
    })
}

/// What is saved beside the prompt: whole modules of the base model, such as a classifier head, which are copied; and the names
/// of the rest.
fn others(checkpoint: &Checkpoint<'_>) -> Result<(Vec<StoredTensor>, Vec<String>)> {
    let (mut heads, mut left_out) = (Vec::new(), Vec::new());
    for tensor in &checkpoint.catalogue.tensors {
        let name = tensor.name.clone();
        if name.starts_with(OF_BASE_MODEL) {
            heads.push(checkpoint.stored(tensor, name)?);
        } else if !AdapterTensors::NAMES.contains(&name.as_str()) {
            left_out.push(name);
        }
    }
    Ok((heads, left_out))
}

fn not_multitask(adapter: &Adapter, path: &Path) -> Failure {
    let path = path.display();
    Failure::Command(match &adapter.config {
        Some(config) => format!("{path}: the adapter is of {}, which has no tasks to export", config.peft_type()),
        None => format!("{path}: this is a file; name the adapter's folder, whose config becomes that of the new one"),
    })
}
