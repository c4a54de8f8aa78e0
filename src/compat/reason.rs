//! Why a release does not load a config as it is meant.

use crate::release::Lifetime;
use serde_json::Value;
use std::fmt;

/// What becomes of a config in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It loads, and means what it says.
    Loads,
    /// It loads without some keys that change nothing.
    DropsKeys,
    /// It loads, and means something else.
    LoadsWrongly,
    /// PEFT refuses it, or can build no model from it.
    Fails,
}

impl Verdict {
    /// The verdict in a word or two.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loads => "loads",
            Self::DropsKeys => "drops keys",
            Self::LoadsWrongly => "loads wrongly",
            Self::Fails => "fails",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that a release makes of a config.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// It does not have the method.
    NoMethod {
        /// The method's name.
        name: String,
        /// The releases that have it.
        lifetime: Lifetime,
    },
    /// It stops at keys that it does not know.
    KeysRefused {
        /// The keys.
        keys: Vec<String>,
    },
    /// It leaves out keys whose values change nothing: null, the default, or a stamp.
    KeysDropped {
        /// The keys.
        keys: Vec<String>,
    },
    /// It leaves out keys whose values matter.
    SettingsLost {
        /// The keys.
        keys: Vec<String>,
        /// Whether it does so without a warning.
        silently: bool,
    },
    /// Keys that it does not know make `PeftConfig.from_pretrained` forget all that the method's own keys say.
    MethodReset {
        /// The keys that it does not know.
        unknown: Vec<String>,
        /// The keys that it knows, and forgets.
        reset: Vec<String>,
    },
    /// It does not know a value.
    UnknownValue {
        /// The field.
        field: String,
        /// The value.
        value: String,
        /// The releases that know it.
        lifetime: Lifetime,
        /// Whether the release refuses it; otherwise it takes it for something else.
        refused: bool,
    },
    /// A field that is left out has another default there.
    OtherDefault {
        /// The field.
        field: String,
        /// The default there.
        there: Value,
        /// The default that the config means.
        meant: Value,
        /// Whether the release has no use for its own default: null where a value is needed.
        refused: bool,
    },
    /// A rule of the release is broken.
    BrokenRule {
        /// The rule's code, as `peftspec explain` knows it.
        code: &'static str,
        /// Whether the release refuses the config; otherwise it goes wrong without a word.
        refused: bool,
        /// What is wrong.
        message: String,
    },
}

impl Reason {
    /// What this alone makes of the config.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::NoMethod { .. }
            | Self::KeysRefused { .. }
            | Self::UnknownValue { refused: true, .. }
            | Self::OtherDefault { refused: true, .. }
            | Self::BrokenRule { refused: true, .. } => Verdict::Fails,
            Self::KeysDropped { .. } => Verdict::DropsKeys,
            Self::SettingsLost { .. }
            | Self::MethodReset { .. }
            | Self::UnknownValue { refused: false, .. }
            | Self::OtherDefault { refused: false, .. }
            | Self::BrokenRule { refused: false, .. } => Verdict::LoadsWrongly,
        }
    }

    /// The kind of reason, for programs; of a broken rule its code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoMethod { .. } => "no-method",
            Self::KeysRefused { .. } => "keys-refused",
            Self::KeysDropped { .. } => "keys-dropped",
            Self::SettingsLost { .. } => "settings-lost",
            Self::MethodReset { .. } => "method-reset",
            Self::UnknownValue { .. } => "unknown-value",
            Self::OtherDefault { .. } => "other-default",
            Self::BrokenRule { code, .. } => code,
        }
    }

    /// The keys of the config that it is about.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::NoMethod { .. } => vec!["peft_type"],
            Self::KeysRefused { keys } | Self::KeysDropped { keys } | Self::SettingsLost { keys, .. } => {
                keys.iter().map(String::as_str).collect()
            }
            Self::MethodReset { unknown, .. } => unknown.iter().map(String::as_str).collect(),
            Self::UnknownValue { field, .. } | Self::OtherDefault { field, .. } => vec![field],
            Self::BrokenRule { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMethod { name, lifetime } => match lifetime.until {
                None => write!(f, "{name} came with {}", lifetime.since),
                Some(_) => write!(f, "{name} is in PEFT {lifetime} only"),
            },
            Self::KeysRefused { keys } => write!(f, "stops with a TypeError at {}", listed(keys)),
            Self::KeysDropped { keys } => write!(f, "leaves out {}, which changes nothing", listed(keys)),
            Self::SettingsLost { keys, silently: true } => write!(f, "loses {} without a word", listed(keys)),
            Self::SettingsLost { keys, silently: false } => write!(f, "warns, and loses {}", listed(keys)),
            Self::MethodReset { unknown, reset } => write!(
                f,
                "PeftConfig.from_pretrained does not know {} and therefore forgets {}; PeftModel.from_pretrained does not",
                listed(unknown),
                listed(reset)
            ),
            Self::UnknownValue { field, value, lifetime, refused } => {
                let does = if *refused { "refuses" } else { "does not know" };
                write!(f, "{does} {value} for `{field}`, which is in PEFT {lifetime}")
            }
            Self::OtherDefault { field, there, refused: true, .. } => {
                write!(
                    f,
                    "stops with a TypeError: it takes {there} for `{field}`, which is left out, and needs a value"
                )
            }
            Self::OtherDefault { field, there, meant, refused: false } => {
                write!(f, "takes {there} for `{field}`, which is left out and means {meant}")
            }
            Self::BrokenRule { message, .. } => f.write_str(message),
        }
    }
}

/// Keys in a sentence; of many, the first and how many more.
fn listed(keys: &[String]) -> String {
    const MOST: usize = 6;
    let quoted = |keys: &[String]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    match keys.split_at_checked(MOST) {
        Some((shown, rest)) if rest.len() > 1 => format!("{} and {} more", quoted(shown), rest.len()),
        _ => match keys {
            [before @ .., last] if !before.is_empty() => format!("{} and `{last}`", quoted(before)),
            _ => quoted(keys),
        },
    }
}
