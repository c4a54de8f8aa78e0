//! What an opening parenthesis begins; after `_parse` of CPython's `Lib/re/_parser.py`.

use super::{
    Edition,
    flags::LETTERS,
    parser::{Item, Opening, Parser},
    tokens::{Refusal, Token, length_with_end},
    width::Width,
};
use crate::diagnostic::shortened;

/// The groups that a pattern can have (`_sre.MAXGROUPS`).
const MOST_GROUPS: usize = 1_073_741_823;

impl Parser<'_> {
    /// A group or an extension, of which the parenthesis is gone past.
    pub(super) fn open(&mut self) -> Result<(), Refusal> {
        let start = self.tokens.position.saturating_sub(1);
        if !self.tokens.eat('?')? {
            return self.capture(None, start);
        }
        let kind = self.token()?;
        match kind {
            Token::Plain('P') => self.named_group(start),
            Token::Plain('#') => self.comment(start),
            Token::Plain('<') => self.look_behind(start),
            Token::Plain('(') => self.condition(start),
            Token::Plain('=' | '!') => self.enter(Opening::Ahead, start),
            Token::Plain(':') => self.enter(Opening::Group(None), start),
            Token::Plain('>') if self.edition == Edition::Since311 => self.enter(Opening::Group(None), start),
            Token::Plain(flag) if flag == '-' || LETTERS.contains(flag) => self.flags(flag, start),
            Token::Plain(_) | Token::Escaped(_) => Err(self.unknown_extension("?", kind)),
        }
    }

    fn token(&mut self) -> Result<Token, Refusal> {
        self.tokens.take()?.ok_or_else(|| self.tokens.refusal(0, "unexpected end of pattern"))
    }

    fn unknown_extension(&self, before: &str, token: Token) -> Refusal {
        let length = before.len().saturating_add(token.length());
        self.tokens.refusal(length, format!("unknown extension {before}{token}"))
    }

    fn capture(&mut self, name: Option<String>, start: usize) -> Result<(), Refusal> {
        let group = self.groups.len();
        if let Some(name) = name {
            if let Some(taken) = self.names.get(&name) {
                let message =
                    format!("redefinition of group name '{}' as group {group}; was group {taken}", shortened(&name));
                return Err(self.tokens.refusal_of_name(&name, message));
            }
            self.names.insert(name, group);
        }
        self.groups.push(None);
        self.enter(Opening::Group(Some(group)), start)
    }

    /// `(?P<name>…)` and `(?P=name)`.
    fn named_group(&mut self, start: usize) -> Result<(), Refusal> {
        if self.tokens.eat('<')? {
            let name = self.group_name('>')?;
            if !is_identifier(&name) {
                return Err(self.bad_name(&name));
            }
            return self.capture(Some(name), start);
        }
        if !self.tokens.eat('=')? {
            let token = self.token()?;
            return Err(self.unknown_extension("?P", token));
        }
        let name = self.group_name(')')?;
        if !is_identifier(&name) {
            return Err(self.bad_name(&name));
        }
        self.refer(self.group_named(&name)?, length_with_end(&name))
    }

    fn group_name(&mut self, end: char) -> Result<String, Refusal> {
        self.tokens.take_until(end, "group name")
    }

    fn bad_name(&self, name: &str) -> Refusal {
        self.tokens.refusal_of_name(name, format!("bad character in group name '{}'", shortened(name)))
    }

    fn group_named(&self, name: &str) -> Result<usize, Refusal> {
        let unknown = || self.tokens.refusal_of_name(name, format!("unknown group name '{}'", shortened(name)));
        self.names.get(name).copied().ok_or_else(unknown)
    }

    fn comment(&mut self, start: usize) -> Result<(), Refusal> {
        loop {
            match self.tokens.take()? {
                None => return Err(Refusal::at(start, "missing ), unterminated comment")),
                Some(Token::Plain(')')) => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn look_behind(&mut self, start: usize) -> Result<(), Refusal> {
        let token = self.token()?;
        if !matches!(token, Token::Plain('=' | '!')) {
            return Err(self.unknown_extension("?<", token));
        }
        let is_outermost = self.groups_before_behind.is_none();
        self.groups_before_behind.get_or_insert(self.groups.len());
        self.enter(Opening::Behind { is_outermost }, start)
    }

    /// `(?(1)…|…)`, whose group may come later.
    fn condition(&mut self, start: usize) -> Result<(), Refusal> {
        let name = self.group_name(')')?;
        let group = if is_identifier(&name) {
            self.group_named(&name)?
        } else {
            let group = number(&name).ok_or_else(|| self.bad_name(&name))?;
            if group == 0 {
                return Err(self.tokens.refusal_of_name(&name, "bad group number"));
            }
            if group >= MOST_GROUPS {
                return Err(self
                    .tokens
                    .refusal_of_name(&name, format!("invalid group reference {}", shortened(&name))));
            }
            self.conditions.push((group, self.tokens.position.saturating_sub(length_with_end(&name))));
            group
        };
        self.check_behind(group)?;
        self.enter(Opening::Condition, start)
    }

    /// What a closed group matched, again; `back` is where the reference begins.
    pub(super) fn refer(&mut self, group: usize, back: usize) -> Result<(), Refusal> {
        let width = self.closed(group).ok_or_else(|| self.tokens.refusal(back, "cannot refer to an open group"))?;
        self.check_behind(group)?;
        self.push(Item::Other, width);
        Ok(())
    }

    fn closed(&self, group: usize) -> Option<Width> {
        self.groups.get(group).copied().flatten()
    }

    /// Look-behind may refer to groups before it only.
    fn check_behind(&self, group: usize) -> Result<(), Refusal> {
        let Some(groups) = self.groups_before_behind else { return Ok(()) };
        if self.closed(group).is_none() {
            return Err(self.tokens.refusal(0, "cannot refer to an open group"));
        }
        if group >= groups {
            return Err(self.tokens.refusal(0, "cannot refer to group defined in the same lookbehind subpattern"));
        }
        Ok(())
    }
}

/// Python's `str.isidentifier`. Which characters beyond ASCII are letters is for the release of Python to say.
fn is_identifier(name: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii();
    name.chars().all(is_part) && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// Python's `int`, with which releases before 3.12 read the number of a group: ` +1_0 ` is one.
fn number(name: &str) -> Option<usize> {
    let digits = name.trim();
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.split('_').all(is_number).then(|| digits.replace('_', "").parse().unwrap_or(usize::MAX))
}
