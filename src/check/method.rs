//! Which method a config is for.

use super::{foreign, suggest::closest};
use crate::{
    diagnostic::{Diagnostic, METHOD_NOT_MODELLED, MISSING_PEFT_TYPE, UNKNOWN_PEFT_TYPE, shortened},
    document::{Kind, Object, quoted},
    methods::{METHODS, Method, PeftType},
    release::{Lifetime, Release},
    source::Span,
};

/// What `peft_type` says.
pub(super) enum Named {
    /// A method whose fields are all known.
    Modelled(&'static Method),
    /// A method of PEFT whose own fields are not modelled.
    NotModelled(Diagnostic),
    /// Nothing that PEFT could load; perhaps it is plain which method was meant.
    Invalid(Diagnostic, Option<&'static Method>),
}

/// Looks at `peft_type`; `whole` is the place of the config.
pub(super) fn named_by(object: &Object, whole: Span, release: Release) -> Named {
    let Some(member) = object.member("peft_type") else {
        return missing(object, whole);
    };
    let span = member.value.span;
    let Kind::String(name) = &member.value.kind else {
        let noun = member.value.kind.noun();
        let problem = Diagnostic::new(&UNKNOWN_PEFT_TYPE, format!("`peft_type` is {noun}, not the name of a method"))
            .label(span, "expected a name in quotes")
            .pointer("/peft_type");
        return Named::Invalid(problem, None);
    };
    match (PeftType::from_wire(name), PeftType::lifetime_of(name)) {
        (_, Some(lifetime)) if !lifetime.contains(release) => {
            Named::Invalid(not_in(release, name, lifetime, span), None)
        }
        (Some(peft_type), _) => {
            Method::find(peft_type).map_or_else(|| Named::NotModelled(not_modelled(name, span)), Named::Modelled)
        }
        (None, Some(_)) => Named::NotModelled(not_modelled(name, span)),
        (None, None) => unknown(name, span, release),
    }
}

fn not_modelled(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&METHOD_NOT_MODELLED, format!("{name} is known by name only"))
        .label(span, "only the fields that all methods share were checked")
        .pointer("/peft_type")
}

/// A method of another release.
fn not_in(release: Release, name: &str, lifetime: Lifetime, span: Span) -> Diagnostic {
    no_such_method(name, span, release).note(format!("`{name}` {}", lifetime.why_not(release)))
}

fn no_such_method(name: &str, span: Span, release: Release) -> Diagnostic {
    let shown = shortened(name);
    Diagnostic::new(&UNKNOWN_PEFT_TYPE, format!("PEFT {release} has no method `{shown}`"))
        .label(span, "not a value of `PeftType`")
        .note(format!("PEFT stops with `KeyError: '{shown}'`"))
        .pointer("/peft_type")
}

fn unknown(name: &str, span: Span, release: Release) -> Named {
    let problem = no_such_method(name, span, release);
    match closest(name, PeftType::ALL.iter().map(|known| known.as_str())) {
        Some(close) => {
            let meant = PeftType::from_wire(close).and_then(Method::find);
            Named::Invalid(problem.fix(format!("did you mean `{close}`?"), false, span, quoted(close)), meant)
        }
        None => Named::Invalid(problem, None),
    }
}

/// A config without `peft_type`: its keys may tell the method, or that it is the config of something else.
fn missing(object: &Object, whole: Span) -> Named {
    let problem = Diagnostic::new(&MISSING_PEFT_TYPE, "the config has no `peft_type`")
        .label(Span::new(whole.start, whole.end.min(whole.start + 1)), "which method is it for?")
        .note("PEFT cannot tell how to load it, and stops with a `KeyError` or `TypeError`");
    let known = |method: &Method| method.fields().iter().filter(|field| object.get(&field.name).is_some()).count();
    let mut scores: Vec<_> = METHODS.iter().map(|method| (known(method), *method)).collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let most = scores.first().map_or(0, |(score, _)| *score);
    if most < 2
        && let Some(other) = foreign::by_keys(object)
    {
        return Named::Invalid(other, None);
    }
    match scores.as_slice() {
        [] | [(0, _), ..] => {
            let note = "none of its keys is known: it may be the config of something else";
            Named::Invalid(problem.note(note), None)
        }
        [(best, method), rest @ ..] if *best > 1 && rest.first().is_none_or(|(second, _)| second < best) => {
            Named::Invalid(problem.note(format!("its keys look like those of {}", method.peft_type)), Some(method))
        }
        _ => Named::Invalid(problem, None),
    }
}
