//! `peftspec man`: one manual page, with a section for every subcommand.

use super::{Cli, Exit, Streams};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::io::{self, Write};

/// Print the manual page, to be saved as peftspec.1.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let page = Man::new(command.clone());
    page.render_title(streams.out)?;
    page.render_name_section(streams.out)?;
    page.render_synopsis_section(streams.out)?;
    page.render_description_section(streams.out)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        write_subcommand(subcommand, streams.out)?;
    }
    writeln!(streams.out, ".SH EXIT STATUS")?;
    for exit in Exit::ALL {
        writeln!(streams.out, ".TP\n{}\n{}", exit as u8, exit.meaning())?;
    }
    page.render_version_section(streams.out)?;
    Ok(Exit::Clean)
}

/// The page that the subcommand would have of its own, as a section of the main one.
fn write_subcommand(subcommand: &Command, out: &mut dyn Write) -> io::Result<()> {
    let page = Man::new(subcommand.clone());
    let mut section = Vec::new();
    page.render_synopsis_section(&mut section)?;
    page.render_description_section(&mut section)?;
    page.render_options_section(&mut section)?;
    writeln!(out, ".SH PEFTSPEC {}", subcommand.get_name().to_uppercase())?;
    for line in String::from_utf8_lossy(&section).lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => writeln!(out, ".SS {heading}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}
