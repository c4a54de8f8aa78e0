//! A checkpoint that stays open, so that values can be read after the catalogue.

use super::{
    Budget, Catalogue, Format, findings::Findings, foreign, input::Input, safetensors, torch_legacy, torch_zip,
    zip::Member,
};
use crate::{
    diagnostic::{Diagnostic, MISNAMED_CHECKPOINT},
    error::Error,
};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::Path;

/// An open checkpoint: its catalogue, everything that is wrong with it, and the file to read values from.
pub struct Checkpoint<'a> {
    /// What it holds.
    pub catalogue: Catalogue,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    pub(super) input: Input<'a>,
    pub(super) budget: Budget,
    /// The members of a zip archive by name; of two, torch takes the first.
    pub(super) members: BTreeMap<String, Member>,
}

impl fmt::Debug for Checkpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { catalogue, diagnostics, .. } = self;
        f.debug_struct("Checkpoint")
            .field("catalogue", catalogue)
            .field("diagnostics", diagnostics)
            .finish_non_exhaustive()
    }
}

impl Checkpoint<'static> {
    /// Opens a file and reads its catalogue.
    ///
    /// # Errors
    /// Fails only where the operating system does, or where the path leads to no file.
    pub fn open(path: &Path, budget: &Budget) -> Result<Self, Error> {
        let io_error = |source| Error::Io { path: path.to_owned(), source };
        let metadata = fs::metadata(path).map_err(io_error)?;
        if !metadata.is_file() {
            return Err(Error::not_a_file(path, metadata.file_type()));
        }
        Self::from_reader(File::open(path).map_err(io_error)?, path, budget)
    }
}

impl<'a> Checkpoint<'a> {
    /// Reads the catalogue of an open file; the ending of `path` tells what PEFT would take the file for.
    ///
    /// # Errors
    /// Fails only where reading does.
    pub fn from_reader(file: impl Read + Seek + 'a, path: &Path, budget: &Budget) -> Result<Self, Error> {
        let input = Input::new(file, path)?;
        // As `str.endswith` does: nothing need stand before the dot, and case counts.
        let is_named_safetensors =
            path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b".safetensors"));
        let mut findings = Findings::default();
        let mut members = Vec::new();
        let catalogue = match foreign::kind(&input, is_named_safetensors, budget)? {
            foreign::Kind::Safetensors => safetensors::read(&input, budget, &mut findings)?,
            foreign::Kind::TorchZip => {
                let catalogue;
                (catalogue, members) = torch_zip::read(&input, budget, &mut findings)?;
                catalogue
            }
            foreign::Kind::TorchLegacy => torch_legacy::read(&input, budget, &mut findings)?,
            foreign::Kind::BarePickle => {
                foreign::bare_pickle(&input, budget, &mut findings)?;
                Catalogue::unread(Format::Other)
            }
            foreign::Kind::Other(finding) => {
                findings.add(*finding);
                Catalogue::unread(Format::Other)
            }
        };
        tell_misnamed(catalogue.format, is_named_safetensors, &mut findings);
        let members = members.into_iter().rev().map(|member| (member.name.clone(), member)).collect();
        Ok(Self { catalogue, diagnostics: findings.into_diagnostics(), input, budget: *budget, members })
    }

    /// The catalogue and what is wrong, without the file.
    #[must_use]
    pub fn into_parts(self) -> (Catalogue, Vec<Diagnostic>) {
        (self.catalogue, self.diagnostics)
    }
}

/// PEFT chooses the reader by the name of the file.
fn tell_misnamed(format: Format, is_named_safetensors: bool, findings: &mut Findings) {
    let (is, note) = match (format, is_named_safetensors) {
        (Format::Safetensors, false) => (
            "a safetensors file, but its name does not say so",
            "PEFT reads it as one if its name ends in `.safetensors`",
        ),
        (Format::TorchZip | Format::TorchLegacy, true) => (
            "a torch checkpoint, but its name ends in `.safetensors`",
            "PEFT reads it as one if its name ends otherwise, in `.bin` as a rule",
        ),
        _ => return,
    };
    findings.add(Diagnostic::new(&MISNAMED_CHECKPOINT, format!("the file is {is}")).note(note));
}
