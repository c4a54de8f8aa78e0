//! What the tests of several readers have in common.

use super::{Kind, Limits, Member, Node};
use crate::diagnostic::Diagnostic;

/// What a reader makes of a text.
pub(super) fn parsed_by(
    read: impl Fn(&str, &Limits, &mut Vec<Diagnostic>) -> Option<Node>,
    text: &str,
    limits: &Limits,
) -> (Option<Node>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let root = read(text, limits, &mut diagnostics);
    (root, diagnostics)
}

/// The codes of findings, in their order.
pub(super) fn codes(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().map(|finding| finding.code).collect()
}

/// The value as JSON without spaces.
pub(super) fn json(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.as_str().to_owned(),
        Kind::String(text) => serde_json::to_string(text).unwrap(),
        Kind::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Kind::Object(object) => {
            let entry =
                |member: &Member| format!("{}:{}", serde_json::to_string(&member.key).unwrap(), json(&member.value));
            format!("{{{}}}", object.members.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

/// Every key and value with the text that its span covers.
pub(super) fn places(text: &str, node: &Node, out: &mut Vec<String>) {
    out.push(text[node.span.start..node.span.end].to_owned());
    match &node.kind {
        Kind::Array(items) => items.iter().for_each(|item| places(text, item, out)),
        Kind::Object(object) => {
            for member in &object.members {
                out.push(text[member.key_span.start..member.key_span.end].to_owned());
                places(text, &member.value, out);
            }
        }
        _ => {}
    }
}
