//! The tensors of an adapter as its method declares them: names, and shapes in terms of the config's fields.

pub mod heads;
pub mod modules;
pub mod prompt_learning;
mod sizes;

pub use sizes::Sizes;

use modules::ModuleLayout;

use crate::{
    document::{Kind, Node, Number},
    rule::{Expr, Fields},
};

/// What a method says of its tensors, and where the sizes come from that a config leaves open.
#[derive(Debug)]
pub struct Layout {
    /// The tensors, under the names that PEFT saves them by.
    pub tensors: &'static [TensorLayout],
    /// Fields that PEFT fills in by itself when they are null.
    pub derived: &'static [Derived],
    /// Fields that PEFT reads from the base model when they are null.
    pub from_base_model: &'static [FromBaseModel],
    /// How the method starts from another adapter, if it can.
    pub source: Option<&'static SourceInit>,
    /// How the method starts from a text, if it can.
    pub text: Option<&'static TextInit>,
    /// The sizes of a prompt of keys and values, which PEFT takes from the base model whatever the config says.
    pub key_values: Option<&'static KeyValues>,
    /// The tensors of each module that the method adapts, if it adapts modules.
    pub modules: Option<&'static ModuleLayout>,
}

/// One tensor of an adapter.
#[derive(Debug, PartialEq)]
pub struct TensorLayout {
    /// Its name in a checkpoint.
    pub name: &'static str,
    /// Its dimensions.
    pub axes: &'static [Axis],
    /// What PEFT does when a checkpoint lacks it, in words that complete a sentence.
    pub when_absent: &'static str,
}

/// What decides the size of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Axis {
    /// What is counted, in words: `tasks`.
    pub noun: &'static str,
    /// The fields whose product is the size; of a list, the length counts. Where several values would agree, the first is the
    /// one to change.
    pub fields: &'static [&'static str],
    /// A number that the product is multiplied by.
    pub times: u64,
}

/// A field whose value follows from others when it is null.
#[derive(Debug)]
pub struct Derived {
    /// The field.
    pub field: &'static str,
    /// What decides.
    pub condition: Expr,
    /// The value where the condition holds, and where it does not.
    pub values: (u64, u64),
}

/// A field that PEFT reads from the base model's config when it is null.
#[derive(Debug)]
pub struct FromBaseModel {
    /// The field.
    pub field: &'static str,
    /// The attribute of the model's config class that is asked first, under whatever key the model's family keeps it.
    pub attribute: Option<&'static str>,
    /// The keys of the model's `config.json` that are looked up, in this order.
    pub keys: &'static [&'static str],
}

/// The fields for the sizes of keys and values.
#[derive(Debug)]
pub struct KeyValues {
    /// Their width, of all heads together.
    pub width: &'static str,
    /// Their heads.
    pub heads: &'static str,
}

/// How a method starts from the tensors of another adapter of the same method.
#[derive(Debug)]
pub struct SourceInit {
    /// The field that chooses the mode.
    pub mode: &'static str,
    /// The field that names the checkpoint.
    pub path: &'static str,
    /// The modes that read it.
    pub modes: &'static [SourceMode],
}

/// One mode of starting from a source.
#[derive(Debug)]
pub struct SourceMode {
    /// The value of the mode's field.
    pub value: &'static str,
    /// The tensors that it needs.
    pub tensors: &'static [&'static str],
    /// What it makes of the source's tasks.
    pub tasks: SourceTasks,
}

/// What a mode makes of the items along the first dimension of the source's tensors.
#[derive(Debug)]
pub enum SourceTasks {
    /// Nothing: they are not read.
    Unread,
    /// Their mean, as one.
    Mean {
        /// The field that counts them.
        count: &'static str,
    },
    /// The one whose number, negative ones counted from the end, this field holds.
    One {
        /// The field that counts them.
        count: &'static str,
        /// The field that chooses one.
        task: &'static str,
    },
}

/// How a method starts from the words of a text.
#[derive(Debug)]
pub struct TextInit {
    /// The field that chooses the mode.
    pub mode: &'static str,
    /// The value that means to start from a text.
    pub value: &'static str,
    /// The field with the text.
    pub text: &'static str,
    /// The field that names the tokenizer.
    pub tokenizer: &'static str,
}

impl Layout {
    /// A layout without tensors: what a declaration may leave out.
    pub(crate) const EMPTY: Self = Self {
        tensors: &[],
        derived: &[],
        from_base_model: &[],
        source: None,
        text: None,
        key_values: None,
        modules: None,
    };

    /// The tensor of that name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&'static TensorLayout> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// The size that the config gives to a field, or that PEFT derives from the config where it gives none.
    #[must_use]
    pub fn size(&self, field: &str, fields: &Fields<'_>) -> Option<u64> {
        match fields.get(field) {
            Some(node) if !node.is_null() => size(node),
            _ => self.derived.iter().find(|derived| derived.field == field).map(|derived| derived.value(fields)),
        }
    }

    /// Whether a field decides the size of a tensor.
    #[must_use]
    pub fn has_size(&self, field: &str) -> bool {
        self.tensors.iter().flat_map(|tensor| tensor.axes).any(|axis| axis.fields.contains(&field))
    }

    /// How the config starts from a source, if it does.
    #[must_use]
    pub fn source_of(&self, fields: &Fields<'_>) -> Option<(&'static SourceInit, &'static SourceMode)> {
        let source = self.source?;
        let value = fields.get(source.mode).and_then(Node::as_str)?;
        source.modes.iter().find(|mode| mode.value == value).map(|mode| (source, mode))
    }
}

impl Derived {
    fn value(&self, fields: &Fields<'_>) -> u64 {
        let (holds, fails) = self.values;
        if fields.holds(&self.condition) { holds } else { fails }
    }
}

/// A value as a size: a whole number, not negative, or the length of a list.
pub(crate) fn size(node: &Node) -> Option<u64> {
    if let Kind::Array(items) = &node.kind {
        return items.len().try_into().ok();
    }
    node.as_number().and_then(Number::as_i128).and_then(|value| value.try_into().ok())
}
