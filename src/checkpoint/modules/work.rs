//! What matching names may cost: counted, not timed, so that every machine of the same word size comes to the same answer.

use crate::{
    diagnostic::{Diagnostic, MATCHING_OVER_BUDGET},
    limits::how_to_raise,
};
use std::cell::Cell;

/// What is left of the limit. A step takes about ten nanoseconds.
#[derive(Debug)]
pub(crate) struct Work {
    limit: u64,
    left: Cell<Option<u64>>,
}

impl Work {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, left: Cell::new(Some(limit)) }
    }

    /// Takes so many steps.
    ///
    /// # Errors
    /// There are not as many left, nor will there be any from then on.
    pub(super) fn spend(&self, steps: u64) -> Result<(), Unknown> {
        let left = self.left.get().and_then(|left| left.checked_sub(steps));
        self.left.set(left);
        left.map(|_| ()).ok_or(Unknown)
    }

    /// Whether something was not done, since there was not enough left for it.
    pub(super) fn is_used_up(&self) -> bool {
        self.left.get().is_none()
    }

    /// The finding that there was more to do.
    pub(crate) fn finding(&self) -> Option<Diagnostic> {
        let message =
            format!("matching the names of tensors with the config takes more than the limit of {} steps", self.limit);
        let note = "nothing is said of the modules and patterns that were not matched";
        let finding = || Diagnostic::new(&MATCHING_OVER_BUDGET, message);
        self.is_used_up().then(|| finding().note(note).note(how_to_raise("checkpoint.matching")))
    }

    /// How many steps were taken.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u64 {
        self.left.get().map_or(self.limit, |left| self.limit - left)
    }
}

/// A question without an answer: finding it out takes more than the limits allow, or a pattern that is not read here as Python does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unknown;

/// A length as a number of steps.
pub(super) fn steps(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
