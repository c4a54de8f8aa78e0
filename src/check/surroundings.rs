//! What lies around a config: the weights beside it, the checkpoint it starts from, the base model.

use super::{
    Report,
    adapter_files::{WEIGHTS_NAMES, is_config},
    base_model::{self, BaseModel},
    beside::Beside,
    known::KnownConfig,
    source, tokenizer, weights,
};
use crate::{
    checkpoint::{Budget, Catalogue, Checkpoint},
    diagnostic::{BASE_MODEL_MISMATCH, Diagnostic, Severity, WEIGHTS_NOT_FOUND},
    document::{Limits, Node},
    error::Error,
    layout::Sizes,
    rule::Evidence,
};
use std::path::{Path, PathBuf};

/// Where to look beside a config, and how closely.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Where PEFT will be started: paths in a config count from here. Empty, it is where this process was started.
    pub working_directory: PathBuf,
    /// Whether to look at the weights beside a config, if it is called like one that has some.
    pub weights: bool,
    /// The base model's folder or `config.json`; without it, `base_model_name_or_path` if that is a folder here.
    pub base_model: Option<PathBuf>,
    /// Whether files that a config names must be there.
    pub require_files: bool,
    /// Whether to look at every value of the weights, not only at their headers.
    pub values: bool,
    /// What reading a checkpoint may cost.
    pub budget: Budget,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            working_directory: PathBuf::new(),
            weights: true,
            base_model: None,
            require_files: false,
            values: false,
            budget: Budget::default(),
        }
    }
}

impl Surroundings {
    /// The finding about a file that is not there, as serious as it was asked for.
    pub(super) fn missing(&self, finding: Diagnostic) -> Diagnostic {
        let severity = if self.require_files { Severity::Error } else { finding.severity };
        Diagnostic { severity, ..finding }
    }
}

/// A config and the weights beside it, checked together.
#[derive(Debug)]
#[non_exhaustive]
pub struct AdapterReport {
    /// What was found about the config.
    pub config: Report,
    /// What was found about the files beside it, in the order in which PEFT looks for them; links that lead nowhere come last. The
    /// one that PEFT takes says so, unless that could not be read here.
    pub weights: Vec<WeightsReport>,
    /// The sizes of the adapter's tensors, as far as config, base model and tensors tell.
    pub sizes: Sizes,
    /// What is there, should have been looked at, and could not be read; the check went on without.
    pub unreadable: Vec<Error>,
}

/// What was found about a file with tensors.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WeightsReport {
    /// The file.
    pub path: PathBuf,
    /// The findings, which have no places; the text is empty.
    pub report: Report,
    /// The tensors.
    pub catalogue: Catalogue,
    /// Whether PEFT takes the file: not one that lies beside another which it takes, and no link that leads nowhere.
    pub is_used: bool,
}

impl WeightsReport {
    /// Reads the tensors of a file without a config; looks at their values, too, if the surroundings ask for it.
    ///
    /// # Errors
    /// The operating system refuses, or the path leads to no file.
    pub fn read(path: &Path, surroundings: &Surroundings) -> Result<Self, Error> {
        let mut weights = Self::read_beside_config(path, surroundings)?;
        weights.report.diagnostics.extend(weights::empty_tensors_of_any_method(&weights.catalogue));
        Ok(Self { is_used: true, ..weights })
    }

    /// As [`read`](Self::read), but what the config has to say of the tensors is left to it, and whether the file is used to what
    /// else lies there.
    pub(super) fn read_beside_config(path: &Path, surroundings: &Surroundings) -> Result<Self, Error> {
        let checkpoint = Checkpoint::open(path, &surroundings.budget)?;
        let of_values = if surroundings.values { checkpoint.scan_all()?.1 } else { Vec::new() };
        let (catalogue, mut diagnostics) = checkpoint.into_parts();
        diagnostics.extend(of_values);
        let report = Report::of_binary(&path.to_string_lossy(), diagnostics);
        Ok(Self { path: path.to_owned(), report, catalogue, is_used: false })
    }
}

/// What the surroundings of a config have to say of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What was read, and so settles what the config alone leaves open.
    pub(super) evidence: Vec<Evidence>,
}

/// The surroundings of one config.
pub(super) struct Around<'a> {
    folder: PathBuf,
    surroundings: &'a Surroundings,
    limits: Limits,
    has_weights: bool,
    pub(super) beside: Beside,
    pub(super) sizes: Sizes,
    /// What kept from looking; the check goes on without.
    pub(super) unreadable: Vec<Error>,
}

impl<'a> Around<'a> {
    /// Reads the weights beside a config.
    pub(super) fn new(path: &Path, limits: Limits, surroundings: &'a Surroundings) -> Self {
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let has_weights = surroundings.weights && is_config(path);
        let mut unreadable = Vec::new();
        let beside = if has_weights { Beside::read(&folder, surroundings, &mut unreadable) } else { Beside::default() };
        Self { folder, surroundings, limits, has_weights, beside, sizes: Sizes::default(), unreadable }
    }

    /// Looks at everything that the config speaks of.
    pub(super) fn look(&mut self, config: &KnownConfig<'_>) -> Found {
        let mut found = Found::default();
        let layout = config.method.layout();
        self.sizes = Sizes::of_config(layout, config.fields, |field| config.is_sound(field));
        self.look_at_base_model(config, &mut found);
        self.look_at_source(config, &mut found);
        found.diagnostics.extend(tokenizer::check(config, self.surroundings));
        self.look_at_weights(config, &mut found);
        found
    }

    /// What could be read; the rest is kept.
    fn read<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.unreadable.push(error)).ok()
    }

    fn look_at_base_model(&mut self, config: &KnownConfig<'_>, found: &mut Found) {
        let model = self.base_model(config, &mut found.diagnostics);
        let Some(model) = self.read(model).flatten() else { return };
        found.evidence.push(Evidence::BaseModel);
        let asked = self.surroundings.base_model.is_some();
        found.diagnostics.extend(base_model::check(&model, config).into_iter().map(|finding| Diagnostic {
            severity: if asked && finding.code == BASE_MODEL_MISMATCH.code {
                Severity::Error
            } else {
                finding.severity
            },
            ..finding
        }));
        let layout = config.method.layout();
        let resolved = model.resolved(layout, config.fields);
        self.sizes = self.sizes.with_base_model(resolved, |field| model.replaces(layout, field));
    }

    fn look_at_source(&mut self, config: &KnownConfig<'_>, found: &mut Found) {
        let source = source::check(config, &self.sizes, self.surroundings, &self.folder, &mut found.diagnostics);
        if self.read(source).unwrap_or_default() {
            found.evidence.push(Evidence::Source);
        }
    }

    fn look_at_weights(&mut self, config: &KnownConfig<'_>, found: &mut Found) {
        if let Some(used) = self.beside.used() {
            found.evidence.push(Evidence::Weights);
            let compared = weights::check(config, &self.sizes, used, self.surroundings.budget.matching);
            found.diagnostics.extend(compared.of_config);
            used.report.diagnostics.extend(compared.of_weights);
            self.sizes = compared.sizes;
        } else if self.has_weights
            && self.beside.is_empty
            && config.fields.get("inference_mode").is_some_and(Node::is_truthy)
        {
            found.diagnostics.push(self.no_weights(config));
        }
    }

    fn no_weights(&self, config: &KnownConfig<'_>) -> Diagnostic {
        let message = format!("this is a trained adapter, but no {} lies beside it", WEIGHTS_NAMES.join(" or "));
        let finding = Diagnostic::new(&WEIGHTS_NOT_FOUND, message)
            .pointer("/inference_mode")
            .note("PEFT looks for the weights on the Hub, under the path of this folder, and stops");
        let finding = match config.fields.member("inference_mode") {
            Some(member) => finding.label(member.value.span, "a trained adapter"),
            None => finding,
        };
        self.surroundings.missing(finding)
    }

    /// The base model, if its config is at hand.
    fn base_model(
        &self,
        config: &KnownConfig<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<BaseModel>, Error> {
        let named = || {
            let name = config.fields.get("base_model_name_or_path")?.as_str()?;
            base_model::local(name, &self.surroundings.working_directory)
        };
        let Some(path) = self.surroundings.base_model.clone().or_else(named) else { return Ok(None) };
        match BaseModel::read(&path, &self.limits)? {
            Ok(model) => Ok(Some(model)),
            Err(finding) => {
                diagnostics.push(match config.fields.member("base_model_name_or_path").or(config.anchor()) {
                    Some(member) => finding.label(member.value.span, "the base model"),
                    None => finding,
                });
                Ok(None)
            }
        }
    }
}
