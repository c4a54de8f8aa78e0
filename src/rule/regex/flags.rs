//! Flags in a pattern, `(?i)` and `(?i-s:…)`; after `_parse_flags` of CPython's `Lib/re/_parser.py`.

use super::{
    parser::{Opening, Parser},
    tokens::{Refusal, Token},
};
use std::collections::BTreeSet;

/// The letters of flags. `t` is one up to 3.12.
pub(super) const LETTERS: &str = "iLmsxatu";

/// Those of which one holds at a time, and that stay on.
const TYPES: &str = "au";

/// What can be switched for the whole pattern only.
const GLOBAL: char = 't';

impl Parser<'_> {
    /// Flags for the whole pattern or for a group, of which the first letter or the dash is gone past.
    pub(super) fn flags(&mut self, first: char, start: usize) -> Result<(), Refusal> {
        let (added, end) = if first == '-' { (BTreeSet::new(), first) } else { self.switched_on(first)? };
        if end == ')' {
            return self.global_flags(&added, start);
        }
        if added.contains(&GLOBAL) {
            return Err(self.tokens.refusal(1, "bad inline flags: cannot turn on global flag"));
        }
        let removed = if end == '-' { self.switched_off()? } else { BTreeSet::new() };
        if removed.contains(&GLOBAL) {
            return Err(self.tokens.refusal(1, "bad inline flags: cannot turn off global flag"));
        }
        if !added.is_disjoint(&removed) {
            return Err(self.tokens.refusal(1, "bad inline flags: flag turned on and off"));
        }
        let is_verbose = (self.frame.is_verbose || added.contains(&'x')) && !removed.contains(&'x');
        self.enter(Opening::Group(None), start)?;
        self.frame.is_verbose = is_verbose;
        Ok(())
    }

    /// The flags up to the character that ends them, which comes with them.
    fn switched_on(&mut self, first: char) -> Result<(BTreeSet<char>, char), Refusal> {
        let mut added = BTreeSet::new();
        let mut flag = first;
        loop {
            if flag == 'L' {
                return Err(self.tokens.refusal(0, "bad inline flags: cannot use 'L' flag with a str pattern"));
            }
            added.insert(flag);
            if TYPES.chars().all(|flag| added.contains(&flag)) && TYPES.contains(flag) {
                return Err(self.tokens.refusal(0, "bad inline flags: flags 'a', 'u' and 'L' are incompatible"));
            }
            flag = self.flag_or(&[')', '-', ':'], "missing -, : or )")?;
            if matches!(flag, ')' | '-' | ':') {
                return Ok((added, flag));
            }
        }
    }

    fn switched_off(&mut self) -> Result<BTreeSet<char>, Refusal> {
        let mut removed = BTreeSet::new();
        let mut flag = self.flag_or(&[], "missing flag")?;
        while flag != ':' {
            if flag == 'L' || TYPES.contains(flag) {
                return Err(self.tokens.refusal(0, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'"));
            }
            removed.insert(flag);
            flag = self.flag_or(&[':'], "missing :")?;
        }
        Ok(removed)
    }

    /// The next letter of a flag, or one of the characters that end them.
    fn flag_or(&mut self, ends: &[char], missing: &str) -> Result<char, Refusal> {
        match self.tokens.take()? {
            Some(Token::Plain(character)) if ends.contains(&character) || LETTERS.contains(character) => Ok(character),
            None => Err(self.tokens.refusal(0, missing)),
            Some(token) => {
                let message = if token.is_letter() { "unknown flag" } else { missing };
                Err(self.tokens.refusal(token.length(), message))
            }
        }
    }
}
