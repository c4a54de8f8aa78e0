//! Turns what a pickle holds into the list of tensors that PEFT would see.

use super::{
    Catalogue, Place, Tensor,
    dtype::elements,
    findings::{Findings, shown},
    pickle::{Id, Object, Pickled, Storage, TensorValue},
};
use crate::diagnostic::{BROKEN_TENSOR, Diagnostic, NOT_A_STATE_DICT};
use std::collections::BTreeMap;

/// Where a storage lies: the zip member, the offset of its first byte, and how many bytes there are.
#[derive(Debug, Clone)]
pub(super) struct Lodging {
    pub(super) member: Option<String>,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) big_endian: bool,
}

/// Lists the tensors of a state dict. `lodgings` has the place of each storage, as far as it is known.
pub(super) fn read(
    pickled: &Pickled,
    lodgings: &[Option<Lodging>],
    catalogue: &mut Catalogue,
    findings: &mut Findings,
) {
    let Object::Dict(dict) = pickled.heap.get(pickled.root) else {
        let root = pickled.heap.get(pickled.root);
        if !matches!(root, Object::Refused) {
            let is = root.noun();
            findings.tell(&NOT_A_STATE_DICT, format!("the checkpoint holds {is}, not a dictionary of tensors"));
        }
        return;
    };
    catalogue.is_complete = true;
    for (key, value) in as_python_keeps(pickled, &dict.entries, findings) {
        match pickled.heap.get(value) {
            Object::Tensor(found) => {
                let (strides, dtype, shape) = (strides(found), found.dtype, found.shape.clone());
                let place = place(&key, found, strides, pickled, lodgings, findings);
                catalogue.tensors.push(Tensor { name: key, dtype, shape, place });
            }
            // What it was called was reported where it was named.
            Object::Refused => catalogue.is_complete = false,
            other => tell_no_tensor(&key, other, pickled, findings),
        }
    }
}

/// The entries by name, the last value of a name at the place of the first. Names that are no strings are reported.
fn as_python_keeps(pickled: &Pickled, entries: &[(Id, Id)], findings: &mut Findings) -> Vec<(String, Id)> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept: Vec<(String, Id)> = Vec::new();
    for (key, value) in entries {
        let Some(name) = pickled.heap.text(*key) else {
            let is = pickled.heap.get(*key).noun();
            let number = pickled.heap.int(*key).map(|number| format!(" ({number})")).unwrap_or_default();
            let holds = pickled.heap.get(*value).noun();
            let message = format!("{is}{number} is the name of {holds}; names are strings");
            findings.tell(&NOT_A_STATE_DICT, message);
            continue;
        };
        if let Some(earlier) = places.get(name).and_then(|place| kept.get_mut(*place)) {
            earlier.1 = *value;
        } else {
            places.insert(name, kept.len());
            kept.push((name.to_owned(), *value));
        }
    }
    kept
}

fn tell_no_tensor(name: &str, value: &Object, pickled: &Pickled, findings: &mut Findings) {
    let is = value.noun();
    let wanted = if is.contains("tensor") { "a plain one" } else { "a tensor" };
    let mut finding = Diagnostic::new(&NOT_A_STATE_DICT, format!("entry `{}` is {is}, not {wanted}", shown(name)));
    if let Object::Dict(dict) = value
        && dict.entries.iter().any(|(_, value)| matches!(pickled.heap.get(*value), Object::Tensor(_)))
    {
        finding = finding.note("it holds tensors; PEFT looks for them one level higher");
    }
    findings.add(finding);
}

/// The strides, unless the elements lie one after another.
fn strides(tensor: &TensorValue) -> Option<Vec<u64>> {
    let mut expected = 1_u64;
    let is_contiguous = tensor.shape.iter().zip(&tensor.strides).rev().all(|(dimension, stride)| {
        let fits = *dimension == 1 || *stride == expected;
        expected = expected.saturating_mul(*dimension);
        fits
    });
    (!is_contiguous && !tensor.shape.contains(&0)).then(|| tensor.strides.clone())
}

fn place(
    name: &str,
    tensor: &TensorValue,
    strides: Option<Vec<u64>>,
    pickled: &Pickled,
    lodgings: &[Option<Lodging>],
    findings: &mut Findings,
) -> Option<Place> {
    let Some(storage) = tensor.storage else {
        let finding = Diagnostic::new(&BROKEN_TENSOR, format!("tensor `{}` was saved without values", shown(name)));
        let finding = finding.note(
            "a tensor on the device `meta` has none: move the model to a real device, such as `cpu`, before saving",
        );
        findings.add(finding.note("where the model has this tensor, PEFT stops with `Cannot copy out of meta tensor; no data!`; with `low_cpu_mem_usage=True` it leaves it without values"));
        return None;
    };
    let number = usize::try_from(storage).ok()?;
    let (storage, lodging) = (pickled.storages.get(number)?, lodgings.get(number)?.as_ref());
    let Some((offset, bytes)) = extent(tensor, storage) else {
        let (dtype, shape) = (tensor.dtype, &tensor.shape);
        let message = format!("tensor `{}`: {dtype} {shape:?} does not fit 64 bits", shown(name));
        findings.tell(&BROKEN_TENSOR, message);
        return None;
    };
    let lodging = lodging?;
    if offset.checked_add(bytes).is_none_or(|end| end > lodging.bytes) {
        let message = format!(
            "tensor `{}` takes {bytes} bytes from byte {offset} of storage `{}`, which has {}",
            shown(name),
            shown(&storage.key),
            lodging.bytes
        );
        findings.tell(&BROKEN_TENSOR, message);
        return None;
    }
    let (member, offset) = (lodging.member.clone(), lodging.offset.checked_add(offset)?);
    Some(Place { member, offset, bytes, strides, big_endian: lodging.big_endian })
}

/// The first byte of a tensor in its storage, and how many bytes lead to the end of its last element.
fn extent(tensor: &TensorValue, storage: &Storage) -> Option<(u64, u64)> {
    let element = tensor.dtype.bits() / 8;
    let first = storage.view_offset.checked_mul(storage.element_bytes())?;
    let first = tensor.offset.checked_mul(element)?.checked_add(first)?;
    if elements(&tensor.shape)? == 0 {
        return Some((first, 0));
    }
    let steps = tensor.shape.iter().zip(&tensor.strides).try_fold(0_u64, |sum, (dimension, stride)| {
        sum.checked_add(dimension.saturating_sub(1).checked_mul(*stride)?)
    })?;
    Some((first, steps.checked_add(1)?.checked_mul(element)?))
}
