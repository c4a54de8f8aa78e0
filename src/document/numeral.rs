//! Numbers of YAML and TOML, respelt the way JSON spells them.

/// Whole numbers in other bases are converted up to this many digits; Python stops reading at as many decimal ones.
const MOST_DIGITS: usize = 4300;

/// Decimal digits that one `u64` of a long number holds, and what they count up to.
const LIMB_DIGITS: usize = 18;
const LIMB: u128 = 1_000_000_000_000_000_000;

/// Spells a whole number of any length in decimal, without leading zeros; `None` when it is too long to convert.
///
/// `digits` are digits of `radix` and nothing else.
pub(super) fn whole(negative: bool, digits: &str, radix: u32) -> Option<String> {
    let digits = digits.trim_start_matches('0');
    let decimal = match radix {
        _ if digits.is_empty() => return Some("0".to_owned()),
        10 => digits.to_owned(),
        _ if digits.len() > MOST_DIGITS => return None,
        _ => match u128::from_str_radix(digits, radix) {
            Ok(value) => value.to_string(),
            Err(_) => long_decimal(digits, radix)?,
        },
    };
    Some(if negative { format!("-{decimal}") } else { decimal })
}

/// Spells `digits` of `radix` in decimal, by long multiplication.
fn long_decimal(digits: &str, radix: u32) -> Option<String> {
    // As many digits as surely fit a `u64`.
    let chunk_length = if radix == 2 { 63 } else { 15 };
    let mut limbs: Vec<u64> = Vec::new();
    for chunk in digits.as_bytes().chunks(chunk_length) {
        let mut carry = u128::from(u64::from_str_radix(str::from_utf8(chunk).ok()?, radix).ok()?);
        let factor = u128::from(radix).checked_pow(u32::try_from(chunk.len()).ok()?)?;
        for limb in &mut limbs {
            let value = u128::from(*limb).checked_mul(factor)?.checked_add(carry)?;
            *limb = u64::try_from(value % LIMB).ok()?;
            carry = value / LIMB;
        }
        while carry > 0 {
            limbs.push(u64::try_from(carry % LIMB).ok()?);
            carry /= LIMB;
        }
    }
    let spelt: Vec<String> = limbs.iter().rev().map(|limb| format!("{limb:0LIMB_DIGITS$}")).collect();
    Some(spelt.concat().trim_start_matches('0').to_owned())
}

/// Spells a decimal number with a fraction or an exponent as JSON does: `.5` as `0.5`, `+1.` as `1.0`, `1e3` as it is.
///
/// `None` when the text is no such number. A number with neither gets a fraction: `1` becomes `1.0`.
pub(super) fn fractional(text: &str) -> Option<String> {
    let (negative, unsigned) = split_sign(text);
    let (mantissa, exponent) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some_digits = |text: &str| !text.is_empty() && digits(text);
    let fraction_digits = fraction.unwrap_or_default();
    if !digits(whole) || !digits(fraction_digits) || (whole.is_empty() && fraction_digits.is_empty()) {
        return None;
    }
    if !exponent.is_empty() && !exponent.get(1..).is_some_and(|power| some_digits(split_sign(power).1)) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    Some(match fraction {
        None if !exponent.is_empty() => format!("{sign}{whole}{exponent}"),
        None | Some("") => format!("{sign}{whole}.0{exponent}"),
        Some(fraction) => format!("{sign}{whole}.{fraction}{exponent}"),
    })
}

/// Takes a sign off a number: whether it was a minus, and the rest.
pub(super) fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_in_every_base() {
        for (negative, digits, radix, spelling) in [
            (false, "0", 10, "0"),
            (true, "000", 10, "0"),
            (true, "0012", 10, "-12"),
            (
                false,
                "123456789012345678901234567890123456789012345",
                10,
                "123456789012345678901234567890123456789012345",
            ),
            (false, "fF", 16, "255"),
            (false, "17", 8, "15"),
            (false, "ffffffffffffffffffffffffffffffff", 16, "340282366920938463463374607431768211455"),
            (false, "100000000000000000000000000000000", 16, "340282366920938463463374607431768211456"),
            (true, "4000000000000000000000000000000000000000000", 8, "-340282366920938463463374607431768211456"),
        ] {
            assert_eq!(whole(negative, digits, radix).as_deref(), Some(spelling), "{digits} in base {radix}");
        }
        let power_of_two = format!("1{}", "0".repeat(200));
        let spelling = "1606938044258990275541962092341162602522202993782792835301376";
        assert_eq!(whole(false, &power_of_two, 2).as_deref(), Some(spelling));
    }

    #[test]
    fn a_number_too_long_to_convert_is_none() {
        assert!(whole(false, &"f".repeat(MOST_DIGITS), 16).is_some());
        assert_eq!(whole(false, &"f".repeat(MOST_DIGITS + 1), 16), None);
        assert!(whole(false, &"9".repeat(MOST_DIGITS + 1), 10).is_some());
    }

    #[test]
    fn fractional_numbers_are_spelt_as_in_json() {
        for (text, spelling) in [
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("+1.0", "1.0"),
            ("1", "1.0"),
            ("1e3", "1e3"),
            ("1.e3", "1.0e3"),
            ("1E+05", "1E+05"),
            ("-0.0", "-0.0"),
            ("007.50", "7.50"),
            ("00e1", "0e1"),
        ] {
            assert_eq!(fractional(text).as_deref(), Some(spelling), "{text}");
        }
        for text in ["", ".", "e3", ".e3", "1e", "1e+", "1.2.3", "1 ", "0x1", "--1", "1e1.5", "1é", "é", "1_0.5"] {
            assert_eq!(fractional(text), None, "{text}");
        }
    }
}
