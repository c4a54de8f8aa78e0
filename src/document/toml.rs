//! Stub until merged.
use super::{Limits, Node};
use crate::diagnostic::Diagnostic;
pub(super) fn read(_: &str, _: &Limits, _: &mut Vec<Diagnostic>) -> Option<Node> {
    None
}
