//! Diagnostics for people: the source text with the places marked in it, as rustc draws them.

use super::{Diagnostic, Label, Severity, excerpt::Excerpt, wording::is_visible};
use crate::source::{Source, Span};
use annotate_snippets::{
    AnnotationKind, Group, Level, Renderer, Snippet,
    renderer::{AnsiColor, Effects, Style},
};
use std::borrow::Cow;
use std::fmt::Write;

/// As many places of one finding are drawn; one with more is about the whole document.
const MAX_PLACES: usize = 12;

/// Draws `diagnostics`, which must be about `source`, each followed by an empty line.
#[must_use]
pub fn render(source: &Source, diagnostics: &[Diagnostic], color: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let drawing = Drawing::new(source, diagnostic, color);
        // Writing to a `String` cannot fail.
        let _ = drawing.write(&mut out);
        out.push('\n');
    }
    out
}

/// One diagnostic on its way to the page.
struct Drawing<'a> {
    source: &'a Source,
    diagnostic: &'a Diagnostic,
    color: bool,
    /// The lines to show, if there is a place.
    excerpt: Option<Excerpt>,
}

impl<'a> Drawing<'a> {
    fn new(source: &'a Source, diagnostic: &'a Diagnostic, color: bool) -> Self {
        let places: Vec<Span> = diagnostic.labels.iter().take(MAX_PLACES).map(|label| label.span).collect();
        let excerpt = (!places.is_empty()).then(|| Excerpt::new(source, &places));
        Self { source, diagnostic, color, excerpt }
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        self.write_title(out)?;
        self.write_place(out)?;
        let undrawn = self.write_excerpt(out);
        writeln!(out, "{:indent$} {}", "", self.paint(MARGIN, "|"), indent = self.indent())?;
        for label in undrawn {
            self.write_note(out, "note", &self.describe(label))?;
        }
        let more = self.diagnostic.labels.len().saturating_sub(MAX_PLACES);
        if more > 0 {
            self.write_note(out, "note", &format!("and {more} more {}", if more == 1 { "place" } else { "places" }))?;
        }
        for note in &self.diagnostic.notes {
            self.write_note(out, "note", note)?;
        }
        if let Some(fix) = &self.diagnostic.fix {
            self.write_note(out, "help", &fix.title)?;
        }
        self.write_note(out, "help", &format!("peftspec explain {}", self.diagnostic.code))
    }

    /// `error[code]: message`
    fn write_title(&self, out: &mut String) -> std::fmt::Result {
        let Diagnostic { severity, code, message, .. } = self.diagnostic;
        let severity = self.paint(severity_style(*severity), &format!("{severity}[{code}]"));
        writeln!(out, "{severity}{}", self.paint(BOLD, &format!(": {}", on_one_line(message))))
    }

    /// ` --> path:line:column`
    fn write_place(&self, out: &mut String) -> std::fmt::Result {
        write!(out, "{:indent$}{} {}", "", self.paint(MARGIN, "-->"), self.name(), indent = self.indent())?;
        if let Some(span) = self.diagnostic.span() {
            let start = self.source.position(span.start);
            write!(out, ":{}:{}", start.line, start.column)?;
        }
        writeln!(out)
    }

    /// The lines with the places marked; returns the labels that have something to say but are too far off to be drawn.
    fn write_excerpt(&self, out: &mut String) -> Vec<&'a Label> {
        let mut undrawn = Vec::new();
        let Some(excerpt) = &self.excerpt else { return undrawn };
        let mut snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line);
        for (index, label) in self.diagnostic.labels.iter().take(MAX_PLACES).enumerate() {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let text = (!label.text.is_empty()).then(|| on_one_line(&label.text));
            match excerpt.locate(self.source, label.span) {
                Some(range) => snippet = snippet.annotation(kind.span(range).label(text)),
                None if text.is_some() => undrawn.push(label),
                None => {}
            }
        }
        let renderer = if self.color { Renderer::styled() } else { Renderer::plain() };
        let group = Group::with_level(level(self.diagnostic.severity)).element(snippet);
        for line in renderer.render(&[group]).lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        undrawn
    }

    /// ` = note: text`; further lines of the text are aligned with the first.
    fn write_note(&self, out: &mut String, kind: &str, text: &str) -> std::fmt::Result {
        let indent = self.indent();
        write!(out, "{:indent$} {} {}: ", "", self.paint(MARGIN, "="), self.paint(BOLD, kind))?;
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                write!(out, "\n{:indent$}   {:width$}  ", "", "", width = kind.len())?;
            }
            out.push_str(&on_one_line(line));
        }
        writeln!(out)
    }

    /// A label in words, with its place.
    fn describe(&self, label: &Label) -> String {
        let start = self.source.position(label.span.start);
        format!("{}:{}:{}: {}", self.name(), start.line, start.column, on_one_line(&label.text))
    }

    fn name(&self) -> Cow<'a, str> {
        on_one_line(self.source.name())
    }

    /// Width of the line numbers in the margin.
    fn indent(&self) -> usize {
        self.excerpt.as_ref().map_or(1, |excerpt| excerpt.last_line().to_string().len())
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

const BOLD: Style = Style::new().effects(Effects::BOLD);
/// What annotate-snippets uses for the margin by default.
const MARGIN: Style = AnsiColor::BrightBlue.on_default().effects(Effects::BOLD);

fn severity_style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::BrightBlue,
    };
    color.on_default().effects(Effects::BOLD)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// The text with everything replaced that would move a terminal's cursor, colour it or reorder the line.
fn on_one_line(text: &str) -> Cow<'_, str> {
    let inert = |character: char| match character {
        '\n' | '\t' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        other if is_visible(other) => other,
        _ => char::REPLACEMENT_CHARACTER,
    };
    if text.chars().all(|character| inert(character) == character) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(inert).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{DUPLICATE_KEY, METHOD_NOT_MODELLED, SYNTAX_ERROR, UNKNOWN_FIELD, WRONG_TYPE};

    /// The place of the first `needle`.
    fn at(source: &Source, needle: &str) -> Span {
        let start = source.text().find(needle).unwrap();
        Span::new(start, start + needle.len())
    }

    fn draw(source: &Source, diagnostic: Diagnostic) -> String {
        render(source, &[diagnostic], false)
    }

    #[test]
    fn a_finding_has_a_headline_places_reasons_and_a_way_on() {
        let filler = "  \"x\": 0,\n";
        let text = format!(
            "{{\n{}  \"num_tasks\": 3,\n{}  \"prompt_tuning_init_task\": 4\n}}\n",
            filler.repeat(7),
            filler.repeat(4)
        );
        let source = Source::new("adapter/adapter_config.json", text);
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "`prompt_tuning_init_task` is 4, but there are 3 tasks")
            .label(at(&source, "4"), "must be less than `num_tasks`")
            .label(at(&source, "3"), "3 tasks, counted from 0")
            .note("with prompt_tuning_init = EXACT_SOURCE_TASK, PEFT stops here with\n`IndexError: index 4 is out of bounds`")
            .fix("write `2`", false, Span::at(0), "2");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        error[wrong-type]: `prompt_tuning_init_task` is 4, but there are 3 tasks
          --> adapter/adapter_config.json:14:30
           |
         9 |   "num_tasks": 3,
           |                - 3 tasks, counted from 0
        ...
        14 |   "prompt_tuning_init_task": 4
           |                              ^ must be less than `num_tasks`
           |
           = note: with prompt_tuning_init = EXACT_SOURCE_TASK, PEFT stops here with
                   `IndexError: index 4 is out of bounds`
           = help: write `2`
           = help: peftspec explain wrong-type
        "#);
    }

    #[test]
    fn two_places_on_one_line() {
        let source = Source::new("a.json", "{\"r\": 8, \"r\": 16}\n");
        let diagnostic = Diagnostic::new(&DUPLICATE_KEY, "`r` is given twice")
            .label(Span::new(9, 12), "this one counts")
            .label(at(&source, "\"r\""), "dropped");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        warning[duplicate-key]: `r` is given twice
         --> a.json:1:10
          |
        1 | {"r": 8, "r": 16}
          |  ---     ^^^ this one counts
          |  |
          |  dropped
          |
          = help: peftspec explain duplicate-key
        "#);
    }

    #[test]
    fn a_finding_without_a_place_names_the_file() {
        let source = Source::new("a.json", "{}");
        let diagnostic = Diagnostic::new(&METHOD_NOT_MODELLED, "`VERA` is not modelled yet");
        insta::assert_snapshot!(draw(&source, diagnostic), @"
        info[method-not-modelled]: `VERA` is not modelled yet
         --> a.json
          |
          = help: peftspec explain method-not-modelled
        ");
    }

    #[test]
    fn an_empty_file_can_be_pointed_at() {
        let source = Source::new("a.json", "");
        let diagnostic = Diagnostic::new(&SYNTAX_ERROR, "the file is empty").label(Span::at(0), "expected `{`");
        insta::assert_snapshot!(draw(&source, diagnostic), @"
        error[syntax-error]: the file is empty
         --> a.json:1:1
          |
        1 |
          | ^ expected `{`
          |
          = help: peftspec explain syntax-error
        ");
    }

    #[test]
    fn the_end_of_a_file_can_be_pointed_at() {
        let label = |text: &str, span| {
            let source = Source::new("a.json", text);
            draw(
                &source,
                Diagnostic::new(&SYNTAX_ERROR, "no `}`")
                    .label(span, "expected `}`")
                    .label(Span::new(0, 1), "opened here"),
            )
        };
        insta::assert_snapshot!(label("{\n\"r\": 8", Span::at(8)), @r#"
        error[syntax-error]: no `}`
         --> a.json:2:7
          |
        1 | {
          | - opened here
        2 | "r": 8
          |       ^ expected `}`
          |
          = help: peftspec explain syntax-error
        "#);
        insta::assert_snapshot!(label("{\n\"r\": 8\n", Span::at(9)), @r#"
        error[syntax-error]: no `}`
         --> a.json:3:1
          |
        1 | {
          | - opened here
        2 | "r": 8
        3 |
          | ^ expected `}`
          |
          = help: peftspec explain syntax-error
        "#);
        insta::assert_snapshot!(label("{\n\"r\": 8\n", Span::new(90, 99)), @r#"
        error[syntax-error]: no `}`
         --> a.json:3:1
          |
        1 | {
          | - opened here
        2 | "r": 8
        3 |
          | ^ expected `}`
          |
          = help: peftspec explain syntax-error
        "#);
        insta::assert_snapshot!(label("{\n\n\n\n\n\n\n\n\n", Span::at(10)), @"
        error[syntax-error]: no `}`
          --> a.json:10:1
           |
         1 | {
           | - opened here
        ...
        10 |
           | ^ expected `}`
           |
           = help: peftspec explain syntax-error
        ");
    }

    #[test]
    fn windows_line_breaks_tabs_and_wide_characters_keep_the_marks_in_place() {
        let source = Source::new("a.json", "{\r\n\t\"日本\": \"é🦀\", \"r\": 0\r\n}\r\n");
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "`r` is 0")
            .label(at(&source, "0"), "at least 1")
            .label(at(&source, "\"日本\""), "wide")
            .label(at(&source, "\"é🦀\""), "");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        error[wrong-type]: `r` is 0
         --> a.json:2:19
          |
        2 |     "日本": "é🦀", "r": 0
          |     ------  -----       ^ at least 1
          |     |
          |     wide
          |
          = help: peftspec explain wrong-type
        "#);
        let line_break = Diagnostic::new(&SYNTAX_ERROR, "a line break").label(at(&source, "\r\n"), "here");
        insta::assert_snapshot!(draw(&source, line_break), @"
        error[syntax-error]: a line break
         --> a.json:1:2
          |
        1 | {
          |  ^ here
          |
          = help: peftspec explain syntax-error
        ");
    }

    #[test]
    fn of_a_place_over_many_lines_the_first_is_shown() {
        let source =
            Source::new("a.json", format!("{{\n  \"rank_pattern\": {{\n{}  }}\n}}\n", "    \"q\": 8,\n".repeat(500)));
        let value = Span::new(at(&source, "{\n    ").start, source.text().len() - 3);
        let diagnostic = Diagnostic::new(&WRONG_TYPE, "`rank_pattern` is long")
            .label(value, "an object")
            .label(Span::new(0, source.text().len()), "the whole");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        error[wrong-type]: `rank_pattern` is long
         --> a.json:2:19
          |
        1 | {
          | - the whole
        2 |   "rank_pattern": {
          |                   ^ an object
          |
          = help: peftspec explain wrong-type
        "#);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let modules: Vec<_> = (0..50_000).map(|layer| format!("\"model.layers.{layer}.q_proj\":8,")).collect();
        let modules = modules.concat();
        let source = Source::new("a.json", format!("{{\"peft_type\":\"LORA\",{modules}\"x\":1}}"));
        let diagnostic = Diagnostic::new(&UNKNOWN_FIELD, "unknown field `model.layers.25000.q_proj`")
            .label(at(&source, "\"model.layers.25000.q_proj\""), "not a field of LORA")
            .label(at(&source, "8,\"model.layers.25000.q_proj\""), "near")
            .label(at(&source, "\"LORA\""), "the method")
            .label(at(&source, "\"x\""), "");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        warning[unknown-field]: unknown field `model.layers.25000.q_proj`
         --> a.json:1:738911
          |
        1 | ...q_proj":8,"model.layers.24999.q_proj":8,"model.layers.25000.q_proj":8,"model.layers.25001.q_proj":8,"model.layers.25002....
          |                                          --^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |                                          | |
          |                                          | not a field of LORA
          |                                          near
          |
          = note: a.json:1:14: the method
          = help: peftspec explain unknown-field
        "#);
        let ends = Diagnostic::new(&UNKNOWN_FIELD, "both ends").label(at(&source, "\"x\":1}"), "the end");
        insta::assert_snapshot!(draw(&source, ends), @r#"
        warning[unknown-field]: both ends
         --> a.json:1:1488911
          |
        1 | ...q_proj":8,"model.layers.49999.q_proj":8,"x":1}
          |                                            ^^^^^^ the end
          |
          = help: peftspec explain unknown-field
        "#);
        let long = Diagnostic::new(&UNKNOWN_FIELD, "everything").label(Span::new(0, source.text().len()), "all of it");
        insta::assert_snapshot!(draw(&source, long), @r#"
        warning[unknown-field]: everything
         --> a.json:1:1
          |
        1 | {"peft_type":"LORA","model.layers.0.q_proj":8,"model.layers.1.q_proj":8,"model.layers.2.q_proj":8,"model.layers.3.q_proj...
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ all of it
          |
          = help: peftspec explain unknown-field
        "#);
    }

    #[test]
    fn a_place_far_away_is_told_in_words() {
        let source = Source::new("a.json", format!("{{\"r\": 8,{}\"r\": 16}}", "\n".repeat(9999)));
        let diagnostic = Diagnostic::new(&DUPLICATE_KEY, "`r` is given twice")
            .label(at(&source, "\"r\": 16"), "this one counts")
            .label(at(&source, "\"r\""), "dropped");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        warning[duplicate-key]: `r` is given twice
             --> a.json:10000:1
              |
        10000 | "r": 16}
              | ^^^^^^^ this one counts
              |
              = note: a.json:1:2: dropped
              = help: peftspec explain duplicate-key
        "#);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let source = Source::new("a\u{1b}[2J\n.json", "{\"\u{1b}[31m\u{9b}\u{202e}\0\": 1}");
        let diagnostic = Diagnostic::new(&UNKNOWN_FIELD, "`\u{1b}]0;\u{7}\u{9b}\u{202e}\r\n`")
            .label(at(&source, "1}"), "\u{1b}[2J\nhere")
            .note("\u{1b}[2J\u{7f}");
        insta::assert_snapshot!(draw(&source, diagnostic), @r#"
        warning[unknown-field]: `␛]0;␇��␍ `
         --> a␛[2J .json:1:14
          |
        1 | {"␛[31m·�␀": 1}
          |              ^^ ␛[2J here
          |
          = note: ␛[2J␡
          = help: peftspec explain unknown-field
        "#);
    }

    #[test]
    fn many_places_are_counted() {
        let source = Source::new("a.json", format!("[{}]", "8,".repeat(100)));
        let places = (0..100).map(|index| Span::new(1 + 2 * index, 2 + 2 * index));
        let diagnostic = places.fold(Diagnostic::new(&DUPLICATE_KEY, "many"), |d, place| d.label(place, ""));
        insta::assert_snapshot!(draw(&source, diagnostic), @"
        warning[duplicate-key]: many
         --> a.json:1:2
          |
        1 | [8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8,8...
          |  ^ - - - - - - - - - - -
          |
          = note: and 88 more places
          = help: peftspec explain duplicate-key
        ");
    }

    #[test]
    fn colour_adds_escapes_and_nothing_else() {
        let source = Source::new("a.json", "{\"r\": 0}");
        let diagnostic = [Diagnostic::new(&WRONG_TYPE, "`r` is 0").label(at(&source, "0"), "at least 1").note("why")];
        let colored = render(&source, &diagnostic, true);
        assert!(colored.starts_with("\u{1b}["));
        // An escape sequence ends with the first `m`.
        let plain: String =
            colored.split("\u{1b}[").map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect();
        assert_eq!(plain, render(&source, &diagnostic, false));
    }

    #[test]
    fn any_span_in_any_text_can_be_drawn() {
        for text in ["", "\n", "a", "a\n", "\r\n", "é\r\n\té", "\n\n", "日\n本\u{85}\r"] {
            let source = Source::new("a.json", text);
            for start in 0..=text.len() + 2 {
                for end in 0..=text.len() + 2 {
                    let diagnostic = Diagnostic::new(&SYNTAX_ERROR, "x")
                        .label(Span { start, end }, "first")
                        .label(Span { start: end, end: start }, "");
                    assert!(draw(&source, diagnostic).ends_with("peftspec explain syntax-error\n\n"));
                }
            }
        }
    }
}
