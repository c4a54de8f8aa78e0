//! Which files are meant by the paths on the command line, and how they are read.

use crate::{Error, check::adapter_files::is_config};
use ignore::WalkBuilder;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The path that stands for standard input.
pub(super) const STDIN: &str = "-";

/// The files that `paths` stand for, sorted and each once, with `-` first; and what cannot be looked at.
pub(super) fn find(paths: &[PathBuf], ignore_files: bool) -> (Vec<PathBuf>, Vec<Error>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if path != Path::new(STDIN) && path.is_dir() {
            walk(path, ignore_files, &mut files, &mut errors);
        } else {
            files.push(plain(path));
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(std::path::absolute(file).unwrap_or_else(|_| file.clone())));
    files.sort_by(|a, b| (a != Path::new(STDIN), a).cmp(&(b != Path::new(STDIN), b)));
    (files, errors)
}

/// Adds every config under `folder`. Links to files count as files; links to folders are not followed.
fn walk(folder: &Path, ignore_files: bool, files: &mut Vec<PathBuf>, errors: &mut Vec<Error>) {
    let before = (files.len(), errors.len());
    let walk = WalkBuilder::new(folder).standard_filters(ignore_files).build();
    for entry in walk {
        match entry {
            Ok(entry) if is_config(Path::new(entry.file_name())) && entry.depth() > 0 => {
                files.push(plain(entry.path()));
            }
            Ok(_) => {}
            Err(error) => errors.push(walk_error(folder, error)),
        }
    }
    if before == (files.len(), errors.len()) {
        errors.push(Error::NothingFound { path: folder.to_owned() });
    }
}

/// The walk's error without its decoration, which would name the path twice.
fn walk_error(folder: &Path, error: ignore::Error) -> Error {
    let path = match &error {
        ignore::Error::WithDepth { err, .. } => match err.as_ref() {
            ignore::Error::WithPath { path, .. } => path.clone(),
            _ => folder.to_owned(),
        },
        ignore::Error::WithPath { path, .. } => path.clone(),
        _ => folder.to_owned(),
    };
    let text = error.to_string();
    Error::Io { path, source: error.into_io_error().unwrap_or_else(|| io::Error::other(text)) }
}

/// Whether a file is a checkpoint by its name.
pub(super) fn is_checkpoint_name(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    matches!(ending.as_deref(), Some("safetensors" | "bin" | "pt" | "pth"))
}

/// The path without `./`, unless it would then mean standard input.
fn plain(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().filter(|component| *component != Component::CurDir).collect();
    if plain == Path::new(STDIN) { path.to_owned() } else { plain }
}

/// The bytes of a file that has no more than `limit` of them. Waits for nothing: pipes and devices are refused.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let io_error = |source| Error::Io { path: path.to_owned(), source };
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(Error::BrokenLink { path: path.to_owned() });
        }
        metadata => metadata.map_err(io_error)?,
    };
    if !metadata.is_file() {
        return Err(Error::NotAFile { path: path.to_owned(), kind: kind(metadata.file_type()) });
    }
    if metadata.len() > limit {
        return Err(Error::TooLarge { path: path.to_owned(), actual: Some(metadata.len()), limit });
    }
    read(&mut File::open(path).map_err(io_error)?, path, limit)
}

/// All bytes of a stream that has no more than `limit` of them; `name` is for the error.
pub(super) fn read(stream: &mut dyn Read, name: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    stream.take(most).read_to_end(&mut bytes).map_err(|source| Error::Io { path: name.to_owned(), source })?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        Ok(bytes)
    } else {
        Err(Error::TooLarge { path: name.to_owned(), actual: None, limit })
    }
}

/// What something is that is not a file.
fn kind(file_type: FileType) -> &'static str {
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
