//! The few lines of a text around some places, cut down so that drawing them costs the same in any file.

use crate::source::{Source, Span};
use std::ops::Range;

/// A line with more characters than this is cut to a window around its first place.
const WIDTH: usize = 120;
/// How many characters of a cut line stay before the place it is shown for.
const LEAD: usize = 40;
/// A place more lines away than this from the first one is not drawn.
const REACH: usize = 500;
/// What stands for the part of a line that was cut off.
const ELLIPSIS: &str = "...";

/// Consecutive lines of a source, ready to be drawn.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The lines; long ones are cut, control characters that a terminal would obey are replaced.
    pub(super) text: String,
    /// The number of the first line, counted from 1.
    pub(super) first_line: usize,
    rows: Vec<Row>,
}

/// A line of an excerpt.
#[derive(Debug)]
struct Row {
    /// The part of the source that is kept.
    window: Range<usize>,
    /// Where that part starts in the excerpt.
    at: usize,
}

impl Excerpt {
    /// The lines of `source` from the first to the last of `places`, as far as they are within reach of the first place.
    pub(super) fn new(source: &Source, places: &[Span]) -> Self {
        let center = places.first().map_or(1, |place| line_of(source, place.start));
        let near = |place: &&Span| line_of(source, place.start).abs_diff(center) <= REACH;
        let starts: Vec<usize> = places.iter().filter(near).map(|place| clamp(source, place.start)).collect();
        let from = starts.iter().min().copied().unwrap_or_default();
        let to = starts.iter().max().copied().unwrap_or_default();

        let mut excerpt = Self { text: String::new(), first_line: line_of(source, from), rows: Vec::new() };
        let mut line = line_around(source.text(), from);
        loop {
            let anchor = starts.iter().copied().find(|start| (line.start..=line.end).contains(start));
            excerpt.push(source.text(), &line, anchor);
            let next =
                source.text().get(line.end..).and_then(|rest| rest.find('\n')).map(|newline| line.end + newline + 1);
            match next {
                Some(next) if next <= to => line = line_around(source.text(), next),
                _ => return excerpt,
            }
        }
    }

    /// The number of the last line, counted from 1.
    pub(super) fn last_line(&self) -> usize {
        self.first_line + self.rows.len().saturating_sub(1)
    }

    /// Where `span` is in the excerpt: its first line only, and at least one character wide; `None` when it was left out.
    pub(super) fn locate(&self, source: &Source, span: Span) -> Option<Range<usize>> {
        let start = clamp(source, span.start);
        let row = self.rows.iter().find(|row| (row.window.start..=row.window.end).contains(&start))?;
        let end = clamp(source, span.end).clamp(start, row.window.end);
        let (start, end) = (row.at + start - row.window.start, row.at + end - row.window.start);
        let character = self.text.get(start..)?.chars().next().filter(|&c| c != '\n').map_or(0, char::len_utf8);
        Some(start..end.max(start + character))
    }

    /// Appends one line, cut to what is around `anchor` if it is long.
    fn push(&mut self, text: &str, line: &Range<usize>, anchor: Option<usize>) {
        if !self.rows.is_empty() {
            self.text.push('\n');
        }
        let window = window(text, line, anchor.unwrap_or(line.start));
        if window.start > line.start {
            self.text.push_str(ELLIPSIS);
        }
        let at = self.text.len();
        self.text.extend(text.get(window.clone()).unwrap_or_default().chars().map(inert));
        if window.is_empty() && anchor.is_some() {
            self.text.push(' '); // Something to point at.
        }
        if window.end < line.end {
            self.text.push_str(ELLIPSIS);
        }
        self.rows.push(Row { window, at });
    }
}

/// The part of a line to keep: all of it, or some characters around `anchor`.
fn window(text: &str, line: &Range<usize>, anchor: usize) -> Range<usize> {
    let forward = |from: usize, count: usize| {
        let rest = text.get(from..line.end).unwrap_or_default();
        rest.char_indices().nth(count).map_or(line.end, |(index, _)| from + index)
    };
    if forward(line.start, WIDTH) == line.end {
        return line.clone();
    }
    let before = text.get(line.start..anchor).unwrap_or_default();
    let start = before.char_indices().rev().nth(LEAD - 1).map_or(line.start, |(index, _)| line.start + index);
    start..forward(start, WIDTH)
}

/// The line that holds the offset, without its line break.
fn line_around(text: &str, offset: usize) -> Range<usize> {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = after.find('\n').map_or(text.len(), |newline| before.len() + newline);
    let line = text.get(start..end).unwrap_or_default();
    start..start + line.strip_suffix('\r').unwrap_or(line).len()
}

/// The offset, moved into the text, onto the start of a character and before a line break.
fn clamp(source: &Source, offset: usize) -> usize {
    let offset = source.text().floor_char_boundary(offset);
    offset.min(line_around(source.text(), offset).end)
}

/// The number of the line that holds the offset.
fn line_of(source: &Source, offset: usize) -> usize {
    source.position(offset).line
}

/// The second range of control characters as a dot of the same length; the renderer itself replaces the first.
fn inert(character: char) -> char {
    if ('\u{80}'..='\u{9f}').contains(&character) { '·' } else { character }
}
