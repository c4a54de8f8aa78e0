//! Where the tensors of a safetensors file lie: one after the other, from the header to the end of the file.

use super::extent;
use crate::{
    checkpoint::{
        Tensor,
        findings::{Findings, shown},
    },
    diagnostic::{BROKEN_TENSOR, OVERLAPPING_TENSORS, STRAY_BYTES, TRUNCATED_CHECKPOINT},
};

/// Reports what overlaps, lies outside or belongs to nothing; then counts the places from the start of the file.
/// `is_complete` says whether every tensor of the header is in the list.
pub(super) fn check(
    tensors: &mut [Tensor],
    is_complete: bool,
    data_start: u64,
    data_length: u64,
    findings: &mut Findings,
) {
    let mut order: Vec<(u64, u64, &str)> = tensors
        .iter()
        .filter_map(|tensor| extent(tensor).map(|(start, end)| (start, end, tensor.name.as_str())))
        .collect();
    order.sort_by_key(|(start, end, _)| (*start, *end));
    let is_complete = is_complete && order.len() == tensors.len();
    let is_gapless = tell_gaps(&order, is_complete, findings);
    tell_outside(&order, is_complete && is_gapless, data_length, findings);
    let end = order.iter().map(|(_, end, _)| *end).max().unwrap_or_default();
    // With a tensor whose place is unknown, the bytes may be its own.
    if is_complete && end < data_length {
        let stray = data_length.saturating_sub(end);
        findings.tell(&STRAY_BYTES, format!("{stray} bytes after the last tensor belong to nothing"));
    }
    for place in tensors.iter_mut().filter_map(|tensor| tensor.place.as_mut()) {
        place.offset = place.offset.saturating_add(data_start);
    }
}

/// Reports overlaps and holes; true if there are none.
fn tell_gaps(order: &[(u64, u64, &str)], is_complete: bool, findings: &mut Findings) -> bool {
    let mut is_gapless = true;
    let (mut reached, mut last) = (0, "");
    for (start, end, name) in order {
        if *name == last && *end == reached {
            // The same tensor twice is reported elsewhere.
            continue;
        }
        if *start < reached && start != end {
            let message = format!(
                "tensors `{}` and `{}` overlap: the first ends at byte {reached}, the second starts at {start}",
                shown(last),
                shown(name)
            );
            findings.tell(&OVERLAPPING_TENSORS, message);
            is_gapless = false;
        } else if *start < reached {
            let message = format!("tensor `{}` has no bytes, but lies inside `{}`", shown(name), shown(last));
            findings.tell(&OVERLAPPING_TENSORS, message);
            is_gapless = false;
        } else if *start > reached {
            is_gapless = false;
            if is_complete {
                let message = format!("bytes {reached} to {start}, before tensor `{}`, belong to nothing", shown(name));
                findings.tell(&STRAY_BYTES, message);
            }
        }
        if *end >= reached {
            (reached, last) = (*end, name);
        }
    }
    is_gapless
}

/// Reports tensors that end beyond the file. Where all else is in order, it is the file that is too short.
fn tell_outside(order: &[(u64, u64, &str)], is_in_order: bool, data_length: u64, findings: &mut Findings) {
    let outside = order.iter().filter(|(_, end, _)| *end > data_length);
    for (_, end, name) in outside {
        let name = shown(name);
        if is_in_order {
            let message =
                format!("tensor `{name}` ends at byte {end} of the data, of which the file has {data_length}");
            findings.tell(&TRUNCATED_CHECKPOINT, message);
        } else {
            let message = format!("tensor `{name}` ends at byte {end}, beyond the data, which has {data_length} bytes");
            findings.tell(&BROKEN_TENSOR, message);
        }
    }
}
