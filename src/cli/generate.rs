//! `peftspec generate`: the model as code in other languages.

use super::{
    Exit, Streams,
    failure::{Failure, Result},
    new,
    output::{Overwrite, tell_written, write, write_into},
};
use crate::{Generator, Model, Options, Page, Profile, TARGETS, Target};
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
    /// Write into this file instead of standard output; a folder for what has several pages
    #[arg(long, short, value_name = "PATH")]
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
    match generated(args) {
        Ok(pages) => match &args.output {
            None => pages.iter().try_for_each(|page| streams.out.write_all(page.text.as_bytes()))?,
            Some(path) => tell_written(std::slice::from_ref(path), streams)?,
        },
        Err(failure) => return failure.tell(false, streams),
    }
    Ok(Exit::Clean)
}

/// The pages of the target, which are in their files already if a place is named.
fn generated(args: &Args) -> Result<Vec<Page>> {
    let target = chosen(args)?;
    let pages = target.pages(&Model::newest(), Options { profile: args.profile });
    if let Some(place) = &args.output {
        let files = |path: &dyn Fn(&Page) -> PathBuf| {
            pages.iter().map(|page| (path(page), page.text.as_bytes())).collect::<Vec<_>>()
        };
        match target.generator {
            Generator::Folder(_) => write_into(place, &files(&|page| place.join(&page.name)), args.overwrite)?,
            Generator::File(_) => write(&files(&|_| place.clone()), args.overwrite)?,
        }
    }
    Ok(pages)
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
