//! Configs made from the model: valid ones of every method, then one mutation. Schema, typed config and check agree on them, and
//! what is written is read back.

use super::{Values, documents};
use crate::{
    check::{TreeSchema, check},
    diagnostic::Severity,
    document::{Kind, Limits, Node, Number, Syntax, parse, write_json},
    methods::{Field, METHODS, Method},
    release::NEWEST,
    schema::{Draft, Profile, adapter_config_schema, inexpressible_rules, method_schema},
    source::Source,
};
use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::OnceLock};

/// A config of some method that its model makes, mutated once or not at all.
#[derive(Debug, Clone)]
pub struct AnyConfig {
    /// The method.
    pub method: &'static Method,
    /// The config.
    pub config: Value,
}

/// A method, the values to try its fields with, and its schemas.
struct Model {
    method: &'static Method,
    fields: Vec<(&'static str, Values)>,
    strict: TreeSchema,
    lenient: TreeSchema,
}

/// The models of all methods, made once.
fn models() -> &'static [Model] {
    static MODELS: OnceLock<Vec<Model>> = OnceLock::new();
    MODELS.get_or_init(|| METHODS.iter().map(|method| Model::new(method)).collect())
}

impl Model {
    fn new(method: &'static Method) -> Self {
        // A field that is gone is an unknown key to all but the typed config, which still reads old files.
        let living = method.fields().iter().filter(|field| field.lifetime.contains(NEWEST));
        let own = living.filter(|field| field.name != "peft_type");
        let schema = |draft, profile| compiled(&method_schema(method, draft, profile));
        Self {
            method,
            fields: own.map(|field| (field.name.as_str(), Values::of(field))).collect(),
            strict: schema(Draft::Draft07, Profile::Strict),
            lenient: schema(Draft::Draft202012, Profile::Lenient),
        }
    }

    fn of(method: &Method) -> &'static Self {
        models().iter().find(|model| model.method.peft_type == method.peft_type).expect("every method has a model")
    }
}

fn compiled(schema: &Value) -> TreeSchema {
    TreeSchema::compile(schema).expect("our own schemas compile")
}

impl<'a> Arbitrary<'a> for AnyConfig {
    fn arbitrary(choices: &mut Unstructured<'a>) -> Result<Self> {
        let model = choices.choose(models())?;
        let mut members = Map::new();
        for (name, values) in &model.fields {
            // Most configs leave most fields alone.
            if choices.ratio(1_u8, 4)? {
                members.insert((*name).to_owned(), choices.choose(&values.fitting)?.clone());
            }
        }
        members.insert("peft_type".to_owned(), json!(model.method.peft_type.as_str()));
        mutate(&mut members, &model.fields, choices)?;
        Ok(Self { method: model.method, config: Value::Object(members) })
    }
}

/// One mutation: a value at the edge, one that is wrong, a text of any characters, a number, a key too many, a key too few.
fn mutate(members: &mut Map<String, Value>, fields: &[(&str, Values)], choices: &mut Unstructured<'_>) -> Result<()> {
    let (name, values) = choices.choose(fields)?;
    let value = match choices.int_in_range(0..=7)? {
        0 => choices.choose(&values.edges)?.clone(),
        1 => choices.choose(&values.odd)?.clone(),
        2 => json!(choices.arbitrary::<&str>()?),
        3 => json!(choices.arbitrary::<i64>()?),
        4 => json!(choices.arbitrary::<f64>()?),
        5 => {
            members.insert(choices.arbitrary::<String>()?, Value::Null);
            return Ok(());
        }
        6 => {
            members.remove(*name);
            return Ok(());
        }
        _ => return Ok(()),
    };
    members.insert((*name).to_owned(), value);
    Ok(())
}

/// The codes of the errors that the check finds in a JSON config.
#[must_use]
pub fn errors_of(text: &str) -> Vec<&'static str> {
    let report = check(Source::new("config", text), Syntax::Json, &Limits::default());
    report.diagnostics.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code).collect()
}

/// What all who know the model say of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// All accept it.
    Accepted,
    /// All refuse it.
    Refused,
    /// Check and typed config refuse it for a rule that no schema can say.
    Unsayable,
}

/// Asserts that the check, the typed config and the schemas say the same of a config of a method, and gives what they say.
pub fn agreement(method: &Method, config: &Value) -> Agreement {
    static ANY_METHOD: OnceLock<TreeSchema> = OnceLock::new();
    static INEXPRESSIBLE: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let any_method = ANY_METHOD.get_or_init(|| compiled(&adapter_config_schema(Draft::Draft07, Profile::Lenient)));
    let inexpressible =
        INEXPRESSIBLE.get_or_init(|| inexpressible_rules().map(|(_, rule, _)| rule.code()).collect::<BTreeSet<_>>());
    let model = Model::of(method);
    let root = Node::from(config);
    let errors = errors_of(&config.to_string());
    let lenient = model.lenient.is_valid(&root);
    let unknown = has_unknown_keys(config, method.fields());
    let accepted = errors.is_empty();
    assert_eq!(method.validate(&root).is_ok(), accepted, "typed config and check: {errors:?}: {config}");
    assert_eq!(any_method.is_valid(&root), lenient, "schema of the method and of any method: {config}");
    assert_eq!(model.strict.is_valid(&root), lenient && !unknown, "strict and lenient schema: {config}");
    if errors.iter().all(|code| inexpressible.contains(code)) {
        assert!(lenient, "a schema cannot say {errors:?}, so it accepts: {config}");
        if accepted { Agreement::Accepted } else { Agreement::Unsayable }
    } else {
        assert!(!lenient, "check finds {errors:?}, the schema nothing: {config}");
        Agreement::Refused
    }
}

/// Whether an object has a key that none of these fields has, nested configs included.
#[must_use]
pub fn has_unknown_keys(object: &Value, fields: &[Field]) -> bool {
    object.as_object().into_iter().flatten().any(|(key, value)| match fields.iter().find(|field| field.name == *key) {
        Some(field) if field.lifetime.contains(NEWEST) => {
            !field.fields.is_empty() && has_unknown_keys(value, &field.fields)
        }
        Some(_) | None => true,
    })
}

fn any_config(bytes: &[u8]) -> Option<AnyConfig> {
    AnyConfig::arbitrary(&mut Unstructured::new(bytes)).ok()
}

/// Check, typed config and schemas agree.
pub fn schema_agrees_with_check(bytes: &[u8]) {
    if let Some(AnyConfig { method, config }) = any_config(bytes) {
        agreement(method, &config);
    }
}

/// A config that the type takes is written as a text that the type reads and writes the same again.
pub fn typed_round_trip_is_identity(bytes: &[u8]) {
    let Some(AnyConfig { method, config }) = any_config(bytes) else { return };
    let Ok(written) = method.rewrite(&Node::from(&config)) else { return };
    let (document, diagnostics) = parse(Source::new("a.json", written.as_str()), Syntax::Json, &Limits::default());
    let is_finite = diagnostics.iter().all(|found| found.code == "non-finite-number");
    assert!(is_finite, "what was written is not JSON: {diagnostics:?}: {written}");
    let root = document.root.expect("what was written is a value");
    let again = method.rewrite(&root).expect("what was written is of the type");
    assert_eq!(written, again, "the second writing differs");
    let is_valid = |node: &Node| method.validate(node).is_ok();
    assert_eq!(is_valid(&Node::from(&config)), is_valid(&root), "what was written means something else: {config}");
}

/// What the writer writes of any tree reads back as the same tree, and is then written the same.
pub fn written_configs_read_back(bytes: &[u8]) {
    let Some(text) = documents::text(bytes) else { return };
    let read = |text: &str| parse(Source::new("a.json", text), Syntax::Json, &Limits::default()).0.root;
    let Some(root) = read(text) else { return };
    let written = write_json(&root);
    let back = read(&written).expect("what was written can be read");
    assert!(is_same(&root, &back), "{root:?} is written as {written}");
    assert_eq!(write_json(&back), written, "the second writing differs");
}

/// Whether two trees have the same values: of a repeated key the last counts, keys are in any order.
fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Number(one), Kind::Number(other)) if one.is_integer() || other.is_integer() => {
            let digits = |number: &Number| number.as_str().replacen("-0", "0", usize::from(number.as_str() == "-0"));
            digits(one) == digits(other)
        }
        (Kind::Number(one), Kind::Number(other)) => {
            one.as_f64() == other.as_f64() || (one.as_f64().is_nan() && other.as_f64().is_nan())
        }
        (Kind::Array(one), Kind::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Kind::Object(one), Kind::Object(other)) => {
            let same = |(key, one): (&str, &Node)| other.get(key).is_some_and(|other| is_same(one, other));
            one.effective().count() == other.members.len() && one.effective().all(same)
        }
        (one, other) => one == other,
    }
}
