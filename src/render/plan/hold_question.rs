//! Why something is on hold, as a question with its answers: the same words as in text, taken apart.

use crate::domain::field::Key;

/// What is the matter, and what a person can do about it, in whole sentences.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HoldQuestion {
    pub(crate) facts: Vec<String>,
    pub(crate) answers: Vec<String>,
}

impl HoldQuestion {
    /// Takes the words of a reason apart: lines that are indented are answers, parted by semicolons.
    pub(crate) fn of(words: &str) -> Self {
        let mut question = Self {
            facts: Vec::new(),
            answers: Vec::new(),
        };
        for line in words.lines() {
            if line.starts_with(' ') {
                question.answers.extend(parts(line).map(sentence));
            } else {
                question.facts.push(sentence(line));
            }
        }
        question
    }
}

/// The parts of a line between semicolons that stand outside of backticks.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    line.split(move |c| {
        is_quoted ^= c == '`';
        c == ';' && !is_quoted
    })
}

/// A clause as a sentence: with a capital, unless it begins with the name of a field, and with a full stop.
fn sentence(clause: &str) -> String {
    let clause = clause.trim().trim_end_matches(',');
    let clause = clause.strip_prefix("or ").unwrap_or(clause);
    let first_word = clause.split(' ').next().unwrap_or_default();
    let mut letters = clause.chars();
    let mut sentence = match letters.next() {
        Some(first) if Key::named(first_word.trim_end_matches([':', ','])).is_none() => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => clause.to_owned(),
    };
    if !sentence.ends_with(['?', '.']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::HoldQuestion;

    fn question(words: &str) -> (Vec<String>, Vec<String>) {
        let HoldQuestion { facts, answers } = HoldQuestion::of(words);
        (facts, answers)
    }

    #[test]
    fn answers_are_whole_sentences_of_their_own() {
        let (facts, answers) = question(
            "account 5 has the same name\naccount 6 has the same name\n      write `id: 5` if it is this person's,\n      or write `distinctFrom: [5, 6]` if it is somebody else's",
        );
        assert_eq!(
            facts,
            [
                "Account 5 has the same name.",
                "Account 6 has the same name."
            ]
        );
        assert_eq!(
            answers,
            [
                "Write `id: 5` if it is this person's.",
                "Write `distinctFrom: [5, 6]` if it is somebody else's."
            ]
        );
    }

    #[test]
    fn a_semicolon_parts_answers_outside_of_what_is_typed() {
        let (_, answers) = question(
            "a\n      write `a; b` here; if not, look in OneFile\n      write `placement: Mill`?",
        );
        assert_eq!(
            answers,
            [
                "Write `a; b` here.",
                "If not, look in OneFile.",
                "Write `placement: Mill`?"
            ]
        );
    }

    #[test]
    fn the_name_of_a_field_keeps_its_small_letter() {
        let (facts, _) = question(
            "defaultAssessor `A-9` isn't known\nfirstName: \"Ann\" -> \"Bo\"\nfirstName, lastName would change",
        );
        assert_eq!(
            facts,
            [
                "defaultAssessor `A-9` isn't known.",
                "firstName: \"Ann\" -> \"Bo\".",
                "firstName, lastName would change."
            ]
        );
    }
}
