//! Any bytes can be taken for a checkpoint: memory stays within the budget, values lie in the file, and the `safetensors` crate
//! sees the same tensors.

use crate::{
    checkpoint::{Budget, Checkpoint, ValuesError},
    diagnostic::{Diagnostic, Severity, human},
    source::Source,
};
use flate2::Crc;
use safetensors::SafeTensors;
use std::{io::Cursor, path::Path};

/// Small enough that a file of a fuzzer's size can exceed each limit.
fn tight() -> Budget {
    Budget {
        header: 1 << 16,
        tensors: 200,
        members: 50,
        pickle: 1 << 16,
        operations: 10_000,
        objects: 5_000,
        memo: 500,
        stack: 500,
        text: 1 << 14,
        checksums: 1 << 18,
        inflated: 1 << 20,
        values: 1 << 20,
        scanned: 1 << 20,
        matching: 1 << 20,
    }
}

/// What two readers say of a safetensors file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SafetensorsVerdict {
    /// Both accept it, and see the same.
    Accepted,
    /// Both refuse it.
    Refused,
    /// The crate accepts it, this reader does not, for one of the reasons that are known.
    StricterHere,
}

/// The `safetensors` crate accepts no file that this reader refuses, but for what is known, and sees the same tensors.
pub fn safetensors_agree(bytes: &[u8]) {
    let _ = safetensors_verdict(bytes);
}

/// The same, of a header in a file whose length fits it.
pub fn safetensors_headers_agree(header: &[u8]) {
    let length = u64::try_from(header.len()).unwrap_or(u64::MAX).to_le_bytes();
    // As many bytes as the tensors of the header claim, if they are few.
    let claimed = std::str::from_utf8(header).ok().and_then(last_end).filter(|end| *end <= 1 << 16).unwrap_or(96);
    let _ = safetensors_verdict(&[&length[..], header, &vec![7; claimed]].concat());
}

/// The largest number in a text that stands before a `]`.
fn last_end(header: &str) -> Option<usize> {
    let numbers = header.split(']').filter_map(|part| part.rsplit([',', '[', ' ']).next()?.parse().ok());
    numbers.max()
}

/// Asserts that both readers agree on a file, and gives what they say.
#[must_use]
pub fn safetensors_verdict(bytes: &[u8]) -> SafetensorsVerdict {
    let opened = open("x.safetensors", bytes, &Budget::default());
    let errors: Vec<&Diagnostic> =
        opened.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    match SafeTensors::deserialize(bytes) {
        Ok(theirs) if errors.is_empty() => {
            assert_eq!(theirs.len(), opened.catalogue.tensors.len(), "the number of tensors");
            for (name, view) in theirs.tensors() {
                let tensor = opened.catalogue.get(&name).expect("both know the tensor");
                assert_eq!(opened.bytes(tensor).expect("the file is sound"), view.data(), "{name}");
                let shape = view.shape().iter().map(|size| u64::try_from(*size).ok());
                assert!(tensor.shape.iter().map(|size| Some(*size)).eq(shape), "{name}: {:?}", tensor.shape);
            }
            SafetensorsVerdict::Accepted
        }
        Ok(_) => {
            // Of a tensor that is given twice the crate sees the last entry only, whatever is wrong with the first.
            let messages = errors.iter().map(|found| found.message.as_str());
            let repeats =
                messages.filter_map(|message| message.strip_prefix("tensor ")?.strip_suffix(" is given twice"));
            let repeats: Vec<&str> = repeats.collect();
            let is_of_repeated = |found: &Diagnostic| repeats.iter().any(|tensor| found.message.contains(tensor));
            let is_excused = |found: &&Diagnostic| is_stricter(found) || is_of_repeated(found);
            assert!(errors.iter().all(is_excused), "refused here alone: {errors:?}");
            SafetensorsVerdict::StricterHere
        }
        Err(error) => {
            assert!(!errors.is_empty(), "accepted here alone, the crate says {error}");
            SafetensorsVerdict::Refused
        }
    }
}

/// What the crate accepts and this reader does not, on purpose.
fn is_stricter(found: &Diagnostic) -> bool {
    found.message.contains("the header starts with")
        || (found.message.contains(": the key `") && found.message.contains("` is given "))
}

/// A file of torch's, whatever its format: no value lies outside of it, none costs more than the budget.
pub fn torch_files_are_bounded(bytes: &[u8]) {
    read_all("x.bin", bytes, &tight());
    read_all("x.safetensors", bytes, &Budget::default());
}

/// A pickle in a sound archive, so that nothing else is wrong.
pub fn pickles_are_bounded(bytes: &[u8]) {
    let archive = stored(&[("archive/data.pkl", bytes), ("archive/version", b"3\n"), ("archive/data/0", &[0; 64])]);
    read_all("x.bin", &archive, &tight());
}

/// Reads the catalogue and every value; what cannot be read is a fault, never an error of the system.
fn read_all(name: &str, bytes: &[u8], budget: &Budget) {
    let opened = open(name, bytes, budget);
    let most = budget.values.max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    // Many tensors may share the same bytes.
    for tensor in opened.catalogue.tensors.iter().take(20) {
        match opened.bytes(tensor) {
            Ok(values) => {
                let size = u64::try_from(values.len()).ok();
                assert_eq!(size, tensor.dtype.bytes_of(&tensor.shape), "{}", tensor.name);
                assert!(size <= Some(most), "{} has {size:?} bytes, over {most}", tensor.name);
                opened.scan(tensor).expect("what can be read can be scanned");
            }
            Err(ValuesError::Fault(_)) => {}
            Err(ValuesError::Read(error)) => panic!("no file was read, but {error}"),
        }
    }
    assert_messages(&opened.diagnostics);
}

/// What is said of a file is short, and spoils no terminal.
fn assert_messages(diagnostics: &[Diagnostic]) {
    let texts = diagnostics.iter().flat_map(|found| found.notes.iter().chain([&found.message]));
    let longest = texts.max_by_key(|text| text.len());
    assert!(longest.is_none_or(|text| text.len() < 2000), "this is too long to read: {longest:?}");
    let shown = human::render(&Source::new("x", ""), diagnostics, false);
    let control = shown.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(control, None, "what is shown would spoil a terminal: {shown:?}");
}

fn open<'a>(name: &str, bytes: &'a [u8], budget: &Budget) -> Checkpoint<'a> {
    Checkpoint::from_reader(Cursor::new(bytes), Path::new(name), budget).expect("memory can be read")
}

/// A zip archive of stored members.
pub(super) fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    let long = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut crc = Crc::new();
        crc.update(bytes);
        // Version, flags, method, time, date; checksum, packed size, size, lengths of the name and of nothing else.
        let numbers = [&[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..], &crc.sum().to_le_bytes(), &long(bytes.len())].concat();
        let common = [&numbers[..], &long(bytes.len()), &short(name.len()), &[0, 0]].concat();
        directory
            .extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 10], &long(archive.len()), name.as_bytes()].concat());
        archive.extend([&b"PK\x03\x04"[..], &common, name.as_bytes(), bytes].concat());
    }
    let count = short(members.len());
    let ends = [&long(directory.len())[..], &long(archive.len()), &[0, 0]].concat();
    [&archive[..], &directory, b"PK\x05\x06", &[0; 4], &count, &count, &ends].concat()
}
