//! What is put around modules while they are trained, and shows in the names of their tensors.

use super::{
    Config,
    layers::LAYERS_PATTERN,
    names::Names,
    path::{WRAPPERS, Wrapper},
};
use crate::{
    checkpoint::findings::shown,
    diagnostic::{Diagnostic, WRAPPED_TENSOR_NAME, counted},
    document::{Kind, Node},
    layout::modules::{MODULES_TO_SAVE, ModuleLayout},
};
use std::collections::BTreeSet;

/// Whether the config speaks of modules in wrappers that the names of their tensors never have: which modules it means, only the base
/// model tells.
pub(super) fn are_taken_out(layout: &ModuleLayout, config: &Config<'_>) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.is_taken_out && is_spoken_of(wrapper, layout, config))
}

/// Reports names that only a wrapped model has. Whether the base model is wrapped cannot be known, unless the config itself
/// speaks of it.
pub(super) fn check(layout: &ModuleLayout, config: &Config<'_>, names: &Names<'_>) -> Option<Diagnostic> {
    let present: BTreeSet<&Wrapper> = names.wrapped.iter().flat_map(|(_, wrappers)| wrappers).copied().collect();
    let unexplained: BTreeSet<&Wrapper> =
        present.into_iter().filter(|wrapper| wrapper.is_taken_out || !is_spoken_of(wrapper, layout, config)).collect();
    let mut wrapped =
        names.wrapped.iter().filter(|(_, wrappers)| wrappers.iter().any(|wrapper| unexplained.contains(wrapper)));
    let (first, _) = wrapped.next()?;
    let count = counted(wrapped.count().saturating_add(1), "name holds", "names hold");
    let parts: Vec<String> =
        unexplained.iter().map(|wrapper| format!("`{}.` ({})", wrapper.name, wrapper.of)).collect();
    let message = format!("{count} {}: `{}`", parts.join(" or "), shown(&first.name));
    let outcomes: BTreeSet<&str> = unexplained.iter().map(|wrapper| wrapper.outcome()).collect();
    let finding = outcomes.into_iter().fold(Diagnostic::new(&WRAPPED_TENSOR_NAME, message), Diagnostic::note);
    Some(finding.note("save the adapter of the model inside, or leave this part of the names out"))
}

/// Whether what the config says of modules holds the name of a wrapper as a part.
fn is_spoken_of(wrapper: &Wrapper, layout: &ModuleLayout, config: &Config<'_>) -> bool {
    let of_ranks = layout.rank.iter().flat_map(|rank| rank.pattern.iter().chain(rank.other_patterns));
    let of_modules = layout.excluded.iter().chain(layout.other_targets).chain(layout.choosing);
    let fields = of_modules.chain(of_ranks).copied().chain([layout.targets, LAYERS_PATTERN, MODULES_TO_SAVE]);
    let mut nodes = fields.filter_map(|field| config.fields.get(field));
    nodes.any(|node| texts(node).any(|text| words(text).any(|word| word == wrapper.name)))
}

/// The names and patterns of a field: its value, its items or its keys.
fn texts(node: &Node) -> impl Iterator<Item = &str> {
    let items = match &node.kind {
        Kind::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let keys = node.as_object().into_iter().flat_map(|object| object.members.iter().map(|member| member.key.as_str()));
    items.iter().filter_map(Node::as_str).chain(keys)
}

/// The words of a name or a pattern.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
}
