//! The path of a module, and what it would be without what was put around modules while they were trained.

/// Something around a module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wrapper {
    /// The part of a module's path.
    pub(super) name: &'static str,
    /// What adds it.
    pub(super) of: &'static str,
    /// Whether the name is a plain word, which modules of their own may have further down.
    is_outermost: bool,
    /// Whether the names that are saved lack it, although the names of modules have it.
    pub(super) is_taken_out: bool,
}

const FOUND_IN_WRAPPED: &str = "PEFT finds such names only in a base model that has this part; in any other it leaves their modules as they were initialised";

/// torch's `CheckpointWrapper` and FSDP take their part out of the names that they save, and add it to those that they load.
const FOUND_NOWHERE: &str = "PEFT does not find such names, not even in a base model with this part, as torch adds it to the names once more; it leaves their modules as they were initialised";

pub(super) static WRAPPERS: &[Wrapper] = &[
    Wrapper { name: "_orig_mod", of: "torch.compile", is_outermost: false, is_taken_out: false },
    Wrapper { name: "_fsdp_wrapped_module", of: "FSDP", is_outermost: false, is_taken_out: true },
    Wrapper {
        name: "_checkpoint_wrapped_module",
        of: "activation checkpointing",
        is_outermost: false,
        is_taken_out: true,
    },
    Wrapper { name: "module", of: "DistributedDataParallel", is_outermost: true, is_taken_out: false },
];

impl Wrapper {
    /// What PEFT makes of such names.
    pub(super) fn outcome(&self) -> &'static str {
        if self.is_taken_out { FOUND_NOWHERE } else { FOUND_IN_WRAPPED }
    }
}

fn wrapper((depth, name): (usize, &str)) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name && (depth == 0 || !wrapper.is_outermost))
}

/// The wrappers in a module's path.
pub(super) fn wrappers(path: &str) -> impl Iterator<Item = &'static Wrapper> {
    path.split('.').enumerate().filter_map(wrapper)
}

/// A path without wrappers, if there are any in it; something must be wrapped.
fn unwrapped(path: &str) -> Option<String> {
    wrappers(path).next()?;
    let kept = path.split('.').enumerate().filter(|part| wrapper(*part).is_none());
    let kept = kept.map(|(_, name)| name).collect::<Vec<_>>().join(".");
    (!kept.is_empty()).then_some(kept)
}

/// The path of a module in the base model.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ModulePath<'a> {
    /// As it stands in the names of the tensors.
    pub(super) written: &'a str,
    /// What remains of it without wrappers, if it has any.
    pub(super) unwrapped: Option<String>,
}

impl<'a> ModulePath<'a> {
    pub(super) fn new(written: &'a str) -> Self {
        Self { written, unwrapped: unwrapped(written) }
    }

    /// The paths that the module may have in the base model: as it is written, which is the one that PEFT matches if the base
    /// model is wrapped in the same way, and without wrappers.
    pub(super) fn possible(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.written).chain(self.unwrapped.as_deref())
    }
}

/// The path of the layer around a module, which decides whether and how the module is adapted: a layer that is wrapped twice, or one that
/// PEFT adapts as a part of another, has its name in the outer one's.
pub(super) fn outer(path: &str) -> &str {
    const INSIDE: &str = ".base_layer";
    let mut inside = path.match_indices(INSIDE).map(|(at, _)| at);
    let is_name = |at: &usize| {
        path.get(at.saturating_add(INSIDE.len())..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    inside.find(is_name).and_then(|at| path.get(..at)).unwrap_or(path)
}

/// A path, and that of the layer around it if there is one.
pub(super) fn with_outer(path: &str) -> impl Iterator<Item = &str> {
    let outer = outer(path);
    std::iter::once(path).chain((outer.len() < path.len()).then_some(outer))
}
