//! `peftspec schema`: the JSON Schemas, for editors and other validators.

use super::{Exit, Streams};
use crate::{Draft, METHODS, Method, PeftType, Profile, adapter_config_schema, method_schema};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::io;

/// Print the JSON Schema of a method's configs, or of any adapter_config.json.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The method, by its `peft_type`; without it, the schema of any adapter_config.json
    #[arg(value_parser = method_parser(), ignore_case = true)]
    method: Option<PeftType>,
    /// The version of JSON Schema; editors read draft-07 best
    #[arg(long, value_name = "DRAFT", default_value = "07", value_parser = draft_parser())]
    draft: Draft,
    /// `strict` refuses unknown keys, `lenient` allows them as PEFT does and uses standard keywords only
    #[arg(long, value_name = "PROFILE", default_value = "strict", value_parser = profile_parser())]
    profile: Profile,
}

fn method_parser() -> impl TypedValueParser<Value = PeftType> {
    PossibleValuesParser::new(METHODS.iter().map(|method| method.peft_type.as_str()))
        .try_map(|name| PeftType::from_wire(&name.to_ascii_uppercase()).ok_or("no such method"))
}

fn draft_parser() -> impl TypedValueParser<Value = Draft> {
    let short = |draft: &Draft| draft.name().trim_start_matches("draft-");
    PossibleValuesParser::new(Draft::ALL.iter().map(short))
        .try_map(move |name| Draft::ALL.into_iter().find(|draft| short(draft) == name).ok_or("no such draft"))
}

pub(super) fn profile_parser() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.iter().map(|profile| profile.name()))
        .try_map(|name| Profile::ALL.into_iter().find(|profile| profile.name() == name).ok_or("no such profile"))
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let schema = match args.method.and_then(Method::find) {
        Some(method) => method_schema(method, args.draft, args.profile),
        None => adapter_config_schema(args.draft, args.profile),
    };
    serde_json::to_writer_pretty(&mut *streams.out, &schema)?;
    writeln!(streams.out)?;
    Ok(Exit::Clean)
}
