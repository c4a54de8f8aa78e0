//! The way through a pattern; after `_parse_sub` and `_parse` of CPython's `Lib/re/_parser.py`, without their recursion.

use super::{
    Edition,
    tokens::{Refusal, Token, Tokens},
    width::Width,
};
use std::collections::{BTreeMap, BTreeSet};

/// A count of repeats that is too large (`_sre.MAXREPEAT`).
const TOO_MANY_REPEATS: u64 = 4_294_967_295;

/// The most characters that look-behind goes back (`_sre.MAXCODE`).
const FARTHEST_BEHIND: u64 = 4_294_967_295;

/// How deep groups can lie in one another at most: Python takes two calls for each, of a thousand in all.
const DEEPEST: usize = 500;

/// What a repeat may follow, and what not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A place in the text such as `^` or `\b`: there is nothing to repeat.
    Place,
    /// What is repeated already.
    Repeat,
    /// Anything else.
    Other,
}

/// What began a part of the pattern that a parenthesis ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing: the whole pattern.
    Pattern,
    /// A group, with its number if it has one.
    Group(Option<usize>),
    /// Look-ahead.
    Ahead,
    /// Look-behind.
    Behind { is_outermost: bool },
    /// What depends on whether a group matched.
    Condition,
}

/// A part of the pattern that is not at its end yet.
#[derive(Debug)]
pub(super) struct Frame {
    opening: Opening,
    start: usize,
    pub(super) is_verbose: bool,
    /// The width of the alternatives that are at their end.
    alternatives: Option<Width>,
    /// The width of this alternative, without its last item.
    before: Width,
    last: Option<(Item, Width)>,
}

impl Frame {
    const fn new(opening: Opening, start: usize, is_verbose: bool) -> Self {
        Self { opening, start, is_verbose, alternatives: None, before: Width::NOTHING, last: None }
    }

    /// The width of all alternatives so far.
    fn width_so_far(&self) -> Width {
        let alternative = self.before.then(self.last.map_or(Width::NOTHING, |(_, width)| width));
        self.alternatives.map_or(alternative, |others| others.or(alternative))
    }

    /// The width at the end. What a condition asks for may be missing where it has one alternative.
    fn width(&self) -> Width {
        let is_optional = self.opening == Opening::Condition && self.alternatives.is_none();
        let width = self.width_so_far();
        if is_optional { width.or(Width::NOTHING) } else { width }
    }
}

/// A pattern and how far it is understood.
pub(super) struct Parser<'a> {
    text: &'a str,
    starts_verbose: bool,
    pub(super) edition: Edition,
    pub(super) tokens: Tokens<'a>,
    /// The part that the next token belongs to.
    pub(super) frame: Frame,
    /// The parts around it.
    outer: Vec<Frame>,
    /// The widths of the groups by number, if they are closed; number 0 is the whole pattern.
    pub(super) groups: Vec<Option<Width>>,
    pub(super) names: BTreeMap<String, usize>,
    /// How many groups there were before the outermost look-behind.
    pub(super) groups_before_behind: Option<usize>,
    /// The numbers of the groups that something depends on, and where it does.
    pub(super) conditions: Vec<(usize, usize)>,
    flags: BTreeSet<char>,
    /// What Python says of look-behind, once it has read all.
    behind: Option<Refusal>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, edition: Edition, starts_verbose: bool) -> Result<Self, Refusal> {
        Ok(Self {
            text,
            starts_verbose,
            edition,
            tokens: Tokens::new(text)?,
            frame: Frame::new(Opening::Pattern, 0, starts_verbose),
            outer: Vec::new(),
            groups: vec![None],
            names: BTreeMap::new(),
            groups_before_behind: None,
            conditions: Vec::new(),
            flags: starts_verbose.then_some('x').into_iter().collect(),
            behind: None,
        })
    }

    /// Reads the pattern to its end.
    pub(super) fn run(mut self) -> Result<(), Refusal> {
        while let Some(token) = self.tokens.next {
            match token {
                Token::Plain(')') if self.outer.is_empty() => break,
                Token::Plain(')') => self.close()?,
                Token::Plain('|') => self.alternative()?,
                Token::Plain(_) | Token::Escaped(_) => {
                    self.tokens.advance()?;
                    self.item(token)?;
                }
            }
        }
        self.finish()
    }

    fn item(&mut self, token: Token) -> Result<(), Refusal> {
        match token {
            Token::Plain(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') if self.frame.is_verbose => {}
            Token::Plain('#') if self.frame.is_verbose => {
                while !matches!(self.tokens.take()?, None | Some(Token::Plain('\n'))) {}
            }
            Token::Escaped(escaped) => self.escape(escaped)?,
            Token::Plain('[') => self.set()?,
            Token::Plain('(') => self.open()?,
            Token::Plain('^' | '$') => self.push(Item::Place, Width::NOTHING),
            Token::Plain('*') => self.repeat(0, None, self.tokens.position)?,
            Token::Plain('+') => self.repeat(1, None, self.tokens.position)?,
            Token::Plain('?') => self.repeat(0, Some(1), self.tokens.position)?,
            Token::Plain('{') => self.repeat_or_brace()?,
            Token::Plain(_) => self.push(Item::Other, Width::CHARACTER),
        }
        Ok(())
    }

    pub(super) fn push(&mut self, item: Item, width: Width) {
        let last = self.frame.last.replace((item, width));
        self.frame.before = self.frame.before.then(last.map_or(Width::NOTHING, |(_, width)| width));
    }

    /// A brace with two numbers, one or none, or else the character.
    fn repeat_or_brace(&mut self) -> Result<(), Refusal> {
        let after = self.tokens.clone();
        let least = self.digits()?;
        let most = if self.tokens.eat(',')? { self.digits()? } else { least.clone() };
        let is_empty = self.tokens.position == after.position;
        if is_empty || !self.tokens.eat('}')? {
            self.tokens = after;
            self.push(Item::Other, Width::CHARACTER);
            return Ok(());
        }
        let (least, most) = (count(&least)?, count(&most)?);
        if most.is_some_and(|most| most < least.unwrap_or(0)) {
            return Err(Refusal::at(after.position, "min repeat greater than max repeat"));
        }
        self.repeat(least.unwrap_or(0), most, after.position)
    }

    fn digits(&mut self) -> Result<String, Refusal> {
        self.tokens.take_while(usize::MAX, |digit| digit.is_ascii_digit())
    }

    /// Repeats the last item; `after` is the place after the first character that asks for it.
    fn repeat(&mut self, least: u64, most: Option<u64>, after: usize) -> Result<(), Refusal> {
        let start = after.saturating_sub(1);
        let width = match self.frame.last {
            None | Some((Item::Place, _)) => return Err(Refusal::at(start, "nothing to repeat")),
            Some((Item::Repeat, _)) => return Err(Refusal::at(start, "multiple repeat")),
            Some((Item::Other, width)) => width,
        };
        self.frame.last = Some((Item::Repeat, width.repeated(least, most)));
        if !self.tokens.eat('?')? && self.edition == Edition::Since311 {
            self.tokens.eat('+')?;
        }
        Ok(())
    }

    /// Goes into a part of the pattern, which is as verbose as what is around it.
    pub(super) fn enter(&mut self, opening: Opening, start: usize) -> Result<(), Refusal> {
        if self.outer.len() >= DEEPEST {
            return Err(Refusal::of_the_whole("maximum recursion depth exceeded"));
        }
        let inner = Frame::new(opening, start, self.frame.is_verbose);
        let outer = std::mem::replace(&mut self.frame, inner);
        self.outer.push(outer);
        Ok(())
    }

    /// Begins the next alternative.
    fn alternative(&mut self) -> Result<(), Refusal> {
        if self.frame.opening == Opening::Condition && self.frame.alternatives.is_some() {
            return Err(self.tokens.refusal(0, "conditional backref with more than two branches"));
        }
        self.frame.alternatives = Some(self.frame.width_so_far());
        self.frame.before = Width::NOTHING;
        self.frame.last = None;
        self.tokens.advance()
    }

    /// Goes out of a part of the pattern, to what is around it.
    fn close(&mut self) -> Result<(), Refusal> {
        let Some(outer) = self.outer.pop() else { return Ok(()) };
        let inner = std::mem::replace(&mut self.frame, outer);
        let width = inner.width();
        match inner.opening {
            Opening::Ahead => self.push(Item::Other, Width::NOTHING),
            Opening::Behind { is_outermost } => {
                self.behind = self.behind.take().or_else(|| refusal_of_behind(width));
                self.groups_before_behind = self.groups_before_behind.filter(|_| !is_outermost);
                self.push(Item::Other, Width::NOTHING);
            }
            Opening::Pattern | Opening::Condition | Opening::Group(None) => self.push(Item::Other, width),
            Opening::Group(Some(group)) => {
                if let Some(slot) = self.groups.get_mut(group) {
                    *slot = Some(width);
                }
                self.push(Item::Other, width);
            }
        }
        self.tokens.advance()
    }

    /// Flags for the whole pattern: since 3.11 at its start, and before that, from where they are on or, where they change how the
    /// pattern is read, from the start.
    pub(super) fn global_flags(&mut self, added: &BTreeSet<char>, start: usize) -> Result<(), Refusal> {
        self.flags.extend(added);
        let is_first = self.outer.is_empty() && self.frame.alternatives.is_none() && self.frame.last.is_none();
        let misplaced = || Refusal::at(start, "global flags not at the start of the expression");
        if self.edition == Edition::Since311 && !is_first {
            return Err(misplaced());
        }
        if self.flags.contains(&'x') && !self.frame.is_verbose {
            if self.edition == Edition::Since311 {
                self.frame.is_verbose = true;
            } else if self.starts_verbose {
                return Err(misplaced());
            } else {
                *self = Self::new(self.text, self.edition, true)?;
            }
        }
        Ok(())
    }

    /// What Python looks at once it has read all.
    fn finish(self) -> Result<(), Refusal> {
        if !self.outer.is_empty() && self.tokens.next.is_none() {
            return Err(Refusal::at(self.frame.start, "missing ), unterminated subpattern"));
        }
        if self.flags.contains(&'a') && self.flags.contains(&'u') {
            return Err(Refusal::of_the_whole("ASCII and UNICODE flags are incompatible"));
        }
        if self.tokens.next.is_some() {
            return Err(self.tokens.refusal(0, "unbalanced parenthesis"));
        }
        let mut conditions = self.conditions.iter();
        if let Some((group, position)) = conditions.find(|(group, _)| *group >= self.groups.len()) {
            return Err(Refusal::at(*position, format!("invalid group reference {group}")));
        }
        self.behind.map_or(Ok(()), Err)
    }
}

/// The number of a repeat, if there is one.
fn count(digits: &str) -> Result<Option<u64>, Refusal> {
    if digits.is_empty() {
        return Ok(None);
    }
    let number = digits.parse().unwrap_or(u64::MAX);
    if number < TOO_MANY_REPEATS {
        Ok(Some(number))
    } else {
        Err(Refusal::of_the_whole("the repetition number is too large"))
    }
}

fn refusal_of_behind(width: Width) -> Option<Refusal> {
    if width.least > FARTHEST_BEHIND {
        Some(Refusal::of_the_whole("looks too much behind"))
    } else {
        (width.least != width.most).then(|| Refusal::of_the_whole("look-behind requires fixed-width pattern"))
    }
}
