//! What a check has to say, as plain data. How it looks is the renderers' business, one file per format.

#[cfg(feature = "human")]
mod excerpt;
pub mod github;
#[cfg(feature = "human")]
pub mod human;
pub mod json_v1;
mod plenty;
mod problem;
mod wording;

pub(crate) use plenty::Plenty;
pub(crate) use problem::kebab_case;
pub(crate) use problem::*;
pub use problem::{PROBLEMS, Problem};
#[cfg(feature = "checkpoint")]
pub(crate) use wording::{counted, shown};
pub(crate) use wording::{shortened, visible};

use crate::source::Span;
use std::fmt;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// PEFT refuses it, training with it is meaningless, or the file is not what it claims to be.
    Error,
    /// PEFT accepts it but drops, rewrites or ignores something, or fails late or never.
    Warning,
    /// Portability and style.
    Info,
}

impl Severity {
    /// The lower-case name used in every output format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One finding about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The code that `peftspec explain` knows.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence with the values in it, lower case, no full stop.
    pub message: String,
    /// JSON Pointer (RFC 6901) to the value to change, which may be absent; empty for the whole document.
    pub pointer: String,
    /// The places that matter; the first is the primary one. Empty when the finding has no place.
    pub labels: Vec<Label>,
    /// What PEFT would do, and whatever else helps.
    pub notes: Vec<String>,
    /// A change to the text that would mend it.
    pub fix: Option<Fix>,
}

/// A place in the text and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// A change to the text that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as an imperative: ``rename to `num_tasks` ``.
    pub title: String,
    /// Whether the meaning to PEFT surely stays the same or becomes what was plainly meant.
    pub safe: bool,
    /// The edits, in ascending order, not overlapping.
    pub edits: Vec<Edit>,
}

/// Replaces the text within a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What to replace.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

impl Diagnostic {
    /// A finding without a place yet.
    #[must_use]
    pub fn new(problem: &Problem, message: impl Into<String>) -> Self {
        Self {
            code: problem.code,
            severity: problem.severity,
            message: message.into(),
            pointer: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
        }
    }

    /// Adds a place; the first one added is the primary one.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says which value of the document is meant, as a JSON Pointer.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = pointer.into();
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Attaches a change of the text that mends this.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safe: bool, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), safe, edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// The primary place, if there is one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}
