//! Tensors whose sizes are right but in the wrong order, or under another tensor's name.

use super::{Fault, Pair, agree, votes};
use crate::layout::Sizes;

/// Takes such tensors out, so that they do not bear witness against the others.
pub(super) fn set_apart<'a>(pairs: &mut Vec<Pair<'a>>, known: &Sizes, faults: &mut Vec<Fault<'a>>) {
    let expected: Vec<Option<Vec<u64>>> = pairs.iter().map(|pair| expected(*pair, pairs, known)).collect();
    let mut apart: Vec<&str> = Vec::new();
    let numbered = || pairs.iter().zip(&expected);
    for (index, (pair, shape)) in numbered().enumerate() {
        let Some(shape) = shape.as_ref().filter(|shape| **shape != pair.tensor.shape) else { continue };
        if apart.contains(&pair.name()) {
            continue;
        }
        let other = numbered()
            .skip(index.saturating_add(1))
            .find(|(other, of_other)| of_other.as_ref() == Some(&pair.tensor.shape) && other.tensor.shape == *shape);
        if let Some((other, _)) = other {
            faults.push(Fault::Swapped { first: pair.tensor, second: other.tensor });
            apart.extend([pair.name(), other.name()]);
        } else if sorted(shape) == sorted(&pair.tensor.shape) {
            faults.push(Fault::Transposed { tensor: pair.tensor, expected: shape.clone() });
            apart.push(pair.name());
        }
    }
    pairs.retain(|pair| !apart.contains(&pair.name()));
}

/// The shape that the config, or where it is silent the other tensors, ask for.
fn expected(pair: Pair<'_>, pairs: &[Pair<'_>], known: &Sizes) -> Option<Vec<u64>> {
    let others: Vec<Pair<'_>> = pairs.iter().copied().filter(|other| other.name() != pair.name()).collect();
    let of_others = |axis| {
        let votes = votes(axis, &others);
        if agree(&votes) { votes.first().map(|(_, size)| *size) } else { None }
    };
    pair.layout.axes.iter().map(|axis| known.of_axis(*axis).or_else(|| of_others(*axis))).collect()
}

fn sorted(shape: &[u64]) -> Vec<u64> {
    let mut sorted = shape.to_vec();
    sorted.sort_unstable();
    sorted
}
