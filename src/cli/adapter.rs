//! Adapters and checkpoints that a command starts from, read and checked.

use super::failure::{Failure, Result};
use crate::check::reading;
use crate::{
    AdapterReport, Diagnostic, Limits, Node, Report, Severity, Source, Surroundings, Syntax,
    check::adapter_files::{WEIGHTS_NAMES, config_in, is_config},
    check_adapter,
    checkpoint::{Budget, Checkpoint},
    embedding::PromptConfig,
    parse,
};
use std::path::{Path, PathBuf};

/// A trained adapter, or its tensors alone.
pub(super) struct Adapter {
    /// The config, if the path was not that of the tensors alone.
    pub(super) config: Option<PromptConfig>,
    /// The file of the tensors.
    pub(super) weights: PathBuf,
    pub(super) checkpoint: Checkpoint<'static>,
}

/// The folder of an adapter that is named by its folder or its config; `None` for any other file.
pub(super) fn folder(path: &Path) -> Option<&Path> {
    match path.parent() {
        _ if path.is_dir() => Some(path),
        Some(folder) if is_config(path) => Some(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }),
        _ => None,
    }
}

/// Opens an adapter's folder, named itself or by its config, or a file with its tensors.
pub(super) fn open(path: &Path) -> Result<Adapter> {
    let Some(folder) = folder(path) else {
        let checkpoint = open_checkpoint(path)?;
        return Ok(Adapter { config: None, weights: path.to_owned(), checkpoint });
    };
    let named = (folder != path).then(|| path.to_owned());
    let Some(config) = named.or_else(|| config_in(folder)) else {
        return Err(crate::Error::NothingFound { path: folder.to_owned() }.into());
    };
    let (config, report) = read_config(&config, &Surroundings::default())?;
    let used = report.weights.into_iter().find(|weights| weights.is_used).ok_or_else(|| no_weights(folder))?;
    if has_errors(&used.report.diagnostics) {
        return Err(Failure::found(used.report));
    }
    Ok(Adapter { config: Some(config), checkpoint: open_checkpoint(&used.path)?, weights: used.path })
}

/// That a folder has no weights.
pub(super) fn no_weights(folder: &Path) -> Failure {
    Failure::Command(format!("{}: no {} in this folder", folder.display(), WEIGHTS_NAMES.join(" and no ")))
}

/// Opens a checkpoint that has no errors.
pub(super) fn open_checkpoint(path: &Path) -> Result<Checkpoint<'static>> {
    let mut checkpoint = Checkpoint::open(path, &Budget::default())?;
    let diagnostics = std::mem::take(&mut checkpoint.diagnostics);
    if has_errors(&diagnostics) {
        return Err(Failure::found(Report::of_binary(&path.to_string_lossy(), diagnostics)));
    }
    Ok(checkpoint)
}

/// Reads a config that has no errors, in whatever format, with what lies around it; the report holds the warnings.
pub(super) fn read_config(path: &Path, surroundings: &Surroundings) -> Result<(PromptConfig, AdapterReport)> {
    let (name, limits) = (path.to_string_lossy(), Limits::default());
    let mut report = check_adapter(path, reading::read_file(path, limits.bytes)?, &limits, surroundings);
    if let Some(error) = report.unreadable.pop() {
        return Err(error.into());
    }
    report.config.diagnostics.retain(|found| found.severity != Severity::Info);
    if has_errors(&report.config.diagnostics) {
        return Err(Failure::found(report.config));
    }
    let tree = tree(&report.config.source, &limits);
    let read = tree.as_ref().map(PromptConfig::read).transpose().map_err(|error| Failure::files(&name, error))?;
    if let Some(config) = read.flatten() {
        return Ok((config, report));
    }
    let methods = PromptConfig::METHODS.map(|method| method.to_string()).join(" and ");
    let is = report.config.peft_type.unwrap_or_default();
    Err(Failure::Command(format!("{name}: the config is for {is}; prompt embeddings are made by {methods} only")))
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|found| found.severity == Severity::Error)
}

fn tree(source: &Source, limits: &Limits) -> Option<Node> {
    parse(source.clone(), Syntax::of_file_name(source.name()), limits).0.root
}
