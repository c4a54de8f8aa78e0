//! What keeps the crate from doing its work: files it cannot read and limits. A mistake in a config is a diagnostic instead.

#[cfg(feature = "checkpoint")]
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why a file was not looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {}", Name(path), Reason(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file has more bytes than the limit allows.
    #[error("{}: {} than the limit of {limit}", Name(path), Size(*actual))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes; `None` when it was a stream, of which no more than the limit was read.
        actual: Option<u64>,
        /// The most bytes that are read.
        limit: u64,
    },
    /// The path leads to something else than a file.
    #[error("{}: this is {kind}, not a file", Name(path))]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, with an article: `a named pipe`.
        kind: &'static str,
    },
    /// A symbolic link to a file that does not exist.
    #[error("{}: this link leads nowhere", Name(path))]
    BrokenLink {
        /// The link.
        path: PathBuf,
    },
    /// A file that was to be made is already there.
    #[error("{}: this file is already there", Name(path))]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder holds no adapter config.
    #[error("{}: no adapter_config.json, .yaml, .yml or .toml in this folder", Name(path))]
    NothingFound {
        /// The folder.
        path: PathBuf,
    },
}

#[cfg(feature = "checkpoint")]
impl Error {
    /// That a path leads to something of this type, which is not a file.
    pub(crate) fn not_a_file(path: &Path, file_type: FileType) -> Self {
        Self::NotAFile { path: path.to_owned(), kind: kind(file_type) }
    }
}

/// What something is that is not a file, with an article.
#[cfg(feature = "checkpoint")]
pub(crate) fn kind(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "a named pipe";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            return "a device";
        }
    }
    if file_type.is_dir() { "a folder" } else { "something special" }
}

/// A path for a message: control characters, which a file name may hold, are escaped.
struct Name<'a>(&'a Path);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_string_lossy().chars().try_for_each(|character| {
            if character.is_control() { write!(f, "{}", character.escape_default()) } else { write!(f, "{character}") }
        })
    }
}

/// The commonest IO errors in plain words, without the number.
struct Reason<'a>(&'a io::Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            io::ErrorKind::NotFound => f.write_str("no such file or folder"),
            io::ErrorKind::PermissionDenied => f.write_str("permission denied"),
            _ => self.0.fmt(f),
        }
    }
}

/// How far a size is above the limit, as far as that is known.
struct Size(Option<u64>);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, "{bytes} bytes, more"),
            None => f.write_str("more bytes"),
        }
    }
}
