//! Invented organisations: what manifests declare, what they declared before the change, and what is live. With `manifests`,
//! `accounts` and `reading` this is all that knows how a roster and a snapshot are built; the properties only ask it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rosterctl::domain::field::{Key, UNKNOWN_ULN};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    AccountId, Archived, EntryId, FieldPolicy, FieldRule, FieldTreatment, Policy,
};

/// One organisation, its manifests and the circumstances of a run.
#[derive(Clone, Debug)]
pub(super) struct Invented {
    pub people: Vec<Person>,
    pub run: Run,
}

/// The circumstances of a run, apart from its users.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// A role whose list did not come to its end.
    pub gap: Option<Role>,
    pub archived: Archived,
    /// The fields of an overlay that is not there.
    pub unmanaged: Vec<Key>,
    /// A field that OneFile never shows.
    pub unseen: Option<Key>,
    pub base: Base,
    /// What the project says about its fields, for all roles or for one.
    pub fields: Vec<(Key, FieldTreatment, Option<Role>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    None,
    /// Everybody is planned, and what the change edits is known.
    Everybody,
    OnlyChanged,
}

/// A declared user and the accounts around it.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub role: Role,
    pub file: usize,
    pub pin: Pin,
    /// `distinctFrom` names every account that looks like this user's.
    pub names_others: bool,
    pub says_same: bool,
    pub said_former: SaidFormer,
    /// Shares the e-mail address of this one.
    pub email_of: Option<usize>,
    pub details: Details,
    pub assessor: (Target, Form),
    pub employer: Option<(Target, Form)>,
    pub entry_form: Form,
    pub live: Live,
    pub live_key: LiveKey,
    pub lookalike: Option<Mark>,
    pub before: Before,
    pub is_unclear: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Details {
    /// In the classroom Health, not Business.
    pub health: bool,
    pub mobile: Option<u8>,
    /// Which of the fields with one fixed text are declared.
    pub fixed: BTreeSet<Key>,
    pub dob: Option<Date>,
    pub uln: Uln,
    pub funding: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uln {
    Undeclared,
    Placeholder,
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    None,
    ToOwn,
    /// Only the number of the account says who it is.
    ToOwnWithoutMisId,
    ToNobody,
}

/// Whether `formerMisId` names the former MIS value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaidFormer {
    Nothing,
    FormerMisId,
}

/// Who a learner refers to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// One of the declared users who can serve, or an undeclared account if nobody can.
    Declared(usize),
    Undeclared,
    Unknown,
    CannotServe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    MisId,
    Id,
    /// An e-mail address, or the name of what is not a user.
    Other,
}

#[derive(Clone, Debug)]
pub(super) enum Live {
    Absent,
    /// Some fields are empty, and some have another value.
    There(BTreeSet<usize>, BTreeSet<usize>),
    /// A second account has the MIS value.
    Twice,
    OtherRole,
    /// An account that no list shows.
    Hidden,
}

/// The MIS value of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiveKey {
    Current,
    Former,
    None,
}

/// What an account of somebody else has in common with a user.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    MisId,
    Name,
    Email,
    Uln,
    Nino,
}

/// What the manifests said before the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Same,
    Absent,
    OtherMobile,
    OtherMisId,
}

/// A declared value.
#[derive(Clone, Debug)]
pub(super) enum Written {
    Text(String),
    Day(Date),
    Flag(bool),
    Entry(EntryId, Form),
    User(Target, Form),
}

pub(super) const ASSESSOR: AccountId = AccountId::new(900);
pub(super) const EMPLOYER: AccountId = AccountId::new(901);
pub(super) const OBSERVER: AccountId = AccountId::new(902);

/// The number of a user's own account, if it is there.
pub(super) fn own_account(at: usize) -> AccountId {
    AccountId::new(i64::try_from(at).unwrap() + 100)
}

fn after(id: AccountId, step: i64) -> AccountId {
    AccountId::new(id.get() + step)
}

pub(super) fn second_account(at: usize) -> AccountId {
    after(own_account(at), 200)
}

pub(super) fn lookalike_account(at: usize) -> AccountId {
    after(own_account(at), 400)
}

pub(super) fn mis_id(at: usize) -> String {
    format!("U-{at}")
}

pub(super) fn former_mis_id(at: usize) -> String {
    format!("V-{at}")
}

pub(super) fn first_name(at: usize) -> String {
    format!("F{at}")
}

pub(super) fn last_name(at: usize) -> String {
    format!("Abbotsley{at}")
}

/// With the check digit that the validator asks for.
pub(super) fn uln(at: usize) -> String {
    let rest = |number: &usize| (number / 10 * 3 + number % 10 * 2) % 11;
    let number = (1..100).filter(|number| rest(number) != 0).nth(at).unwrap();
    let check = 10 - rest(&number);
    format!("0000000{number:02}{check}")
}

impl Invented {
    /// The same users without accounts, each of whom somebody else's account resembles by one mark.
    pub(super) fn with_lookalikes(mut self) -> Self {
        self.run = self.run.orderly(self.run.base);
        let marks = [Mark::Name, Mark::Nino, Mark::Uln, Mark::MisId, Mark::Email];
        for (at, person) in self.people.iter_mut().enumerate() {
            person.lookalike = Some(marks[at % marks.len()]);
            person.live = Live::Absent;
            person.pin = Pin::None;
            person.is_unclear = false;
        }
        self
    }

    /// The same users where the change gives each another MIS value, and only the former one leads to the account.
    pub(super) fn with_former_accounts(mut self) -> Self {
        self.run = self.run.orderly(Base::Everybody);
        for person in &mut self.people {
            let marks = [
                Key::FirstName,
                Key::LastName,
                Key::Email,
                Key::Uln,
                Key::Nino,
            ];
            let emptied = marks.map(|key| key as usize).into_iter().collect();
            person.live = Live::There(emptied, BTreeSet::new());
            person.live_key = LiveKey::Former;
            person.before = Before::OtherMisId;
            person.pin = Pin::None;
            person.lookalike = None;
        }
        self
    }

    /// The same run where everything could be read, every overlay is there, and every unclear create is of a user whose MIS
    /// value is still declared.
    pub(super) fn with_orderly_run(mut self) -> Self {
        self.run = self.run.orderly(self.run.base);
        for person in &mut self.people {
            person.is_unclear &= !person.has_undeclared_create();
        }
        self
    }

    fn is_managed(&self, key: Key) -> bool {
        !self.run.unmanaged.contains(&key)
    }

    /// The users of a role that can serve.
    fn serving(&self, roles: &[Role]) -> Vec<usize> {
        (0..self.people.len())
            .filter(|at| roles.contains(&self.people[*at].role))
            .collect()
    }

    fn target(&self, target: Target, roles: &[Role]) -> Target {
        let serving = self.serving(roles);
        match target {
            Target::Declared(_) if serving.is_empty() => Target::Undeclared,
            Target::Declared(at) => Target::Declared(serving[at % serving.len()]),
            Target::Undeclared | Target::Unknown | Target::CannotServe => target,
        }
    }

    pub(super) fn email(&self, at: usize) -> String {
        let at = self.people[at].email_of.unwrap_or(at) % self.people.len();
        format!("f{at}@example.ac.uk")
    }

    /// What is declared of a user, identity included.
    pub(super) fn fields(&self, at: usize) -> Vec<(Key, Written)> {
        let person = &self.people[at];
        let mut fields = vec![
            (Key::MisId, Written::Text(mis_id(at))),
            (Key::FirstName, Written::Text(first_name(at))),
            (Key::LastName, Written::Text(last_name(at))),
            (Key::Email, Written::Text(self.email(at))),
        ];
        fields.extend(self.links(at));
        fields.extend(person.details.fields(at));
        fields.retain(|(key, _)| key.row().is_of(person.role) && self.is_managed(*key));
        if person.pin == Pin::ToOwnWithoutMisId {
            fields.retain(|(key, _)| *key != Key::MisId);
        }
        fields
    }

    fn links(&self, at: usize) -> Vec<(Key, Written)> {
        let person = &self.people[at];
        let assessing = &[Role::TraineeAssessor, Role::Assessor, Role::Iqa];
        let (assessor, form) = person.assessor;
        let entry = |id| Written::Entry(EntryId::new(id), person.entry_form);
        let mut links = vec![
            (
                Key::Classroom,
                entry(if person.details.health { 2 } else { 1 }),
            ),
            (Key::Placement, entry(3)),
            (Key::Provider, entry(4)),
            (
                Key::DefaultAssessor,
                Written::User(self.target(assessor, assessing), form),
            ),
        ];
        if let Some((employer, form)) = person.employer {
            let employer = self.target(employer, &[Role::Employer]);
            links.push((Key::DefaultEmployer, Written::User(employer, form)));
        }
        links
    }

    pub(super) fn pinned_to(&self, at: usize) -> Option<AccountId> {
        match self.people[at].pin {
            Pin::None => None,
            Pin::ToOwn | Pin::ToOwnWithoutMisId => Some(own_account(at)),
            Pin::ToNobody => Some(after(own_account(at), 700)),
        }
    }

    /// The accounts that the manifest says are somebody else's.
    pub(super) fn distinct_from(&self, at: usize) -> BTreeSet<AccountId> {
        let person = &self.people[at];
        let mut others = BTreeSet::new();
        if person.names_others {
            others.extend([second_account(at), lookalike_account(at)]);
            others.extend((person.live_key == LiveKey::Former).then(|| own_account(at)));
            let sharing = (0..self.people.len()).filter(|other| *other != at);
            others.extend(
                sharing
                    .filter(|other| self.email(*other) == self.email(at))
                    .map(own_account),
            );
        }
        others.retain(|id| Some(*id) != self.pinned_to(at));
        others
    }

    /// What the project says about its fields.
    pub(super) fn field_policy(&self) -> FieldPolicy {
        let mut policy = FieldPolicy::default();
        for (key, treatment, role) in &self.run.fields {
            policy.set(
                *key,
                FieldRule {
                    treatment: *treatment,
                    role: *role,
                },
            );
        }
        policy
    }

    /// What is said about a field of a user; what is said for the role wins.
    pub(super) fn treatment(&self, at: usize, key: Key) -> FieldTreatment {
        let role = self.people[at].role;
        let of = |wanted: Option<Role>| {
            let mut said = self.run.fields.iter().rev();
            said.find(|(known, _, only)| *known == key && *only == wanted)
        };
        of(Some(role))
            .or_else(|| of(None))
            .map_or(FieldTreatment::Always, |(_, treatment, _)| *treatment)
    }

    /// The MIS value that `formerMisId` names.
    pub(super) fn said_former(&self, at: usize) -> Option<String> {
        let person = &self.people[at];
        let has_key = person.pin != Pin::ToOwnWithoutMisId;
        (person.said_former == SaidFormer::FormerMisId && has_key).then(|| former_mis_id(at))
    }

    pub(super) fn policy(&self) -> Policy {
        Policy {
            archived: self.run.archived,
            ..Policy::default()
        }
    }
}

impl Run {
    /// Everything could be read, and every overlay is there.
    fn orderly(&self, base: Base) -> Self {
        Self {
            gap: None,
            archived: Archived::Unknown,
            unmanaged: Vec::new(),
            unseen: None,
            base,
            fields: self.fields.clone(),
        }
    }
}

impl Person {
    /// Whether an earlier create is unclear by a MIS value that no manifest declares any more. It may have made anybody's
    /// account.
    pub(super) fn has_undeclared_create(&self) -> bool {
        self.is_unclear && self.pin == Pin::ToOwnWithoutMisId
    }

    /// Whether the accounts around this user leave no doubt.
    pub(super) fn is_orderly(&self) -> bool {
        let is_alone = match &self.live {
            Live::Absent => true,
            Live::There(_, changed) => match self.live_key {
                LiveKey::Current => changed.is_empty(),
                LiveKey::Former => self.names_others,
                LiveKey::None => false,
            },
            Live::Twice | Live::OtherRole | Live::Hidden => false,
        };
        // A number has one owner, so nothing answers an update to somebody else's.
        let has_number = matches!(self.lookalike, Some(Mark::Uln | Mark::Nino));
        let is_created = matches!(self.live, Live::Absent);
        let is_told_apart =
            self.lookalike.is_none() || (self.names_others && (is_created || !has_number));
        let says_nothing = self.pin == Pin::None && self.said_former == SaidFormer::Nothing;
        is_alone && is_told_apart && says_nothing && !self.is_unclear
    }
}

impl Details {
    fn fields(&self, at: usize) -> Vec<(Key, Written)> {
        let mut fields = Vec::new();
        let mut add = |key, written: Option<Written>| fields.extend(written.map(|it| (key, it)));
        let mobile = self.mobile.map(|digit| format!("07700 90000{digit}"));
        add(Key::MobileNumber, mobile.map(Written::Text));
        add(Key::Dob, self.dob.map(Written::Day));
        let uln = match self.uln {
            Uln::Undeclared => None,
            Uln::Placeholder => Some(UNKNOWN_ULN.to_owned()),
            Uln::Own => Some(uln(at)),
        };
        add(Key::Uln, uln.map(Written::Text));
        add(Key::SupportFunding, self.funding.map(Written::Flag));
        for key in &self.fixed {
            add(*key, Some(Written::Text(fixed_text(*key, at))));
        }
        fields
    }
}

/// The fields that have one fixed text each.
pub(super) const FIXED: [Key; 4] = [Key::Website, Key::HomeAddress, Key::CreatedOn, Key::Nino];

fn fixed_text(key: Key, at: usize) -> String {
    match key {
        Key::HomeAddress => "1 High Street\nSampleton".to_owned(),
        Key::CreatedOn => "2026-09-01T09:00:00Z".to_owned(),
        Key::Nino => nino(at),
        _ => "https://example.ac.uk".to_owned(),
    }
}

pub(super) fn nino(at: usize) -> String {
    format!("QQ0001{at:02}A")
}
