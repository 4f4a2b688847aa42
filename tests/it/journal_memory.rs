//! What the journal remembers: once it is put aside, the new one knows everything that still counts.

use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::path::Path;

use rosterctl::apply::journal::{
    AssignStep, EntryStep, Journal, JournalAssignment, JournalDue, JournalEntry, JournalEvent,
    JournalKnowledge, JournalMove, JournalScope, JournalUser, RunStarter, records,
};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{AccountId, EntryKind, OrganisationId, RecordedUser, SentAssignment};
use rosterctl::plan::NewEntry;

fn place() -> JournalScope {
    JournalScope {
        target: "sandbox".to_owned(),
        organisation: OrganisationId::new(5740),
    }
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, "run".to_owned(), place(), Clock::REAL).unwrap()
}

fn known(folder: &Path) -> JournalKnowledge {
    JournalKnowledge::of(&records(folder).unwrap(), &place())
}

fn user(mis_id: &str) -> JournalUser {
    JournalUser(RecordedUser::new(Role::Learner, mis_id))
}

fn moved(to: JournalMove, id: i64) -> JournalEvent {
    JournalEvent::Moved {
        to,
        id: id.into(),
        user: None,
    }
}

fn assigned(what: i64, step: AssignStep) -> JournalEvent {
    let sent = SentAssignment {
        learner: 21.into(),
        key: Key::Standards,
        what: what.into(),
        standard: None,
    };
    JournalEvent::Assign {
        step,
        what: JournalAssignment::new(sent, Some(user("L-1"))),
    }
}

fn placement(name: &str, step: EntryStep) -> JournalEvent {
    let entry = JournalEntry::of(NewEntry {
        kind: EntryKind::Placement,
        name: name.to_owned(),
    });
    JournalEvent::Entry { step, entry }
}

/// Events of every kind that a later run needs, and what takes some of them back.
fn events() -> Vec<JournalEvent> {
    let why = || "resets".to_owned();
    let settled = |mis_id, created| JournalEvent::Settled {
        user: user(mis_id),
        created,
        by: RunStarter::default(),
    };
    let created = |mis_id, id: i64| JournalEvent::Created {
        user: user(mis_id),
        id: id.into(),
    };
    let kept = |sure: &[&str], perhaps: &[&str]| JournalEvent::Kept {
        id: 21.into(),
        user: None,
        sure: sure.iter().map(|digest| (*digest).to_owned()).collect(),
        perhaps: perhaps.iter().map(|digest| (*digest).to_owned()).collect(),
    };
    vec![
        JournalEvent::Intent { user: user("L-1") },
        created("L-2", 22),
        created("L-3", 23),
        JournalEvent::Listed {
            ids: vec![22.into(), 99.into()],
        },
        JournalEvent::Unclear {
            user: user("L-3"),
            why: why(),
        },
        settled("L-4", true),
        created("L-5", 25),
        settled("L-5", false),
        JournalEvent::Damaged {
            id: 26.into(),
            user: Some(user("L-6")),
        },
        moved(JournalMove::Archive, 31),
        moved(JournalMove::Archive, 32),
        moved(JournalMove::Archive, 33),
        moved(JournalMove::Unarchive, 32),
        kept(&["d1"], &["d2"]),
        kept(&[], &["d2", "d3"]),
        assigned(301, AssignStep::Done),
        assigned(302, AssignStep::Unclear { why: why() }),
        assigned(303, AssignStep::Intent),
        assigned(303, AssignStep::NotDone { why: why() }),
        JournalEvent::AssignDue {
            due: JournalDue {
                field: Key::AdditionalAssessors.name().to_owned(),
                learner: Some(21.into()),
                what: Some(11.into()),
                whom: None,
                standard: None,
                user: None,
            },
        },
        placement("Mill", EntryStep::Created { id: 7.into() }),
        placement("Orchard", EntryStep::Unclear { why: why() }),
        placement("Harbour", EntryStep::NotCreated { why: why() }),
    ]
}

/// Adds records that nothing later needs, until the journal is long enough to be put aside.
fn lengthen(folder: &Path) {
    let mut lines = String::new();
    let long = "x".repeat(2_000);
    while lines.len() <= 4 << 20 {
        writeln!(
            lines,
            "{{\"at\":\"2026-01-05T12:00:00Z\",\"run\":\"r\",\"target\":\"sandbox\",\"organisation\":5740,\"event\":\"deviates\",\"id\":1,\"fields\":[\"{}{long}\"]}}",
            lines.len()
        )
        .unwrap();
    }
    let journal = OpenOptions::new()
        .append(true)
        .open(folder.join("journal.jsonl"));
    std::io::Write::write_all(&mut journal.unwrap(), lines.as_bytes()).unwrap();
}

#[test]
fn a_journal_that_is_put_aside_forgets_nothing_that_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    for event in events() {
        journal.note(event).unwrap();
    }
    let before = known(folder.path());
    assert_eq!((before.created.len(), before.open.len()), (2, 3));
    assert_eq!(before.archived, [31, 33].map(AccountId::new).into());
    assert_eq!((before.kept.len(), before.damaged.len()), (2, 1));
    for round in 0..3 {
        lengthen(folder.path());
        drop(open(folder.path()));
        // The next journal that is put aside takes the place of this one.
        fs::remove_file(folder.path().join("journal.1.jsonl")).unwrap();
        let after = known(folder.path());
        let tried = before.tried.clone();
        assert_eq!(JournalKnowledge { tried, ..after }, before, "{round}");
    }
}

#[test]
fn a_reset_of_the_sandbox_forgets_everything() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    for event in events() {
        journal.note(event).unwrap();
    }
    assert_ne!(known(folder.path()), JournalKnowledge::default());
    journal.note(JournalEvent::Reset).unwrap();
    assert_eq!(known(folder.path()), JournalKnowledge::default());
}
