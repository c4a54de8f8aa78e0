//! The tensors that a method adds to modules of the base model, against the config: names, pairs, ranks, targets.

pub(crate) mod endings;
mod layers;
mod names;
mod path;
mod pattern;
mod ranks;
mod regex;
pub(crate) mod work;
mod wrappers;

use super::{
    Catalogue, Tensor,
    compare::{Place, empty as empty_tensors, odd_types_of, with_verb},
    findings::shown,
};
use crate::{
    diagnostic::{
        Diagnostic, MISSING_TENSOR, TARGET_WITHOUT_TENSORS, TENSORS_OUTSIDE_TARGETS, UNUSED_TENSOR, WRONG_TENSOR_NAME,
        counted, shortened,
    },
    document::Node,
    layout::modules::{ModuleLayout, PREFIX, Part, Presence},
    rule::Fields,
};
use names::{Module, Names, in_every_reading};
use path::{ModulePath, with_outer};
use pattern::{TargetNames, Targets};
use std::collections::BTreeSet;
use work::{Unknown, Work};

/// What PEFT does with tensors that it does not look for.
const IGNORED: &str = "PEFT ignores them without a word, and leaves their modules as they were initialised";

/// The fields of a config, and which of them are of use.
pub(crate) struct Config<'a> {
    pub(crate) fields: &'a Fields<'a>,
    pub(crate) is_sound: &'a dyn Fn(&str) -> bool,
    /// The method's name.
    pub(crate) peft_type: &'static str,
    /// Whether a tensor that is no part of the method is accounted for.
    pub(crate) is_known: &'a dyn Fn(&str) -> bool,
    /// What matching may cost.
    pub(crate) work: &'a Work,
}

impl<'a> Config<'a> {
    /// The value of a field, if nothing is wrong with it.
    fn sound(&self, field: &str) -> Option<&'a Node> {
        self.fields.get(field).filter(|_| (self.is_sound)(field))
    }
}

/// Compares the tensors of modules with the config.
pub(crate) fn check(
    layout: &'static ModuleLayout,
    config: &Config<'_>,
    catalogue: &Catalogue,
) -> Vec<(Place, Diagnostic)> {
    let names = Names::of(layout, catalogue);
    let mut findings = Vec::new();
    if names.modules.is_empty() {
        findings.push((Place::Tensors, no_tensors(config, layout)));
    }
    findings.extend(names_in_words(&names).map(|finding| (Place::Tensors, finding)));
    findings.extend(wrappers::check(layout, config, &names).map(|finding| (Place::Tensors, finding)));
    findings.extend(without_elements(catalogue).map(|finding| (Place::Tensors, finding)));
    findings.extend(odd_types_of(&catalogue.tensors).map(|finding| (Place::Tensors, finding)));
    for part in layout.parts {
        findings.extend(presence(part, config, &names));
    }
    if !wrappers::are_taken_out(layout, config) {
        findings.extend(of_fields(layout, config, &names));
    }
    findings.extend(unused(layout, config, &names).map(|finding| (Place::Tensors, finding)));
    findings
}

/// Compares the modules with the fields that name them.
fn of_fields(layout: &'static ModuleLayout, config: &Config<'_>, names: &Names<'_>) -> Vec<(Place, Diagnostic)> {
    let ranks = layout.rank.iter().flat_map(|rank| ranks::check(rank, config, &names.modules));
    let targets = targets(layout, config, names);
    let layers = layers::not_chosen(layout, config, &names.modules);
    ranks.chain(targets).chain(layers).chain(layers::skipped(layout, config, &names.modules)).collect()
}

fn no_tensors(config: &Config<'_>, layout: &ModuleLayout) -> Diagnostic {
    let message = format!("the checkpoint has no tensors of {}", config.peft_type);
    let finding = Diagnostic::new(&MISSING_TENSOR, message);
    match layout.parts.first() {
        Some(part) => finding.note(format!("expected names like `{PREFIX}….{}`", part.name)),
        None => finding,
    }
}

/// Names that PEFT does not look for, although they are plainly meant.
fn names_in_words(names: &Names<'_>) -> impl Iterator<Item = Diagnostic> {
    let with_adapter = names.with_adapter.first().map(|(tensor, expected)| {
        let count = names.with_adapter.len();
        let message =
            format!("{} the name of an adapter: `{}`", counted(count, "name holds", "names hold"), shown(&tensor.name));
        Diagnostic::new(&WRONG_TENSOR_NAME, message).note(format!("PEFT saves it as `{}`", shown(expected)))
    });
    let without_prefix = names.without_prefix.first().map(|tensor| {
        let count = names.without_prefix.len();
        let message = format!(
            "{} `{PREFIX}` at the start: `{}`",
            counted(count, "name lacks", "names lack"),
            shown(&tensor.name)
        );
        // What wraps a model when it is trained, such as `_orig_mod.`, stands before the prefix.
        let path = tensor.name.split_once(PREFIX).map_or(tensor.name.as_str(), |(_, path)| path);
        Diagnostic::new(&WRONG_TENSOR_NAME, message).note(format!("PEFT saves it as `{PREFIX}{}`", shown(path)))
    });
    let with_two = names.with_two_prefixes.first().map(|tensor| {
        let count = names.with_two_prefixes.len();
        let message =
            format!("{} `{PREFIX}` twice: `{}`", counted(count, "name has", "names have"), shown(&tensor.name));
        Diagnostic::new(&WRONG_TENSOR_NAME, message)
            .note("a model that already had an adapter was given another one, and saved")
    });
    [with_adapter, without_prefix, with_two].into_iter().flatten().map(|finding| finding.note(IGNORED))
}

/// Tensors without elements.
fn without_elements(catalogue: &Catalogue) -> Option<Diagnostic> {
    let empty = catalogue.tensors.iter().filter(|tensor| tensor.shape.contains(&0));
    let names: Vec<&str> = empty.map(|tensor| tensor.name.as_str()).collect();
    (!names.is_empty()).then(|| empty_tensors(&names))
}

/// Whether modules have a part that they should, and none that they should not.
fn presence(part: &Part, config: &Config<'_>, names: &Names<'_>) -> Option<(Place, Diagnostic)> {
    let lacking = |has: &dyn Fn(&Module<'_>) -> bool| -> Vec<&str> {
        let lacking = names.modules.iter().filter(|(_, module)| has(module) && module.part(part.name).is_none());
        lacking.map(|(path, _)| path.written).collect()
    };
    match &part.presence {
        Presence::Optional => None,
        Presence::With(other) => {
            let lacking = lacking(&|module| module.part(other).is_some());
            (!lacking.is_empty()).then(|| {
                let who = with_verb(&lacking, "module", "has", "have");
                let message = format!("{who} `{other}`, but no `{}`", part.name);
                let finding = Diagnostic::new(&MISSING_TENSOR, message);
                (Place::Tensors, finding.note("PEFT warns, and leaves the missing half as it was initialised"))
            })
        }
        Presence::When(setting) => {
            let having = names.modules.values().filter(|module| module.part(part.name).is_some()).count();
            let is_asked_for = config.fields.holds(&setting.holds);
            if !(config.is_sound)(setting.field) || is_asked_for == (having > 0) || names.modules.is_empty() {
                return None;
            }
            let member = config.fields.member(setting.field);
            let finding = if is_asked_for {
                let message = format!("`{}` is set, but no module has `{}`", setting.field, part.name);
                let finding = Diagnostic::new(&MISSING_TENSOR, message);
                finding.note("PEFT warns, and leaves the missing tensors as they were initialised")
            } else {
                let modules = counted(having, "module has", "modules have");
                let message = format!("{modules} `{}`, but `{}` is not set", part.name, setting.field);
                Diagnostic::new(&UNUSED_TENSOR, message).note(IGNORED)
            };
            let finding = finding.pointer(format!("/{}", setting.field));
            Some((
                Place::Config,
                match member.or_else(|| config.fields.member("peft_type")) {
                    Some(member) => {
                        finding.label(member.value.span, format!("decides whether there is `{}`", part.name))
                    }
                    None => finding,
                },
            ))
        }
    }
}

/// Whether the config adapts more than its targets.
fn has_other_targets(layout: &ModuleLayout, config: &Config<'_>) -> bool {
    layout.other_targets.iter().any(|field| config.fields.get(field).is_some_and(Node::is_truthy))
}

/// Whether tensors and targets go together.
fn targets(layout: &ModuleLayout, config: &Config<'_>, names: &Names<'_>) -> Vec<(Place, Diagnostic)> {
    let node = config.sound(layout.targets);
    let targets = Targets::of(node, config.work);
    let excluded = layout.excluded.map_or(Targets::Unknown, |field| Targets::of(config.sound(field), config.work));
    let outside = in_every_reading(&names.modules, |path| targets.include(path, config.work) == Ok(false));
    let mut findings = Vec::new();
    if !outside.is_empty() && !has_other_targets(layout, config) {
        let whom = if outside.len() == 1 { "it" } else { "them" };
        let but = format!("`{}` does not name {whom}", layout.targets);
        findings.push((Place::Config, beyond_targets(&outside, &but, layout.targets, config)));
    }
    findings.extend(left_out(layout, config, names, &excluded));
    if let (Targets::Names(targets), true) = (&targets, names.are_regular() && outside.len() < names.modules.len()) {
        let lacking = without_tensors(targets, names, &excluded, config.work).unwrap_or_default();
        findings.extend(lacking.into_iter().map(|(node, target)| {
            let message = format!("the checkpoint has no tensors for `{}` of `{}`", shortened(target), layout.targets);
            let finding = Diagnostic::new(&TARGET_WITHOUT_TENSORS, message)
                .label(node.span, "no module of this name has tensors")
                .pointer(format!("/{}", layout.targets));
            (Place::Config, finding.note("if the base model has such a module, PEFT leaves it as it was initialised"))
        }));
    }
    findings
}

/// Tensors of modules that the config leaves out.
fn left_out(
    layout: &ModuleLayout,
    config: &Config<'_>,
    names: &Names<'_>,
    excluded: &Targets<'_>,
) -> Option<(Place, Diagnostic)> {
    let field = layout.excluded?;
    let modules = in_every_reading(&names.modules, |path| excluded.include(path, config.work) == Ok(true));
    let but = format!("`{field}` leaves {} out", if modules.len() == 1 { "it" } else { "them" });
    (!modules.is_empty()).then(|| (Place::Config, beyond_targets(&modules, &but, field, config)))
}

/// What is said of modules that have tensors although a field says that they are not adapted.
fn beyond_targets(modules: &[&str], but: &str, field: &'static str, config: &Config<'_>) -> Diagnostic {
    let message = format!("{} tensors, but {but}", with_verb(modules, "module", "has", "have"));
    let finding = Diagnostic::new(&TENSORS_OUTSIDE_TARGETS, message).pointer(format!("/{field}"));
    let finding = match config.sound(field).filter(|_| config.fields.member(field).is_some()) {
        Some(node) => finding.label(node.span, "decides which modules are adapted"),
        None => finding,
    };
    finding.note(IGNORED)
}

/// The targets of which no module has tensors, of the method or, in a module that is saved whole, its own.
fn without_tensors<'a>(
    targets: &TargetNames<'a>,
    names: &Names<'_>,
    excluded: &Targets<'_>,
    work: &Work,
) -> Result<Vec<(&'a Node, &'a str)>, Unknown> {
    let TargetNames { given, endings } = targets;
    let mut with_tensors = BTreeSet::new();
    for path in names.modules.keys().flat_map(ModulePath::possible).flat_map(with_outer) {
        with_tensors.extend(endings.of(path, work)?);
    }
    for (_, path) in names.others.iter().filter_map(|tensor| tensor.name.split_once('.')) {
        with_tensors.extend(endings.within(path, work)?);
    }
    let without = given.iter().filter(|(_, target)| !with_tensors.contains(target));
    let lacking = without.filter(|(_, target)| excluded.include(target, work) != Ok(true)).copied().collect();
    if work.is_used_up() { Err(Unknown) } else { Ok(lacking) }
}

/// Tensors that nothing asks for.
fn unused(layout: &ModuleLayout, config: &Config<'_>, names: &Names<'_>) -> Option<Diagnostic> {
    let is_saved = |tensor: &Tensor| {
        (config.is_known)(&tensor.name)
            || layout.saved.iter().any(|saved| tensor.name.ends_with(saved.ending) && config.fields.holds(&saved.when))
    };
    let unused: Vec<&str> =
        names.others.iter().filter(|tensor| !is_saved(tensor)).map(|tensor| tensor.name.as_str()).collect();
    (!unused.is_empty()).then(|| {
        let message = format!("{} not part of the adapter", with_verb(&unused, "tensor", "is", "are"));
        Diagnostic::new(&UNUSED_TENSOR, message)
            .note("PEFT loads them if the base model has tensors of these names, and ignores them if not")
    })
}
