//! What the adapter starts from.

use crate::methods::{union::union, wire_enum::wire_enum};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

wire_enum! {
    /// A named start.
    pub enum LoraInit {
        /// A from a normal distribution with deviation 1/r, B zero.
        Gaussian = "gaussian" since "0.7.0",
        /// From the directions in which the training data varies most; see `eva_config`.
        Eva = "eva" since "0.14.0",
        /// From an orthonormal decomposition of the weight, which is changed to make up for it.
        Olora = "olora" since "0.12.0",
        /// From the largest singular values of the weight, which is changed to make up for it.
        Pissa = "pissa" since "0.11.0",
        /// From a decomposition steered by sample data; see `corda_config`.
        Corda = "corda" since "0.15.0",
        /// To make up for the quantisation of the base model; see `loftq_config`.
        Loftq = "loftq" since "0.7.0",
        /// Orthogonal factors; needs an even rank.
        Orthogonal = "orthogonal" since "0.16.0",
        /// From the smallest singular values of the weight, with B kept as it starts.
        Mica = "mica" since "0.20.0",
        /// Along the first gradient; see `lora_ga_config`.
        LoraGA = "lora_ga" since "0.19.0",
    }
}

union! {
    /// What the adapter starts from.
    pub enum InitLoraWeights {
        /// True: A random, B zero, so that the untrained adapter changes nothing. False: both random, for tests.
        Switch(bool) as boolean,
        /// A named start.
        Named(LoraInitName) as string,
    }
}

/// A named start, or PiSSA with a number of iterations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoraInitName {
    /// One of the fixed names.
    Fixed(LoraInit),
    /// `pissa_niter_16`: the singular values are approximated in so many iterations, much faster than exactly.
    PissaNiter(u32),
}

/// What stands before the number of iterations.
const PISSA_NITER: &str = "pissa_niter_";

/// Names that PEFT reads in whatever case.
const ANY_CASE: [LoraInit; 3] = [LoraInit::Gaussian, LoraInit::Olora, LoraInit::Mica];

impl FromStr for LoraInitName {
    type Err = String;

    /// Reads a name as PEFT does: case counts, except for `gaussian`, `olora` and `mica`.
    fn from_str(name: &str) -> Result<Self, String> {
        let in_any_case = |init: &LoraInit| init.as_str().eq_ignore_ascii_case(name);
        if let Some(init) = LoraInit::from_wire(name).or_else(|| ANY_CASE.into_iter().find(in_any_case)) {
            return Ok(Self::Fixed(init));
        }
        let digits = name
            .strip_prefix(PISSA_NITER)
            .filter(|digits| (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
        let iterations = digits.and_then(|digits| digits.parse().ok());
        iterations.map(Self::PissaNiter).ok_or_else(|| format!("`{name}` is no way to start a LoRA adapter"))
    }
}

impl fmt::Display for LoraInitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(init) => init.fmt(f),
            Self::PissaNiter(iterations) => write!(f, "{PISSA_NITER}{iterations}"),
        }
    }
}

impl Serialize for LoraInitName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LoraInitName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for LoraInitName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LoraInitName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut alternatives = vec![LoraInit::json_schema(generator)];
        alternatives.extend(ANY_CASE.map(|init| {
            let name: String = init.as_str().chars().map(any_case).collect();
            let since = init.lifetime().since.to_string();
            json_schema!({"type": "string", "pattern": format!("^{name}$"), "x-peft-since": since})
        }));
        alternatives.push(json_schema!({
            "title": "pissa_niter_<number>",
            "description": "PiSSA with so many iterations, much faster than exactly.",
            "type": "string",
            "pattern": format!("^{PISSA_NITER}[0-9]{{1,9}}$"),
            "x-peft-since": "0.11.0",
        }));
        json_schema!({ "anyOf": alternatives })
    }
}

/// A pattern for a letter in either case.
fn any_case(letter: char) -> String {
    format!("[{letter}{}]", letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_peft_reads_them() {
        for (name, read) in [
            ("gaussian", Some("gaussian")),
            ("Gaussian", Some("gaussian")),
            ("MICA", Some("mica")),
            ("pissa", Some("pissa")),
            ("PiSSA", None),
            ("pissa_niter_16", Some("pissa_niter_16")),
            ("pissa_niter_", None),
            ("pissa_niter_-1", None),
            ("xavier", None),
        ] {
            let got = name.parse::<LoraInitName>().ok().map(|name| name.to_string());
            assert_eq!(got.as_deref(), read, "{name}");
        }
    }
}
