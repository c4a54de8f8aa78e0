//! The pipeline: text → tree → shape → ranges → rules, each phase reporting all it finds.

use crate::{
    diagnostic::Diagnostic,
    document::{Limits, Syntax, parse},
    source::Source,
};

/// Everything that was found in one file.
#[derive(Debug, Clone)]
pub struct Report {
    /// The text, to show places in.
    pub source: Source,
    /// The method that the config names, as written.
    pub peft_type: Option<String>,
    /// The release of PEFT that wrote the config, as written.
    pub peft_version: Option<String>,
    /// The findings, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks the bytes of a file; `name` is its path, whose ending tells the format.
#[must_use]
pub fn check_bytes(name: &str, bytes: Vec<u8>, limits: &Limits) -> Report {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    check(Source::new(name, text), Syntax::of_file_name(name), limits)
}

/// Checks a text.
#[must_use]
pub fn check(source: Source, syntax: Syntax, limits: &Limits) -> Report {
    let (document, diagnostics) = parse(source, syntax, limits);
    Report { source: document.source, peft_type: None, peft_version: None, diagnostics }
}
