//! The header that stands before each member, which must say what the directory says.

use super::{Member, packing};
use crate::{
    checkpoint::{
        findings::{Findings, shown},
        input::Input,
    },
    diagnostic::BROKEN_ARCHIVE,
    error::Error,
};
use rawzip::CompressionMethod;

/// The bytes of a header before its name.
const FIXED: u64 = 30;

const SIGNATURE: [u8; 4] = *b"PK\x03\x04";

/// A member's own header.
struct Local {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    name: Vec<u8>,
    /// Where the bytes of the member begin.
    start: u64,
}

/// Compares a member with its own header, and finds out where its bytes lie.
pub(super) fn compare(member: &mut Member, input: &Input<'_>, findings: &mut Findings) -> Result<(), Error> {
    let Some(local) = read(member.header, input)? else {
        let message = format!("member `{}` has no header at byte {}", shown(&member.name), member.header);
        findings.tell(&BROKEN_ARCHIVE, message);
        return Ok(());
    };
    tell_differences(member, &local, findings);
    let end = local.start.checked_add(member.packed).filter(|end| *end <= input.len());
    let Some(end) = end else {
        let (name, packed) = (shown(&member.name), member.packed);
        findings.tell(&BROKEN_ARCHIVE, format!("member `{name}` has {packed} bytes, which lead beyond the file"));
        return Ok(());
    };
    member.start = Some(local.start);
    member.end = if member.has_descriptor { descriptor_end(member, end, input, findings)? } else { Some(end) };
    Ok(())
}

fn read(offset: u64, input: &Input<'_>) -> Result<Option<Local>, Error> {
    let bytes = input.bytes(offset, FIXED)?;
    let short = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes));
    let long = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    if !bytes.starts_with(&SIGNATURE) {
        return Ok(None);
    }
    let (Some(flags), Some(method), Some(crc), Some(packed), Some(size), Some(name), Some(extra)) =
        (short(6), short(8), long(14), long(18), long(22), short(26), short(28))
    else {
        return Ok(None);
    };
    let name_start = offset.saturating_add(FIXED);
    let start = name_start.saturating_add(u64::from(name)).saturating_add(u64::from(extra));
    Ok(Some(Local { flags, method, crc, packed, size, name: input.bytes(name_start, u64::from(name))?, start }))
}

fn tell_differences(member: &Member, local: &Local, findings: &mut Findings) {
    let name = shown(&member.name);
    let mut tell = |what: &str, here: String, there: String| {
        let message =
            format!("member `{name}`: its own header has the {what} {here}, the directory of the archive {there}");
        findings.tell(&BROKEN_ARCHIVE, message);
    };
    let own_name = String::from_utf8_lossy(&local.name);
    if own_name != member.name {
        tell("name", format!("`{}`", shown(&own_name)), format!("`{name}`"));
    }
    if packing(CompressionMethod::new(local.method)) != member.packing {
        tell("packing", local.method.to_string(), format!("{:?}", member.packing));
    }
    if (local.flags & 1 != 0) != member.is_encrypted || (local.flags & 8 != 0) != member.has_descriptor {
        tell("flags", format!("{:#06x}", local.flags), "others".to_owned());
    }
    // With a descriptor the numbers follow the bytes, and here are zeros as a rule.
    if !(member.has_descriptor && local.crc == 0) && local.crc != member.crc {
        tell("checksum", format!("{:08x}", local.crc), format!("{:08x}", member.crc));
    }
    for (what, here, there) in [("packed size", local.packed, member.packed), ("size", local.size, member.size)] {
        let is_elsewhere = here == u32::MAX || (member.has_descriptor && here == 0);
        if !is_elsewhere && u64::from(here) != there {
            tell(what, here.to_string(), there.to_string());
        }
    }
}

/// Where the descriptor ends that repeats checksum and sizes after the bytes of a member.
fn descriptor_end(member: &Member, end: u64, input: &Input<'_>, findings: &mut Findings) -> Result<Option<u64>, Error> {
    let bytes = input.bytes(end, 24)?;
    let short = |number: u64| u32::try_from(number).ok().map(u32::to_le_bytes);
    let narrow = short(member.packed).zip(short(member.size)).map(|(packed, size)| [packed, size].concat());
    let wide = [member.packed.to_le_bytes(), member.size.to_le_bytes()].concat();
    for signature in [&b"PK\x07\x08"[..], b""] {
        for sizes in [Some(&wide), narrow.as_ref()].into_iter().flatten() {
            let expected = [signature, &member.crc.to_le_bytes(), sizes].concat();
            if bytes.starts_with(&expected) {
                return Ok(end.checked_add(u64::try_from(expected.len()).unwrap_or_default()));
            }
        }
    }
    let message =
        format!("member `{}`: what follows its bytes does not repeat its checksum and sizes", shown(&member.name));
    findings.tell(&BROKEN_ARCHIVE, message);
    Ok(None)
}
