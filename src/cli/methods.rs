//! `peftspec methods`: what is known of each PEFT method.

use super::{Exit, Streams, output, table};
use crate::{Method, PeftType};
use serde_json::json;
use std::io;

/// List the PEFT methods, with how many fields and rules of each are modelled.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let rows = PeftType::ALL.iter().map(|peft_type| (*peft_type, Method::find(*peft_type)));
    if args.json {
        let rows = rows.map(|(peft_type, method)| {
            let modelled =
                method.map(|method| json!({"fields": method.fields().len(), "rules": method.rules().count()}));
            json!({"peft_type": peft_type.as_str(), "since": peft_type.lifetime().since.to_string(), "modelled": modelled})
        });
        output::print_json(&json!({"version": 1, "methods": rows.collect::<Vec<_>>()}), streams)?;
        return Ok(Exit::Clean);
    }
    let (modelled, known): (Vec<_>, Vec<_>) = rows.partition(|(_, method)| method.is_some());
    let rows: Vec<_> = modelled
        .into_iter()
        .chain(known)
        .map(|(peft_type, method)| {
            let count = |count: Option<usize>| count.map_or("-".to_owned(), |count| count.to_string());
            let fields = count(method.map(|method| method.fields().len()));
            let rules = count(method.map(|method| method.rules().count()));
            [peft_type.to_string(), peft_type.lifetime().since.to_string(), fields, rules]
        })
        .collect();
    write!(streams.out, "{}", table::render(["METHOD", "SINCE PEFT", "FIELDS", "RULES"], &rows))?;
    writeln!(streams.out, "\nOf methods without a number, the fields that all methods share are checked.")?;
    Ok(Exit::Clean)
}
