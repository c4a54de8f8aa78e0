//! Python: Pydantic models, with validators made from the rules; dataclasses that do the same.

mod dataclass;
mod names;

pub(super) use dataclass::DATACLASS;

use super::{
    ConfigView, FieldView, Generator, Model, Options, Target,
    code::{Code, Layout, quoted, wrapped},
    condition::{Dialect, constant},
    errors,
    frame::rendered,
    header,
};
use crate::{rule::Rule, schema::Profile};
use minijinja::context;
use names::{Limits, annotation, literal};

/// Models that check themselves.
pub(super) static PYDANTIC: Target = Target {
    name: "python",
    style: "pydantic",
    about: "Pydantic v2 models with the rules as validators",
    extension: "py",
    generator: Generator::File(pydantic),
    inexpressible: |model| DIALECT.inexpressible(model),
};

const DIALECT: Dialect = Dialect { name: str::to_owned, regex: Ok(()) };

/// As ruff has it.
const LAYOUT: Layout = Layout { width: 88, indent: 4 };

fn pydantic(model: &Model, options: Options) -> String {
    let configs: Vec<&ConfigView> = model.configs.iter().chain([&model.base]).collect();
    let classes: Vec<String> =
        model.nested.iter().chain(configs.iter().copied()).map(|config| class(config, model)).collect();
    let named = configs.iter().map(|config| Code::text(&config.class)).collect();
    let union = Code::list("Union[", named, "]");
    let discriminator = Code::text("Field(discriminator=\"peft_type\")");
    let annotated = Code::list("AdapterConfig: TypeAlias = Annotated[", vec![union, discriminator], "]");
    let extra = extra(options.profile);
    rendered(
        "pydantic.py",
        context! {
            header => header(model, "#", LAYOUT.width, &PYDANTIC.command(options)),
            exported => exported(model, &["AdapterConfig", "Rule", "parse"]),
            rules => rules(model),
            code => "LiteralString",
            extra,
            classes,
            union => annotated.laid_out(LAYOUT, 0, 0),
        },
    )
}

/// What becomes of keys that no field has, in Pydantic's word.
const fn extra(profile: Profile) -> &'static str {
    match profile {
        Profile::Strict => "forbid",
        Profile::Lenient => "ignore",
    }
}

/// The names that the module is for: the classes, and these.
fn exported(model: &Model, others: &[&str]) -> String {
    let classes = model.nested.iter().chain(&model.configs).chain([&model.base]).map(|config| config.class.as_str());
    let mut names: Vec<&str> = classes.chain(others.iter().copied()).collect();
    names.sort_unstable();
    let names = names.into_iter().map(|name| Code::text(quoted(name))).collect();
    Code::list("__all__ = [", names, "]").laid_out(LAYOUT, 0, 0)
}

/// Every rule as a constant.
fn rules(model: &Model) -> String {
    let all = errors(model).into_iter().filter_map(|rule| Some(format!("{}\n", one_rule(rule)?)));
    all.collect::<Vec<_>>().join("\n")
}

fn one_rule(rule: &Rule) -> Option<String> {
    let conditions = DIALECT.rule(rule).ok()?;
    let text = |name: &str, text: &str| Code::text(format!("{name}={}", quoted(text)));
    let parts = vec![
        text("code", rule.code()),
        text("field", rule.blame),
        text("message", rule.message),
        conditions.when.between("when=", ""),
        conditions.require.between("require=", ""),
    ];
    Some(Code::list(format!("{} = Rule(", constant(rule)), parts, ")").laid_out(LAYOUT, 0, 0))
}

/// The class of a config.
fn class(config: &ConfigView, model: &Model) -> String {
    let is_nested = config.peft_types.is_empty();
    let parent = if is_nested { "Nested" } else { "Config" };
    let mut text = format!("class {}({parent}):\n{}\n", config.class, docstring(&config.description));
    if config.class == model.base.class {
        text.push_str("    model_config = ConfigDict(extra=\"allow\")\n");
    }
    if !is_nested {
        text.push_str(&rules_of(config));
        text.push_str(&peft_type(config));
    }
    text.push_str(&config.fields.iter().map(attribute).collect::<String>());
    format!("{}\n", text.trim_end())
}

/// The rules of a config as a constant of its class.
fn rules_of(config: &ConfigView) -> String {
    let rules: Vec<Code> = errors_of(config).map(|rule| Code::text(constant(rule))).collect();
    let trailing = if rules.len() == 1 { ",)" } else { ")" };
    if rules.is_empty() {
        return String::new();
    }
    let rules = Code::list("rules: ClassVar[tuple[Rule, ...]] = (", rules, trailing);
    format!("    {}\n", rules.laid_out(LAYOUT, 1, 0))
}

/// The rules of a config that can be said.
fn errors_of(config: &ConfigView) -> impl Iterator<Item = &'static Rule> {
    let errors = config.rules.iter().copied().filter(|rule| super::is_error(rule));
    errors.filter(|rule| DIALECT.rule(rule).is_ok())
}

fn peft_type(config: &ConfigView) -> String {
    let names = config.peft_types.iter().map(|name| Code::text(quoted(name.as_str()))).collect();
    let literal = Code::list("peft_type: Literal[", names, "]");
    let default = match config.peft_types.as_slice() {
        [only] => format!(" = {}", quoted(only.as_str())),
        _ => String::new(),
    };
    let about = docstring("The PEFT method that the config is for.");
    format!("    {}{default}\n{about}\n", literal.laid_out(LAYOUT, 1, default.len()))
}

/// A field with its default and what it is for.
fn attribute(field: &FieldView) -> String {
    let name = format!("{}: ", field.field.name);
    let default = literal(&field.field.default, &field.types);
    let behind = format!(" = {}", default.flat());
    let annotation = annotation(&field.types, Limits::Told, LAYOUT.width - 4 - name.len() - behind.len());
    let text = annotation.between(&name, "").laid_out(LAYOUT, 1, behind.len());
    format!("    {text}{behind}\n{}\n", docstring(&super::told(field, "`")))
}

/// A docstring one level deep.
fn docstring(text: &str) -> String {
    let text = text.trim().trim_start_matches("# ").replace('\\', "\\\\").replace("\"\"\"", "'''");
    let lines = wrapped(&text, LAYOUT.width - 4);
    match lines.as_slice() {
        [line] if line.len() + 10 <= LAYOUT.width => format!("    \"\"\"{line}\"\"\"\n"),
        [first, rest @ ..] => {
            let rest: String = rest.iter().map(|line| format!("{}\n", format!("    {line}").trim_end())).collect();
            format!("    \"\"\"{first}\n{rest}    \"\"\"\n")
        }
        [] => String::new(),
    }
}
