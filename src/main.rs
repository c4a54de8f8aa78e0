//! The command.

use peftspec::cli;
use std::process::ExitCode;
use std::{env, io};

fn main() -> ExitCode {
    let (mut input, mut out, mut err) = (io::stdin(), io::stdout(), io::stderr());
    cli::run(env::args_os(), &mut cli::Streams { input: &mut input, out: &mut out, err: &mut err })
}
