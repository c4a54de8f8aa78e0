//! A config whose method is known, as the later phases of a check look at it.

use crate::{document::Member, methods::Method, rule::Fields};
use std::collections::BTreeSet;

/// The fields of a config, and which of them are of no use.
#[derive(Clone, Copy)]
pub(super) struct KnownConfig<'a> {
    pub(super) method: &'static Method,
    pub(super) fields: &'a Fields<'a>,
    /// The fields whose value is of the wrong shape, which was reported.
    pub(super) wrong: &'a BTreeSet<String>,
}

impl<'a> KnownConfig<'a> {
    /// Whether nothing is wrong with a field's value itself.
    pub(super) fn is_sound(&self, field: &str) -> bool {
        !self.wrong.contains(field)
    }

    /// The place to show for what concerns a field that is not given.
    pub(super) fn anchor(&self) -> Option<&'a Member> {
        self.fields.member("peft_type")
    }
}
