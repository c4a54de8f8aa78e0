//! `peftspec init`: the adapter that training would start from, made from its config.

use super::{
    Exit, Streams, adapter,
    base_model::{self, Words},
    failure::{Failure, Result},
    output::{self, Overwrite},
    progress, tokenizer,
};
use crate::{
    BaseModel, Limits, Method, Report, Surroundings,
    check::{adapter_files, find_source, local_base_model},
    checkpoint::StoredTensor,
    embedding::{AdapterTensors, InitInputs, PromptConfig, StartsFrom},
    human,
};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

/// Make an adapter with the parameters that training would start from.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The config to start from, in JSON, YAML or TOML
    config: PathBuf,
    /// The folder to write
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// The seed of the random numbers: the same seed gives the same adapter
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The base model: its folder or its config.json [default: base_model_name_or_path, if that is a folder here]
    #[arg(long, value_name = "PATH")]
    base_model: Option<PathBuf>,
    /// The base model's word embeddings, for TEXT and SAMPLE_VOCAB [default: found in the base model's folder]
    #[arg(long, value_name = "FILE[:TENSOR]")]
    word_embeddings: Option<String>,
    /// The base model's tokenizer.json, for TEXT [default: that of `tokenizer_name_or_path` or of the base model, if in a folder]
    #[arg(long, value_name = "FILE")]
    tokenizer: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    /// Describe what was made as JSON
    #[arg(long)]
    json: bool,
}

/// What was made.
struct Made {
    config: PromptConfig,
    files: Vec<PathBuf>,
    tensors: Vec<StoredTensor>,
    report: Report,
    notes: Vec<String>,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let made = match progress::while_working("making the adapter", || make(args)) {
        Ok(made) => made,
        Err(failure) => return failure.tell(args.json, streams),
    };
    if args.json {
        output::print_json(&document(args, &made), streams)?;
    }
    write!(streams.err, "{}", human::render(&made.report.source, &made.report.diagnostics, false))?;
    for note in &made.notes {
        writeln!(streams.err, "{note}")?;
    }
    output::tell_written(&made.files, streams)?;
    Ok(Exit::Clean)
}

fn document(args: &Args, made: &Made) -> serde_json::Value {
    let parameters = made.config.parameters().ok().map(|count| {
        // No tensor is so large that these would not fit, and JSON has no larger whole numbers.
        let number = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
        let (total, shared) = (number(count.total()), number(count.shared));
        json!({"total": total, "shared": shared, "of_each_task": number(count.of_each_task)})
    });
    json!({
        "version": 1, "config": output::path(&args.config), "output": output::path(&args.output),
        "files": output::paths(&made.files), "seed": args.seed,
        "peft_type": made.config.peft_type().as_str(), "tensors": output::listed(&made.tensors), "parameters": parameters,
        "notes": made.notes,
    })
}

/// The config, which must go together with its source and the base model.
fn read_config(args: &Args) -> Result<(PromptConfig, Report)> {
    // A folder may hold nothing but word embeddings.
    let base_model = args.base_model.clone().filter(|path| !path.is_dir() || path.join("config.json").is_file());
    let surroundings = Surroundings { base_model, ..Surroundings::default() };
    let (config, mut report) = adapter::read_config(&args.config, &surroundings)?;
    // The weights are about to be made.
    report.config.diagnostics.retain(|found| found.code != crate::diagnostic::WEIGHTS_NOT_FOUND.code);
    Ok((config, report.config))
}

fn make(args: &Args) -> Result<Made> {
    output::refuse_same_in(&args.config, &args.output)?;
    let (mut config, report) = read_config(args)?;
    let named = || local_base_model(config.base_model()?, Path::new(""));
    let args = &Args { base_model: args.base_model.clone().or_else(named), ..args.clone() };
    let mut notes = Vec::new();
    let inputs = Inputs::gather(args, &config)?;
    config.fill_submodules();
    fill_from_base_model(args, &mut config, &mut notes)?;
    if let Some((width, from)) = inputs.width()
        && config.fill("token_dim", width)
    {
        notes.push(format!("note: `token_dim` is {width}, as {from}"));
    }
    if config.token_dim().is_none() {
        return Err(no_width(args));
    }
    let initialised = config.initialised(&inputs.borrowed(), args.seed);
    let mut tensors = initialised.map_err(|error| Failure::files(args.config.display(), error))?;
    tensors.extend(modules_to_save(args, &config)?);
    if matches!(config.starts_from(), StartsFrom::Source(_)) {
        notes.push("note: the adapter no longer names its source, which PEFT would need on every load".to_owned());
    }
    let config = config.into_saved();
    let files = output::write_adapter(&args.output, &config.to_json(), &tensors, args.overwrite)?;
    Ok(Made { config, files, tensors, report, notes })
}

/// What the adapter holds of the base model: training starts from the model's own.
fn modules_to_save(args: &Args, config: &PromptConfig) -> Result<Vec<StoredTensor>> {
    let modules = config.modules_to_save();
    if modules.is_empty() {
        return Ok(Vec::new());
    }
    let folder = args.base_model.as_deref().map(base_model::folder).transpose()?;
    let found = folder.as_deref().map(|folder| base_model::modules(folder, &modules)).transpose()?.unwrap_or_default();
    if found.is_empty() {
        let (file, modules) = (args.config.display(), modules.join("` or `"));
        return Err(Failure::Command(format!(
            "{file}: the adapter must hold the base model's `{modules}`, too, or PEFT does not load it: give --base-model FOLDER \
             with a model that has it"
        )));
    }
    Ok(found)
}

/// Fills in the sizes that PEFT takes from the base model's `config.json`, where there is one.
fn fill_from_base_model(args: &Args, config: &mut PromptConfig, notes: &mut Vec<String>) -> Result<()> {
    let Some(path) = args.base_model.as_deref() else { return Ok(()) };
    if path.is_dir() && !path.join("config.json").is_file() {
        return Ok(());
    }
    let model = BaseModel::read(path, &Limits::default())?.map_err(|finding| Failure::Files(finding.message))?;
    let Some(method) = Method::find(config.peft_type()) else { return Ok(()) };
    for (field, size) in model.sizes(method.layout()) {
        if let Ok(size) = u32::try_from(size)
            && config.fill(field, size)
        {
            notes.push(format!("note: `{field}` is {size}, as the base model says"));
        }
    }
    Ok(())
}

fn no_width(args: &Args) -> Failure {
    let advice = if args.base_model.is_some() {
        "which does not tell it: set it to the model's hidden size"
    } else {
        "so give --base-model PATH, or set it to the model's hidden size"
    };
    let file = args.config.display();
    Failure::Command(format!("{file}: `token_dim` is null, which leaves the width to the base model, {advice}"))
}

/// What the initialisation starts from, read.
#[derive(Default)]
struct Inputs {
    words: Option<Words>,
    tokens: Option<Vec<u32>>,
    source: Option<AdapterTensors>,
}

impl Inputs {
    fn gather(args: &Args, config: &PromptConfig) -> Result<Self> {
        let folder = args.base_model.as_deref().map(base_model::folder).transpose()?;
        let words = || words(args, folder.as_deref()).map(Some);
        Ok(match config.starts_from() {
            StartsFrom::Random => Self::default(),
            StartsFrom::Words => Self { words: words()?, ..Self::default() },
            StartsFrom::Text(text) => {
                let file = tokenizer_file(args, config, folder.as_deref())?;
                output::refuse_same_in(&file, &args.output)?;
                let tokens = Some(tokenizer::tokens(&file, text)?);
                Self { words: words()?, tokens, source: None }
            }
            StartsFrom::Source(path) => Self { source: Some(source(path, args)?), ..Self::default() },
        })
    }

    fn borrowed(&self) -> InitInputs<'_> {
        InitInputs {
            word_embeddings: self.words.as_ref().map(|words| &words.values),
            text_token_ids: self.tokens.as_deref(),
            source: self.source.as_ref(),
        }
    }

    /// The width that the inputs have, and which of them says so.
    fn width(&self) -> Option<(u32, String)> {
        let of_words = || {
            let words = self.words.as_ref()?;
            Some((*words.values.shape().last()?, format!("{} says", words.found)))
        };
        let of_source = || {
            let prompt = self.source.as_ref()?.prompt_embeddings.as_ref()?;
            Some((*prompt.shape().last()?, "the source says".to_owned()))
        };
        let (width, from) = of_words().or_else(of_source)?;
        Some((u32::try_from(width).ok()?, from))
    }
}

fn words(args: &Args, base_model: Option<&Path>) -> Result<Words> {
    let words = match (&args.word_embeddings, base_model) {
        (Some(argument), _) => base_model::words_of_argument(argument)?,
        (None, Some(folder)) => base_model::words_of_folder(folder)?,
        (None, None) => {
            return Err(Failure::Command(
                "the prompt starts from word embeddings: give --word-embeddings FILE, or --base-model FOLDER with the \
                 model's files"
                    .to_owned(),
            ));
        }
    };
    output::refuse_same_in(&words.file, &args.output)?;
    Ok(words)
}

fn tokenizer_file(args: &Args, config: &PromptConfig, base_model: Option<&Path>) -> Result<PathBuf> {
    if let Some(file) = &args.tokenizer {
        let is = if file.is_dir() { "no tokenizer.json in this folder" } else { "no such file; is it spelt right?" };
        return tokenizer::find(&[file]).ok_or_else(|| Failure::Command(format!("{}: {is}", file.display())));
    }
    let named = config.tokenizer().unwrap_or_default();
    let places: Vec<&Path> =
        [Some(Path::new(named)), base_model].into_iter().flatten().filter(|path| path.is_dir()).collect();
    tokenizer::find(&places).ok_or_else(|| {
        Failure::Command(format!(
            "the prompt starts from a text, and the tokenizer `{named}` is no folder with a tokenizer.json: give --tokenizer \
             FILE"
        ))
    })
}

/// The tensors of the source, which PEFT looks for from the working directory.
fn source(path: &str, args: &Args) -> Result<AdapterTensors> {
    let folder = args.config.parent().unwrap_or(Path::new(""));
    let Some(found) = find_source(path, Path::new(""), folder)? else {
        let config = args.config.display();
        return Err(Failure::Command(format!(
            "{config}: the source `{path}` is neither below the working directory, where PEFT looks for it, nor beside the \
             config"
        )));
    };
    // Weights of either name beside those that are written are no longer the ones that PEFT reads.
    for name in adapter_files::WEIGHTS_NAMES {
        output::refuse_same(&found.path, &args.output.join(name))?;
    }
    Ok(AdapterTensors::read(&adapter::open_checkpoint(&found.path)?)?)
}
