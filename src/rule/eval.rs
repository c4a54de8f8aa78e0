//! What an expression means: the one evaluation that every other form of a rule is tested against.

use super::expr::{Expr, Operand};
use crate::document::{Member, Node, Number, Object};

/// The fields of a config as PEFT sees them: what is absent has its default.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    given: &'a Object,
    defaults: &'a Object,
}

impl<'a> Fields<'a> {
    /// A config and the defaults of its method.
    #[must_use]
    pub const fn new(given: &'a Object, defaults: &'a Object) -> Self {
        Self { given, defaults }
    }

    /// The value of a field or, as `field/key`, of a key inside one.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&'a Node> {
        let (field, key) = path.split_once('/').map_or((path, None), |(field, key)| (field, Some(key)));
        let value = self.given.get(field).or_else(|| self.defaults.get(field))?;
        match key {
            None => Some(value),
            Some(key) => value.as_object()?.get(key),
        }
    }

    /// The entry of a field or of a key inside one, if the config has it.
    #[must_use]
    pub fn member(&self, path: &str) -> Option<&'a Member> {
        match path.split_once('/') {
            None => self.given.member(path),
            Some((field, key)) => self.given.get(field)?.as_object()?.member(key),
        }
    }

    /// Whether a statement holds.
    #[must_use]
    pub fn holds(&self, expr: &Expr) -> bool {
        let text = |field| self.get(field).and_then(Node::as_str);
        match expr {
            Expr::Is(field, value) => text(field) == Some(value),
            Expr::IsOneOf(field, values) => text(field).is_some_and(|text| values.contains(&text)),
            Expr::IsNull(field) => self.get(field).is_none_or(Node::is_null),
            Expr::IsTruthy(field) => self.get(field).is_some_and(Node::is_truthy),
            Expr::HasKey(field, key) => {
                self.get(field).and_then(Node::as_object).is_some_and(|object| object.get(key).is_some())
            }
            Expr::EndsWith(field, ending) => text(field).is_some_and(|text| text.ends_with(ending)),
            Expr::EndsWithAnyCase(field, ending) => text(field).is_some_and(|text| ends_with_any_case(text, ending)),
            Expr::IsInPackage(field, packages) => text(field).is_some_and(|text| {
                let package = text.split('.').next().unwrap_or_default();
                packages.contains(&package)
            }),
            Expr::Compare(left, comparison, right) => self
                .number(left)
                .zip(self.number(right))
                .and_then(|(left, right)| left.compare(&right))
                .is_some_and(|order| comparison.admits(order)),
            Expr::Not(inner) => !self.holds(inner),
            Expr::All(parts) => parts.iter().all(|part| self.holds(part)),
            Expr::Any(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }

    fn number(&self, operand: &Operand) -> Option<Number> {
        match operand {
            Operand::Field(field) => self.get(field)?.as_number().cloned(),
            Operand::Integer(value) => Some(Number::from(*value)),
        }
    }
}

fn ends_with_any_case(text: &str, ending: &str) -> bool {
    let tail = text.len().checked_sub(ending.len()).and_then(|start| text.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}
