//! The structure of a zip archive: its members by the directory at its end, compared with what stands before each of them,
//! and every byte accounted for.

mod content;
mod coverage;
mod local;

pub(super) use content::{is_of_the_archive, stream, tell_checksums, unpack};

use super::{
    Budget,
    findings::{Findings, over_budget, shown},
    input::Input,
};
use crate::{
    diagnostic::{BROKEN_ARCHIVE, Diagnostic, TRUNCATED_CHECKPOINT, UNUSUAL_CHECKPOINT},
    error::Error,
};
use rawzip::{CompressionMethod, ErrorKind, ZipArchive, ZipFileHeaderRecord, ZipLocator};
use std::collections::BTreeSet;
use std::io;

/// How a member is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Stored,
    Deflated,
    Other(u16),
}

/// A member as the directory describes it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) packing: Packing,
    pub(super) is_encrypted: bool,
    pub(super) has_descriptor: bool,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where the member's own header stands.
    pub(super) header: u64,
    /// Where its bytes begin; `None` if the member's own header is missing.
    pub(super) start: Option<u64>,
    /// Where everything of it ends, if that is known.
    pub(super) end: Option<u64>,
}

impl Member {
    /// Whether its bytes can only be had from the first on.
    pub(super) fn is_compressed(&self) -> bool {
        self.packing != Packing::Stored
    }
}

type Archive<'a, 'file> = ZipArchive<&'a Input<'file>>;

/// The members of an archive, with everything that is wrong with its structure; `None` if there is no directory, or if there are
/// more than the budget allows.
pub(super) fn members(
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<Option<Vec<Member>>, Error> {
    // Room for any record of the directory.
    let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive = match ZipLocator::new().locate_in_reader(input, &mut buffer, input.len()) {
        Ok(archive) => archive,
        Err((_, error)) => {
            tell_lost(io_or_kind(input, error)?, input, findings);
            return Ok(None);
        }
    };
    let Some(mut members) = directory(&archive, &mut buffer, input, budget, findings)? else { return Ok(None) };
    for member in &mut members {
        local::compare(member, input, findings)?;
    }
    tell_names(&members, findings);
    tell_bombs(&members, budget, findings);
    coverage::check(&members, archive.directory_offset(), input, findings)?;
    let after = input.len().saturating_sub(archive.end_offset());
    if after > 0 {
        findings.tell(&UNUSUAL_CHECKPOINT, format!("{after} bytes follow the end of the archive"));
    }
    Ok(Some(members))
}

/// Real errors of reading go up; the rest is about the archive.
fn io_or_kind(input: &Input<'_>, error: rawzip::Error) -> Result<ErrorKind, Error> {
    match error.into_kind() {
        ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(input.error(error)),
        ErrorKind::IO(_) => Ok(ErrorKind::Eof),
        kind => Ok(kind),
    }
}

fn tell_lost(kind: ErrorKind, input: &Input<'_>, findings: &mut Findings) {
    let length = input.len();
    findings.add(match kind {
        ErrorKind::MissingEndOfCentralDirectory | ErrorKind::Eof => Diagnostic::new(
            &TRUNCATED_CHECKPOINT,
            format!("the zip archive has no directory at its end: the file is cut, {length} bytes are left"),
        ),
        other => Diagnostic::new(&BROKEN_ARCHIVE, format!("the directory of the zip archive is broken: {other}")),
    });
}

fn directory(
    archive: &Archive<'_, '_>,
    buffer: &mut [u8],
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<Option<Vec<Member>>, Error> {
    let announced = archive.entries_hint();
    let mut members = Vec::new();
    let mut entries = archive.entries(buffer);
    loop {
        match entries.next_entry() {
            Ok(None) => break,
            Ok(Some(_)) if members.len() >= budget.members => {
                findings.add(over_budget(
                    "checkpoint.members",
                    "the archive has too many members",
                    announced,
                    budget.members,
                ));
                return Ok(None);
            }
            Ok(Some(record)) => members.push(member(&record, findings)),
            Err(error) => {
                let kind = io_or_kind(input, error)?;
                let message =
                    format!("the directory of the archive breaks off after {} members: {kind}", members.len());
                findings.tell(&BROKEN_ARCHIVE, message);
                return Ok(Some(members));
            }
        }
    }
    if u64::try_from(members.len()).ok() != Some(announced) {
        let message = format!("the archive announces {announced} members, its directory has {}", members.len());
        findings.tell(&BROKEN_ARCHIVE, message);
    }
    Ok(Some(members))
}

fn member(record: &ZipFileHeaderRecord<'_>, findings: &mut Findings) -> Member {
    let path = record.file_path();
    let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
    if name.contains('\u{fffd}') {
        findings.tell(&BROKEN_ARCHIVE, format!("the name of member `{}` is not UTF-8", shown(&name)));
    }
    Member {
        name,
        packing: packing(record.compression_method()),
        is_encrypted: record.flags().is_encrypted(),
        has_descriptor: record.flags().has_data_descriptor(),
        crc: record.crc32(),
        packed: record.compressed_size_hint(),
        size: record.uncompressed_size_hint(),
        header: record.local_header_offset(),
        start: None,
        end: None,
    }
}

pub(super) fn packing(method: CompressionMethod) -> Packing {
    match method {
        CompressionMethod::STORE => Packing::Stored,
        CompressionMethod::DEFLATE => Packing::Deflated,
        other => Packing::Other(other.as_u16()),
    }
}

/// Reports names that lead elsewhere or occur twice, and members that cannot be read.
fn tell_names(members: &[Member], findings: &mut Findings) {
    let mut names = BTreeSet::new();
    for member in members {
        let name = shown(&member.name);
        if !names.insert(member.name.as_str()) {
            let message = format!("member `{name}` is in the archive twice; readers differ on which they take");
            findings.tell(&BROKEN_ARCHIVE, message);
        }
        let leads_out = member.name.split(['/', '\\']).any(|part| part == "..")
            || member.name.starts_with(['/', '\\'])
            || member.name.get(1..2) == Some(":");
        if leads_out || member.name.contains('\0') || member.name.is_empty() {
            findings.tell(&BROKEN_ARCHIVE, format!("the name of member `{name}` leads out of the archive"));
        }
        if member.is_encrypted {
            findings.tell(&BROKEN_ARCHIVE, format!("member `{name}` is encrypted"));
        }
        if let Packing::Other(method) = member.packing {
            let message =
                format!("member `{name}` is compressed by method {method}; torch reads 0 (stored) and 8 (deflated)");
            findings.tell(&BROKEN_ARCHIVE, message);
        }
    }
}

/// Reports sizes that cannot be true and sizes that nobody should unpack.
fn tell_bombs(members: &[Member], budget: &Budget, findings: &mut Findings) {
    /// Deflate makes at most 1032 bytes of one.
    const MOST_EXPANSION: u64 = 1032;
    let (mut packed, mut size) = (0_u64, 0_u64);
    for member in members {
        let name = shown(&member.name);
        match member.packing {
            Packing::Stored if member.size != member.packed => {
                let (stored, size) = (member.packed, member.size);
                let message = format!("member `{name}` is stored in {stored} bytes, but claims to have {size}");
                findings.tell(&BROKEN_ARCHIVE, message);
            }
            Packing::Deflated => {
                packed = packed.saturating_add(member.packed);
                size = size.saturating_add(member.size);
                if member.size > member.packed.saturating_mul(MOST_EXPANSION) {
                    let (packed, size) = (member.packed, member.size);
                    let message =
                        format!("member `{name}` claims {size} bytes, which {packed} deflated bytes cannot hold");
                    findings.tell(&BROKEN_ARCHIVE, message);
                }
            }
            _ => {}
        }
    }
    if size > budget.inflated && size > packed.saturating_mul(100) {
        let what = format!("{packed} compressed bytes of the archive claim to unpack to too many bytes");
        findings.add(over_budget("checkpoint.inflated", &what, size, budget.inflated));
    }
}
