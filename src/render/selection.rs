//! What `--only` and `--exclude` say, as words and as flags.

use crate::domain::redact::{Reveal, open_text};
use crate::domain::{IdleSelector, SELECTOR_FORMS, Selection, Selector};
use crate::plan::Plan;
use crate::render::words::{count, key_words, shown};

/// The users whom the selection leaves out, as a sentence; empty if it leaves out nobody.
pub(crate) fn unselected(plan: &Plan) -> String {
    if plan.selection.is_everybody() {
        return String::new();
    }
    let users = count(
        plan.unselected,
        "declared user isn't",
        "declared users aren't",
    );
    let words = selection_words(&plan.selection);
    format!("{users} selected by {words}: not checked.\n")
}

/// `--only role:assessor --exclude S-1`, for people to read.
fn selection_words(selection: &Selection) -> String {
    let mut words = Vec::new();
    for (flag, selector) in flags(selection) {
        words.push(format!("{flag} {}", key_words(&selector, Reveal::Public)));
    }
    if words.len() > NAMED {
        let more = count(words.len() - NAMED, "more", "more");
        words.truncate(NAMED);
        words.push(format!("and {more}"));
    }
    format!("`{}`", words.join(" "))
}

/// How many words of a selection are repeated to the reader.
const NAMED: usize = 6;

/// The flags of a selection as a shell takes them; `None` if a word of it may not be shown.
pub fn selection_flags(selection: &Selection) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for (flag, selector) in flags(selection) {
        words.push(format!("{flag} {}", for_shell(open_text(&selector)?)));
    }
    Some(words)
}

fn flags(selection: &Selection) -> impl Iterator<Item = (&'static str, String)> {
    let flag = |flag: &'static str| move |selector: &Selector| (flag, selector.to_string());
    let only = selection.only.iter().map(flag("--only"));
    only.chain(selection.exclude.iter().map(flag("--exclude")))
}

/// A word in single quotes, unless a shell takes it as it is.
fn for_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/@+,".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", shown(word).replace('\'', "'\\''"))
    }
}

/// What is wrong with a word of a selection that names nobody.
pub fn idle_selector(idle: &IdleSelector, reveal: Reveal) -> String {
    let written = key_words(idle.selector.written(), reveal);
    let near = idle.suggestion.as_deref().and_then(open_text);
    let help = match near {
        Some(near) => format!("is `{}` meant?", shown(near)),
        None if idle.selector.written().contains(',') => {
            "repeat the flag to name several: `--only L-1 --only L-2`".to_owned()
        }
        None => format!("write {SELECTOR_FORMS}"),
    };
    format!("no declared user is selected by `{written}`; {help}")
}
