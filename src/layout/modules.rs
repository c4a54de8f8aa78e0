//! The tensors of methods that add something to modules of the base model, one set of tensors for each module.

use crate::rule::Expr;

/// The tensors that a method adds to modules. Their names are the prefix, the path of the module, a dot and the part.
#[derive(Debug)]
pub struct ModuleLayout {
    /// The tensors of one module.
    pub parts: &'static [Part],
    /// What decides their rank, if they have one.
    pub rank: Option<Rank>,
    /// The field with the names of the modules, or a pattern for them.
    pub targets: &'static str,
    /// Fields that name other things to adapt, so that modules outside the targets have tensors, too.
    pub other_targets: &'static [&'static str],
    /// The field with the names of modules that are left out although they are targets, or a pattern for them.
    pub excluded: Option<&'static str>,
    /// Fields that choose among layers, so that nothing can be said of the layers that are not there.
    pub choosing: &'static [&'static str],
    /// Tensors of the base model that are saved beside them.
    pub saved: &'static [Saved],
}

impl ModuleLayout {
    /// Whether a tensor of this name belongs to the method.
    #[must_use]
    pub fn has_part(&self, name: &str) -> bool {
        self.parts.iter().any(|part| name.strip_suffix(part.name).is_some_and(|before| before.ends_with('.')))
    }
}

/// What stands before the path of a module.
pub const PREFIX: &str = "base_model.model.";

/// The field with the names of modules of the base model that are saved whole beside the adapter.
pub const MODULES_TO_SAVE: &str = "modules_to_save";

/// The word in `target_modules` that stands for every linear layer, in whatever case (`INCLUDE_LINEAR_LAYERS_SHORTHAND`).
pub const ALL_LINEAR: &str = "all-linear";

/// One tensor of a module.
#[derive(Debug)]
pub struct Part {
    /// Its name below the module: `lora_A.weight`.
    pub name: &'static str,
    /// Which of its dimensions is the rank.
    pub rank_axis: Option<usize>,
    /// Whether a module has it.
    pub presence: Presence,
}

/// Whether a module has a tensor.
#[derive(Debug)]
pub enum Presence {
    /// If, and only if, it has that other one.
    With(&'static str),
    /// Every module, where the config says so; none, where it does not.
    When(Setting),
    /// It may.
    Optional,
}

/// A statement about a config that is made by one field.
#[derive(Debug)]
pub struct Setting {
    /// The field.
    pub field: &'static str,
    /// What it says.
    pub holds: Expr,
}

/// What decides the rank of a module's tensors.
#[derive(Debug)]
pub struct Rank {
    /// The field with the rank of all modules.
    pub field: &'static str,
    /// The field with the ranks of some modules, by patterns of their names.
    pub pattern: Option<&'static str>,
    /// Further fields whose keys are patterns of modules' names.
    pub other_patterns: &'static [&'static str],
    /// Where a module has this part, the rank is the first dimension of all of its parts.
    pub first_beside: Option<&'static str>,
    /// Where this holds, dimensions are not simply the rank and are not compared with it.
    pub is_otherwise: Expr,
}

/// A tensor of the base model that is saved beside the adapter's own.
#[derive(Debug)]
pub struct Saved {
    /// The end of its name.
    pub ending: &'static str,
    /// When it is expected.
    pub when: Expr,
}
