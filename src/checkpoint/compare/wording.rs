//! Faults in words.

use super::{Dtype, DtypeKind, Fault};
use crate::{
    checkpoint::{
        Tensor,
        findings::{first_few, shown},
    },
    diagnostic::{
        Diagnostic, EMPTY_TENSOR, MISSING_TENSOR, NOT_TRAINED_NUMBERS, SIZE_MISMATCH, TENSORS_DISAGREE, UNUSUAL_DTYPE,
        WRONG_SHAPE, counted,
    },
    document::Member,
    layout::{Axis, TensorLayout},
    rule::Fields,
};

/// Whose tensors are compared with the config.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject {
    /// The adapter that the config belongs to.
    Adapter,
    /// The adapter that the config starts from.
    Source,
}

/// Where a finding belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// To the config: something there is to be changed.
    Config,
    /// To the file with the tensors.
    Tensors,
}

/// The findings about faults; those that belong to the config have their places in it.
pub(crate) fn diagnostics(
    faults: &[Fault<'_>],
    subject: Subject,
    fields: &Fields<'_>,
    anchor: Option<&Member>,
) -> Vec<(Place, Diagnostic)> {
    let of_fault = |fault: &Fault<'_>| match fault {
        Fault::Config { axis, found, config, of_base_model, agreeing } => {
            let told = Told { axis: *axis, found: *found, config, of_base_model, agreeing };
            (Place::Config, size_mismatch(&told, subject, fields, anchor))
        }
        Fault::Missing { layout, alike } => (Place::Tensors, missing(layout, *alike, subject)),
        Fault::Empty { tensor } => {
            let finding = empty(&[&tensor.name]);
            (Place::Tensors, Diagnostic { message: format!("{}: {:?}", finding.message, tensor.shape), ..finding })
        }
        Fault::Type { dtype, tensors } => (Place::Tensors, wrong_type(*dtype, tensors)),
        Fault::Dimensions { layout, tensor } => (Place::Tensors, dimensions(layout, tensor).note(subject.outcome())),
        Fault::Transposed { tensor, expected } => {
            let message = format!("`{}` is transposed: {:?}, expected {expected:?}", shown(&tensor.name), tensor.shape);
            (Place::Tensors, Diagnostic::new(&WRONG_SHAPE, message).note(subject.outcome()))
        }
        Fault::Swapped { first, second } => {
            let (first, second) = (shown(&first.name), shown(&second.name));
            let message = format!("`{first}` and `{second}` have each other's shape: their names are swapped");
            (Place::Tensors, Diagnostic::new(&WRONG_SHAPE, message).note(subject.outcome()))
        }
        Fault::Disagree { axis, found, config } => {
            (Place::Tensors, disagree(*axis, found, config.as_deref()).note(subject.outcome()))
        }
    };
    faults.iter().map(of_fault).collect()
}

impl Subject {
    fn noun(self) -> &'static str {
        match self {
            Self::Adapter => "the checkpoint",
            Self::Source => "the source checkpoint",
        }
    }

    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Self::Adapter => "PEFT stops with `RuntimeError: size mismatch` when it loads the adapter",
            Self::Source => "PEFT stops with `RuntimeError: size mismatch` when it starts from this source",
        }
    }
}

/// What config and tensors say of an axis.
struct Told<'a> {
    axis: Axis,
    found: u64,
    config: &'a [(&'static str, u64)],
    of_base_model: &'a [&'static str],
    agreeing: &'a [(&'static str, u64)],
}

fn size_mismatch(told: &Told<'_>, subject: Subject, fields: &Fields<'_>, anchor: Option<&Member>) -> Diagnostic {
    let Told { axis, found, agreeing, of_base_model, .. } = told;
    let says = config_says(told, fields);
    let message = format!("{} has {}, but {says}", subject.noun(), counted_nouns(*found, axis.noun));
    let mut diagnostic = Diagnostic::new(&SIZE_MISMATCH, message);
    let best = agreeing.first();
    for field in best.map(|(field, _)| *field).into_iter().chain(axis.fields.iter().copied()) {
        let Some(member) = fields.member(field).filter(|member| !member.value.is_null()) else { continue };
        if diagnostic.labels.iter().all(|label| label.span != member.value.span) {
            let value = agreeing.iter().find(|(agreeing, _)| *agreeing == field);
            let label = value.map_or_else(String::new, |(_, value)| format!("{value} would agree"));
            diagnostic = diagnostic.label(member.value.span, label);
        }
    }
    if diagnostic.labels.is_empty() {
        diagnostic = not_given(diagnostic, anchor, axis.fields);
    }
    if let Some((field, value)) = best {
        diagnostic = diagnostic.pointer(format!("/{field}"));
        diagnostic = match fields.member(field) {
            Some(member) => {
                diagnostic.fix(format!("set `{field}` to {value}"), false, member.value.span, value.to_string())
            }
            None => diagnostic.note(would_agree(field, *value)),
        };
    }
    if !of_base_model.is_empty() {
        diagnostic = diagnostic.note("the adapter may have been trained on another base model");
    }
    diagnostic.note(subject.outcome())
}

fn dimensions(layout: &TensorLayout, tensor: &Tensor) -> Diagnostic {
    let (name, has, expected) = (shown(&tensor.name), tensor.shape.len(), layout.axes.len());
    let noun = if has == 1 { "dimension" } else { "dimensions" };
    let message = format!("`{name}` has {has} {noun}, {:?}; expected {expected}: {}", tensor.shape, symbolic(layout));
    Diagnostic::new(&WRONG_SHAPE, message)
}

fn missing(layout: &TensorLayout, alike: Option<&Tensor>, subject: Subject) -> Diagnostic {
    let message = format!("{} has no tensor `{}`", subject.noun(), layout.name);
    let diagnostic = Diagnostic::new(&MISSING_TENSOR, message);
    let diagnostic = match alike {
        Some(tensor) => {
            let (name, shape) = (shown(&tensor.name), &tensor.shape);
            diagnostic.note(format!("`{name}` {shape:?} may be the one; PEFT wants the name `{}`", layout.name))
        }
        None => diagnostic.note(format!("expected shape {}", symbolic(layout))),
    };
    match subject {
        Subject::Adapter => diagnostic.note(layout.when_absent),
        Subject::Source => diagnostic.note(format!("PEFT stops with `KeyError: '{}'`", layout.name)),
    }
}

/// The finding about those of some tensors that have no elements.
pub(crate) fn without_elements<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Option<Diagnostic> {
    let names: Vec<&str> =
        tensors.filter(|tensor| tensor.shape.contains(&0)).map(|tensor| tensor.name.as_str()).collect();
    (!names.is_empty()).then(|| empty(&names))
}

fn empty(names: &[&str]) -> Diagnostic {
    let message = format!("{} no elements", with_verb(names, "tensor", "has", "have"));
    Diagnostic::new(&EMPTY_TENSOR, message)
        .note("a model that DeepSpeed ZeRO-3 has split over several processes must be gathered before it is saved")
}

/// What is said of a size that the config does not give.
pub(crate) fn of_default(field: &str, value: u64) -> String {
    format!("PEFT takes {value} for `{field}`")
}

/// Shows where a config has none of these fields, one of which would have a value that agrees.
pub(crate) fn not_given(finding: Diagnostic, anchor: Option<&Member>, fields: &[&str]) -> Diagnostic {
    match anchor {
        Some(anchor) => finding.label(anchor.value.span, format!("{} not given", quoted_list(fields))),
        None => finding,
    }
}

/// The start of a sentence: `` `a` is`` for one, `` 12 tensors, such as `a`, are`` for many.
pub(crate) fn with_verb(names: &[&str], noun: &str, singular: &str, plural: &str) -> String {
    match names {
        [] => format!("no {noun} {singular}"),
        [only] => format!("`{}` {singular}", shown(only)),
        [first, ..] => format!("{} {noun}s, such as `{}`, {plural}", names.len(), shown(first)),
    }
}

/// What to write into a config that does not give a field.
pub(crate) fn would_agree(field: &str, value: u64) -> String {
    format!("`\"{field}\": {value}` would agree")
}

/// What the config, or the base model where it is silent, says of a size.
fn config_says(told: &Told<'_>, fields: &Fields<'_>) -> String {
    let Told { axis, config, of_base_model, .. } = told;
    let is_given = |field: &str| fields.member(field).is_some_and(|member| !member.value.is_null());
    let from = |field: &str| if of_base_model.contains(&field) { " (from the base model)" } else { "" };
    match decisive(config).as_slice() {
        [(field, value)] if axis.times == 1 && is_given(field) && from(field).is_empty() => {
            format!("`{field}` is {value}")
        }
        [(field, value)] if axis.times == 1 => format!("{}{}", of_default(field, *value), from(field)),
        many => {
            let factors: Vec<String> =
                many.iter().map(|(field, value)| format!("`{field}` {value}{}", from(field))).collect();
            let times = if axis.times == 1 { String::new() } else { format!(", times {},", axis.times) };
            format!("{}{times} make {}", factors.join(" and "), size(*axis, many))
        }
    }
}

/// The factors that matter: a factor of one does not, beside others.
fn decisive<'a>(factors: &[(&'a str, u64)]) -> Vec<(&'a str, u64)> {
    let decisive: Vec<_> = factors.iter().copied().filter(|(_, value)| *value != 1).collect();
    if decisive.is_empty() { factors.iter().take(1).copied().collect() } else { decisive }
}

fn size(axis: Axis, factors: &[(&str, u64)]) -> u64 {
    factors.iter().fold(axis.times, |product, (_, value)| product.saturating_mul(*value))
}

/// Names those that neither the config nor the others bear out.
fn disagree(axis: Axis, found: &[(&str, u64)], config: Option<&[(&str, u64)]>) -> Diagnostic {
    let expected = config.map(|factors| size(axis, factors));
    let (borne_out, odd): (Vec<_>, Vec<_>) = found.iter().partition(|(_, size)| Some(*size) == expected);
    let message = if let ([(name, size)], Some(config), Some(expected)) = (odd.as_slice(), config, expected) {
        let tensors = borne_out.iter().map(|(name, _)| format!("`{}`", shown(name)));
        let fields = decisive(config).into_iter().map(|(field, _)| format!("`{field}`"));
        let others: Vec<String> = tensors.chain(fields).collect();
        format!(
            "`{}` has {}, but {} say {expected}",
            shown(name),
            counted_nouns(*size, axis.noun),
            others.join(" and ")
        )
    } else {
        let tensors =
            found.iter().map(|(name, size)| format!("`{}` has {}", shown(name), counted_nouns(*size, axis.noun)));
        format!("{}: they are not of one adapter", tensors.collect::<Vec<_>>().join(", "))
    };
    Diagnostic::new(&TENSORS_DISAGREE, message)
}

pub(super) fn wrong_type(dtype: Dtype, tensors: &[&Tensor]) -> Diagnostic {
    let verb = if tensors.len() == 1 { "is" } else { "are" };
    let who = format!("{} {verb} {dtype}", first_few(tensors.iter().map(|tensor| tensor.name.as_str())));
    if dtype.kind() == DtypeKind::OtherFloat {
        return Diagnostic::new(&UNUSUAL_DTYPE, format!("{who}; adapters are float32, float16 or bfloat16"))
            .note("PEFT converts it to float32, without saying so");
    }
    Diagnostic::new(&NOT_TRAINED_NUMBERS, format!("{who}, which cannot hold trained numbers"))
        .note("PEFT converts it to float32, without saying so; save it again as float32, float16 or bfloat16")
}

/// A count with its noun, which is in the plural.
fn counted_nouns(count: u64, noun: &str) -> String {
    counted(count, noun.strip_suffix('s').unwrap_or(noun), noun)
}

/// `` `a` and `b` are``, for the end of a sentence.
fn quoted_list(fields: &[&str]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    format!("{} {}", quoted.join(" and "), if quoted.len() == 1 { "is" } else { "are" })
}

/// A shape in terms of fields: `[num_tasks, num_ranks, token_dim]`.
fn symbolic(layout: &TensorLayout) -> String {
    let in_fields = |axis: &Axis| {
        let times = (axis.times != 1).then(|| axis.times.to_string());
        axis.fields.iter().map(|field| (*field).to_owned()).chain(times).collect::<Vec<_>>().join(" · ")
    };
    let axes: Vec<String> = layout.axes.iter().map(in_fields).collect();
    format!("[{}]", axes.join(", "))
}
