//! Did you mean …?

/// How alike two words must be, from 0 to 1, before one is suggested for the other.
const ALIKE: f64 = 0.75;

/// The known word that an unknown one most likely stands for: another case or separator, a slip of the fingers, a prefix.
pub(crate) fn closest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time by the product of the lengths, and nobody mistypes a page.
    const LONGEST: usize = 100;
    if unknown.len() > LONGEST {
        return None;
    }
    let plain = |word: &str| word.trim().to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(unknown);
    let scored = known.map(|word| {
        let candidate = plain(word);
        let begins = wanted.len() >= 4 && (candidate.starts_with(&wanted) || wanted.ends_with(&candidate));
        let alike = strsim::normalized_damerau_levenshtein(&wanted, &candidate);
        (word, if begins { alike.max(ALIKE) } else { alike })
    });
    let best = scored.max_by(|(_, left), (_, right)| left.total_cmp(right));
    best.filter(|(_, alike)| *alike >= ALIKE).map(|(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_case_and_separators_are_seen_through() {
        let known = ["RANDOM", "TEXT", "EXACT_SOURCE_TASK", "AVERAGE_SOURCE_TASKS", "ONLY_SOURCE_SHARED"];
        for (unknown, meant) in [
            ("random", Some("RANDOM")),
            ("RANODM", Some("RANDOM")),
            ("exact-source-task", Some("EXACT_SOURCE_TASK")),
            ("AVERAGE", Some("AVERAGE_SOURCE_TASKS")),
            ("ONLY_SOURCE", Some("ONLY_SOURCE_SHARED")),
            ("MultitaskPromptTuningInit.RANDOM", Some("RANDOM")),
            (" RANDOM", Some("RANDOM")),
            ("XAVIER", None),
            ("", None),
        ] {
            assert_eq!(closest(unknown, known.into_iter()), meant, "{unknown}");
        }
    }
}
