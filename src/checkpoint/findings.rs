//! What was found in a checkpoint, kept to a number that a person would look at.

pub(in crate::checkpoint) use crate::diagnostic::shown;

use crate::{
    diagnostic::{CHECKPOINT_OVER_BUDGET, Diagnostic, Plenty, Problem},
    limits::how_to_raise,
};
use std::fmt;

/// How many findings of one kind are listed.
const MOST_FINDINGS: usize = 200;

/// The findings so far.
pub(super) struct Findings {
    diagnostics: Vec<Diagnostic>,
    plenty: Plenty,
}

impl Default for Findings {
    fn default() -> Self {
        Self { diagnostics: Vec::new(), plenty: Plenty::new(MOST_FINDINGS) }
    }
}

impl Findings {
    /// Adds a finding unless there are plenty of its kind.
    pub(super) fn add(&mut self, finding: Diagnostic) {
        self.diagnostics.extend(self.plenty.admit(finding));
    }

    /// Adds a finding without notes.
    pub(super) fn tell(&mut self, problem: &Problem, message: impl Into<String>) {
        self.add(Diagnostic::new(problem, message));
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

/// The first few of many names: `` `a`, `b`, `c` and 2 more``.
pub(super) fn first_few<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    let few: Vec<String> = names.take(SHOWN).map(|name| format!("`{}`", shown(name))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", few.join(", "))
}

/// The finding that something would cost more than the budget; `name` is that of the limit.
pub(super) fn over_budget(name: &str, what: &str, actual: impl fmt::Display, limit: impl fmt::Display) -> Diagnostic {
    Diagnostic::new(&CHECKPOINT_OVER_BUDGET, format!("{what}: {actual}, more than the limit of {limit}"))
        .note(how_to_raise(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_a_few_are_shown() {
        let few = |names: &[&'static str]| first_few(names.iter().copied());
        assert_eq!(few(&["a"]), "`a`");
        assert_eq!(few(&["a", "b", "c"]), "`a`, `b`, `c`");
        assert_eq!(few(&["a", "b", "c", "d", "e"]), "`a`, `b`, `c` and 2 more");
    }
}
