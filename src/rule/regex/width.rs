//! How many characters a part of a pattern matches: look-behind needs to know; after `SubPattern.getwidth` of CPython's `Lib/re/_parser.py`.

/// The fewest and the most characters that something matches. What is beyond counting is `u64::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Width {
    pub(super) const NOTHING: Self = Self { least: 0, most: 0 };
    pub(super) const CHARACTER: Self = Self { least: 1, most: 1 };

    /// Of one after the other.
    pub(super) const fn then(self, next: Self) -> Self {
        Self { least: self.least.saturating_add(next.least), most: self.most.saturating_add(next.most) }
    }

    /// Of one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// Of so many repeats, without end if there is no most.
    pub(super) fn repeated(self, least: u64, most: Option<u64>) -> Self {
        let most = match most {
            Some(most) => self.most.saturating_mul(most),
            None if self.most == 0 => 0,
            None => u64::MAX,
        };
        Self { least: self.least.saturating_mul(least), most }
    }
}
