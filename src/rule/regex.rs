//! Whether Python's `re` takes a regular expression, as far as another engine and the documentation of `re` tell.

use fancy_regex::{CompileError, Error, ParseError, Regex};

/// What Python's `re` takes and the crate that judges for it does not, or takes for something else; a text with any of these that the
/// crate refuses is not judged.
const DIALECT: [&str; 7] = ["(?a", "(?L", "(?u", "(?#", "\\0", "\\N{", "\\b{"];

/// What combines sets to the crate, and not to Python.
const SET_OPERATIONS: [&str; 3] = ["--", "&&", "~~"];

/// The letters that mean something after a backslash to Python's `re`; `z` does since 3.14.
const ESCAPES: &str = "ABDSWZabdfnrstuvwxUNz";

/// Whether a text is a regular expression of Python's. In doubt it is one.
pub(super) fn is_regex(text: &str) -> bool {
    if has_unknown_escape(text) || has_unknown_group(text) || looks_behind_without_end(text) {
        return false;
    }
    match Regex::new(text) {
        Ok(_) => true,
        Err(error) => {
            let is_of_python = DIALECT.iter().any(|part| text.contains(part));
            is_of_python
                || is_own_limit(&error, text)
                || has_octal_escape(text)
                || has_nested_set(text)
                || has_number_in_set(text)
        }
    }
}

/// Whether the crate cannot, and Python perhaps can.
fn is_own_limit(error: &Error, text: &str) -> bool {
    match error {
        Error::ParseError(_, ParseError::RecursionExceeded) => true,
        // Python repeats looking around and an empty group, but neither nothing nor a start.
        Error::ParseError(_, ParseError::TargetNotRepeatable) => {
            ["(?=", "(?!", "(?<", "(?:)"].iter().any(|repeated| text.contains(repeated))
        }
        Error::ParseError(..) => false,
        Error::CompileError(problem) => match &**problem {
            CompileError::InnerError(problem) => problem.size_limit().is_some(),
            CompileError::PatternTooComplex
            | CompileError::FeatureNotYetSupported(_)
            | CompileError::VariableLookBehindRequiresFeature
            | CompileError::DfaBuildError(..)
            | CompileError::LookBehindNotConst
            | CompileError::NamedBackrefOnly => true,
            _ => false,
        },
        _ => true,
    }
}

/// The characters that follow a backslash of their own.
fn escaped_characters(text: &str) -> impl Iterator<Item = char> {
    let mut characters = text.chars();
    std::iter::from_fn(move || {
        characters.find(|character| *character == '\\')?;
        characters.next()
    })
}

/// `\p`, `\h`, `\e` and the like, which mean something to other engines: Python stops with `bad escape`.
fn has_unknown_escape(text: &str) -> bool {
    escaped_characters(text).any(|escaped| escaped.is_ascii_alphabetic() && !ESCAPES.contains(escaped))
}

/// Three octal digits, which are a character to Python and a group to the crate.
fn has_octal_escape(text: &str) -> bool {
    let is_octal = |rest: &str| rest.get(..3).is_some_and(|digits| digits.chars().all(|digit| digit.is_digit(8)));
    text.split('\\').skip(1).any(is_octal)
}

/// A set that has another in it, or an operation on sets, to the crate: to Python these are characters.
fn has_nested_set(text: &str) -> bool {
    let mut sets = text.split('[').skip(1).peekable();
    let has_operation = sets.peek().is_some() && SET_OPERATIONS.iter().any(|operation| text.contains(operation));
    let mut is_open = false;
    let is_nested = sets.any(|set| std::mem::replace(&mut is_open, !set.contains(']')));
    has_operation || is_nested
}

/// A digit after a backslash in a set, which is a character to Python and a group to the crate.
fn has_number_in_set(text: &str) -> bool {
    let is_number = |rest: &str| rest.starts_with(|digit: char| digit.is_ascii_digit());
    text.split_once('[').is_some_and(|(_, set)| set.split('\\').skip(1).any(is_number))
}

/// `(?<name>…)`, which Python writes `(?P<name>…)`. A bracket before it may open a set, in which it means nothing.
fn has_unknown_group(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("(?<") {
        if before.contains(['[', '\\']) {
            return false;
        }
        if after.starts_with(|start: char| start.is_ascii_alphabetic() || start == '_') {
            return true;
        }
        rest = after;
    }
    false
}

/// A plain look-behind of no fixed length: Python stops with `look-behind requires fixed-width pattern`.
fn looks_behind_without_end(text: &str) -> bool {
    let behind = ["(?<=", "(?<!"].into_iter().filter_map(|opening| text.split_once(opening));
    behind.filter(|(before, _)| !before.contains(['[', '\\'])).any(|(_, after)| {
        let inside = after.split(')').next().unwrap_or_default();
        inside.contains(['*', '+', '?']) && !inside.contains(['(', '[', '\\', '{'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts and what `re.compile` of Python 3.11 says of them.
    #[test]
    fn python_takes_these() {
        for text in [
            "",
            "q_proj",
            r".*\.q",
            "a{",
            "a{,3}",
            "[]a]",
            "[^]]",
            "[[a]",
            r"\101",
            r"[\0]",
            r"\N{DIGIT ONE}",
            r"\x41",
            r"\u0041",
            "(?P<n>a)(?P=n)",
            "(?i)a",
            "(?i:a)",
            "(?a)a",
            "(?#c)a",
            "(?<=ab)c",
            "(?<!a)c",
            r"(a)(?<=\1)b",
            "(?>a)",
            "a++",
            "(a)(?(1)b|c)",
            r"(\w{50}){50}",
            r"\w{2000}",
            r"[a\-b]",
            r"\.",
            r"\-",
            r"a\Z",
            r"\\p",
            "[+--]",
            r"(?<=a)+b",
            r"[\w[a-z]",
            "[a&&b]",
            "[(?<n>]",
            r"[\1]",
            "(?:)*",
            "--(?:)+#|",
            r"\b{-}",
        ] {
            assert!(is_regex(text), "{text}: {:?}", Regex::new(text).err());
        }
    }

    #[test]
    fn python_refuses_these() {
        for text in [
            "(",
            ")",
            "*",
            "a(",
            "[a",
            r"a\",
            r"\p{L}",
            r"\h",
            r"\e",
            r"\Ka",
            r"\G",
            r"\R",
            r"\X",
            "(?<n>a)",
            "(?<=a+)b",
            "(?<!a*)b",
            "[b-a]",
            "(--a",
            r"\\\p",
            "(?P<n>a)(?<m>b)",
        ] {
            assert!(!is_regex(text), "{text}");
        }
    }

    /// Judged by the release of Python that runs PEFT, which the config does not tell.
    #[test]
    fn in_doubt_it_is_one() {
        for text in [r"a\z", "a(?i)b"] {
            assert!(is_regex(text), "{text}");
        }
    }
}
