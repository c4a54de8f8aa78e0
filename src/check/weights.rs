//! The weights of an adapter against its config.

use super::{config::Config, surroundings::WeightsReport};
use crate::{
    checkpoint::{
        Catalogue, Sizes, Tensor,
        compare::{Fault, Place, Subject, compare, diagnostics},
        modules,
    },
    diagnostic::{
        CHECKPOINT_OF_ANOTHER_METHOD, Diagnostic, MISSING_SAVED_MODULE, TWO_CHECKPOINTS, UNUSED_TENSOR, shortened,
    },
    document::{Kind, Node},
    layout::{modules::ModuleLayout, prompt_learning::HEADS},
    methods::{METHODS, PeftType},
};

/// What stands before the names of a model's own tensors in the checkpoint of a method that learns a prompt.
const OF_BASE_MODEL: &str = "base_model.";

/// What the comparison has to say of either file, and all sizes that are known after it.
pub(super) struct Compared {
    pub(super) of_config: Vec<Diagnostic>,
    pub(super) of_weights: Vec<Diagnostic>,
    pub(super) sizes: Sizes,
}

/// Compares the tensors of a file with the config beside it.
pub(super) fn check(config: &Config<'_>, known: &Sizes, weights: &WeightsReport) -> Compared {
    let catalogue = &weights.catalogue;
    // Of a file that could not be read nothing can be missed.
    let is_read = !catalogue.tensors.is_empty() || weights.report.diagnostics.is_empty();
    if !is_read {
        return Compared { of_config: Vec::new(), of_weights: Vec::new(), sizes: known.clone() };
    }
    let mut compared = match config.method.layout().modules {
        Some(layout) => of_modules(layout, config, known, catalogue),
        None => of_whole(config, known, catalogue),
    };
    compared.of_config.extend(missing_modules(config, catalogue));
    compared
}

/// Tensors that are one each for the whole adapter.
fn of_whole(config: &Config<'_>, known: &Sizes, catalogue: &Catalogue) -> Compared {
    let comparison = compare(config.method.layout().tensors.iter(), known, catalogue);
    let findings = diagnostics(&comparison.faults, Subject::Adapter, config.fields, config.anchor());
    let mut compared = sorted(findings, comparison.sizes);
    compared.of_weights.extend(unused(config, catalogue, &comparison.faults));
    compared
}

/// Tensors that are added to modules.
fn of_modules(layout: &'static ModuleLayout, config: &Config<'_>, known: &Sizes, catalogue: &Catalogue) -> Compared {
    let config = modules::Config {
        fields: config.fields,
        is_sound: &|field| config.is_sound(field),
        peft_type: config.method.peft_type.as_str(),
        is_saved_module: &|name| is_saved_module(name, config),
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
fn unused(config: &Config<'_>, catalogue: &Catalogue, faults: &[Fault<'_>]) -> Vec<Diagnostic> {
    let layout = config.method.layout();
    let is_explained = |tensor: &Tensor| {
        faults
            .iter()
            .any(|fault| matches!(fault, Fault::Missing { alike: Some(alike), .. } if alike.name == tensor.name))
    };
    let extra = catalogue.tensors.iter().filter(|tensor| {
        layout.tensor(&tensor.name).is_none() && !is_saved_module(&tensor.name, config) && !is_explained(tensor)
    });
    let (of_others, unknown): (Vec<_>, Vec<_>) =
        extra.map(|tensor| (tensor, owner(&tensor.name))).partition(|(_, owner)| owner.is_some());
    let mut findings = Vec::new();
    if let Some((_, Some(owner))) = of_others.first() {
        let peft_type = config.method.peft_type;
        let message = format!(
            "{} of {owner}, but the config's `peft_type` is {peft_type}",
            listed(&of_others, "is a tensor", "are tensors")
        );
        findings.push(Diagnostic::new(&CHECKPOINT_OF_ANOTHER_METHOD, message).note(
            "PEFT ignores what it does not look for, without a word, and the adapter is not the one that was trained",
        ));
    }
    if !unknown.is_empty() {
        let message = format!("{} not part of the adapter", listed(&unknown, "is", "are"));
        let is_of_model = unknown.iter().any(|(tensor, _)| tensor.name.starts_with(OF_BASE_MODEL));
        let note = if is_of_model {
            "PEFT loads it into the base model if that has such a tensor, and stops if the shape is another"
        } else {
            "PEFT does not look for such tensors"
        };
        findings.push(Diagnostic::new(&UNUSED_TENSOR, message).note(note));
    }
    findings
}

/// The method that has a tensor of this name.
fn owner(name: &str) -> Option<PeftType> {
    METHODS.iter().find(|method| method.layout().tensor(name).is_some()).map(|method| method.peft_type)
}

/// Modules that the config says were saved, and that were not.
fn missing_modules(config: &Config<'_>, catalogue: &Catalogue) -> Vec<Diagnostic> {
    let items = named_modules(config);
    let missing = items.filter(|(_, module)| !catalogue.tensors.iter().any(|tensor| is_part_of(&tensor.name, module)));
    missing
        .map(|(item, module)| {
            let message = format!("the checkpoint has no tensors of `{}`", shortened(module));
            Diagnostic::new(&MISSING_SAVED_MODULE, message)
                .label(item.span, "to be saved")
                .pointer("/modules_to_save")
                .note("PEFT keeps the base model's own weights for it, without saying so")
        })
        .collect()
}

/// The entries of `modules_to_save`.
fn named_modules<'a>(config: &Config<'a>) -> impl Iterator<Item = (&'a Node, &'a str)> + use<'a> {
    let items = match config.fields.get("modules_to_save").map(|modules| &modules.kind) {
        Some(Kind::Array(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| Some((item, item.as_str()?)))
}

/// Whether a tensor belongs to a module that PEFT saves in full beside the adapter: one of `modules_to_save`, or the head of a
/// classifier.
fn is_saved_module(name: &str, config: &Config<'_>) -> bool {
    let task_type = config.fields.get("task_type").and_then(Node::as_str);
    let heads = HEADS.iter().filter(|(of, _)| Some(*of) == task_type).flat_map(|(_, heads)| *heads).copied();
    heads.chain(named_modules(config).map(|(_, module)| module)).any(|module| is_part_of(name, module))
}

/// Whether the name of a tensor leads into a module, whose name may have several parts.
fn is_part_of(name: &str, module: &str) -> bool {
    let Some(path) = name.strip_prefix(OF_BASE_MODEL) else { return false };
    format!(".{path}").contains(&format!(".{module}."))
}

/// The first names of a list with a verb in the right number.
fn listed(tensors: &[(&Tensor, Option<PeftType>)], singular: &str, plural: &str) -> String {
    const MOST_NAMES: usize = 3;
    let names: Vec<String> =
        tensors.iter().take(MOST_NAMES).map(|(tensor, _)| format!("`{}`", shortened(&tensor.name))).collect();
    let more = tensors.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more} {}", names.join(", "), if tensors.len() == 1 { singular } else { plural })
}
