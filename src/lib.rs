//! Types, rules and schemas for PEFT adapter configs.

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod diagnostic;
mod document;
mod error;
mod source;

#[cfg(feature = "check")]
pub use check::{Report, check, check_bytes};
#[cfg(feature = "human")]
pub use diagnostic::human;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, PROBLEMS, Problem, Severity, github, json_v1};
pub use document::{Document, Kind, Limits, Member, Node, Number, Object, Syntax, parse};
pub use error::Error;
pub use source::{Position, Source, Span};
