//! Whether Python's `re` takes a regular expression, and what it says if not.
//!
//! This follows the parser of CPython, `Lib/re/_parser.py` (`Lib/sre_parse.py` before 3.11), as far as that decides: it keeps widths,
//! which look-behind needs, and no tree. Where releases from 3.9 to 3.14 differ, what one of them takes is a regular expression.

mod escape;
mod flags;
mod group;
mod parser;
#[cfg(test)]
mod tests;
mod tokens;
mod width;

pub(super) use tokens::Refusal;

use parser::Parser;

/// Releases of Python whose `re` take the same. Which one runs PEFT, the config does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edition {
    /// 3.9 and 3.10: flags such as `(?i)` anywhere.
    Before311,
    /// 3.11 to 3.14: atomic groups, possessive repeats, and `\z`, which came with 3.14.
    Since311,
}

/// What Python says of a text that is no regular expression, in its newest release.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    let refusal_of = |edition| Parser::new(text, edition, false).and_then(Parser::run).err();
    let refusal = refusal_of(Edition::Since311).filter(|_| refusal_of(Edition::Before311).is_some());
    refusal.map(|refusal| refusal.with_line(text))
}
