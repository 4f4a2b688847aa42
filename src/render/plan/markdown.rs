//! A plan as Markdown for the comment of a pull request: totals and effects first, then what this change brings about, then the
//! rest, folded. It shows what is public alone, whatever the flags, and nothing that a manifest holds is read as markup.

use std::fmt::Write;

use crate::domain::AccountId;
use crate::domain::field::{Class, Key};
use crate::domain::redact::{Reveal, steers};
use crate::plan::{Change, HeldUser, Operation, OperationKind, Origin, Plan};
use crate::render::grouping::{Groupable, NAMED, alike, named};
use crate::render::plan::field_diff::{former, planned};
use crate::render::plan::holds::why;
use crate::render::plan::text::effect_words;
use crate::render::plan::totals::{past, totals};
use crate::render::words::{count, marks, plural, role};

/// What is reserved for the words that say what was left out.
const RESERVE: usize = 1_500;
/// So many characters of a value or a line are shown, and so many of a MIS value.
const LONG: usize = 200;
const SHORT: usize = 40;
/// So many creates are named that there is no row for.
const UNNAMED: usize = 20;
const UNNAMED_WORDS: &str = "Created without being shown: ";
/// A bound below this would leave no room for the totals.
const SMALLEST: usize = 2_000;

/// The comment, of at most so many bytes. `heading` says for which organisation and server, `notes` what is to be known first.
pub fn markdown(plan: &Plan, heading: &str, notes: &str, max_bytes: usize) -> String {
    let most = max_bytes.max(SMALLEST);
    let mut page = MarkdownPage {
        most,
        room: most - RESERVE.min(most / 2),
        ..MarkdownPage::default()
    };
    let _ = write!(
        page.text,
        "### rosterctl plan\n\n{}\n\n",
        code(&clipped(heading))
    );
    let limits: String = plan
        .excesses
        .iter()
        .map(|excess| past(excess) + "\n")
        .collect();
    let totals = totals(plan);
    let lines = totals
        .lines()
        .chain(limits.lines())
        .chain(notes.lines())
        .filter(|line| !line.is_empty());
    page.lines(&lines.collect::<Vec<_>>());
    page.text.push('\n');
    let (mut operations, mut held): (Vec<&Operation>, Vec<&HeldUser>) =
        (plan.operations.iter().collect(), plan.held.iter().collect());
    operations.sort_by_key(|operation| operation.place());
    held.sort_by_key(|held| &held.place);
    let of = |elsewhere: bool, kinds: &[RowWeight]| {
        let is_in = |one: &&Operation| {
            (one.origin() == Some(Origin::Elsewhere)) == elsewhere
                && kinds.contains(&RowWeight::of(one))
        };
        let operations: Vec<_> = operations.iter().copied().filter(is_in).collect();
        let key = |one: &Operation| match one {
            Operation::Create(_) => None,
            Operation::Update(_) => Some((effects(one), changes(one))),
        };
        alike(&operations, key)
            .iter()
            .map(|alike| MarkdownRow::of(alike, operation_row(alike)))
            .collect::<Vec<_>>()
    };
    let held_of = |elsewhere: bool| {
        let held: Vec<_> = held
            .iter()
            .copied()
            .filter(|one| (one.origin == Some(Origin::Elsewhere)) == elsewhere)
            .collect();
        alike(&held, |held| Some(whys(held)))
            .iter()
            .map(|alike| MarkdownRow::of(alike, held_row(alike)))
            .collect::<Vec<_>>()
    };
    let is_compared = plan.operations.iter().any(|one| one.origin().is_some())
        || held.iter().any(|one| one.origin.is_some());
    let [create, hold, update] = if is_compared {
        [
            "From this change, to create",
            "From this change, held until a person decides",
            "From this change, to update",
        ]
    } else {
        ["To create", "Held until a person decides", "To update"]
    };
    // The gravest first: where there isn't room for all, the rest is left out.
    page.table(
        create,
        OPERATIONS,
        &of(false, &[RowWeight::Create]),
        Details::Open,
        Section::Creates,
    );
    page.table(hold, HELD, &held_of(false), Details::Open, Section::Held);
    let updates = [
        of(false, &[RowWeight::Effect]),
        of(false, &[RowWeight::Plain]),
    ]
    .concat();
    page.table(
        update,
        OPERATIONS,
        &updates,
        Details::Open,
        Section::Updates,
    );
    page.table(
        "Not from this change, to create",
        OPERATIONS,
        &of(true, &[RowWeight::Create]),
        Details::Closed,
        Section::Creates,
    );
    page.table(
        "Not from this change, held",
        HELD,
        &held_of(true),
        Details::Closed,
        Section::Held,
    );
    let updates = [
        of(true, &[RowWeight::Effect]),
        of(true, &[RowWeight::Plain]),
    ]
    .concat();
    page.table(
        "Not from this change, to update",
        OPERATIONS,
        &updates,
        Details::Closed,
        Section::Updates,
    );
    page.end()
}

/// What weighs more in an operation stands before what weighs less.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowWeight {
    Create,
    Effect,
    Plain,
}

impl RowWeight {
    fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Create(_) => Self::Create,
            Operation::Update(update) if update.effects.is_empty() => Self::Plain,
            Operation::Update(_) => Self::Effect,
        }
    }
}

/// What the rows of a table are about.
#[derive(Clone, Copy)]
enum Section {
    Creates,
    Updates,
    Held,
}

/// What each kind is called, singly and together.
const KINDS: [(&str, &str); 3] = [
    ("create", "creates"),
    ("update", "updates"),
    ("held", "held"),
];

const OPERATIONS: &str = "| | who | what | sets off | where |\n|---|---|---|---|---|\n";
const HELD: &str = "| who | why | where |\n|---|---|---|\n";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Details {
    Open,
    Closed,
}

/// A row of a table.
#[derive(Clone)]
struct MarkdownRow {
    text: String,
    /// How many users it is about.
    users: usize,
    /// One of them.
    whom: String,
}

impl MarkdownRow {
    fn of<E: Groupable>(alike: &[&E], text: String) -> Self {
        let who = alike[0].who();
        let whom = who
            .mis_id
            .clone()
            .unwrap_or_else(|| who.id.map(|id| id.to_string()).unwrap_or_default());
        Self {
            text,
            users: alike.len(),
            whom,
        }
    }
}

#[derive(Default)]
struct MarkdownPage {
    text: String,
    /// So many bytes at most, and so many before its end is written.
    most: usize,
    room: usize,
    /// By kind.
    left_out: [usize; KINDS.len()],
    /// Some of those who would be created and whom no row is about.
    unnamed: Vec<String>,
}

impl MarkdownPage {
    /// As many lines as take a third of the room, so that the tables have theirs.
    fn lines(&mut self, lines: &[&str]) {
        let end = self.text.len() + self.room / 3;
        for (at, line) in lines.iter().enumerate() {
            let line = format!("{}  \n", plain(&clipped(line)));
            if self.text.len() + line.len() > end {
                let _ = writeln!(
                    self.text,
                    "… {}  ",
                    count(lines.len() - at, "more line", "more lines")
                );
                return;
            }
            self.text += &line;
        }
    }

    /// A heading and those rows that there is room for.
    fn table(
        &mut self,
        heading: &str,
        head: &str,
        rows: &[MarkdownRow],
        fold: Details,
        kind: Section,
    ) {
        if rows.is_empty() {
            return;
        }
        let users = |rows: &[&MarkdownRow]| rows.iter().map(|row| row.users).sum::<usize>();
        let title = format!("{heading}: {}", users(&rows.iter().collect::<Vec<_>>()));
        let (before, after) = match fold {
            Details::Open => (format!("#### {title}\n\n"), "\n"),
            Details::Closed => (
                format!("<details><summary>{title}</summary>\n\n"),
                "\n</details>\n\n",
            ),
        };
        let mut length = self.text.len() + before.len() + head.len() + after.len();
        let fits = |row: &&MarkdownRow| {
            let is_fitting = length + row.text.len() <= self.room;
            length += if is_fitting { row.text.len() } else { 0 };
            is_fitting
        };
        let (shown, rest): (Vec<&MarkdownRow>, Vec<&MarkdownRow>) = rows.iter().partition(fits);
        self.left_out[kind as usize] += users(&rest);
        if matches!(kind, Section::Creates) {
            let room = UNNAMED - UNNAMED.min(self.unnamed.len());
            self.unnamed.extend(
                rest.iter()
                    .take(room)
                    .map(|row| code(&clipped_to(&row.whom, SHORT))),
            );
        }
        if shown.is_empty() {
            return;
        }
        self.text += &before;
        self.text += head;
        self.text.extend(shown.iter().map(|row| row.text.as_str()));
        self.text += after;
    }

    fn end(mut self) -> String {
        let left_out = self
            .left_out
            .iter()
            .zip(KINDS)
            .filter(|(number, _)| **number > 0);
        let left_out: Vec<String> = left_out
            .map(|(number, (one, many))| count(*number, one, many))
            .collect();
        if !left_out.is_empty() {
            let what = left_out.join(", ");
            let _ = writeln!(
                self.text,
                "**Not shown here: {what}**, since a comment has its bounds; the log names all who would be created, `rosterctl plan --full` shows everything."
            );
        }
        let left = self.left_out[Section::Creates as usize];
        let room = self
            .most
            .saturating_sub(self.text.len() + UNNAMED_WORDS.len() + 30);
        let mut length = 0;
        let fits = |name: &&String| {
            length += name.len() + 2;
            length <= room
        };
        let names: Vec<&str> = self
            .unnamed
            .iter()
            .take_while(fits)
            .map(String::as_str)
            .collect();
        if !names.is_empty() {
            let more = if left == names.len() {
                String::new()
            } else {
                format!(" and {} more", left - names.len())
            };
            let _ = writeln!(self.text, "{UNNAMED_WORDS}{}{more}.", names.join(", "));
        }
        self.text
    }
}

fn operation_row(alike: &[&Operation]) -> String {
    let first = alike[0];
    let mark = match first.kind() {
        OperationKind::Create => "**+**",
        OperationKind::Update => "~",
    };
    format!(
        "| {mark} | {} | {} | {} | {} |\n",
        whom(alike, first.account()),
        changes(first),
        effects(first),
        place(alike)
    )
}

fn effects(operation: &Operation) -> String {
    operation
        .effects()
        .iter()
        .map(|effect| effect_words(*effect))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Public values in full, personal fields by name, special ones not even so.
fn changes(operation: &Operation) -> String {
    let (special, named): (Vec<&Change>, Vec<&Change>) = operation
        .changes()
        .iter()
        .partition(|change| change.key.row().class == Class::Special);
    // The row of a create names the learner reference already.
    let (in_row, special_words): (&[Key], _) = match operation.kind() {
        OperationKind::Create => (&[Key::MisId], "special data"),
        OperationKind::Update => (&[], "special data changed"),
    };
    let named = named
        .into_iter()
        .filter(|change| !in_row.contains(&change.key));
    let (open, hidden): (Vec<&Change>, Vec<&Change>) =
        named.partition(|change| change.key.row().class == Class::Public);
    // Fields whose values aren't shown take one line together.
    let hidden: Vec<String> = hidden.into_iter().map(one_change).collect();
    let mut words: Vec<String> = (!hidden.is_empty())
        .then(|| hidden.join(", "))
        .into_iter()
        .collect();
    words.extend(open.into_iter().map(one_change));
    if !special.is_empty() {
        words.push(special_words.to_owned());
    }
    if !operation.checked_by().is_empty() {
        words.push(format!(
            "checked by {}",
            marks(operation.checked_by(), Reveal::Public)
        ));
    }
    words.join("<br>")
}

fn one_change(change: &Change) -> String {
    let name = change.key.name();
    let unverified = if change.is_verifiable {
        ""
    } else {
        " (unverified)"
    };
    if change.key.row().class != Class::Public {
        return format!("{name}{unverified}");
    }
    let to = code(&clipped(&planned(&change.to)));
    match &change.from {
        Some(from) => format!(
            "{name}: {} → {to}{unverified}",
            code(&clipped(&former(change.key, from)))
        ),
        None => format!("{name}: {to}{unverified}"),
    }
}

fn held_row(alike: &[&HeldUser]) -> String {
    let first = alike[0];
    format!(
        "| {} | {} | {} |\n",
        whom(alike, first.who.id),
        whys(first),
        place(alike)
    )
}

fn whys(held: &HeldUser) -> String {
    let reasons: Vec<String> = held
        .reasons
        .iter()
        .map(|reason| why(reason, Reveal::Public))
        .collect();
    let lines = reasons
        .iter()
        .flat_map(|reason| reason.lines())
        .map(|line| plain(line.trim()));
    lines.collect::<Vec<_>>().join("<br>")
}

/// Whom a row is about: the only one, or how many of whom some are named.
fn whom<E: Groupable>(alike: &[&E], id: Option<AccountId>) -> String {
    let who = alike[0].who();
    let role = role(who.role);
    if alike.len() > 1 {
        let (names, more) = named(alike, NAMED);
        let names: Vec<String> = names
            .iter()
            .map(|name| code(&clipped_to(name, SHORT)))
            .collect();
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        return format!(
            "{}: {}{more}",
            count(alike.len(), role, &plural(role)),
            names.join(", ")
        );
    }
    let mis_id = who
        .mis_id
        .as_ref()
        .map(|mis_id| format!(" {}", code(&clipped_to(mis_id, SHORT))))
        .unwrap_or_default();
    let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{role}{mis_id}{id}")
}

/// Where it is declared: of many, the file.
fn place<E: Groupable>(alike: &[&E]) -> String {
    let place = alike[0].place();
    code(&clipped(&if alike.len() == 1 {
        place.to_string()
    } else {
        place.file.to_string()
    }))
}

/// Text that no row could bear whole, up to so many characters.
fn clipped_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn clipped(text: &str) -> String {
    clipped_to(text, LONG)
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
    text.split_inclusive(SIGILS)
        .fold(String::new(), |out, part| match part.strip_suffix(SIGILS) {
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
        if steers(c) {
            let _ = write!(out, "{}", inert(&c.escape_unicode().to_string()));
            continue;
        }
        let is_safe =
            c.is_alphanumeric() || matches!(c, ' ' | '-' | ',' | ';' | '(' | ')' | '\'' | '%');
        if is_safe || (matches!(c, '.' | ':') && ends_word) {
            out.push(c);
        } else {
            let _ = write!(out, "&#{};", u32::from(c));
            // An address is made a link wherever its two halves stand together.
            out += if c == '@' { "<span></span>" } else { "" };
        }
    }
    out
}
