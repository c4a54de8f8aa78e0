//! A layer that is skipped by tensors which every other layer has.

use super::{Config, names::Module};
use crate::{
    checkpoint::{compare::Place, findings::shown},
    diagnostic::{Diagnostic, LAYER_WITHOUT_TENSORS},
    document::{Kind, Node},
    layout::modules::ModuleLayout,
};
use std::collections::{BTreeMap, BTreeSet};

/// Reports modules of which a single layer has no tensors. Where the config itself chooses among layers or modules, or names
/// modules in full, nothing is missing.
pub(super) fn skipped(
    layout: &ModuleLayout,
    config: &Config<'_>,
    modules: &BTreeMap<&str, Module<'_>>,
) -> Option<(Place, Diagnostic)> {
    let chooses = layout
        .choosing
        .iter()
        .chain(&layout.excluded)
        .any(|field| config.fields.get(field).is_some_and(Node::is_truthy));
    let Some(Kind::Array(targets)) = config.sound(layout.targets).map(|node| &node.kind) else { return None };
    let names_layers = targets.iter().filter_map(Node::as_str).any(|target| parted(target).is_some());
    if chooses || names_layers {
        return None;
    }
    let mut layers: BTreeMap<(&str, &str), BTreeSet<u32>> = BTreeMap::new();
    for (before, layer, after) in modules.keys().filter_map(|module| parted(module)) {
        layers.entry((before, after)).or_default().insert(layer);
    }
    let skipped: Vec<String> = layers
        .iter()
        .filter_map(|((before, after), layers)| Some(format!("{before}{}{after}", only_gap(layers)?)))
        .collect();
    let names: Vec<&str> = skipped.iter().map(String::as_str).collect();
    let first = shown(names.first()?);
    let message = match names.len() {
        1 => format!("`{first}` has no tensors, but the layers around it have"),
        count => format!("{count} modules, such as `{first}`, have no tensors, but the layers around them have"),
    };
    let finding = Diagnostic::new(&LAYER_WITHOUT_TENSORS, message);
    Some((
        Place::Tensors,
        finding.note("if the base model has them, PEFT warns, and leaves them as they were initialised"),
    ))
}

/// The number of the layer in a module's path, with what stands before and after it: the first number of it.
fn parted(module: &str) -> Option<(&str, u32, &str)> {
    let mut start = 0_usize;
    for segment in module.split('.') {
        let end = start.saturating_add(segment.len());
        if let Ok(layer) = segment.parse() {
            return Some((module.get(..start)?, layer, module.get(end..)?));
        }
        start = end.saturating_add(1);
    }
    None
}

/// The number that alone is missing between the first and the last.
fn only_gap(layers: &BTreeSet<u32>) -> Option<u32> {
    let mut missing = (*layers.first()?..*layers.last()?).filter(|layer| !layers.contains(layer)).take(2);
    missing.next().filter(|_| missing.next().is_none())
}
