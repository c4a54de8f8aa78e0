//! The shape of a config: types, ranges, choices, unknown keys. The generated schema finds what is wrong, this says it.

use super::{Config, MOST_FINDINGS, instance::TreeSchema, release, suggest::closest};
use crate::{
    diagnostic::{
        Diagnostic, OUT_OF_RANGE, REFUSED_KEY, RESERVED_KEY, Severity, UNKNOWN_FIELD, UNKNOWN_VALUE, WRONG_TYPE,
        shortened,
    },
    document::{Kind, Member, Node, Number, Object, escaped, quoted, write_json},
    methods::{Field, METHODS, Method, PeftType, base_fields},
    release::{NEWEST, Release},
    schema,
};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A compiled shape schema.
struct Shape {
    schema: Value,
    compiled: TreeSchema,
}

/// Reports everything that is wrong with the shape of a config; also names the fields concerned, which no rule need look at.
pub(super) fn check(
    method: Option<&'static Method>,
    config: &Config<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let (root, release) = (config.root, config.release);
    let Some(shape) = compiled(method, release) else { return BTreeSet::new() };
    let (mut wrong, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for error in shape.compiled.errors(root) {
        for error in innermost(&error) {
            let path = path_of(error);
            if path == ["peft_type"] {
                // Which method it is has been looked at already.
                continue;
            }
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    if let Some(place) = find(root, &shape.schema, &path) {
                        diagnostics.extend(unknown_keys(&place, unexpected, &path, method, release));
                        // A field of another release is no field of this one to the rules either.
                        wrong.extend(unexpected.iter().filter(|_| path.is_empty()).map(|key| vec![key.clone()]));
                    }
                }
                // Several keywords may fail on one value; what it should be is said once.
                _ if wrong.insert(path.clone()) => {
                    let place = find(root, &shape.schema, &path);
                    // What is not finite has its own finding.
                    let place =
                        place.filter(|place| place.node.as_number().is_none_or(|number| number.as_f64().is_finite()));
                    let finding = place.map(|place| wrong_value(&place, &path, method, release));
                    // What the release takes has a meaning for the rules.
                    let is_taken = finding.as_ref().is_some_and(|finding| finding.severity != Severity::Error);
                    taken.extend(is_taken.then_some(path));
                    diagnostics.extend(finding);
                }
                _ => {}
            }
        }
        if wrong.len() > MOST_FINDINGS {
            break;
        }
    }
    if method.is_none() {
        let later = later_base_fields(config.object, release);
        let place = Place { node: root, schema: &shape.schema };
        diagnostics.extend(unknown_keys(&place, &later, &[], method, release));
        wrong.extend(later.into_iter().map(|key| vec![key]));
    }
    wrong.difference(&taken).filter_map(|path| path.first().cloned()).collect()
}

fn path_of(error: &ValidationError<'_>) -> Vec<String> {
    error.instance_path().into_iter().map(|segment| segment.to_string()).collect()
}

/// The errors behind one about a value of several types: those of the alternative that has the value's type, which are about its
/// items or members.
fn innermost<'a>(error: &'a ValidationError<'a>) -> Vec<&'a ValidationError<'a>> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return vec![error];
    };
    let depth = path_of(error).len();
    let inner = context.iter().find(|errors| errors.iter().all(|inner| path_of(inner).len() > depth));
    inner.map_or_else(|| vec![error], |errors| errors.iter().collect())
}

/// The shape of a method's configs in a release, compiled once for the life of the process.
fn compiled(method: Option<&Method>, release: Release) -> Option<Arc<Shape>> {
    type Key = (Option<PeftType>, Release);
    static SHAPES: LazyLock<Mutex<BTreeMap<Key, Arc<Shape>>>> = LazyLock::new(Mutex::default);
    let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (method.map(|method| method.peft_type), release);
    if let Some(shape) = shapes.get(&key) {
        return Some(Arc::clone(shape));
    }
    let schema = schema::shape(method, release);
    // A test compiles every shape, so this cannot fail for a method of the table.
    let compiled = TreeSchema::compile_shape(&schema)?;
    let shape = Arc::new(Shape { schema, compiled });
    shapes.insert(key, Arc::clone(&shape));
    Some(shape)
}

/// A value of the config and what the schema says of it.
struct Place<'a> {
    node: &'a Node,
    schema: &'a Value,
}

/// Follows a path through tree and schema at once.
fn find<'a>(root: &'a Node, schema: &'a Value, path: &[String]) -> Option<Place<'a>> {
    path.iter().try_fold(Place { node: root, schema }, |Place { node, schema }, segment| match &node.kind {
        Kind::Object(object) => {
            let of_key = |schema: &'a Value| {
                let known = schema.get("properties").and_then(|properties| properties.get(segment));
                known.or_else(|| schema.get("additionalProperties"))
            };
            Some(Place { node: object.get(segment)?, schema: alternatives(schema).find_map(of_key)? })
        }
        Kind::Array(items) => {
            let schema = alternatives(schema).find_map(|schema| schema.get("items"))?;
            Some(Place { node: items.get(segment.parse::<usize>().ok()?)?, schema })
        }
        _ => None,
    })
}

/// A schema and its alternatives, as a value of several types has them.
fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let others = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    std::iter::once(schema).chain(others)
}

/// A path as people write it: `modules_to_save[0]`.
fn path_in_words(path: &[String]) -> String {
    let mut words = String::new();
    for segment in path {
        if segment.parse::<usize>().is_ok() {
            words.push_str(&format!("[{segment}]"));
        } else {
            let dot = if words.is_empty() { "" } else { "." };
            words.push_str(&format!("{dot}{segment}"));
        }
    }
    words
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|segment| format!("/{}", escaped(segment))).collect()
}

fn wrong_value(place: &Place<'_>, path: &[String], method: Option<&Method>, release: Release) -> Diagnostic {
    let (node, name) = (place.node, path_in_words(path));
    let field = Field::new(&name, place.schema);
    let in_any_release = method.and_then(|method| method.field(&name));
    // The release may be older than all the choices, and take the text for something else.
    let choices = in_any_release.map_or(&*field.choices, |field| &*field.choices);
    let diagnostic = match (&node.kind, choices) {
        (Kind::String(value), [_, ..]) => {
            let unknown = unknown_choice(&field, value, node);
            release::unknown_choice(unknown, value, in_any_release, release)
        }
        (Kind::Number(number), _) if field.takes("number") || (number.is_integer() && field.takes("integer")) => {
            let message = format!("`{name}` is {}; expected {}", shown(node), bound(&field, number));
            Diagnostic::new(&OUT_OF_RANGE, message).label(node.span, "out of range")
        }
        (Kind::Array(items), _) if field.length.is_some() => {
            let message = format!("`{name}` is an array of {}; expected {}", items.len(), field.expected());
            Diagnostic::new(&WRONG_TYPE, message).label(node.span, "of another length")
        }
        _ => {
            let message = format!("`{name}` is {}; expected {}", found(node), field.expected());
            let diagnostic = Diagnostic::new(&WRONG_TYPE, message).label(node.span, node.kind.noun());
            match meant(&field, node) {
                // To Python the string "false" is true, so the change may change what runs.
                Some(meant) => {
                    let is_safe = !field.takes("boolean");
                    diagnostic.fix(format!("write `{meant}`"), is_safe, node.span, meant)
                }
                None => diagnostic,
            }
        }
    };
    diagnostic.pointer(pointer(path))
}

/// What a number beyond the bounds should have been. The bound of a Rust type is named only where it is crossed.
fn bound(field: &Field, number: &Number) -> String {
    match &field.range.maximum {
        Some(largest) if field.takes("integer") && number.compare(largest) == Some(Ordering::Greater) => {
            format!("an integer of at most {}", largest.as_str())
        }
        _ => field.expected(),
    }
}

fn unknown_choice(field: &Field, value: &str, node: &Node) -> Diagnostic {
    let choices = field.choices.iter().map(|choice| choice.value.as_str());
    let diagnostic = Diagnostic::new(&UNKNOWN_VALUE, format!("`{}` has no value `{}`", field.name, shortened(value)))
        .label(node.span, format!("expected {}", field.expected()));
    match closest(value, choices) {
        Some(close) => diagnostic.fix(format!("did you mean `{close}`?"), false, node.span, quoted(close)),
        None => diagnostic,
    }
}

/// The value that was plainly meant by one of the wrong type: `"8"`, `8.0` and YAML's `1_000` for numbers, `"true"` and YAML's
/// `yes` for booleans.
fn meant(field: &Field, node: &Node) -> Option<String> {
    let within = |value: &i64| field.range.admits(&Number::from(*value));
    match &node.kind {
        Kind::String(text) if field.takes("boolean") => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some("true".to_owned()),
            "false" | "no" | "off" => Some("false".to_owned()),
            _ => None,
        },
        Kind::String(text) if field.takes("integer") => {
            text.replace('_', "").parse().ok().filter(within).map(|value| value.to_string())
        }
        Kind::String(text) if field.takes("number") => {
            let number = Number::new(text.as_str());
            let is_json = serde_json::from_str::<serde_json::Number>(text).is_ok();
            (is_json && field.range.admits(&number)).then(|| text.clone())
        }
        Kind::Number(number) if field.takes("integer") => {
            let whole = number.as_str().strip_suffix(".0")?;
            whole.parse().ok().filter(within).map(|value: i64| value.to_string())
        }
        Kind::String(text) if field.takes("array") => Some(format!("[{}]", quoted(text))),
        _ => None,
    }
}

/// A value and what it is.
fn found(node: &Node) -> String {
    match node.kind {
        Kind::Null | Kind::Bool(_) => shown(node),
        Kind::String(_) => format!("the string {}", shown(node)),
        Kind::Number(_) => format!("{}, {}", shown(node), node.kind.noun()),
        Kind::Array(_) | Kind::Object(_) => node.kind.noun().to_owned(),
    }
}

/// A value for a message.
fn shown(node: &Node) -> String {
    shortened(&match &node.kind {
        Kind::String(text) => quoted(text),
        Kind::Number(number) => number.as_str().to_owned(),
        _ => write_json(node),
    })
}

/// Keys that are names of parameters inside PEFT's loading code.
const RESERVED: &[&str] = &["self", "cls"];

/// Reports keys that PEFT's loading code takes for its own parameters, whatever the method.
pub(super) fn reserved_keys(object: &Object) -> impl Iterator<Item = Diagnostic> {
    RESERVED.iter().filter_map(|key| object.member(key)).map(|member| {
        let key = &member.key;
        Diagnostic::new(&RESERVED_KEY, format!("the key `{key}` cannot be loaded"))
            .label(member.key_span, "the name of a parameter of PEFT's own loading code")
            .note(format!("PEFT stops with `TypeError: got multiple values for argument '{key}'`"))
            .pointer(format!("/{key}"))
    })
}

/// The keyword of our own by which a schema says how PEFT stops at unknown keys, where it elsewhere drops them.
const REFUSES_UNKNOWN_KEYS: &str = "x-peft-refuses-unknown-keys";

/// What is said of the keys that the schema does not know.
fn unknown_keys(
    place: &Place<'_>,
    unexpected: &[String],
    path: &[String],
    method: Option<&'static Method>,
    release: Release,
) -> Vec<Diagnostic> {
    let at_root = path.is_empty();
    let unexpected: BTreeSet<&str> = unexpected.iter().map(String::as_str).collect();
    let is_unknown = |member: &&Member| {
        unexpected.contains(member.key.as_str()) && !(at_root && RESERVED.contains(&member.key.as_str()))
    };
    let members = place.node.as_object().into_iter().flat_map(|object| &object.members);
    let known = place.schema.get("properties").and_then(Value::as_object);
    // A field that is given already cannot have been meant.
    let given = |name: &&str| place.node.as_object().is_some_and(|object| object.get(name).is_some());
    let known: Vec<&str> =
        known.into_iter().flatten().map(|(name, _)| name.as_str()).filter(|name| !given(name)).collect();
    let elsewhere = if at_root { fields_of_other_methods(method) } else { BTreeMap::new() };
    let refusal = place.schema.get(REFUSES_UNKNOWN_KEYS).and_then(Value::as_str);
    let in_release = if release == NEWEST { String::new() } else { format!(" {release}") };
    let owner = match (at_root, method) {
        (true, None) => format!("PEFT{in_release}"),
        (true, Some(method)) if release == NEWEST => method.peft_type.to_string(),
        (true, Some(method)) => format!("{} in PEFT{in_release}", method.peft_type),
        (false, _) if release == NEWEST => format!("`{}`", path_in_words(path)),
        (false, _) => format!("`{}` in PEFT{in_release}", path_in_words(path)),
    };
    let problem = if refusal.is_some() { &REFUSED_KEY } else { &UNKNOWN_FIELD };
    let mut told = Vec::new();
    for member in members.filter(is_unknown) {
        let key = &member.key;
        let in_other_release = if at_root { field_in_any_release(method, key) } else { None };
        let diagnostic = Diagnostic::new(problem, format!("{owner} has no field `{}`", shortened(key)))
            .pointer(pointer(path) + &pointer(std::slice::from_ref(key)));
        let mut diagnostic = match (refusal, at_root) {
            (Some(refusal), _) => {
                let note = format!("PEFT stops with `{refusal}`");
                diagnostic.label(member.key_span, "PEFT cannot load it").note(note)
            }
            (None, true) => release::unknown_key(diagnostic, member, in_other_release, release),
            (None, false) => diagnostic.label(member.key_span, "PEFT drops it without a word"),
        };
        // Of a flood only the first are shown, so only they deserve the search.
        if told.len() < MOST_FINDINGS && in_other_release.is_none() {
            if let Some(other) = elsewhere.get(key.as_str()) {
                diagnostic = diagnostic.note(format!("`{key}` is a field of {other}"));
            }
            if let Some(close) = closest(key, known.iter().copied()) {
                diagnostic = renamed(diagnostic, member, close);
            }
        }
        told.push(diagnostic);
    }
    told
}

fn field_in_any_release(method: Option<&'static Method>, key: &str) -> Option<&'static Field> {
    Method::fields_or_base(method).find(|field| field.name == key)
}

/// The keys of shared fields that a release does not have, for methods whose own fields are not known.
fn later_base_fields(object: &Object, release: Release) -> Vec<String> {
    let later = base_fields().filter(|field| !field.lifetime.contains(release) && object.get(&field.name).is_some());
    later.map(|field| field.name.clone()).collect()
}

fn renamed(diagnostic: Diagnostic, member: &Member, close: &str) -> Diagnostic {
    let has_quotes = member.key_span.end - member.key_span.start != member.key.len();
    let key = if has_quotes { quoted(close) } else { close.to_owned() };
    diagnostic.fix(format!("did you mean `{close}`?"), false, member.key_span, key)
}

/// The fields that only other methods have, each with one that has it.
fn fields_of_other_methods(method: Option<&'static Method>) -> BTreeMap<&'static str, PeftType> {
    let own = method.map(|method| method.peft_type);
    let others = METHODS.iter().filter(|other| Some(other.peft_type) != own);
    others.flat_map(|other| other.fields().iter().map(|field| (field.name.as_str(), other.peft_type))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_plainly_meant_is_offered() {
        for (field, written, offered) in [
            ("inference_mode", "yes", Some("true")),
            ("inference_mode", "\"False\"", Some("false")),
            ("inference_mode", "maybe", None),
            ("num_virtual_tokens", "1_000", Some("1000")),
            ("num_virtual_tokens", "\"8\"", Some("8")),
            ("num_virtual_tokens", "8.0", Some("8")),
            ("num_virtual_tokens", "8.5", None),
            ("num_virtual_tokens", "\"0\"", None),
            ("modules_to_save", "score", Some("[\"score\"]")),
        ] {
            let text = format!("peft_type: PROMPT_TUNING\n{field}: {written}\n");
            let report = crate::check::check_bytes("a.yaml", text.into_bytes(), &crate::document::Limits::default());
            let found = report.diagnostics.iter().find(|found| found.code == "wrong-type").unwrap();
            let edit = found.fix.as_ref().and_then(|fix| fix.edits.first()).map(|edit| edit.text.as_str());
            assert_eq!(edit, offered, "{field}: {written}");
        }
    }

    #[test]
    fn every_shape_compiles() {
        for release in Release::all() {
            assert!(compiled(None, release).is_some(), "{release}");
            for method in METHODS {
                assert!(compiled(Some(method), release).is_some(), "{} in {release}", method.peft_type);
            }
        }
    }
}
