//! Any config with any checkpoint beside it is inspected and checked by the command itself: it answers, and with an exit code
//! that says so.

use crate::cli::{self, Streams};
use std::{
    ffi::OsString,
    fs,
    path::Path,
    process::ExitCode,
    sync::{Mutex, OnceLock, PoisonError},
};
use tempfile::TempDir;

/// A folder that is kept for all runs, since making one takes longer than a check.
fn folder() -> &'static Mutex<TempDir> {
    static FOLDER: OnceLock<Mutex<TempDir>> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Mutex::new(folder.expect("a temporary folder can be made"))
    })
}

/// The parts of an input: a config, and a checkpoint.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
}

/// An input of these parts; a config of 64 KiB or more is cut.
pub(super) fn joined(config: &[u8], checkpoint: &[u8]) -> Vec<u8> {
    let length = u16::try_from(config.len()).unwrap_or(u16::MAX);
    let config = config.get(..usize::from(length)).unwrap_or_default();
    [&length.to_le_bytes()[..], config, checkpoint].concat()
}

/// `inspect` and `check` answer whatever an adapter holds.
pub fn inspect_takes_any_adapter(bytes: &[u8]) {
    let Some((config, checkpoint)) = parts(bytes) else { return };
    let folder = folder().lock().unwrap_or_else(PoisonError::into_inner);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("a file can be written");
    // A safetensors file begins with the length of its header, small in any sound file.
    let is_torch = checkpoint.starts_with(b"PK") || checkpoint.starts_with(&[0x80]);
    let [name, other] = {
        let names = ["adapter_model.safetensors", "adapter_model.bin"];
        if is_torch { [names[1], names[0]] } else { names }
    };
    let _ = fs::remove_file(folder.path().join(other));
    write("adapter_config.json", config);
    write(name, checkpoint);
    for arguments in [&["inspect", "--values"][..], &["inspect", "--json"], &["check", "--values", "--pedantic"]] {
        let answer = run(folder.path(), arguments);
        assert_ne!(answer.0, ExitCode::from(2), "{arguments:?} failed: {}", answer.1);
    }
}

/// What the command answers in a folder: its exit code, and what it says of itself.
fn run(folder: &Path, arguments: &[&str]) -> (ExitCode, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = ["peftspec"].iter().chain(arguments).map(OsString::from).chain([folder.as_os_str().to_owned()]);
    let exit = cli::run(all, &mut Streams { input: &mut std::io::empty(), out: &mut out, err: &mut err });
    (exit, String::from_utf8_lossy(&err).into_owned())
}
