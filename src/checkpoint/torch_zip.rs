//! Torch's zip format: a pickle `data.pkl`, the storages it refers to, and records about the format, all in one folder.

use super::{
    Budget, Catalogue, Format,
    findings::{Findings, over_budget, shown},
    foreign::not_a_checkpoint,
    input::Input,
    pickle::{self, Storage},
    state_dict::{self, Lodging},
    zip::{self, Member},
};
use crate::{
    diagnostic::{
        BROKEN_ARCHIVE, DANGEROUS_PICKLE, Diagnostic, NOT_A_STATE_DICT, STRAY_BYTES, UNSUPPORTED_PICKLE,
        UNUSUAL_CHECKPOINT, counted,
    },
    error::Error,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes that the small records may have.
const SMALL_RECORD: u64 = 1024;

/// The newest version of the format that torch reads.
const NEWEST_VERSION: u64 = 10;

/// The operation that begins every pickle since protocol 2.
const PROTO: u8 = 0x80;

/// The members by their name below the archive's folder.
type Records<'a> = BTreeMap<&'a str, &'a Member>;

/// Reads the catalogue and the members of the archive, in which the values lie.
pub(super) fn read(
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<(Catalogue, Vec<Member>), Error> {
    let Some(members) = zip::members(input, budget, findings)? else {
        return Ok((Catalogue::unread(Format::TorchZip), Vec::new()));
    };
    zip::tell_checksums(&members, input, budget, findings)?;
    let catalogue = catalogue(&members, input, budget, findings)?;
    Ok((catalogue, members))
}

/// The catalogue: small records and the pickle.
fn catalogue(
    members: &[Member],
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<Catalogue, Error> {
    let mut catalogue = Catalogue::unread(Format::TorchZip);
    let Some(folder) = folder(members) else {
        catalogue.format = Format::Other;
        findings.add(not_a_checkpoint("a zip archive, but not one of torch: it has no `data.pkl`"));
        return Ok(catalogue);
    };
    let records = records(members, folder, findings);
    let small = Small { input, records: &records };
    tell_version(&small, findings)?;
    let big_endian = is_big_endian(&small, findings)?;
    tell_other_pickles(&records, input, budget, findings)?;
    if records.contains_key("constants.pkl") {
        let message = "the file is a TorchScript archive: a whole model with its code, not a dictionary of tensors";
        findings.tell(&NOT_A_STATE_DICT, message);
    }
    let Some(member) = records.get("data.pkl") else {
        let message = format!("the archive has no `{}/data.pkl`, which names the tensors", shown(folder));
        findings.tell(&BROKEN_ARCHIVE, message);
        return Ok(catalogue);
    };
    let Some(bytes) = zip::unpack(member, input, budget.pickle, findings)? else { return Ok(catalogue) };
    let Some(pickled) = pickle::run(&bytes, &shown(&member.name), budget, findings) else { return Ok(catalogue) };
    tell_trailing(&bytes, pickled.end, &member.name, budget, findings);
    let lodgings: Vec<_> =
        pickled.storages.iter().map(|storage| lodging(storage, folder, &records, big_endian, findings)).collect();
    tell_unused(&records, &pickled.storages, findings);
    state_dict::read(&pickled, &lodgings, &mut catalogue, findings);
    Ok(catalogue)
}

/// The folder that all members are in, which torch takes from the first of them; `None` if the archive is not torch's.
fn folder(members: &[Member]) -> Option<&str> {
    let of_pickle = members.iter().find_map(|member| member.name.strip_suffix("/data.pkl"));
    let of_torch = |name: &str| {
        let (folder, record) = name.split_once('/')?;
        let is_known = matches!(record, "version" | "byteorder" | ".format_version" | "constants.pkl")
            || record.starts_with("data/");
        is_known.then_some(folder.len())
    };
    of_pickle
        .or_else(|| members.iter().find_map(|member| member.name.get(..of_torch(&member.name)?)))
        .or_else(|| members.iter().any(|member| member.name == "data.pkl").then_some(""))
}

fn records<'a>(members: &'a [Member], folder: &str, findings: &mut Findings) -> Records<'a> {
    let mut records = Records::new();
    for member in members {
        if let Some(record) = member.name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
            // Torch takes the first of two; that there are two is reported elsewhere.
            records.entry(record).or_insert(member);
            continue;
        }
        let message = format!(
            "member `{}` is not in the archive's folder `{}/`; torch refuses the archive",
            shown(&member.name),
            shown(folder)
        );
        findings.tell(&BROKEN_ARCHIVE, message);
    }
    records
}

/// The small records of an archive.
struct Small<'a, 'file> {
    input: &'a Input<'file>,
    records: &'a Records<'a>,
}

impl Small<'_, '_> {
    fn text(&self, record: &str, findings: &mut Findings) -> Result<Option<String>, Error> {
        let Some(member) = self.records.get(record) else { return Ok(None) };
        let bytes = zip::unpack(member, self.input, SMALL_RECORD, findings)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    }
}

fn tell_version(small: &Small<'_, '_>, findings: &mut Findings) -> Result<(), Error> {
    let version = match small.text("version", findings)? {
        Some(version) => Some(version),
        None => small.text(".data/version", findings)?,
    };
    let message = match version {
        None => "the archive has no record `version`; torch refuses it".to_owned(),
        Some(text) => match text.parse::<u64>() {
            Ok(1..=NEWEST_VERSION) => return Ok(()),
            Ok(version) => format!("the archive has version {version}; torch reads 1 to {NEWEST_VERSION}"),
            Err(_) => format!("the archive has the version `{}`, which is no number", shown(&text)),
        },
    };
    findings.tell(&UNSUPPORTED_PICKLE, message);
    Ok(())
}

/// Torch swaps the bytes of a file that says it was written in another order than the machine's.
fn is_big_endian(small: &Small<'_, '_>, findings: &mut Findings) -> Result<bool, Error> {
    Ok(match small.text("byteorder", findings)?.as_deref() {
        None | Some("little") => false,
        Some("big") => {
            let message = "the archive says that its bytes are in big-endian order";
            findings.add(
                Diagnostic::new(&UNUSUAL_CHECKPOINT, message)
                    .note("torch swaps the bytes of every value; unless a big-endian machine wrote the file, the values are wrong"),
            );
            true
        }
        Some(other) => {
            let message = format!("the archive has the byte order `{}`; torch knows `little` and `big`", shown(other));
            findings.tell(&UNSUPPORTED_PICKLE, message);
            false
        }
    })
}

/// Reports pickles that torch does not look at, and what is in them; all together may have as many bytes as one pickle.
fn tell_other_pickles(
    records: &Records<'_>,
    input: &Input<'_>,
    budget: &Budget,
    findings: &mut Findings,
) -> Result<(), Error> {
    let (mut left, mut unread) = (budget.pickle, Vec::new());
    for (record, member) in records {
        if matches!(*record, "data.pkl" | "constants.pkl") || record.starts_with("data/") {
            continue;
        }
        let name = shown(&member.name);
        let ending = record.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let is_pickle = matches!(ending.as_deref(), Some("pkl" | "pickle"));
        if is_pickle {
            findings.tell(&STRAY_BYTES, format!("member `{name}` is a second pickle, which torch does not read"));
        }
        let Some(rest) = left.checked_sub(member.size) else {
            unread.push(*member);
            continue;
        };
        let unpacked = zip::unpack(member, input, left, findings)?;
        left = rest;
        let Some(bytes) = unpacked else { continue };
        if is_pickle {
            pickle::run(&bytes, &name, budget, findings);
        } else {
            tell_dangers(&bytes, &name, budget, findings);
        }
    }
    if let Some(first) = unread.first() {
        let members = counted(unread.len() as u64, "member", "members");
        let what =
            format!("{members} that torch does not read, such as `{}`, were not looked into", shown(&first.name));
        let bytes =
            unread.iter().fold(budget.pickle.saturating_sub(left), |sum, member| sum.saturating_add(member.size));
        findings.add(over_budget(
            "checkpoint.pickle",
            &format!("{what}: all such have too many bytes"),
            bytes,
            budget.pickle,
        ));
    }
    Ok(())
}

/// Reports what follows the pickle in its member: nobody reads it, unless somebody is made to.
fn tell_trailing(bytes: &[u8], end: usize, name: &str, budget: &Budget, findings: &mut Findings) {
    let rest = bytes.get(end..).unwrap_or_default();
    if rest.is_empty() {
        return;
    }
    let message = format!("{} bytes follow the end of the pickle at byte {end} of `{}`", rest.len(), shown(name));
    findings.tell(&STRAY_BYTES, message);
    tell_dangers(rest, &format!("the bytes after the pickle in {}", shown(name)), budget, findings);
}

/// Reports what a reader would import that took these bytes for a pickle. Any text could be one of protocol 0 by chance, but then
/// hardly one with an end.
fn tell_dangers(bytes: &[u8], name: &str, budget: &Budget, findings: &mut Findings) {
    let mut hidden = Findings::default();
    let has_end = pickle::run(bytes, name, budget, &mut hidden).is_some();
    if has_end || bytes.first() == Some(&PROTO) {
        let dangers = hidden.into_diagnostics().into_iter().filter(|finding| finding.code == DANGEROUS_PICKLE.code);
        dangers.for_each(|finding| findings.add(finding));
    }
}

/// Where a storage lies; reports one that is missing or of another size than the pickle says.
fn lodging(
    storage: &Storage,
    folder: &str,
    records: &Records<'_>,
    big_endian: bool,
    findings: &mut Findings,
) -> Option<Lodging> {
    let record = format!("data/{}", storage.key);
    let Some(member) = records.get(record.as_str()) else {
        let message = format!("the storage `{}/{}` is missing from the archive", shown(folder), shown(&record));
        findings.tell(&BROKEN_ARCHIVE, message);
        return None;
    };
    let expected = storage.elements.checked_mul(storage.element_bytes());
    if expected != Some(member.size) {
        let (name, elements, element) = (shown(&member.name), storage.elements, storage.element_bytes());
        let message = format!(
            "the storage `{name}` has {} bytes, but the pickle says {elements} elements of {element} bytes",
            member.size
        );
        findings.tell(&BROKEN_ARCHIVE, message);
    }
    Some(Lodging { member: Some(member.name.clone()), offset: 0, bytes: member.size, big_endian })
}

/// Reports storages that no tensor uses.
fn tell_unused(records: &Records<'_>, storages: &[Storage], findings: &mut Findings) {
    let used: BTreeSet<&str> = storages.iter().map(|storage| storage.key.as_str()).collect();
    for (record, member) in records {
        if record.strip_prefix("data/").is_some_and(|key| !key.is_empty() && !used.contains(key)) {
            findings.tell(&UNUSUAL_CHECKPOINT, format!("no tensor uses the storage `{}`", shown(&member.name)));
        }
    }
}
