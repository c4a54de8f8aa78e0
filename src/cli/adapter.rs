//! Adapters and checkpoints that a command starts from, read and checked.

use super::{
    failure::{Failure, Result},
    input,
};
use crate::{
    Limits, Node, Report, Severity, Source, Syntax,
    check::{CONFIG_NAMES, WEIGHTS_NAMES},
    check_bytes,
    checkpoint::{Budget, Checkpoint},
    embedding::PromptConfig,
    parse,
};
use std::path::{Path, PathBuf};

/// A trained adapter, or its tensors alone.
pub(super) struct Adapter {
    /// The config, if the path was a folder.
    pub(super) config: Option<PromptConfig>,
    /// The file of the tensors.
    pub(super) weights: PathBuf,
    pub(super) checkpoint: Checkpoint<'static>,
}

/// Opens an adapter's folder, or a file with its tensors.
pub(super) fn open(path: &Path) -> Result<Adapter> {
    if !path.is_dir() {
        let checkpoint = open_checkpoint(path)?;
        return Ok(Adapter { config: None, weights: path.to_owned(), checkpoint });
    }
    let named = |names: &[&str]| names.iter().map(|name| path.join(name)).find(|path| path.is_file());
    let Some(config) = named(&CONFIG_NAMES) else {
        return Err(crate::Error::NothingFound { path: path.to_owned() }.into());
    };
    let Some(weights) = named(&WEIGHTS_NAMES) else {
        let names = WEIGHTS_NAMES.join(" and no ");
        return Err(Failure::Command(format!("{}: no {names} in this folder", path.display())));
    };
    let (config, _) = read_config(&config)?;
    Ok(Adapter { config: Some(config), checkpoint: open_checkpoint(&weights)?, weights })
}

/// Opens a checkpoint that has no errors.
pub(super) fn open_checkpoint(path: &Path) -> Result<Checkpoint<'static>> {
    let mut checkpoint = Checkpoint::open(path, &Budget::default())?;
    let diagnostics = std::mem::take(&mut checkpoint.diagnostics);
    if diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Err(Failure::found(&path.to_string_lossy(), shown(diagnostics)));
    }
    Ok(checkpoint)
}

/// Reads a config that has no errors, in whatever format; the report holds the warnings.
pub(super) fn read_config(path: &Path) -> Result<(PromptConfig, Report)> {
    let (name, limits) = (path.to_string_lossy(), Limits::default());
    let mut report = check_bytes(&name, input::read_file(path, limits.bytes)?, &limits);
    report.diagnostics = shown(report.diagnostics);
    if report.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Err(Failure::Found(Box::new(report)));
    }
    let tree = tree(&report.source, &limits);
    let read = tree.as_ref().map(PromptConfig::read).transpose().map_err(|error| Failure::files(&name, error))?;
    match read.flatten() {
        Some(config) => Ok((config, report)),
        None => {
            let [methods, is] = [
                PromptConfig::METHODS.map(|method| method.to_string()).join(" and "),
                report.peft_type.unwrap_or_default(),
            ];
            Err(Failure::Command(format!(
                "{name}: the config is for {is}; prompt embeddings are made by {methods} only"
            )))
        }
    }
}

fn tree(source: &Source, limits: &Limits) -> Option<Node> {
    parse(source.clone(), Syntax::of_file_name(source.name()), limits).0.root
}

/// Errors and warnings; remarks are what `check --pedantic` is for.
fn shown(mut diagnostics: Vec<crate::Diagnostic>) -> Vec<crate::Diagnostic> {
    diagnostics.retain(|found| found.severity != Severity::Info);
    diagnostics
}
