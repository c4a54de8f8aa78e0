//! Walks through a pickle without executing it: the functions that it names are never called, only those that build tensors
//! are understood.

mod call;
mod globals;
mod literal;
mod machine;
mod object;
mod opcode;
mod tensor;

#[cfg(feature = "fuzzing")]
pub(super) use globals::known_classes;
pub(super) use object::{Heap, Id, Object, Storage, TensorValue};

use super::{Budget, findings::Findings};
use crate::diagnostic::{BROKEN_PICKLE, Diagnostic};
use machine::Machine;

/// What a pickle holds.
pub(super) struct Pickled {
    /// The value that it stands for.
    pub(super) root: Id,
    pub(super) heap: Heap,
    pub(super) storages: Vec<Storage>,
    /// How many bytes it has.
    pub(super) end: usize,
}

/// Why a pickle could not be walked through.
pub(super) enum Failure {
    /// The bytes end too early; what is missing.
    Truncated(String),
    /// Something else.
    Fatal(Box<Diagnostic>),
}

impl Failure {
    fn fatal(finding: Diagnostic) -> Self {
        Self::Fatal(Box::new(finding))
    }

    fn broken(message: String) -> Self {
        Self::fatal(Diagnostic::new(&BROKEN_PICKLE, message))
    }

    /// The finding, for a pickle whose last byte was there.
    pub(super) fn into_finding(self, name: &str) -> Diagnostic {
        match self {
            Self::Truncated(message) => Diagnostic::new(&BROKEN_PICKLE, format!("{message} (in {name})")),
            Self::Fatal(mut finding) => {
                finding.message.push_str(&format!(" (in {name})"));
                *finding
            }
        }
    }
}

/// Walks through the pickle at the start of `bytes`; `name` is what findings call the place. Reports why if that fails.
pub(super) fn run(bytes: &[u8], name: &str, budget: &Budget, findings: &mut Findings) -> Option<Pickled> {
    match try_run(bytes, name, budget, findings) {
        Ok(pickled) => Some(pickled),
        Err(failure) => {
            findings.add(failure.into_finding(name));
            None
        }
    }
}

/// Walks through the pickle at the start of `bytes`.
pub(super) fn try_run(bytes: &[u8], name: &str, budget: &Budget, findings: &mut Findings) -> Result<Pickled, Failure> {
    Machine::new(bytes, name, budget, findings).run()
}
