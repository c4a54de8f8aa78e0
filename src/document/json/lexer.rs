//! Cuts JSON text into tokens; what Python would refuse but is plain to see becomes a finding and a token all the same.

use super::{Fatal, Slips, comment, fatal, string};
use crate::{
    diagnostic::{BYTE_ORDER_MARK, Diagnostic, SYNTAX_ERROR, shortened},
    document::{Number, node::Kind},
    source::Span,
};

pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

pub(super) enum TokenKind {
    /// `{` or `[`
    Open(char),
    /// `}` or `]`
    Close(char),
    Comma,
    Colon,
    /// A string, escapes resolved.
    String(String),
    Number(Number),
    /// Letters without quotes: `true`, `None`, `peft_type`.
    Word,
    End,
}

/// The tokens of a text, with a place to report what is wrong in them.
pub(super) struct Lexer<'text> {
    text: &'text str,
    offset: usize,
    previous_end: usize,
    pub(super) slips: Slips,
}

impl<'text> Lexer<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        let mut lexer = Self { text, offset: 0, previous_end: 0, slips: Slips::default() };
        if text.starts_with('\u{feff}') {
            lexer.offset = '\u{feff}'.len_utf8();
            let mark = Span::new(0, lexer.offset);
            lexer.report(
                Diagnostic::new(&BYTE_ORDER_MARK, "the file starts with a byte order mark")
                    .label(mark, "three invisible bytes")
                    .note("Python's `json` refuses it; save the file as UTF-8 without BOM")
                    .fix("remove the byte order mark", true, mark, ""),
            );
        }
        lexer
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.slips.add(diagnostic);
    }

    pub(super) fn text_of(&self, span: Span) -> &'text str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Where the token before the last one ended.
    pub(super) fn end_of_previous(&self) -> usize {
        self.previous_end
    }

    fn rest(&self) -> &'text str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<Token, Fatal> {
        self.previous_end = self.offset;
        self.skip_blanks_and_comments()?;
        let start = self.offset;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token { kind: TokenKind::End, span: Span::at(start) });
        };
        let kind = match first {
            '{' | '[' => self.single(TokenKind::Open(first)),
            '}' | ']' => self.single(TokenKind::Close(first)),
            ',' => self.single(TokenKind::Comma),
            ':' => self.single(TokenKind::Colon),
            '"' | '\'' => self.string(first)?,
            _ if is_word(first) => self.word_or_number(),
            _ => {
                let span = Span::new(start, start + first.len_utf8());
                return Err(fatal(&SYNTAX_ERROR, format!("unexpected character {first:?}"), span, "not JSON"));
            }
        };
        Ok(Token { kind, span: Span::new(start, self.offset) })
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.offset += 1;
        kind
    }

    fn skip_blanks_and_comments(&mut self) -> Result<(), Fatal> {
        loop {
            let blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r');
            self.offset = self.text.len() - self.rest().trim_start_matches(blank).len();
            let rest = self.rest();
            let length = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find(['\n', '\r']).unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                let Some(length) = rest.find("*/") else {
                    let opening = Span::new(self.offset, self.offset + 2);
                    return Err(fatal(&SYNTAX_ERROR, "the comment is never closed", opening, "opened here"));
                };
                length + 2
            } else if let Some(character) = rest.chars().next().filter(|&character| is_foreign_blank(character)) {
                self.foreign_blank(character);
                continue;
            } else {
                return Ok(());
            };
            let span = Span::new(self.offset, self.offset + length);
            self.offset = span.end;
            self.report(comment(span));
        }
    }

    fn foreign_blank(&mut self, character: char) {
        let span = Span::new(self.offset, self.offset + character.len_utf8());
        self.offset = span.end;
        let code_point = u32::from(character);
        self.report(
            Diagnostic::new(&SYNTAX_ERROR, format!("the character U+{code_point:04X} is not white space in JSON"))
                .label(span, "looks like a space")
                .note("only space, tab, line feed and carriage return may stand between values")
                .fix("replace it with a space", true, span, " "),
        );
    }

    fn string(&mut self, quote: char) -> Result<TokenKind, Fatal> {
        let start = self.offset;
        let (text, length) = string::read(self.rest(), quote, start, &mut self.slips)?;
        self.offset += length;
        if quote == '\'' {
            let span = Span::new(start, self.offset);
            let quoted = crate::document::quoted(&text);
            self.report(
                Diagnostic::new(&SYNTAX_ERROR, "the string is in single quotes")
                    .label(span, "JSON strings are in double quotes")
                    .fix("use double quotes", true, span, quoted),
            );
        }
        Ok(TokenKind::String(text))
    }

    fn word_or_number(&mut self) -> TokenKind {
        let start = self.offset;
        let rest = self.rest();
        self.offset += rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        let span = Span::new(start, self.offset);
        let word = self.text_of(span);
        if is_json_number(word) || matches!(word, "NaN" | "Infinity" | "-Infinity") {
            return TokenKind::Number(Number::new(word));
        }
        match number_meant(word) {
            Some(meant) => {
                self.report(
                    Diagnostic::new(&SYNTAX_ERROR, format!("`{}` is not how JSON writes a number", shortened(word)))
                        .label(span, format!("JSON writes `{}`", shortened(&meant)))
                        .fix(format!("write `{}`", shortened(&meant)), true, span, meant.clone()),
                );
                TokenKind::Number(Number::new(meant))
            }
            None => TokenKind::Word,
        }
    }

    /// The value that a bare word stands for; anything but `true`, `false` and `null` is reported.
    pub(super) fn word_value(&mut self, span: Span) -> Kind {
        let word = self.text_of(span);
        let (kind, meant) = match word {
            "true" => return Kind::Bool(true),
            "false" => return Kind::Bool(false),
            "null" => return Kind::Null,
            _ => match &*word.to_ascii_lowercase() {
                "true" => (Kind::Bool(true), "true".to_owned()),
                "false" => (Kind::Bool(false), "false".to_owned()),
                "none" | "null" | "nil" | "undefined" => (Kind::Null, "null".to_owned()),
                _ => (Kind::String(word.to_owned()), format!("\"{word}\"")),
            },
        };
        self.report(
            Diagnostic::new(&SYNTAX_ERROR, format!("`{}` is not a JSON value", shortened(word)))
                .label(span, format!("JSON writes `{}`", shortened(&meant)))
                .fix(
                    format!("write `{}` for `{}`", shortened(&meant), shortened(word)),
                    !matches!(kind, Kind::String(_)),
                    span,
                    meant,
                ),
        );
        kind
    }
}

/// A character that may stand in a number or a bare word.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '+' | '.' | '$')
}

fn is_foreign_blank(character: char) -> bool {
    character.is_whitespace() && !character.is_ascii()
        || matches!(character, '\u{b}' | '\u{c}' | '\u{feff}' | '\u{200b}')
}

/// Whether a word follows JSON's grammar of numbers.
fn is_json_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// The number that a spelling from another language stands for, in JSON's spelling: `.5`, `+1`, `1.`, `01`, `0x10`, `1_000`.
fn number_meant(word: &str) -> Option<String> {
    let plain = word.strip_prefix('+').unwrap_or(word).replace('_', "");
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain.as_str()), |unsigned| ("-", unsigned));
    if let Some(hexadecimal) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        return u64::from_str_radix(hexadecimal, 16).ok().map(|value| format!("{sign}{value}"));
    }
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
    let stripped = whole.trim_start_matches('0');
    let whole = if stripped.starts_with(|character: char| character.is_ascii_digit()) {
        stripped.into()
    } else {
        format!("0{stripped}")
    };
    let meant = match fraction {
        None => format!("{sign}{whole}"),
        Some(fraction) if fraction.starts_with(|character: char| character.is_ascii_digit()) => {
            format!("{sign}{whole}.{fraction}")
        }
        Some(fraction) => format!("{sign}{whole}.0{fraction}"),
    };
    let has_digit = unsigned.starts_with(|character: char| character.is_ascii_digit() || character == '.')
        && unsigned.contains(|character: char| character.is_ascii_digit());
    (has_digit && is_json_number(&meant)).then_some(meant)
}
