//! Everything that can be found, by code, for the table and pages of codes.

use crate::{
    diagnostic::{PROBLEMS, Problem, Severity},
    methods::{METHODS, Method},
    release::NEWEST,
    rule::{Lowered, Rule, lower},
};
use std::collections::BTreeMap;

/// A code and what `explain` and the table tell of it.
pub(crate) struct Entry {
    pub(crate) problem: &'static Problem,
    /// The rule, if the code is one's.
    pub(crate) rule: Option<&'static Rule>,
    /// The methods that the rule is about.
    pub(crate) methods: Vec<&'static Method>,
}

impl Entry {
    /// Whether the schemas refuse configs that break the rule; `None` for what is no rule between fields.
    pub(crate) fn in_schema(&self) -> Option<Result<(), &'static str>> {
        let (rule, method) = (self.rule?, self.methods.first()?);
        if !method.lifetime_of(rule).contains(NEWEST) {
            return Some(Err("the schemas are about the newest release, and this is about older ones"));
        }
        if rule.problem.severity != Severity::Error {
            return Some(Err("a schema can only refuse, and this is not an error"));
        }
        Some(match lower(rule, method.defaults()) {
            Lowered::Schema(_) => Ok(()),
            Lowered::Inexpressible(reason) => Err(reason),
        })
    }
}

/// Every code there is, in alphabetical order.
pub(crate) fn entries() -> BTreeMap<&'static str, Entry> {
    let problem = |problem: &'static Problem| (problem.code, Entry { problem, rule: None, methods: Vec::new() });
    let mut entries: BTreeMap<_, _> = PROBLEMS.iter().copied().map(problem).collect();
    for method in METHODS {
        for rule in method.rules() {
            let new = || Entry { problem: &rule.problem, rule: Some(rule), methods: Vec::new() };
            entries.entry(rule.code()).or_insert_with(new).methods.push(method);
        }
    }
    entries
}
