//! The text of a file and the arithmetic of places in it.

use std::fmt;

/// A half-open range of UTF-8 byte offsets into a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// An empty span: a place between two bytes.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }
}

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in Unicode scalar values, counted from 1.
    pub column: usize,
    /// Offset in UTF-8 bytes, counted from 0.
    pub offset: usize,
}

/// A named text together with the offsets at which its lines start.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    /// How many characters begin before each multiple of [`CHUNK`]: a line can be the whole text, with places all over it.
    before_chunk: Vec<usize>,
}

/// Bytes of the text in which characters are counted at once.
const CHUNK: usize = 1024;

/// How many characters begin among these bytes.
fn count_characters(bytes: &[u8]) -> usize {
    // A byte 0b10… continues a character.
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

impl Source {
    /// Wraps `text`; `name` is what diagnostics call it, a path as a rule.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let ends_of_lines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(ends_of_lines).collect();
        let chunks = text.as_bytes().chunks(CHUNK).scan(0, |before, chunk| {
            *before += count_characters(chunk);
            Some(*before)
        });
        let before_chunk = std::iter::once(0).chain(chunks).collect();
        Self { name: name.into(), text, line_starts, before_chunk }
    }

    /// What diagnostics call this text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text within `span`; empty when the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line and column of a byte offset; offsets past the end count as the end, offsets inside a character as its start.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let line_start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or_default();
        let column = self.characters_before(offset) - self.characters_before(line_start) + 1;
        Position { line, column, offset }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let chunk = offset / CHUNK;
        let rest = self.text.as_bytes().get(chunk * CHUNK..offset).unwrap_or_default();
        self.before_chunk.get(chunk).copied().unwrap_or_default() + count_characters(rest)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_offsets_count_bytes() {
        let source = Source::new("a.json", "{\r\n  \"é🦀\": 1\r\n}");
        let at = |needle: &str| source.position(source.text().find(needle).unwrap());
        assert_eq!(at("{"), Position { line: 1, column: 1, offset: 0 });
        assert_eq!(at("1"), Position { line: 2, column: 9, offset: 15 });
        assert_eq!(at("}"), Position { line: 3, column: 1, offset: 18 });
    }

    #[test]
    fn a_place_outside_the_text_is_its_end() {
        let source = Source::new("a.json", "a\n");
        assert_eq!(source.position(99), Position { line: 2, column: 1, offset: 2 });
        assert_eq!(source.slice(Span::new(5, 9)), "");
        assert_eq!(Source::new("e", "").position(0), Position { line: 1, column: 1, offset: 0 });
    }

    #[test]
    fn columns_of_long_lines_are_counted_in_stretches() {
        let text = format!("{}\n{}", "aé".repeat(1000), "é🦀a".repeat(2000));
        let source = Source::new("a", text.as_str());
        for (offset, _) in text.char_indices() {
            let line = text[..offset].rsplit('\n').next().unwrap();
            assert_eq!(source.position(offset).column, line.chars().count() + 1, "{offset}");
        }
    }

    #[test]
    fn an_offset_inside_a_character_is_its_start() {
        assert_eq!(Source::new("a", "é").position(1), Position { line: 1, column: 1, offset: 0 });
    }
}
