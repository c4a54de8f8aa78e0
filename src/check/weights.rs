//! The weights of an adapter against its config.

use super::{config::Config, surroundings::WeightsReport};
use crate::{
    checkpoint::{
        Catalogue, Sizes, Tensor,
        compare::{Fault, Place, Subject, compare, diagnostics},
    },
    diagnostic::{CHECKPOINT_OF_ANOTHER_METHOD, Diagnostic, TWO_CHECKPOINTS, UNUSED_TENSOR, shortened},
    document::{Kind, Node},
    layout::prompt_learning::HEADS,
    methods::{METHODS, PeftType},
};

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
    let comparison = compare(config.method.layout().tensors.iter(), known, catalogue);
    let (mut of_config, mut of_weights) = (Vec::new(), Vec::new());
    for (place, finding) in diagnostics(&comparison.faults, Subject::Adapter, config.fields, config.anchor()) {
        match place {
            Place::Config => of_config.push(finding),
            Place::Tensors => of_weights.push(finding),
        }
    }
    of_weights.extend(unused(config, catalogue, &comparison.faults));
    Compared { of_config, of_weights, sizes: comparison.sizes }
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
        findings.push(Diagnostic::new(&UNUSED_TENSOR, message).note("PEFT does not look for such tensors"));
    }
    findings
}

/// The method that has a tensor of this name.
fn owner(name: &str) -> Option<PeftType> {
    METHODS.iter().find(|method| method.layout().tensor(name).is_some()).map(|method| method.peft_type)
}

/// Whether a tensor belongs to a module that PEFT saves in full beside the adapter: one of `modules_to_save`, or the head of a
/// classifier.
fn is_saved_module(name: &str, config: &Config<'_>) -> bool {
    let Some(path) = name.strip_prefix("base_model.") else { return false };
    let task_type = config.fields.get("task_type").and_then(Node::as_str);
    let heads = HEADS.iter().filter(|(of, _)| Some(*of) == task_type).flat_map(|(_, heads)| *heads).copied();
    let modules = match config.fields.get("modules_to_save").map(|modules| &modules.kind) {
        Some(Kind::Array(items)) => items.iter().filter_map(Node::as_str).collect(),
        _ => Vec::new(),
    };
    heads.chain(modules).any(|module| {
        path.match_indices(module).any(|(start, _)| {
            let is_edge = |character: Option<char>| character.is_none_or(|character| character == '.');
            let after = start.saturating_add(module.len());
            is_edge(path.get(..start).and_then(|before| before.chars().next_back()))
                && is_edge(path.get(after..).and_then(|after| after.chars().next()))
        })
    })
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
