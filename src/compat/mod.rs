//! Which releases of PEFT load a config, what each makes of it, and the config that an older release accepts.

mod downgrade;
mod reason;

pub use downgrade::{Downgrade, Loss, downgrade};
pub use reason::{Reason, Verdict};

use crate::{
    diagnostic::Severity,
    document::{Kind, Node, Object, to_node, write_json},
    methods::{Field, Method, PeftType},
    release::{Lifetime, NEWEST, RUNTIME_CONFIG, Release, UnknownKeys},
    rule::Fields,
};
use std::collections::BTreeSet;

/// The key that names the release that wrote a config. It is a stamp: leaving it out changes nothing.
const PEFT_VERSION: &str = "peft_version";

/// Releases in a row that make the same of a config.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Compatibility {
    /// The first of them.
    pub first: Release,
    /// The last of them.
    pub last: Release,
    /// What becomes of the config: the worst of the reasons.
    pub verdict: Verdict,
    /// Why, the worst first; empty where the config just loads.
    pub reasons: Vec<Reason>,
}

/// What each release that the model knows makes of a config, newest first; `None` where `peft_type` names no method of any.
///
/// Types and ranges are not looked at: PEFT does not either. Of a method that is not modelled the shared fields count alone.
#[must_use]
pub fn compatibility(config: &Object) -> Option<Vec<Compatibility>> {
    let subject = Subject::new(config)?;
    let mut rows: Vec<Compatibility> = Vec::new();
    for release in Release::all().rev() {
        let reasons = subject.reasons(release);
        match rows.last_mut() {
            Some(row) if row.reasons == reasons => row.first = release,
            _ => {
                let verdict = reasons.iter().map(Reason::verdict).max().unwrap_or(Verdict::Loads);
                rows.push(Compatibility { first: release, last: release, verdict, reasons });
            }
        }
    }
    Some(rows)
}

/// A config, the method that it is for, and the release whose defaults it means.
struct Subject<'a> {
    config: &'a Object,
    name: &'a str,
    lifetime: Lifetime,
    method: Option<&'static Method>,
    meant: Release,
}

impl<'a> Subject<'a> {
    fn new(config: &'a Object) -> Option<Self> {
        let name = config.get("peft_type")?.as_str()?;
        let writer = config.get(PEFT_VERSION).and_then(Node::as_str).and_then(Release::of_peft_version);
        Some(Self {
            config,
            name,
            lifetime: PeftType::lifetime_of(name)?,
            method: PeftType::from_wire(name).and_then(Method::find),
            meant: writer.unwrap_or(NEWEST).min(NEWEST),
        })
    }

    /// The fields that are known of the method.
    fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        Method::fields_or_base(self.method)
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The keys that a release does not have. Of a method that is not modelled, only shared fields can be told.
    fn unknown_keys(&self, release: Release) -> BTreeSet<&'a str> {
        let is_unknown = |key: &&str| match self.field(key) {
            Some(field) => !field.lifetime.contains(release),
            None => self.method.is_some(),
        };
        self.config.effective().map(|(key, _)| key).filter(is_unknown).collect()
    }

    /// Whether a key sets something: its value is neither null nor what the field is without it.
    fn sets_something(&self, key: &str) -> bool {
        let is_idle = [PEFT_VERSION, RUNTIME_CONFIG].contains(&key);
        let Some(value) = self.config.get(key).filter(|value| !value.is_null() && !is_idle) else { return false };
        self.field(key).and_then(|field| to_node(&field.default).ok()).is_none_or(|default| !is_same(value, &default))
    }

    /// Everything that keeps a release from loading the config as it is meant, the worst first.
    fn reasons(&self, release: Release) -> Vec<Reason> {
        if !self.lifetime.contains(release) {
            return vec![Reason::NoMethod { name: self.name.to_owned(), lifetime: self.lifetime }];
        }
        let unknown = self.unknown_keys(release);
        let mut reasons = self.unknown_key_reasons(&unknown, release);
        reasons.extend(self.unknown_values(release));
        reasons.extend(self.other_defaults(release));
        reasons.extend(self.broken_rules(release));
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict()));
        reasons
    }

    fn unknown_key_reasons(&self, unknown: &BTreeSet<&str>, release: Release) -> Vec<Reason> {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let how = release.unknown_keys();
        // What the loader takes out by itself has no part in what it does with the rest.
        let (all, taken_out): (Vec<&str>, Vec<&str>) = unknown.iter().partition(|key| release.unknown_key(key) == how);
        let mut reasons = Vec::new();
        if how == UnknownKeys::Refused {
            reasons.extend((!all.is_empty()).then(|| Reason::KeysRefused { keys: owned(&all) }));
            reasons.extend((!taken_out.is_empty()).then(|| Reason::KeysDropped { keys: owned(&taken_out) }));
            return reasons;
        }
        let (lost, dropped): (Vec<&str>, Vec<&str>) = unknown.iter().partition(|key| self.sets_something(key));
        if how == UnknownKeys::ResetMethod && !all.is_empty() {
            // A key that is no shared field is the method's own; of a method that is not modelled its name is all that is known.
            let is_own = |key: &&str| self.field(key).is_none_or(|field| !field.is_shared());
            let known = self.config.effective().map(|(key, _)| key).filter(|key| !unknown.contains(key));
            let reset: Vec<&str> = known.filter(is_own).filter(|key| self.sets_something(key)).collect();
            if !reset.is_empty() {
                reasons.push(Reason::MethodReset { unknown: owned(&all), reset: owned(&reset) });
            }
        }
        if !lost.is_empty() {
            reasons.push(Reason::SettingsLost { keys: owned(&lost), silently: how == UnknownKeys::Ignored });
        }
        if !dropped.is_empty() {
            reasons.push(Reason::KeysDropped { keys: owned(&dropped) });
        }
        reasons
    }

    /// Values that a release does not know yet, or no more.
    fn unknown_values(&self, release: Release) -> impl Iterator<Item = Reason> {
        let fields = self.fields().filter(move |field| field.lifetime.contains(release));
        fields.filter_map(move |field| {
            let value = self.config.get(&field.name)?.as_str()?;
            let lifetime = field.lifetime_of_value(value)?;
            let refused = field.is_checked_in(release);
            let (field, value) = (field.name.clone(), value.to_owned());
            (!lifetime.contains(release)).then_some(Reason::UnknownValue { field, value, lifetime, refused })
        })
    }

    /// Fields that are left out, and that both a release and the one whose defaults are meant have.
    fn left_out(&self, release: Release) -> impl Iterator<Item = &'static Field> {
        let left_out = self.fields().filter(|field| self.config.get(&field.name).is_none());
        left_out.filter(move |field| [release, self.meant].into_iter().all(|release| field.lifetime.contains(release)))
    }

    /// Fields that are left out, and mean something else to a release.
    fn other_defaults(&self, release: Release) -> impl Iterator<Item = Reason> {
        self.left_out(release).filter_map(move |field| {
            let (there, meant) = (field.default_in(release).clone(), field.default_in(self.meant).clone());
            let refused = field.has_unusable_default_in(release);
            (refused || there != meant).then(|| Reason::OtherDefault {
                field: field.name.clone(),
                there,
                meant,
                refused,
            })
        })
    }

    /// Rules by which a release refuses the config, and what only older releases got wrong.
    fn broken_rules(&self, release: Release) -> Vec<Reason> {
        let Some(method) = self.method else { return Vec::new() };
        let defaults = method.defaults_in(release);
        let seen = method.seen_by(release, self.config);
        let fields = Fields::new(&seen, &defaults);
        let about_releases = method
            .rules_in(release)
            .filter(|rule| rule.problem.severity == Severity::Error || !method.lifetime_of(rule).contains(NEWEST));
        about_releases
            .filter(|rule| rule.is_broken_by(&fields))
            .map(|rule| Reason::BrokenRule {
                code: rule.code(),
                refused: rule.problem.severity == Severity::Error,
                message: rule.finding(&fields, None).message,
            })
            .collect()
    }
}

/// Whether two values are the same to Python: `8` and `8.0` are.
fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Number(one), Kind::Number(other)) => one.compare(other).is_some_and(std::cmp::Ordering::is_eq),
        _ => write_json(one) == write_json(other),
    }
}
