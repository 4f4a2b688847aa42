//! Changes of files, line by line, and what could not be changed.

use std::collections::BTreeMap;
use std::fmt::Write;

use similar::ChangeTag;

use crate::domain::field::Key;
use crate::domain::redact::{Reveal, SPECIAL_DATA, field_names, mask};
use crate::findings::source::{FileId, Place, Sources};
use crate::manifest;
use crate::onboarding::accept::NotTaken;
use crate::plan::{Plan, UserLabel};
use crate::render::difference::{DifferencePiece, TextDifference};
use crate::render::words::{BOLD, DIM, GREEN, RED, count, listed, mis_id_and_name, role, shown};

/// A text among those of a run.
#[derive(Clone, Copy)]
pub struct TextOf<'t> {
    pub sources: &'t Sources,
    pub file: FileId,
}

/// How many lines are shown around a change.
const CONTEXT: usize = 1;

/// How a file changes. Values that may not be shown are masked.
pub fn file_difference(before: TextOf<'_>, after: TextOf<'_>, reveal: Reveal) -> String {
    let (old, new) = (before.masked_lines(reveal), after.masked_lines(reveal));
    let is_table = before.sources.file(before.file).grid().is_some();
    let difference = TextDifference::of(before.lines(), after.lines());
    let name = shown(&before.sources.file(before.file).name);
    let mut text = format!("{BOLD}{name}{BOLD:#}\n");
    for (number, group) in difference.groups(CONTEXT).iter().enumerate() {
        if number > 0 {
            let _ = writeln!(text, "{DIM}  …{DIM:#}");
        }
        if !is_table && let Some(user) = user_above(group, &old, &new) {
            let _ = writeln!(text, "{DIM}    {}{DIM:#}", shown(user.trim_end()));
        }
        for piece in group {
            let line = |lines: &[String], at: Option<usize>| {
                let line = at.and_then(|at| lines.get(at));
                shown(line.map_or("…", |line| line.trim_end_matches(['\r', '\n'])))
            };
            let _ = match piece.tag {
                ChangeTag::Equal => writeln!(text, "    {}", line(&new, piece.in_new)),
                ChangeTag::Delete => {
                    writeln!(text, "{RED}  - {}{RED:#}", line(&old, piece.in_old))
                }
                ChangeTag::Insert => {
                    writeln!(text, "{GREEN}  + {}{GREEN:#}", line(&new, piece.in_new))
                }
            };
        }
    }
    text
}

/// The line with the reference of the user whose lines change, if the group doesn't show it.
fn user_above<'l>(
    group: &[DifferencePiece<'_>],
    old: &'l [String],
    new: &'l [String],
) -> Option<&'l str> {
    let changed = group.iter().find(|piece| piece.tag != ChangeTag::Equal)?;
    let (lines, at, first) = match (changed.in_old, changed.in_new) {
        (_, Some(at)) => (new, at, group.first()?.in_new),
        (Some(at), None) => (old, at, group.first()?.in_old),
        (None, None) => return None,
    };
    for (number, line) in lines.iter().enumerate().take(at + 1).rev() {
        let line = line.as_str();
        let is_shown = first.is_some_and(|first| number >= first);
        let key = line.trim_start();
        let begins = key.strip_prefix("- ");
        // A reference such as `placement: { misId: BT01 }` isn't the user's own.
        if begins.unwrap_or(key).trim_start().starts_with("misId:") {
            return (!is_shown).then_some(line);
        }
        if begins.is_some() {
            return None;
        }
    }
    None
}

impl<'t> TextOf<'t> {
    fn lines(self) -> Vec<&'t str> {
        let text = &self.sources.file(self.file).text;
        text.split_inclusive('\n').collect()
    }

    /// The lines as they may be shown. Masking keeps line ends.
    fn masked_lines(self, reveal: Reveal) -> Vec<String> {
        let file = self.sources.file(self.file);
        let visible = match file.grid() {
            Some(grid) => manifest::public_cells(&file.text, grid, reveal),
            None => manifest::public_ranges(self.file, &file.text, reveal),
        };
        let masked = mask(&file.text, &visible).text;
        masked.split_inclusive('\n').map(str::to_owned).collect()
    }
}

/// The fields that change, by user.
pub fn fields_changed(fields: &[(&UserLabel, Key)], reveal: Reveal) -> String {
    let mut users: BTreeMap<String, Vec<Key>> = BTreeMap::new();
    for (who, key) in fields {
        users.entry(user(who, reveal)).or_default().push(*key);
    }
    let mut text = String::new();
    for (name, keys) in users {
        let keys = field_names(keys, reveal, SPECIAL_DATA);
        let _ = writeln!(text, "{name}: {}", listed(&keys));
    }
    text
}

/// A field of a user that isn't taken into the files.
pub struct FieldLeft<'l> {
    pub who: &'l UserLabel,
    pub key: Key,
    pub why: &'l NotTaken,
}

/// How many users are named for each reason.
const NAMED: usize = 10;

/// The fields that aren't taken into the files, by reason; empty if there is none.
pub fn fields_left(left: &[FieldLeft<'_>], reveal: Reveal) -> String {
    let mut reasons: BTreeMap<String, BTreeMap<String, Vec<Key>>> = BTreeMap::new();
    for field in left {
        let users = reasons.entry(reason(field.why)).or_default();
        users
            .entry(user(field.who, reveal))
            .or_default()
            .push(field.key);
    }
    let mut text = String::new();
    for (reason, users) in reasons {
        let number: usize = users.values().map(Vec::len).sum();
        let values = count(number, "value stays", "values stay");
        let _ = writeln!(text, "\n{values} as declared: {reason}");
        for (name, keys) in users.iter().take(NAMED) {
            let keys = field_names(keys.iter().copied(), reveal, SPECIAL_DATA);
            let _ = writeln!(text, "  {name}: {}", listed(&keys));
        }
        if users.len() > NAMED {
            let more = count(users.len() - NAMED, "more user", "more users");
            let _ = writeln!(text, "  … {more}");
        }
    }
    text
}

/// The places of users who keep their value, with the reason.
pub fn places_left<'l>(left: impl Iterator<Item = (&'l Place, &'l NotTaken)>) -> String {
    let mut text = String::new();
    for (place, why) in left {
        let _ = writeln!(
            text,
            "{} stays as declared: {}",
            shown(&place.to_string()),
            reason(why)
        );
    }
    text
}

/// The learners who may be those of an assessor, as far as the files say; empty if there are none.
pub fn perhaps_of<'p>(assessor: &str, places: impl Iterator<Item = &'p Place>) -> String {
    let places: Vec<String> = places.map(|place| shown(&place.to_string())).collect();
    if places.is_empty() {
        return String::new();
    }
    let learners = count(places.len(), "learner names", "learners name");
    let mut text = format!(
        "\n{learners} an assessor by a number or an e-mail address that no manifest declares. If that is {assessor}, edit it by hand:\n"
    );
    for place in places.iter().take(NAMED) {
        let _ = writeln!(text, "  {place}");
    }
    if places.len() > NAMED {
        let _ = writeln!(text, "  and {} more", places.len() - NAMED);
    }
    text
}

/// The users on hold, whose accounts may be somebody else's and so give nothing; empty if there are none.
pub fn held_left(plan: &Plan, reveal: Reveal) -> String {
    if plan.held.is_empty() {
        return String::new();
    }
    let held = plan.held.iter().take(NAMED);
    let mut names: Vec<String> = held.map(|held| user(&held.who, reveal)).collect();
    if plan.held.len() > NAMED {
        names.push("…".to_owned());
    }
    let users = count(plan.held.len(), "user is", "users are");
    format!(
        "\n{users} on hold, and nothing is taken over for them: {}\n`rosterctl plan` says why; the account may be somebody else's.\n",
        listed(&names)
    )
}

fn user(who: &UserLabel, reveal: Reveal) -> String {
    let name = mis_id_and_name(who, reveal);
    match (name.is_empty(), who.id) {
        (false, _) => name,
        (true, Some(id)) => format!("account {id}"),
        (true, None) => role(who.role).to_owned(),
    }
}

fn reason(why: &NotTaken) -> String {
    match why {
        NotTaken::EditedHere => {
            "this change edits it. `rosterctl apply` sends it to OneFile.".to_owned()
        }
        NotTaken::EmptyInOneFile => {
            "OneFile has no value. Delete the key to stop managing the field, or let `rosterctl apply` send what is declared."
                .to_owned()
        }
        NotTaken::Identity => {
            "a MIS value says who the user is, so it is never taken over. Edit it by hand.".to_owned()
        }
        NotTaken::NotPublic => {
            "where `CI` is set, only public values are written. Run this on a computer of your own.".to_owned()
        }
        NotTaken::NothingToName => {
            "OneFile refers to something that its lists don't show. `rosterctl plan --explain MISID` shows its number."
                .to_owned()
        }
        NotTaken::NoColumn(csv) => format!(
            "{} has no column for the field. Add the column, and name it under `columns` if the manifest has that key.",
            shown(csv)
        ),
        NotTaken::InWorkbook { file, sheet, cell } => format!(
            "rosterctl never writes workbooks. Type the value yourself: {}, sheet \"{}\", cell {cell}.",
            shown(file),
            shown(sheet)
        ),
        NotTaken::NotInCells(csv) => format!(
            "it has no name of its own, and a cell of {} can't hold `{{ id: … }}`. Declare the user in a manifest instead.",
            shown(csv)
        ),
        NotTaken::NotInEncoding(csv) => format!(
            "{} has an encoding without one of the characters. Save it as UTF-8, and take `encoding` away.",
            shown(csv)
        ),
        NotTaken::SpecialInGit(file) => format!(
            "special data is never written to {}, because git doesn't ignore it. Move the field to an overlay that git ignores.",
            shown(file)
        ),
        NotTaken::Refused(rule) => format!(
            "`rosterctl validate` refuses the value ({}). `rosterctl explain {}` says why; correct it in OneFile.",
            rule.name, rule.name
        ),
        NotTaken::SomebodyElses => {
            "another account or declared user has it, too, so it may be somebody else's. Correct it in OneFile; if two people share an e-mail address, write `distinctFrom` first."
                .to_owned()
        }
        NotTaken::NotReadBack => {
            "the file shares the value with others. Change it by hand.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTEXT, user_above};
    use crate::render::difference::TextDifference;

    #[test]
    fn the_line_above_an_edit_is_the_users_own_and_no_reference() {
        let begin = "users:\n";
        for (user, named) in [
            (
                "  - misId: L-1\n    placement: { misId: BT01 }\n    role: learner\n    dob: OLD\n",
                Some("  - misId: L-1\n"),
            ),
            (
                "  - role: learner\n    misId: L-1\n    defaultAssessor: { misId: A-1 }\n    dob: OLD\n",
                Some("    misId: L-1\n"),
            ),
            ("  - misId: L-1\n    dob: OLD\n", None),
            ("  - { role: learner, misId: L-1, dob: OLD }\n", None),
        ] {
            let old = format!("{begin}{user}");
            let new = old.replace("OLD", "NEW");
            let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect();
            let (before, after): (Vec<String>, Vec<String>) = (lines(&old), lines(&new));
            let difference = TextDifference::of(
                old.split_inclusive('\n').collect(),
                new.split_inclusive('\n').collect(),
            );
            let groups = difference.groups(CONTEXT);
            assert_eq!(user_above(&groups[0], &before, &after), named, "{user}");
        }
    }
}
