//! `peftspec check`: all problems of configs, in the format that is wanted.

use super::{Color, Exit, Streams, input, limits::LimitArgs, output, progress, release_parser};
use crate::check::reading;
use crate::{
    AdapterReport, CheckOptions, Diagnostic, Error, NEWEST, Release, Report, Severity, Surroundings, WeightsReport,
    check::adapter_files, check_adapter, diagnostic::counted, github, human, json_v1,
};
use clap::ValueEnum;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Check adapters, configs and the weights beside them, and report every problem with its place.
///
/// Beside a file called adapter_config.* the weights are checked, too: `adapter_model.safetensors` and `adapter_model.bin`, their
/// headers only. The checkpoint that a config starts from and the base model's `config.json` are looked at where they are on this
/// machine. Standard input is checked like a file without weights beside it. What is there and cannot be read is an error on
/// standard error, and the command exits with 2; everything else is checked all the same.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Args {
    /// Configs or checkpoints, folders to search for adapter_config.{json,yaml,yml,toml}, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The release of PEFT whose behaviour counts
    #[arg(long, value_name = "RELEASE", default_value_t = NEWEST, value_parser = release_parser)]
    peft: Release,
    /// How to print what was found
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
    /// Also show remarks on portability and style
    #[arg(long)]
    pedantic: bool,
    /// Show errors only: no warnings, no summary
    #[arg(long, short, conflicts_with_all = ["pedantic", "deny_warnings"])]
    quiet: bool,
    /// Exit with 1 on warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
    /// Also search folders and files that are hidden or that .gitignore excludes
    #[arg(long)]
    no_ignore: bool,
    /// The base model's folder or config.json [default: base_model_name_or_path, if that is a folder here]
    #[arg(long, value_name = "PATH")]
    base_model: Option<PathBuf>,
    /// Report files that a config needs and that are not there as errors, not warnings
    #[arg(long)]
    require_files: bool,
    /// Look at every value of the weights: NaN, infinities, nothing but zeros
    #[arg(long)]
    values: bool,
    /// Refuse configs with more bytes than this [default: 8388608]
    #[arg(long, value_name = "BYTES")]
    max_file_size: Option<u64>,
    #[command(flatten)]
    limits: LimitArgs,
    /// What to call standard input; the ending tells its format [default: adapter_config.json]
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The text with the places marked in it
    #[default]
    Human,
    /// One JSON document, version 1
    Json,
    /// Annotations for GitHub Actions
    Github,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    if args.stdin_filename.is_some() && !args.paths.iter().any(|path| path == Path::new(input::STDIN)) {
        writeln!(streams.err, "error: --stdin-filename is about standard input; add `-` to the paths to check it")?;
        return Ok(Exit::Failure);
    }
    if args.values && args.paths.iter().all(|path| path == Path::new(input::STDIN)) {
        writeln!(
            streams.err,
            "error: --values is about weights, which standard input has none of; give a file or folder"
        )?;
        return Ok(Exit::Failure);
    }
    let (files, errors) = input::find(&args.paths, !args.no_ignore);
    // Several configs may need the same file.
    let mut told = BTreeSet::new();
    tell_errors(&errors, &mut told, streams)?;
    let mut printer = Printer::new(args);
    for file in &files {
        let checked =
            check(file, args, streams).unwrap_or_else(|error| Checked { reports: Vec::new(), unreadable: vec![error] });
        for report in checked.reports {
            printer.print(report, streams.out)?;
        }
        tell_errors(&checked.unreadable, &mut told, streams)?;
    }
    printer.finish(streams)?;
    Ok(if told.is_empty() { printer.counts.exit(args.deny_warnings) } else { Exit::Failure })
}

/// What came of a file and of those beside it.
struct Checked {
    reports: Vec<Report>,
    unreadable: Vec<Error>,
}

impl From<AdapterReport> for Checked {
    fn from(adapter: AdapterReport) -> Self {
        let weights = adapter.weights.into_iter().map(|weights| weights.report);
        Self { reports: std::iter::once(adapter.config).chain(weights).collect(), unreadable: adapter.unreadable }
    }
}

fn check(path: &Path, args: &Args, streams: &mut Streams<'_>) -> Result<Checked, Error> {
    let mut limits = args.limits.limits();
    limits.bytes = args.max_file_size.unwrap_or(limits.bytes);
    let options = CheckOptions { release: args.peft, limits };
    let surroundings = Surroundings {
        base_model: args.base_model.clone(),
        require_files: args.require_files,
        values: args.values,
        budget: args.limits.budget(),
        ..Surroundings::default()
    };
    if path == Path::new(input::STDIN) {
        let name = args.stdin_filename.as_deref().unwrap_or(adapter_files::CONFIG);
        let bytes = reading::read(streams.input, Path::new("standard input"), limits.bytes)?;
        let surroundings = Surroundings { weights: false, ..surroundings };
        return Ok(check_adapter(Path::new(name), bytes, options, &surroundings).into());
    }
    if args.values {
        progress::while_working("reading the values", || check_file(path, options, &surroundings))
    } else {
        check_file(path, options, &surroundings)
    }
}

fn check_file(path: &Path, options: CheckOptions, around: &Surroundings) -> Result<Checked, Error> {
    if input::is_checkpoint_name(path) {
        return Ok(Checked { reports: vec![WeightsReport::read(path, around)?.report], unreadable: Vec::new() });
    }
    let bytes = reading::read_file(path, options.limits.bytes)?;
    Ok(check_adapter(path, bytes, options, around).into())
}

/// Shows the reports one by one, so that only one text is held at a time.
struct Printer<'a> {
    args: &'a Args,
    color: bool,
    json: json_v1::Output,
    counts: Counts,
    /// The methods of which only the shared fields were checked.
    by_name_only: BTreeSet<String>,
}

impl<'a> Printer<'a> {
    fn new(args: &'a Args) -> Self {
        let color = args.color.on(&io::stdout());
        Self { args, color, json: json_v1::Output::new(), counts: Counts::default(), by_name_only: BTreeSet::new() }
    }

    fn print(&mut self, mut report: Report, out: &mut dyn Write) -> io::Result<()> {
        if !report.is_modelled() {
            self.by_name_only.extend(report.peft_type.clone());
        }
        report.diagnostics.retain(|diagnostic| self.shows(diagnostic.severity));
        let Report { source, peft_type, peft_version, diagnostics } = &report;
        self.counts.add(diagnostics);
        match self.args.format {
            Format::Human => write!(out, "{}", human::render(source, diagnostics, self.color)),
            Format::Github => write!(out, "{}", github::render(source, diagnostics)),
            Format::Json => {
                let (peft_type, peft_version) = (peft_type.as_deref(), peft_version.as_deref());
                self.json.add(&json_v1::File { source, peft_type, peft_version, diagnostics });
                Ok(())
            }
        }
    }

    fn finish(&self, streams: &mut Streams<'_>) -> io::Result<()> {
        if self.args.format == Format::Json {
            output::print_json(&self.json, streams)?;
        }
        if self.counts.files > 0 && !self.args.quiet {
            writeln!(streams.err, "{}", self.counts.summary())?;
            let names: Vec<&str> = self.by_name_only.iter().map(String::as_str).collect();
            if !names.is_empty() {
                writeln!(streams.err, "of {} only the fields that all methods share were checked", names.join(", "))?;
            }
        }
        Ok(())
    }

    fn shows(&self, severity: Severity) -> bool {
        match severity {
            Severity::Error => true,
            Severity::Warning => !self.args.quiet,
            Severity::Info => self.args.pedantic,
        }
    }
}

/// How many findings were shown, in how many files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
    files_with_findings: usize,
    files: usize,
}

impl Counts {
    fn add(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            match diagnostic.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Info => self.infos += 1,
            }
        }
        self.files_with_findings += usize::from(!diagnostics.is_empty());
        self.files += 1;
    }

    fn exit(self, deny_warnings: bool) -> Exit {
        if self.errors > 0 || (deny_warnings && self.warnings > 0) { Exit::ErrorsFound } else { Exit::Clean }
    }

    /// `2 errors and 1 warning in 2 files (5 files checked)`
    fn summary(self) -> String {
        let checked = counted(self.files, "file", "files");
        let found: Vec<String> =
            [(self.errors, "error", "errors"), (self.warnings, "warning", "warnings"), (self.infos, "info", "infos")]
                .into_iter()
                .filter(|(count, ..)| *count > 0)
                .map(|(count, singular, plural)| counted(count, singular, plural))
                .collect();
        let found = match found.as_slice() {
            [] => return format!("no problems in {checked}"),
            [all_but_last @ .., last] if !all_but_last.is_empty() => format!("{} and {last}", all_but_last.join(", ")),
            one => one.concat(),
        };
        if self.files == self.files_with_findings {
            format!("{found} in {checked}")
        } else {
            format!("{found} in {} ({checked} checked)", counted(self.files_with_findings, "file", "files"))
        }
    }
}

/// One line for each that was not told before: what happened to which path, and what to do.
fn tell_errors(errors: &[Error], told: &mut BTreeSet<String>, streams: &mut Streams<'_>) -> io::Result<()> {
    for error in errors {
        let line = format!("error: {error}{}", advice(error));
        if !told.contains(&line) {
            writeln!(streams.err, "{line}")?;
            told.insert(line);
        }
    }
    Ok(())
}

fn advice(error: &Error) -> &'static str {
    match error {
        Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => "; is it spelt right?",
        Error::Io { .. } | Error::Exists { .. } => "",
        Error::TooLarge { .. } => "; if this is a config, raise it with --max-file-size",
        Error::NotAFile { .. } => "; give a file, or `-` for standard input",
        Error::BrokenLink { .. } => "; restore the file that it points to, or remove the link",
        Error::NothingFound { .. } => {
            "; name the file itself, or look into ignored and hidden folders with --no-ignore"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(errors: usize, warnings: usize, infos: usize, files_with_findings: usize, files: usize) -> String {
        Counts { errors, warnings, infos, files_with_findings, files }.summary()
    }

    #[test]
    fn the_summary_reads_as_a_sentence() {
        insta::assert_snapshot!(summary(0, 0, 0, 0, 1), @"no problems in 1 file");
        insta::assert_snapshot!(summary(2, 1, 0, 2, 5), @"2 errors and 1 warning in 2 files (5 files checked)");
        insta::assert_snapshot!(summary(1, 0, 0, 1, 1), @"1 error in 1 file");
        insta::assert_snapshot!(summary(1, 2, 3, 2, 2), @"1 error, 2 warnings and 3 infos in 2 files");
    }

    #[test]
    fn warnings_count_as_errors_only_on_request() {
        let warned = Counts { warnings: 1, files: 1, files_with_findings: 1, ..Counts::default() };
        assert_eq!(warned.exit(false), Exit::Clean);
        assert_eq!(warned.exit(true), Exit::ErrorsFound);
    }
}
