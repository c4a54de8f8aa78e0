//! Keeps findings of one kind to a number that a person would look at; a hostile file could hold a million.

use super::Diagnostic;
use std::collections::BTreeMap;

/// Counts findings by kind, and lets so many of each pass.
#[derive(Debug)]
pub(crate) struct Plenty {
    most: usize,
    counts: BTreeMap<&'static str, usize>,
}

impl Plenty {
    /// Lets `most` of each kind pass.
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, counts: BTreeMap::new() }
    }

    /// The finding, unless there are plenty of its kind already; the last one that passes says so.
    pub(crate) fn admit(&mut self, finding: Diagnostic) -> Option<Diagnostic> {
        let count = self.counts.entry(finding.code).or_default();
        *count = count.saturating_add(1);
        match (*count).cmp(&self.most) {
            std::cmp::Ordering::Less => Some(finding),
            std::cmp::Ordering::Equal => Some(finding.note("further findings of this kind are not listed")),
            std::cmp::Ordering::Greater => None,
        }
    }
}
