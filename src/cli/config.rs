//! One config from the command line, for the commands that work on one: read, and refused where it is none.

use super::{
    Streams,
    failure::{Failure, Result},
    input,
};
use crate::check::reading;
use crate::{
    CheckOptions, Diagnostic, Kind, Limits, Object, Severity, Source, Syntax, check::adapter_files, check_bytes,
    diagnostic::UNKNOWN_PEFT_TYPE, methods::PeftType, parse,
};
use std::path::Path;

/// A config that names a method of some release.
pub(super) struct Config {
    /// What to call it in messages.
    pub(super) name: String,
    pub(super) object: Object,
    pub(super) peft_type: String,
    pub(super) peft_version: Option<String>,
    /// How many errors the newest release would find in it.
    pub(super) errors: usize,
    /// Whether the fields of its method are known.
    pub(super) is_modelled: bool,
}

/// Reads the config at a path. What is none fails with what `check` finds in it.
pub(super) fn read(path: &Path, streams: &mut Streams<'_>) -> Result<Config> {
    let limits = Limits::default();
    let (name, bytes) = bytes_of(path, limits.bytes, streams)?;
    let report = check_bytes(&name, bytes, CheckOptions { limits, ..CheckOptions::default() });
    let syntax = Syntax::of_file_name(&name);
    let source = Source::new(name.as_str(), report.source.text());
    let root = parse(source, syntax, &limits).0.root.map(|root| root.kind);
    // That the newest release lacks the method is for the caller to tell.
    let is_own = |found: &&Diagnostic| found.severity == Severity::Error && found.code != UNKNOWN_PEFT_TYPE.code;
    let errors = report.diagnostics.iter().filter(is_own).count();
    match (root, &report.peft_type) {
        (Some(Kind::Object(object)), Some(peft_type)) if PeftType::lifetime_of(peft_type).is_some() => Ok(Config {
            is_modelled: report.is_modelled() && PeftType::from_wire(peft_type).is_some(),
            name,
            object,
            peft_type: peft_type.clone(),
            peft_version: report.peft_version.clone(),
            errors,
        }),
        _ => Err(Failure::found(report)),
    }
}

fn bytes_of(path: &Path, limit: u64, streams: &mut Streams<'_>) -> Result<(String, Vec<u8>)> {
    if path == Path::new(input::STDIN) {
        let bytes = reading::read(streams.input, Path::new("standard input"), limit)?;
        return Ok((adapter_files::CONFIG.to_owned(), bytes));
    }
    // In a folder PEFT looks at this file alone.
    let in_folder = path.join(adapter_files::CONFIG);
    let path = if in_folder.is_file() { in_folder } else { path.to_owned() };
    let (files, errors) = input::find(std::slice::from_ref(&path), false);
    if let Some(error) = errors.into_iter().next() {
        return Err(error.into());
    }
    let [file] = files.as_slice() else {
        let message = format!("{}: there are {} configs in this folder; name one", path.display(), files.len());
        return Err(Failure::Command(message));
    };
    Ok((file.to_string_lossy().into_owned(), reading::read_file(file, limit)?))
}
