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
        let places = std::iter::once((self.blame, self.label)).chain(self.context.iter().copied());
        let given = places.filter_map(|(path, label)| fields.member(path).map(|member| (member, label)));
        let mut diagnostic = Diagnostic::new(&self.problem, filled_in(self.message, fields));
        diagnostic.pointer = format!("/{}", self.blame);
        for (member, label) in given {
            diagnostic = diagnostic.label(member.value.span, filled_in(label, fields));
        }
        if let (true, Some(anchor)) = (diagnostic.labels.is_empty(), anchor) {
            diagnostic = diagnostic.label(anchor.value.span, format!("`{}` is not given", self.blame));
        }
        diagnostic.notes.extend(self.notes.iter().map(|note| filled_in(note, fields)));
        diagnostic
    }
}

/// Puts the values of fields in the place of `{field}`.
fn filled_in(template: &str, fields: &Fields<'_>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (field, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        text.push_str(before);
        text.push_str(&fields.get(field).map_or("null".to_owned(), shown));
        rest = after;
    }
    text + rest
}

/// A value as it reads best in a sentence: strings bare, the rest as JSON.
fn shown(node: &Node) -> String {
    match &node.kind {
        Kind::String(text) => shortened(text),
        _ => shortened(&serde_json::to_string(node).unwrap_or_default()),
    }
}
