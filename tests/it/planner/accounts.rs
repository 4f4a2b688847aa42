//! The accounts that an invented organisation has in OneFile, and what it shows of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rosterctl::domain::field::{FIELDS, Key, Referent, UNKNOWN_ULN};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, Directory, DirectoryEntry, EntryId, ObservedValue, Organisation,
    OrganisationId, RecordedUser, ShownArchive, Snapshot, UnclearCreate, UnclearKind, UserIdentity,
    Value,
};

use crate::planner::invented::{
    ASSESSOR, EMPLOYER, Invented, Live, LiveKey, Mark, OBSERVER, Target, Written, first_name,
    former_mis_id, last_name, lookalike_account, mis_id, nino, own_account, second_account, uln,
};

impl Invented {
    /// The fields that OneFile shows of this role.
    pub(super) fn shown_keys(&self, role: Role) -> impl Iterator<Item = Key> {
        let fields = FIELDS.iter().filter(move |field| {
            field.is_of(role) && field.api.is_some() && !matches!(field.key, Key::Id | Key::Role)
        });
        fields
            .map(|field| field.key)
            .filter(|key| Some(*key) != self.run.unseen)
    }

    fn account(&self, id: AccountId, role: Role, values: &[(Key, ObservedValue)]) -> Account {
        let mut shown: BTreeMap<Key, Option<ObservedValue>> =
            self.shown_keys(role).map(|key| (key, None)).collect();
        for (key, value) in values {
            if let Some(place) = shown.get_mut(key) {
                *place = Some(value.clone());
            }
        }
        let shown = shown.into_iter().collect();
        Account {
            id,
            role,
            shown,
            archive: ShownArchive::NotShown,
        }
    }

    fn own(&self, at: usize) -> Account {
        let person = &self.people[at];
        let mut values: BTreeMap<Key, ObservedValue> = self
            .fields(at)
            .iter()
            .map(|(key, written)| (*key, live_value(*key, written)))
            .collect();
        match person.live_key {
            LiveKey::Current => values.insert(Key::MisId, text(Key::MisId, &mis_id(at))),
            LiveKey::Former => values.insert(Key::MisId, text(Key::MisId, &former_mis_id(at))),
            LiveKey::None => values.remove(&Key::MisId),
        };
        if let Live::There(emptied, changed) = &person.live {
            values.retain(|key, _| *key == Key::MisId || !emptied.contains(&(*key as usize)));
            for (key, value) in &mut values {
                if *key != Key::MisId && changed.contains(&(*key as usize)) {
                    *value = other_value(at, *key, value);
                }
            }
        }
        let values: Vec<_> = values.into_iter().collect();
        self.account(own_account(at), person.role, &values)
    }

    /// An account of somebody else that shares one mark with a user.
    fn lookalike(&self, at: usize, mark: Mark) -> Account {
        let values = match mark {
            Mark::MisId => vec![(Key::MisId, format!("u-0{at}"))],
            Mark::Name => vec![
                (Key::FirstName, last_name(at).to_uppercase()),
                (Key::LastName, first_name(at)),
            ],
            Mark::Email => vec![(Key::Email, self.email(at).to_uppercase())],
            Mark::Uln => vec![(Key::Uln, uln(at))],
            Mark::Nino => vec![(Key::Nino, nino(at).to_lowercase())],
        };
        let values = values
            .iter()
            .map(|(key, written)| (*key, text(*key, written)));
        let values: Vec<_> = values.collect();
        self.account(lookalike_account(at), Role::Learner, &values)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let mut accounts = self.undeclared();
        for at in 0..self.people.len() {
            accounts.extend(self.listed(at));
        }
        let mut snapshot = Snapshot::new(organisation(), directory(), self.whole(), accounts);
        for (at, person) in self.people.iter().enumerate() {
            let is_pinned = self.pinned_to(at) == Some(own_account(at));
            // Only a pin leads to an account that no list shows.
            if matches!(person.live, Live::Hidden) && is_pinned {
                snapshot.look_closer(&self.own(at));
            }
            // Who was declared before without an account is on hold; `earlier` has that.
            let identity = UserIdentity::new(person.role, &mis_id(at));
            snapshot.known.add_waiting(identity);
            if person.is_unclear {
                let user = RecordedUser::of_any_role(&mis_id(at));
                snapshot.unclear.insert(user, unclear());
            }
        }
        snapshot
    }

    /// Accounts that no manifest declares and that some refer to.
    fn undeclared(&self) -> Vec<Account> {
        let account = |id, role, letter: char| {
            let email = format!("{}@example.ac.uk", letter.to_ascii_lowercase());
            let values = [
                (Key::MisId, text(Key::MisId, &format!("{letter}-000"))),
                (Key::Email, text(Key::Email, &email)),
            ];
            self.account(id, role, &values)
        };
        vec![
            account(ASSESSOR, Role::Assessor, 'A'),
            account(EMPLOYER, Role::Employer, 'E'),
            account(OBSERVER, Role::Observer, 'O'),
        ]
    }

    /// The accounts in the lists that are a user's, or look like it.
    fn listed(&self, at: usize) -> Vec<Account> {
        let person = &self.people[at];
        let mut accounts = Vec::new();
        accounts.extend(person.lookalike.map(|mark| self.lookalike(at, mark)));
        let mut own = self.own(at);
        match &person.live {
            Live::Absent | Live::Hidden => {}
            Live::There(..) => accounts.push(own),
            Live::Twice => {
                let id = second_account(at);
                accounts.push(own.clone());
                own.shown
                    .insert(Key::MisId, Some(text(Key::MisId, &mis_id(at))));
                accounts.push(Account { id, ..own });
            }
            Live::OtherRole => {
                let role = other_role(person.role);
                accounts.push(Account { role, ..own });
            }
        }
        accounts
    }

    fn whole(&self) -> BTreeSet<Role> {
        Role::all()
            .filter(|role| Some(*role) != self.run.gap)
            .collect()
    }
}

fn text(key: Key, text: &str) -> ObservedValue {
    ObservedValue::of_text(key.row().kind, text)
}

fn number(key: Key, number: i64) -> ObservedValue {
    ObservedValue::of_number(key.row().kind, number)
}

/// A declared value as OneFile shows it.
fn live_value(key: Key, written: &Written) -> ObservedValue {
    match written {
        Written::Text(lines) => text(key, &lines.replace('\n', "\r\n")),
        Written::Day(day) => {
            let london = TimeZone::get("Europe/London").unwrap();
            let midnight = day.to_zoned_datetime(london).unwrap().timestamp();
            text(key, &midnight.to_string())
        }
        Written::Flag(flag) => number(key, i64::from(*flag)),
        Written::Entry(id, _) => number(key, id.get()),
        Written::User(Target::Declared(at), _) => number(key, own_account(*at).get()),
        Written::User(Target::Undeclared, _) if key == Key::DefaultEmployer => {
            number(key, EMPLOYER.get())
        }
        Written::User(Target::Undeclared | Target::Unknown | Target::CannotServe, _) => {
            number(key, ASSESSOR.get())
        }
    }
}

/// A value that is nobody's in this organisation.
fn other_value(at: usize, key: Key, value: &ObservedValue) -> ObservedValue {
    match (key, value) {
        (Key::Email, _) => text(key, &format!("former{at}@example.ac.uk")),
        (Key::Dob, _) => text(key, "1960-02-03"),
        (Key::Uln, _) => text(key, UNKNOWN_ULN),
        (Key::Nino, _) => text(key, &format!("QQ9999{at:02}A")),
        (_, ObservedValue::Value(Value::Flag(flag))) => number(key, i64::from(!flag)),
        (_, ObservedValue::Value(Value::Reference(_))) => number(key, 998),
        (
            _,
            ObservedValue::Value(Value::Text(_) | Value::Day(_) | Value::Instant(_))
            | ObservedValue::Empty
            | ObservedValue::Unreadable(_),
        ) => text(key, &format!("Former{at}")),
    }
}

fn other_role(role: Role) -> Role {
    match role {
        Role::Observer => Role::Iqa,
        Role::Learner | Role::TraineeAssessor | Role::Assessor | Role::Iqa | Role::Employer => {
            Role::Observer
        }
    }
}

fn unclear() -> UnclearCreate {
    UnclearCreate {
        since: Timestamp::UNIX_EPOCH,
        doubt: UnclearKind::Create,
    }
}

fn organisation() -> Organisation {
    Organisation {
        id: OrganisationId::new(5740),
        name: "Example College".to_owned(),
        keychain_creation: Some(true),
        email_suppression: Some(false),
    }
}

fn directory() -> Directory {
    let entry = |id, name: &str, mis_id: Option<&str>| DirectoryEntry {
        id: EntryId::new(id),
        name: name.to_owned(),
        mis_id: mis_id.map(str::to_owned),
    };
    let classrooms = vec![entry(1, "Business", None), entry(2, "Health", Some("HE01"))];
    Directory::new(BTreeMap::from([
        (Referent::Classroom, classrooms),
        (Referent::Placement, vec![entry(3, "Bakery", Some("BT01"))]),
        (Referent::Provider, vec![entry(4, "Northern", None)]),
    ]))
}
