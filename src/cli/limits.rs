//! Options that raise the limits of what reading may cost.

use crate::{Limits, Raised, checkpoint::Budget};

/// Limits that were asked for.
#[derive(Debug, clap::Args)]
pub(super) struct LimitArgs {
    /// Raise or lower what reading may cost, such as document.depth=500 or checkpoint.header=200000000
    #[arg(long = "limit", value_name = "NAME=NUMBER")]
    raised: Vec<Raised>,
}

impl LimitArgs {
    /// What reading documents may cost.
    pub(super) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for Raised { limit, number } in &self.raised {
            limits.set(limit.name, *number);
        }
        limits
    }

    /// What reading checkpoints may cost.
    pub(super) fn budget(&self) -> Budget {
        let mut budget = Budget::default();
        for Raised { limit, number } in &self.raised {
            budget.set(limit.name, *number);
        }
        budget
    }
}
