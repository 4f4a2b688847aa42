//! Text broken into lines. What stands in backticks is to be typed, and stays on one line; a number stays with what it counts.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// A value isn't broken into pieces narrower than this many columns, which nobody could read.
const NARROWEST: usize = 20;

/// Words in lines of at most `width` columns, each line ended. `head` begins the first line, `indent` blanks the others.
pub(crate) fn wrapped(words: &str, head: &str, indent: usize, width: usize) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return format!("{head}\n");
    }
    let indent = " ".repeat(indent);
    let options = options(head, &indent, width)
        .word_separator(WordSeparator::Custom(words_and_quotes))
        .break_words(false);
    let mut text = String::new();
    for line in textwrap::wrap(&words, options) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A value whose blanks count, in lines of at most `width` columns. A word that is wider than a line is broken.
pub(crate) fn broken(value: &str, head: &str, indent: usize, width: usize) -> Vec<String> {
    let width = width.max(indent + NARROWEST);
    let indent = " ".repeat(indent);
    let options = options(head, &indent, width).word_separator(WordSeparator::AsciiSpace);
    textwrap::wrap(value, options)
        .into_iter()
        .map(String::from)
        .collect()
}

/// Sentences, one a line, in lines of at most `width` columns.
pub fn prose(text: &str, width: usize) -> String {
    let mut wrapped_text = String::new();
    for line in text.lines() {
        let words = line.trim_start();
        let head = &line[..line.len() - words.len()];
        if words.is_empty() {
            wrapped_text.push('\n');
        } else {
            wrapped_text += &wrapped(words, head, head.len() + 2, width);
        }
    }
    wrapped_text
}

fn options<'o>(head: &'o str, indent: &'o str, width: usize) -> Options<'o> {
    Options::new(width)
        .initial_indent(head)
        .subsequent_indent(indent)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// The words of a line, split at single blanks outside of backticks and not behind a number.
fn words_and_quotes(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut is_quoted = false;
    for (index, c) in line.char_indices() {
        if c == '`' {
            is_quoted = !is_quoted;
        } else if c == ' ' && !is_quoted && !is_number(&line[start..index]) {
            words.push(Word::from(&line[start..=index]));
            start = index + 1;
        }
    }
    words.push(Word::from(&line[start..]));
    Box::new(words.into_iter())
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
