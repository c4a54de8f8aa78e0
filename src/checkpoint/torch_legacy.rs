//! Torch's format before 1.6: pickles of a magic number, a protocol, the system, the object and the storages' keys; then the
//! storages themselves.

use super::{
    Budget, Catalogue, Format,
    findings::{Findings, over_budget, shown},
    foreign::LEGACY_MAGIC,
    input::Input,
    pickle::{self, Failure, Object, Pickled, Storage},
    state_dict::{self, Lodging},
};
use crate::{
    diagnostic::{BROKEN_PICKLE, BROKEN_TENSOR, Diagnostic, STRAY_BYTES, TRUNCATED_CHECKPOINT, UNSUPPORTED_PICKLE},
    error::Error,
};
use std::collections::{BTreeMap, BTreeSet};

/// The only version of the format.
const PROTOCOL: i64 = 1001;

/// How many bytes are read first; the pickles of an adapter rarely have more.
const FIRST_WINDOW: u64 = 64 << 10;

/// What the pickles of a file say.
struct Pickles {
    object: Pickled,
    keys: Vec<String>,
    big_endian: bool,
    /// Where the storages begin.
    end: u64,
}

/// Reads the catalogue: the pickles and the sizes of the storages.
pub(super) fn read(input: &Input<'_>, budget: &Budget, findings: &mut Findings) -> Result<Catalogue, Error> {
    let mut catalogue = Catalogue::unread(Format::TorchLegacy);
    let Some(pickles) = pickles(input, budget, findings)? else { return Ok(catalogue) };
    let stored = storages(&pickles, input, findings)?;
    let lodgings: Vec<_> =
        pickles.object.storages.iter().map(|storage| lodging(storage, &stored, pickles.big_endian, findings)).collect();
    state_dict::read(&pickles.object, &lodgings, &mut catalogue, findings);
    tell_untyped(&pickles.object, findings);
    Ok(catalogue)
}

/// Torch writes storages without a type for the element types that it got last, and asks each for its type when it reads.
fn tell_untyped(object: &Pickled, findings: &mut Findings) {
    let storages = (0_u32..).zip(&object.storages);
    let untyped: BTreeSet<u32> =
        storages.filter(|(_, storage)| storage.dtype.is_none()).map(|(number, _)| number).collect();
    if untyped.is_empty() {
        return;
    }
    let is_untyped = |storage| untyped.contains(&storage);
    let tensors = object.heap.tensors().filter(|tensor| tensor.storage.is_some_and(is_untyped));
    let types: BTreeSet<&str> = tensors.map(|tensor| tensor.dtype.as_str()).collect();
    let of = if types.is_empty() { String::new() } else { format!(" of {}", Vec::from_iter(types).join(" and ")) };
    let message = format!("torch's old format stores tensors{of} without a type, and torch cannot read them");
    findings.add(
        Diagnostic::new(&UNSUPPORTED_PICKLE, message)
            .note(
                "PEFT stops with `AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'`",
            )
            .note("save them anew where they are at hand: as safetensors, or with `torch.save` in its usual format"),
    );
}

/// Reads the pickles with a window that grows until they fit.
fn pickles(input: &Input<'_>, budget: &Budget, findings: &mut Findings) -> Result<Option<Pickles>, Error> {
    let mut window = FIRST_WINDOW.min(budget.pickle);
    loop {
        let bytes = input.bytes(0, window)?;
        let mut found = Findings::default();
        let result = read_pickles(&bytes, budget, &mut found);
        let (is_whole, is_widest) = (window >= input.len(), window >= budget.pickle);
        let finding = match result {
            Err(Failure::Truncated(_)) if !is_whole && !is_widest => {
                window = window.saturating_mul(8).min(budget.pickle);
                continue;
            }
            Err(Failure::Truncated(_)) if !is_whole => {
                let what = "the pickles of the file have too many bytes";
                Some(over_budget("checkpoint.pickle", what, "more are needed", budget.pickle))
            }
            Err(Failure::Truncated(missing)) => {
                Some(Diagnostic::new(&TRUNCATED_CHECKPOINT, format!("the file is cut in its pickles: {missing}")))
            }
            Err(failure) => Some(failure.into_finding("the file")),
            Ok(pickles) => {
                found.into_diagnostics().into_iter().for_each(|finding| findings.add(finding));
                return Ok(pickles);
            }
        };
        found.into_diagnostics().into_iter().chain(finding).for_each(|finding| findings.add(finding));
        return Ok(None);
    }
}

fn read_pickles(bytes: &[u8], budget: &Budget, findings: &mut Findings) -> Result<Option<Pickles>, Failure> {
    let mut at = 0_usize;
    let mut next = |name: &str, findings: &mut Findings| {
        let rest = bytes.get(at..).unwrap_or_default();
        let pickled = pickle::try_run(rest, name, budget, findings)?;
        at = at.saturating_add(pickled.end);
        Ok(pickled)
    };
    let magic = next("the magic number", findings)?;
    if !matches!(magic.heap.get(magic.root), Object::Long(bytes) if **bytes == *LEGACY_MAGIC) {
        findings.tell(&BROKEN_PICKLE, "the first pickle of the file is not torch's magic number");
        return Ok(None);
    }
    let protocol = next("the protocol", findings)?;
    if protocol.heap.int(protocol.root) != Some(PROTOCOL) {
        let is = protocol.heap.int(protocol.root).map_or_else(|| "no number".to_owned(), |number| number.to_string());
        findings.tell(&UNSUPPORTED_PICKLE, format!("the protocol of the file is {is}; torch reads {PROTOCOL}"));
    }
    let system = next("the record of the system", findings)?;
    let object = next("the object", findings)?;
    let keys = next("the keys of the storages", findings)?;
    let ids = keys.heap.items(keys.root).unwrap_or_default();
    let texts = ids.iter().filter_map(|id| keys.heap.text(*id).map(str::to_owned)).collect();
    let end = u64::try_from(at).unwrap_or(u64::MAX);
    Ok(Some(Pickles { object, keys: texts, big_endian: is_big_endian(&system), end }))
}

fn is_big_endian(system: &Pickled) -> bool {
    let Object::Dict(dict) = system.heap.get(system.root) else { return false };
    let entry = dict.entries.iter().find(|(key, _)| system.heap.text(*key) == Some("little_endian"));
    entry.is_some_and(|(_, value)| matches!(system.heap.get(*value), Object::Bool(false)))
}

/// Where each storage's bytes begin, and how many elements and bytes it has.
type Stored = BTreeMap<String, (u64, u64, u64)>;

/// Goes through the storages: each has its count of elements, then its bytes.
fn storages(pickles: &Pickles, input: &Input<'_>, findings: &mut Findings) -> Result<Stored, Error> {
    let by_key: BTreeMap<&str, &Storage> =
        pickles.object.storages.iter().map(|storage| (storage.key.as_str(), storage)).collect();
    let mut stored = Stored::new();
    let mut at = pickles.end;
    for key in &pickles.keys {
        let name = shown(key);
        let Some(storage) = by_key.get(key.as_str()) else {
            findings.tell(&BROKEN_PICKLE, format!("the file holds the storage `{name}`, to which nothing refers"));
            return Ok(stored);
        };
        let Some(elements) = input.u64_at(at)? else {
            let message = format!("the file is cut at byte {} before the storage `{name}`", input.len());
            findings.tell(&TRUNCATED_CHECKPOINT, message);
            return Ok(stored);
        };
        let start = at.saturating_add(8);
        let there = input.len().saturating_sub(start);
        let bytes = elements.checked_mul(storage.element_bytes());
        let Some(bytes) = bytes.filter(|bytes| *bytes <= there) else {
            let needed = bytes.map_or_else(|| "more than 2^64".to_owned(), |bytes| bytes.to_string());
            let message = format!("the storage `{name}` takes {needed} bytes, but {there} follow: the file is cut");
            findings.tell(&TRUNCATED_CHECKPOINT, message);
            return Ok(stored);
        };
        stored.insert(key.clone(), (start, elements, bytes));
        at = start.saturating_add(bytes);
    }
    let after = input.len().saturating_sub(at);
    if after > 0 {
        findings.tell(&STRAY_BYTES, format!("{after} bytes follow the last storage"));
    }
    Ok(stored)
}

fn lodging(storage: &Storage, stored: &Stored, big_endian: bool, findings: &mut Findings) -> Option<Lodging> {
    let (offset, elements, bytes) = *stored.get(&storage.key)?;
    if elements != storage.elements {
        let (name, expected) = (shown(&storage.key), storage.elements);
        let message = format!("the storage `{name}` has {elements} elements, but the pickle says {expected}");
        findings.tell(&BROKEN_TENSOR, message);
    }
    Some(Lodging { member: None, offset, bytes, big_endian })
}
