//! Which files are meant by the paths on the command line, and how they are read.

use crate::{
    Error,
    check::adapter_files::{self, is_config},
};
use ignore::WalkBuilder;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

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
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    [".safetensors", ".bin", ".pt", ".pth"].iter().any(|ending| name.ends_with(ending))
}

/// The path without `./`, unless it would then mean standard input.
fn plain(path: &Path) -> PathBuf {
    let plain = adapter_files::plain(path);
    if plain == Path::new(STDIN) { path.to_owned() } else { plain }
}
