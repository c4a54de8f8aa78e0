//! The command line: the only place that prints, reads arguments and chooses exit codes. One file per subcommand.
//!
//! A new subcommand is a file here, its `mod` line, a row in `Command` and an arm in `Command::run`.

mod adapter;
mod base_model;
mod check;
mod compat;
mod completions;
mod config;
mod downgrade;
mod embed;
mod explain;
mod export_task;
mod failure;
mod generate;
mod init;
mod input;
mod inspect;
mod limits;
mod man;
mod methods;
mod new;
mod output;
mod pipe;
mod progress;
mod rules;
mod schema;
mod table;
mod tokenizer;

use crate::{NEWEST, NoVersion, Release};
use clap::{Parser, Subcommand, ValueEnum};
use pipe::Pipe;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

/// Check PEFT adapters before they cost GPU hours.
#[derive(Debug, Parser)]
#[command(name = "peftspec", version, after_help = exit_codes())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Schema(schema::Args),
    Generate(generate::Args),
    New(new::Args),
    Explain(explain::Args),
    Rules(rules::Args),
    Methods(methods::Args),
    Inspect(inspect::Args),
    Init(init::Args),
    Embed(embed::Args),
    ExportTask(export_task::Args),
    Compat(compat::Args),
    Downgrade(downgrade::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    fn run(&self, streams: &mut Streams<'_>) -> io::Result<Exit> {
        match self {
            Self::Check(args) => check::run(args, streams),
            Self::Schema(args) => schema::run(args, streams),
            Self::Generate(args) => generate::run(args, streams),
            Self::New(args) => new::run(args, streams),
            Self::Explain(args) => explain::run(args, streams),
            Self::Rules(args) => rules::run(args, streams),
            Self::Methods(args) => methods::run(args, streams),
            Self::Inspect(args) => inspect::run(args, streams),
            Self::Init(args) => init::run(args, streams),
            Self::Embed(args) => embed::run(args, streams),
            Self::ExportTask(args) => export_task::run(args, streams),
            Self::Compat(args) => compat::run(args, streams),
            Self::Downgrade(args) => downgrade::run(args, streams),
            Self::Completions(args) => completions::run(args, streams),
            Self::Man(args) => man::run(args, streams),
        }
    }
}

/// Where the command reads and writes.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output: results.
    pub out: &'a mut dyn Write,
    /// Standard error: summaries, and what went wrong with the command itself.
    pub err: &'a mut dyn Write,
}

/// How a command ended, as its exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Clean = 0,
    ErrorsFound = 1,
    Failure = 2,
}

impl Exit {
    const ALL: [Self; 3] = [Self::Clean, Self::ErrorsFound, Self::Failure];

    const fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "no errors",
            Self::ErrorsFound => "errors were found",
            Self::Failure => "the command could not do its work: a wrong option, a file that it cannot read",
        }
    }
}

/// The end of the help.
fn exit_codes() -> String {
    let lines = Exit::ALL.map(|exit| format!("\n  {}  {}", exit as u8, exit.meaning()));
    format!("Exit codes:{}", lines.concat())
}

/// Runs the command that `args` asks for; the first of them is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> ExitCode {
    let mut out = Pipe::new(streams.out);
    let mut err = Pipe::new(streams.err);
    let mut streams = Streams { input: streams.input, out: &mut out, err: &mut err };
    let result = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command.run(&mut streams),
        Err(refusal) => write_refusal(&refusal, &mut streams),
    };
    let exit = result.and_then(|exit| streams.out.flush().map(|()| exit)).unwrap_or_else(|failure| {
        // Nothing is left to be done when standard error fails, too.
        let _ = writeln!(streams.err, "error: cannot write the output: {failure}");
        Exit::Failure
    });
    ExitCode::from(exit as u8)
}

/// Help, the version or a usage error, where each belongs.
fn write_refusal(refusal: &clap::Error, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let text = refusal.render();
    let (stream, color) = if refusal.use_stderr() {
        (&mut *streams.err, Color::Auto.on(&io::stderr()))
    } else {
        (&mut *streams.out, Color::Auto.on(&io::stdout()))
    };
    if color {
        write!(stream, "{}", text.ansi())?;
    } else {
        write!(stream, "{text}")?;
    }
    Ok(if refusal.exit_code() == 0 { Exit::Clean } else { Exit::Failure })
}

/// Reads a release of PEFT that the model knows.
fn release_parser(text: &str) -> Result<Release, String> {
    let release: Release = text.parse().map_err(|error: NoVersion| error.to_string())?;
    if Release::all().any(|known| known == release) {
        return Ok(release);
    }
    let near = [Release::all().rfind(|known| *known < release), Release::all().find(|known| *known > release)];
    Err(match near {
        [Some(before), Some(after)] => format!("no such release is known; the nearest are {before} and {after}"),
        [one, other] => format!("no such release is known; the nearest is {}", one.or(other).unwrap_or(NEWEST)),
    })
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR or CLICOLOR say otherwise
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Not at all
    Never,
}

impl Color {
    /// Whether to colour what goes to `stream`.
    fn on(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Self::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
            Self::Always => true,
            Self::Never => false,
        }
    }
}
