//! What messages have in common.

#[cfg(feature = "checkpoint")]
use std::fmt::Display;

/// The first line of a text, cut where a message would get too long.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// A count and what is counted: `1 tensor`, `2 tensors`.
#[cfg(feature = "checkpoint")]
pub(crate) fn counted<N: Copy + Display + From<u8> + PartialEq>(count: N, singular: &str, plural: &str) -> String {
    let noun = if count == N::from(1) { singular } else { plural };
    format!("{count} {noun}")
}

/// Whether a character is seen as it is: it commands no terminal, has a width, and does not turn the direction of writing.
pub(crate) fn is_visible(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with characters escaped that nobody sees, or that would make a terminal do something.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_visible(character) { shown.push(character) } else { shown.extend(character.escape_default()) }
    }
    shown
}

/// A name from a file for a message: on one line, everything escaped that would not be seen as it is, cut where it would get too
/// long.
#[cfg(feature = "checkpoint")]
pub(crate) fn shown(name: &str) -> String {
    const LONGEST: usize = 120;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => visible(name.get(..end).unwrap_or_default()) + "…",
        None => visible(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "checkpoint")]
    #[test]
    fn what_would_not_be_seen_is_escaped() {
        assert_eq!(shown("größe.重み"), "größe.重み");
        assert_eq!(shown("a\n\u{1b}[2J"), "a\\n\\u{1b}[2J");
        for hidden in ['\u{7f}', '\u{9b}', '\u{200b}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert_eq!(shown(&hidden.to_string()), format!("\\u{{{:x}}}", u32::from(hidden)));
        }
        assert_eq!(shown(&"x".repeat(121)), format!("{}…", "x".repeat(120)));
    }

    #[test]
    fn what_nobody_sees_is_escaped() {
        assert_eq!(visible("é `日本` 🦀"), "é `日本` 🦀");
        assert_eq!(visible("\u{1b}[2J\na\u{202e}b"), "\\u{1b}[2J\\na\\u{202e}b");
    }

    #[test]
    fn quoted_texts_are_short_and_on_one_line() {
        assert_eq!(shortened("a b"), "a b");
        assert_eq!(shortened("a\n"), "a");
        assert_eq!(shortened("a\r\nb"), "a…");
        assert_eq!(shortened(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
