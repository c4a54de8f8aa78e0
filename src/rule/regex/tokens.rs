//! A pattern in tokens, and what Python says where it refuses one; after `Tokenizer` of CPython's `Lib/re/_parser.py`.

use std::{fmt, str::Chars};

/// Why Python does not take a pattern, in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rule) struct Refusal {
    message: String,
    /// Counted in characters, from 0.
    position: Option<usize>,
}

impl Refusal {
    /// A refusal that Python gives no place of.
    pub(super) fn of_the_whole(message: &str) -> Self {
        Self { message: message.to_owned(), position: None }
    }

    pub(super) fn at(position: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), position: Some(position) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        self.position.map_or(Ok(()), |position| write!(formatter, " at position {position}"))
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

    /// A name up to a character that ends it, and its length.
    pub(super) fn take_until(&mut self, end: char, what: &str) -> Result<(String, usize), Refusal> {
        let (mut name, mut length) = (String::new(), 0_usize);
        loop {
            match self.take()? {
                Some(Token::Plain(character)) if character == end => break,
                Some(token) => {
                    name.push_str(&token.to_string());
                    length = length.saturating_add(token.length());
                }
                None if name.is_empty() => return Err(self.refusal(0, format!("missing {what}"))),
                None => return Err(self.refusal(length, format!("missing {end}, unterminated name"))),
            }
        }
        if name.is_empty() { Err(self.refusal(1, format!("missing {what}"))) } else { Ok((name, length)) }
    }

    /// A refusal so many characters before the next token.
    pub(super) fn refusal(&self, back: usize, message: impl Into<String>) -> Refusal {
        Refusal::at(self.position.saturating_sub(back), message)
    }
}
