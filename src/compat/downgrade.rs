//! The config that an older release accepts, and what is lost on the way to it.

use super::{Reason, Subject, Verdict};
use crate::{
    diagnostic::shortened,
    document::{Kind, Member, Node, Object, to_node},
    release::{NEWEST, Release},
    source::Span,
};

/// A config for an older release.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Downgrade {
    /// The config; `write_json` writes it as PEFT does.
    pub config: Node,
    /// Keys that it does without, and nothing is lost: null, the default, or the stamp of the release that wrote it.
    pub dropped: Vec<String>,
    /// Keys that were left out and are written out now, since the release has another default.
    pub added: Vec<String>,
    /// Settings that the release cannot say, left out of the config.
    pub lost: Vec<Loss>,
    /// What keeps the release from using even this config.
    pub obstacles: Vec<Reason>,
}

/// A setting that a release cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The key.
    pub key: String,
    /// Its value as JSON, shortened.
    pub value: String,
    /// Why the release cannot say it.
    pub why: String,
}

/// Rewrites a config for a release; `None` where `peft_type` names no method of any release.
///
/// The meaning stays where `lost` and `obstacles` are empty: read by the newest release, the new config means what the old one
/// does.
#[must_use]
pub fn downgrade(config: &Object, release: Release) -> Option<Downgrade> {
    let subject = Subject::new(config)?;
    if !subject.lifetime.contains(release) {
        let config = node(Kind::Object(config.clone()));
        let obstacles = subject.reasons(release);
        return Some(Downgrade { config, dropped: Vec::new(), added: Vec::new(), lost: Vec::new(), obstacles });
    }
    let unknown = subject.unknown_keys(release);
    let mut down = Object::default();
    let (mut dropped, mut lost) = (Vec::new(), Vec::new());
    for (key, value) in config.effective() {
        if !unknown.contains(key) {
            match unknown_choice(&subject, key, value, release) {
                Some(unsayable) => lost.push(unsayable),
                None => down.members.push(member(key, value.clone())),
            }
        } else if subject.sets_something(key) {
            let why = subject.field(key).map_or("peftspec does not know the key".to_owned(), |field| {
                format!("the key {}", field.lifetime.why_not(release))
            });
            lost.push(Loss { key: key.to_owned(), value: shown(value), why });
        } else {
            dropped.push(key.to_owned());
        }
    }
    let added = write_out_defaults(&subject, release, &mut down);
    let rewritten = Subject { config: &down, ..subject };
    let obstacles =
        rewritten.reasons(release).into_iter().filter(|reason| reason.verdict() > Verdict::DropsKeys).collect();
    Some(Downgrade { config: node(Kind::Object(down)), dropped, added, lost, obstacles })
}

/// A value that the release does not know.
fn unknown_choice(subject: &Subject<'_>, key: &str, value: &Node, release: Release) -> Option<Loss> {
    let lifetime = subject.field(key)?.lifetime_of_value(value.as_str()?)?;
    let why = format!("the value {}", lifetime.why_not(release));
    (!lifetime.contains(release) && key != "peft_type").then(|| Loss { key: key.to_owned(), value: shown(value), why })
}

/// Writes out what is left out, where the release or the newest one would take it for something else.
fn write_out_defaults(subject: &Subject<'_>, release: Release, down: &mut Object) -> Vec<String> {
    let mut added = Vec::new();
    for field in subject.left_out(release) {
        let meant = field.default_in(subject.meant);
        let is_clear = [release, NEWEST].into_iter().all(|release| field.default_in(release) == meant);
        if let (false, Ok(value)) = (is_clear, to_node(meant)) {
            down.members.push(member(&field.name, value));
            added.push(field.name.clone());
        }
    }
    added
}

fn shown(value: &Node) -> String {
    shortened(&serde_json::to_string(value).unwrap_or_default())
}

fn node(kind: Kind) -> Node {
    Node::new(kind, Span::at(0))
}

fn member(key: &str, value: Node) -> Member {
    Member { key: key.to_owned(), key_span: Span::at(0), value }
}
