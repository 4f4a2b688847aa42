//! A college of realistic size: how many new learners are on hold for a likeness that isn't.
//!
//! How it is drawn. First names: 700, the n-th as frequent as 1/(n+4), so that the most frequent is that of about 4 % of people. Last
//! names: a third of the people have one of 60 frequent names, the others one of 6,000. Dates of birth: three quarters within
//! four years, the others within forty. Four in a hundred people have a brother or sister here, with the same last name and
//! home address; one in seven such pairs are twins; two in five share the mobile number of a parent, one in fifty an e-mail
//! address. Nine in ten accounts show a ULN and a date of birth; one in fifty shows neither. Three in four of the accounts are
//! declared.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, Policy, Scope};
use rosterctl::plan::{HoldReason, LikelyAccount, Plan, plan};

use crate::planner::{account, snapshot, text, uln};

const ACCOUNTS: usize = 10_000;
const NEW: usize = 3_000;
/// New learners who do have an account, by another MIS value; one in three of them under another last name.
const RETURNED: usize = 30;

#[derive(Clone)]
struct Learner {
    first: String,
    last: String,
    email: String,
    mobile: String,
    address: String,
    dob: Date,
    uln: String,
}

struct Draw {
    random: Rng,
    number: usize,
}

impl Draw {
    fn is_one_in(&mut self, of: usize) -> bool {
        self.random.usize(0..of) == 0
    }

    /// A rank below `most`, where low ones are the most frequent.
    fn rank(&mut self, most: usize, flat: f64) -> usize {
        let most = f64::from(u32::try_from(most).unwrap());
        let total = ((most + flat) / flat).ln();
        let rank = flat * (self.random.f64() * total).exp() - flat;
        let rank = rank.min(most - 1.0);
        let mut whole = 0u32;
        while f64::from(whole + 1) <= rank {
            whole += 1;
        }
        usize::try_from(whole).unwrap()
    }

    fn last_name(&mut self) -> String {
        if self.is_one_in(3) {
            format!("Oakhollow{}", letters(self.rank(60, 5.0)))
        } else {
            format!("Fernmoor{}", letters(self.random.usize(0..6_000)))
        }
    }

    fn birthday(&mut self) -> Date {
        let days = if self.is_one_in(4) { 14_600 } else { 1_461 };
        date(2009, 8, 31) - self.random.i64(0..days).days()
    }

    fn learner(&mut self) -> Learner {
        self.number += 1;
        let number = self.number;
        Learner {
            first: format!("Given{}", letters(self.rank(700, 4.0))),
            last: self.last_name(),
            email: format!("l{number}@example.ac.uk"),
            mobile: format!("07700 {:06}", 100_000 + number),
            address: format!("{number} High Street\nSampleton"),
            dob: self.birthday(),
            uln: uln(number),
        }
    }

    /// A brother or sister.
    fn sibling(&mut self, of: &Learner) -> Learner {
        let own = self.learner();
        let is_twin = self.is_one_in(7);
        let (shares_mobile, shares_email) = (self.random.usize(0..5) < 2, self.is_one_in(50));
        Learner {
            first: if own.first == of.first {
                "Givenother".to_owned()
            } else {
                own.first
            },
            last: of.last.clone(),
            address: of.address.clone(),
            dob: if is_twin { of.dob } else { own.dob },
            mobile: if shares_mobile {
                of.mobile.clone()
            } else {
                own.mobile
            },
            email: if shares_email {
                of.email.clone()
            } else {
                own.email
            },
            uln: own.uln,
        }
    }

    fn people(&mut self) -> Vec<Learner> {
        let mut people = Vec::new();
        while people.len() < ACCOUNTS {
            let one = self.learner();
            if self.is_one_in(50) {
                people.push(self.sibling(&one));
            }
            people.push(one);
        }
        people.truncate(ACCOUNTS);
        self.random.shuffle(&mut people);
        people
    }

    fn account(&mut self, at: usize, of: &Learner) -> Account {
        let is_known = !self.is_one_in(10);
        let uln = if is_known { &of.uln } else { "9999999999" };
        let mut shown = vec![
            text(Key::MisId, &format!("L-{at}")),
            text(Key::FirstName, &of.first),
            text(Key::LastName, &of.last),
            text(Key::Email, &of.email),
            text(Key::MobileNumber, &of.mobile),
            text(Key::HomeAddress, &of.address),
            text(Key::Uln, uln),
            (Key::Nino, None),
        ];
        let dob = of.dob.to_string();
        // Accounts that somebody made by hand may have neither.
        shown.push(if is_known || self.random.usize(0..5) < 4 {
            text(Key::Dob, &dob)
        } else {
            (Key::Dob, None)
        });
        account(i64::try_from(at).unwrap() + 100, Role::Learner, &shown)
    }
}

fn letters(mut number: usize) -> String {
    let mut letters = String::new();
    for _ in 0..4 {
        letters.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
    }
    letters
}

fn declared(mis_id: &str, of: &Learner) -> String {
    format!(
        "  - {{ misId: {mis_id}, firstName: {}, lastName: {}, email: {}, dob: {}, uln: \"{}\", mobileNumber: \"{}\", homeAddress: {:?} }}\n",
        of.first, of.last, of.email, of.dob, of.uln, of.mobile, of.address
    )
}

/// The reasons of those on hold, apart from the learners who do have an account, by the marks that they share.
fn likenesses(planned: &Plan) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for held in &planned.held {
        if held
            .who
            .mis_id
            .as_deref()
            .is_some_and(|mis_id| mis_id.starts_with("R-"))
        {
            continue;
        }
        let reason = match held.reasons.first() {
            Some(HoldReason::MayExist { accounts, .. }) => {
                format!("account: {:?}", accounts[0].same)
            }
            Some(HoldReason::AlsoDeclared { same, .. }) => format!("declared: {same:?}"),
            other => format!("{other:?}"),
        };
        *counts.entry(reason).or_default() += 1;
    }
    counts
}

#[expect(clippy::print_stderr, reason = "people want to see the counts")]
pub fn hardly_anybody_of_a_college_is_held_for_a_likeness_that_is_none() {
    let mut draw = Draw {
        random: Rng::with_seed(18),
        number: 0,
    };
    let people = draw.people();
    let (old, new) = people.split_at(ACCOUNTS - NEW);
    let mut accounts = vec![account(1, Role::Assessor, &[text(Key::MisId, "A-000")])];
    let mut users = String::new();
    for (at, learner) in old.iter().enumerate() {
        accounts.push(draw.account(at, learner));
        // Those of earlier years are not declared any more.
        if at % 4 != 0 {
            users += &declared(&format!("L-{at}"), learner);
        }
    }
    for (at, learner) in new.iter().enumerate() {
        users += &declared(&format!("N-{at}"), learner);
    }
    for at in 0..RETURNED {
        let mut learner = old[at * 4].clone();
        if at % 3 == 0 {
            learner.last = format!("Newmoor{}", letters(at));
        }
        learner.email = format!("r{at}@example.ac.uk");
        users += &declared(&format!("R-{at}"), &learner);
    }
    let users = format!(
        "defaults: {{ role: learner, classroom: Business, placement: BT01, defaultAssessor: A-000 }}\nusers:\n{users}"
    );
    let roster = crate::planner::roster_of(&[users]);
    let planned = plan(
        &roster,
        &snapshot(accounts),
        &Policy::default(),
        &Scope::whole(),
    );
    let likenesses = likenesses(&planned);
    let returned = planned.held.iter().filter(|held| {
        held.who
            .mis_id
            .as_deref()
            .is_some_and(|mis_id| mis_id.starts_with("R-"))
    });
    let noted = planned.creates().filter(|create| !create.notes.is_empty());
    let by_name = |note: &LikelyAccount| !note.differs.is_empty();
    let namesakes = planned
        .creates()
        .filter(|create| create.notes.iter().any(by_name))
        .count();
    let summary = format!(
        "{} to create, {} on hold for a likeness {likenesses:?}, {} of {RETURNED} who have an account on hold, {} with a note, {namesakes} of them for the whole name",
        planned.counts().creates,
        likenesses.values().sum::<usize>(),
        returned.clone().count(),
        noted.count()
    );
    eprintln!("{summary}");
    assert!(likenesses.values().sum::<usize>() <= 10, "{summary}");
    // Somebody with another last name can't be known by an account without ULN and date of birth.
    assert!(returned.count() + 1 >= RETURNED, "{summary}");
    let noted = planned
        .creates()
        .filter(|create| !create.notes.is_empty())
        .count();
    assert!(noted < NEW / 5, "{summary}");
}
