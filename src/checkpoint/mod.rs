//! The tensors of a checkpoint, read from its headers alone: names, types, shapes, and where the bytes lie.
//!
//! [`read`] looks at safetensors files, at torch's zip format and at torch's old format. What is wrong with a file is a
//! [`Diagnostic`]; no pickle is ever executed: an own machine walks through it and knows only what torch's
//! `weights_only` reader knows.

mod budget;
#[cfg(feature = "check")]
pub(crate) mod compare;
mod dtype;
mod findings;
mod foreign;
mod input;
#[cfg(feature = "check")]
pub(crate) mod modules;
mod pickle;
mod safetensors;
mod state_dict;
mod torch_legacy;
mod torch_zip;
mod zip;

pub use budget::Budget;
#[cfg(feature = "check")]
pub use compare::Sizes;
pub use dtype::{Dtype, Kind};

use crate::{
    diagnostic::{Diagnostic, MISNAMED_CHECKPOINT},
    error::Error,
};
use findings::Findings;
use input::Input;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::Path;

/// How a checkpoint is stored, judged by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON header and the bytes of the tensors.
    Safetensors,
    /// Torch's zip archive of a pickle and storages.
    TorchZip,
    /// Torch's format before 1.6: pickles, then storages.
    TorchLegacy,
    /// Something else.
    Other,
}

impl Format {
    /// The name in machine-readable output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::TorchZip => "torch-zip",
            Self::TorchLegacy => "torch-legacy",
            Self::Other => "other",
        }
    }
}

/// What a checkpoint holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// How it is stored.
    pub format: Format,
    /// Its tensors, in the order of the file.
    pub tensors: Vec<Tensor>,
    /// The metadata of a safetensors header, in its order.
    pub metadata: Vec<(String, String)>,
}

/// A tensor of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub dtype: Dtype,
    /// Its dimensions.
    pub shape: Vec<u64>,
    /// Where its elements lie; `None` where the file does not hold them.
    pub place: Option<Place>,
}

/// Where the elements of a tensor lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The zip member that holds them, if it is a zip.
    pub member: Option<String>,
    /// The first byte of the tensor: counted from the start of the file, or of the member once it is unpacked.
    pub offset: u64,
    /// How many bytes from there to the end of its last element.
    pub bytes: u64,
    /// Steps between elements in each dimension, counted in elements; `None` where they lie one after another.
    pub strides: Option<Vec<u64>>,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl Catalogue {
    fn empty(format: Format) -> Self {
        Self { format, tensors: Vec::new(), metadata: Vec::new() }
    }

    /// The tensor of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// Reads the catalogue of a file, with everything that is wrong with the file.
///
/// # Errors
/// Fails only where the operating system does, or where the path leads to no file.
pub fn read(path: &Path, budget: &Budget) -> Result<(Catalogue, Vec<Diagnostic>), Error> {
    let io_error = |source| Error::Io { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(io_error)?;
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "a folder" } else { "something special" };
        return Err(Error::NotAFile { path: path.to_owned(), kind });
    }
    read_from(File::open(path).map_err(io_error)?, path, budget)
}

/// Reads the catalogue of an open file; the ending of `path` tells what PEFT would take the file for.
///
/// # Errors
/// Fails only where reading does.
pub fn read_from(
    mut file: impl Read + Seek,
    path: &Path,
    budget: &Budget,
) -> Result<(Catalogue, Vec<Diagnostic>), Error> {
    let input = Input::new(&mut file, path)?;
    let is_named_safetensors = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors"));
    let mut findings = Findings::default();
    let kind = foreign::kind(&input, is_named_safetensors, budget)?;
    let catalogue = match kind {
        foreign::Kind::Safetensors => safetensors::read(&input, budget, &mut findings)?,
        foreign::Kind::TorchZip => torch_zip::read(&input, budget, &mut findings)?,
        foreign::Kind::TorchLegacy => torch_legacy::read(&input, budget, &mut findings)?,
        foreign::Kind::BarePickle => {
            foreign::bare_pickle(&input, budget, &mut findings)?;
            Catalogue::empty(Format::Other)
        }
        foreign::Kind::Other(finding) => {
            findings.add(*finding);
            Catalogue::empty(Format::Other)
        }
    };
    tell_misnamed(catalogue.format, is_named_safetensors, &mut findings);
    Ok((catalogue, findings.into_diagnostics()))
}

/// PEFT chooses the reader by the name of the file.
fn tell_misnamed(format: Format, is_named_safetensors: bool, findings: &mut Findings) {
    let (is, note) = match (format, is_named_safetensors) {
        (Format::Safetensors, false) => {
            ("a safetensors file, but its name does not say so", "its name should end in `.safetensors`")
        }
        (Format::TorchZip | Format::TorchLegacy, true) => (
            "a torch checkpoint, but its name ends in `.safetensors`",
            "PEFT reads it under the name `adapter_model.bin`",
        ),
        _ => return,
    };
    findings.add(Diagnostic::new(&MISNAMED_CHECKPOINT, format!("the file is {is}")).note(note));
}
