//! The known word that a misspelt one was probably meant to be.

/// In characters. Longer text is no misspelt word, and comparing it would take long.
const LONGEST: usize = 64;

/// The known word that is nearest to the written one. Up to a third of the known word may differ, whatever the case.
pub fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    if length > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for word in known {
        let word_length = word.chars().count();
        let allowed = (word_length / 3).max(1);
        // The difference in length is a lower bound, and cheaper.
        if word_length.abs_diff(length) > allowed {
            continue;
        }
        let candidate = (distance(&lower, word), word);
        if candidate.0 <= allowed && best.is_none_or(|best| candidate < best) {
            best = Some(candidate);
        }
    }
    best.map(|(_, word)| word)
}

/// The known MIS value that was probably meant: one whose zeros at the front were left out or added, as spreadsheets do it, or
/// else the nearest.
pub fn nearest_key<'w>(
    written: &str,
    known: impl Iterator<Item = &'w str> + Clone,
) -> Option<&'w str> {
    let without_zeros = written.trim_start_matches('0');
    let same = known.clone().filter(|key| {
        key.trim_start_matches('0')
            .eq_ignore_ascii_case(without_zeros)
    });
    same.min().or_else(|| nearest(written, known))
}

/// How many letters differ, whatever the case; two that changed places count once.
pub fn distance(written: &str, known: &str) -> usize {
    strsim::damerau_levenshtein(&written.to_lowercase(), &known.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_key};

    #[test]
    fn a_third_of_a_word_may_differ() {
        let known = ["firstName", "dob", "role"];
        let nearest = |written| nearest(written, known.into_iter());
        assert_eq!(nearest("frstname"), Some("firstName"));
        assert_eq!(nearest("dobb"), Some("dob"));
        assert_eq!(nearest("surname"), None);
        assert_eq!(nearest(&"x".repeat(100)), None);
    }

    #[test]
    fn zeros_at_the_front_of_a_key_are_easily_lost() {
        let known = ["00702", "000000a9", "L-7"];
        let nearest = |written| nearest_key(written, known.into_iter());
        assert_eq!(nearest("702"), Some("00702"));
        assert_eq!(nearest("A9"), Some("000000a9"));
        assert_eq!(nearest("00L-7"), Some("L-7"));
        assert_eq!(nearest("l-8"), Some("L-7"));
        assert_eq!(nearest("900"), None);
    }
}
