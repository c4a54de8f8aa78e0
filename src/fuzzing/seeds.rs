//! Inputs to start from, made of the recorded corpus: configs in every syntax, and checkpoints of every kind.

use super::{Input, adapters};
use crate::{
    document::{Kind, Limits, Node, Syntax, parse},
    source::Source,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The longest seed; what is longer teaches a fuzzer little and slows it down.
const LONGEST: u64 = 32 << 10;

/// An input and a name for its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// What its file may be called.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// The seeds of an input from `corpus`, the folder `tests/corpus` of the repository; in the same order always.
///
/// # Errors
/// A file cannot be read.
pub fn seeds(input: Input, corpus: &Path) -> io::Result<Vec<Seed>> {
    match input {
        Input::Json => configs(corpus, |text, _| Some(text.to_owned())),
        Input::Yaml => configs(corpus, |_, root| serde_yaml::to_string(root).ok()),
        Input::Toml => configs(corpus, |_, root| {
            let mut root = root.clone();
            crate::document::drop_nulls(&mut root);
            toml::to_string(&root).ok()
        }),
        Input::Choices => Ok((0..64).map(choices).collect()),
        Input::Safetensors => checkpoints(corpus, "safetensors"),
        Input::Header => Ok(checkpoints(corpus, "safetensors")?.into_iter().filter_map(header).collect()),
        Input::Torch => checkpoints(corpus, "bin"),
        Input::Pickle => Ok(checkpoints(corpus, "bin")?.into_iter().filter_map(pickle).collect()),
        Input::Adapter => adapters(corpus),
    }
}

/// The recorded configs that are objects, in some syntax.
fn configs(corpus: &Path, text_in: impl Fn(&str, &Node) -> Option<String>) -> io::Result<Vec<Seed>> {
    let recorded = fs::read_to_string(corpus.join("configs.jsonl"))?;
    let mut seeds = Vec::new();
    for (number, line) in recorded.lines().enumerate() {
        let Some(root) = tree(line) else { continue };
        let config = root.as_object().and_then(|case| case.get("config"));
        let Some(config) = config.filter(|config| matches!(config.kind, Kind::Object(_))) else { continue };
        let text = line.get(config.span.start..config.span.end).unwrap_or_default();
        let bytes = text_in(text, config).map(String::into_bytes);
        seeds.extend(bytes.map(|bytes| Seed { name: format!("config-{number:04}"), bytes }));
    }
    Ok(seeds)
}

fn tree(text: &str) -> Option<Node> {
    parse(Source::new("seed", text), Syntax::Json, &Limits::default()).0.root
}

/// Bytes that choose differently from one another.
fn choices(number: u8) -> Seed {
    let bytes =
        (0..160_u32).map(|at| number.wrapping_mul(37).wrapping_add((at.wrapping_mul(at) % 251) as u8)).collect();
    Seed { name: format!("choices-{number:02}"), bytes }
}

/// The recorded checkpoints whose names end so.
fn checkpoints(corpus: &Path, ending: &str) -> io::Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for path in files(&corpus.join("checkpoints"))? {
        if path.extension().is_some_and(|own| own == ending) && fs::metadata(&path)?.len() <= LONGEST {
            let parts = path.iter().rev().skip(1).take(2).map(|part| part.to_string_lossy()).collect::<Vec<_>>();
            seeds.push(Seed { name: parts.join("-"), bytes: fs::read(&path)? });
        }
    }
    Ok(seeds)
}

/// The files below a folder, in order.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// The header of a safetensors file.
fn header(Seed { name, bytes }: Seed) -> Option<Seed> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    Some(Seed { name, bytes: rest.get(..length)?.to_vec() })
}

/// The pickle of a torch file: the first member of an archive, or the old format as it is.
fn pickle(Seed { name, bytes }: Seed) -> Option<Seed> {
    let start = bytes.windows(2).position(|window| window == [0x80, 2])?;
    let end = bytes.windows(4).skip(start).position(|window| window == b"PK\x07\x08" || window == b"PK\x03\x04");
    let end = end.map_or(bytes.len(), |end| start.saturating_add(end));
    Some(Seed { name, bytes: bytes.get(start..end)?.to_vec() })
}

/// The recorded adapters: each config with the weights beside it.
fn adapters(corpus: &Path) -> io::Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for ending in ["safetensors", "bin"] {
        for path in files(&corpus.join("checkpoints"))? {
            let config = path.with_file_name("adapter_config.json");
            let is_meant = path.extension().is_some_and(|own| own == ending) && config.is_file();
            if is_meant && fs::metadata(&path)?.len() <= LONGEST {
                let parts = path.iter().rev().skip(1).take(2).map(|part| part.to_string_lossy()).collect::<Vec<_>>();
                let bytes = adapters::joined(&fs::read(&config)?, &fs::read(&path)?);
                seeds.push(Seed { name: format!("{}-{ending}", parts.join("-")), bytes });
            }
        }
    }
    Ok(seeds)
}
