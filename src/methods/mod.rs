//! Every PEFT method that is modelled, one file each, and the table of them.

mod adapter_config;
mod field;
mod inherited;
mod multitask_prompt_tuning;
mod peft_type;
mod prompt_tuning;
mod wire_enum;

pub use adapter_config::AdapterConfig;
pub use field::{Choice, Field};
pub use inherited::TaskType;
pub use multitask_prompt_tuning::{MultitaskPromptTuningConfig, MultitaskPromptTuningInit};
pub use peft_type::PeftType;
pub use prompt_tuning::{PromptTuningConfig, PromptTuningInit};

use crate::{
    document::{Node, Object},
    rule::Rule,
    rules::auto_mapping,
};
use adapter_config::{first_broken_rule, validate_all};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use validator::ValidationErrors;

/// The methods that are modelled. Of any other only the base fields are checked.
pub static METHODS: &[&Method] = &[&multitask_prompt_tuning::METHOD, &prompt_tuning::METHOD];

/// The rules between the fields that every method has.
pub static BASE_RULES: &[&Rule] = auto_mapping::RULES;

/// What the rest of the crate may know about a method.
#[derive(Debug)]
pub struct Method {
    /// Its name on the wire.
    pub peft_type: PeftType,
    topics: &'static [&'static [&'static Rule]],
    schema: fn(&mut SchemaGenerator) -> Schema,
    defaults: fn() -> Object,
    validate: fn(&Node) -> Result<(), Refusal>,
}

/// Why a typed config refuses a tree.
#[derive(Debug)]
pub enum Refusal {
    /// A value does not fit its field's type.
    Unreadable(crate::document::ReadError),
    /// Limits or rules are broken.
    Invalid(ValidationErrors),
}

impl Method {
    /// A row of the table for a config type.
    const fn new<C: AdapterConfig>(peft_type: PeftType, topics: &'static [&'static [&'static Rule]]) -> Self {
        Self {
            peft_type,
            topics,
            schema: <C as JsonSchema>::json_schema,
            defaults: adapter_config::defaults::<C>,
            validate: adapter_config::read_and_validate::<C>,
        }
    }

    /// The row of a method, if it is modelled.
    #[must_use]
    pub fn find(peft_type: PeftType) -> Option<&'static Self> {
        METHODS.iter().copied().find(|method| method.peft_type == peft_type)
    }

    /// The rules between its fields, those of every method last.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.topics.iter().copied().chain([BASE_RULES]).flatten().copied()
    }

    /// The JSON Schema of the config's shape (draft 2020-12, all inline): types, limits, descriptions, no rules.
    #[must_use]
    pub fn shape(&self) -> Schema {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        (self.schema)(&mut settings.into_generator())
    }

    /// The value that each field has when a config leaves it out.
    #[must_use]
    pub fn defaults(&self) -> Object {
        (self.defaults)()
    }

    /// The fields, in PEFT's order.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        Field::of_shape(self.shape().as_value())
    }

    /// Reads a tree into the method's type and validates it.
    ///
    /// # Errors
    /// The first value that does not fit the type, or everything that breaks a limit or rule.
    pub fn validate(&self, config: &Node) -> Result<(), Refusal> {
        (self.validate)(config)
    }
}
