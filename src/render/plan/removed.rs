//! The users whom the manifests don't declare any more.

use std::fmt::Write;

use crate::domain::RemovedUser;
use crate::domain::redact::open_text;
use crate::plan::Plan;
use crate::render::markdown::{clipped, code};
use crate::render::options::TextLength;
use crate::render::plan::markdown_page::SHORT;
use crate::render::words::{count, listed, shown};

/// How many users a folded plan names.
const NAMED: usize = 200;
const HEAD: &str = "No longer managed: ";

fn accounts_stay(plan: &Plan) -> &'static str {
    match plan.removed.as_slice() {
        [_] => "The account stays as it is.",
        _ => "Their accounts stay as they are.",
    }
}

/// How many users left the manifests, as a sentence; empty if nobody did.
pub fn removal_count(plan: &Plan) -> String {
    if plan.removed.is_empty() {
        return String::new();
    }
    let users = count(plan.removed.len(), "user is", "users are");
    format!("{users} no longer managed.\n")
}

/// The users who left the manifests, by name, on one line; empty if nobody did.
pub(crate) fn removed_line(plan: &Plan, length: TextLength) -> String {
    let most = match length {
        TextLength::Folded => NAMED,
        TextLength::Full => usize::MAX,
    };
    let names = names(plan);
    if names.is_empty() {
        return String::new();
    }
    let mut line = HEAD.to_owned() + &listed(&names[..names.len().min(most)]);
    if names.len() > most {
        let _ = write!(
            line,
            " and {} more (`--full` names them)",
            names.len() - most
        );
    }
    format!("{line}. {}\n", accounts_stay(plan))
}

/// The same as Markdown. It names as many users as `max_bytes` have room for, and counts all.
pub(crate) fn removed_markdown(plan: &Plan, max_bytes: usize) -> String {
    let names = names(plan);
    if names.is_empty() {
        return String::new();
    }
    let mut text = format!("**{}", removal_count(plan).trim_end());
    let _ = write!(text, "** {HEAD}");
    for (at, name) in names.iter().enumerate() {
        let name = code(&clipped(name, SHORT));
        if text.len() + name.len() > max_bytes {
            let _ = write!(text, " and {} more", names.len() - at);
            break;
        }
        if at > 0 {
            text += ", ";
        }
        text += &name;
    }
    format!("{text}. {}\n\n", accounts_stay(plan))
}

/// The names of those who may be named, and the number of all others.
fn names(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan.removed.iter().filter_map(open_name).collect();
    let unnamed = plan.removed.len() - names.len();
    if unnamed > 0 {
        let users = count(unnamed, "user", "users");
        names.push(format!("{users} whose MIS value isn't shown"));
    }
    names
}

/// A user who left, by name if that may be shown.
pub(crate) fn name_of_removed(user: &RemovedUser) -> String {
    open_name(user).unwrap_or_else(|| "A user whose MIS value isn't shown".to_owned())
}

/// The MIS value if it may be shown, or else the number of the account.
fn open_name(user: &RemovedUser) -> Option<String> {
    let mis_id = user.mis_id.as_deref().and_then(open_text).map(shown);
    mis_id.or_else(|| user.id.map(|id| format!("account {id}")))
}
