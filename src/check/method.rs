//! Which method a config is for.

use super::{foreign, suggest::closest};
use crate::{
    diagnostic::{Diagnostic, METHOD_NOT_MODELLED, MISSING_PEFT_TYPE, UNKNOWN_PEFT_TYPE, shortened},
    document::{Kind, Object, quoted},
    methods::{Field, METHODS, Method, PeftType},
    release::NEWEST,
    source::Span,
};

/// What `peft_type` says.
pub(super) enum Named {
    /// A method whose fields are all known.
    Modelled(&'static Method),
    /// A method of PEFT whose own fields are not modelled.
    NotModelled(Diagnostic),
    /// Nothing that PEFT could load.
    Invalid(Diagnostic),
}

/// Looks at `peft_type`; `whole` is the place of the config.
pub(super) fn named_by(object: &Object, whole: Span) -> Named {
    let Some(member) = object.member("peft_type") else {
        return Named::Invalid(foreign::by_keys(object).unwrap_or_else(|| missing(object, whole)));
    };
    let span = member.value.span;
    let Kind::String(name) = &member.value.kind else {
        let noun = member.value.kind.noun();
        let problem = Diagnostic::new(&UNKNOWN_PEFT_TYPE, format!("`peft_type` is {noun}, not the name of a method"))
            .label(span, "expected a name in quotes")
            .pointer("/peft_type");
        return Named::Invalid(problem);
    };
    match PeftType::from_wire(name) {
        Some(peft_type) => {
            Method::find(peft_type).map_or_else(|| Named::NotModelled(not_modelled(name, span)), Named::Modelled)
        }
        None => Named::Invalid(unknown(name, span)),
    }
}

fn not_modelled(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&METHOD_NOT_MODELLED, format!("{name} is known by name only"))
        .label(span, "only the fields that all methods share were checked")
        .pointer("/peft_type")
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let shown = shortened(name);
    let problem = Diagnostic::new(&UNKNOWN_PEFT_TYPE, format!("PEFT {NEWEST} has no method `{shown}`"))
        .label(span, "not a value of `PeftType`")
        .note(format!("PEFT stops with `KeyError: '{shown}'`"))
        .pointer("/peft_type");
    if let Some((_, last)) = PeftType::REMOVED.iter().find(|(removed, _)| *removed == name) {
        return problem.note(format!("the last release that had it is {last}"));
    }
    match closest(name, PeftType::ALL.iter().map(|known| known.as_str())) {
        Some(close) => problem.fix(format!("did you mean `{close}`?"), false, span, quoted(close)),
        None => problem,
    }
}

fn missing(object: &Object, whole: Span) -> Diagnostic {
    let known: Vec<Field> = METHODS.iter().flat_map(|method| method.fields()).collect();
    if let Some(first) = object.members.first()
        && !known.iter().any(|field| object.get(&field.name).is_some())
    {
        return foreign::by_no_key(first.key_span);
    }
    let problem = Diagnostic::new(&MISSING_PEFT_TYPE, "the config has no `peft_type`")
        .label(Span::new(whole.start, whole.end.min(whole.start + 1)), "which method is it for?")
        .note("PEFT cannot tell how to load it, and stops with a `KeyError` or `TypeError`");
    match method_with_such_keys(object) {
        Some(method) => problem.note(format!("its keys look like those of {}", method.peft_type)),
        None => problem,
    }
}

/// The method that alone has most of the keys, if they are any method's own.
fn method_with_such_keys(object: &Object) -> Option<&'static Method> {
    let known = |method: &Method| method.fields().iter().filter(|field| object.get(&field.name).is_some()).count();
    let mut scores: Vec<_> = METHODS.iter().map(|method| (known(method), *method)).collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scores.as_slice() {
        [(best, method), (second, _), ..] if best > second => Some(method),
        _ => None,
    }
}
