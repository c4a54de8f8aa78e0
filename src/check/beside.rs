//! The files with tensors beside a config: what lies there under the names that PEFT looks for, and which one it takes.

use super::{
    Report,
    adapter_files::WEIGHTS_NAMES,
    surroundings::{Surroundings, WeightsReport},
    weights,
};
use crate::{
    checkpoint::{Catalogue, Format},
    diagnostic::{Diagnostic, NOT_A_CHECKPOINT},
    error::{self, Error},
};
use std::{fs, io, path::Path};

/// What lies beside a config.
#[derive(Debug)]
pub(super) struct Beside {
    /// What was found about all that could be looked at, in the order in which PEFT looks.
    pub(super) reports: Vec<WeightsReport>,
    /// Whether nothing has such a name.
    pub(super) is_empty: bool,
}

impl Default for Beside {
    fn default() -> Self {
        Self { reports: Vec::new(), is_empty: true }
    }
}

impl Beside {
    /// Looks at what the folder has under the names of weights. PEFT takes the first that exists (`os.path.exists`), whatever
    /// it is.
    pub(super) fn read(folder: &Path, surroundings: &Surroundings, unreadable: &mut Vec<Error>) -> Self {
        let mut beside = Self::default();
        let mut taken: Option<String> = None;
        let mut links = Vec::new();
        for path in WEIGHTS_NAMES.map(|name| folder.join(name)) {
            let Some(looked) = look(&path, surroundings, taken.is_none()) else { continue };
            beside.is_empty = false;
            let exists = path.exists();
            let is_taken = taken.is_none() && exists;
            match looked {
                Ok(found) if !exists => links.push(found),
                Ok(mut found) => {
                    found.is_used = is_taken;
                    found.report.diagnostics.extend(taken.as_deref().map(weights::ignored));
                    beside.reports.push(found);
                }
                Err(error) => unreadable.push(error),
            }
            if is_taken {
                taken = Some(path.to_string_lossy().into_owned());
            }
        }
        beside.reports.extend(links);
        beside
    }

    /// What PEFT takes, if it could be looked at.
    pub(super) fn used(&mut self) -> Option<&mut WeightsReport> {
        self.reports.iter_mut().find(|found| found.is_used)
    }
}

/// What a path leads to, if to anything; PEFT takes it if it is the first.
fn look(path: &Path, surroundings: &Surroundings, is_first: bool) -> Option<Result<WeightsReport, Error>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Some(WeightsReport::read_beside_config(path, surroundings)),
        Ok(metadata) => {
            let note = is_first.then_some("PEFT takes it for the weights, and cannot read it");
            Some(Ok(no_file(path, error::kind(metadata.file_type()), note)))
        }
        Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
            Some(Err(Error::Io { path: path.to_owned(), source }))
        }
        Err(_) if path.is_symlink() => {
            Some(Ok(no_file(path, "a link that leads nowhere", Some("for PEFT it is not there"))))
        }
        Err(_) => None,
    }
}

/// The report about something that is called like a file with tensors.
fn no_file(path: &Path, is: &str, note: Option<&str>) -> WeightsReport {
    let finding = Diagnostic::new(&NOT_A_CHECKPOINT, format!("this is {is}, not a file"));
    let finding = note.into_iter().fold(finding, Diagnostic::note);
    WeightsReport {
        path: path.to_owned(),
        report: Report::of_binary(&path.to_string_lossy(), vec![finding]),
        catalogue: Catalogue::unread(Format::Other),
        is_used: false,
    }
}
