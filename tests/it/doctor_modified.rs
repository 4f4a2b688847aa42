//! `doctor --contract` on servers whose searches go by `LastModified` in other ways than they should.

use serde_json::json;

use crate::cases::is_write;
use crate::doctor::{ODD, facts};
use crate::harness::Sandbox;
use crate::service::Stranger;

const SUMMER: &str = "2026-07-01T12:00:00Z";
const WINTER: &str = "2026-02-01T12:00:00Z";
const AS_SHOWN: &str = "holds filterLastModifiedSince: since a second before, a search lists the account; since a second after, it doesn't list it\n";
const ALWAYS_LISTED: &str = "differs filterLastModifiedSince: since a second before, a search lists the account; since a second after, it lists it\n";
const NEVER_LISTED: &str = "differs filterLastModifiedSince: since a second before, a search doesn't list the account; since a second after, it doesn't list it\n";
const IS_UTC: &str = "holds filterLastModifiedUtc: a summer time is read as UTC\n";
const IS_LONDON: &str = "differs filterLastModifiedUtc: a summer time is read as the time of London: an hour too early\n";
const ONLY_WINTER: &str =
    "notTried filterLastModifiedUtc: only winter times were seen, when the time of London is UTC\n";
const NO_DIFFERENCE: &str =
    "notTried filterLastModifiedUtc: an hour more or less makes no difference to what is listed\n";

/// A college in which one learner was modified at a time, with switches and faults.
fn college(modified: &str, switches: &str) -> Sandbox {
    let account = format!("MISID: L-4, LastModified: \"{modified}\"");
    let seed = ODD.replace("MISID: L-4", &account);
    Sandbox::start(&format!("{seed}{switches}\n"))
}

fn assert_says(said: &str, lines: &[&str], why: &str) {
    for line in lines {
        assert!(said.contains(line), "{why}: {line}{said}");
    }
}

#[test]
fn a_search_since_the_time_of_an_account_is_tried_by_each_way_of_reading_it() {
    for (filter, modified, lines) in [
        ("utc", SUMMER, [AS_SHOWN, IS_UTC]),
        ("utc", WINTER, [AS_SHOWN, ONLY_WINTER]),
        ("local", SUMMER, [ALWAYS_LISTED, IS_LONDON]),
        ("local", WINTER, [AS_SHOWN, ONLY_WINTER]),
        ("ignored", SUMMER, [ALWAYS_LISTED, NO_DIFFERENCE]),
        ("ignored", WINTER, [ALWAYS_LISTED, ONLY_WINTER]),
        ("nothing", SUMMER, [NEVER_LISTED, NO_DIFFERENCE]),
        ("nothing", WINTER, [NEVER_LISTED, ONLY_WINTER]),
    ] {
        let behaviour = format!("behaviour: {{ modifiedFilter: {filter} }}");
        let sandbox = college(modified, &behaviour);
        let said = facts(&sandbox, "");
        assert_says(&said, &lines, &format!("{filter} {modified}"));
        assert!(!sandbox.requests().iter().any(is_write), "it only reads");
    }
}

/// A write that moves no time, or moves it late, can't be seen by reading: what shows and what is found agree.
#[test]
fn which_writes_move_the_time_is_nothing_that_reading_tells() {
    for behaviour in [
        "touchedBy: everything",
        "touchedBy: users",
        "touchedBy: webEdits",
        "touchedBy: nothing",
        "touchedAfter: 3600",
    ] {
        let sandbox = college(SUMMER, &format!("behaviour: {{ {behaviour} }}"));
        let website = json!({ "Website": "https://example.ac.uk" });
        assert_eq!(Stranger::new(&sandbox).post("User/3", website).0, 200);
        let said = facts(&sandbox, "");
        assert_says(&said, &[AS_SHOWN, IS_UTC], behaviour);
    }
}

#[test]
fn accounts_without_a_time_leave_the_searches_untried() {
    let why = "no account shows a `LastModified` that can be read\n";
    let sandbox = college(SUMMER, "behaviour: { lastModified: missing }");
    let said = facts(&sandbox, "");
    for fact in ["filterLastModifiedSince", "filterLastModifiedUtc"] {
        assert_says(&said, &[&format!("notTried {fact}: {why}")], "missing");
    }
}

/// The first look at the account shows a time that isn't its time any more.
#[test]
fn an_account_that_somebody_changes_meanwhile_is_passed_over_for_another() {
    let look = |id: u8, role: u8, modified: &str, when: &str| {
        let body =
            json!({ "ID": id, "Role": role, "OrganisationID": 5740, "LastModified": modified });
        format!("  - {{ on: GET /User/{id}, {when}do: {{ status: 200, body: '{body}' }} }}\n")
    };
    let first = "when: { nth: 1 }, ";
    let earlier = look(4, 1, "2026-06-01T12:00:00Z", first);
    let sandbox = college(SUMMER, &format!("faults:\n{earlier}"));
    assert_says(&facts(&sandbox, ""), &[AS_SHOWN, ONLY_WINTER], "one");
    // The same look each time: nobody has changed it, and the search differs.
    let stale = look(4, 1, "2026-06-01T12:00:00Z", "");
    let sandbox = college(SUMMER, &format!("faults:\n{stale}"));
    let lines = [ALWAYS_LISTED, NO_DIFFERENCE];
    assert_says(&facts(&sandbox, ""), &lines, "stale");
    let mut all = String::new();
    for (id, role) in [(1, 5), (2, 5), (3, 1), (4, 1)] {
        all.push_str(&look(id, role, "2025-06-01T12:00:00Z", first));
    }
    let sandbox = college(SUMMER, &format!("faults:\n{all}"));
    let why = "somebody changed each account that was tried\n";
    let line = format!("notTried filterLastModifiedSince: {why}");
    assert_says(&facts(&sandbox, ""), &[&line], "all");
}

#[test]
fn a_search_that_fails_is_said_with_its_form() {
    let fault = "faults: [{ on: POST /User/Search, do: { status: 400 } }]";
    let said = facts(&college(SUMMER, fault), "");
    let form = "answered 400 with nothing\n";
    let lines = [
        format!("differs filterLastModifiedSince: {form}"),
        format!("notTried filterLastModifiedUtc: {form}"),
    ];
    for line in &lines {
        assert_says(&said, &[line], "400");
    }
}
