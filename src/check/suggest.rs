//! Did you mean …?

/// How alike two words must be, from 0 to 1, before one is suggested for the other.
const ALIKE: f64 = 0.75;

/// The known word that an unknown one most likely stands for: another case or separator, a slip of the fingers, a prefix, or the last
/// parts of one word alone.
pub(crate) fn closest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time by the product of the lengths, and nobody mistypes a page.
    const LONGEST: usize = 100;
    if unknown.len() > LONGEST {
        return None;
    }
    let plain = |word: &str| word.trim().to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(unknown);
    let known: Vec<&str> = known.collect();
    let ends_with_it = |word: &&&str| !wanted.is_empty() && word.ends_with(&format!("_{}", unknown.trim()));
    if let ([only], false) =
        (known.iter().filter(ends_with_it).collect::<Vec<_>>().as_slice(), known.contains(&unknown))
    {
        return Some(only);
    }
    let scored = known.into_iter().map(|word| {
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
    fn a_word_without_its_first_part_is_seen_through_where_one_has_it() {
        let known = ["lora_alpha", "lora_dropout", "target_modules", "exclude_modules"];
        for (unknown, meant) in [("alpha", Some("lora_alpha")), ("dropout", Some("lora_dropout")), ("modules", None)] {
            assert_eq!(closest(unknown, known.into_iter()), meant, "{unknown}");
        }
    }

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
