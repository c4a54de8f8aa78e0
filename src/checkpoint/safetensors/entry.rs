//! Reads one tensor's entry of a header.

use super::tell_broken;
use crate::{
    checkpoint::{
        Place, Tensor,
        dtype::Dtype,
        findings::{Findings, shown},
    },
    diagnostic::{BROKEN_TENSOR, UNUSUAL_CHECKPOINT},
    document::{Kind, Node, Object},
};

/// The tensor that an entry describes; the offset of its place is still counted from the end of the header.
///
/// A tensor whose type is unknown or whose shape is no list cannot be listed.
pub(super) fn tensor(name: &str, value: &Node, findings: &mut Findings) -> Option<Tensor> {
    let shown_name = shown(name);
    let Some(object) = value.as_object() else {
        tell_broken(findings, format!("entry `{shown_name}` is {}, not an object", noun(&value.kind)));
        return None;
    };
    for member in &object.members {
        if !matches!(member.key.as_str(), "dtype" | "shape" | "data_offsets") {
            let message = format!("tensor `{shown_name}` has an entry `{}` that readers ignore", shown(&member.key));
            findings.tell(&UNUSUAL_CHECKPOINT, message);
        }
    }
    let dtype = dtype(&shown_name, object, findings);
    let shape = whole_numbers(&shown_name, "shape", object, findings);
    let place = place(&shown_name, object, findings);
    let (dtype, shape) = (dtype?, shape?);
    if let Some(place) = &place {
        tell_size(&shown_name, dtype, &shape, place, findings);
    }
    Some(Tensor { name: name.to_owned(), dtype, shape, place })
}

fn dtype(name: &str, object: &Object, findings: &mut Findings) -> Option<Dtype> {
    let value = field(name, "dtype", object, findings)?;
    let Some(text) = value.as_str() else {
        tell_broken(findings, format!("tensor `{name}`: `dtype` is {}, not a string", noun(&value.kind)));
        return None;
    };
    let dtype = Dtype::of_safetensors(text);
    if dtype.is_none() {
        let known = Dtype::SAFETENSORS.join(", ");
        let message = format!("tensor `{name}` has the unknown type `{}`; known are {known}", shown(text));
        findings.tell(&BROKEN_TENSOR, message);
    }
    dtype
}

fn place(name: &str, object: &Object, findings: &mut Findings) -> Option<Place> {
    let offsets = whole_numbers(name, "data_offsets", object, findings)?;
    let [start, end] = *offsets.as_slice() else {
        let message = format!("tensor `{name}`: `data_offsets` has {} numbers, not 2", offsets.len());
        tell_broken(findings, message);
        return None;
    };
    let Some(bytes) = end.checked_sub(start) else {
        findings.tell(&BROKEN_TENSOR, format!("tensor `{name}` starts at byte {start}, after its end at {end}"));
        return None;
    };
    Some(Place { member: None, offset: start, bytes, strides: None, big_endian: false })
}

fn tell_size(name: &str, dtype: Dtype, shape: &[u64], place: &Place, findings: &mut Findings) {
    let message = match dtype.bytes_of(shape) {
        Some(bytes) if bytes == place.bytes => return,
        Some(bytes) => {
            format!("tensor `{name}` has {} bytes, but {dtype} {shape:?} takes {bytes}", place.bytes)
        }
        None => format!("tensor `{name}`: {dtype} {shape:?} is no whole number of bytes within 64 bits"),
    };
    findings.tell(&BROKEN_TENSOR, message);
}

/// A list of numbers from 0 to 2^64 - 1.
fn whole_numbers(name: &str, key: &str, object: &Object, findings: &mut Findings) -> Option<Vec<u64>> {
    let value = field(name, key, object, findings)?;
    let Kind::Array(items) = &value.kind else {
        tell_broken(findings, format!("tensor `{name}`: `{key}` is {}, not a list", noun(&value.kind)));
        return None;
    };
    let mut numbers = Vec::new();
    for item in items {
        let number = item.as_number().and_then(|number| u64::try_from(number.as_i128()?).ok());
        let Some(number) = number else {
            let is = item.as_number().map_or_else(|| noun(&item.kind).to_owned(), |number| shown(number.as_str()));
            let message = format!("tensor `{name}`: `{key}` holds {is}, not a whole number from 0 to 2^64 - 1");
            findings.tell(&BROKEN_TENSOR, message);
            return None;
        };
        numbers.push(number);
    }
    Some(numbers)
}

fn field<'a>(name: &str, key: &str, object: &'a Object, findings: &mut Findings) -> Option<&'a Node> {
    let value = object.get(key);
    if value.is_none() {
        tell_broken(findings, format!("tensor `{name}` has no `{key}`"));
    }
    value
}

/// What a value is, for a message.
pub(super) const fn noun(kind: &Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "true or false",
        Kind::Number(_) => "a number",
        Kind::String(_) => "a string",
        Kind::Array(_) => "a list",
        Kind::Object(_) => "an object",
    }
}
