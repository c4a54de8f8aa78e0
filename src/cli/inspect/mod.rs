//! `peftspec inspect`: what an adapter or a checkpoint holds.

mod adapter;
mod heat_map;
mod json;
mod palette;
mod svg;
mod tasks;
mod text;

use super::{
    Color, Exit, Streams,
    failure::Result,
    limits::LimitArgs,
    output::{self, Overwrite},
    progress,
};
use crate::{Severity, human};
use adapter::Inspection;
use std::io;
use std::path::PathBuf;

/// Show what an adapter or a checkpoint holds: tensors, sizes, parameters, how alike its tasks are.
///
/// Of a folder, the config and the weights that PEFT would read are shown, checked as `check` does. Only headers are read, and the
/// tensors of a multitask prompt to compare its tasks.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An adapter's folder, its config, or a file with tensors
    path: PathBuf,
    /// Read all values and look for NaN, infinities and tensors that are all zero
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    limits: LimitArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Draw how alike the tasks are into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let (inspection, drawn) = match progress::while_working("reading the adapter", || inspect(args)) {
        Ok(made) => made,
        Err(failure) => return failure.tell(args.json, streams),
    };
    if args.json {
        output::print_json(&json::document(&inspection), streams)?;
    } else {
        let color = args.color.on(&io::stdout());
        write!(streams.out, "{}", text::render(&inspection, color))?;
        for report in inspection.reports() {
            write!(streams.out, "{}", human::render(&report.source, &report.diagnostics, color))?;
        }
    }
    if let Some(path) = drawn {
        output::tell_written(&[path], streams)?;
    }
    let mut found = inspection.reports().flat_map(|report| &report.diagnostics);
    Ok(if found.any(|found| found.severity == Severity::Error) { Exit::ErrorsFound } else { Exit::Clean })
}

/// Reads all that is asked for, and draws the picture.
fn inspect(args: &Args) -> Result<(Inspection, Option<PathBuf>)> {
    let inspection = adapter::read(&args.path, args.values, &args.limits)?;
    let Some(path) = &args.svg else { return Ok((inspection, None)) };
    let drawing = svg::draw(&inspection)?;
    let (config, weights) = &inspection.files;
    config.iter().chain([weights]).try_for_each(|read| output::refuse_same(read, path))?;
    output::write(&[(path.clone(), drawing.as_bytes())], args.overwrite)?;
    Ok((inspection, Some(path.clone())))
}
