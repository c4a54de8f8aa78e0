//! What PyYAML's `safe_load` makes of a plain scalar: YAML 1.1 by the regular expressions of its `resolver.py`.

use crate::document::{Kind, numeral};
use std::fmt;

/// A plain scalar as PyYAML reads it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    Null,
    Bool(bool),
    /// A whole number in decimal, or none where it is too long to say.
    Int(Option<String>),
    Float(f64),
    /// A `datetime.date` or `datetime.datetime`.
    Date,
    String,
    /// `safe_load` raises an exception.
    Refused,
}

impl Reading {
    /// Whether this is the same value as `kind`, which YAML 1.2 reads.
    pub(super) fn agrees_with(&self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::Null, Kind::Null) | (Self::String, Kind::String(_)) => true,
            (Self::Bool(theirs), Kind::Bool(ours)) => theirs == ours,
            (Self::Int(theirs), Kind::Number(ours)) => ours.is_integer() && theirs.as_deref() == Some(ours.as_str()),
            (Self::Float(theirs), Kind::Number(ours)) => !ours.is_integer() && theirs.total_cmp(&ours.as_f64()).is_eq(),
            _ => false,
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "the boolean {value}"),
            Self::Int(Some(spelling)) if spelling.len() <= 40 => write!(f, "the number {spelling}"),
            Self::Int(_) => f.write_str("a very long number"),
            Self::Float(value) => write!(f, "the number {}", shown(*value)),
            Self::Date => f.write_str("a date"),
            Self::String => f.write_str("a string"),
            Self::Refused => f.write_str("an error"),
        }
    }
}

/// A double without a row of zeros, and with a point or exponent that shows it is one.
pub(super) fn shown(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size.is_finite() && !(1e-6..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

/// Reads a plain scalar without a tag.
pub(super) fn read(text: &str) -> Reading {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Reading::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Reading::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Reading::Bool(false),
        // Their tags, `merge` and `value`, have no constructor of their own.
        "<<" | "=" => Reading::Refused,
        ".nan" | ".NaN" | ".NAN" => Reading::Float(f64::NAN),
        _ => float(text).or_else(|| integer(text)).or_else(|| timestamp(text)).unwrap_or(Reading::String),
    }
}

/// The rest of a text, eaten from the front.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn eat(&mut self, expected: &str) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take_while(&mut self, wanted: fn(u8) -> bool) -> &'a str {
        let length = self.0.bytes().take_while(|&byte| wanted(byte)).count();
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }

    /// A number written with `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(length).filter(|_| length >= least)?;
        self.0 = rest;
        digits.parse().ok()
    }

    /// `(:[0-5]?[0-9])+`: how many parts there are, if any.
    fn sixties(&mut self) -> usize {
        let mut parts = 0;
        loop {
            let mut part = *self;
            let digits = if part.eat(":") { part.take_while(|byte| byte.is_ascii_digit()) } else { "" };
            match digits.as_bytes() {
                [_] | [b'0'..=b'5', _] => parts += 1,
                _ => return parts,
            }
            *self = part;
        }
    }

    fn is_done(self) -> bool {
        self.0.is_empty()
    }
}

fn is_digit_or_underscore(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

fn float(text: &str) -> Option<Reading> {
    let (negative, unsigned) = numeral::split_sign(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Reading::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    let mut rest = Rest(unsigned);
    let whole = rest.take_while(is_digit_or_underscore);
    let is_sexagesimal = !whole.is_empty() && rest.sixties() > 0;
    if whole.starts_with('_') || !rest.eat(".") {
        return None;
    }
    let fraction = rest.take_while(is_digit_or_underscore);
    // Without digits before the point there must be one behind it, and no sign.
    if whole.is_empty() && (text != unsigned || !fraction.starts_with(|digit: char| digit.is_ascii_digit())) {
        return None;
    }
    if !is_sexagesimal && (rest.eat("e") || rest.eat("E")) {
        let has_sign = rest.eat("+") || rest.eat("-");
        if !has_sign || rest.take_while(|byte| byte.is_ascii_digit()).is_empty() {
            return None;
        }
    }
    rest.is_done().then(|| {
        let value = unsigned.replace('_', "").split(':').fold(0.0, |sum, part| sum * 60.0 + double(part));
        Reading::Float(if negative { -value } else { value })
    })
}

fn double(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

fn integer(text: &str) -> Option<Reading> {
    let (negative, unsigned) = numeral::split_sign(text);
    let in_radix = |prefix: &str, radix: u32| {
        let digits = unsigned.strip_prefix(prefix)?;
        let fits = digits.chars().all(|digit| digit == '_' || digit.is_digit(radix));
        (fits && !digits.is_empty()).then(|| digits.replace('_', "")).map(|digits| (digits, radix))
    };
    let octal =
        || in_radix("0", 8).map(|(digits, radix)| (if digits.is_empty() { "0".to_owned() } else { digits }, radix));
    if let Some((digits, radix)) = in_radix("0b", 2).or_else(|| in_radix("0x", 16)).or_else(octal) {
        // Python's `int("", 2)` raises.
        let is_empty = digits.is_empty();
        return Some(if is_empty { Reading::Refused } else { Reading::Int(numeral::whole(negative, &digits, radix)) });
    }
    let mut rest = Rest(unsigned);
    let digits = rest.take_while(is_digit_or_underscore);
    if unsigned != "0" && !digits.starts_with(|digit| matches!(digit, '1'..='9')) {
        return None;
    }
    let is_sexagesimal = rest.sixties() > 0;
    rest.is_done().then(|| {
        let digits = unsigned.replace('_', "");
        Reading::Int(if is_sexagesimal {
            sexagesimal(negative, &digits)
        } else {
            numeral::whole(negative, &digits, 10)
        })
    })
}

fn sexagesimal(negative: bool, text: &str) -> Option<String> {
    let value = text.split(':').try_fold(0_u128, |sum, part| {
        part.parse::<u128>().ok().and_then(|part| sum.checked_mul(60)?.checked_add(part))
    })?;
    numeral::whole(negative, &value.to_string(), 10)
}

/// A date, or a date and time; one that no calendar has is refused.
fn timestamp(text: &str) -> Option<Reading> {
    let mut rest = Rest(text);
    let year = rest.digits(4, 4)?;
    let month = rest.eat("-").then(|| rest.digits(1, 2))??;
    let day = rest.eat("-").then(|| rest.digits(1, 2))??;
    let is_real_day = year > 0 && (1..=days_of(year, month)).contains(&day);
    if rest.is_done() {
        let is_full_length = text.len() == "2026-01-01".len();
        return is_full_length.then_some(if is_real_day { Reading::Date } else { Reading::Refused });
    }
    let has_separator = rest.eat("T") || rest.eat("t") || !rest.take_while(is_blank).is_empty();
    let hour = has_separator.then(|| rest.digits(1, 2))??;
    let minute = rest.eat(":").then(|| rest.digits(2, 2))??;
    let second = rest.eat(":").then(|| rest.digits(2, 2))??;
    if rest.eat(".") {
        rest.take_while(|byte| byte.is_ascii_digit());
    }
    let is_real_offset = time_zone(&mut rest)?;
    let is_real = is_real_day && hour < 24 && minute < 60 && second < 60 && is_real_offset;
    Some(if is_real { Reading::Date } else { Reading::Refused })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The end of a timestamp; `Some(false)` for an offset of a day or more, which Python refuses.
fn time_zone(rest: &mut Rest<'_>) -> Option<bool> {
    if rest.is_done() {
        return Some(true);
    }
    rest.take_while(is_blank);
    if rest.eat("Z") {
        return rest.is_done().then_some(true);
    }
    let hours = (rest.eat("+") || rest.eat("-")).then(|| rest.digits(1, 2))??;
    let minutes = if rest.eat(":") { rest.digits(2, 2)? } else { 0 };
    rest.is_done().then_some(hours * 60 + minutes < 24 * 60)
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml::core;

    fn theirs(text: &str) -> String {
        match read(text) {
            Reading::Null => "null".to_owned(),
            Reading::Bool(value) => value.to_string(),
            Reading::Int(spelling) => spelling.unwrap(),
            Reading::Float(value) => format!("{value:?}"),
            Reading::Date => "date".to_owned(),
            Reading::String => "string".to_owned(),
            Reading::Refused => "refused".to_owned(),
        }
    }

    fn ours(text: &str) -> String {
        match core::resolve(text).unwrap() {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(number) => number.as_str().to_owned(),
            Kind::String(_) => "string".to_owned(),
            Kind::Array(_) | Kind::Object(_) => unreachable!(),
        }
    }

    /// A scalar, what YAML 1.2 makes of it, and what PyYAML 6.0.3 makes of it: the last column was printed by PyYAML.
    #[rustfmt::skip]
    const SCALARS: &[(&str, &str, &str)] = &[
        ("yes", "string", "true"),
        ("no", "string", "false"),
        ("No", "string", "false"),
        ("on", "string", "true"),
        ("off", "string", "false"),
        ("y", "string", "string"),
        ("n", "string", "string"),
        ("true", "true", "true"),
        ("True", "true", "true"),
        ("false", "false", "false"),
        ("null", "null", "null"),
        ("Null", "null", "null"),
        ("~", "null", "null"),
        ("0", "0", "0"),
        ("-0", "0", "0"),
        ("+0", "0", "0"),
        ("00", "0", "0"),
        ("7", "7", "7"),
        ("-7", "-7", "-7"),
        ("+7", "7", "7"),
        ("007", "7", "7"),
        ("017", "17", "15"),
        ("08", "8", "string"),
        ("0o17", "15", "string"),
        ("0O17", "string", "string"),
        ("0x1F", "31", "31"),
        ("-0x1F", "string", "-31"),
        ("+0x1F", "string", "31"),
        ("0X1F", "string", "string"),
        ("0b11", "string", "3"),
        ("-0b11", "string", "-3"),
        ("0b", "string", "string"),
        ("0b_", "string", "refused"),
        ("0x_", "string", "refused"),
        ("0_", "string", "0"),
        ("0_7", "string", "7"),
        ("1_000", "string", "1000"),
        ("1__0", "string", "10"),
        ("_1", "string", "string"),
        ("1_", "string", "1"),
        ("0xAB_CD", "string", "43981"),
        ("12345678901234567890123", "12345678901234567890123", "12345678901234567890123"),
        ("1:30", "string", "90"),
        ("-1:30", "string", "-90"),
        ("1:60", "string", "string"),
        ("1:5", "string", "65"),
        ("01:30", "string", "string"),
        ("0:30", "string", "string"),
        ("190:20:30", "string", "685230"),
        ("1:30.5", "string", "90.5"),
        ("1e3", "1e3", "string"),
        ("1e-4", "1e-4", "string"),
        ("1E3", "1E3", "string"),
        ("1e+3", "1e+3", "string"),
        ("1.e3", "1.0e3", "string"),
        ("1.0e3", "1.0e3", "string"),
        ("1.0e+3", "1.0e+3", "1000.0"),
        ("1.5e-05", "1.5e-05", "1.5e-5"),
        ("1.5E+05", "1.5E+05", "150000.0"),
        ("1e5.0", "string", "string"),
        (".5", "0.5", "0.5"),
        ("-.5", "-0.5", "string"),
        ("+.5", "0.5", "string"),
        (".5e3", "0.5e3", "string"),
        (".5e+3", "0.5e+3", "500.0"),
        ("._5", "string", "string"),
        (".5_0", "string", "0.5"),
        ("1.", "1.0", "1.0"),
        ("1.0", "1.0", "1.0"),
        ("-1.5", "-1.5", "-1.5"),
        ("+1.5", "1.5", "1.5"),
        ("01.5", "1.5", "1.5"),
        ("09.5", "9.5", "9.5"),
        ("1_0.5", "string", "10.5"),
        ("1.5_5", "string", "1.55"),
        ("1_.e+1", "string", "10.0"),
        (".", "string", "string"),
        (".inf", "Infinity", "inf"),
        ("-.inf", "-Infinity", "-inf"),
        (".Inf", "Infinity", "inf"),
        (".iNF", "string", "string"),
        (".nan", "NaN", "NaN"),
        (".NaN", "NaN", "NaN"),
        ("+.nan", "string", "string"),
        ("nan", "string", "string"),
        ("2026-01-31", "string", "date"),
        ("2026-1-31", "string", "string"),
        ("2026-02-30", "string", "refused"),
        ("2024-02-29", "string", "date"),
        ("2023-02-29", "string", "refused"),
        ("2026-01-31T10:20:30", "string", "date"),
        ("2026-01-31t1:20:30Z", "string", "date"),
        ("2026-01-31T10:20:30.25+01:00", "string", "date"),
        ("2026-01-31T10:20:60", "string", "refused"),
        ("2026-01-31T10:20:30+24", "string", "refused"),
        ("2026-1-1T1:2:3", "string", "string"),
        ("<<", "string", "refused"),
        ("=", "string", "refused"),
        ("==", "string", "string"),
        ("q_proj", "string", "string"),
        ("1e", "string", "string"),
        ("0.1f", "string", "string"),
        ("٣", "string", "string"),
        ("2026-01-31 10:20:30", "string", "date"),
        ("2026-01-31 10:20:30 -5", "string", "date"),
        ("2026-01-31 10:20", "string", "string"),
        ("2026-01-31 10:20:30 Z", "string", "date"),
    ];

    #[test]
    fn scalars_are_read_as_pyyaml_reads_them() {
        for &(scalar, in_yaml_1_2, in_pyyaml) in SCALARS {
            assert_eq!((ours(scalar).as_str(), theirs(scalar).as_str()), (in_yaml_1_2, in_pyyaml), "{scalar}");
        }
    }

    #[test]
    fn readings_agree_where_they_name_the_same_value() {
        for &(scalar, in_yaml_1_2, in_pyyaml) in SCALARS {
            let is_same = match (in_yaml_1_2.parse::<f64>(), in_pyyaml.parse::<f64>()) {
                (Ok(one), Ok(other)) => one.total_cmp(&other).is_eq(),
                _ => in_yaml_1_2 == in_pyyaml,
            };
            assert_eq!(read(scalar).agrees_with(&core::resolve(scalar).unwrap()), is_same, "{scalar}");
        }
    }

    #[test]
    fn long_scalars_take_no_longer_than_their_length() {
        for scalar in
            ["1:".repeat(100_000) + "1", "1_".repeat(100_000), "1".repeat(100_000) + "e1", "9".repeat(100_000)]
        {
            read(&scalar);
        }
        assert_eq!(read(&("0b".to_owned() + &"1".repeat(100_000))), Reading::Int(None));
    }
}
