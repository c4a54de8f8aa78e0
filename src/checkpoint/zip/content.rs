//! What is in a member: unpacked within limits, its size and checksum verified.

use super::{Member, Packing};
use crate::{
    checkpoint::{
        Budget,
        findings::{Findings, over_budget, shown},
        input::Input,
    },
    diagnostic::{BROKEN_ARCHIVE, Diagnostic, UNVERIFIED_CHECKSUMS},
    error::Error,
    limits::how_to_raise,
};
use flate2::{Crc, read::DeflateDecoder};
use std::io::{self, Read};

/// The bytes of a member, unless it is larger than the limit or broken, which is reported.
pub(in crate::checkpoint) fn unpack(
    member: &Member,
    input: &Input<'_>,
    limit: u64,
    findings: &mut Findings,
) -> Result<Option<Vec<u8>>, Error> {
    if member.size > limit {
        let what = format!("member `{}` has too many bytes", shown(&member.name));
        findings.add(over_budget("checkpoint.pickle", &what, member.size, limit));
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let is_read = each_chunk(member, input, |chunk| bytes.extend_from_slice(chunk))?;
    if is_read.is_none() {
        tell_unreadable(member, findings);
    }
    Ok(is_read.map(|()| bytes))
}

/// Verifies the checksums of as many members as the budget allows.
pub(in crate::checkpoint) fn tell_checksums(
    members: &[Member],
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut left = budget.checksums;
    let (mut skipped, mut skipped_bytes) = (0_usize, 0_u64);
    for member in members.iter().filter(|member| member.start.is_some() && !matches!(member.packing, Packing::Other(_)))
    {
        if let Some(rest) = left.checked_sub(member.size.max(member.packed)) {
            left = rest;
            tell_checksum(member, input, findings)?;
        } else {
            skipped = skipped.saturating_add(1);
            skipped_bytes = skipped_bytes.saturating_add(member.size);
        }
    }
    if skipped > 0 {
        let limit = budget.checksums;
        let message = format!(
            "the checksums of {skipped} members ({skipped_bytes} bytes) were not verified; the limit is {limit} bytes"
        );
        findings.add(Diagnostic::new(&UNVERIFIED_CHECKSUMS, message).note(how_to_raise("checkpoint.checksums")));
    }
    Ok(())
}

fn tell_checksum(member: &Member, input: &Input<'_>, findings: &mut Findings) -> Result<(), Error> {
    let mut crc = Crc::new();
    let mut count = 0_u64;
    let is_read = each_chunk(member, input, |chunk| {
        crc.update(chunk);
        count = count.saturating_add(u64::try_from(chunk.len()).unwrap_or_default());
    })?;
    let name = shown(&member.name);
    if is_read.is_none() {
        tell_unreadable(member, findings);
    } else if count != member.size {
        let (more, size) = (if count > member.size { "more" } else { "fewer" }, member.size);
        findings.tell(&BROKEN_ARCHIVE, format!("member `{name}` has {more} bytes than the {size} that it claims"));
    } else if crc.sum() != member.crc {
        let (actual, claimed) = (crc.sum(), member.crc);
        let message =
            format!("member `{name}` has the checksum {actual:08x}, not {claimed:08x}: its bytes were changed");
        findings.tell(&BROKEN_ARCHIVE, message);
    }
    Ok(())
}

fn tell_unreadable(member: &Member, findings: &mut Findings) {
    findings.tell(&BROKEN_ARCHIVE, format!("member `{}` cannot be unpacked", shown(&member.name)));
}

/// Gives the unpacked bytes piece by piece, at most one more than the member claims; `None` if they cannot be unpacked.
fn each_chunk(member: &Member, input: &Input<'_>, mut visit: impl FnMut(&[u8])) -> Result<Option<()>, Error> {
    let Some(mut stream) = stream(member, 0, input)? else { return Ok(None) };
    let mut left = member.size.saturating_add(1);
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match stream.read(buffer.get_mut(..most).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => {
                left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
                visit(buffer.get(..count).unwrap_or_default());
            }
            Err(error) if is_of_the_archive(&error) => return Ok(None),
            Err(error) => return Err(input.error(error)),
        }
    }
    Ok(Some(()))
}

/// The unpacked bytes of a member from `offset` on; `None` if they cannot be unpacked.
pub(in crate::checkpoint) fn stream<'a>(
    member: &Member,
    offset: u64,
    input: &'a Input<'_>,
) -> Result<Option<Box<dyn Read + 'a>>, Error> {
    let Some(start) = member.start else { return Ok(None) };
    let end = start.saturating_add(member.packed);
    match member.packing {
        Packing::Stored => Ok(Some(Box::new(input.range(start.saturating_add(offset), end)))),
        Packing::Deflated => {
            let mut unpacked = DeflateDecoder::new(input.range(start, end));
            match io::copy(&mut (&mut unpacked).take(offset), &mut io::sink()) {
                Ok(_) => Ok(Some(Box::new(unpacked))),
                Err(error) if is_of_the_archive(&error) => Ok(None),
                Err(error) => Err(input.error(error)),
            }
        }
        Packing::Other(_) => Ok(None),
    }
}

/// Whether an error of reading comes from unpacking, not from the file.
pub(in crate::checkpoint) fn is_of_the_archive(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidInput | InvalidData | UnexpectedEof)
}
