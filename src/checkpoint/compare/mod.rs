//! What a method's layout, a config's sizes and a checkpoint's tensors say of each other: faults as plain data.
//!
//! The tensors are looked at together: where they agree among themselves, it is the config that differs; where they do not,
//! the one that neither the config nor the others bear out is to blame.

mod order;
mod wording;

pub(crate) use wording::{
    Place, Subject, diagnostics, not_given, of_default, with_verb, without_elements, would_agree,
};

use crate::diagnostic::Diagnostic;

use super::{
    Catalogue, Tensor,
    dtype::{Dtype, DtypeKind},
};
use crate::layout::{Axis, Sizes, TensorLayout};
use std::collections::BTreeMap;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault<'a> {
    /// The checkpoint lacks a tensor; perhaps another one has its place.
    Missing { layout: &'static TensorLayout, alike: Option<&'a Tensor> },
    /// A tensor without elements.
    Empty { tensor: &'a Tensor },
    /// A tensor with more or fewer dimensions than it should have.
    Dimensions { layout: &'static TensorLayout, tensor: &'a Tensor },
    /// The right sizes in the wrong order.
    Transposed { tensor: &'a Tensor, expected: Vec<u64> },
    /// Two tensors under each other's name.
    Swapped { first: &'a Tensor, second: &'a Tensor },
    /// The tensors have different sizes where they should have the same.
    Disagree { axis: Axis, found: Vec<(&'a str, u64)>, config: Option<Factors> },
    /// The tensors have another size than the config says.
    Config { axis: Axis, found: u64, config: Factors, of_base_model: Vec<&'static str>, agreeing: Factors },
    /// Tensors of a type that trained numbers do not have.
    Type { dtype: Dtype, tensors: Vec<&'a Tensor> },
}

/// Fields with their values.
pub(crate) type Factors = Vec<(&'static str, u64)>;

/// The faults of a checkpoint, and all sizes that are known once it was read.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) faults: Vec<Fault<'a>>,
    pub(crate) sizes: Sizes,
}

/// A tensor that a layout speaks of, and what the checkpoint has under its name.
#[derive(Debug, Clone, Copy)]
struct Pair<'a> {
    layout: &'static TensorLayout,
    tensor: &'a Tensor,
}

impl<'a> Pair<'a> {
    fn sizes(self) -> impl Iterator<Item = (Axis, u64)> {
        self.layout.axes.iter().copied().zip(self.tensor.shape.iter().copied())
    }

    fn size(self, wanted: Axis) -> Option<u64> {
        self.sizes().find(|(axis, _)| *axis == wanted).map(|(_, size)| size)
    }

    fn name(self) -> &'a str {
        &self.tensor.name
    }
}

/// Compares the tensors of `layouts` with the sizes that are known and with each other.
pub(crate) fn compare<'a>(
    layouts: impl Iterator<Item = &'static TensorLayout>,
    known: &Sizes,
    catalogue: &'a Catalogue,
) -> Comparison<'a> {
    let (mut faults, mut absent, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for layout in layouts {
        match catalogue.get(layout.name) {
            Some(tensor) => pairs.push(Pair { layout, tensor }),
            None => absent.push(layout),
        }
    }
    let odd_types = by_odd_type(pairs.iter().map(|pair| pair.tensor));
    faults.extend(odd_types.into_iter().map(|(dtype, tensors)| Fault::Type { dtype, tensors }));
    let of_one_tensor = pairs.len() == 1;
    pairs.retain(|pair| is_whole(*pair, &mut faults));
    if of_one_tensor || axes(&pairs).any(|axis| !agree(&votes(axis, &pairs))) {
        order::set_apart(&mut pairs, known, &mut faults);
    }
    let mut sizes = known.clone();
    for axis in axes(&pairs) {
        judge(axis, &votes(axis, &pairs), known, &mut sizes, &mut faults);
    }
    for layout in absent {
        faults.push(Fault::Missing { layout, alike: alike(layout, &sizes, catalogue) });
    }
    Comparison { faults, sizes }
}

/// The tensors of each type that trained numbers do not have.
fn by_odd_type<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> BTreeMap<Dtype, Vec<&'a Tensor>> {
    let mut by_type: BTreeMap<Dtype, Vec<&'a Tensor>> = BTreeMap::new();
    for tensor in tensors.filter(|tensor| tensor.dtype.kind() != DtypeKind::Trained) {
        by_type.entry(tensor.dtype).or_default().push(tensor);
    }
    by_type
}

/// The findings about tensors of types that trained numbers do not have.
pub(crate) fn odd_types_of(tensors: &[Tensor]) -> impl Iterator<Item = Diagnostic> {
    by_odd_type(tensors.iter()).into_iter().map(|(dtype, tensors)| wording::wrong_type(dtype, &tensors))
}

/// Whether the tensor has as many dimensions as it should, and elements.
fn is_whole<'a>(pair: Pair<'a>, faults: &mut Vec<Fault<'a>>) -> bool {
    let Pair { layout, tensor } = pair;
    if tensor.shape.len() != layout.axes.len() && tensor.shape != [0] {
        faults.push(Fault::Dimensions { layout, tensor });
    } else if tensor.shape.contains(&0) {
        faults.push(Fault::Empty { tensor });
    } else {
        return true;
    }
    false
}

/// The axes of the tensors, each once.
fn axes<'a>(pairs: &[Pair<'a>]) -> impl Iterator<Item = Axis> + use<'a> {
    let mut axes: Vec<Axis> = Vec::new();
    for axis in pairs.iter().flat_map(|pair| pair.layout.axes) {
        if !axes.contains(axis) {
            axes.push(*axis);
        }
    }
    axes.into_iter()
}

/// What each tensor says of an axis.
fn votes<'a>(axis: Axis, pairs: &[Pair<'a>]) -> Vec<(&'a str, u64)> {
    pairs.iter().filter_map(|pair| Some((pair.name(), pair.size(axis)?))).collect()
}

fn agree(votes: &[(&str, u64)]) -> bool {
    votes.windows(2).all(|pair| matches!(pair, [(_, left), (_, right)] if left == right))
}

/// Compares what the tensors say of an axis with each other and with what is known.
fn judge<'a>(axis: Axis, votes: &[(&'a str, u64)], known: &Sizes, sizes: &mut Sizes, faults: &mut Vec<Fault<'a>>) {
    let config = known.factors(axis);
    match (votes, known.of_axis(axis)) {
        ([], _) => {}
        _ if !agree(votes) => faults.push(Fault::Disagree { axis, found: votes.to_vec(), config }),
        ([(_, found), ..], Some(size)) if *found != size => {
            let (found, config) = (*found, config.unwrap_or_default());
            let of_base_model = axis.fields.iter().copied().filter(|field| known.is_of_base_model(field)).collect();
            let agreeing = known.agreeing(axis, found);
            faults.push(Fault::Config { axis, found, config, of_base_model, agreeing });
        }
        ([(_, found), ..], _) => sizes.learn(axis, *found),
    }
}

/// A tensor that could be the missing one under another name: the name with something before it or in other letters, or,
/// where the whole shape is known, the only one of that shape.
fn alike<'a>(layout: &'static TensorLayout, sizes: &Sizes, catalogue: &'a Catalogue) -> Option<&'a Tensor> {
    let is_alike = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        name == layout.name || name.strip_suffix(layout.name).is_some_and(|before| before.ends_with('.'))
    };
    let by_name = catalogue.tensors.iter().find(|tensor| is_alike(&tensor.name));
    let expected = sizes.shape(layout);
    let by_shape = || {
        let expected = expected?;
        let mut fitting = catalogue.tensors.iter().filter(|tensor| tensor.shape == expected);
        fitting.next().filter(|_| fitting.next().is_none())
    };
    by_name.or_else(by_shape)
}
