//! `peftspec compat`: what each release of PEFT makes of a config.

use super::{Exit, Streams, config, output, table};
use crate::{Compatibility, Reason, compatibility};
use serde_json::{Value, json};
use std::{io, path::PathBuf};

/// Tell which PEFT releases load a config, and what the others make of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The config, its folder, or `-` for standard input
    path: PathBuf,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let config = match config::read(&args.path, streams) {
        Ok(config) => config,
        Err(failure) => return failure.tell(args.json, streams),
    };
    let rows = compatibility(&config.object).unwrap_or_default();
    if args.json {
        let rows: Vec<Value> = rows.iter().map(as_json).collect();
        let report = json!({"version": 1, "path": config.name, "peft_type": config.peft_type,
                            "peft_version": config.peft_version, "releases": rows});
        output::print_json(&report, streams)?;
    } else {
        let rows: Vec<_> = rows.iter().map(as_row).collect();
        write!(streams.out, "{}", table::render_wrapped(["PEFT", "VERDICT", "WHY"], &rows))?;
    }
    if config.errors > 0 {
        writeln!(streams.err, "the config has errors of its own; `peftspec check` tells them")?;
    }
    if !config.is_modelled {
        writeln!(streams.err, "of {} only the fields that all methods share were looked at", config.peft_type)?;
    }
    Ok(Exit::Clean)
}

fn as_row(row: &Compatibility) -> [Vec<String>; 3] {
    let why = row.reasons.iter().map(Reason::to_string).collect();
    [vec![releases(row)], vec![row.verdict.to_string()], why]
}

/// `0.21.2`, `0.15.0 - 0.21.2`
fn releases(row: &Compatibility) -> String {
    if row.first == row.last { row.first.to_string() } else { format!("{} - {}", row.first, row.last) }
}

fn as_json(row: &Compatibility) -> Value {
    let reasons = row.reasons.iter().map(|reason| {
        json!({"code": reason.code(), "verdict": reason.verdict().as_str(), "keys": reason.keys(), "message": reason.to_string()})
    });
    json!({"first": row.first.to_string(), "last": row.last.to_string(), "verdict": row.verdict.as_str(),
           "reasons": reasons.collect::<Vec<_>>()})
}
