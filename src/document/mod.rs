//! The spanned tree that JSON, YAML and TOML are read into, and that every check runs on.

mod findings;
mod json;
mod lint;
mod node;
#[cfg(any(feature = "yaml", feature = "toml"))]
mod numeral;
mod repeated;
mod serde;
#[cfg(test)]
mod testing;
mod to_node;
#[cfg(feature = "toml")]
mod toml;
mod writer;
#[cfg(feature = "yaml")]
mod yaml;

pub(crate) use node::escaped;
pub use node::{Kind, Member, Node, Number, Object};
pub use serde::{ReadError, from_node};
pub use to_node::{WriteError, to_node};
#[cfg(feature = "toml")]
pub(crate) use writer::drop_nulls;
pub(crate) use writer::quoted;
pub use writer::write_json;

pub(crate) use crate::limits::Limits;

use crate::{diagnostic::Diagnostic, source::Source};

/// The file format of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON as Python's `json` module reads it.
    Json,
    /// YAML 1.2, core schema.
    #[cfg(feature = "yaml")]
    Yaml,
    /// TOML 1.
    #[cfg(feature = "toml")]
    Toml,
}

impl Syntax {
    /// The syntax that a file name's ending stands for; JSON when it says nothing, as PEFT assumes.
    #[must_use]
    pub fn of_file_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            #[cfg(feature = "yaml")]
            Some("yaml" | "yml") => Self::Yaml,
            #[cfg(feature = "toml")]
            Some("toml") => Self::Toml,
            _ => Self::Json,
        }
    }

    /// The format's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            #[cfg(feature = "yaml")]
            Self::Yaml => "YAML",
            #[cfg(feature = "toml")]
            Self::Toml => "TOML",
        }
    }
}

/// A text and the tree that was read from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The text.
    pub source: Source,
    /// Its format.
    pub syntax: Syntax,
    /// The tree; `None` where the text is empty or could not be read.
    pub root: Option<Node>,
}

/// Reads a text into a tree, with everything that is wrong with the text itself.
#[must_use]
pub fn parse(source: Source, syntax: Syntax, limits: &Limits) -> (Document, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let root = match syntax {
        Syntax::Json => json::read(source.text(), limits, &mut diagnostics),
        #[cfg(feature = "yaml")]
        Syntax::Yaml => yaml::read(source.text(), limits, &mut diagnostics),
        #[cfg(feature = "toml")]
        Syntax::Toml => toml::read(source.text(), limits, &mut diagnostics),
    };
    if let Some(root) = &root {
        lint::lint(root, syntax, &mut diagnostics);
    }
    diagnostics.sort_by_key(Diagnostic::span);
    (Document { source, syntax, root }, diagnostics)
}
