//! A number that is a whole one to most people and may have a fraction.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};
use std::{borrow::Cow, fmt};

/// A number that keeps its spelling: `16` and `16.0` are written back as they were.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(untagged)]
pub enum IntegerOrFloat {
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, or a whole one beyond 64 bits.
    Float(f64),
}

impl From<i64> for IntegerOrFloat {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for IntegerOrFloat {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<'de> Deserialize<'de> for IntegerOrFloat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes the number as it is spelt.
        struct AsSpelt;

        #[expect(clippy::cast_precision_loss, reason = "what is beyond 64 bits is rounded, as PEFT's arithmetic does")]
        impl Visitor<'_> for AsSpelt {
            type Value = IntegerOrFloat;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<IntegerOrFloat, E> {
                Ok(IntegerOrFloat::Integer(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<IntegerOrFloat, E> {
                Ok(i64::try_from(value).map_or(IntegerOrFloat::Float(value as f64), IntegerOrFloat::Integer))
            }

            fn visit_i128<E: Error>(self, value: i128) -> Result<IntegerOrFloat, E> {
                Ok(IntegerOrFloat::Float(value as f64))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<IntegerOrFloat, E> {
                Ok(IntegerOrFloat::Float(value))
            }
        }

        deserializer.deserialize_any(AsSpelt)
    }
}

impl JsonSchema for IntegerOrFloat {
    fn schema_name() -> Cow<'static, str> {
        "IntegerOrFloat".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_is_kept() {
        for text in ["16", "16.0", "-3", "0.5"] {
            let number: IntegerOrFloat = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), text);
        }
        assert_eq!(
            serde_json::from_str::<IntegerOrFloat>("18446744073709551615").unwrap(),
            18_446_744_073_709_551_615.0.into()
        );
        assert!(serde_json::from_str::<IntegerOrFloat>("\"16\"").is_err());
    }
}
