//! The sizes that PEFT takes from the base model's `config.json` (`_prepare_prompt_learning_config`).

mod families;

use super::{adapter_files::below, known::KnownConfig, reading::read_file};
use crate::{
    diagnostic::{
        BASE_MODEL_DIFFERS, BASE_MODEL_MISMATCH, BASE_MODEL_SIZE_UNKNOWN, BASE_MODEL_SIZE_UNSEEN, Diagnostic,
        NON_FINITE_NUMBER, Severity, UNREADABLE_BASE_MODEL,
    },
    document::{Limits, Member, Node, Number, Object, Syntax, parse},
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
    /// The file has this key, but no number under it: null, as a rule. PEFT looks no further.
    NoNumber(&'static str),
}

/// The folder of the base model, if what `base_model_name_or_path` says is one here with a config in it.
pub(crate) fn local(name: &str, working_directory: &Path) -> Option<PathBuf> {
    let folder = below(working_directory, name);
    (!name.is_empty() && folder.join(CONFIG).is_file()).then_some(folder)
}

/// The config of a model in its folder.
const CONFIG: &str = "config.json";

/// What a base model's config says of keys and values.
enum Keys {
    /// The heads, and the width of each.
    Of { heads: u64, width: u64 },
    /// This key is null, with which PEFT cannot reckon.
    Null(&'static str),
    /// The file does not tell what PEFT takes.
    Unknown,
}

/// How many heads keys and values have.
const KEY_HEADS: &str = "num_key_value_heads";

/// How wide a head is.
const KEY_WIDTH: &str = "head_dim";

impl Inferred {
    /// What the object has under a key, if it has the key.
    fn under(key: &'static str, object: &Object) -> Option<Self> {
        object.get(key).map(|value| number(value).map_or(Self::NoNumber(key), Self::Size))
    }

    fn map(self, change: impl FnOnce(u64) -> u64) -> Self {
        match self {
            Self::Size(size) => Self::Size(change(size)),
            other => other,
        }
    }
}

/// A value as a size; unlike a field of ours, a list of a base model's is none.
fn number(value: &Node) -> Option<u64> {
    value.as_number().and_then(Number::as_i128).and_then(|value| value.try_into().ok())
}

impl BaseModel {
    /// Reads the config of a model from its folder, or from the file itself.
    ///
    /// # Errors
    /// The operating system refuses, or the file is larger than the limit. A file that is no config is a finding.
    pub fn read(path: &Path, limits: &Limits) -> Result<Result<Self, Diagnostic>, Error> {
        let path = if path.is_dir() { path.join(CONFIG) } else { path.to_owned() };
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

    /// The family in brackets, for a message.
    fn family(&self) -> String {
        self.model_type().map(|family| format!(" ({family})")).unwrap_or_default()
    }

    /// What PEFT takes for a field that is null.
    #[must_use]
    pub fn infer(&self, field: &FromBaseModel) -> Inferred {
        let by_attribute = || self.by_attribute(field.attribute?);
        let by_key = || field.keys.iter().find_map(|key| Inferred::under(key, self.text_config()));
        by_attribute().or_else(by_key).unwrap_or_else(|| {
            let is_known = self.model_type().is_some_and(families::lacks_sizes);
            if is_known { Inferred::Unknown } else { Inferred::Unseen }
        })
    }

    /// What the model's class makes of its file when it is asked for an attribute.
    fn by_attribute(&self, attribute: &'static str) -> Option<Inferred> {
        let family = self.model_type().unwrap_or_default();
        let found = Inferred::under(attribute, self.object()).or_else(|| {
            let (key, times) = families::key_of_layers(family)?;
            Inferred::under(key, self.object()).map(|found| found.map(|layers| layers.saturating_mul(times)))
        });
        let in_blocks = families::counts_blocks(family, self.object());
        found.map(|found| if in_blocks { found.map(|blocks| blocks / 2) } else { found })
    }

    /// The sizes that it gives to fields of a layout that a config leaves open.
    pub fn sizes(&self, layout: &Layout) -> impl Iterator<Item = (&'static str, u64)> {
        layout.from_base_model.iter().filter_map(|field| match self.infer(field) {
            Inferred::Size(size) => Some((field.field, size)),
            Inferred::Unknown | Inferred::Unseen | Inferred::NoNumber(_) => None,
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
            self.take_size_of_keys(layout, keys, &mut sizes);
        }
        sizes
    }

    /// Whether PEFT takes the size of this field from the base model even if a config gives one.
    #[must_use]
    pub fn replaces(&self, layout: &Layout, field: &str) -> bool {
        let is_of_keys = |keys: &KeyValues| field == keys.width || field == keys.heads;
        layout.key_values.is_some_and(is_of_keys) && self.text_config().get(KEY_HEADS).is_some()
    }

    /// For a prompt of keys and values PEFT takes the base model's sizes, whatever the config says: models may have fewer heads
    /// for them than for queries.
    fn take_size_of_keys(&self, layout: &Layout, fields: &KeyValues, sizes: &mut BTreeMap<&'static str, u64>) {
        let quotient = || sizes.get(fields.width)?.checked_div(*sizes.get(fields.heads)?);
        let Some(keys) = self.keys(layout, fields, quotient()) else { return };
        sizes.retain(|field, _| *field != fields.width && *field != fields.heads);
        if let Keys::Of { heads, width } = keys {
            sizes.insert(fields.width, heads.saturating_mul(width));
            sizes.insert(fields.heads, heads);
        }
    }

    /// What the model's config says of keys and values by themselves, if anything. `quotient` is the width of a head of the
    /// whole model.
    fn keys(&self, layout: &Layout, fields: &KeyValues, quotient: Option<u64>) -> Option<Keys> {
        let text = self.text_config();
        let given = text.get(KEY_HEADS)?;
        if given.is_null() && (families::keeps_null_heads(text) || families::keeps_null_heads(self.object())) {
            return Some(Keys::Null(KEY_HEADS));
        }
        // The other families' classes take the number of heads for null.
        let all_heads = || match self.infer(layout.from_base_model.iter().find(|field| field.field == fields.heads)?) {
            Inferred::Size(heads) => Some(heads),
            _ => None,
        };
        let heads = if given.is_null() { all_heads() } else { number(given) };
        Some(heads.and_then(|heads| self.widest_keys(heads, quotient)).unwrap_or(Keys::Unknown))
    }

    /// How many heads keys and values have and how wide one is: of layers that differ, the widest counts.
    fn widest_keys(&self, heads: u64, quotient: Option<u64>) -> Option<Keys> {
        let text = self.text_config();
        let size = |key: &str| text.get(key).and_then(number);
        if let Some(width) = size("global_head_dim") {
            let heads = size("num_global_key_value_heads").filter(|heads| *heads > 0).unwrap_or(heads);
            return Some(Keys::Of { heads, width });
        }
        let Some(layers) = text.get("per_layer_config").filter(|layers| !layers.is_null()) else {
            return Some(Keys::Of { heads, width: size(KEY_WIDTH).or(quotient)? });
        };
        let width = match text.get(KEY_WIDTH) {
            Some(width) if width.is_null() => return Some(Keys::Null(KEY_WIDTH)),
            Some(width) => number(width)?,
            None => quotient?,
        };
        let of_layers = layers.as_object()?.effective().filter_map(|(_, layer)| {
            let of_layer = |key: &str| layer.as_object()?.get(key).and_then(number);
            Some((of_layer(KEY_HEADS).unwrap_or(heads), of_layer(KEY_WIDTH)?))
        });
        let (heads, width) =
            of_layers.fold((heads, width), |widest, layer| if layer.1 > widest.1 { layer } else { widest });
        Some(Keys::Of { heads, width })
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
    let findings = sound.filter_map(|field| check_size(model, field, config));
    findings.chain(check_keys(model, config)).chain(check_kind(model, config)).collect()
}

/// Nothing can be reckoned with null.
fn check_keys(model: &BaseModel, config: &KnownConfig<'_>) -> Option<Diagnostic> {
    let layout = config.method.layout();
    let Some(Keys::Null(key)) = model.keys(layout, layout.key_values?, None) else { return None };
    let (path, family) = (model.path.display(), model.family());
    let message = format!("the base model's `{key}`{family} is null, so the size of its keys and values is not known");
    let finding = Diagnostic::new(&BASE_MODEL_SIZE_UNKNOWN, message)
        .note("PEFT stops with `TypeError`, whatever the adapter's config says")
        .note(format!("set `{key}` in {path}"));
    Some(match config.anchor() {
        Some(member) => finding.label(member.value.span, "needs the size of keys and values"),
        None => finding,
    })
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
        _ if model.replaces(layout, name) => None,
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
        (None, Inferred::NoNumber(key)) if layout.has_size(name) => Some(no_number(name, key, model, config)),
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
    let message = format!("`{name}` is not given, and the base model's config{} does not tell it", model.family());
    let note = match problem.severity {
        Severity::Error => format!("PEFT stops with `ValueError: Please specify `{name}` in `peft_config``"),
        _ => format!("unless the model's class has a default, PEFT stops with `ValueError: Please specify `{name}``"),
    };
    to_be_given(Diagnostic::new(problem, message).note(note), name, config)
}

/// A key that PEFT takes as it is, although it holds no number.
fn no_number(name: &str, key: &str, model: &BaseModel, config: &KnownConfig<'_>) -> Diagnostic {
    let message = format!("`{name}` is not given, and the base model's `{key}`{} is no number", model.family());
    let note = "unless the model's class puts a number there, PEFT takes it as it is, and stops";
    to_be_given(Diagnostic::new(&BASE_MODEL_SIZE_UNSEEN, message).note(note), name, config)
}

fn to_be_given(finding: Diagnostic, name: &str, config: &KnownConfig<'_>) -> Diagnostic {
    let finding = finding.pointer(format!("/{name}"));
    match config.fields.member(name).or(config.anchor()) {
        Some(member) => finding.label(member.value.span, format!("`{name}` must be given here")),
        None => finding,
    }
}
