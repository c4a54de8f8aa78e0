//! The numbers that a field takes.

use crate::document::Number;
use serde_json::Value;
use std::cmp::Ordering;

/// The bounds of a number, named as in JSON Schema; without any, every number is taken.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Range {
    /// The smallest number that is taken.
    pub minimum: Option<Number>,
    /// A number that all taken ones are greater than.
    pub exclusive_minimum: Option<Number>,
    /// The largest number that is taken.
    pub maximum: Option<Number>,
    /// A number that all taken ones are less than.
    pub exclusive_maximum: Option<Number>,
}

/// The bounds of Rust's integers, which say nothing of a field.
const BOUNDS_OF_TYPES: [&str; 3] = ["-9223372036854775808", "4294967295", "9223372036854775807"];

impl Range {
    /// The bounds that a schema sets.
    pub(crate) fn of_schema(schema: &Value) -> Self {
        let bound = |keyword: &str| match schema.get(keyword) {
            Some(Value::Number(number)) => Some(Number::new(number.to_string())),
            _ => None,
        };
        Self {
            minimum: bound("minimum"),
            exclusive_minimum: bound("exclusiveMinimum"),
            maximum: bound("maximum"),
            exclusive_maximum: bound("exclusiveMaximum"),
        }
    }

    /// Whether a number is within the bounds; NaN never is.
    #[must_use]
    pub fn admits(&self, number: &Number) -> bool {
        let holds = |bound: &Option<Number>, wanted: fn(Ordering) -> bool| {
            bound.as_ref().is_none_or(|bound| number.compare(bound).is_some_and(wanted))
        };
        !number.as_f64().is_nan()
            && holds(&self.minimum, Ordering::is_ge)
            && holds(&self.exclusive_minimum, Ordering::is_gt)
            && holds(&self.maximum, Ordering::is_le)
            && holds(&self.exclusive_maximum, Ordering::is_lt)
    }

    /// The bounds after a noun: ` of at least 1`, ` from 0 to 1`, ` of at least 0 and less than 1`; nothing where there are none.
    pub(super) fn in_words(&self) -> String {
        let telling = |bound: &Option<Number>| {
            let bound = bound.as_ref()?.as_str();
            (!BOUNDS_OF_TYPES.contains(&bound)).then(|| bound.strip_suffix(".0").unwrap_or(bound).to_owned())
        };
        let (minimum, maximum) = (telling(&self.minimum), telling(&self.maximum));
        if let (Some(minimum), Some(maximum)) = (&minimum, &maximum) {
            return format!(" from {minimum} to {maximum}");
        }
        let parts = [
            minimum.map(|bound| format!("of at least {bound}")),
            telling(&self.exclusive_minimum).map(|bound| format!("greater than {bound}")),
            maximum.map(|bound| format!("of at most {bound}")),
            telling(&self.exclusive_maximum).map(|bound| format!("less than {bound}")),
        ];
        let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        if words.is_empty() { words } else { format!(" {words}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bounds_are_told_and_kept() {
        for (schema, words, inside, outside) in [
            (json!({"minimum": 1, "maximum": u32::MAX}), " of at least 1", "1", "0"),
            (json!({"minimum": i64::MIN}), "", "-5", "-9223372036854775809"),
            (json!({"minimum": 0.0, "maximum": 1.0}), " from 0 to 1", "1", "1.5"),
            (json!({"minimum": 0.0, "exclusiveMaximum": 1.0}), " of at least 0 and less than 1", "0.5", "1"),
            (json!({"exclusiveMinimum": 0}), " greater than 0", "1e-300", "-0.0"),
            (json!({}), "", "1e300", "NaN"),
        ] {
            let range = Range::of_schema(&schema);
            assert_eq!(range.in_words(), words, "{schema}");
            assert!(range.admits(&Number::new(inside)), "{schema} {inside}");
            assert!(!range.admits(&Number::new(outside)), "{schema} {outside}");
        }
    }
}
