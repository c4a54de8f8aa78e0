//! What is put around modules while they are trained, and shows in the names of their tensors.

use super::{Config, layers::LAYERS_PATTERN, names::Names};
use crate::{
    checkpoint::findings::shown,
    diagnostic::{Diagnostic, WRAPPED_TENSOR_NAME, counted},
    document::{Kind, Node},
    layout::modules::{MODULES_TO_SAVE, ModuleLayout},
};
use std::collections::BTreeSet;

/// Something around a module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wrapper {
    /// The part of a module's path.
    name: &'static str,
    /// What adds it.
    of: &'static str,
    /// Whether the name is a plain word, which modules of their own may have further down.
    is_outermost: bool,
    /// What PEFT makes of such names.
    outcome: &'static str,
}

const FOUND_IN_WRAPPED: &str = "PEFT finds such names only in a base model that has this part; in any other it leaves their modules as they were initialised";

/// torch's `CheckpointWrapper` and FSDP take their part out of the names that they save, and add it to those that they load.
const FOUND_NOWHERE: &str = "PEFT does not find such names, not even in a base model with this part, as torch adds it to the names once more; it leaves their modules as they were initialised";

static WRAPPERS: &[Wrapper] = &[
    Wrapper { name: "_orig_mod", of: "torch.compile", is_outermost: false, outcome: FOUND_IN_WRAPPED },
    Wrapper { name: "_fsdp_wrapped_module", of: "FSDP", is_outermost: false, outcome: FOUND_NOWHERE },
    Wrapper {
        name: "_checkpoint_wrapped_module",
        of: "activation checkpointing",
        is_outermost: false,
        outcome: FOUND_NOWHERE,
    },
    Wrapper { name: "module", of: "DistributedDataParallel", is_outermost: true, outcome: FOUND_IN_WRAPPED },
];

impl Wrapper {
    /// Whether the names that are saved lack it, although the names of modules have it.
    fn is_taken_out(&self) -> bool {
        self.outcome == FOUND_NOWHERE
    }
}

/// Whether the config speaks of modules in wrappers that the names of their tensors never have: which modules it means, only the base
/// model tells.
pub(super) fn are_taken_out(layout: &ModuleLayout, config: &Config<'_>) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.is_taken_out() && is_spoken_of(wrapper, layout, config))
}

fn wrapper((depth, name): (usize, &str)) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name && (depth == 0 || !wrapper.is_outermost))
}

/// The wrappers in a module's path.
pub(super) fn wrappers(path: &str) -> impl Iterator<Item = &'static Wrapper> {
    path.split('.').enumerate().filter_map(wrapper)
}

/// A path without wrappers, if there are any in it; something must be wrapped.
pub(super) fn unwrapped(path: &str) -> Option<String> {
    wrappers(path).next()?;
    let kept = path.split('.').enumerate().filter(|part| wrapper(*part).is_none());
    let kept = kept.map(|(_, name)| name).collect::<Vec<_>>().join(".");
    (!kept.is_empty()).then_some(kept)
}

/// Reports names that only a wrapped model has. Whether the base model is wrapped cannot be known, unless the config itself
/// speaks of it.
pub(super) fn check(layout: &ModuleLayout, config: &Config<'_>, names: &Names<'_>) -> Option<Diagnostic> {
    let present: BTreeSet<&Wrapper> = names.wrapped.iter().flat_map(|(_, wrappers)| wrappers).copied().collect();
    let unexplained: BTreeSet<&Wrapper> = present
        .into_iter()
        .filter(|wrapper| wrapper.is_taken_out() || !is_spoken_of(wrapper, layout, config))
        .collect();
    let mut wrapped =
        names.wrapped.iter().filter(|(_, wrappers)| wrappers.iter().any(|wrapper| unexplained.contains(wrapper)));
    let (first, _) = wrapped.next()?;
    let count = counted(wrapped.count().saturating_add(1), "name holds", "names hold");
    let parts: Vec<String> =
        unexplained.iter().map(|wrapper| format!("`{}.` ({})", wrapper.name, wrapper.of)).collect();
    let message = format!("{count} {}: `{}`", parts.join(" or "), shown(&first.name));
    let outcomes: BTreeSet<&str> = unexplained.iter().map(|wrapper| wrapper.outcome).collect();
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
