//! The tokenizer of a config that starts from a text, where it is a folder on this machine.

use super::{known::KnownConfig, reading::read_file, surroundings::Surroundings};
use crate::{
    diagnostic::{Diagnostic, TEXT_WITHOUT_TOKENS, TOKENIZER_NOT_FOUND, shortened},
    document::{Kind, Limits, Member, Node, Syntax, parse},
    layout::TextInit,
    rule::is_repository_id,
    source::Source,
};
use std::path::Path;

/// Looks at the tokenizer of a config that is to be trained from a text; a trained adapter does without.
pub(super) fn check(config: &KnownConfig<'_>, around: &Surroundings) -> Option<Diagnostic> {
    let init = config.method.layout().text?;
    let is_trained = config.fields.get("inference_mode").is_some_and(Node::is_truthy);
    if is_trained || config.fields.get(init.mode)?.as_str() != Some(init.value) {
        return None;
    }
    let member = config.fields.member(init.tokenizer).filter(|_| config.is_sound(init.tokenizer))?;
    let name = member.value.as_str().filter(|name| !name.is_empty())?;
    let folder = around.working_directory.join(name);
    if folder.is_dir() {
        return without_tokens(init, config, &folder);
    }
    (!is_repository_id(name)).then(|| around.missing(not_found(name, member)))
}

fn not_found(name: &str, member: &Member) -> Diagnostic {
    let message = format!("the tokenizer `{}` is not there, and no repository can have this name", shortened(name));
    Diagnostic::new(&TOKENIZER_NOT_FOUND, message)
        .label(member.value.span, "neither a folder here nor `name` or `owner/name`")
        .pointer(format!("/{}", member.key))
        .note("PEFT stops with `OSError` when the model is created")
}

/// An empty text gives no tokens unless the tokenizer adds some.
fn without_tokens(init: &TextInit, config: &KnownConfig<'_>, folder: &Path) -> Option<Diagnostic> {
    let member = config.fields.member(init.text)?;
    (member.value.as_str()?.is_empty() && adds_nothing(folder)?).then(|| {
        Diagnostic::new(&TEXT_WITHOUT_TOKENS, "the initial text is empty, and the tokenizer adds no tokens of its own")
            .label(member.value.span, "no token to start from")
            .pointer(format!("/{}", member.key))
            .note("PEFT stops with `ZeroDivisionError` when the model is created")
    })
}

/// Whether a tokenizer leaves a text as it is; `None` if its file does not tell.
fn adds_nothing(folder: &Path) -> Option<bool> {
    let path = folder.join("tokenizer.json");
    // A vocabulary and its merges have several values for each token.
    let limits = Limits { bytes: 64 << 20, values: 1_000_000, ..Limits::default() };
    let text = String::from_utf8(read_file(&path, limits.bytes).ok()?).ok()?;
    let (document, _) = parse(Source::new("", text), Syntax::Json, &limits);
    let processor = document.root?;
    let processor = processor.as_object()?.get("post_processor")?;
    let Some(object) = processor.as_object() else { return Some(processor.is_null()) };
    let template = object.get("single").map(|template| &template.kind);
    match (object.get("type").and_then(Node::as_str), template) {
        (Some("TemplateProcessing"), Some(Kind::Array(pieces))) => {
            Some(pieces.iter().all(|piece| piece.as_object().is_some_and(|piece| piece.get("SpecialToken").is_none())))
        }
        (Some("ByteLevel"), _) => Some(true),
        _ => None,
    }
}
