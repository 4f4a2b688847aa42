//! Users who left the manifests while others still refer to them.

use std::fmt::Write;

use crate::domain::redact::Reveal;
use crate::plan::{Plan, StillNamed};
use crate::render::grouping::user_label;
use crate::render::options::TextLength;
use crate::render::plan::removed::name_of_removed;
use crate::render::words::{count, listed, plural, role, shown};

/// How many of those who refer to one user are named.
const NAMED: usize = 5;
/// How many of those who left have a line.
const LINES: usize = 10;

/// A line for each user who left and to whom others refer; empty if there is nobody.
pub(crate) fn still_named_lines(plan: &Plan, length: TextLength) -> String {
    let (lines, most) = match length {
        TextLength::Folded => (LINES, NAMED),
        TextLength::Full => (usize::MAX, usize::MAX),
    };
    let mut text = String::new();
    for one in plan.still_named.iter().take(lines) {
        text += &line(one, most);
    }
    let more = plan.still_named.len().saturating_sub(lines);
    if more > 0 {
        let users = count(more, "more user who left is", "more users who left are");
        let _ = writeln!(text, "{users} still named; `--full` shows all.");
    }
    text
}

fn line(one: &StillNamed, most: usize) -> String {
    let who = name_of_removed(&one.user);
    let users = referring(one);
    let mut names = Vec::new();
    for user in one.by.iter().take(most) {
        names.push(shown(&user_label(user, Reveal::Public)));
    }
    let more = one.by.len().saturating_sub(most);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    format!(
        "{who} left the files, and {users} still {} them as {}: {}. {}\n",
        if one.by.len() == 1 { "names" } else { "name" },
        one.key.name(),
        listed(&names),
        advice(one)
    )
}

/// `1 learner`, `32 learners`: only learners refer to users.
fn referring(one: &StillNamed) -> String {
    let role = role(one.by[0].role);
    count(one.by.len(), role, &plural(role))
}

fn advice(one: &StillNamed) -> String {
    let users = match one.by.as_slice() {
        [user] => format!("this {}", role(user.role)),
        users => format!("these {}", plural(role(users[0].role))),
    };
    format!("Write another `{}` for {users}.", one.key.name())
}
