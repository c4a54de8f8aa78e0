//! Why a command that makes something made nothing, and how it says so.

use super::{Exit, Streams, output};
use crate::{
    Error, Report, Severity,
    checkpoint::{ValuesError, WriteError},
    diagnostic::visible,
    embedding::{EmbeddingError, LoadError},
    human, json_v1,
};
use std::io;

/// Why nothing was made.
pub(super) enum Failure {
    /// What is wrong with a file, as `check` would show it.
    Found(Box<Report>),
    /// The files do not go together; one sentence.
    Files(String),
    /// An option is wrong, or something cannot be read or written; one sentence.
    Command(String),
}

pub(super) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// What is wrong with a file; remarks are what `check --pedantic` is for.
    pub(super) fn found(mut report: Report) -> Self {
        report.diagnostics.retain(|found| found.severity != Severity::Info);
        Self::Found(Box::new(report))
    }

    /// A sentence about files with the name of the one that it is about.
    pub(super) fn files(name: impl std::fmt::Display, message: impl std::fmt::Display) -> Self {
        Self::Files(format!("{name}: {message}"))
    }

    /// Says what is wrong: findings on standard output, in the format that is wanted, all else on standard error.
    pub(super) fn tell(&self, json: bool, streams: &mut Streams<'_>) -> io::Result<Exit> {
        match self {
            Self::Found(report) if json => {
                let mut output = json_v1::Output::new();
                let (peft_type, peft_version) = (report.peft_type.as_deref(), report.peft_version.as_deref());
                let (source, diagnostics) = (&report.source, report.diagnostics.as_slice());
                output.add(&json_v1::File { source, peft_type, peft_version, diagnostics });
                output::print_json(&output, streams)?;
            }
            Self::Found(report) => {
                let color = super::Color::Auto.on(&io::stdout());
                write!(streams.out, "{}", human::render(&report.source, &report.diagnostics, color))?;
            }
            Self::Files(message) | Self::Command(message) => writeln!(streams.err, "error: {}", visible(message))?,
        }
        Ok(if matches!(self, Self::Command(_)) { Exit::Failure } else { Exit::ErrorsFound })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let advice = match &error {
            Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => "; is it spelt right?",
            _ => "",
        };
        Self::Command(format!("{error}{advice}"))
    }
}

impl From<EmbeddingError> for Failure {
    fn from(error: EmbeddingError) -> Self {
        Self::Files(error.to_string())
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::Files(error.to_string())
    }
}

impl From<ValuesError> for Failure {
    fn from(error: ValuesError) -> Self {
        match error {
            ValuesError::Read(error) => error.into(),
            ValuesError::Fault(finding) => Self::Files(finding.message),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Values(error) => error.into(),
            error => Self::Files(error.to_string()),
        }
    }
}
