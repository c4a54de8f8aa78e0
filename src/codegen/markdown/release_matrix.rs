//! The page of releases: how many fields each method has in each, and what each release changed.

use super::{RELEASES, methods};
use crate::{
    codegen::{Model, Page},
    methods::{Field, Method, PeftType},
    release::{Lifetime, Release, UnknownKeys},
};
use std::collections::BTreeMap;

pub(super) fn page(model: &Model) -> Page {
    let changes = Release::all().rev().filter_map(|release| changed(release, model));
    let text = format!(
        "How many fields each method has in each release, and what the release does with keys that it does not know.\n\n{}\n\n{}",
        matrix(model),
        changes.collect::<String>(),
    );
    super::page(RELEASES, "Releases", &text)
}

/// A row for each release, a column for each method.
fn matrix(model: &Model) -> String {
    let names: Vec<String> = methods(model).map(|method| method.title().to_owned()).collect();
    let mut text = format!("| PEFT | unknown keys | {} |\n|{}", names.join(" | "), " --- |".repeat(names.len() + 2));
    for release in Release::all().rev() {
        let counts: Vec<String> = methods(model).map(|method| count(method, release)).collect();
        text.push_str(&format!("\n| {release} | {} | {} |", told(release.unknown_keys()), counts.join(" | ")));
    }
    text
}

/// How many fields a method has in a release; nothing before its first.
fn count(method: &Method, release: Release) -> String {
    if !method.peft_type.lifetime().contains(release) {
        return String::new();
    }
    method.fields().iter().filter(|field| field.lifetime.contains(release)).count().to_string()
}

const fn told(unknown_keys: UnknownKeys) -> &'static str {
    match unknown_keys {
        UnknownKeys::Ignored => "ignored",
        UnknownKeys::Refused => "refused",
        UnknownKeys::ResetMethod => "the method's fields are reset",
        UnknownKeys::Dropped => "dropped, with a warning",
    }
}

/// What a release changed; nothing of the first, before which nothing is known.
fn changed(release: Release, model: &Model) -> Option<String> {
    let before = Release::all().rev().find(|earlier| *earlier < release)?;
    let mut lines = new_methods(release);
    for (change, of) in changes(release, before, model) {
        lines.push(format!("{}: {change}", of.join(", ")));
    }
    let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
    (!lines.is_empty()).then(|| format!("## PEFT {release}\n\n{lines}\n"))
}

fn new_methods(release: Release) -> Vec<String> {
    let begun = PeftType::ALL.iter().filter(|name| name.lifetime().since == release);
    let names = begun.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.is_empty() { Vec::new() } else { vec![format!("new methods: {names}")] }
}

/// The changes of fields, each with the methods that it is of.
fn changes(release: Release, before: Release, model: &Model) -> BTreeMap<String, Vec<&'static str>> {
    let mut changes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    // A method that is new brings all its fields.
    let older = methods(model).filter(|method| method.peft_type.lifetime().contains(before));
    for method in older {
        for change in method.fields().iter().flat_map(|field| of_field(field, "", release, before)) {
            changes.entry(change).or_default().push(method.title());
        }
    }
    changes
}

/// What a release changed in a field and the fields inside it.
fn of_field(field: &Field, outside: &str, release: Release, before: Release) -> Vec<String> {
    let name = format!("{outside}{}", field.name);
    if let Some(change) = begun_or_gone(field.lifetime, release, before) {
        return vec![format!("`{name}` {change}")];
    }
    let values = field.choices.iter().chain(&field.forms);
    let values = values.filter_map(|choice| Some((choice, begun_or_gone(choice.lifetime, release, before)?)));
    let mut changes: Vec<String> =
        values.map(|(choice, change)| format!("`{name}`: the value `{}` {change}", choice.value)).collect();
    let (was, is) = (field.default_in(before), field.default_in(release));
    if field.lifetime.contains(before) && was != is {
        changes.push(format!("`{name}`: the default is `{is}`, no longer `{was}`"));
    }
    let inside = format!("{name}.");
    changes.extend(field.fields.iter().flat_map(|inner| of_field(inner, &inside, release, before)));
    changes
}

fn begun_or_gone(lifetime: Lifetime, release: Release, before: Release) -> Option<&'static str> {
    match (lifetime.contains(before), lifetime.contains(release)) {
        (false, true) => Some("is new"),
        (true, false) => Some("is gone"),
        _ => None,
    }
}
