//! A pattern in tokens, and what Python says where it refuses one; after `Tokenizer` of CPython's `Lib/re/_parser.py`.

use std::{fmt, str::Chars};

/// Why Python does not take a pattern, in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rule) struct Refusal {
    message: String,
    /// Counted in characters, from 0.
    position: Option<usize>,
    /// The line and the column of the position, counted from 1, in a pattern of several lines.
    line: Option<(usize, usize)>,
}

impl Refusal {
    /// A refusal that Python gives no place of.
    pub(super) fn of_the_whole(message: &str) -> Self {
        Self { message: message.to_owned(), position: None, line: None }
    }

    pub(super) fn at(position: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), position: Some(position), line: None }
    }

    /// With the line, which Python gives where the pattern has several.
    pub(super) fn with_line(self, pattern: &str) -> Self {
        let before = self.position.map(|position| pattern.chars().take(position).collect::<String>());
        let line = before.filter(|_| pattern.contains('\n')).map(|before| {
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
            (before.matches('\n').count().saturating_add(1), column.saturating_add(1))
        });
        Self { line, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(position) = self.position {
            write!(formatter, " at position {position}")?;
        }
        self.line.map_or(Ok(()), |(line, column)| write!(formatter, " (line {line}, column {column})"))
    }
}

/// A character, or one with a backslash before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

impl Token {
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped(_) => 2,
        }
    }

    /// Python's `str.isalpha`.
    pub(super) fn is_letter(self) -> bool {
        matches!(self, Self::Plain(character) if character.is_alphabetic())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(character) => write!(formatter, "{character}"),
            Self::Escaped(character) => write!(formatter, "\\{character}"),
        }
    }
}

/// What is left of a pattern. The next token is read ahead, so a backslash at the end is refused as early as Python does.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    rest: Chars<'a>,
    /// The next token, if there is one.
    pub(super) next: Option<Token>,
    /// Where the next token begins.
    pub(super) position: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Refusal> {
        let mut tokens = Self { rest: text.chars(), next: None, position: 0 };
        tokens.advance()?;
        Ok(tokens)
    }

    /// Goes past the next token.
    pub(super) fn advance(&mut self) -> Result<(), Refusal> {
        self.position = self.position.saturating_add(self.next.map_or(0, Token::length));
        self.next = match self.rest.next() {
            Some('\\') => {
                let escaped = self.rest.next().ok_or_else(|| self.refusal(0, "bad escape (end of pattern)"))?;
                Some(Token::Escaped(escaped))
            }
            character => character.map(Token::Plain),
        };
        Ok(())
    }

    /// The next token, which is gone past.
    pub(super) fn take(&mut self) -> Result<Option<Token>, Refusal> {
        let next = self.next;
        self.advance()?;
        Ok(next)
    }

    /// Whether the next token is this character, which then is gone past.
    pub(super) fn eat(&mut self, character: char) -> Result<bool, Refusal> {
        let is_next = self.next == Some(Token::Plain(character));
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    /// The next characters that are wanted, at most so many.
    pub(super) fn take_while(&mut self, most: usize, is_wanted: fn(char) -> bool) -> Result<String, Refusal> {
        let mut taken = String::new();
        for _ in 0..most {
            match self.next {
                Some(Token::Plain(character)) if is_wanted(character) => taken.push(character),
                _ => break,
            }
            self.advance()?;
        }
        Ok(taken)
    }

    /// A name up to a character that ends it.
    pub(super) fn take_until(&mut self, end: char, what: &str) -> Result<String, Refusal> {
        let mut name = String::new();
        loop {
            match self.take()? {
                Some(Token::Plain(character)) if character == end => break,
                Some(token) => name.push_str(&token.to_string()),
                None if name.is_empty() => return Err(self.refusal(0, format!("missing {what}"))),
                None => return Err(self.refusal(name.chars().count(), format!("missing {end}, unterminated name"))),
            }
        }
        if name.is_empty() { Err(self.refusal(1, format!("missing {what}"))) } else { Ok(name) }
    }

    /// A refusal at the start of a name that was just taken with the character that ends it.
    pub(super) fn refusal_of_name(&self, name: &str, message: impl Into<String>) -> Refusal {
        self.refusal(length_with_end(name), message)
    }

    /// A refusal so many characters before the next token.
    pub(super) fn refusal(&self, back: usize, message: impl Into<String>) -> Refusal {
        Refusal::at(self.position.saturating_sub(back), message)
    }
}

/// The characters of a name and the one that ends it.
pub(super) fn length_with_end(name: &str) -> usize {
    name.chars().count().saturating_add(1)
}
