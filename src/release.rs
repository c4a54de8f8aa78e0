//! The releases of PEFT: which there are, in what order, and what each does with a config that it does not fully know.

use std::{fmt, str::FromStr};

/// A release of PEFT, by its version number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

/// What a release does with keys of `adapter_config.json` that its config class does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum UnknownKeys {
    /// It leaves them out without a word. These releases also set the values of the file after the class has checked its own,
    /// so nothing is checked on loading.
    Ignored,
    /// It stops with a `TypeError`.
    Refused,
    /// It warns. `PeftConfig.from_pretrained` then resets every field that the method itself declares to its default;
    /// `PeftModel.from_pretrained` drops the unknown keys only.
    ResetMethod,
    /// It warns, and drops them.
    Dropped,
}

use UnknownKeys::{Dropped, Ignored, Refused, ResetMethod};

/// The releases that the model knows, oldest first, each with what it does with unknown keys (read from
/// `PeftConfigMixin.from_pretrained` of each, and run). Older ones than these are not told apart.
const TABLE: [(Release, UnknownKeys); 34] = [
    (Release::new(0, 3, 0), Ignored),
    (Release::new(0, 4, 0), Ignored),
    (Release::new(0, 5, 0), Ignored),
    (Release::new(0, 6, 0), Refused),
    (Release::new(0, 6, 1), Refused),
    (Release::new(0, 6, 2), Refused),
    (Release::new(0, 7, 0), Refused),
    (Release::new(0, 7, 1), Refused),
    (Release::new(0, 8, 0), Refused),
    (Release::new(0, 8, 1), Refused),
    (Release::new(0, 8, 2), Refused),
    (Release::new(0, 9, 0), Refused),
    (Release::new(0, 10, 0), Refused),
    (Release::new(0, 11, 0), Refused),
    (Release::new(0, 11, 1), Refused),
    (Release::new(0, 12, 0), Refused),
    (Release::new(0, 13, 0), Refused),
    (Release::new(0, 13, 1), Refused),
    (Release::new(0, 13, 2), Refused),
    (Release::new(0, 14, 0), ResetMethod),
    (Release::new(0, 15, 0), Dropped),
    (Release::new(0, 15, 1), Dropped),
    (Release::new(0, 15, 2), Dropped),
    (Release::new(0, 16, 0), Dropped),
    (Release::new(0, 17, 0), Dropped),
    (Release::new(0, 17, 1), Dropped),
    (Release::new(0, 18, 0), Dropped),
    (Release::new(0, 18, 1), Dropped),
    (Release::new(0, 19, 0), Dropped),
    (Release::new(0, 19, 1), Dropped),
    (Release::new(0, 20, 0), Dropped),
    (Release::new(0, 21, 0), Dropped),
    (Release::new(0, 21, 1), Dropped),
    (Release::new(0, 21, 2), Dropped),
];

/// The newest release that the model knows, and the one that configs are checked against.
pub const NEWEST: Release = {
    let [.., (newest, _)] = TABLE;
    newest
};

/// What is only meant for the running program. No class writes it; from this release on the loader takes it out, with a warning
/// of its own, before it looks for keys that it does not know.
pub(crate) const RUNTIME_CONFIG: &str = "runtime_config";
const RUNTIME_CONFIG_DROPPED_SINCE: Release = Release::new(0, 12, 0);

impl Release {
    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Reads a literal such as `0.21.2` where a mistake in it is a build error.
    pub(crate) const fn literal(text: &str) -> Self {
        let mut rest = text.as_bytes();
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        while let [byte, behind @ ..] = rest {
            match byte {
                b'.' => (major, minor, patch) = (minor, patch, 0),
                b'0'..=b'9' => patch = patch * 10 + (*byte - b'0') as u16,
                #[expect(clippy::panic, reason = "a broken literal is a build error")]
                _ => panic!("a release is written with digits and dots"),
            }
            rest = behind;
        }
        Self { major, minor, patch }
    }

    /// The releases that the model knows, oldest first.
    #[must_use]
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        TABLE.iter().map(|(release, _)| *release)
    }

    /// What this release does with keys that it does not know; of a version that is not in the table, what the one before does.
    #[must_use]
    pub fn unknown_keys(self) -> UnknownKeys {
        TABLE.iter().rev().find(|(release, _)| *release <= self).map_or(Ignored, |(_, unknown_keys)| *unknown_keys)
    }

    /// What this release does with one key that its config class does not have.
    #[must_use]
    pub fn unknown_key(self, key: &str) -> UnknownKeys {
        if key == RUNTIME_CONFIG && self >= RUNTIME_CONFIG_DROPPED_SINCE { Dropped } else { self.unknown_keys() }
    }

    /// The release that a config's own `peft_version` names; what stands behind the numbers (`.dev0@1a2b3c`, `rc1`) is left out,
    /// so that a development version counts as the release that it became.
    #[must_use]
    pub fn of_peft_version(text: &str) -> Option<Self> {
        let is_number = |c: char| c.is_ascii_digit();
        let mut numbers = Vec::new();
        let mut rest = text.trim();
        while numbers.len() < 3 {
            let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
            let (digits, behind) = rest.split_at(end);
            if digits.is_empty() {
                break;
            }
            numbers.push(digits.parse().ok()?);
            match behind.strip_prefix('.') {
                Some(next) => rest = next,
                None => break,
            }
        }
        match *numbers.as_slice() {
            [major, minor, patch] => Some(Self { major, minor, patch }),
            [major, minor] => Some(Self { major, minor, patch: 0 }),
            _ => None,
        }
    }
}

/// A text that names no release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a version such as {NEWEST} or 0.9")]
pub struct NoVersion;

impl FromStr for Release {
    type Err = NoVersion;

    /// Reads `0.21.2`, and `0.9` for `0.9.0`; nothing may stand behind the numbers.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let numbers: Vec<u16> = text.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| NoVersion)?;
        match *numbers.as_slice() {
            [major, minor, patch] => Ok(Self { major, minor, patch }),
            [major, minor] => Ok(Self { major, minor, patch: 0 }),
            _ => Err(NoVersion),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

/// The releases that have something: from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime {
    /// The first release that has it.
    pub since: Release,
    /// The last release that has it; `None` where the newest still does.
    pub until: Option<Release>,
}

impl Lifetime {
    /// From the first release that the model tells apart on.
    pub const ALWAYS: Self = Self::since(Release::new(0, 0, 0));

    /// From a release on, to this day.
    #[must_use]
    pub const fn since(release: Release) -> Self {
        Self { since: release, until: None }
    }

    /// Whether a release has it.
    #[must_use]
    pub fn contains(self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|last| release <= last)
    }

    /// The releases that have both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let until = match (self.until, other.until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { since: self.since.max(other.since), until }
    }

    /// What is to be said of it to a release that lacks it: `came with PEFT 0.18.0`, `was last in PEFT 0.14.0`.
    #[must_use]
    pub fn why_not(self, release: Release) -> String {
        match self.until {
            Some(last) if last < release => format!("was last in PEFT {last}"),
            _ => format!("came with PEFT {}", self.since),
        }
    }
}

/// A [`Lifetime`] as declarations write it: `"0.7.0"`, `"0.7.0" until "0.14.0"`.
macro_rules! lifetime {
    ($since:literal) => {
        $crate::release::Lifetime::since($crate::release::Release::literal($since))
    };
    ($since:literal until $until:literal) => {
        $crate::release::Lifetime {
            since: $crate::release::Release::literal($since),
            until: Some($crate::release::Release::literal($until)),
        }
    };
}
pub(crate) use lifetime;

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            None => write!(f, "since {}", self.since),
            Some(last) if last == self.since => write!(f, "in {last} only"),
            Some(last) => write!(f, "{} to {last}", self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().unwrap()
    }

    #[test]
    fn releases_read_write_and_compare_by_number() {
        assert_eq!(release("0.21.2"), NEWEST);
        assert_eq!(release("0.9"), Release::new(0, 9, 0));
        assert!(release("0.9.0") < release("0.10.0"));
        assert_eq!(Release::literal("0.10.2"), release("0.10.2"));
        assert_eq!(format!("{NEWEST:>8}"), "  0.21.2");
        for broken in ["", "0", "0.21.2.1", "0.21.2.dev0", "weird", "0.21.-1", "0..1"] {
            assert_eq!(broken.parse::<Release>(), Err(NoVersion), "{broken}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_told_in_full() {
        let all: Vec<Release> = Release::all().collect();
        assert!(all.is_sorted() && all.last() == Some(&NEWEST));
        assert!(TABLE.iter().all(|(release, unknown_keys)| release.unknown_keys() == *unknown_keys));
        assert_eq!(release("0.13.5").unknown_keys(), Refused);
        assert_eq!(release("0.1.0").unknown_keys(), Ignored);
        assert_eq!(release("1.0.0").unknown_keys(), Dropped);
        assert_eq!(["0.11.1", "0.12.0"].map(|text| release(text).unknown_key("runtime_config")), [Refused, Dropped]);
        let last_ignoring = all.iter().rev().find(|release| release.unknown_keys() == Ignored);
        assert_eq!(last_ignoring, Some(&release("0.5.0")));
    }

    #[test]
    fn the_release_that_wrote_a_config_is_recognised() {
        let of = Release::of_peft_version;
        for text in ["0.18.0", "0.18.0.dev0@1a2b3c", "0.18.0.dev0@UNKNOWN", "0.18", " 0.18.0rc1", "0.18.0+cu"] {
            assert_eq!(of(text), Some(release("0.18.0")), "{text}");
        }
        for text in ["", "0", "dev", "v0.18.0", ".18.0", "0.99999.0"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn lifetimes_know_their_ends() {
        let gone = Lifetime { since: release("0.7.0"), until: Some(release("0.14.0")) };
        let has = |lifetime: Lifetime, text: &str| lifetime.contains(release(text));
        assert!(has(gone, "0.7.0") && has(gone, "0.14.0") && !has(gone, "0.6.2") && !has(gone, "0.15.0"));
        assert!(Lifetime::ALWAYS.contains(NEWEST));
        assert_eq!(gone.and(Lifetime::since(release("0.9.0"))).to_string(), "0.9.0 to 0.14.0");
        assert_eq!(gone.why_not(release("0.6.0")), "came with PEFT 0.7.0");
        assert_eq!(gone.why_not(NEWEST), "was last in PEFT 0.14.0");
    }
}
