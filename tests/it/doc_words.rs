//! The documentation is written in plain words: short sentences, and none of the words that are retired.

use crate::doc_pages::{DocPage, Prose, ProseKind, page, pages};

/// No sentence is longer, in words.
const LONGEST: usize = 25;
/// Half of the sentences are no longer.
const MEDIAN: usize = 14;
/// Nine of ten sentences are no longer.
const NINE_OF_TEN: usize = 24;

/// Words that people don't use, and what to write.
const RETIRED: &[(&str, &str)] = &[
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("besides", "also"),
    ("grave", "serious"),
    ("anew", "again"),
    ("alone", "only"),
    ("whom", "that, or name the people"),
    ("whoever", "everyone who"),
    ("whichever", "the one that"),
    ("thereof", "of it"),
    ("therein", "in it"),
    ("hereby", "with this"),
    ("whilst", "while"),
    ("utilise", "use"),
];
/// Phrases of the same kind.
const RETIRED_PHRASES: &[(&str, &str)] = &[
    ("belong into", "belong in"),
    ("belongs into", "belongs in"),
    ("day of birth", "date of birth"),
    ("of which nobody", "that nobody"),
    ("in spite of", "although"),
    ("be it", "if"),
];
/// Where a retired word is right, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "alone",
        "leave",
        "to leave something alone is what people say",
    ),
    (
        "alone",
        "leaves",
        "to leave something alone is what people say",
    ),
];

fn sentences(text: &str) -> Vec<Vec<&str>> {
    let mut sentences = vec![Vec::new()];
    for word in text.split_whitespace() {
        sentences.last_mut().expect("there is one").push(word);
        if word
            .trim_end_matches(['"', ')', '”'])
            .ends_with(['.', '!', '?'])
        {
            sentences.push(Vec::new());
        }
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// The word without what stands round it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

/// What is wrong with the words of a sentence.
fn retired(sentence: &[&str]) -> Vec<String> {
    let bare: Vec<String> = sentence.iter().map(|word| bare(word)).collect();
    let mut wrong = Vec::new();
    for (word, instead) in RETIRED {
        let is_excepted = EXCEPTIONS.iter().any(|(excepted, beside, _)| {
            excepted == word && bare.iter().any(|other| other == beside)
        });
        if bare.iter().any(|other| other == word) && !is_excepted {
            wrong.push(format!("{word}: write {instead}"));
        }
    }
    let line = bare.join(" ");
    for (phrase, instead) in RETIRED_PHRASES {
        if line.contains(phrase) {
            wrong.push(format!("{phrase}: write {instead}"));
        }
    }
    // `too many` is right; at the end of a clause it is `also`.
    for (at, word) in sentence.iter().enumerate() {
        let ends_clause = at + 1 == sentence.len() || word.ends_with([',', ';', ':']);
        if bare[at] == "too" && ends_clause {
            wrong.push("too: write also, before the verb".to_owned());
        }
    }
    wrong
}

fn is_counted(prose: &Prose) -> bool {
    prose.kind == ProseKind::Paragraph && !prose.is_generated
}

fn lengths(pages: &[DocPage]) -> Vec<usize> {
    let prose = pages.iter().flat_map(|page| &page.prose);
    let mut lengths = Vec::new();
    for part in prose.filter(|prose| is_counted(prose)) {
        lengths.extend(sentences(&part.text).iter().map(Vec::len));
    }
    lengths.sort_unstable();
    lengths
}

#[test]
fn half_of_the_sentences_have_14_words_and_nine_of_ten_24() {
    for page in pages() {
        let path = page.path.clone();
        let lengths = lengths(&[page]);
        let (median, nine_of_ten) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
        assert!(
            median <= MEDIAN && nine_of_ten <= NINE_OF_TEN,
            "{path}: {median}, {nine_of_ten}"
        );
    }
}

#[test]
fn no_sentence_has_more_than_25_words() {
    let mut long = Vec::new();
    for page in pages() {
        for prose in page.prose.iter().filter(|prose| !prose.is_generated) {
            for sentence in sentences(&prose.text) {
                if sentence.len() > LONGEST {
                    long.push(format!(
                        "{}: {}: {}",
                        page.path,
                        sentence.len(),
                        sentence.join(" ")
                    ));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_page_has_a_retired_word() {
    let mut wrong = Vec::new();
    for page in pages() {
        for prose in &page.prose {
            for sentence in sentences(&prose.text) {
                let words = retired(&sentence).into_iter();
                wrong.extend(
                    words.map(|word| format!("{}: {word}: {}", page.path, sentence.join(" "))),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_help_text_has_a_retired_word() {
    let mut wrong = Vec::new();
    for help in page("docs/reference/commands.md").blocks_of("text") {
        for sentence in sentences(&help) {
            wrong.extend(retired(&sentence));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_retired_word_is_found_wherever_it_stands() {
    for (text, count) in [
        ("Mend it, or write it anew.", 2),
        ("It is read, too.", 1),
        ("There are too many.", 0),
        ("It leaves the field alone.", 0),
        ("Names alone are shown to whom it may concern.", 2),
        ("What doesn't belong into git.", 1),
    ] {
        let found: usize = sentences(text)
            .iter()
            .map(|sentence| retired(sentence).len())
            .sum();
        assert_eq!(found, count, "{text}");
    }
}
