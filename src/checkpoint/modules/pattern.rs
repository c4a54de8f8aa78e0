//! Patterns of modules' names, matched as PEFT does (`get_pattern_key`, `match_target_against_key`).

use crate::{
    document::{Kind, Node},
    layout::modules::ALL_LINEAR,
};
use fancy_regex::{Regex, RegexBuilder};
use std::collections::BTreeSet;

/// How much looking back one match may cost; a pattern that needs more matches nothing in any useful time.
const MOST_BACKTRACKING: usize = 100_000;

/// What the engine takes for operations on sets, boundaries of words, characters, repeats or conditions of its own, and Python does not.
const READ_OTHERWISE: [&str; 9] = ["&&", "--", "~~", r"\N", r"\<", r"\>", r"\b{", "(?(", "{,"];

/// Whether the engine and Python's `re` mean the same by a pattern. In doubt they do not.
fn is_read_alike(pattern: &str) -> bool {
    // A bracket in a set would begin another; what follows the last one does not matter.
    let before_last = pattern.rsplit_once('[').map_or("", |(before, _)| before);
    let mut sets = before_last.split('[').skip(1);
    !READ_OTHERWISE.iter().any(|part| pattern.contains(part)) && sets.all(|set| set.contains(']'))
}

/// A pattern as Python's `re` would compile it; `None` if it is none, or one that the engine reads otherwise.
fn compiled(pattern: &str) -> Option<Regex> {
    if !is_read_alike(pattern) {
        return None;
    }
    RegexBuilder::new(pattern).backtrack_limit(MOST_BACKTRACKING).build().ok()
}

/// The key of `rank_pattern` or `alpha_pattern`: it matches the whole name of a module or what follows a dot in it.
#[derive(Debug)]
pub(super) struct KeyPattern(Option<Regex>);

impl KeyPattern {
    pub(super) fn new(key: &str) -> Self {
        Self(compiled(&format!(r"^(?:.*\.)?(?:{key})$")))
    }

    /// `None` if the key is no pattern, or none that can be matched here.
    pub(super) fn matches(&self, module: &str) -> Option<bool> {
        self.0.as_ref()?.is_match(module).ok()
    }
}

/// Where the number of a layer stands in the name of a module (`check_target_module_exists`).
#[derive(Debug)]
pub(super) struct LayerPattern(Vec<Regex>);

impl LayerPattern {
    /// From `layers_pattern`, unless it is null; `None` if it cannot be made sense of.
    pub(super) fn of(node: Option<&Node>) -> Option<Self> {
        let named = |pattern: &str| compiled(&format!(r"^(?:|.*?\.){pattern}\.(?P<idx>\d+)\."));
        let any = || Some(vec![compiled(r"^.*?\.[^.]*\.(?P<idx>\d+)\.")?]);
        let patterns = match node.map(|node| &node.kind) {
            None => any(),
            Some(Kind::String(pattern)) if pattern.is_empty() => any(),
            Some(Kind::String(pattern)) => Some(vec![named(pattern)?]),
            Some(Kind::Array(items)) if items.is_empty() => any(),
            Some(Kind::Array(items)) => items.iter().map(|item| named(item.as_str()?)).collect(),
            Some(_) => None,
        };
        patterns.map(Self)
    }

    /// Whether a module is of one of these layers; one without a number there is of none. `None` if matching takes too long.
    pub(super) fn is_among(&self, layers: &BTreeSet<i128>, module: &str) -> Option<bool> {
        for pattern in &self.0 {
            if let Some(captures) = pattern.captures(module).ok()? {
                let layer = captures.name("idx").and_then(|number| number.as_str().parse().ok());
                return Some(layer.is_some_and(|layer| layers.contains(&layer)));
            }
        }
        Some(false)
    }
}

/// What `target_modules` says of modules.
#[derive(Debug)]
pub(super) enum Targets<'a> {
    /// A name, or the end of a name behind a dot.
    Names(Vec<(&'a Node, &'a str)>),
    /// A pattern of whole names.
    Pattern(Box<Regex>),
    /// Something that only the base model tells: nothing, every linear layer, a broken pattern.
    Unknown,
}

impl<'a> Targets<'a> {
    pub(super) fn of(node: Option<&'a Node>) -> Self {
        match node.map(|node| &node.kind) {
            Some(Kind::Array(items)) if !items.is_empty() => {
                Self::Names(items.iter().filter_map(|item| Some((item, item.as_str()?))).collect())
            }
            Some(Kind::String(pattern)) if !pattern.eq_ignore_ascii_case(ALL_LINEAR) => {
                compiled(&format!("^(?:{pattern})$")).map_or(Self::Unknown, |pattern| Self::Pattern(Box::new(pattern)))
            }
            _ => Self::Unknown,
        }
    }

    /// Whether a module is meant; `None` if that is not known. A layer that is wrapped twice has its name in the outer one's.
    pub(super) fn include(&self, module: &str) -> Option<bool> {
        let outer = module.split(".base_layer").next().unwrap_or(module);
        match self {
            Self::Names(names) => Some(names.iter().any(|(_, name)| is_named(module, name) || is_named(outer, name))),
            Self::Pattern(pattern) => {
                let matches = |name: &str| pattern.is_match(name).ok();
                Some(matches(module)? || matches(outer)?)
            }
            Self::Unknown => None,
        }
    }
}

/// Whether a module has this name, or one that ends in it behind a dot.
pub(super) fn is_named(module: &str, name: &str) -> bool {
    module.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}
