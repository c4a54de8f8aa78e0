//! Diagnostics as GitHub Actions workflow commands, which show up beside the lines of a pull request.

use super::{Diagnostic, Severity, visible};
use crate::source::{Source, Span};

/// Writes one workflow command for each of `diagnostics`, which must be about `source`.
#[must_use]
pub fn render(source: &Source, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| command(source, diagnostic)).collect()
}

/// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=code::message`
fn command(source: &Source, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let file = property(source.name());
    let place = diagnostic.span().map_or_else(String::new, |span| place(source, span));
    let title = property(diagnostic.code);
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    if let Some(fix) = &diagnostic.fix {
        text.push_str("\nhelp: ");
        text.push_str(&fix.title);
    }
    format!("::{level} file={file}{place},title={title}::{}\n", data(&text))
}

/// The properties for a place. The runner drops columns, with a debug message, when the lines differ.
fn place(source: &Source, span: Span) -> String {
    let (start, end) = (source.position(span.start), source.position(span.end.max(span.start)));
    if start.line == end.line {
        let (line, from, to) = (start.line, start.column, end.column);
        format!(",line={line},col={from},endLine={line},endColumn={to}")
    } else {
        format!(",line={},endLine={}", start.line, end.line)
    }
}

/// Escapes the text of a command. The order matters: `%` comes first, and what nobody sees last.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Escapes the value of a property.
fn property(value: &str) -> String {
    data(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{METHOD_NOT_MODELLED, UNKNOWN_FIELD, WRONG_TYPE};

    #[test]
    fn a_place_within_a_line_has_columns() {
        let source = Source::new("a/adapter_config.json", "{\n  \"é\": \"8\"\n}");
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "`é` is a string").label(Span::new(9, 12), "a string");
        insta::assert_snapshot!(render(&source, &[diagnostic]), @"::error file=a/adapter_config.json,line=2,col=7,endLine=2,endColumn=10,title=wrong-type::`é` is a string");
    }

    #[test]
    fn a_place_over_several_lines_has_lines_only() {
        let source = Source::new("a.json", "{\n  \"r\": 8\n}");
        let diagnostic = Diagnostic::new(&UNKNOWN_FIELD, "everything").label(Span::new(0, 12), "");
        insta::assert_snapshot!(render(&source, &[diagnostic]), @"::warning file=a.json,line=1,endLine=3,title=unknown-field::everything");
    }

    #[test]
    fn a_finding_without_a_place_names_the_file() {
        let source = Source::new("a.json", "");
        insta::assert_snapshot!(render(&source, &[Diagnostic::new(&METHOD_NOT_MODELLED, "`VERA`")]), @"::notice file=a.json,title=method-not-modelled::`VERA`");
    }

    #[test]
    fn nothing_in_a_message_or_a_path_can_start_a_command_or_a_property() {
        let source = Source::new("50%,a:b\n::c.json", "");
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "100%\r\n::stop-commands::x, y: z")
            .note("one\ntwo\u{1b}[2J")
            .fix("write `8`", true, Span::at(0), "8");
        insta::assert_snapshot!(render(&source, &[diagnostic]), @r"::error file=50%25%2Ca%3Ab%0A%3A%3Ac.json,title=wrong-type::100%25%0D%0A::stop-commands::x, y: z%0Anote: one%0Atwo\u{1b}[2J%0Ahelp: write `8`");
    }
}
