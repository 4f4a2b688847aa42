//! Tells people, in numbers, what `export` wrote.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::redact::public_names;
use crate::onboarding::export::Draft;
use crate::plan::Plan;
use crate::render::plan::totals::totals;
use crate::render::words::{count, listed, shown};

/// The text about what was written and left out, with the totals of a plan made from it.
pub fn exported(draft: &Draft, folder: &str, compared: &Plan) -> String {
    let mut text = wrote(draft, folder);
    let lines = [
        (
            draft.pinned(),
            "is pinned by `id`: it has no MIS value of its own, or lacks what a create needs",
            "are pinned by `id`: they have no MIS value of their own, or lack what a create needs",
        ),
        (
            draft.unjoined,
            "user has no MIS value to be joined by, and so none of its personal values is declared",
            "users have no MIS value to be joined by, and so none of their personal values is declared",
        ),
        (
            draft.entries_left_out,
            "placement or classroom was left out, since `validate` doesn't take it",
            "placements and classrooms were left out, since `validate` doesn't take them",
        ),
        (
            draft.withheld,
            "value of a special field, such as ethnicity or sex, was left out; `--reveal special` writes it",
            "values of special fields, such as ethnicity or sex, were left out; `--reveal special` writes them",
        ),
    ];
    for (number, one, many) in lines.into_iter().filter(|(number, ..)| *number > 0) {
        let _ = writeln!(text, "{}.", count(number, one, many));
    }
    text + &left_out(draft, "OneFile holds") + "A plan of them says:\n\n" + &totals(compared)
}

/// Said if the example of `init` made room for real users.
pub fn example_replaced(path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| {
        format!("Deleted {path}: it was only an example.\n")
    })
}

/// The warnings of `validate` about what was written, by code. Empty if there are none.
pub fn warned(warnings: &BTreeMap<&'static str, usize>) -> String {
    let codes: Vec<String> = warnings
        .iter()
        .map(|(code, number)| format!("`{code}` ({number})"))
        .collect();
    let Some((first, _)) = warnings.first_key_value() else {
        return String::new();
    };
    format!(
        "\n`validate` warns of what OneFile holds: {}. `--deny warnings`, as in CI, stops there: fix it, or write `severity: {{ {first}: ignore }}` in rosterctl.yaml.\n",
        listed(&codes)
    )
}

/// How many users and files were written.
pub(crate) fn wrote(draft: &Draft, folder: &str) -> String {
    let users = count(draft.users(), "user", "users");
    let files = count(draft.manifests().len(), "file", "files");
    format!("Wrote {users} in {files} below {}.\n", shown(folder))
}

/// This many accounts are listed; they take a screen.
const NAMED: usize = 20;

/// The values that were left out, by account and field; the values themselves aren't shown.
pub(crate) fn left_out(draft: &Draft, whose: &str) -> String {
    if draft.left_out.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "Left out, since `validate` doesn't take what {whose}; it isn't managed until you declare it:\n"
    );
    for (id, keys) in draft.left_out.iter().take(NAMED) {
        let _ = writeln!(
            text,
            "  account {id}: {}",
            listed(&public_names(keys.iter().copied()))
        );
    }
    let more = draft.left_out.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = writeln!(text, "  … {}", count(more, "more account", "more accounts"));
    }
    text
}
