//! Why a placement or classroom is held, and what to write to decide it.

use crate::domain::EntryId;
use crate::domain::redact::Reveal;
use crate::findings::source::Place;
use crate::plan::{EntryHold, HeldEntry, OperationSubject};
use crate::render::block::{Block, INDENT};
use crate::render::grouping::Groupable;
use crate::render::options::RenderOptions;
use crate::render::words::{RED, key_to_type, listed, plural, shown, subject};
use crate::render::wrap::wrapped;

/// A block for each placement or classroom on hold.
pub(crate) fn held_entry_blocks(held: &[&HeldEntry], options: RenderOptions) -> Vec<Block> {
    held.iter().map(|held| block(held, options)).collect()
}

fn block(held: &HeldEntry, options: RenderOptions) -> Block {
    let head = subject(held.who(), None, options.reveal);
    let kind = format!("held: {}", entry_hold_in_brief(&held.reason));
    let indent = " ".repeat(INDENT);
    let mut lines = Vec::new();
    for line in entry_hold_words(held, options.reveal).lines() {
        let wrapped = wrapped(line, &indent, INDENT + 2, options.prose());
        lines.push(wrapped.trim_end().to_owned());
    }
    Block {
        place: held.place.clone(),
        kind: (kind.clone(), kind),
        users: 1,
        name: None,
        head: format!("{RED}! {head}{RED:#}"),
        lines,
    }
}

impl Groupable for HeldEntry {
    fn who(&self) -> OperationSubject<'_> {
        OperationSubject::Entry(&self.entry)
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

/// The reason in a few words, by which they are counted.
pub(crate) fn entry_hold_in_brief(reason: &EntryHold) -> &'static str {
    match reason {
        EntryHold::Several(_) => "several have the MIS value or name",
        EntryHold::NoSuchEntry(_) => "nothing has the number",
        EntryHold::NameElsewhere(_) => "another one has the name",
        EntryHold::NearlySame(_) => "another one has nearly the name or MIS value",
        EntryHold::CreatedAs(_) => "an earlier run created it under this name",
        EntryHold::MisIdElsewhere(_) => "another one has the MIS value",
        EntryHold::DeclaredTwice { .. } => "declared twice",
        EntryHold::Nameless => "a new one needs a name",
        EntryHold::MayHaveBeenCreated => "an earlier run left it unclear",
        EntryHold::ListNotWhole => "may exist unseen",
    }
}

/// The reason in full, with what to write to decide it on lines of their own.
pub(crate) fn entry_hold_words(held: &HeldEntry, reveal: Reveal) -> String {
    let one = held.entry.kind.word();
    let many = plural(one);
    match &held.reason {
        EntryHold::Several(ids) => format!(
            "{many} {} have this MIS value or name\n      write `id: NUMBER` to say which one this is",
            listed(ids)
        ),
        EntryHold::NoSuchEntry(id) => format!(
            "there is no {one} {id}\n      fix `id`, or take it away to find the {one} by its name"
        ),
        EntryHold::NameElsewhere(ids) => format!(
            "{} already this name\n      fix `name` or `misId`, or write `id: NUMBER` to say which one this is",
            have(one, ids)
        ),
        EntryHold::NearlySame(ids) => format!(
            "{} nearly this name or MIS value\n      write it as OneFile has it (`rosterctl list {many}`), or `id: NUMBER`; a new {one} needs a name that people can tell apart",
            have(one, ids)
        ),
        EntryHold::CreatedAs(id) => {
            let typed = key_to_type(&format!("{one}:{}", held.entry.name), reveal);
            format!(
                "an earlier run created this {one} as {id}, which has another name now\n      write the name that OneFile has (`rosterctl list {many}`), or `id: {id}`; if this is another {one}, run `rosterctl settle {typed} not-created`"
            )
        }
        EntryHold::MisIdElsewhere(ids) => format!(
            "{} already this MIS value\n      fix `misId` or `id`",
            have(one, ids)
        ),
        EntryHold::DeclaredTwice { id, others } => format!(
            "{one} {id} is also declared at {}\n      keep one of them",
            shown(&listed(others))
        ),
        EntryHold::Nameless => format!(
            "no {one} has this MIS value, and a new one needs a name\n      fix `misId`, or write `name`"
        ),
        EntryHold::MayHaveBeenCreated => {
            let typed = key_to_type(&format!("{one}:{}", held.entry.name), reveal);
            format!(
                "an earlier run may have created this {one}, and the list does not show it\n      look in OneFile, then run `rosterctl settle {typed} created` or `not-created`"
            )
        }
        EntryHold::ListNotWhole => format!(
            "the list of {many} could not be read to its end, so this one may exist\n      run this again"
        ),
    }
}

/// `placement 2041 has`, `placements 2041, 2042 have`.
fn have(one: &str, ids: &[EntryId]) -> String {
    match ids {
        [id] => format!("{one} {id} has"),
        ids => format!("{} {} have", plural(one), listed(ids)),
    }
}
