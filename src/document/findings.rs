//! What a reader found wrong, kept to a number that a person would look at.

use crate::diagnostic::{Diagnostic, Plenty};

/// How many findings of one kind are listed.
pub(super) const MOST_FINDINGS: usize = 1000;

/// Adds to a list of diagnostics until there are plenty of a kind.
pub(super) struct Findings<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    plenty: Plenty,
}

impl<'a> Findings<'a> {
    pub(super) fn new(diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self { diagnostics, plenty: Plenty::new(MOST_FINDINGS) }
    }

    /// Adds a finding, unless there are plenty of its kind already.
    pub(super) fn add(&mut self, finding: Diagnostic) {
        self.diagnostics.extend(self.plenty.admit(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DUPLICATE_KEY, SYNTAX_ERROR};

    #[test]
    fn plenty_of_one_kind_hides_no_other_kind() {
        let mut diagnostics = Vec::new();
        let mut findings = Findings::new(&mut diagnostics);
        (0..MOST_FINDINGS * 2).for_each(|_| findings.add(Diagnostic::new(&DUPLICATE_KEY, "")));
        findings.add(Diagnostic::new(&SYNTAX_ERROR, ""));
        assert_eq!(diagnostics.len(), MOST_FINDINGS + 1);
        assert_eq!(diagnostics[MOST_FINDINGS - 1].notes, ["further findings of this kind are not listed"]);
        assert_eq!(diagnostics[MOST_FINDINGS].code, "syntax-error");
    }
}
