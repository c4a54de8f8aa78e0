//! `peftspec completions`: the script that lets a shell complete the command.

use super::{Cli, Exit, Streams};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io;

/// Print the completion script for a shell.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    // `generate` panics when it cannot write; a buffer always takes it.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "peftspec", &mut script);
    streams.out.write_all(&script)?;
    Ok(Exit::Clean)
}
