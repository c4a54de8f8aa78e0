//! Runs the command in a folder of its own, with an environment of its own.

use crate::corpus::file;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use tempfile::TempDir;

/// What would change the output, wherever the tests run.
const SCRUBBED: [&str; 8] =
    ["CI", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "TERM", "XDG_CONFIG_HOME"];

/// A run to be: a folder with files, arguments, standard input.
pub(crate) struct Cli {
    folder: Rc<TempDir>,
    command: Command,
    input: Vec<u8>,
}

/// A run of `peftspec` with these arguments, separated by spaces.
pub(crate) fn cli(args: &str) -> Cli {
    let folder = Rc::new(tempfile::tempdir().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_peftspec"));
    command.args(args.split_whitespace()).current_dir(folder.path()).env("HOME", folder.path());
    for name in SCRUBBED {
        command.env_remove(name);
    }
    Cli { folder, command, input: Vec::new() }
}

/// A run in a folder that holds a copy of an adapter of the corpus under `adapter`.
pub(crate) fn with_adapter(path: &str, args: &str) -> Cli {
    let from = file("checkpoints").join(path);
    cli(args).prepare(|folder| copy_folder(&from, &folder.join("adapter")))
}

/// Copies the files of a folder.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

impl Cli {
    /// Writes a file, and the folders above it.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Makes an empty folder.
    pub(crate) fn folder(self, path: &str) -> Self {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }

    /// Does whatever else is needed in the folder before the run.
    pub(crate) fn prepare(self, prepare: impl FnOnce(&Path)) -> Self {
        prepare(self.folder.path());
        self
    }

    /// The folder, which lives on after the run.
    pub(crate) fn keep(&self) -> Rc<TempDir> {
        Rc::clone(&self.folder)
    }

    /// Adds one argument; `[DIR]` in it stands for the folder.
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        let arg = arg.replace("[DIR]", &self.folder.path().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Adds a path that may be no text.
    #[cfg(unix)]
    pub(crate) fn path_arg(mut self, path: &Path) -> Self {
        self.command.arg(path);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets what comes from standard input.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Runs the command, asserts its exit code and returns both streams under headings, the folder as `[DIR]`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> String {
        let (out, err) = self.streams(code);
        let mut both = String::new();
        for (name, text) in [("stdout", out), ("stderr", err)] {
            if !text.is_empty() {
                both.extend(["--- ", name, "\n", &text]);
            }
        }
        both
    }

    /// Runs the command, asserts its exit code and returns standard output alone.
    #[track_caller]
    pub(crate) fn prints(self, code: i32) -> String {
        self.streams(code).0
    }

    #[track_caller]
    fn streams(mut self, code: i32) -> (String, String) {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(&self.input);
        let output = child.wait_with_output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| self.normal(&bytes));
        assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
        (out, err)
    }

    /// The text with what differs between runs replaced.
    fn normal(&self, bytes: &[u8]) -> String {
        let folder = self.folder.path().to_string_lossy();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.replace(&*folder, "[DIR]").replace(env!("CARGO_PKG_VERSION"), "[VERSION]").replace('\\', "/")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}
