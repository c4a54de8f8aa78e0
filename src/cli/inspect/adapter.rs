//! Everything about an adapter that is shown, read once.

use super::{
    super::{adapter::no_weights, failure::Result, limits::LimitArgs},
    tasks::Tasks,
};
use crate::check::reading;
use crate::{
    METHODS, Method, Report, Severity, Surroundings, WeightsReport,
    check::adapter_files::{config_in, is_config, weights_in},
    check_adapter,
    checkpoint::{Catalogue, Checkpoint, Scan},
    embedding::Dimensions,
    layout::TensorLayout,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is shown of an adapter or a checkpoint.
pub(super) struct Inspection {
    /// The config and its findings, if there is one.
    pub(super) config: Option<Report>,
    /// The file of the config, if there is one, and that of the tensors.
    pub(super) files: (Option<PathBuf>, PathBuf),
    /// The findings about the tensors.
    pub(super) weights: Report,
    pub(super) catalogue: Catalogue,
    /// The method, as the config says or as the tensors tell.
    pub(super) method: Option<&'static Method>,
    /// The fields of the config that decide shapes, in alphabetical order.
    pub(super) dimensions: BTreeMap<String, u64>,
    /// What the values of each tensor are like, if that was asked.
    pub(super) scans: Option<Vec<Option<Scan>>>,
    /// The tasks of a multitask prompt.
    pub(super) tasks: Option<Tasks>,
}

impl Inspection {
    /// The findings by file, the config first.
    pub(super) fn reports(&self) -> impl Iterator<Item = &Report> {
        self.config.iter().chain([&self.weights])
    }

    /// The tensors that the method declares, if it names them all and those of the file are all known.
    pub(super) fn declared(&self) -> Option<&'static [TensorLayout]> {
        let declared = self.method.map(|method| method.layout().tensors);
        declared.filter(|tensors| !tensors.is_empty() && self.catalogue.is_complete)
    }

    /// The tensors that a layout declares and the file lacks.
    pub(super) fn missing(&self, declared: &'static [TensorLayout]) -> impl Iterator<Item = &'static str> {
        declared.iter().map(|tensor| tensor.name).filter(|name| self.catalogue.get(name).is_none())
    }

    /// The tensors that a layout does not declare.
    pub(super) fn others(&self, declared: &'static [TensorLayout]) -> impl Iterator<Item = &str> {
        let names = self.catalogue.tensors.iter().map(|tensor| tensor.name.as_str());
        names.filter(|name| declared.iter().all(|tensor| tensor.name != *name))
    }

    /// How many numbers there are in all tensors.
    pub(super) fn parameters(&self) -> u128 {
        self.catalogue.tensors.iter().map(|tensor| elements(&tensor.shape)).fold(0, u128::saturating_add)
    }

    /// How many bytes they take in the file; of tensors that share theirs, each counts.
    pub(super) fn bytes(&self) -> u64 {
        let sizes = self.catalogue.tensors.iter().filter_map(|tensor| tensor.dtype.bytes_of(&tensor.shape));
        sizes.fold(0, u64::saturating_add)
    }
}

/// The number of elements of a shape.
pub(super) fn elements(shape: &[u64]) -> u128 {
    shape.iter().fold(1, |product, size| product.saturating_mul(u128::from(*size)))
}

/// Reads what the path leads to.
pub(super) fn read(path: &Path, values: bool, limits: &LimitArgs) -> Result<Inspection> {
    let mut inspection = if path.is_dir() {
        match (config_in(path), weights_in(path)) {
            (Some(config), _) => of_adapter(&config, limits)?,
            (None, Some(weights)) => of_checkpoint(&weights, limits)?,
            (None, None) => return Err(no_weights(path)),
        }
    } else if is_config(path) {
        of_adapter(path, limits)?
    } else {
        of_checkpoint(path, limits)?
    };
    inspection.look_into_values(values, limits)?;
    for report in inspection.config.iter_mut().chain([&mut inspection.weights]) {
        report.diagnostics.retain(|found| found.severity != Severity::Info);
    }
    Ok(inspection)
}

fn surroundings(limits: &LimitArgs) -> Surroundings {
    Surroundings { budget: limits.budget(), ..Surroundings::default() }
}

/// A config and the weights beside it, checked together.
fn of_adapter(config: &Path, limits: &LimitArgs) -> Result<Inspection> {
    let bytes = reading::read_file(config, limits.limits().bytes)?;
    let mut adapter = check_adapter(config, bytes, &limits.limits(), &surroundings(limits));
    if let Some(error) = adapter.unreadable.pop() {
        return Err(error.into());
    }
    // What PEFT takes or, if it takes nothing, what lies in its place.
    let shown = adapter.weights.into_iter().min_by_key(|weights| !weights.is_used);
    let Some(WeightsReport { path, report, catalogue, .. }) = shown else {
        return Err(no_weights(config.parent().unwrap_or(Path::new("."))));
    };
    let named = adapter.config.peft_type.as_deref();
    let method = METHODS.iter().copied().find(|method| named == Some(method.peft_type.as_str()));
    let dimensions = adapter.sizes.iter().map(|(field, size)| (field.to_owned(), size)).collect();
    Ok(Inspection {
        config: Some(adapter.config),
        files: (Some(config.to_owned()), path),
        weights: report,
        catalogue,
        method,
        dimensions,
        scans: None,
        tasks: None,
    })
}

/// A file with tensors, without what a config would tell.
fn of_checkpoint(path: &Path, limits: &LimitArgs) -> Result<Inspection> {
    let WeightsReport { path, report, catalogue, .. } = WeightsReport::read(path, &surroundings(limits))?;
    let method = method_of(&catalogue);
    let dimensions = method.map(|method| dimensions(method, &catalogue)).unwrap_or_default();
    let files = (None, path);
    Ok(Inspection { config: None, files, weights: report, catalogue, method, dimensions, scans: None, tasks: None })
}

/// The method all of whose tensors are there; of several, the one with the most.
fn method_of(catalogue: &Catalogue) -> Option<&'static Method> {
    let fits = |method: &&'static Method| {
        let tensors = method.layout().tensors;
        !tensors.is_empty() && tensors.iter().all(|tensor| catalogue.get(tensor.name).is_some())
    };
    METHODS.iter().copied().filter(fits).max_by_key(|method| method.layout().tensors.len())
}

/// The sizes that the tensors tell; where only a product of fields is known, it stands under both.
fn dimensions(method: &Method, catalogue: &Catalogue) -> BTreeMap<String, u64> {
    let mut dimensions = BTreeMap::new();
    for layout in method.layout().tensors {
        let shape = catalogue.get(layout.name).map(|tensor| tensor.shape.as_slice()).unwrap_or_default();
        if shape.len() == layout.axes.len() {
            for (axis, size) in layout.axes.iter().zip(shape) {
                dimensions.entry(axis.fields.join(" · ")).or_insert(*size);
            }
        }
    }
    dimensions
}

impl Inspection {
    /// Compares the tasks, and scans all values if that is wanted.
    fn look_into_values(&mut self, scan: bool, limits: &LimitArgs) -> Result<()> {
        let dimensions = Dimensions::of_catalogue(&self.catalogue);
        if !scan && dimensions.is_none() {
            return Ok(());
        }
        let checkpoint = Checkpoint::open(&self.files.1, &limits.budget())?;
        self.tasks = dimensions.map(|dimensions| Tasks::compare(&dimensions, &checkpoint));
        if scan {
            let (scans, findings) = checkpoint.scan_all()?;
            self.scans = Some(scans);
            self.weights.diagnostics.extend(findings);
        }
        Ok(())
    }
}
