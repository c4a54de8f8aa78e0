//! Accounts for every byte before the directory: members follow one another, and nothing hides between them.

use super::Member;
use crate::{
    checkpoint::{
        findings::{Findings, shown},
        input::Input,
    },
    diagnostic::{BROKEN_ARCHIVE, STRAY_BYTES},
    error::Error,
};

/// Reports bytes that belong to no member, and members that share bytes.
pub(super) fn check(
    members: &[Member],
    directory: u64,
    input: &Input<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut order: Vec<&Member> = members.iter().filter(|member| member.start.is_some()).collect();
    order.sort_by_key(|member| member.header);
    let mut reached = Some(0);
    let mut last = "";
    for member in order {
        if let Some(from) = reached {
            if member.header < from {
                let message = format!("members `{}` and `{}` share bytes", shown(last), shown(&member.name));
                findings.tell(&BROKEN_ARCHIVE, message);
            } else if member.header > from {
                tell_stray(from, member.header, input, findings)?;
            }
        }
        reached = member.end.map(|end| end.max(reached.unwrap_or_default()));
        last = &member.name;
    }
    match reached {
        Some(from) if from < directory => tell_stray(from, directory, input, findings),
        _ => Ok(()),
    }
}

fn tell_stray(from: u64, to: u64, input: &Input<'_>, findings: &mut Findings) -> Result<(), Error> {
    let bytes = input.bytes(from, to.saturating_sub(from).min(4096))?;
    let count = to.saturating_sub(from);
    let hidden = bytes.windows(4).any(|window| window == b"PK\x03\x04");
    let is = if hidden { ", and hold a member that the directory does not list" } else { "" };
    let message = format!("{count} bytes of the archive, from byte {from} on, belong to no member{is}");
    findings.tell(&STRAY_BYTES, message);
    Ok(())
}
