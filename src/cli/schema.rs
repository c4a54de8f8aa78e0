//! `peftspec schema`: the JSON Schemas, for editors and other validators.

use super::{Exit, Streams, output};
use crate::{Draft, METHODS, Method, PeftType, Profile, adapter_config_schema, method_schema, openapi};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::io;

/// Print the JSON Schema of a method's configs, or of any adapter_config.json.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The method, by its `peft_type`; without it, the schema of any adapter_config.json
    #[arg(value_parser = method_parser(), ignore_case = true)]
    method: Option<PeftType>,
    /// The version of JSON Schema; editors read draft-07 best, and `openapi` prints components of OpenAPI 3.1
    #[arg(long, value_name = "DRAFT", default_value = "07", value_parser = form_parser())]
    draft: Form,
    /// `strict` refuses unknown keys, `lenient` allows them as PEFT does and uses standard keywords only
    #[arg(long, value_name = "PROFILE", default_value = "strict", value_parser = profile_parser())]
    profile: Profile,
}

/// What is printed.
#[derive(Debug, Clone, Copy)]
enum Form {
    Schema(Draft),
    OpenApi,
}

impl Form {
    const ALL: [Self; 3] = [Self::Schema(Draft::Draft07), Self::Schema(Draft::Draft202012), Self::OpenApi];

    fn name(self) -> &'static str {
        match self {
            Self::Schema(draft) => draft.name().trim_start_matches("draft-"),
            Self::OpenApi => "openapi",
        }
    }
}

pub(super) fn method_parser() -> impl TypedValueParser<Value = PeftType> {
    PossibleValuesParser::new(METHODS.iter().map(|method| method.peft_type.as_str()))
        .try_map(|name| PeftType::from_wire(&name.to_ascii_uppercase()).ok_or("no such method"))
}

fn form_parser() -> impl TypedValueParser<Value = Form> {
    PossibleValuesParser::new(Form::ALL.map(Form::name))
        .try_map(|name| Form::ALL.into_iter().find(|form| form.name() == name).ok_or("no such draft"))
}

pub(super) fn profile_parser() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new(Profile::ALL.iter().map(|profile| profile.name()))
        .try_map(|name| Profile::ALL.into_iter().find(|profile| profile.name() == name).ok_or("no such profile"))
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let method = args.method.and_then(Method::find);
    let schema = match (args.draft, method) {
        (Form::Schema(draft), Some(method)) => method_schema(method, draft, args.profile),
        (Form::Schema(draft), None) => adapter_config_schema(draft, args.profile),
        (Form::OpenApi, method) => openapi(method, args.profile),
    };
    output::print_json(&schema, streams)?;
    Ok(Exit::Clean)
}
