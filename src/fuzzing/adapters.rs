//! Any config with any checkpoint beside it is inspected and checked by the command itself: it answers, with an exit code that says so,
//! and what it may not spend only takes findings away.

use super::sum_of;
use crate::{
    cli::{self, Streams},
    diagnostic::MATCHING_OVER_BUDGET,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::Path,
    process::ExitCode,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
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
    let folder = written(config, checkpoint);
    for arguments in [&["inspect", "--values"][..], &["inspect", "--json"], &["check", "--values", "--pedantic"]] {
        run(folder.path(), arguments);
    }
}

/// With less work for matching, `check` finds nothing that it does not find with more, and says that something is left out.
pub fn less_matching_only_takes_findings_away(bytes: &[u8]) {
    let Some((config, checkpoint)) = parts(bytes) else { return };
    let folder = written(config, checkpoint);
    // Most adapters of a few kilobytes need less than a million steps. Any limit may be chosen, small ones more often.
    let sum = sum_of(bytes);
    let limit = format!("checkpoint.matching={}", (sum / 20) % (1 << (sum % 20)));
    let check = ["check", "--pedantic", "--format", "json"];
    let all = findings(&run(folder.path(), &check));
    let mut found = findings(&run(folder.path(), &[&check[..], &["--limit", &limit]].concat()));
    let before = found.len();
    found.retain(|[_, code, _]| code != MATCHING_OVER_BUDGET.code);
    let says_so = found.len() < before;
    let added: Vec<_> = found.difference(&all).collect();
    assert!(added.is_empty(), "only with {limit}: {added:?}");
    assert!(says_so || found.len() == all.len(), "with {limit} it lacks {:?}", all.difference(&found));
}

/// An adapter in the folder.
fn written(config: &[u8], checkpoint: &[u8]) -> MutexGuard<'static, TempDir> {
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
    folder
}

/// What the command prints about a folder; it says with its exit code that it could look at everything.
fn run(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = ["peftspec"].iter().chain(arguments).map(OsString::from).chain([folder.as_os_str().to_owned()]);
    let exit = cli::run(all, &mut Streams { input: &mut std::io::empty(), out: &mut out, err: &mut err });
    assert_ne!(exit, ExitCode::from(2), "{arguments:?} failed: {}", String::from_utf8_lossy(&err));
    out
}

/// What the findings of a document that `check` prints are about: file, code and pointer. How many modules one speaks of may differ.
fn findings(printed: &[u8]) -> BTreeSet<[String; 3]> {
    let document: Value = serde_json::from_slice(printed).expect("what is printed is JSON");
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().expect("a list");
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).expect("a text").to_owned();
    let mut about = BTreeSet::new();
    for file in list(&document, "files") {
        let of_file = list(&file, "diagnostics");
        about.extend(of_file.iter().map(|found| [text(&file, "path"), text(found, "code"), text(found, "pointer")]));
    }
    about
}
