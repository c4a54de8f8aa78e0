//! What every typed config can do: be read, written, validated.

use super::{Method, Refusal};
use crate::{
    diagnostic::{Diagnostic, NON_FINITE_NUMBER, Severity, UNKNOWN_PEFT_TYPE},
    document::{Kind, Limits, Node, Object, ReadError, Syntax, from_node, parse, to_node, write_json},
    release::NEWEST,
    rule::{Fields, Rule},
    source::{Source, Span},
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

/// The name under which `validator` files what concerns the struct as a whole.
const WHOLE_STRUCT: &str = "__all__";

/// A typed PEFT config.
pub trait AdapterConfig: Default + Serialize + DeserializeOwned + JsonSchema + Validate {
    /// The method that the config is for.
    fn method() -> &'static Method;

    /// Reads a config from JSON as PEFT would: comments, trailing commas and other slips are errors.
    ///
    /// # Errors
    /// The first thing that is wrong with the text or does not fit the type.
    fn from_json(text: &str) -> Result<Self, ReadError> {
        read(text, Syntax::Json)
    }

    /// Reads a config from YAML (1.2, core schema).
    ///
    /// # Errors
    /// The first thing that is wrong with the text or does not fit the type.
    #[cfg(feature = "yaml")]
    fn from_yaml(text: &str) -> Result<Self, ReadError> {
        read(text, Syntax::Yaml)
    }

    /// Reads a config from TOML.
    ///
    /// # Errors
    /// The first thing that is wrong with the text or does not fit the type.
    #[cfg(feature = "toml")]
    fn from_toml(text: &str) -> Result<Self, ReadError> {
        read(text, Syntax::Toml)
    }

    /// The bytes that PEFT's `save_pretrained` writes for this config.
    fn to_json(&self) -> String {
        write_json(&tree(self))
    }

    /// The config as YAML.
    #[cfg(feature = "yaml")]
    fn to_yaml(&self) -> String {
        #[expect(clippy::expect_used, reason = "a config holds nothing but JSON values, which YAML can all say")]
        serde_yaml::to_string(self).expect("a config is plain data")
    }

    /// The config as TOML, which has no null: fields that are null are left out. Read again they have their default, which is
    /// null as well, but for `prompt_tuning_init_task`.
    #[cfg(feature = "toml")]
    fn to_toml(&self) -> String {
        let mut tree = tree(self);
        crate::document::drop_nulls(&mut tree);
        #[expect(clippy::expect_used, reason = "a config holds nothing but JSON values; nulls are gone")]
        toml::to_string(&tree).expect("a config is plain data")
    }

    /// Everything that its method's rules have to say, warnings and remarks included. The findings have no places.
    fn findings(&self) -> Vec<Diagnostic> {
        broken(self, |rule, fields| rule.finding(fields, None))
    }
}

fn read<C: AdapterConfig>(text: &str, syntax: Syntax) -> Result<C, ReadError> {
    let (document, diagnostics) = parse(Source::new("config", text), syntax, &Limits::default());
    if let Some(error) = diagnostics.into_iter().find(|found| found.severity == Severity::Error) {
        return Err(ReadError { span: error.span(), pointer: error.pointer, message: error.message });
    }
    let nothing = || ReadError { pointer: String::new(), span: None, message: "the text is empty".to_owned() };
    from_node(&document.root.ok_or_else(nothing)?).map_err(in_words::<C>)
}

/// serde names Rust types; this names what the field takes.
fn in_words<C: AdapterConfig>(error: ReadError) -> ReadError {
    match C::method().field_at(error.pointer.split('/').skip(1)) {
        Some(field) => ReadError { message: format!("expected {}", field.expected()), ..error },
        None => error,
    }
}

fn tree<C: Serialize>(config: &C) -> Node {
    #[expect(clippy::expect_used, reason = "the fields of a config are JSON values under string keys")]
    to_node(config).expect("a config is plain data")
}

pub(super) fn object<C: Serialize>(config: &C) -> Object {
    tree(config).as_object().cloned().unwrap_or_default()
}

/// The config with these fields, which another config has too: `config!` declares them alike.
pub(super) fn of_fields<C: AdapterConfig>(fields: Object) -> C {
    #[expect(clippy::expect_used, reason = "a field of one name has one type in all configs that inherit it")]
    from_node(&Node::new(Kind::Object(fields), Span::at(0))).expect("the fields are of the same types")
}

pub(super) fn defaults<C: AdapterConfig>() -> Object {
    object(&C::default())
}

/// What `say` has to say about each rule that the config breaks.
fn broken<C: AdapterConfig, T>(config: &C, say: impl Fn(&'static Rule, &Fields<'_>) -> T) -> Vec<T> {
    let given = object(config);
    let fields = Fields::new(&given, C::method().defaults());
    let rules = C::method().rules_in(NEWEST);
    rules.filter(|rule| rule.is_broken_by(&fields)).map(|rule| say(rule, &fields)).collect()
}

/// What makes a config invalid as a whole: the field to change, the code, the message.
fn objections<C: AdapterConfig>(config: &C) -> Vec<(String, ValidationError)> {
    let mut objections: Vec<_> = broken(config, |rule, fields| {
        let error = ValidationError::new(rule.code()).with_message(rule.finding(fields, None).message.into());
        (rule.problem.severity == Severity::Error).then(|| (rule.blame.to_owned(), error))
    })
    .into_iter()
    .flatten()
    .collect();
    let own = C::method().peft_type.as_str();
    let object = object(config);
    if object.get("peft_type").and_then(Node::as_str) != Some(own) {
        let message = format!("`peft_type` must be {own} here");
        let error = ValidationError::new(UNKNOWN_PEFT_TYPE.code).with_message(message.into());
        objections.push(("peft_type".to_owned(), error));
    }
    objections.extend(object.members.iter().filter(|member| !is_finite(&member.value)).map(|member| {
        let message = format!("`{}` holds a number that is not finite", member.key);
        (member.key.clone(), ValidationError::new(NON_FINITE_NUMBER.code).with_message(message.into()))
    }));
    objections
}

/// Whether all numbers within a value are finite. Limits let NaN through, since it compares with nothing.
fn is_finite(node: &Node) -> bool {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match &node.kind {
            Kind::Number(number) if !number.as_f64().is_finite() => return false,
            Kind::Array(items) => left.extend(items),
            Kind::Object(object) => left.extend(object.members.iter().map(|member| &member.value)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
        }
    }
    true
}

/// The part of `validator::Validate` that looks at the struct as a whole. It can say one thing only;
/// [`validate_all`] says everything.
pub(super) fn first_broken_rule<C: AdapterConfig>(config: &C) -> Result<(), ValidationError> {
    objections(config).into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
}

/// Validates a nested config. `validator`'s own `nested` cannot see the `Option` of a type that went through a macro.
#[expect(clippy::ref_option, reason = "`validator` calls it with a reference to the field")]
pub(super) fn nested<C: Validate>(config: &Option<C>) -> Result<(), ValidationError> {
    let Some(errors) = config.as_ref().and_then(|config| config.validate().err()) else { return Ok(()) };
    let told = errors.to_string().trim().replace('\n', "; ");
    Err(ValidationError::new("nested").with_message(told.into()))
}

/// Limits and rules together.
pub(super) fn validate_all<C: AdapterConfig>(config: &C) -> Result<(), ValidationErrors> {
    let mut errors = Validate::validate(config).err().unwrap_or_default();
    errors.errors_mut().remove(WHOLE_STRUCT);
    for (field, error) in objections(config) {
        let of_field =
            errors.errors_mut().entry(field.into()).or_insert_with(|| ValidationErrorsKind::Field(Vec::new()));
        // A nested config that is invalid by itself is reason enough.
        if let ValidationErrorsKind::Field(errors) = of_field {
            errors.push(error);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

pub(super) fn read_and_validate<C: AdapterConfig>(config: &Node) -> Result<(), Refusal> {
    let config: C = from_node(config).map_err(Refusal::Unreadable)?;
    validate_all(&config).map_err(Refusal::Invalid)
}

pub(super) fn read_and_write<C: AdapterConfig>(config: &Node) -> Result<String, ReadError> {
    from_node(config).map(|config: C| config.to_json())
}
