//! The tensors of a checkpoint, read from its headers alone: names, types, shapes, and where the bytes lie; their values only
//! when asked for.
//!
//! [`read`] and [`Checkpoint::open`] look at safetensors files, at torch's zip format and at torch's old format. What is wrong
//! with a file is a [`Diagnostic`]; no pickle is ever executed: an own machine walks through it and knows only what torch's
//! `weights_only` reader knows.

#[cfg(feature = "check")]
pub(crate) mod compare;
mod dtype;
mod findings;
mod foreign;
mod input;
#[cfg(feature = "check")]
pub(crate) mod modules;
mod opened;
mod pickle;
mod safetensors;
pub(crate) mod scan;
mod scan_all;
mod state_dict;
mod torch_legacy;
mod torch_zip;
mod values;
mod writer;
mod zip;

pub use crate::limits::Budget;
pub use dtype::{Dtype, DtypeKind};
pub use opened::Checkpoint;
pub use scan::Scan;
pub use values::ValuesError;
pub use writer::{StoredTensor, WriteError, to_safetensors};

use crate::{diagnostic::Diagnostic, error::Error};
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
    /// Whether these are all of its tensors. Where reading stopped early, or a tensor could not be made sense of, nothing can be
    /// said of those that are not listed.
    pub is_complete: bool,
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The catalogue of a file of which nothing has been read yet.
    pub(crate) fn unread(format: Format) -> Self {
        Self { format, tensors: Vec::new(), metadata: Vec::new(), is_complete: false }
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
    Checkpoint::open(path, budget).map(Checkpoint::into_parts)
}

/// Reads the catalogue of an open file; the ending of `path` tells what PEFT would take the file for.
///
/// # Errors
/// Fails only where reading does.
pub fn read_from(file: impl Read + Seek, path: &Path, budget: &Budget) -> Result<(Catalogue, Vec<Diagnostic>), Error> {
    Checkpoint::from_reader(file, path, budget).map(Checkpoint::into_parts)
}

/// The names that headers and pickles of sound checkpoints are made of.
#[cfg(feature = "fuzzing")]
pub(crate) fn known_names() -> impl Iterator<Item = &'static str> {
    let of_headers = ["__metadata__", "format", "pt", "dtype", "shape", "data_offsets"];
    let of_archives =
        ["archive/data.pkl", "version", "byteorder", "data/0", "PK\u{3}\u{4}", "PK\u{1}\u{2}", "PK\u{5}\u{6}"];
    let names = of_headers.into_iter().chain(of_archives);
    names.chain(Dtype::SAFETENSORS.iter().copied()).chain(pickle::known_classes())
}
