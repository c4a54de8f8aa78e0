//! What a plain or tagged scalar means: the core schema of YAML 1.2.

use crate::document::{Kind, Number, numeral};

/// The scalar's text is a whole number with more digits than are converted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The meaning of a plain scalar without a tag.
pub(super) fn resolve(text: &str) -> Result<Kind, TooLong> {
    if is_null(text) {
        return Ok(Kind::Null);
    }
    if let Some(value) = boolean(text) {
        return Ok(Kind::Bool(value));
    }
    match number(text)? {
        Some(number) => Ok(number),
        None => Ok(Kind::String(text.to_owned())),
    }
}

/// The meaning of a scalar under a tag of the core schema, named by its last part; `None` when the two do not fit.
pub(super) fn resolve_as(tag: &str, text: &str) -> Result<Option<Kind>, TooLong> {
    Ok(match tag {
        "str" => Some(Kind::String(text.to_owned())),
        "null" => is_null(text).then_some(Kind::Null),
        "bool" => boolean(text).map(Kind::Bool),
        "int" => integer(text)?,
        "float" => float(text),
        _ => None,
    })
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Result<Option<Kind>, TooLong> {
    Ok(match integer(text)? {
        Some(integer) => Some(integer),
        None => float(text),
    })
}

fn integer(text: &str) -> Result<Option<Kind>, TooLong> {
    let (negative, digits, radix) = if let Some(digits) = text.strip_prefix("0x") {
        (false, digits, 16)
    } else if let Some(digits) = text.strip_prefix("0o") {
        (false, digits, 8)
    } else {
        let (negative, digits) = numeral::split_sign(text);
        (negative, digits, 10)
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Ok(None);
    }
    let spelling = numeral::whole(negative, digits, radix).ok_or(TooLong)?;
    Ok(Some(Kind::Number(Number::new(spelling))))
}

fn float(text: &str) -> Option<Kind> {
    let spelling = match text {
        ".nan" | ".NaN" | ".NAN" => "NaN".to_owned(),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => "Infinity".to_owned(),
        "-.inf" | "-.Inf" | "-.INF" => "-Infinity".to_owned(),
        _ => numeral::fractional(text)?,
    };
    Some(Kind::Number(Number::new(spelling)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &Kind) -> String {
        match kind {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(number) => number.as_str().to_owned(),
            Kind::String(text) => format!("{text:?}"),
            Kind::Array(_) | Kind::Object(_) => unreachable!(),
        }
    }

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        for (text, meaning) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", "\"nULL\""),
            ("True", "true"),
            ("tRUE", "\"tRUE\""),
            ("yes", "\"yes\""),
            ("0", "0"),
            ("-0", "0"),
            ("+12", "12"),
            ("017", "17"),
            ("0o17", "15"),
            ("-0o17", "\"-0o17\""),
            ("0x1F", "31"),
            ("0X1F", "\"0X1F\""),
            ("0x", "\"0x\""),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1_000", "\"1_000\""),
            ("-", "\"-\""),
            ("1e3", "1e3"),
            ("+.5", "0.5"),
            (".", "\".\""),
            ("-.INF", "-Infinity"),
            ("+.nan", "\"+.nan\""),
            ("inf", "\"inf\""),
            ("١٢", "\"١٢\""),
        ] {
            assert_eq!(shown(&resolve(text).unwrap()), meaning, "{text}");
        }
    }

    #[test]
    fn tags_demand_a_fitting_text() {
        for (tag, text, meaning) in [
            ("str", "8", Some("\"8\"")),
            ("int", "8", Some("8")),
            ("int", "8.0", None),
            ("int", "x", None),
            ("float", "8", Some("8.0")),
            ("float", ".inf", Some("Infinity")),
            ("float", "0x8", None),
            ("bool", "true", Some("true")),
            ("bool", "yes", None),
            ("null", "", Some("null")),
            ("null", "0", None),
            ("map", "", None),
        ] {
            let kind = resolve_as(tag, text).unwrap();
            assert_eq!(kind.as_ref().map(shown).as_deref(), meaning, "!!{tag} {text}");
        }
    }

    #[test]
    fn a_whole_number_too_long_to_convert_is_said_so() {
        assert_eq!(resolve(&format!("0x{}", "f".repeat(100_000))), Err(TooLong));
        assert!(resolve(&"9".repeat(100_000)).is_ok());
    }
}
