//! Tells the formats apart, and names what a file is when it is no checkpoint.

use super::{
    Budget,
    findings::{Findings, over_budget},
    input::Input,
    pickle,
};
use crate::{
    diagnostic::{Diagnostic, NOT_A_CHECKPOINT},
    error::Error,
};

/// What a file is.
pub(super) enum Kind {
    Safetensors,
    TorchZip,
    TorchLegacy,
    /// A pickle that torch did not write.
    BarePickle,
    Other(Box<Diagnostic>),
}

/// The number in the first pickle of torch's old format.
pub(super) const LEGACY_MAGIC: &[u8] = &[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// What the first bytes give away.
pub(super) fn kind(input: &Input<'_>, is_named_safetensors: bool, budget: &Budget) -> Result<Kind, Error> {
    let head = input.bytes(0, 1024)?;
    if looks_like_safetensors(&head, input.len()) {
        return Ok(Kind::Safetensors);
    }
    if let Some(finding) = by_text(&head, input.len()).or_else(|| by_magic(&head)) {
        return Ok(Kind::Other(Box::new(finding)));
    }
    Ok(match head.as_slice() {
        [b'P', b'K', 3, 4, ..] => Kind::TorchZip,
        [0x80, ..] if head.windows(LEGACY_MAGIC.len()).any(|window| window == LEGACY_MAGIC) => Kind::TorchLegacy,
        _ if is_named_safetensors => Kind::Safetensors,
        [0x80, 0..=5, ..] => Kind::BarePickle,
        _ if is_pickle(input, budget)? => Kind::BarePickle,
        _ => Kind::Other(Box::new(
            not_a_checkpoint("data of no known kind")
                .note("a checkpoint is a safetensors file, or what `torch.save` writes"),
        )),
    })
}

/// Reports a pickle that torch did not write, and what it would do.
pub(super) fn bare_pickle(input: &Input<'_>, budget: &Budget, findings: &mut Findings) -> Result<(), Error> {
    findings.add(
        not_a_checkpoint("a bare Python pickle, not what `torch.save` writes")
            .note("torch's own files begin with a magic number or are zip archives"),
    );
    if input.len() > budget.pickle {
        findings.add(over_budget("checkpoint.pickle", "the pickle has too many bytes", input.len(), budget.pickle));
    }
    let bytes = input.bytes(0, input.len().min(budget.pickle))?;
    pickle::run(&bytes, "the file", budget, findings);
    Ok(())
}

/// Whether a text can be read as a pickle of the first protocols, which have no magic number.
fn is_pickle(input: &Input<'_>, budget: &Budget) -> Result<bool, Error> {
    let bytes = input.bytes(0, input.len().min(budget.pickle).min(1 << 20))?;
    Ok(pickle::run(&bytes, "the file", budget, &mut Findings::default()).is_some_and(|pickled| pickled.end > 2))
}

fn looks_like_safetensors(head: &[u8], length: u64) -> bool {
    let header = head.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    head.get(8) == Some(&b'{') && header.is_some_and(|header| header >> 32 == 0 && header < length)
}

fn by_text(head: &[u8], length: u64) -> Option<Diagnostic> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    if length <= 1024 && head.iter().all(u8::is_ascii_whitespace) {
        return Some(not_a_checkpoint("empty").note("the write or the download may have failed"));
    }
    let text = text.trim_start();
    if text.starts_with("version https://git-lfs.github.com/spec/") {
        return Some(lfs_pointer(text));
    }
    let lower: String = text.chars().take(16).collect::<String>().to_ascii_lowercase();
    let (is, note) = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        ("a web page", "the address it was downloaded from may need `resolve` in place of `blob`, or a login")
    } else if lower.starts_with("<?xml") {
        ("XML", "storage services answer so when a file is missing or access is denied")
    } else if text.starts_with("{\"") || lower.starts_with("{\n") || lower.starts_with("[\"") || lower.starts_with("{ ")
    {
        ("JSON", "an index such as `adapter_model.safetensors.index.json` names the files that hold the tensors")
    } else {
        return None;
    };
    Some(not_a_checkpoint(is).note(note))
}

/// A pointer says how large the file is that it stands for.
fn lfs_pointer(text: &str) -> Diagnostic {
    let size = text.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse::<u64>().ok());
    let stands_for = size.map_or_else(|| "a file".to_owned(), |size| format!("a file of {size} bytes"));
    not_a_checkpoint(&format!("a Git LFS pointer, which stands for {stands_for} but does not hold it"))
        .note("`git lfs pull` fetches the file itself")
}

fn by_magic(head: &[u8]) -> Option<Diagnostic> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "a gzip archive"),
        (b"PK\x05\x06", "a zip archive without members"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ\0", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"GGUF", "a GGUF model"),
        (b"\x89HDF", "an HDF5 file"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"\x89PNG", "a picture"),
        (b"%PDF", "a PDF document"),
        (b"\x7fELF", "a program"),
    ];
    let tar = (head.get(257..262) == Some(b"ustar")).then_some("a tar archive");
    let is = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, is)| *is).or(tar)?;
    let finding = not_a_checkpoint(is);
    Some(if is.ends_with("archive") { finding.note("unpack it first") } else { finding })
}

/// The finding for a file that is something else.
pub(super) fn not_a_checkpoint(is: &str) -> Diagnostic {
    Diagnostic::new(&NOT_A_CHECKPOINT, format!("the file is {is}"))
}
