//! Reads a JSON string: escapes, surrogate pairs, and the characters that must not stand in one.

use super::{Fatal, Slips, fatal};
use crate::{
    diagnostic::{Diagnostic, LONE_SURROGATE, SYNTAX_ERROR},
    source::Span,
};

/// Reads the string that `rest` starts with; `base` is where `rest` stands in the text. Returns its value and its length in
/// bytes, quotes included.
pub(super) fn read(rest: &str, quote: char, base: usize, slips: &mut Slips) -> Result<(String, usize), Fatal> {
    let mut value = String::new();
    // Both quotes are one byte long.
    let mut offset = 1;
    loop {
        let remaining = rest.get(offset..).unwrap_or_default();
        let special = |character: char| character == quote || character == '\\' || character < ' ';
        let Some(plain) = remaining.find(special) else {
            return Err(fatal(&SYNTAX_ERROR, "the string is never closed", Span::new(base, base + 1), "opened here"));
        };
        value.push_str(remaining.get(..plain).unwrap_or_default());
        offset += plain;
        let remaining = remaining.get(plain..).unwrap_or_default();
        match remaining.chars().next() {
            Some('\\') => {
                let (character, length) = escape(remaining, base + offset, slips)?;
                value.push(character);
                offset += length;
            }
            Some('\n' | '\r') => {
                return Err(Box::new(
                    Diagnostic::new(&SYNTAX_ERROR, "the string is not closed on its line")
                        .label(Span::new(base, base + offset), "expected a closing quote")
                        .note("a line break inside a string is written `\\n`"),
                ));
            }
            Some(control) if control < ' ' => {
                slips.add(control_character(control, base + offset));
                value.push(control);
                offset += 1;
            }
            _ => return Ok((value, offset + 1)),
        }
    }
}

fn control_character(control: char, offset: usize) -> Diagnostic {
    let span = Span::new(offset, offset + 1);
    let escaped = if control == '\t' { "\\t".to_owned() } else { format!("\\u{:04x}", u32::from(control)) };
    Diagnostic::new(&SYNTAX_ERROR, "there is a raw control character in the string")
        .label(span, format!("written `{escaped}` in JSON"))
        .fix(format!("write `{escaped}`"), true, span, escaped)
}

/// Reads the escape that `rest` starts with; returns the character and the escape's length in bytes.
fn escape(rest: &str, base: usize, slips: &mut Slips) -> Result<(char, usize), Fatal> {
    let letter = rest.chars().nth(1);
    let character = match letter {
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode_escape(rest, base, slips),
        _ => {
            let length = 1 + letter.map_or(0, char::len_utf8);
            return Err(Box::new(
                Diagnostic::new(&SYNTAX_ERROR, "the string has an escape that JSON does not know")
                    .label(Span::new(base, base + length), "unknown escape")
                    .note("a backslash itself is written `\\\\`, as in Windows paths and regular expressions"),
            ));
        }
    };
    Ok((character, 2))
}

fn unicode_escape(rest: &str, base: usize, slips: &mut Slips) -> Result<(char, usize), Fatal> {
    let Some(unit) = code_unit(rest) else {
        let shown = rest.chars().take(6).map(char::len_utf8).sum::<usize>();
        return Err(fatal(
            &SYNTAX_ERROR,
            "the string has a broken `\\u` escape",
            Span::new(base, base + shown),
            "expected four hexadecimal digits",
        ));
    };
    if let Some(character) = char::from_u32(unit) {
        return Ok((character, 6));
    }
    let low = rest.get(6..).and_then(code_unit).filter(|low| (0xdc00..0xe000).contains(low));
    if let (0xd800..0xdc00, Some(low)) = (unit, low)
        && let Some(character) = char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
    {
        return Ok((character, 12));
    }
    slips.add(
        Diagnostic::new(&LONE_SURROGATE, "the string has half of a surrogate pair")
            .label(Span::new(base, base + 6), "no character on its own")
            .note("Python reads it, and fails with `UnicodeEncodeError` when it is printed or written"),
    );
    Ok((char::REPLACEMENT_CHARACTER, 6))
}

/// The value of `\uXXXX` at the start of a text.
fn code_unit(rest: &str) -> Option<u32> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
