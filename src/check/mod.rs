//! The pipeline: bytes → tree → method → shape → rules, each phase reporting all it finds.

pub(crate) mod adapter_files;
mod base_model;
mod beside;
mod foreign;
mod instance;
mod known;
mod method;
pub(crate) mod reading;
mod release;
mod shape;
mod source;
mod suggest;
mod surroundings;
mod tokenizer;
mod weights;

#[cfg(feature = "cli")]
pub(crate) use base_model::local as local_base_model;
pub use base_model::{BaseModel, Inferred};
pub use instance::TreeSchema;
#[cfg(feature = "cli")]
pub(crate) use source::find_source;
#[cfg(feature = "cli")]
pub(crate) use suggest::closest;
pub use surroundings::{AdapterReport, Surroundings, WeightsReport};

use crate::{
    diagnostic::{Diagnostic, METHOD_NOT_MODELLED, MORE_FINDINGS, NOT_UTF_8, Severity},
    document::{Document, Limits, Node, Object, Syntax, parse},
    methods::{Method, base_rules},
    release::{Lifetime, NEWEST, Release},
    rule::{Evidence, Fields, Rule, field_of},
    source::{Source, Span},
};
use known::KnownConfig;
use std::{borrow::Cow, collections::BTreeSet, path::Path};
use surroundings::{Around, Found};

/// What to check against, and how much to spend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckOptions {
    /// The release of PEFT whose behaviour counts.
    pub release: Release,
    /// What reading may cost.
    pub limits: Limits,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { release: NEWEST, limits: Limits::default() }
    }
}

impl From<&Limits> for CheckOptions {
    fn from(limits: &Limits) -> Self {
        Self { limits: *limits, ..Self::default() }
    }
}

/// Everything that was found in one file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The text, to show places in.
    pub source: Source,
    /// The method that the config names, as written.
    pub peft_type: Option<String>,
    /// The release of PEFT that wrote the config, as written.
    pub peft_version: Option<String>,
    /// The findings, by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// What was found in a file that has no text to show.
    #[must_use]
    pub fn of_binary(name: &str, diagnostics: Vec<Diagnostic>) -> Self {
        Self { source: Source::new(name, ""), peft_type: None, peft_version: None, diagnostics }
    }

    /// Whether the method's own fields were checked, not only those that all methods share.
    #[must_use]
    pub fn is_modelled(&self) -> bool {
        self.diagnostics.iter().all(|found| found.code != METHOD_NOT_MODELLED.code)
    }
}

/// Checks the bytes of a file; `name` is its path, whose ending tells the format.
#[must_use]
pub fn check_bytes(name: &str, bytes: Vec<u8>, options: impl Into<CheckOptions>) -> Report {
    check_bytes_around(name, bytes, options.into(), None)
}

/// Checks the bytes of a config file together with what lies around it: the weights beside a file called `adapter_config.json`,
/// the checkpoint that it starts from, the base model's config. What cannot be read is listed in the report, which says all else.
pub fn check_adapter(
    path: &Path,
    bytes: Vec<u8>,
    options: impl Into<CheckOptions>,
    surroundings: &Surroundings,
) -> AdapterReport {
    let options = options.into();
    let mut around = Around::new(path, options.limits, surroundings);
    let config = check_bytes_around(&path.to_string_lossy(), bytes, options, Some(&mut around));
    let Around { beside, sizes, unreadable, .. } = around;
    AdapterReport { config, weights: beside.reports, sizes, unreadable }
}

fn check_bytes_around(name: &str, bytes: Vec<u8>, options: CheckOptions, around: Option<&mut Around<'_>>) -> Report {
    let binary = foreign::by_magic(&bytes);
    let (text, broken) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(not_utf_8(byte, offset)))
        }
    };
    let source = Source::new(name, text);
    match binary.or(broken) {
        Some(diagnostic) => Report { source, peft_type: None, peft_version: None, diagnostics: vec![diagnostic] },
        None => check_around(source, Syntax::of_file_name(name), options, around),
    }
}

fn not_utf_8(byte: u8, offset: usize) -> Diagnostic {
    Diagnostic::new(&NOT_UTF_8, format!("the byte 0x{byte:02x} at offset {offset} is not UTF-8"))
        .label(Span::at(offset), "not UTF-8 from here on")
        .note("PEFT stops with `UnicodeDecodeError`; save the file as UTF-8")
}

/// Checks a text.
#[must_use]
pub fn check(source: Source, syntax: Syntax, options: impl Into<CheckOptions>) -> Report {
    check_around(source, syntax, options.into(), None)
}

fn check_around(source: Source, syntax: Syntax, options: CheckOptions, around: Option<&mut Around<'_>>) -> Report {
    if let Some(diagnostic) = foreign::by_first_words(source.text()) {
        return Report { source, peft_type: None, peft_version: None, diagnostics: vec![diagnostic] };
    }
    let (document, mut diagnostics) = parse(source, syntax, &options.limits);
    let object = check_tree(&document, &options, around, &mut diagnostics);
    let text_of = |key: &str| object.and_then(|object| object.get(key)?.as_str().map(str::to_owned));
    let (peft_type, peft_version) = (text_of("peft_type"), text_of("peft_version"));
    keep_the_worst(&mut diagnostics);
    for found in diagnostics.iter_mut().filter(|found| found.pointer.is_empty()) {
        if let (Some(root), Some(span)) = (&document.root, found.span()) {
            found.pointer = root.pointer_at(span);
        }
    }
    Report { source: document.source, peft_type, peft_version, diagnostics }
}

/// How many findings about one file are shown.
const MOST_FINDINGS: usize = 1000;

/// Nobody reads thousands of findings about one file: the worst are kept, by place, and the rest are counted.
fn keep_the_worst(diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.len() > MOST_FINDINGS {
        diagnostics.sort_by_key(|found| found.severity);
        let rest = diagnostics.len() - MOST_FINDINGS;
        diagnostics.truncate(MOST_FINDINGS);
        diagnostics.push(Diagnostic::new(&MORE_FINDINGS, format!("{rest} more findings are not shown")));
    }
    let place = |found: &Diagnostic| found.span().map_or(usize::MAX, |span| span.start);
    diagnostics.sort_by_key(|found| (place(found), found.severity));
}

/// Checks what was read; gives the config's object if there is one.
fn check_tree<'a>(
    document: &'a Document,
    options: &CheckOptions,
    around: Option<&mut Around<'_>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'a Object> {
    let Some(root) = &document.root else {
        match foreign::by_broken_text(document, &options.limits) {
            Some(foreign) => *diagnostics = vec![foreign],
            None if diagnostics.is_empty() => diagnostics.push(foreign::nothing()),
            None => {}
        }
        return None;
    };
    if let Some(problem) = foreign::by_root(root) {
        diagnostics.push(foreign::by_broken_text(document, &options.limits).unwrap_or(problem));
    }
    let object = root.as_object()?;
    let config = Config { root, object, release: options.release };
    match method::named_by(object, root.span, options.release) {
        method::Named::Modelled(method) => config.check(Some(method), around, diagnostics),
        method::Named::NotModelled(remark) => {
            diagnostics.push(remark);
            config.check(None, around, diagnostics);
        }
        method::Named::Invalid(problem, meant) => {
            diagnostics.push(problem);
            if meant.is_some() {
                config.check(meant, around, diagnostics);
            }
        }
    }
    Some(object)
}

/// A config and the release that it is checked against.
#[derive(Debug, Clone, Copy)]
struct Config<'a> {
    root: &'a Node,
    object: &'a Object,
    release: Release,
}

impl Config<'_> {
    fn check(
        &self,
        method: Option<&'static Method>,
        around: Option<&mut Around<'_>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        diagnostics.extend(shape::reserved_keys(self.object));
        let wrong = shape::check(method, self, diagnostics);
        diagnostics.extend(release::told_by_peft_version(method, self));
        diagnostics.extend(release::missing_defaults(method, self));
        let defaults = method.map_or_else(Cow::default, |method| method.defaults_in(self.release));
        let fields = Fields::new(self.object, &defaults);
        let found = match (method, around) {
            (Some(method), Some(around)) => around.look(&KnownConfig { method, fields: &fields, wrong: &wrong }),
            _ => Found::default(),
        };
        // Files are compared with the config as it is written, and so are rules that are not true of the release; the others see what
        // it sees.
        let seen = method.map_or(Cow::Borrowed(self.object), |method| method.seen_by(self.release, self.object));
        let seen = Fields::new(&seen, &defaults);
        let own = method.into_iter().flat_map(|method| method.rules().map(|rule| (rule, method.lifetime_of(rule))));
        let shared = base_rules().filter(|_| method.is_none()).map(|rule| (rule, rule.lifetime));
        let (true_of_it, others): (Vec<_>, Vec<_>) =
            own.chain(shared).partition(|(_, lifetime)| lifetime.contains(self.release));
        self.check_rules(true_of_it, &seen, &wrong, &found.evidence, diagnostics);
        self.check_rules(others, &fields, &wrong, &found.evidence, diagnostics);
        diagnostics.extend(found.diagnostics);
    }

    /// Reports the broken rules, leaving out those that read a field whose value is wrong already and those that the evidence
    /// settles.
    fn check_rules(
        &self,
        rules: Vec<(&'static Rule, Lifetime)>,
        fields: &Fields<'_>,
        wrong_fields: &BTreeSet<String>,
        evidence: &[Evidence],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let anchor = fields.member("peft_type");
        // A wrong value that the release does not see keeps no rule from being judged.
        let is_sound = |path: &str| !wrong_fields.contains(field_of(path)) || fields.member(field_of(path)).is_none();
        let among = |kinds: &[Evidence]| kinds.iter().any(|kind| evidence.contains(kind));
        let sound =
            rules.into_iter().filter(|(rule, _)| rule.fields().into_iter().all(is_sound) && !among(rule.settled_by));
        for (rule, lifetime) in sound.filter(|(rule, _)| rule.is_broken_by(fields)) {
            let mut finding = rule.finding(fields, anchor);
            if among(rule.certain_with) {
                finding.severity = Severity::Error;
            }
            diagnostics.extend(release::finding(finding, lifetime, self));
        }
    }
}
