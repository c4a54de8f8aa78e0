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
    compare::{Place, odd_types_of, with_verb, without_elements},
    findings::shown,
};
use crate::{
    diagnostic::{
        Diagnostic, MISSING_TENSOR, TARGET_WITHOUT_TENSORS, TENSORS_OUTSIDE_TARGETS, UNUSED_TENSOR, WRONG_TENSOR_NAME,
        counted, shortened,
    },
    document::{Member, Node},
    layout::modules::{ModuleLayout, PREFIX, Part, Presence},
    rule::Fields,
};
use names::{Module, Names, in_every_reading};
use path::{ModulePath, outer, with_outer};
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
    /// The place to show for what concerns a field that is not given.
    pub(crate) anchor: Option<&'a Member>,
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
    findings.extend(without_elements(catalogue.tensors.iter()).map(|finding| (Place::Tensors, finding)));
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
    // One after the other, as what comes later has the work that is left.
    let mut findings = Vec::new();
    if let Some(rank) = &layout.rank {
        findings.extend(ranks::check(rank, config, &names.modules));
    }
    findings.extend(targets(layout, config, names));
    findings.extend(layers::not_chosen(layout, config, &names.modules));
    findings.extend(layers::skipped(layout, config, &names.modules));
    findings
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

/// Whether modules have a part that they should, and none that they should not.
fn presence(part: &Part, config: &Config<'_>, names: &Names<'_>) -> Option<(Place, Diagnostic)> {
    match &part.presence {
        Presence::Optional => None,
        Presence::With(other) => {
            let is_lacking = |module: &Module<'_>| module.part(other).is_some() && module.part(part.name).is_none();
            let lacking = names.modules.iter().filter(|(_, module)| is_lacking(module));
            let lacking: Vec<&str> = lacking.map(|(path, _)| path.written).collect();
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
                match member.or(config.anchor) {
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
    let excluded = excluded(layout, config);
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

/// The modules that the config leaves out.
fn excluded<'a>(layout: &ModuleLayout, config: &Config<'a>) -> Targets<'a> {
    let field = layout.excluded.filter(|field| config.fields.get(field).is_some_and(Node::is_truthy));
    field.map_or(Targets::Nothing, |field| Targets::of(config.sound(field), config.work))
}

/// Tensors of modules that the config leaves out.
fn left_out(
    layout: &ModuleLayout,
    config: &Config<'_>,
    names: &Names<'_>,
    excluded: &Targets<'_>,
) -> Option<(Place, Diagnostic)> {
    let field = layout.excluded?;
    let modules = in_every_reading(&names.modules, |path| excluded.include(outer(path), config.work) == Ok(true));
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

/// The targets without tensors: no module that they name has some of the method, and no module that is saved whole leads through them.
fn without_tensors<'a>(
    targets: &TargetNames<'a>,
    names: &Names<'_>,
    excluded: &Targets<'_>,
    work: &Work,
) -> Result<Vec<(&'a Node, &'a str)>, Unknown> {
    // Whether a pattern leaves a target out, only the whole paths of its modules tell.
    if matches!(excluded, Targets::Pattern(_) | Targets::Unknown) {
        return Err(Unknown);
    }
    let TargetNames { given, endings } = targets;
    let mut with_tensors = BTreeSet::new();
    for path in names.modules.keys().flat_map(ModulePath::possible).flat_map(with_outer) {
        with_tensors.extend(endings.of(path, work)?);
    }
    for (_, path) in names.others.iter().filter_map(|tensor| tensor.name.split_once('.')) {
        with_tensors.extend(endings.within(path, work)?);
    }
    let mut lacking = Vec::new();
    for (node, target) in given.iter().filter(|(_, target)| !with_tensors.contains(target)) {
        if !excluded.include(target, work)? {
            lacking.push((*node, *target));
        }
    }
    Ok(lacking)
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
