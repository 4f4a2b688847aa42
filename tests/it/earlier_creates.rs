//! What is unclear about the accounts that earlier runs may have created, from what the journal knows and what OneFile shows.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rosterctl::apply::journal::{Created, JournalKnowledge, OpenCreate, RecordTime};
use rosterctl::apply::{JournalState, take_up};
use rosterctl::domain::clock::Clock;
use rosterctl::domain::role::Role;
use rosterctl::domain::{OrganisationId, RecordedUser, Scope, UnclearKind};
use rosterctl::onefile::{Client, Endpoint, Pace, fetch};

use crate::harness::{Sandbox, roster};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 2, OrganisationID: 5740, Role: 5, MISID: A-9, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
";
const ANN: &str = "users:\n  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }\n";
/// Whom an earlier run may have created.
const BEN: &str = "  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }\n";

/// Half an hour of grace, after a create of an hour ago or of now.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

#[derive(Clone, Copy, Debug)]
enum Age {
    Fresh,
    PastGrace,
}

impl Age {
    fn time(self) -> RecordTime {
        let age = match self {
            Self::Fresh => SignedDuration::ZERO,
            Self::PastGrace => SignedDuration::from_hours(1),
        };
        RecordTime {
            at: Clock::REAL.now() - age,
            skew: None,
        }
    }
}

fn ben() -> RecordedUser {
    RecordedUser::new(Role::Assessor, "A-2")
}

/// A journal that knows of an account which was created for Ben.
fn created(id: i64, age: Age, is_listed: bool) -> JournalKnowledge {
    let mut known = JournalKnowledge::default();
    let create = Created {
        id: id.into(),
        at: age.time(),
        is_listed,
    };
    known.created.insert(ben(), create);
    known
}

/// The same, and a later create that is open or that a person has answered.
fn with_open(mut known: JournalKnowledge, age: Age, said_created: bool) -> JournalKnowledge {
    let open = OpenCreate {
        since: age.time(),
        said_created,
    };
    known.open.insert(ben(), open);
    known
}

/// What is unclear, by user, where manifests declare these users.
fn doubts_on(
    seed: &str,
    users: &str,
    known: &JournalKnowledge,
) -> BTreeMap<RecordedUser, UnclearKind> {
    let sandbox = Sandbox::start(seed);
    let roster = roster(&[users]);
    let endpoint = Endpoint {
        base: sandbox.base_url(),
        token: "sandbox".into(),
    };
    let unclear = sandbox.block_on(async {
        let client = Client::connect(&endpoint, Pace::default(), Clock::REAL)
            .await
            .unwrap();
        let college = OrganisationId::new(5740);
        let mut snapshot = fetch(&client, college, &roster, &Scope::whole())
            .await
            .unwrap();
        let earlier = JournalState {
            known,
            settle_after: GRACE,
        };
        take_up(&client, Clock::REAL, &earlier, &roster, &mut snapshot)
            .await
            .unwrap();
        snapshot.unclear
    });
    let doubts = unclear.into_iter();
    doubts.map(|(user, create)| (user, create.doubt)).collect()
}

/// What is unclear about Ben, declared or not.
fn doubt(is_declared: bool, known: &JournalKnowledge) -> Option<UnclearKind> {
    let users = if is_declared {
        format!("{ANN}{BEN}")
    } else {
        ANN.to_owned()
    };
    doubts_on(SEED, &users, known).remove(&ben())
}

#[test]
fn an_account_that_shows_another_mis_value_comes_before_an_open_create() {
    for age in [Age::Fresh, Age::PastGrace] {
        for said_created in [false, true] {
            let known = with_open(created(2, age, false), age, said_created);
            let expected = Some(UnclearKind::OtherMisId(2.into()));
            assert_eq!(doubt(true, &known), expected, "{age:?} {said_created}");
        }
    }
}

#[test]
fn an_open_create_comes_before_an_account_that_is_not_shown() {
    for (age, said_created, expected) in [
        (Age::Fresh, false, UnclearKind::Create),
        (Age::Fresh, true, UnclearKind::SaidCreated),
        (Age::PastGrace, true, UnclearKind::SaidCreated),
    ] {
        let known = with_open(created(77, age, false), age, said_created);
        assert_eq!(
            doubt(true, &known),
            Some(expected),
            "{age:?} {said_created}"
        );
    }
}

#[test]
fn an_account_that_is_not_shown_may_come_until_the_time_of_grace_is_over() {
    let yet = Some(UnclearKind::NotShownYet(77.into()));
    let over = Some(UnclearKind::NotShown(77.into()));
    for (is_declared, is_listed) in [(true, false), (true, true), (false, false)] {
        let of_age = |age| doubt(is_declared, &created(77, age, is_listed));
        assert_eq!(of_age(Age::Fresh), yet, "{is_declared} {is_listed}");
        assert_eq!(of_age(Age::PastGrace), over, "{is_declared} {is_listed}");
    }
}

#[test]
fn an_account_that_lists_have_shown_holds_nobody_else_once_nobody_declares_it() {
    for age in [Age::Fresh, Age::PastGrace] {
        assert_eq!(doubt(false, &created(77, age, true)), None, "{age:?}");
    }
}

#[test]
fn time_answers_an_open_create_of_a_declared_user_alone() {
    for (is_declared, said_created, is_over) in [
        (true, false, true),
        (true, true, false),
        (false, false, false),
        (false, true, false),
    ] {
        let known = with_open(JournalKnowledge::default(), Age::PastGrace, said_created);
        let doubt = doubt(is_declared, &known);
        assert_eq!(doubt.is_none(), is_over, "{is_declared} {said_created}");
    }
}

#[test]
fn somebody_who_was_promoted_since_the_create_is_known_by_the_same_mis_value() {
    let trainee = RecordedUser::new(Role::TraineeAssessor, "A-2");
    let users = format!(
        "{ANN}{}",
        BEN.replace("role: assessor", "role: traineeAssessor")
    );
    for (mis_id, expected) in [
        ("A-2", None),
        ("A-9", Some(UnclearKind::OtherMisId(2.into()))),
        ("a-2", Some(UnclearKind::OtherMisId(2.into()))),
    ] {
        let mut known = created(2, Age::Fresh, true);
        let create = known.created.remove(&ben()).unwrap();
        known.created.insert(trainee.clone(), create);
        let seed = SEED.replace("A-9", mis_id);
        let doubts = doubts_on(&seed, &users, &known);
        assert_eq!(doubts.get(&trainee).copied(), expected, "{mis_id}");
    }
}
