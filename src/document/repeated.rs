//! Keys that are given more than once in one object.

use super::Member;
use crate::{
    diagnostic::{Diagnostic, Problem, shortened},
    source::Span,
};
use std::collections::BTreeMap;

/// One finding for each key that is repeated among the entries of an object, with all of its places.
pub(super) fn repeated_keys(members: &[Member], problem: &Problem, note: &str) -> Vec<Diagnostic> {
    let mut places: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for member in members {
        places.entry(&member.key).or_default().push(member.key_span);
    }
    places.into_iter().filter_map(|(key, places)| repeated(key, &places, problem, note)).collect()
}

fn repeated(key: &str, places: &[Span], problem: &Problem, note: &str) -> Option<Diagnostic> {
    let [earlier @ .., last] = places else { return None };
    if earlier.is_empty() {
        return None;
    }
    let message = format!("the key `{}` is given {} times", shortened(key), places.len());
    let diagnostic = Diagnostic::new(problem, message).label(*last, "this one counts, as the last").note(note);
    Some(earlier.iter().fold(diagnostic, |diagnostic, place| diagnostic.label(*place, "ignored")))
}
