//! What messages have in common.

/// The first line of a text, cut where a message would get too long.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// A path, cut in the middle where a message would get too long: both ends tell more. Control characters are escaped.
pub(crate) fn shortened_path(path: &str) -> String {
    const LONGEST: usize = 80;
    const AT_EACH_END: usize = 38;
    let cut = path.chars().count().saturating_sub(LONGEST);
    let parts = (path.char_indices().nth(AT_EACH_END), path.char_indices().nth_back(AT_EACH_END.saturating_sub(1)));
    let shown = match parts {
        (Some((start, _)), Some((end, _))) if cut > 0 => {
            format!("{}…{}", path.get(..start).unwrap_or_default(), path.get(end..).unwrap_or_default())
        }
        _ => path.to_owned(),
    };
    let escaped = |character: char| {
        if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
    };
    shown.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_both_ends() {
        let long = format!("start/{}/end", "é/".repeat(100));
        let short = shortened_path(&long);
        assert_eq!(short.chars().count(), 77);
        assert!(short.starts_with("start/é/") && short.ends_with("/é//end"), "{short}");
        assert_eq!(shortened_path("a\0b"), "a\\u{0}b");
    }

    #[test]
    fn quoted_texts_are_short_and_on_one_line() {
        assert_eq!(shortened("a b"), "a b");
        assert_eq!(shortened("a\n"), "a");
        assert_eq!(shortened("a\r\nb"), "a…");
        assert_eq!(shortened(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
