//! Diagnostics for programs: version 1 of the JSON output. Fields are only ever added; anything else is a version 2.

use super::{Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{Position, Source, Span};
use serde::Serialize;

/// One checked file, as it goes into an [`Output`].
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// The text; its name is the path.
    pub source: &'a Source,
    /// The method that the config names, as written.
    pub peft_type: Option<&'a str>,
    /// The release of PEFT that wrote the config, as written.
    pub peft_version: Option<&'a str>,
    /// The findings to show.
    pub diagnostics: &'a [Diagnostic],
}

/// The whole document; serialise it with `serde_json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    version: u32,
    tool: ToolV1,
    files: Vec<FileV1>,
    summary: SummaryV1,
}

impl Output {
    /// The document about no files.
    #[must_use]
    pub fn new() -> Self {
        let tool = ToolV1 { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
        Self { version: 1, tool, files: Vec::new(), summary: SummaryV1::default() }
    }

    /// Adds a file and counts its findings. Nothing of the file is borrowed.
    pub fn add(&mut self, file: &File<'_>) {
        let count = |severity| file.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        self.summary.files += 1;
        self.summary.errors += count(Severity::Error);
        self.summary.warnings += count(Severity::Warning);
        self.summary.infos += count(Severity::Info);
        self.files.push(FileV1 {
            path: file.source.name().to_owned(),
            peft_type: file.peft_type.map(str::to_owned),
            peft_version: file.peft_version.map(str::to_owned),
            diagnostics: file.diagnostics.iter().map(|diagnostic| DiagnosticV1::new(file.source, diagnostic)).collect(),
        });
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

/// One finding as it stands in an [`Output`], for other documents.
#[must_use]
pub fn value(source: &Source, diagnostic: &Diagnostic) -> serde_json::Value {
    // Nothing in it can fail to be JSON.
    serde_json::to_value(DiagnosticV1::new(source, diagnostic)).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ToolV1 {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FileV1 {
    path: String,
    peft_type: Option<String>,
    peft_version: Option<String>,
    diagnostics: Vec<DiagnosticV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct DiagnosticV1 {
    code: &'static str,
    severity: &'static str,
    message: String,
    pointer: String,
    span: Option<SpanV1>,
    notes: Vec<String>,
    fix: Option<FixV1>,
    /// Every place, the primary one first.
    labels: Vec<LabelV1>,
}

impl DiagnosticV1 {
    fn new(source: &Source, diagnostic: &Diagnostic) -> Self {
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity.as_str(),
            message: diagnostic.message.clone(),
            pointer: diagnostic.pointer.clone(),
            span: diagnostic.span().map(|span| SpanV1::new(source, span)),
            notes: diagnostic.notes.clone(),
            fix: diagnostic.fix.as_ref().map(FixV1::new),
            labels: diagnostic.labels.iter().map(|label| LabelV1::new(source, label)).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LabelV1 {
    span: SpanV1,
    text: String,
}

impl LabelV1 {
    fn new(source: &Source, Label { span, text }: &Label) -> Self {
        Self { span: SpanV1::new(source, *span), text: text.clone() }
    }
}

/// Half open: `end` is the place just past the last character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SpanV1 {
    start: PositionV1,
    end: PositionV1,
}

impl SpanV1 {
    fn new(source: &Source, span: Span) -> Self {
        Self { start: source.position(span.start).into(), end: source.position(span.end.max(span.start)).into() }
    }
}

/// Line and column count from 1, the column in Unicode scalar values; the offset counts UTF-8 bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct PositionV1 {
    line: usize,
    column: usize,
    offset: usize,
}

impl From<Position> for PositionV1 {
    fn from(Position { line, column, offset }: Position) -> Self {
        Self { line, column, offset }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FixV1 {
    title: String,
    safe: bool,
    edits: Vec<EditV1>,
}

impl FixV1 {
    fn new(Fix { title, safe, edits }: &Fix) -> Self {
        Self { title: title.clone(), safe: *safe, edits: edits.iter().map(EditV1::new).collect() }
    }
}

/// Replaces the bytes from `start` up to, not including, `end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct EditV1 {
    start: usize,
    end: usize,
    text: String,
}

impl EditV1 {
    fn new(Edit { span, text }: &Edit) -> Self {
        Self { start: span.start, end: span.end, text: text.clone() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct SummaryV1 {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{UNKNOWN_FIELD, WRONG_TYPE};

    fn render(files: &[File]) -> String {
        let mut output = Output::new();
        for file in files {
            output.add(file);
        }
        serde_json::to_string_pretty(&output).unwrap().replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "the whole document is shown")]
    fn every_field_of_version_1_is_there_in_this_order() {
        let source = Source::new("a/adapter_config.json", "{\n  \"é🦀\": \"8\"\n}\n");
        let at = source.text().find("\"8\"").unwrap();
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "`r` is \"8\", a string")
            .pointer("/r")
            .label(Span::new(at, at + 3), "a string")
            .label(Span::new(0, 1), "")
            .note("PEFT keeps the string")
            .fix("write `8`", true, Span::new(at, at + 3), "8");
        let file =
            File { source: &source, peft_type: Some("LORA"), peft_version: Some("0.19.1"), diagnostics: &[diagnostic] };
        insta::assert_snapshot!(render(&[file]), @r#"
        {
          "version": 1,
          "tool": {
            "name": "peftspec",
            "version": "[VERSION]"
          },
          "files": [
            {
              "path": "a/adapter_config.json",
              "peft_type": "LORA",
              "peft_version": "0.19.1",
              "diagnostics": [
                {
                  "code": "wrong-type",
                  "severity": "error",
                  "message": "`r` is \"8\", a string",
                  "pointer": "/r",
                  "span": {
                    "start": {
                      "line": 2,
                      "column": 9,
                      "offset": 14
                    },
                    "end": {
                      "line": 2,
                      "column": 12,
                      "offset": 17
                    }
                  },
                  "notes": [
                    "PEFT keeps the string"
                  ],
                  "fix": {
                    "title": "write `8`",
                    "safe": true,
                    "edits": [
                      {
                        "start": 14,
                        "end": 17,
                        "text": "8"
                      }
                    ]
                  },
                  "labels": [
                    {
                      "span": {
                        "start": {
                          "line": 2,
                          "column": 9,
                          "offset": 14
                        },
                        "end": {
                          "line": 2,
                          "column": 12,
                          "offset": 17
                        }
                      },
                      "text": "a string"
                    },
                    {
                      "span": {
                        "start": {
                          "line": 1,
                          "column": 1,
                          "offset": 0
                        },
                        "end": {
                          "line": 1,
                          "column": 2,
                          "offset": 1
                        }
                      },
                      "text": ""
                    }
                  ]
                }
              ]
            }
          ],
          "summary": {
            "files": 1,
            "errors": 1,
            "warnings": 0,
            "infos": 0
          }
        }
        "#);
    }

    #[test]
    fn what_is_not_there_is_null() {
        let source = Source::new("b.json", "");
        let diagnostic = Diagnostic::new(&UNKNOWN_FIELD, "no place");
        let file = File { source: &source, peft_type: None, peft_version: None, diagnostics: &[diagnostic] };
        let clean = File { diagnostics: &[], ..file };
        insta::assert_snapshot!(render(&[file, clean]), @r#"
        {
          "version": 1,
          "tool": {
            "name": "peftspec",
            "version": "[VERSION]"
          },
          "files": [
            {
              "path": "b.json",
              "peft_type": null,
              "peft_version": null,
              "diagnostics": [
                {
                  "code": "unknown-field",
                  "severity": "warning",
                  "message": "no place",
                  "pointer": "",
                  "span": null,
                  "notes": [],
                  "fix": null,
                  "labels": []
                }
              ]
            },
            {
              "path": "b.json",
              "peft_type": null,
              "peft_version": null,
              "diagnostics": []
            }
          ],
          "summary": {
            "files": 2,
            "errors": 0,
            "warnings": 1,
            "infos": 0
          }
        }
        "#);
    }

    #[test]
    fn places_outside_the_text_are_moved_into_it() {
        let source = Source::new("b.json", "{}\n");
        let span = |start, end| serde_json::to_string(&SpanV1::new(&source, Span { start, end })).unwrap();
        insta::assert_snapshot!(span(2, 99), @r#"{"start":{"line":1,"column":3,"offset":2},"end":{"line":2,"column":1,"offset":3}}"#);
        insta::assert_snapshot!(span(2, 1), @r#"{"start":{"line":1,"column":3,"offset":2},"end":{"line":1,"column":3,"offset":2}}"#);
    }
}
