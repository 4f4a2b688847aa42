//! What was probably meant: the nearest of the known words.

/// The longest word for which a suggestion is looked for, in characters.
const LONGEST: usize = 64;

/// The known word that this one is a misspelling of, if any: a third of it may differ, and case doesn't count.
pub fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = |word: &str| (word.chars().count() / 3).max(1);
    let close = known.filter(|word| word.chars().count().abs_diff(length) <= allowed(word));
    let scored = close
        .map(|word| (distance(&lower, word), word))
        .filter(|(distance, word)| *distance <= allowed(word));
    scored.min().map(|(_, word)| word)
}

/// How many letters differ, whatever their case.
pub fn distance(written: &str, known: &str) -> usize {
    strsim::damerau_levenshtein(&written.to_lowercase(), &known.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_third_of_a_word_may_differ() {
        let known = ["firstName", "dob", "role"];
        let nearest = |written| nearest(written, known.into_iter());
        assert_eq!(nearest("frstname"), Some("firstName"));
        assert_eq!(nearest("dobb"), Some("dob"));
        assert_eq!(nearest("surname"), None);
        assert_eq!(nearest(&"x".repeat(100)), None);
    }
}
