//! Names looked up among the ends of paths: what a path is called, or what follows a dot in it.

use super::work::{Unknown, Work, steps};
use std::{cmp::Ordering, ops::Range};

/// Where a name must begin in a path that ends in it, and what a dot in it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At the start or behind a dot; a dot is itself.
    Name,
    /// At the start or behind a dot; a dot is any character but a line break, as in a regular expression. The names are in ASCII.
    Expression,
    /// Anywhere; a dot is itself.
    Suffix,
}

/// Names, each once, in the order of their characters from the last to the first, so that those with a common end lie together.
#[derive(Debug)]
pub(crate) struct Endings<'a> {
    names: Vec<&'a str>,
    ending: Ending,
}

/// Names that end like a path does from a position on.
struct Candidates {
    names: Range<usize>,
    /// How many of their bytes were compared.
    compared: usize,
    /// How many bytes of the path were not.
    left: usize,
}

impl<'a> Endings<'a> {
    pub(crate) fn new(names: impl Iterator<Item = &'a str>, ending: Ending, work: &Work) -> Result<Self, Unknown> {
        let mut names: Vec<&str> = names.collect();
        work.spend(names.iter().fold(0, |sum: u64, name| sum.saturating_add(steps(name.len()).saturating_mul(2))))?;
        names.sort_unstable_by(|left, right| backwards(left, right));
        names.dedup();
        Ok(Self { names, ending })
    }

    /// Whether this is one of the names.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.binary_search_by(|known| backwards(known, name)).is_ok()
    }

    /// The names that the path ends in.
    pub(crate) fn of(&self, path: &str, work: &Work) -> Result<Vec<&'a str>, Unknown> {
        let mut found = Vec::new();
        // No expression of plain characters reaches over a line break.
        if self.names.is_empty() || (self.ending == Ending::Expression && path.contains('\n')) {
            return Ok(found);
        }
        let is_start = |left| {
            let before = path.get(..left);
            before.is_some_and(|before| self.ending == Ending::Suffix || before.is_empty() || before.ends_with('.'))
        };
        let mut open = vec![Candidates { names: 0..self.names.len(), compared: 0, left: path.len() }];
        while let Some(candidates) = open.pop() {
            work.spend(cost(candidates.names.len()))?;
            // The shortest comes first.
            let whole = self.names.get(candidates.names.start).filter(|name| name.len() == candidates.compared);
            if is_start(candidates.left) {
                found.extend(whole);
            }
            open.extend(self.longer(&candidates, path).into_iter().flatten());
        }
        Ok(found)
    }

    /// The names that the path leads through: each ends before a dot.
    pub(crate) fn within(&self, path: &str, work: &Work) -> Result<Vec<&'a str>, Unknown> {
        let mut found = Vec::new();
        for (dot, _) in path.match_indices('.') {
            found.extend(self.of(path.get(..dot).unwrap_or_default(), work)?);
        }
        Ok(found)
    }

    /// The candidates that agree in one more character: as it is written, and under a dot.
    fn longer(&self, candidates: &Candidates, path: &str) -> [Option<Candidates>; 2] {
        let before = path.as_bytes().get(..candidates.left).unwrap_or_default();
        let Some(last) = before.last() else { return [None, None] };
        let with = |byte: u8, length: usize| {
            let names = self.with_byte(candidates, byte);
            let compared = candidates.compared.saturating_add(1);
            let left = candidates.left.saturating_sub(length);
            (!names.is_empty()).then_some(Candidates { names, compared, left })
        };
        let under_dot = || {
            let any = path.get(..candidates.left)?.chars().next_back()?;
            if any == '.' { None } else { with(b'.', any.len_utf8()) }
        };
        [with(*last, 1), if self.ending == Ending::Expression { under_dot() } else { None }]
    }

    /// The candidates with this byte before those that were compared.
    fn with_byte(&self, candidates: &Candidates, byte: u8) -> Range<usize> {
        let names = self.names.get(candidates.names.clone()).unwrap_or_default();
        let byte_of = |name: &&str| name.as_bytes().iter().nth_back(candidates.compared).copied();
        let start = names.partition_point(|name| byte_of(name) < Some(byte));
        let rest = names.get(start..).unwrap_or_default();
        let count = rest.partition_point(|name| byte_of(name) == Some(byte));
        let start = candidates.names.start.saturating_add(start);
        start..start.saturating_add(count)
    }
}

/// The steps of two binary searches among so many names.
pub(super) fn cost(names: usize) -> u64 {
    u64::from(names.checked_ilog2().unwrap_or_default()).saturating_mul(3).saturating_add(3)
}

fn backwards(left: &str, right: &str) -> Ordering {
    left.bytes().rev().cmp(right.bytes().rev())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn work() -> Work {
        Work::new(Budget::default().matching)
    }

    /// Whether a path is called so, or ends so behind a dot.
    fn is_named(path: &str, name: &str) -> bool {
        path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    proptest! {
        #[test]
        fn names_are_found_as_if_each_were_compared(
            names in prop::collection::btree_set("[ab.ä]{0,4}", 0..8),
            path in "[ab.ä]{0,8}",
        ) {
            let endings = Endings::new(names.iter().map(String::as_str), Ending::Name, &work()).unwrap();
            let found: BTreeSet<&str> = endings.of(&path, &work()).unwrap().into_iter().collect();
            let expected: BTreeSet<&str> = names.iter().map(String::as_str).filter(|name| is_named(&path, name)).collect();
            prop_assert_eq!(found, expected);
            let found: BTreeSet<&str> = endings.within(&path, &work()).unwrap().into_iter().collect();
            let leads_through = |name: &&str| format!(".{path}").contains(&format!(".{name}."));
            prop_assert_eq!(found, names.iter().map(String::as_str).filter(leads_through).collect());
            prop_assert_eq!(endings.has(&path), names.contains(&path));
            let suffixes = Endings::new(names.iter().map(String::as_str), Ending::Suffix, &work()).unwrap();
            let found: BTreeSet<&str> = suffixes.of(&path, &work()).unwrap().into_iter().collect();
            prop_assert_eq!(found, names.iter().map(String::as_str).filter(|name| path.ends_with(name)).collect());
        }
    }

    #[test]
    fn looking_up_ends_with_the_work() {
        let names = ["q_proj", "v_proj"];
        assert!(Endings::new(names.into_iter(), Ending::Name, &Work::new(20)).is_err());
        let endings = Endings::new(names.into_iter(), Ending::Name, &work()).unwrap();
        assert_eq!(endings.of("layers.0.v_proj", &Work::new(20)), Err(Unknown));
        assert_eq!(endings.of("layers.0.v_proj", &work()), Ok(vec!["v_proj"]));
    }
}
