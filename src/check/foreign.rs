//! Names what a file is when it is no adapter config.

use super::adapter_files::CONFIG;
use crate::{
    diagnostic::{Diagnostic, NOT_AN_ADAPTER_CONFIG},
    document::{Document, Limits, Node, Object, Syntax, parse},
    source::{Source, Span},
};

/// What the first words of a text give away, if they are not those of a config.
pub(super) fn by_first_words(text: &str) -> Option<Diagnostic> {
    let text = text.trim_start();
    let begins = |words: &str| text.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words));
    let (is, note) = if text.is_empty() {
        ("empty", "the write or the download may have failed")
    } else if begins("version https://git-lfs.github.com/spec/") {
        ("a Git LFS pointer, which stands for the file but does not hold it", "`git lfs pull` fetches the file itself")
    } else if begins("<!doctype html") || begins("<html") {
        ("a web page", "the address it was downloaded from may need `resolve` in place of `blob`, or a login")
    } else if begins("<?xml") {
        ("XML", "storage services answer so when a file is missing or access is denied")
    } else {
        return None;
    };
    Some(not_a_config(is, Span::at(0)).note(note))
}

/// What the bytes of a file give away, if they are no text.
pub(super) fn by_magic(bytes: &[u8]) -> Option<Diagnostic> {
    let (is, note) = magic(bytes)?;
    Some(not_a_config(is, Span::at(0)).note(note))
}

fn magic(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let safetensors_header = bytes.get(8..10) == Some(b"{\"") && bytes.get(4..8) == Some(&[0; 4]);
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] => {
            ("a zip archive, as torch checkpoints are", "the config is a text file beside the weights")
        }
        [0x1f, 0x8b, ..] => ("a gzip archive", "unpack it first"),
        [0x80, 2..=5, ..] => {
            ("a Python pickle, as old torch checkpoints are", "the config is a text file beside the weights")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            ("text in UTF-16", "PEFT reads UTF-8; save the file as UTF-8 without BOM")
        }
        _ if safetensors_header => ("a safetensors checkpoint", "the config is a text file beside the weights"),
        [b'{' | b'[', 0, ..] => {
            ("text in UTF-16 without a mark", "PEFT reads UTF-8; save the file as UTF-8 without BOM")
        }
        _ if bytes.contains(&0) && !bytes.starts_with(b"{") => ("binary data", "a config is a text file"),
        _ => return None,
    })
}

/// What a text that could not be read is, if that is plain to see.
pub(super) fn by_broken_text(document: &Document, limits: &Limits) -> Option<Diagnostic> {
    let text = document.source.text().trim_start();
    let call = text.find("Config(").filter(|end| text.get(..*end).is_some_and(|before| !before.contains(['"', '{'])));
    if call.is_some() || text.starts_with("import ") || text.starts_with("from ") || text.starts_with("#!") {
        let note = "PEFT reads JSON: `config.save_pretrained(folder)` writes it";
        return Some(not_a_config("Python code", Span::at(0)).note(note));
    }
    if document.syntax != Syntax::Json {
        return None;
    }
    let reads_as = |syntax: Syntax| {
        let (document, diagnostics) = parse(Source::new("", text), syntax, limits);
        let named = |document: &Document| document.root.as_ref()?.as_object().map(|object| !object.members.is_empty());
        diagnostics.iter().all(|found| found.code != crate::diagnostic::SYNTAX_ERROR.code)
            && named(&document) == Some(true)
    };
    // JSON is YAML too, nearly: only a text without its braces is taken for the latter.
    let other =
        [Syntax::Yaml, Syntax::Toml].into_iter().find(|syntax| !text.starts_with(['{', '[']) && reads_as(*syntax));
    let Some(other) = other else {
        let is_prose = !text.contains(['{', '[', '"', ':', '=']);
        return is_prose.then(|| not_a_config("plain text", Span::at(0)).note("a config is an object, in braces"));
    };
    let (name, ending) = (other.as_str(), other.as_str().to_ascii_lowercase());
    Some(
        not_a_config(&format!("{name}, not JSON"), Span::at(0))
            .note(format!("PEFT reads JSON only; peftspec checks {name} in files that end in `.{ending}`")),
    )
}

/// What an object without `peft_type` is, as far as its keys tell.
pub(super) fn by_keys(object: &Object) -> Option<Diagnostic> {
    const KNOWN: &[(&str, &str)] = &[
        ("model_type", "the `config.json` of a base model"),
        ("architectures", "the `config.json` of a base model"),
        ("weight_map", "the index of a checkpoint in several files"),
        ("tokenizer_class", "the config of a tokenizer"),
        ("added_tokens", "a tokenizer"),
        ("log_history", "the state of a trainer"),
        ("_class_name", "the config of a diffusers model"),
        ("do_sample", "the settings of text generation"),
    ];
    KNOWN.iter().find_map(|(key, is)| {
        let member = object.member(key)?;
        let diagnostic = Diagnostic::new(&NOT_AN_ADAPTER_CONFIG, format!("the file is {is}, not an adapter config"))
            .label(member.key_span, "an adapter config has no such key")
            .note(format!("the adapter's own file is called `{CONFIG}` and has a `peft_type`"));
        Some(diagnostic)
    })
}

/// The finding for a document that is no object.
pub(super) fn by_root(root: &Node) -> Option<Diagnostic> {
    if root.as_object().is_some() {
        return None;
    }
    let message = format!("the document is {}, not an object", root.kind.noun());
    let label = "a config is an object: `{ \"peft_type\": … }`";
    Some(Diagnostic::new(&NOT_AN_ADAPTER_CONFIG, message).label(root.span, label))
}

/// The finding for an empty document.
pub(super) fn nothing() -> Diagnostic {
    not_a_config("empty", Span::at(0))
}

fn not_a_config(is: &str, span: Span) -> Diagnostic {
    Diagnostic::new(&NOT_AN_ADAPTER_CONFIG, format!("the file is {is}")).label(span, "not an adapter config")
}
