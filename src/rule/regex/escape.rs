//! What a backslash begins, and sets; after `_escape`, `_class_escape` and `_parse` of CPython's `Lib/re/_parser.py`.

use super::{
    Edition,
    parser::{Item, Parser},
    tokens::{Refusal, Token},
    width::Width,
};
use crate::diagnostic::shortened;

/// The largest character that an octal escape can name.
const LARGEST_OCTAL: u32 = 0o377;

/// What stands in a set.
enum Member {
    /// A character, and its number where that is known: which names Unicode has is not.
    Character(Option<u32>),
    /// A class such as `\d`.
    Class,
}

const fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

impl Parser<'_> {
    /// What an escape outside sets stands for.
    pub(super) fn escape(&mut self, escaped: char) -> Result<(), Refusal> {
        match escaped {
            'A' | 'B' | 'Z' | 'b' => self.push(Item::Place, Width::NOTHING),
            'z' if self.edition == Edition::Since311 => self.push(Item::Place, Width::NOTHING),
            '1'..='9' => return self.reference_or_octal(escaped),
            _ => {
                self.member(escaped)?;
                self.push(Item::Other, Width::CHARACTER);
            }
        }
        Ok(())
    }

    /// Three octal digits are a character, other digits the number of a group.
    fn reference_or_octal(&mut self, first: char) -> Result<(), Refusal> {
        let mut digits = String::from(first);
        digits.push_str(&self.tokens.take_while(1, |digit| digit.is_ascii_digit())?);
        if digits.len() == 2 && digits.chars().all(is_octal) {
            digits.push_str(&self.tokens.take_while(1, is_octal)?);
        }
        if digits.len() == 3 {
            self.octal(&digits)?;
            self.push(Item::Other, Width::CHARACTER);
            return Ok(());
        }
        let group = digits.parse().unwrap_or(usize::MAX);
        if group >= self.groups.len() {
            return Err(self.tokens.refusal(digits.len(), format!("invalid group reference {group}")));
        }
        self.refer(group, digits.len().saturating_add(1))
    }

    fn octal(&self, digits: &str) -> Result<u32, Refusal> {
        let number = u32::from_str_radix(digits, 8).unwrap_or(u32::MAX);
        if number > LARGEST_OCTAL {
            let message = format!("octal escape value \\{digits} outside of range 0-0o377");
            return Err(self.tokens.refusal(digits.len().saturating_add(1), message));
        }
        Ok(number)
    }

    /// What an escape stands for in a set, and, if it is no place and no digit, outside of one.
    fn member(&mut self, escaped: char) -> Result<Member, Refusal> {
        Ok(match escaped {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => Member::Class,
            'a' => Member::Character(Some(0x07)),
            'b' => Member::Character(Some(0x08)),
            't' => Member::Character(Some(0x09)),
            'n' => Member::Character(Some(0x0a)),
            'v' => Member::Character(Some(0x0b)),
            'f' => Member::Character(Some(0x0c)),
            'r' => Member::Character(Some(0x0d)),
            'x' => self.hexadecimal(escaped, 2)?,
            'u' => self.hexadecimal(escaped, 4)?,
            'U' => self.hexadecimal(escaped, 8)?,
            'N' => self.named()?,
            '0'..='7' => {
                let digits = format!("{escaped}{}", self.tokens.take_while(2, is_octal)?);
                Member::Character(Some(self.octal(&digits)?))
            }
            '8' | '9' | 'A'..='Z' | 'a'..='z' => return Err(self.tokens.refusal(2, format!("bad escape \\{escaped}"))),
            _ => Member::Character(Some(u32::from(escaped))),
        })
    }

    fn hexadecimal(&mut self, letter: char, wanted: usize) -> Result<Member, Refusal> {
        let digits = self.tokens.take_while(wanted, |digit| digit.is_ascii_hexdigit())?;
        let refusal = |problem| {
            let message = format!("{problem} escape \\{letter}{digits}");
            self.tokens.refusal(digits.len().saturating_add(2), message)
        };
        if digits.len() < wanted {
            return Err(refusal("incomplete"));
        }
        match u32::from_str_radix(&digits, 16) {
            Ok(number) if number <= u32::from(char::MAX) => Ok(Member::Character(Some(number))),
            _ => Err(refusal("bad")),
        }
    }

    /// `\N{DIGIT ONE}`. Which names there are is for the release of Python to say; none has other characters than these.
    fn named(&mut self) -> Result<Member, Refusal> {
        if !self.tokens.eat('{')? {
            return Err(self.tokens.refusal(0, "missing {"));
        }
        let name = self.tokens.take_until('}', "character name")?;
        if !name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, ' ' | '-')) {
            let message = format!("undefined character name '{}'", shortened(&name));
            return Err(self.tokens.refusal(name.chars().count().saturating_add(r"\N{}".len()), message));
        }
        Ok(Member::Character(None))
    }

    /// A set, of which the opening bracket is gone past. What combines sets elsewhere is a character to Python.
    pub(super) fn set(&mut self) -> Result<(), Refusal> {
        let start = self.tokens.position.saturating_sub(1);
        let unterminated = || Refusal::at(start, "unterminated character set");
        self.tokens.eat('^')?;
        let mut is_empty = true;
        loop {
            let this = self.tokens.take()?.ok_or_else(unterminated)?;
            if this == Token::Plain(']') && !is_empty {
                break;
            }
            is_empty = false;
            let low = self.member_of(this)?;
            if self.tokens.eat('-')? {
                let that = self.tokens.take()?.ok_or_else(unterminated)?;
                if that == Token::Plain(']') {
                    break;
                }
                let high = self.member_of(that)?;
                if !is_range(&low, &high) {
                    let length = this.length().saturating_add(1).saturating_add(that.length());
                    return Err(self.tokens.refusal(length, format!("bad character range {this}-{that}")));
                }
            }
        }
        self.push(Item::Other, Width::CHARACTER);
        Ok(())
    }

    fn member_of(&mut self, token: Token) -> Result<Member, Refusal> {
        match token {
            Token::Plain(character) => Ok(Member::Character(Some(u32::from(character)))),
            Token::Escaped(character) => self.member(character),
        }
    }
}

fn is_range(low: &Member, high: &Member) -> bool {
    match (low, high) {
        (Member::Character(low), Member::Character(high)) => low.zip(*high).is_none_or(|(low, high)| low <= high),
        _ => false,
    }
}
