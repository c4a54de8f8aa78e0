//! Turns a broken rule into a finding: values into texts, fields into places.

use super::{Fields, Rule};
use crate::{
    diagnostic::{Diagnostic, shortened},
    document::{Kind, Member, Node},
};

impl Rule {
    /// The finding for a config that breaks the rule; `anchor` is the place to show when none of the rule's fields is given.
    #[must_use]
    pub fn finding(&self, fields: &Fields<'_>, anchor: Option<&Member>) -> Diagnostic {
        let culprits = fields.culprits(self.blame, &self.require);
        let item = culprits.first().map(|culprit| culprit.text);
        let rivals = in_words(&fields.rivals(&self.require));
        let refusal = fields.refusal(&self.require).map(|refusal| refusal.to_string());
        let known = [(ITEM, item.map(shortened)), (RIVALS, Some(rivals)), (REFUSAL, refusal)];
        let filled_in = |template| filled_in(template, fields, &known);
        let mut diagnostic = Diagnostic::new(&self.problem, filled_in(self.message));
        diagnostic.pointer = format!("/{}", self.blame);
        // What a given field owes to its default has no place.
        let is_given = fields.member(self.blame).is_some();
        let culprits = culprits.iter().filter(|_| is_given);
        for culprit in culprits.clone() {
            diagnostic = diagnostic.label(culprit.span, filled_in(self.label));
        }
        if let Some(culprit) = culprits.clone().next() {
            diagnostic.pointer.push_str(&format!("/{}", culprit.segment));
        }
        let blamed = diagnostic.labels.is_empty().then_some((self.blame, self.label));
        let places = blamed.into_iter().chain(self.context.iter().copied());
        let given = places.filter_map(|(path, label)| fields.member(path).map(|member| (member, label)));
        for (member, label) in given {
            diagnostic = diagnostic.label(member.value.span, filled_in(label));
        }
        if let (true, Some(anchor)) = (diagnostic.labels.is_empty(), anchor) {
            diagnostic = diagnostic.label(anchor.value.span, format!("`{}` is not given", self.blame));
        }
        diagnostic.notes.extend(self.notes.iter().map(|note| filled_in(note)));
        diagnostic
    }
}

/// The placeholder for the first item or key that breaks the rule.
const ITEM: &str = "item";

/// The placeholder for the fields whose statements hold, where at most one of them may.
const RIVALS: &str = "rivals";

/// The placeholder for what Python says of a text that is no regular expression.
const REFUSAL: &str = "refusal";

/// Puts what is known by a placeholder, and the values of fields, in the place of `{field}`.
fn filled_in(template: &str, fields: &Fields<'_>, known: &[(&str, Option<String>)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (field, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        text.push_str(before);
        match known.iter().find(|(placeholder, _)| *placeholder == field) {
            Some((_, Some(words))) => text.push_str(words),
            _ => text.push_str(&fields.get(field).map_or("null".to_owned(), shown)),
        }
        rest = after;
    }
    text + rest
}

/// Names of fields in a sentence.
fn in_words(fields: &[&str]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// A value as it reads best in a sentence: strings bare, the rest as JSON.
fn shown(node: &Node) -> String {
    match &node.kind {
        Kind::String(text) => shortened(text),
        _ => shortened(&serde_json::to_string(node).unwrap_or_default()),
    }
}
