//! Who was found, where they are declared, and which account they have.

use std::fmt::Write;

use crate::domain::redact::{Reveal, open_text};
use crate::plan::{Found, FoundAccount, FoundOnly, FoundUser};
use crate::render::grouping::user_label;
use crate::render::words::{count, key_to_type, key_words, shown, who};

/// How many people are shown for words that many have.
const SHOWN: usize = 50;

/// Whether all who were found are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundLength {
    First,
    All,
}

/// The people who were found for what somebody typed.
pub fn found(found: &Found, written: &str, length: FoundLength, reveal: Reveal) -> String {
    if found.users.is_empty() {
        return nobody(found, written, reveal) + &unsearched(found);
    }
    let most = match length {
        FoundLength::First => SHOWN,
        FoundLength::All => usize::MAX,
    };
    let mut text = String::new();
    for user in found.users.iter().take(most) {
        text += &person(user, reveal);
    }
    let more = found.users.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(text, "\nand {more} more; write more of the name");
    } else if found.users.len() > 1 {
        let _ = writeln!(
            text,
            "\n{} found.",
            count(found.users.len(), "person", "people")
        );
    }
    text + &unsearched(found)
}

fn nobody(found: &Found, written: &str, reveal: Reveal) -> String {
    let written = key_words(written, reveal);
    match found.suggestion.as_deref().and_then(open_text) {
        Some(near) => format!(
            "Nobody found for `{written}`; is `{}` meant?\n",
            shown(near)
        ),
        None => format!("Nobody found for `{written}`.\n"),
    }
}

fn person(user: &FoundUser, reveal: Reveal) -> String {
    let mut label = user.who.clone();
    label.id = None;
    let mut text = format!("{}\n", who(&label, None, reveal));
    let place = match &user.place {
        Some(place) => shown(&place.to_string()),
        None => "not declared in the files".to_owned(),
    };
    let _ = writeln!(text, "  {place}{}", account(user, reveal));
    if let Some((key, only)) = user.differs {
        let where_else = match only {
            FoundOnly::InFiles => "OneFile has",
            FoundOnly::InOneFile => "the files have",
        };
        let _ = writeln!(text, "  {where_else} another {}", key.name());
    }
    text
}

fn account(user: &FoundUser, reveal: Reveal) -> String {
    match user.account {
        FoundAccount::NotRead => String::new(),
        FoundAccount::Nobody => ", no account yet".to_owned(),
        FoundAccount::Account(id) => format!(", account {id}"),
        FoundAccount::Archived(id) => format!(", account {id}, archived"),
        FoundAccount::Unsure => {
            let name = match user.who.user_name() {
                Some(name) => key_to_type(&name, reveal),
                None => user_label(&user.who, reveal),
            };
            format!(", account not clear: `rosterctl plan --explain {name}` says why")
        }
    }
}

fn unsearched(found: &Found) -> String {
    let Some((key, number)) = found.unsearched else {
        return String::new();
    };
    let accounts = count(number, "account", "accounts");
    let key = key.name();
    format!("OneFile's lists show no {key} for {accounts}, so for those only the files count.\n")
}
