//! `peftspec new`: a config to begin with.

use super::{
    Exit, Streams,
    failure::{Failure, Result},
    output::{Overwrite, tell_written, write},
    schema::method_parser,
};
use crate::{Method, PeftType, Syntax, check::adapter_files, template};
use clap::ValueEnum;
use std::{io, path::PathBuf};

/// What the name of a config ends in.
const ENDINGS: [&str; 4] = [".json", ".yaml", ".yml", ".toml"];

/// Write a config to begin with: the fields that people set, with comments in YAML and TOML.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The method, by its `peft_type`
    #[arg(value_parser = method_parser(), ignore_case = true)]
    method: PeftType,
    /// The file to write; its ending tells the format
    #[arg(default_value = adapter_files::CONFIG)]
    path: PathBuf,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// A config to begin with, of one method.
#[derive(Debug, clap::Args)]
pub(super) struct Template {
    /// The method, by its `peft_type`
    #[arg(value_parser = method_parser(), ignore_case = true)]
    method: PeftType,
    /// The format; YAML and TOML have comments
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,
}

/// The format of a config.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Yaml,
    Json,
    Toml,
}

impl From<Format> for Syntax {
    fn from(format: Format) -> Self {
        match format {
            Format::Yaml => Self::Yaml,
            Format::Json => Self::Json,
            Format::Toml => Self::Toml,
        }
    }
}

impl Template {
    /// Prints it on standard output.
    pub(super) fn print(&self, streams: &mut Streams<'_>) -> io::Result<Exit> {
        if let Some(method) = Method::find(self.method) {
            write!(streams.out, "{}", template(method, self.format.into()))?;
        }
        Ok(Exit::Clean)
    }
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    match written(args) {
        Ok(()) => tell_written(std::slice::from_ref(&args.path), streams).map(|()| Exit::Clean),
        Err(failure) => failure.tell(false, streams),
    }
}

fn written(args: &Args) -> Result<()> {
    let name = args.path.file_name().unwrap_or_default().to_string_lossy();
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        let path = args.path.display();
        return Err(Failure::Command(format!("`{path}` must end in one of {}", ENDINGS.join(", "))));
    }
    let text =
        Method::find(args.method).map(|method| template(method, Syntax::of_file_name(&name))).unwrap_or_default();
    write(&[(args.path.clone(), text.as_bytes())], args.overwrite)
}
