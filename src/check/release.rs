//! What the release that is checked against, and the one that wrote the config, make of a finding.

use super::Config;
use crate::{
    diagnostic::{CHANGED_DEFAULT, Diagnostic, MISSING_DEFAULT, NEWER_PEFT, Severity, shortened},
    document::Member,
    methods::{Field, Method},
    release::{Lifetime, NEWEST, Release, UnknownKeys},
};

/// The key that names the release that wrote a config.
const PEFT_VERSION: &str = "peft_version";

impl Config<'_> {
    /// The release that wrote the config, if it says so, and where.
    fn writer(&self) -> Option<(Release, &Member)> {
        let member = self.object.member(PEFT_VERSION)?;
        Some((Release::of_peft_version(member.value.as_str()?)?, member))
    }
}

/// The finding of a broken rule as the release has it: `None` where the rule is not true of it. A release before the first that
/// refuses a config takes it, so there an error is a warning.
pub(super) fn finding(mut finding: Diagnostic, lifetime: Lifetime, config: &Config<'_>) -> Option<Diagnostic> {
    let release = config.release;
    if release < lifetime.since {
        // What only old releases got wrong is nothing to releases that are older still.
        if finding.severity != Severity::Error || lifetime.until.is_some() {
            return None;
        }
        finding.severity = Severity::Warning;
        finding.notes = vec![not_looked_at(release, lifetime.since)];
        return Some(finding);
    }
    if !lifetime.contains(release) {
        return None;
    }
    match config.writer() {
        Some((writer, _)) if writer < lifetime.since && finding.severity == Severity::Error => Some(finding.note(
            format!("PEFT {writer}, which wrote the config, does not look: the check {}", lifetime.why_not(writer)),
        )),
        _ => Some(finding),
    }
}

/// Says what a release does with a key that it does not have.
pub(super) fn unknown_key(finding: Diagnostic, member: &Member, field: Option<&Field>, release: Release) -> Diagnostic {
    let key = shortened(&member.key);
    let how = release.unknown_key(&member.key);
    let (label, note) = match how {
        UnknownKeys::Ignored => ("PEFT ignores it without a word".to_owned(), None),
        UnknownKeys::Refused => (
            format!("PEFT {release} stops here"),
            Some(format!("PEFT stops with `TypeError: __init__() got an unexpected keyword argument '{key}'`")),
        ),
        UnknownKeys::ResetMethod => (
            "PEFT warns, and drops it and more".to_owned(),
            Some(format!(
                "because of it, `PeftConfig.from_pretrained` of {release} resets all fields of the method to their defaults; \
                 `PeftModel.from_pretrained` drops this key only"
            )),
        ),
        UnknownKeys::Dropped => ("PEFT warns, and drops it".to_owned(), None),
    };
    let mut finding = finding.label(member.key_span, label);
    if how == UnknownKeys::Refused {
        finding.severity = Severity::Error;
    }
    finding.notes.extend(field.map(|field| format!("`{key}` {}", field.lifetime.why_not(release))));
    finding.notes.extend(note);
    finding
}

/// Says what a release does with a value that it does not have.
pub(super) fn unknown_choice(
    mut finding: Diagnostic,
    value: &str,
    field: Option<&Field>,
    release: Release,
) -> Diagnostic {
    let Some(field) = field else { return finding };
    if let Some(lifetime) = field.lifetime_of_value(value).filter(|lifetime| !lifetime.contains(release)) {
        finding.fix = None;
        finding.notes.push(format!("`{value}` {}", lifetime.why_not(release)));
        if field.never_refused {
            finding.severity = Severity::Warning;
            finding.notes.push(format!("PEFT {release} does not look, and takes it for something else"));
        }
    }
    if let Some(since) = field.checked_since.filter(|since| release < *since) {
        finding.severity = Severity::Warning;
        finding.notes.push(not_looked_at(release, since));
    }
    finding
}

fn not_looked_at(release: Release, since: Release) -> String {
    format!("PEFT {release} does not look; {since} and newer refuse it")
}

/// What is to be said because another release wrote the config than the one that it is checked against.
pub(super) fn told_by_peft_version(method: Option<&'static Method>, config: &Config<'_>) -> Vec<Diagnostic> {
    let Some((writer, member)) = config.writer() else { return Vec::new() };
    let mut told = Vec::new();
    if writer > NEWEST {
        let message = format!("PEFT {writer}, which wrote the config, is newer than all that peftspec knows");
        let newer = Diagnostic::new(&NEWER_PEFT, message)
            .label(member.value.span, format!("the newest known is {NEWEST}"))
            .pointer(format!("/{PEFT_VERSION}"));
        told.push(newer);
    }
    let fields = method.into_iter().flat_map(Method::fields);
    let changed = fields.filter(|field| {
        let is_known = [writer, config.release].into_iter().all(|release| field.lifetime.contains(release));
        let has_changed = field.default_in(writer) != field.default_in(config.release);
        is_known && has_changed && config.object.get(&field.name).is_none()
    });
    told.extend(changed.map(|field| changed_default(field, writer, member, config.release)));
    told
}

/// Fields that are left out and that the release has no use without.
pub(super) fn missing_defaults(
    method: Option<&'static Method>,
    config: &Config<'_>,
) -> impl Iterator<Item = Diagnostic> {
    let anchor = config.object.member("peft_type").map_or(config.root.span, |member| member.value.span);
    let release = config.release;
    let left_out = method.into_iter().flat_map(Method::fields).filter(|field| config.object.get(&field.name).is_none());
    let missing =
        left_out.filter(move |field| field.lifetime.contains(release) && field.has_unusable_default_in(release));
    missing.map(move |field| {
        let name = &field.name;
        Diagnostic::new(&MISSING_DEFAULT, format!("`{name}` is left out, and PEFT {release} has no default for it"))
            .label(anchor, format!("`{name}` is not given"))
            .pointer(format!("/{name}"))
            .note(format!("PEFT {release} takes null for it, and stops with a `TypeError`"))
            .note(format!("`\"{name}\": {}` is what newer releases take", field.default))
    })
}

fn changed_default(field: &Field, writer: Release, member: &Member, release: Release) -> Diagnostic {
    let name = &field.name;
    let (then, now) = (field.default_in(writer), field.default_in(release));
    let message = format!("`{name}` is left out, which means {now} in PEFT {release}, but {then} in {writer}");
    let changed = Diagnostic::new(&CHANGED_DEFAULT, message)
        .label(member.value.span, "wrote the config")
        .pointer(format!("/{name}"));
    // Null stood for no default, and the newer releases may not take it.
    if then.is_null() { changed } else { changed.note(format!("`\"{name}\": {then}` keeps the meaning")) }
}
