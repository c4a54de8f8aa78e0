//! `peftspec downgrade`: the config that an older release accepts.

use super::{
    Exit, Streams, config,
    output::{self, Overwrite},
    release_parser,
};
use crate::{Downgrade, Release, downgrade, write_json};
use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

/// Write a config as an older PEFT release accepts it, if nothing that matters is lost.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The config, its folder, or `-` for standard input
    path: PathBuf,
    /// The release of PEFT that is to load it
    #[arg(long, value_name = "RELEASE", value_parser = release_parser)]
    to: Release,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out settings that the release cannot say
    #[arg(long)]
    force: bool,
    /// Overwrite the output file if it is already there
    #[arg(long, requires = "output")]
    overwrite: bool,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let config = match config::read(&args.path, streams) {
        Ok(config) => config,
        Err(failure) => return failure.tell(false, streams),
    };
    if !config.is_modelled {
        writeln!(
            streams.err,
            "error: the fields of {} are not modelled, so nothing can be said of them",
            config.peft_type
        )?;
        return Ok(Exit::Failure);
    }
    let Some(down) = downgrade(&config.object, args.to) else { return Ok(Exit::ErrorsFound) };
    if is_refused(&down, args, streams)? {
        return Ok(Exit::ErrorsFound);
    }
    tell("left out, which changes nothing", &down.dropped, streams)?;
    tell(&format!("written out, since {} has another default", args.to), &down.added, streams)?;
    write(&write_json(&down.config), args, streams)
}

/// Names what stands in the way, if anything does.
fn is_refused(down: &Downgrade, args: &Args, streams: &mut Streams<'_>) -> io::Result<bool> {
    for obstacle in &down.obstacles {
        writeln!(streams.err, "error: PEFT {} cannot use this config: {obstacle}", args.to)?;
    }
    let kind = if args.force { "warning" } else { "error" };
    let verb = if args.force { "is lost" } else { "would be lost" };
    for loss in &down.lost {
        writeln!(streams.err, "{kind}: `{}` {verb}: it is {}, and {}", loss.key, loss.value, loss.why)?;
    }
    if !down.lost.is_empty() && !args.force {
        writeln!(streams.err, "nothing was written; --force leaves out what would be lost")?;
    }
    Ok(!down.obstacles.is_empty() || (!down.lost.is_empty() && !args.force))
}

fn tell(what: &str, keys: &[String], streams: &mut Streams<'_>) -> io::Result<()> {
    if keys.is_empty() { Ok(()) } else { writeln!(streams.err, "{what}: {}", keys.join(", ")) }
}

fn write(text: &str, args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let Some(path) = &args.output else {
        write!(streams.out, "{text}")?;
        // A file is to hold PEFT's bytes, which do not end in a new line; a prompt is to start on one.
        if io::stdout().is_terminal() {
            writeln!(streams.out)?;
        }
        return Ok(Exit::Clean);
    };
    let overwrite = Overwrite { force: args.overwrite, option: "--overwrite" };
    match output::write(&[(path.clone(), text.as_bytes())], overwrite) {
        Ok(()) => output::tell_written(std::slice::from_ref(path), streams).map(|()| Exit::Clean),
        Err(failure) => failure.tell(false, streams),
    }
}
