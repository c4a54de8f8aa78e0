//! The weights of an adapter against its config.

use super::{known::KnownConfig, surroundings::WeightsReport};
use crate::{
    checkpoint::{
        Catalogue, Tensor,
        compare::{Fault, Place, Subject, compare, diagnostics, with_verb, without_elements},
        modules::{
            self,
            endings::{Ending, Endings},
            work::{Unknown, Work},
        },
    },
    diagnostic::{
        CHECKPOINT_OF_ANOTHER_METHOD, Diagnostic, MISSING_SAVED_MODULE, TWO_CHECKPOINTS, UNUSED_TENSOR, shortened,
    },
    document::{Kind, Node},
    layout::{
        self, Sizes,
        modules::{MODULES_TO_SAVE, ModuleLayout},
        prompt_learning::OF_BASE_MODEL,
    },
    methods::{METHODS, Method, PeftType},
};
use std::collections::{BTreeMap, BTreeSet};

/// What PEFT does without the tensors of a module of `modules_to_save`.
const WITHOUT_SAVED_MODULE: &str =
    "if the base model has it, PEFT stops with a `KeyError`; 0.14.0 and older keep the base model's own weights";

/// What the comparison has to say of either file, and all sizes that are known after it.
pub(super) struct Compared {
    pub(super) of_config: Vec<Diagnostic>,
    pub(super) of_weights: Vec<Diagnostic>,
    pub(super) sizes: Sizes,
}

/// Compares the tensors of a file with the config beside it; matching their names may cost so many steps.
pub(super) fn check(config: &KnownConfig<'_>, known: &Sizes, weights: &WeightsReport, matching: u64) -> Compared {
    let catalogue = &weights.catalogue;
    // What was not read is unknown, not missing.
    if !catalogue.is_complete {
        return Compared { of_config: Vec::new(), of_weights: Vec::new(), sizes: known.clone() };
    }
    let work = Work::new(matching);
    let saved = SavedModules::new(config, &work);
    let mut compared = match config.method.layout().modules {
        Some(layout) => of_modules(layout, config, &saved, known, catalogue),
        None => of_whole(config, &saved, known, catalogue),
    };
    compared.of_config.extend(missing_modules(config, &saved, catalogue).unwrap_or_default());
    compared.of_weights.extend(foreign(config, catalogue));
    compared.of_weights.extend(work.finding());
    compared
}

/// Tensors that are one each for the whole adapter.
fn of_whole(config: &KnownConfig<'_>, saved: &SavedModules<'_>, known: &Sizes, catalogue: &Catalogue) -> Compared {
    let comparison = compare(config.method.layout().tensors.iter(), known, catalogue);
    let findings = diagnostics(&comparison.faults, Subject::Adapter, config.fields, config.anchor());
    let mut compared = sorted(findings, comparison.sizes);
    compared.of_weights.extend(unused(config, saved, catalogue, &comparison.faults));
    compared
}

/// Tensors that are added to modules.
fn of_modules(
    layout: &'static ModuleLayout,
    config: &KnownConfig<'_>,
    saved: &SavedModules<'_>,
    known: &Sizes,
    catalogue: &Catalogue,
) -> Compared {
    let config = modules::Config {
        fields: config.fields,
        anchor: config.anchor(),
        is_sound: &|field| config.is_sound(field),
        peft_type: config.method.peft_type.as_str(),
        is_known: &|name| saved.may_have(name) || owner(name, config).is_some(),
        work: saved.work,
    };
    sorted(modules::check(layout, &config, catalogue), known.clone())
}

/// Findings by where they belong.
fn sorted(findings: Vec<(Place, Diagnostic)>, sizes: Sizes) -> Compared {
    let (of_config, of_weights): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(place, _)| *place == Place::Config);
    let plain = |findings: Vec<(Place, Diagnostic)>| findings.into_iter().map(|(_, finding)| finding).collect();
    Compared { of_config: plain(of_config), of_weights: plain(of_weights), sizes }
}

/// The finding about a second file.
pub(super) fn ignored(used: &str) -> Diagnostic {
    Diagnostic::new(&TWO_CHECKPOINTS, format!("PEFT does not read this file: it takes {used}"))
        .note("its tensors were not compared with the config; remove the file that is not meant")
}

/// Tensors that nothing asks for.
fn unused(
    config: &KnownConfig<'_>,
    saved: &SavedModules<'_>,
    catalogue: &Catalogue,
    faults: &[Fault<'_>],
) -> Option<Diagnostic> {
    let layout = config.method.layout();
    let is_explained = |tensor: &Tensor| {
        faults
            .iter()
            .any(|fault| matches!(fault, Fault::Missing { alike: Some(alike), .. } if alike.name == tensor.name))
    };
    let unused = catalogue.tensors.iter().filter(|tensor| {
        let is_known = layout.tensor(&tensor.name).is_some() || saved.may_have(&tensor.name);
        !is_known && !is_explained(tensor) && owner(&tensor.name, config).is_none()
    });
    let names: Vec<&str> = unused.map(|tensor| tensor.name.as_str()).collect();
    let is_of_model = names.iter().any(|name| name.starts_with(OF_BASE_MODEL));
    let note = if is_of_model {
        "PEFT loads it into the base model if that has such a tensor, and stops if the shape is another"
    } else {
        "PEFT does not look for such tensors"
    };
    (!names.is_empty()).then(|| {
        let message = format!("{} not part of the adapter", with_verb(&names, "tensor", "is", "are"));
        Diagnostic::new(&UNUSED_TENSOR, message).note(note)
    })
}

/// Tensors of another method than the config's.
fn foreign(config: &KnownConfig<'_>, catalogue: &Catalogue) -> Option<Diagnostic> {
    let belonging =
        catalogue.tensors.iter().filter_map(|tensor| Some((tensor.name.as_str(), owner(&tensor.name, config)?)));
    let belonging: Vec<(&str, PeftType)> = belonging.collect();
    let (_, other) = belonging.first()?;
    let names: Vec<&str> = belonging.iter().map(|(name, _)| *name).collect();
    let who = with_verb(&names, "tensor", "belongs", "belong");
    let message = format!("{who} to {other}, but the config's `peft_type` is {}", config.method.peft_type);
    let note =
        "PEFT ignores what it does not look for, without a word, and the adapter is not the one that was trained";
    // Beside a whole adapter of its own, another one only takes space.
    let is_beside = is_whole(config, catalogue) && !extends(*other, config);
    Some(if is_beside {
        Diagnostic::new(&UNUSED_TENSOR, message).note("PEFT does not look for them")
    } else {
        Diagnostic::new(&CHECKPOINT_OF_ANOTHER_METHOD, message).note(note)
    })
}

/// Whether a checkpoint has all tensors that the config's method must have.
fn is_whole(config: &KnownConfig<'_>, catalogue: &Catalogue) -> bool {
    let layout = config.method.layout();
    match layout.modules {
        Some(modules) => catalogue.tensors.iter().any(|tensor| modules.has_part(&tensor.name)),
        None => layout.tensors.iter().all(|tensor| catalogue.get(tensor.name).is_some()),
    }
}

/// Whether a method has the tensors of the config's method and more.
fn extends(owner: PeftType, config: &KnownConfig<'_>) -> bool {
    let own = config.method.layout().tensors;
    let other = Method::find(owner).map(Method::layout);
    !own.is_empty() && other.is_some_and(|other| own.iter().all(|tensor| other.tensor(tensor.name).is_some()))
}

/// The other method that has a tensor of this name, unless the config's own has it too.
fn owner(name: &str, config: &KnownConfig<'_>) -> Option<PeftType> {
    let others = METHODS.iter().filter(|method| method.peft_type != config.method.peft_type);
    if has(config.method, name) {
        None
    } else {
        others.into_iter().find(|method| has(method, name)).map(|method| method.peft_type)
    }
}

/// Whether adapters of a method have a tensor of this name.
fn has(method: &Method, name: &str) -> bool {
    let layout = method.layout();
    layout.tensor(name).is_some() || layout.modules.is_some_and(|modules| modules.has_part(name))
}

/// The finding about tensors of any method that have no elements, in a file without a config.
pub(super) fn empty_tensors_of_any_method(catalogue: &Catalogue) -> Option<Diagnostic> {
    let is_of_any = |tensor: &&Tensor| METHODS.iter().any(|method| has(method, &tensor.name));
    without_elements(catalogue.tensors.iter().filter(is_of_any))
}

/// Modules that the config says were saved, and that were not.
fn missing_modules(
    config: &KnownConfig<'_>,
    saved: &SavedModules<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<Diagnostic>, Unknown> {
    if named_modules(config).next().is_none() {
        return Ok(Vec::new());
    }
    let present = saved.present(catalogue)?;
    let has = |module: &str| present.contains(module);
    let is_head = |module: &str| heads(config).any(|head| head == module);
    let has_head = heads(config).any(has);
    // PEFT adds every name that a head may have, and adds them again; a model has one of them.
    let mut groups: BTreeMap<&str, (&Node, BTreeSet<&str>)> = BTreeMap::new();
    let is_there = |module: &str| has(module) || (has_head && is_head(module));
    for (item, module) in named_modules(config).filter(|(_, module)| may_be_name(module) && !is_there(module)) {
        let group = if is_head(module) { "" } else { module };
        groups.entry(group).or_insert_with(|| (item, BTreeSet::new())).1.insert(module);
    }
    let missing = groups.into_values().map(|(item, modules)| {
        let modules: Vec<String> = modules.iter().map(|module| format!("`{}`", shortened(module))).collect();
        let message = format!("the checkpoint has no tensors of {}", modules.join(" or "));
        Diagnostic::new(&MISSING_SAVED_MODULE, message)
            .label(item.span, "to be saved")
            .pointer(format!("/{MODULES_TO_SAVE}"))
            .note(WITHOUT_SAVED_MODULE)
    });
    Ok(missing.collect())
}

/// Whether the name of a module may end so; a rule reports what has blanks in it, or is meant as a pattern.
fn may_be_name(name: &str) -> bool {
    name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

/// The entries of `modules_to_save`.
fn named_modules<'a>(config: &KnownConfig<'a>) -> impl Iterator<Item = (&'a Node, &'a str)> + use<'a> {
    let items = match config.fields.get(MODULES_TO_SAVE).map(|modules| &modules.kind) {
        Some(Kind::Array(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| Some((item, item.as_str()?)))
}

/// The names that the head of a model for the config's task may have.
fn heads(config: &KnownConfig<'_>) -> impl Iterator<Item = &'static str> {
    let task_type = config.fields.get("task_type").and_then(Node::as_str);
    layout::heads::heads(task_type).iter().copied()
}

/// The modules that PEFT saves in full beside the adapter: those whose names end in one of `modules_to_save` (`_set_trainable`), and
/// the head of a classifier.
struct SavedModules<'a> {
    /// Their names, which may have several parts, unless there are too many to look them up.
    names: Result<Endings<'a>, Unknown>,
    work: &'a Work,
}

impl<'a> SavedModules<'a> {
    fn new(config: &KnownConfig<'a>, work: &'a Work) -> Self {
        let heads = heads(config).map(|head| -> &'a str { head });
        let names = named_modules(config).map(|(_, module)| module).chain(heads);
        Self { names: Endings::new(names, Ending::Suffix, work), work }
    }

    /// Whether the name of a tensor leads into one of them, or may do so.
    fn may_have(&self, name: &str) -> bool {
        let Some(path) = name.strip_prefix(OF_BASE_MODEL) else { return false };
        let Ok(names) = &self.names else { return true };
        names.within(path, self.work).map_or(true, |found| !found.is_empty())
    }

    /// Those of which there are tensors.
    fn present(&self, catalogue: &Catalogue) -> Result<BTreeSet<&'a str>, Unknown> {
        let names = self.names.as_ref().map_err(|unknown| *unknown)?;
        let mut present = BTreeSet::new();
        for path in catalogue.tensors.iter().filter_map(|tensor| tensor.name.strip_prefix(OF_BASE_MODEL)) {
            present.extend(names.within(path, self.work)?);
        }
        Ok(present)
    }
}
