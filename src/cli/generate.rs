//! `peftspec generate`: the model as code in other languages.

use super::{
    Exit, Streams,
    failure::{Failure, Result},
    new,
    output::{Overwrite, tell_written, write},
};
use crate::{Model, Options, Profile, TARGETS, Target};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::{collections::BTreeMap, io, path::PathBuf};

/// Write the configs, their fields and rules as code in another language.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Args {
    #[command(subcommand)]
    of_method: Option<OfMethod>,
    /// What to generate
    #[arg(required = true, value_parser = target_parser())]
    target: Option<String>,
    /// The form of it; the first that is listed unless told otherwise
    #[arg(long, value_name = "STYLE", value_parser = style_parser())]
    style: Option<String>,
    /// `strict` refuses unknown keys, `lenient` allows them as PEFT does
    #[arg(long, value_name = "PROFILE", default_value = "strict", value_parser = super::schema::profile_parser())]
    profile: Profile,
    /// Write into this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// What is generated of one method.
#[derive(Debug, clap::Subcommand)]
enum OfMethod {
    Template(new::Template),
}

/// The names of the targets, each with what its rows are.
fn target_parser() -> PossibleValuesParser {
    let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in TARGETS {
        targets.entry(target.name).or_default().push(target.about);
    }
    targets
        .into_iter()
        .map(|(name, about)| PossibleValue::new(name).help(about.join(", or ")))
        .collect::<Vec<_>>()
        .into()
}

fn style_parser() -> impl TypedValueParser<Value = String> {
    let styles = TARGETS.iter().filter(|target| !target.style.is_empty());
    PossibleValuesParser::new(styles.map(|target| PossibleValue::new(target.style).help(target.about)))
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    if let Some(OfMethod::Template(template)) = &args.of_method {
        return template.print(streams);
    }
    let text = match generated(args) {
        Ok(text) => text,
        Err(failure) => return failure.tell(false, streams),
    };
    match &args.output {
        None => streams.out.write_all(text.as_bytes())?,
        Some(path) => tell_written(std::slice::from_ref(path), streams)?,
    }
    Ok(Exit::Clean)
}

/// The text of the target, which is in its file already if one is named.
fn generated(args: &Args) -> Result<String> {
    let target = chosen(args)?;
    let text = (target.generate)(&Model::newest(), Options { profile: args.profile });
    if let Some(path) = &args.output {
        write(&[(path.clone(), text.as_bytes())], args.overwrite)?;
    }
    Ok(text)
}

/// The row that the arguments name.
fn chosen(args: &Args) -> Result<&'static Target> {
    let name = args.target.as_deref().unwrap_or_default();
    let mut rows = TARGETS.iter().filter(|target| target.name == name);
    let wanted = args.style.as_deref();
    let styles: Vec<&str> = rows.clone().map(|target| target.style).filter(|style| !style.is_empty()).collect();
    let found = rows.find(|target| wanted.is_none_or(|style| style == target.style));
    found.ok_or_else(|| {
        Failure::Command(match styles.as_slice() {
            [] => format!("`{name}` has no styles"),
            _ => format!("`{name}` has the styles {}", styles.join(" and ")),
        })
    })
}
