//! The releases of PEFT.

use std::{fmt, num::ParseIntError, str::FromStr};

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

/// The newest release that the model knows, and the one that configs are checked against.
pub const NEWEST: Release = Release { major: 0, minor: 21, patch: 2 };

impl FromStr for Release {
    type Err = ParseIntError;

    /// Reads `0.21.2`; what stands behind the third number (`.dev0`, `rc1`) must not.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let mut parts = text.splitn(3, '.').map(str::parse);
        let mut next = || parts.next().unwrap_or_else(|| "".parse());
        Ok(Self { major: next()?, minor: next()?, patch: next()? })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_read_write_and_compare_by_number() {
        let release = |text: &str| text.parse::<Release>();
        assert_eq!(release("0.21.2"), Ok(NEWEST));
        assert!(release("0.9.0").unwrap() < release("0.10.0").unwrap());
        assert_eq!(format!("{NEWEST:>8}"), "  0.21.2");
        for broken in ["", "0.21", "0.21.2.dev0", "weird", "0.21.-1"] {
            assert!(release(broken).is_err(), "{broken}");
        }
    }
}
