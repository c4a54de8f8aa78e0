//! Reads the header of a safetensors file and reports everything that is wrong with it.

mod entry;
mod header;
mod layout;

use super::{
    Budget, Catalogue, Format, Tensor,
    findings::{Findings, over_budget, shown},
    input::Input,
};
use crate::{
    diagnostic::{BROKEN_SAFETENSORS_HEADER, DUPLICATE_TENSOR, Diagnostic, TRUNCATED_CHECKPOINT, UNUSUAL_CHECKPOINT},
    document::{Kind, Node},
    error::Error,
    limits::how_to_raise,
};
use std::collections::BTreeSet;

/// The bytes of the header's length.
const LENGTH_BYTES: u64 = 8;

/// The key of the header's entry that is no tensor.
const METADATA: &str = "__metadata__";

/// Reads the catalogue. Only the header is read.
pub(super) fn read(input: &Input<'_>, budget: &Budget, findings: &mut Findings) -> Result<Catalogue, Error> {
    let mut catalogue = Catalogue::unread(Format::Safetensors);
    let Some(bytes) = header_bytes(input, budget, findings)? else { return Ok(catalogue) };
    let data_start = LENGTH_BYTES.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let (at, byte) = (error.valid_up_to(), bytes.get(error.valid_up_to()).copied().unwrap_or_default());
            tell_broken(findings, format!("the header is not UTF-8: the byte 0x{byte:02x} at offset {at} of it"));
            return Ok(catalogue);
        }
    };
    let data_length = input.len().saturating_sub(data_start);
    let mut names = BTreeSet::new();
    let (mut has_metadata, mut is_complete) = (false, true);
    let ended = header::each_entry(text, budget, findings, |key, value, findings| {
        if key == METADATA {
            if std::mem::replace(&mut has_metadata, true) {
                tell_broken(findings, format!("`{METADATA}` is given twice"));
            }
            catalogue.metadata = metadata(value, findings);
        } else if catalogue.tensors.len() >= budget.tensors {
            return false;
        } else {
            if !names.insert(key.to_owned()) {
                findings.tell(&DUPLICATE_TENSOR, format!("tensor `{}` is given twice", shown(key)));
            }
            let tensor = entry::tensor(key, value, findings);
            is_complete &= tensor.is_some();
            catalogue.tensors.extend(tensor);
        }
        true
    });
    if ended == header::Ended::Stopped {
        findings.add(over_budget(
            "checkpoint.tensors",
            "the header has too many tensors",
            "more are given",
            budget.tensors,
        ));
    }
    catalogue.is_complete = is_complete && ended == header::Ended::AtTheEnd;
    layout::check(&mut catalogue.tensors, catalogue.is_complete, data_start, data_length, findings);
    Ok(catalogue)
}

/// The header's text, if its length makes sense.
fn header_bytes(input: &Input<'_>, budget: &Budget, findings: &mut Findings) -> Result<Option<Vec<u8>>, Error> {
    let Some(claimed) = input.u64_at(0)? else {
        let message = format!("the file has {} bytes, but the length of the header alone takes 8", input.len());
        findings.tell(&TRUNCATED_CHECKPOINT, message);
        return Ok(None);
    };
    let there = input.len().saturating_sub(LENGTH_BYTES);
    if claimed > budget.header {
        let mut finding = Diagnostic::new(
            &BROKEN_SAFETENSORS_HEADER,
            format!("the header claims {claimed} bytes, more than the limit of {}", budget.header),
        );
        // What is there could be read; what is not, no limit helps to read.
        if claimed <= there {
            finding = finding.note(how_to_raise("checkpoint.header"));
        }
        if claimed.swap_bytes() <= there {
            finding = finding.note("in big-endian order the length would fit, but the format is little-endian");
        }
        findings.add(finding);
        return Ok(None);
    }
    if claimed > there {
        let message =
            format!("the header claims {claimed} bytes, but {there} follow: the file is cut, or the length wrong");
        findings.tell(&TRUNCATED_CHECKPOINT, message);
        return Ok(None);
    }
    if claimed == 0 {
        tell_broken(findings, "the header is empty: its length is 0".to_owned());
        return Ok(None);
    }
    input.bytes(LENGTH_BYTES, claimed).map(Some)
}

/// The entries of `__metadata__`, which are strings.
fn metadata(value: &Node, findings: &mut Findings) -> Vec<(String, String)> {
    let members = match &value.kind {
        Kind::Object(object) => object.members.as_slice(),
        Kind::Null => return Vec::new(),
        other => {
            tell_broken(findings, format!("`{METADATA}` is {}, not an object of strings", entry::noun(other)));
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for member in members {
        let Some(text) = member.value.as_str() else {
            let (key, is) = (shown(&member.key), entry::noun(&member.value.kind));
            tell_broken(findings, format!("`{METADATA}` entry `{key}` is {is}, not a string"));
            continue;
        };
        if member.key == "format" && text != "pt" {
            let message = format!("the metadata says the format is `{}`, not `pt`", shown(text));
            findings.tell(&UNUSUAL_CHECKPOINT, message);
        }
        entries.push((member.key.clone(), text.to_owned()));
    }
    entries
}

fn tell_broken(findings: &mut Findings, message: String) {
    findings.tell(&BROKEN_SAFETENSORS_HEADER, message);
}

/// Whether two tensors' places are those of the same bytes; for the layout's order.
fn extent(tensor: &Tensor) -> Option<(u64, u64)> {
    let place = tensor.place.as_ref()?;
    Some((place.offset, place.offset.checked_add(place.bytes)?))
}
