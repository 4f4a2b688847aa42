//! A plan as Markdown for the comment of a pull request: totals and effects first, then what this change brings about, then the
//! rest, folded. It shows what is public alone, whatever the flags, and nothing that a manifest holds is read as markup.

use std::fmt::Write;

use crate::field::{Class, Key};
use crate::plan::{Action, Change, Held, Operation, Origin, Plan};
use crate::redact::Reveal;
use crate::view::alike::{Entry, NAMED, alike, named};
use crate::view::change::{former, planned};
use crate::view::held::why;
use crate::view::plan::effect_words;
use crate::view::totals::{past, totals};
use crate::view::words::{count, marks, plural, role};

/// What is reserved for the words that say what was left out.
const RESERVE: usize = 400;
/// A bound below this would leave no room for the totals.
const SMALLEST: usize = 2_000;

/// The comment, of at most so many bytes. `heading` says for which organisation and server, `notes` what is to be known first.
pub fn markdown(plan: &Plan, heading: &str, notes: &str, max_bytes: usize) -> String {
    let mut page = Page { text: String::new(), room: max_bytes.max(SMALLEST) - RESERVE, left_out: [0; KINDS.len()] };
    let _ = write!(page.text, "### rosterctl plan\n\n{}\n\n", code(heading));
    let limits: String = plan.excesses.iter().map(|excess| past(excess) + "\n").collect();
    let totals = totals(plan);
    for line in notes.lines().chain(totals.lines()).chain(limits.lines()).filter(|line| !line.is_empty()) {
        let _ = writeln!(page.text, "{}  ", plain(line));
    }
    page.text.push('\n');
    let (mut operations, mut held): (Vec<&Operation>, Vec<&Held>) =
        (plan.operations.iter().collect(), plan.held.iter().collect());
    operations.sort_by_key(|operation| &operation.place);
    held.sort_by_key(|held| &held.place);
    let of = |elsewhere: bool, kinds: &[Weight]| {
        let is_in =
            |one: &&Operation| (one.origin == Some(Origin::Elsewhere)) == elsewhere && kinds.contains(&Weight::of(one));
        let operations: Vec<_> = operations.iter().copied().filter(is_in).collect();
        let key = |one: &Operation| (one.action != Action::Create).then(|| (effects(one), changes(one)));
        alike(&operations, key).iter().map(|alike| (operation_row(alike), alike.len())).collect::<Vec<_>>()
    };
    let held_of = |elsewhere: bool| {
        let held: Vec<_> =
            held.iter().copied().filter(|one| (one.origin == Some(Origin::Elsewhere)) == elsewhere).collect();
        alike(&held, |held| Some(whys(held))).iter().map(|alike| (held_row(alike), alike.len())).collect::<Vec<_>>()
    };
    let is_compared =
        plan.operations.iter().any(|one| one.origin.is_some()) || held.iter().any(|one| one.origin.is_some());
    let [create, hold, update] = if is_compared {
        ["From this change, to create", "From this change, held until a person decides", "From this change, to update"]
    } else {
        ["To create", "Held until a person decides", "To update"]
    };
    // The gravest first: where there isn't room for all, the rest is left out.
    page.table(create, OPERATIONS, &of(false, &[Weight::Create]), Fold::Open, Kind::Creates);
    page.table(hold, HELD, &held_of(false), Fold::Open, Kind::Held);
    let updates = [of(false, &[Weight::Effect]), of(false, &[Weight::Plain])].concat();
    page.table(update, OPERATIONS, &updates, Fold::Open, Kind::Updates);
    page.table(
        "Not from this change, to create",
        OPERATIONS,
        &of(true, &[Weight::Create]),
        Fold::Closed,
        Kind::Creates,
    );
    page.table("Not from this change, held", HELD, &held_of(true), Fold::Closed, Kind::Held);
    let updates = [of(true, &[Weight::Effect]), of(true, &[Weight::Plain])].concat();
    page.table("Not from this change, to update", OPERATIONS, &updates, Fold::Closed, Kind::Updates);
    page.end()
}

/// What weighs more in an operation stands before what weighs less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Create,
    Effect,
    Plain,
}

impl Weight {
    fn of(operation: &Operation) -> Self {
        match operation.action {
            Action::Create => Self::Create,
            Action::Update(_) if operation.effects.is_empty() => Self::Plain,
            Action::Update(_) => Self::Effect,
        }
    }
}

/// What the rows of a table are about.
#[derive(Clone, Copy)]
enum Kind {
    Creates,
    Updates,
    Held,
}

/// What each kind is called, singly and together.
const KINDS: [(&str, &str); 3] = [("create", "creates"), ("update", "updates"), ("held", "held")];

const OPERATIONS: &str = "| | who | what | sets off | where |\n|---|---|---|---|---|\n";
const HELD: &str = "| who | why | where |\n|---|---|---|\n";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    Open,
    Closed,
}

struct Page {
    text: String,
    room: usize,
    /// By kind.
    left_out: [usize; KINDS.len()],
}

impl Page {
    /// A heading and as many rows as there is room for, each with how many users it stands for.
    fn table(&mut self, heading: &str, head: &str, rows: &[(String, usize)], fold: Fold, kind: Kind) {
        if rows.is_empty() {
            return;
        }
        let users = |rows: &[(String, usize)]| rows.iter().map(|(_, users)| users).sum::<usize>();
        let title = format!("{heading}: {}", users(rows));
        let (before, after) = match fold {
            Fold::Open => (format!("#### {title}\n\n"), "\n"),
            Fold::Closed => (format!("<details><summary>{title}</summary>\n\n"), "\n</details>\n\n"),
        };
        let mut length = self.text.len() + before.len() + head.len() + after.len();
        let fits = |(row, _): &&(String, usize)| {
            length += row.len();
            length <= self.room
        };
        let (shown, rest) = rows.split_at(rows.iter().take_while(fits).count());
        self.left_out[kind as usize] += users(rest);
        if shown.is_empty() {
            return;
        }
        self.text += &before;
        self.text += head;
        self.text.extend(shown.iter().map(|(row, _)| row.as_str()));
        self.text += after;
    }

    fn end(mut self) -> String {
        let left_out = self.left_out.iter().zip(KINDS).filter(|(number, _)| **number > 0);
        let left_out: Vec<String> = left_out.map(|(number, (one, many))| count(*number, one, many)).collect();
        if !left_out.is_empty() {
            let what = left_out.join(", ");
            let _ = writeln!(
                self.text,
                "**Not shown here: {what}**, since a comment has its bounds; `rosterctl plan --full` shows all."
            );
        }
        self.text
    }
}

fn operation_row(alike: &[&Operation]) -> String {
    let first = alike[0];
    let (mark, id) = match first.action {
        Action::Create => ("**+**", None),
        Action::Update(id) => ("~", Some(id)),
    };
    format!("| {mark} | {} | {} | {} | {} |\n", whom(alike, id), changes(first), effects(first), place(alike))
}

fn effects(operation: &Operation) -> String {
    operation.effects.iter().map(|effect| effect_words(*effect)).collect::<Vec<_>>().join(", ")
}

/// Public values in full, personal fields by name, special ones not even so.
fn changes(operation: &Operation) -> String {
    let (special, named): (Vec<&Change>, Vec<&Change>) =
        operation.changes.iter().partition(|change| change.key.row().class == Class::Special);
    let is_create = operation.action == Action::Create;
    let named = named.into_iter().filter(|change| change.key != Key::MisId || !is_create);
    let mut words: Vec<String> = named.map(one_change).collect();
    if !special.is_empty() {
        words.push(if is_create { "special data" } else { "special data changed" }.to_owned());
    }
    if !operation.checked_by.is_empty() {
        words.push(format!("checked by {}", marks(&operation.checked_by, Reveal::Public)));
    }
    words.join("<br>")
}

fn one_change(change: &Change) -> String {
    let name = change.key.name();
    let unverified = if change.is_verifiable { "" } else { " (unverified)" };
    if change.key.row().class != Class::Public {
        return format!("{name}{unverified}");
    }
    let to = code(&planned(&change.to));
    match &change.from {
        Some(from) => format!("{name}: {} → {to}{unverified}", code(&former(change.key, from))),
        None => format!("{name}: {to}{unverified}"),
    }
}

fn held_row(alike: &[&Held]) -> String {
    let first = alike[0];
    format!("| {} | {} | {} |\n", whom(alike, first.who.id), whys(first), place(alike))
}

fn whys(held: &Held) -> String {
    let reasons: Vec<String> = held.reasons.iter().map(|reason| why(reason, Reveal::Public)).collect();
    let lines = reasons.iter().flat_map(|reason| reason.lines()).map(|line| plain(line.trim()));
    lines.collect::<Vec<_>>().join("<br>")
}

/// Whom a row is about: the only one, or how many of whom some are named.
fn whom<E: Entry>(alike: &[&E], id: Option<i64>) -> String {
    let who = alike[0].who();
    let role = role(who.role);
    if alike.len() > 1 {
        let (names, more) = named(alike, NAMED);
        let names: Vec<String> = names.iter().map(|name| code(name)).collect();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        return format!("{}: {}{more}", count(alike.len(), role, &plural(role)), names.join(", "));
    }
    let mis_id = who.mis_id.as_ref().map(|mis_id| format!(" {}", code(mis_id))).unwrap_or_default();
    let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{role}{mis_id}{id}")
}

/// Where it is declared: of many, the file.
fn place<E: Entry>(alike: &[&E]) -> String {
    let place = alike[0].place();
    code(&if alike.len() == 1 { place.to_string() } else { place.file.clone() })
}

/// Text that no renderer reads as anything else: no markup, no mention, no link, no cell's end.
fn code(text: &str) -> String {
    format!("<code>{}</code>", inert(text))
}

/// Our own words, with what they quote in backticks made inert.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        match at % 2 {
            0 => out.push_str(&unlinked(part)),
            _ => out.push_str(&code(part)),
        }
    }
    out
}

/// What GitHub and GitLab take for the beginning of a mention or of a reference, wherever it stands outside of code.
const SIGILS: &[char] = &['@', '#', '!', '$', '~', '&', '%', '^', '*'];

fn unlinked(text: &str) -> String {
    text.split_inclusive(SIGILS).fold(String::new(), |out, part| match part.strip_suffix(SIGILS) {
        Some(before) => out + &inert(before) + &code(&part[before.len()..]),
        None => out + &inert(part),
    })
}

/// What can't be markup stays; everything else is written as an entity. Dots and colons make links, but not before a blank.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_word = rest.peek().is_none_or(|next| *next == ' ');
        let is_safe = c.is_alphanumeric() || matches!(c, ' ' | '-' | ',' | ';' | '(' | ')' | '\'' | '%');
        if is_safe || (matches!(c, '.' | ':') && ends_word) {
            out.push(c);
        } else {
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
    out
}
