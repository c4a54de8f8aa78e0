//! Layers that lack tensors which others have, and layers that have tensors although the config chooses others.

use super::{
    Config, beyond_targets, has_other_targets,
    names::{Module, Modules},
    path::{ModulePath, outer},
    pattern::{LayerNumber, LayerPatterns, TargetNames, Targets},
    work::{Unknown, Work, steps},
};
use crate::{
    checkpoint::{compare::Place, findings::shown},
    diagnostic::{Diagnostic, LAYER_WITHOUT_TENSORS},
    document::{Kind, Node, Number},
    layout::modules::{MODULES_TO_SAVE, ModuleLayout},
};
use std::collections::{BTreeMap, BTreeSet};

/// Where the layers are among which a config chooses.
pub(super) const LAYERS_PATTERN: &str = "layers_pattern";

/// The modules of one name in all layers: the shapes of their tensors by layer.
type Layers<'a> = BTreeMap<u32, Vec<&'a [u64]>>;

/// Reports modules of which a single layer has no tensors. Where the config itself chooses among layers or modules, or names
/// modules in full, nothing is missing.
pub(super) fn skipped(
    layout: &ModuleLayout,
    config: &Config<'_>,
    modules: &Modules<'_>,
) -> impl Iterator<Item = (Place, Diagnostic)> {
    let by_name = if is_whole(layout, config) { by_name(modules) } else { BTreeMap::new() };
    let inside = by_name.iter().filter_map(|((before, after), layers)| {
        let gap = only_gap(&layers.keys().copied().collect())?;
        let is_of_another_kind = is_of_another_kind(gap, before, layers, &by_name, config.work).ok()?;
        (!is_of_another_kind).then(|| format!("{before}{gap}{after}"))
    });
    let around =
        finding(&inside.collect::<Vec<_>>(), ["but the layers around it have", "but the layers around them have"]);
    let beside = finding(&lagging(&by_name), ["but the modules beside it have", "but the modules beside them have"]);
    around.into_iter().chain(beside).map(|finding| (Place::Tensors, finding))
}

/// Whether a config adapts its targets in all layers.
fn is_whole(layout: &ModuleLayout, config: &Config<'_>) -> bool {
    let mut choosing = layout.choosing.iter().chain(&layout.excluded);
    let chooses = choosing.any(|field| config.fields.get(field).is_some_and(Node::is_truthy));
    let Some(Kind::Array(targets)) = config.sound(layout.targets).map(|node| &node.kind) else { return false };
    // PEFT adapts nothing inside of a module that is saved whole.
    let saved = config.fields.get(MODULES_TO_SAVE).and_then(Node::as_array).unwrap_or_default();
    let names_layers = targets.iter().chain(saved).filter_map(Node::as_str).any(|name| parted(name).is_some());
    !chooses && !names_layers
}

/// The modules by what stands before and after the number of their layer.
fn by_name<'a>(modules: &'a Modules<'_>) -> BTreeMap<(&'a str, &'a str), Layers<'a>> {
    let shapes = |module: &'a Module<'_>| module.0.iter().map(|(_, tensor)| tensor.shape.as_slice()).collect();
    let mut by_name: BTreeMap<(&str, &str), Layers<'_>> = BTreeMap::new();
    for (path, module) in modules {
        if let Some((before, layer, after)) = parted(path.written) {
            by_name.entry((before, after)).or_default().insert(layer, shapes(module));
        }
    }
    by_name
}

/// Whether a layer has a module that none of these layers has: one with attention among others without, as in hybrid models.
fn is_of_another_kind(
    layer: u32,
    before: &str,
    layers: &Layers<'_>,
    by_name: &BTreeMap<(&str, &str), Layers<'_>>,
    work: &Work,
) -> Result<bool, Unknown> {
    const LOOKING_UP: u64 = 8;
    let beside = by_name.range((before, "")..).take_while(|((other, _), _)| *other == before);
    for (_, others) in beside {
        let is_there = others.contains_key(&layer);
        let looked_up = if is_there { others.len() } else { 1 };
        work.spend(steps(looked_up).saturating_mul(LOOKING_UP))?;
        if is_there && others.keys().all(|other| !layers.contains_key(other)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn finding(skipped: &[String], but: [&str; 2]) -> Option<Diagnostic> {
    let [one, many] = but;
    let first = shown(skipped.first()?);
    let message = match skipped.len() {
        1 => format!("`{first}` has no tensors, {one}"),
        count => format!("{count} modules, such as `{first}`, have no tensors, {many}"),
    };
    let note = "if the base model has them, PEFT warns, and leaves them as they were initialised";
    Some(Diagnostic::new(&LAYER_WITHOUT_TENSORS, message).note(note))
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

/// Modules of the first or the last layer that have no tensors, although all others of the same parent have them there. Where
/// the shapes of a module differ by layer, so may the layers that have it.
fn lagging(by_name: &BTreeMap<(&str, &str), Layers<'_>>) -> Vec<String> {
    let mut families: BTreeMap<(&str, &str), Vec<(&str, &Layers<'_>)>> = BTreeMap::new();
    for ((before, after), layers) in by_name {
        let parent = after.rsplit_once('.').map_or("", |(parent, _)| parent);
        families.entry((before, parent)).or_default().push((after, layers));
    }
    let is_even = |(_, layers): &(&str, &Layers<'_>)| {
        let mut shapes = layers.values();
        let first = shapes.next();
        shapes.all(|shapes| Some(shapes) == first)
    };
    let even = families.into_iter().filter(|(_, members)| members.iter().all(is_even));
    even.filter_map(|((before, _), members)| {
        let (after, layer) = only_lagging(&members)?;
        Some(format!("{before}{layer}{after}"))
    })
    .collect()
}

/// The one member that lacks a layer at either end which all others have, and that layer.
fn only_lagging<'a>(members: &[(&'a str, &Layers<'_>)]) -> Option<(&'a str, u32)> {
    /// Of fewer layers nothing can be said.
    const FEWEST: usize = 2;
    let (after, own) = members.iter().min_by_key(|(_, layers)| layers.len())?;
    let mut others = members.iter().filter(|(other, _)| other != after).map(|(_, layers)| layers);
    let all = others.next()?;
    let is_same = |layers: &Layers<'_>| layers.keys().eq(all.keys());
    let lacking: Vec<u32> = all.keys().filter(|layer| !own.contains_key(layer)).copied().collect();
    let [layer] = lacking.as_slice() else { return None };
    let is_at_end = [all.keys().next(), all.keys().next_back()].contains(&Some(layer));
    let is_short_of_one = own.len() >= FEWEST && own.len().saturating_add(1) == all.len();
    (others.all(|layers| is_same(layers)) && is_at_end && is_short_of_one).then_some((*after, *layer))
}

/// Reports tensors of layers that the config does not choose.
pub(super) fn not_chosen(
    layout: &ModuleLayout,
    config: &Config<'_>,
    modules: &Modules<'_>,
) -> Option<(Place, Diagnostic)> {
    let field = *layout.choosing.first()?;
    let chosen = numbers(config.sound(field)?)?;
    if has_other_targets(layout, config) || !(config.is_sound)(LAYERS_PATTERN) {
        return None;
    }
    let pattern = LayerPatterns::of(config.fields.get(LAYERS_PATTERN))?;
    let Targets::Names(targets) = Targets::of(config.sound(layout.targets), config.work) else { return None };
    let is_candidate = |path: &str| is_chosen_by_layer(outer(path), &targets, config.work) == Ok(true);
    let candidates: Vec<&ModulePath<'_>> =
        modules.keys().filter(|module| module.possible().all(is_candidate)).collect();
    let paths: Vec<&str> = candidates.iter().flat_map(|module| module.possible().map(outer)).collect();
    let numbers = pattern.numbers(&paths, config.work).ok()?;
    let numbers: BTreeMap<&str, LayerNumber> = paths.into_iter().zip(numbers).collect();
    let is_outside = |path: &str| {
        let number = numbers.get(outer(path));
        number.is_some_and(|number| number.is_ok_and(|layer| layer.is_none_or(|layer| !chosen.contains(&layer))))
    };
    let outside = candidates.into_iter().filter(|module| module.possible().all(is_outside));
    let outside: Vec<&str> = outside.map(|module| module.written).collect();
    let but = format!("`{field}` does not choose {}", if outside.len() == 1 { "its layer" } else { "their layers" });
    (!outside.is_empty()).then(|| (Place::Config, beyond_targets(&outside, &but, field, config)))
}

/// Whether the layer of a module decides whether it is adapted: one that is named in full is adapted in any case, and of several
/// numbers releases choose different ones.
fn is_chosen_by_layer(path: &str, targets: &TargetNames<'_>, work: &Work) -> Result<bool, Unknown> {
    let numbers = path.split('.').filter(|segment| segment.parse::<u32>().is_ok()).count();
    let is_in_full = targets.endings.has(path);
    Ok(numbers == 1 && !is_in_full && !targets.endings.of(path, work)?.is_empty())
}

/// The layers of `layers_to_transform`; `None` where it chooses none, which means all.
fn numbers(node: &Node) -> Option<BTreeSet<i128>> {
    let number = |node: &Node| node.as_number().and_then(Number::as_i128);
    match &node.kind {
        Kind::Array(items) if items.is_empty() => None,
        Kind::Array(items) => items.iter().map(number).collect(),
        _ => number(node).map(|layer| BTreeSet::from([layer])),
    }
}
