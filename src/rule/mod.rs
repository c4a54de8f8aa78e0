//! A rule between fields, as data: what must hold when, and what to say when it does not.

mod eval;
mod expr;
mod lower;
mod message;
mod regex;
mod repository;

pub use eval::Fields;
pub use expr::{Comparison, Expr, Operand, Text, Type};
pub use lower::{Lowered, lower};
#[cfg(feature = "check")]
pub(crate) use repository::is_repository_id;

use crate::{
    diagnostic::{Problem, Severity},
    release::Lifetime,
};

/// A rule between the fields of a config. It is broken where `when` holds and `require` does not.
///
/// Texts may name a field in braces, `{num_tasks}`: its value is put there. `{item}` is the first item or key of the blamed field that
/// breaks the rule. `{rivals}` are the fields whose statements hold, where `require` is that at most one does.
/// `{refusal}` is what Python says of the first text that is no regular expression, where `require` is that all are.
#[derive(Debug)]
pub struct Rule {
    /// Code, severity and documentation with examples.
    pub problem: Problem,
    /// The releases of PEFT that it is true of. Earlier ones accept what an error refuses, as far as loading goes.
    pub lifetime: Lifetime,
    /// Which configs the rule is about.
    pub when: Expr,
    /// What must hold for them.
    pub require: Expr,
    /// The field to change.
    pub blame: &'static str,
    /// One sentence with the values in it.
    pub message: &'static str,
    /// A few words under the value of the blamed field.
    pub label: &'static str,
    /// Other fields that matter, each with a few words; the first one given takes the blame when the blamed field is absent.
    pub context: &'static [(&'static str, &'static str)],
    /// What PEFT would do, and whatever else helps.
    pub notes: &'static [&'static str],
    /// What answers the question by itself once it was read, so that the rule has nothing to say.
    pub settled_by: &'static [Evidence],
    /// What makes the failure certain once it was read, so that a warning becomes an error.
    pub certain_with: &'static [Evidence],
}

/// What else than the config was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The adapter's own tensors.
    Weights,
    /// The checkpoint that the config starts from.
    Source,
    /// The base model's config.
    BaseModel,
}

impl Rule {
    /// A rule that says nothing: what a declaration may leave out.
    pub(crate) const EMPTY: Self = Self {
        problem: Problem { code: "", severity: Severity::Info, docs: "" },
        lifetime: Lifetime::ALWAYS,
        when: Expr::Any(&[]),
        require: Expr::All(&[]),
        blame: "",
        message: "",
        label: "",
        context: &[],
        notes: &[],
        settled_by: &[],
        certain_with: &[],
    };

    /// The code that `peftspec explain` knows.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.problem.code
    }

    /// Whether a config breaks the rule.
    #[must_use]
    pub fn is_broken_by(&self, fields: &Fields<'_>) -> bool {
        fields.holds(&self.when) && !fields.holds(&self.require)
    }

    /// Whether the rule reads a field or a key inside it.
    #[must_use]
    pub fn reads(&self, field: &str) -> bool {
        self.fields().into_iter().any(|path| field_of(path) == field)
    }

    /// The fields that the rule reads, nested ones as `field/key`.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let mut fields = self.when.fields();
        fields.extend(self.require.fields());
        fields.push(self.blame);
        fields.extend(self.context.iter().map(|(field, _)| *field));
        fields.sort_unstable();
        fields.dedup();
        fields
    }
}

/// The field of `field` or of `field/key`.
pub(crate) fn field_of(path: &str) -> &str {
    path.split_once('/').map_or(path, |(field, _)| field)
}

/// Declares a [`Rule`]: its code is the name in kebab case, its documentation the doc comment; lists that are empty may be left out. A
/// rule that is not true of every release says so: `static NAME: Error since "0.14.0" = {…}`,
/// `static NAME: Error since "0.6.0" until "0.8.2" = {…}`.
macro_rules! rule {
    (
        $(#[doc = $doc:expr])+
        $visibility:vis static $name:ident: $severity:ident $(since $since:literal $(until $until:literal)?)? = {
            $($part:ident: $value:expr),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        $visibility static $name: $crate::rule::Rule = $crate::rule::Rule {
            problem: $crate::diagnostic::problem!($name, $severity, $($doc),+),
            lifetime: $crate::rule::rule!(@lifetime $($since $(until $until)?)?),
            $($part: $value,)+
            ..$crate::rule::Rule::EMPTY
        };
    };
    (@lifetime) => { $crate::release::Lifetime::ALWAYS };
    (@lifetime $($lifetime:tt)+) => { $crate::release::lifetime!($($lifetime)+) };
}
pub(crate) use rule;
