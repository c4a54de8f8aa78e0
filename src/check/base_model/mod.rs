//! The sizes that PEFT takes from the base model's `config.json` (`_prepare_prompt_learning_config`).

mod families;

use super::{known::KnownConfig, reading::read_file};
use crate::{
    diagnostic::{
        BASE_MODEL_DIFFERS, BASE_MODEL_MISMATCH, BASE_MODEL_SIZE_UNKNOWN, BASE_MODEL_SIZE_UNSEEN, Diagnostic,
        NON_FINITE_NUMBER, Severity, UNREADABLE_BASE_MODEL,
    },
    document::{Limits, Member, Node, Object, Syntax, parse},
    error::Error,
    layout::{FromBaseModel, KeyValues, Layout, prompt_learning::ENCODER_DECODER, size},
    rule::Fields,
    source::Source,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// A base model, as far as its config tells.
#[derive(Debug)]
pub struct BaseModel {
    path: PathBuf,
    root: Node,
}

/// What a base model's config says of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inferred {
    /// PEFT takes this value.
    Size(u64),
    /// PEFT finds nothing and stops.
    Unknown,
    /// The file has nothing; the defaults of the model's class may.
    Unseen,
}

impl BaseModel {
    /// Reads the config of a model from its folder, or from the file itself.
    ///
    /// # Errors
    /// The operating system refuses, or the file is larger than the limit. A file that is no config is a finding.
    pub fn read(path: &Path, limits: &Limits) -> Result<Result<Self, Diagnostic>, Error> {
        let path = if path.is_dir() { path.join("config.json") } else { path.to_owned() };
        let bytes = read_file(&path, limits.bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (document, findings) = parse(Source::new(path.to_string_lossy(), text), Syntax::Json, limits);
        // Numbers that Python's `json` reads are no reason to refuse what is none of ours.
        let mut errors = findings.into_iter().filter(|found| found.severity == Severity::Error);
        let broken = errors.find(|found| found.code != NON_FINITE_NUMBER.code).map(|found| found.message);
        let root = document.root.filter(|root| root.as_object().is_some());
        Ok(match (root, broken) {
            (Some(root), None) => Ok(Self { path, root }),
            (_, broken) => {
                let reason = broken.unwrap_or_else(|| "it holds no object".to_owned());
                let message = format!("the base model's config {} cannot be read: {reason}", path.display());
                Err(Diagnostic::new(&UNREADABLE_BASE_MODEL, message))
            }
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The family, as `model_type` names it.
    #[must_use]
    pub fn model_type(&self) -> Option<&str> {
        self.object().get("model_type")?.as_str()
    }

    /// What PEFT takes for a field that is null.
    #[must_use]
    pub fn infer(&self, field: &FromBaseModel) -> Inferred {
        let at = |object: &Object, key: &str| object.get(key).and_then(size);
        let by_attribute = field.attribute.and_then(|attribute| {
            let alias = self.model_type().and_then(families::key_of_layers);
            at(self.object(), attribute).or_else(|| at(self.object(), alias?))
        });
        let by_key = || field.keys.iter().find_map(|key| at(self.text_config(), key));
        match by_attribute.or_else(by_key) {
            Some(size) => Inferred::Size(size),
            None if self.model_type().is_some_and(families::lacks_sizes) => Inferred::Unknown,
            None => Inferred::Unseen,
        }
    }

    /// The sizes that it gives to fields of a layout that a config leaves open.
    pub fn sizes(&self, layout: &Layout) -> impl Iterator<Item = (&'static str, u64)> {
        layout.from_base_model.iter().filter_map(|field| match self.infer(field) {
            Inferred::Size(size) => Some((field.field, size)),
            Inferred::Unknown | Inferred::Unseen => None,
        })
    }

    /// The sizes that PEFT ends up with for the fields of a layout that it reads from base models.
    #[must_use]
    pub fn resolved(&self, layout: &Layout, fields: &Fields<'_>) -> BTreeMap<&'static str, u64> {
        let given = |field: &FromBaseModel| match fields.get(field.field) {
            Some(node) if !node.is_null() => size(node),
            _ => None,
        };
        let given = layout.from_base_model.iter().filter_map(|field| Some((field.field, given(field)?)));
        let mut sizes: BTreeMap<_, _> = self.sizes(layout).chain(given).collect();
        if let Some(keys) = layout.key_values {
            self.take_size_of_keys(keys, &mut sizes);
        }
        sizes
    }

    /// For a prompt of keys and values PEFT takes the base model's sizes, whatever the config says: models may have fewer heads
    /// for them than for queries.
    fn take_size_of_keys(&self, fields: &KeyValues, sizes: &mut BTreeMap<&'static str, u64>) {
        let Some(heads) = self.text_size("num_key_value_heads") else { return };
        let of_heads = || sizes.get(fields.width)?.checked_div(*sizes.get(fields.heads)?);
        let keys = self.keys_by_themselves(heads).or_else(|| Some((heads, of_heads()?)));
        if let Some((heads, width)) = keys {
            sizes.insert(fields.width, heads.saturating_mul(width));
            sizes.insert(fields.heads, heads);
        }
    }

    /// How many heads keys and values have and how wide one is, where the model's config says so: of layers that differ, the
    /// widest counts.
    fn keys_by_themselves(&self, heads: u64) -> Option<(u64, u64)> {
        if let Some(width) = self.text_size("global_head_dim") {
            let global = self.text_size("num_global_key_value_heads").filter(|heads| *heads > 0);
            return Some((global.unwrap_or(heads), width));
        }
        let width = self.text_size("head_dim")?;
        let layers = self.text_config().get("per_layer_config").and_then(Node::as_object);
        let of_layers = layers.into_iter().flat_map(Object::effective).filter_map(|(_, layer)| {
            let layer = layer.as_object()?;
            let own_heads = layer.get("num_key_value_heads").and_then(size);
            Some((own_heads.unwrap_or(heads), layer.get("head_dim").and_then(size)?))
        });
        Some(of_layers.fold((heads, width), |widest, layer| if layer.1 > widest.1 { layer } else { widest }))
    }

    fn text_size(&self, key: &str) -> Option<u64> {
        self.text_config().get(key).and_then(size)
    }

    fn object(&self) -> &Object {
        static EMPTY: Object = Object { members: Vec::new() };
        self.root.as_object().unwrap_or(&EMPTY)
    }

    /// Of a model for several kinds of input, PEFT looks at the part that reads text.
    fn text_config(&self) -> &Object {
        self.object().get("text_config").and_then(Node::as_object).unwrap_or_else(|| self.object())
    }
}

/// Compares the sizes that the config gives with those of the base model, and finds those that neither has.
pub(super) fn check(model: &BaseModel, config: &KnownConfig<'_>) -> Vec<Diagnostic> {
    let layout = config.method.layout();
    let sound = layout.from_base_model.iter().filter(|field| config.is_sound(field.field));
    sound.filter_map(|field| check_size(model, field, config)).chain(check_kind(model, config)).collect()
}

/// A prompt for an encoder and a decoder does not run on a model that has only one of them, nor the other way round.
fn check_kind(model: &BaseModel, config: &KnownConfig<'_>) -> Option<Diagnostic> {
    let member = config.fields.member("task_type")?;
    let (task_type, wanted) = ENCODER_DECODER.iter().find(|(task_type, _)| member.value.as_str() == Some(task_type))?;
    let has_both = model.object().get("is_encoder_decoder").is_some_and(Node::is_truthy);
    (has_both != *wanted).then(|| {
        let is = if has_both { "has an encoder and a decoder" } else { "has no encoder and decoder" };
        Diagnostic::new(&BASE_MODEL_MISMATCH, format!("`task_type` is {task_type}, but the base model {is}"))
            .label(member.value.span, format!("not what {} describes", model.path.display()))
            .pointer("/task_type")
            .note("PEFT builds the model, and the first forward pass fails")
    })
}

fn check_size(model: &BaseModel, field: &FromBaseModel, config: &KnownConfig<'_>) -> Option<Diagnostic> {
    let (name, inferred) = (field.field, model.infer(field));
    let given = config.fields.member(name).filter(|member| !member.value.is_null());
    let layout = config.method.layout();
    let taken = model.resolved(layout, config.fields).get(name).copied();
    if let (Some(member), Some(taken)) = (given, taken)
        && layout.key_values.is_some()
        && size(&member.value).is_some_and(|given| given != taken)
    {
        return Some(replaced(name, member, taken));
    }
    match (given, inferred) {
        _ if layout.key_values.is_some() && taken.is_some() => None,
        (Some(member), Inferred::Size(size)) => {
            let given = layout.size(name, config.fields)?;
            (given != size).then(|| {
                let decides = layout.has_size(name);
                let problem = if decides { &BASE_MODEL_MISMATCH } else { &BASE_MODEL_DIFFERS };
                let message = format!("`{name}` is {given}, but the base model's is {size}");
                let note = if decides {
                    "PEFT builds the model, and the first forward pass stops with `RuntimeError: Sizes of tensors must match`"
                } else {
                    "PEFT keeps the number, which this method does not use"
                };
                Diagnostic::new(problem, message)
                    .label(member.value.span, format!("{size} in {}", model.path.display()))
                    .pointer(format!("/{name}"))
                    .note(note)
            })
        }
        (None, Inferred::Unknown) => Some(unknown(&BASE_MODEL_SIZE_UNKNOWN, name, model, config)),
        (None, Inferred::Unseen) => Some(unknown(&BASE_MODEL_SIZE_UNSEEN, name, model, config)),
        _ => None,
    }
}

/// A size that PEFT replaces by the base model's.
fn replaced(name: &str, member: &Member, taken: u64) -> Diagnostic {
    let message = format!("`{name}` is not used: PEFT takes {taken}, which the base model has for keys and values");
    Diagnostic::new(&BASE_MODEL_DIFFERS, message)
        .label(member.value.span, format!("{taken} in the base model"))
        .pointer(format!("/{name}"))
}

fn unknown(
    problem: &crate::diagnostic::Problem,
    name: &str,
    model: &BaseModel,
    config: &KnownConfig<'_>,
) -> Diagnostic {
    let family = model.model_type().map(|family| format!(" ({family})")).unwrap_or_default();
    let message = format!("`{name}` is not given, and the base model's config{family} does not tell it");
    let note = match problem.severity {
        Severity::Error => format!("PEFT stops with `ValueError: Please specify `{name}` in `peft_config``"),
        _ => format!("unless the model's class has a default, PEFT stops with `ValueError: Please specify `{name}``"),
    };
    let diagnostic = Diagnostic::new(problem, message).pointer(format!("/{name}")).note(note);
    match config.fields.member(name).or(config.anchor()) {
        Some(member) => diagnostic.label(member.value.span, format!("`{name}` must be given here")),
        None => diagnostic,
    }
}
