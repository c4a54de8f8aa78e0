//! `peftspec rules`: everything that can be found, by code.

use super::{Exit, Streams, output, table};
use crate::schema::{Entry, entries};
use serde_json::json;
use std::io;

/// List every code with its severity, its methods, and whether JSON Schema can say it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let names = |entry: &Entry| entry.methods.iter().map(|method| method.peft_type.as_str()).collect::<Vec<_>>();
    let entries = entries();
    if args.json {
        let rows = entries.values().map(|entry| {
            json!({"code": entry.problem.code, "severity": entry.problem.severity.as_str(), "methods": names(entry),
                   "in_schema": entry.in_schema().map(|in_schema| in_schema.is_ok()),
                   "reason": entry.in_schema().and_then(Result::err), "summary": entry.problem.summary()})
        });
        output::print_json(&json!({"version": 1, "rules": rows.collect::<Vec<_>>()}), streams)?;
        return Ok(Exit::Clean);
    }
    let mut rows: Vec<_> = entries.values().collect();
    rows.sort_by_key(|entry| entry.problem.severity);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|entry| {
            let schema = if entry.in_schema() == Some(Ok(())) { "yes" } else { "" };
            [
                entry.problem.code.to_owned(),
                entry.problem.severity.to_string(),
                schema.to_owned(),
                entry.problem.summary(),
            ]
        })
        .collect();
    write!(streams.out, "{}", table::render(["CODE", "SEVERITY", "SCHEMA", "WHAT IS WRONG"], &rows))?;
    Ok(Exit::Clean)
}
