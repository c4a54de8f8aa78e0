//! What messages have in common.

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

/// Whether a terminal shows nothing for a character, or shows what follows in another order: control characters, those without
/// width, those that turn the direction of writing.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
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
    let escaped = |character: char| {
        if is_unseen(character) { character.escape_unicode().to_string() } else { character.to_string() }
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_escaped() {
        assert_eq!(visible("é `日本` 🦀"), "é `日本` 🦀");
        assert_eq!(visible("\u{1b}[2J\na\u{202e}b"), "\\u{1b}[2J\\u{a}a\\u{202e}b");
    }

    #[test]
    fn quoted_texts_are_short_and_on_one_line() {
        assert_eq!(shortened("a b"), "a b");
        assert_eq!(shortened("a\n"), "a");
        assert_eq!(shortened("a\r\nb"), "a…");
        assert_eq!(shortened(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
