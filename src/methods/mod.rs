//! Every PEFT method that is modelled, one file each, and the table of them.

mod adalora;
mod adapter_config;
mod cartridge;
mod cpt;
mod field;
mod ia3;
mod inherited;
mod loha;
mod lora;
mod multitask_prompt_tuning;
mod number;
mod p_tuning;
mod peft_type;
mod prefix_tuning;
mod prompt_tuning;
mod range;
mod targets;
mod union;
mod wire_enum;

pub use adalora::AdaLoraConfig;
pub use adapter_config::AdapterConfig;
pub use cartridge::CartridgeConfig;
pub use cpt::{CPTConfig, WeightedLossType};
pub use field::{Choice, Field};
pub(crate) use field::{lifetime, unwrapped};
pub use ia3::IA3Config;
pub use inherited::TaskType;
pub use loha::LoHaConfig;
pub use lora::{
    ArrowConfig, BdLoraConfig, CordaConfig, CordaMethod, EvaConfig, InitLoraWeights, KasaConfig, LoftQConfig, LoraBias,
    LoraConfig, LoraGAConfig, LoraGADirection, LoraGAScale, LoraInit, LoraInitName, MontecloraConfig, VeloraConfig,
    VeloraInit,
};
pub use multitask_prompt_tuning::{MultitaskPromptTuningConfig, MultitaskPromptTuningInit};
#[cfg(feature = "embedding")]
pub(crate) use multitask_prompt_tuning::{PREFIX_TASK_COLS, PREFIX_TASK_ROWS};
pub use number::IntegerOrFloat;
pub use p_tuning::{PromptEncoderConfig, PromptEncoderReparameterizationType};
pub use peft_type::PeftType;
pub use prefix_tuning::{PrefixInit, PrefixInitWeights, PrefixTuningConfig};
pub use prompt_tuning::{PromptTuningConfig, PromptTuningInit};
pub use range::Range;
pub use targets::{LayersPattern, LayersToTransform, ModuleNames, TokenIndices};

use crate::{
    document::{Node, Object, ReadError, to_node},
    layout::Layout,
    release::{Lifetime, Release},
    rule::Rule,
    rules::{auto_mapping, base_model},
};
use adapter_config::{first_broken_rule, validate_all};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;
use std::{borrow::Cow, sync::OnceLock};
use validator::ValidationErrors;

/// The methods that are modelled. Of any other only the base fields are checked.
pub static METHODS: &[&Method] = &[
    &adalora::METHOD,
    &cartridge::METHOD,
    &cpt::METHOD,
    &ia3::METHOD,
    &loha::METHOD,
    &lora::METHOD,
    &multitask_prompt_tuning::METHOD,
    &p_tuning::METHOD,
    &prefix_tuning::METHOD,
    &prompt_tuning::METHOD,
];

/// The rules between the fields that every method has.
pub fn base_rules() -> impl Iterator<Item = &'static Rule> {
    [auto_mapping::RULES, base_model::RULES].into_iter().flatten().copied()
}

/// The oldest method that is modelled. What all methods share is told by its schema: in that of a younger one, everything begins
/// with the method.
pub(crate) fn oldest() -> Option<&'static Method> {
    METHODS.iter().copied().min_by_key(|method| method.peft_type.lifetime())
}

/// The fields that every method has, whether it is modelled or not.
pub fn base_fields() -> impl Iterator<Item = &'static Field> {
    oldest().into_iter().flat_map(Method::fields).filter(|field| field.is_shared())
}

/// What the rest of the crate may know about a method.
#[derive(Debug)]
pub struct Method {
    /// Its name on the wire.
    pub peft_type: PeftType,
    topics: &'static [&'static [&'static Rule]],
    later_rules: &'static [(&'static Rule, Release)],
    starter: &'static [&'static str],
    class: fn() -> Cow<'static, str>,
    schema: fn(&mut SchemaGenerator) -> Schema,
    make_defaults: fn() -> Object,
    shape: OnceLock<Schema>,
    fields: OnceLock<Vec<Field>>,
    defaults: OnceLock<Object>,
    validate: fn(&Node) -> Result<(), Refusal>,
    layout: &'static Layout,
    rewrite: fn(&Node) -> Result<String, ReadError>,
}

/// Why a typed config refuses a tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A value does not fit its field's type.
    #[error(transparent)]
    Unreadable(ReadError),
    /// Limits or rules are broken.
    #[error(transparent)]
    Invalid(ValidationErrors),
}

impl Method {
    /// A row of the table for a config type, with the layout of the method's tensors.
    const fn new<C: AdapterConfig>(
        peft_type: PeftType,
        topics: &'static [&'static [&'static Rule]],
        layout: &'static Layout,
    ) -> Self {
        Self {
            peft_type,
            topics,
            later_rules: &[],
            starter: &[],
            class: <C as JsonSchema>::schema_name,
            schema: <C as JsonSchema>::json_schema,
            make_defaults: adapter_config::defaults::<C>,
            shape: OnceLock::new(),
            fields: OnceLock::new(),
            defaults: OnceLock::new(),
            validate: adapter_config::read_and_validate::<C>,
            layout,
            rewrite: adapter_config::read_and_write::<C>,
        }
    }

    /// Says which shared rules came to this method later than to the first that had them.
    const fn with_later_rules(mut self, rules: &'static [(&'static Rule, Release)]) -> Self {
        self.later_rules = rules;
        self
    }

    /// Says which fields a new config sets, in the order in which people think of them.
    const fn with_starter(mut self, fields: &'static [&'static str]) -> Self {
        self.starter = fields;
        self
    }

    /// The row of a method, if it is modelled.
    #[must_use]
    pub fn find(peft_type: PeftType) -> Option<&'static Self> {
        METHODS.iter().copied().find(|method| method.peft_type == peft_type)
    }

    /// The PEFT class of its configs, which the typed config is called after.
    #[must_use]
    pub fn class(&self) -> Cow<'static, str> {
        (self.class)()
    }

    /// The rules between its fields, those of every method last; of all releases.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.topics.iter().copied().flatten().copied().chain(base_rules())
    }

    /// The releases in which a rule is true of this method.
    #[must_use]
    pub fn lifetime_of(&self, rule: &Rule) -> Lifetime {
        let mut lifetime = rule.lifetime.and(self.peft_type.lifetime());
        if let Some((_, since)) = self.later_rules.iter().find(|(later, _)| later.code() == rule.code()) {
            lifetime.since = lifetime.since.max(*since);
        }
        lifetime
    }

    /// The rules that are true in a release.
    pub fn rules_in(&self, release: Release) -> impl Iterator<Item = &'static Rule> {
        self.rules().filter(move |rule| self.lifetime_of(rule).contains(release))
    }

    /// The JSON Schema of the config's shape (draft 2020-12, all inline): types, limits, descriptions, no rules.
    #[must_use]
    pub fn shape(&self) -> &Schema {
        self.shape.get_or_init(|| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.inline_subschemas = true;
            let mut shape = (self.schema)(&mut settings.into_generator());
            if let Some(properties) = shape.get_mut("properties").and_then(Value::as_object_mut) {
                properties.values_mut().for_each(|property| self.not_before_the_method(property));
            }
            shape
        })
    }

    /// An inherited field may be older than the method that inherits it.
    fn not_before_the_method(&self, property: &mut Value) {
        let first = self.peft_type.lifetime().since;
        if let Some(since) = property.get_mut("x-peft-since")
            && since.as_str().and_then(|text| text.parse::<Release>().ok()) < Some(first)
        {
            *since = Value::from(first.to_string());
        }
    }

    /// The value that each field has when a config leaves it out.
    #[must_use]
    pub fn defaults(&self) -> &Object {
        self.defaults.get_or_init(self.make_defaults)
    }

    /// The value that each field has in a release when a config leaves it out.
    #[must_use]
    pub fn defaults_in(&self, release: Release) -> Cow<'_, Object> {
        let mut defaults = Cow::Borrowed(self.defaults());
        for field in self.fields().iter().filter(|field| *field.default_in(release) != field.default) {
            let former = to_node(field.default_in(release)).ok();
            let members = &mut defaults.to_mut().members;
            if let (Some(former), Some(member)) = (former, members.iter_mut().find(|member| member.key == field.name)) {
                member.value = former;
            }
        }
        defaults
    }

    /// What a release sees of a config: keys that are no fields there set nothing.
    pub(crate) fn seen_by<'a>(&self, release: Release, config: &'a Object) -> Cow<'a, Object> {
        let is_seen = |key: &str| self.field(key).is_some_and(|field| field.lifetime.contains(release));
        let mut seen = Cow::Borrowed(config);
        if !config.members.iter().all(|member| is_seen(&member.key)) {
            seen.to_mut().members.retain(|member| is_seen(&member.key));
        }
        seen
    }

    /// The fields, in PEFT's order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        self.fields.get_or_init(|| Field::of_shape(self.shape().as_value()))
    }

    /// The fields of a method or, where it is not modelled, those that every method has.
    pub(crate) fn fields_or_base(method: Option<&'static Self>) -> impl Iterator<Item = &'static Field> {
        let own = method.into_iter().flat_map(Self::fields);
        let is_modelled = method.is_some();
        own.chain(base_fields().filter(move |_| !is_modelled))
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// What a new config sets, in the order in which people think of it: `peft_type` first, each field with a value to begin with.
    pub fn starter(&self) -> impl Iterator<Item = (&Field, &Value)> {
        let fields = ["peft_type"].iter().chain(self.starter).filter_map(|name| self.field(name));
        fields.map(|field| (field, field.example.as_ref().unwrap_or(&field.default)))
    }

    /// What the method is called, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        self.shape().get("title").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the method does, in paragraphs without line ends.
    #[must_use]
    pub fn description(&self) -> String {
        unwrapped(self.shape().get("description").and_then(Value::as_str).unwrap_or_default())
    }

    /// Its tensors.
    #[must_use]
    pub const fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// The innermost field on a path of keys, nested configs included.
    pub(crate) fn field_at<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Option<&Field> {
        let mut keys = keys.into_iter();
        let mut field = self.field(keys.next()?)?;
        for key in keys {
            field = match field.field(key) {
                Some(inner) => inner,
                None => break,
            };
        }
        Some(field)
    }

    /// Reads a tree into the method's type and validates it.
    ///
    /// # Errors
    /// The first value that does not fit the type, or everything that breaks a limit or rule.
    pub fn validate(&self, config: &Node) -> Result<(), Refusal> {
        (self.validate)(config)
    }

    /// Reads a tree into the method's type and writes it as PEFT's `save_pretrained` would: every field of the newest release, and no
    /// other key.
    ///
    /// # Errors
    /// The first value that does not fit the type.
    pub fn rewrite(&self, config: &Node) -> Result<String, ReadError> {
        (self.rewrite)(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starters_set_fields_of_their_methods() {
        for method in METHODS {
            assert_eq!(method.starter().count(), 1 + method.starter.len(), "{} has no such field", method.peft_type);
            assert!(method.starter().all(|(_, value)| !value.is_null()), "{}: nothing to set", method.peft_type);
            assert!(method.starter.len() > 1, "{} says of no field that people set it", method.peft_type);
        }
    }
}
