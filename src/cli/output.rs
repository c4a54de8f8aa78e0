//! Files that a command makes: each appears whole or not at all, and none is overwritten unasked.

use super::{
    Streams,
    failure::{Failure, Result},
};
use crate::{
    Error,
    check::adapter_files,
    checkpoint::{StoredTensor, to_safetensors},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A path for JSON, which has no bytes that are not UTF-8.
pub(super) fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Paths for JSON.
pub(super) fn paths(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| path(file)).collect()
}

/// Whether files that are already there are overwritten.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Overwrite {
    /// Overwrite files that are already there
    #[arg(long)]
    pub(super) force: bool,
    /// The option that says so, for messages.
    #[arg(skip = "--force")]
    pub(super) option: &'static str,
}

impl Overwrite {
    /// That a file is already there, and how to overwrite it.
    fn refusal(self, path: &Path) -> Failure {
        Failure::Command(format!("{}; {} overwrites it", Error::Exists { path: path.to_owned() }, self.option))
    }
}

/// Refuses to write over what the output is made of, asked or not.
pub(super) fn refuse_same(from: &Path, to: &Path) -> Result<()> {
    let (Ok(real_from), Ok(real_to)) = (from.canonicalize(), to.canonicalize()) else { return Ok(()) };
    if real_from != real_to {
        return Ok(());
    }
    let to = to.display();
    Err(Failure::Command(format!("{to}: the output would overwrite what it is made of")))
}

/// Refuses to write an adapter into a folder where it would take the place of a file that it is made of.
pub(super) fn refuse_same_in(from: &Path, folder: &Path) -> Result<()> {
    [adapter_files::CONFIG, adapter_files::WEIGHTS].iter().try_for_each(|name| refuse_same(from, &folder.join(name)))
}

/// Writes an adapter's folder, which is made if need be; gives the paths of its files.
pub(super) fn write_adapter(
    folder: &Path,
    config: &str,
    tensors: &[StoredTensor],
    overwrite: Overwrite,
) -> Result<Vec<PathBuf>> {
    let weights = to_safetensors(tensors)?;
    let files = [
        (folder.join(adapter_files::WEIGHTS), weights.as_slice()),
        (folder.join(adapter_files::CONFIG), config.as_bytes()),
    ];
    write_into(folder, &files, overwrite)?;
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// Writes files of one folder, which is made if need be.
pub(super) fn write_into(folder: &Path, files: &[(PathBuf, &[u8])], overwrite: Overwrite) -> Result<()> {
    refuse_existing(files.iter().map(|(path, _)| path.as_path()), overwrite)?;
    fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    write(files, overwrite)
}

/// Writes files that belong together: each into a temporary file of its folder first, which then gets the name.
pub(super) fn write(files: &[(PathBuf, &[u8])], overwrite: Overwrite) -> Result<()> {
    refuse_existing(files.iter().map(|(path, _)| path.as_path()), overwrite)?;
    let staged = files.iter().map(|(path, bytes)| Ok((path, staged(path, bytes)?)));
    for (path, file) in staged.collect::<std::result::Result<Vec<_>, Error>>()? {
        let put = if overwrite.force { file.persist(path) } else { file.persist_noclobber(path) };
        put.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => overwrite.refusal(path),
            _ => Error::Io { path: path.to_owned(), source: error.error }.into(),
        })?;
    }
    Ok(())
}

fn refuse_existing<'a>(paths: impl Iterator<Item = &'a Path>, overwrite: Overwrite) -> Result<()> {
    for path in paths {
        if path.is_dir() {
            return Err(Error::NotAFile { path: path.to_owned(), kind: "a folder" }.into());
        }
        if !overwrite.force && path.symlink_metadata().is_ok() {
            return Err(overwrite.refusal(path));
        }
    }
    Ok(())
}

fn staged(path: &Path, bytes: &[u8]) -> std::result::Result<NamedTempFile, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".peftspec-");
    // Temporary files are private unless told otherwise; this one is to become an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let write = || {
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        Ok(file)
    };
    write().map_err(|source: io::Error| Error::Io { path: path.to_owned(), source: plain(&source) })
}

/// The operating system's own error, without the name of the temporary file.
fn plain(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

/// Says on standard error what was written.
pub(super) fn tell_written(paths: &[PathBuf], streams: &mut Streams<'_>) -> io::Result<()> {
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    writeln!(streams.err, "wrote {}", paths.join(" and "))
}

/// Tensors as they are listed in JSON output.
pub(super) fn listed(tensors: &[StoredTensor]) -> Value {
    let entry =
        |tensor: &StoredTensor| json!({"name": tensor.name, "dtype": tensor.dtype.as_str(), "shape": tensor.shape});
    tensors.iter().map(entry).collect()
}

/// Prints a JSON document, in large pieces: a catalogue has hundreds of thousands of words.
pub(super) fn print_json(document: &impl Serialize, streams: &mut Streams<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(&mut *streams.out);
    serde_json::to_writer_pretty(&mut out, document)?;
    writeln!(out)?;
    out.flush()
}
