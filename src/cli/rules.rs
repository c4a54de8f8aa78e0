//! `peftspec rules`: everything that can be found, by code.

use super::{Exit, Streams, table};
use crate::{Lowered, METHODS, Method, NEWEST, PROBLEMS, Problem, Rule, Severity, lower};
use serde_json::json;
use std::{collections::BTreeMap, io};

/// List every code with its severity, its methods, and whether JSON Schema can say it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// A code and what `explain` and the table tell of it.
pub(super) struct Entry {
    pub(super) problem: &'static Problem,
    /// The rule, if the code is one's.
    pub(super) rule: Option<&'static Rule>,
    /// The methods that the rule is about.
    pub(super) methods: Vec<&'static Method>,
}

impl Entry {
    /// Whether the schemas refuse configs that break the rule; `None` for what is no rule between fields.
    pub(super) fn in_schema(&self) -> Option<Result<(), &'static str>> {
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

    /// The first sentence of the documentation.
    pub(super) fn summary(&self) -> String {
        let paragraph = self.problem.docs.trim().split("\n\n").next().unwrap_or_default();
        let plain = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        plain.split_inclusive(". ").next().unwrap_or_default().trim_end_matches(['.', ' ']).to_owned()
    }
}

/// Every code there is, in alphabetical order.
pub(super) fn entries() -> BTreeMap<&'static str, Entry> {
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

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let names = |entry: &Entry| entry.methods.iter().map(|method| method.peft_type.as_str()).collect::<Vec<_>>();
    let entries = entries();
    if args.json {
        let rows = entries.values().map(|entry| {
            json!({"code": entry.problem.code, "severity": entry.problem.severity.as_str(), "methods": names(entry),
                   "in_schema": entry.in_schema().map(|in_schema| in_schema.is_ok()),
                   "reason": entry.in_schema().and_then(Result::err), "summary": entry.summary()})
        });
        serde_json::to_writer_pretty(&mut *streams.out, &json!({"version": 1, "rules": rows.collect::<Vec<_>>()}))?;
        writeln!(streams.out)?;
        return Ok(Exit::Clean);
    }
    let mut rows: Vec<_> = entries.values().collect();
    rows.sort_by_key(|entry| entry.problem.severity);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|entry| {
            let schema = if entry.in_schema() == Some(Ok(())) { "yes" } else { "" };
            [entry.problem.code.to_owned(), entry.problem.severity.to_string(), schema.to_owned(), entry.summary()]
        })
        .collect();
    write!(streams.out, "{}", table::render(["CODE", "SEVERITY", "SCHEMA", "WHAT IS WRONG"], &rows))?;
    Ok(Exit::Clean)
}
