//! What a plan says of each invented user, and what OneFile would show once it is applied. With `invented` this is all that
//! knows the types of a plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rosterctl::domain::field::{Key, UNKNOWN_ULN};
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, AccountId, ArchiveMove, Roster, Scope, ShownArchive, Snapshot};
use rosterctl::findings::source::Place;
use rosterctl::plan::{
    Archive, Assign, Change, Create, CreateEntry, HeldUser, HoldReason, Operation, Origin, Plan,
    ReferenceTarget, ResolvedValue, Unarchive, Update, UpdateEntry, UserLabel, plan,
};
use rosterctl::review::HoldReasonName;

use crate::planner::invented::{Base, Form, Invented, Target, Written, mis_id, own_account};
use crate::planner::live;

/// An invented organisation and its plan.
pub(super) struct Planned {
    pub invented: Invented,
    pub roster: Roster,
    pub scope: Scope,
    pub before: Snapshot,
    pub plan: Plan,
}

/// What becomes of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Created,
    Updated(AccountId),
    /// Archived, or brought back.
    Moved(AccountId),
    Held,
    /// Neither an operation nor a reason to wait.
    Unchanged,
    /// The change does not edit this user, and only edited users are planned.
    LeftOut,
}

impl Planned {
    pub(super) fn of(invented: Invented) -> Self {
        let (roster, before) = (invented.roster(), invented.snapshot());
        let scope = invented.scope(&roster);
        let plan = plan(&roster, &before, &invented.policy(), &scope);
        Self {
            invented,
            roster,
            scope,
            before,
            plan,
        }
    }

    /// The same roster and scope, planned again on what OneFile shows once the plan is applied.
    pub(super) fn again(&self) -> Plan {
        plan(
            &self.roster,
            &self.after(),
            &self.invented.policy(),
            &self.scope,
        )
    }

    pub(super) fn users(&self) -> std::ops::Range<usize> {
        0..self.invented.people.len()
    }

    pub(super) fn operations_of(&self, at: usize) -> Vec<&Operation> {
        let operations = self.plan.operations.iter();
        operations
            .filter(|one| number_of(one.user().unwrap()) == at)
            .collect()
    }

    pub(super) fn held(&self, at: usize) -> Vec<&HeldUser> {
        let held = self.plan.held.iter();
        held.filter(|one| number_of(&one.who) == at).collect()
    }

    pub(super) fn fate(&self, at: usize) -> Fate {
        let declared = self.roster.users().iter();
        let index = declared
            .enumerate()
            .find(|(_, one)| number(one.mis_id(), one.id) == at);
        match (self.operations_of(at).first(), self.held(at).first()) {
            (
                Some(Operation::CreateEntry(_) | Operation::UpdateEntry(_) | Operation::Assign(_)),
                _,
            ) => unreachable!("nobody invents them"),
            (Some(Operation::Create(_)), _) => Fate::Created,
            (Some(Operation::Update(update)), _) => Fate::Updated(update.account),
            (
                Some(
                    Operation::Unarchive(Unarchive { account, .. })
                    | Operation::Archive(Archive { account, .. }),
                ),
                _,
            ) => Fate::Moved(*account),
            (None, Some(_)) => Fate::Held,
            (None, None) if !self.scope.includes(index.unwrap().0) => Fate::LeftOut,
            (None, None) => Fate::Unchanged,
        }
    }

    /// The users with a create.
    pub(super) fn created(&self) -> impl Iterator<Item = usize> {
        self.users().filter(|at| self.fate(*at) == Fate::Created)
    }

    /// What OneFile shows once every operation is done.
    pub(super) fn after(&self) -> Snapshot {
        let mut after = self.before.clone();
        let mut created = HashMap::new();
        for operation in &self.plan.operations {
            let mut account = match operation {
                Operation::CreateEntry(_) | Operation::UpdateEntry(_) | Operation::Assign(_) => {
                    unreachable!("nobody invents them")
                }
                Operation::Update(Update { account, .. })
                | Operation::Unarchive(Unarchive { account, .. })
                | Operation::Archive(Archive { account, .. }) => {
                    after.account(*account).unwrap().clone()
                }
                Operation::Create(create) => self.new_account(&after, create.user.role),
            };
            match operation.archive_move() {
                Some(ArchiveMove::Archive) => account.archive = ShownArchive::Archived,
                Some(ArchiveMove::Unarchive) => account.archive = ShownArchive::Current,
                None => {}
            }
            created.extend(operation.created_user().map(|user| (user, account.id)));
            for change in operation.changes() {
                let is_kept = change.key.row().api.is_some();
                if is_kept && Some(change.key) != self.invented.run.unseen {
                    let value = live(change.key, &change.to, &created);
                    account.shown.insert(change.key, Some(value));
                }
            }
            after.replace(account);
        }
        after
    }

    /// Whether the ULN, or the e-mail address and the date of birth, are live as they are declared.
    pub(super) fn agrees_otherwise(&self, at: usize) -> bool {
        let fields = self.invented.fields(at);
        let Fate::Updated(id) = self.fate(at) else {
            return false;
        };
        let account = self.before.account(id).unwrap();
        let agrees = |key: Key| {
            let declared = fields.iter().find(|(known, _)| *known == key);
            let declared = declared.and_then(|(_, written)| match written {
                Written::Text(text) => Some(text.clone()),
                Written::Day(day) => Some(day.to_string()),
                Written::Flag(_) | Written::Entry(..) | Written::User(..) => None,
            });
            declared.is_some_and(|text| text != UNKNOWN_ULN && account.text(key) == Some(text))
        };
        agrees(Key::Uln) || (agrees(Key::Email) && agrees(Key::Dob))
    }

    fn new_account(&self, snapshot: &Snapshot, role: Role) -> Account {
        let last = snapshot.accounts().map(|account| account.id).max();
        let keys = self.invented.shown_keys(role);
        Account {
            id: AccountId::new(last.map_or(1, |last| last.get() + 1)),
            role,
            archive: ShownArchive::NotShown,
            shown: keys.map(|key| (key, None)).collect(),
        }
    }

    /// The accounts that a user may be: the pinned one, or those with the MIS value that are not somebody else's. If there is
    /// none of the role, those with the value that `formerMisId` names.
    pub(super) fn accounts_of(&self, at: usize, snapshot: &Snapshot) -> BTreeSet<AccountId> {
        let role = self.invented.people[at].role;
        let of_role = |account: &&Account| account.role == role;
        if let Some(id) = self.invented.pinned_to(at) {
            return snapshot
                .account(id)
                .map(|account| account.id)
                .into_iter()
                .collect();
        }
        let by_key = self.with_mis_id(at, &mis_id(at), snapshot);
        let former = self.invented.said_former(at);
        match former.filter(|_| !by_key.iter().any(of_role)) {
            Some(former) => {
                let mut found = self.with_mis_id(at, &former, snapshot);
                found.retain(of_role);
                found.into_iter().map(|account| account.id).collect()
            }
            None => by_key.into_iter().map(|account| account.id).collect(),
        }
    }

    fn with_mis_id<'s>(&self, at: usize, key: &str, snapshot: &'s Snapshot) -> Vec<&'s Account> {
        let others = self.invented.distinct_from(at);
        let accounts = snapshot.accounts();
        let named = accounts.filter(|account| account.text(Key::MisId).as_deref() == Some(key));
        named
            .filter(|account| !others.contains(&account.id))
            .collect()
    }

    /// Whether a reference can only mean the declared user: numbers mean accounts, and what is not declared finds nobody.
    pub(super) fn is_of_declared(&self, at: usize, form: Form) -> bool {
        let fields = self.invented.fields(at);
        let has = |key: Key| fields.iter().any(|(known, _)| *known == key);
        match form {
            Form::Plain | Form::MisId => has(Key::MisId),
            Form::Other => has(Key::Email),
            Form::Id => false,
        }
    }

    /// The account that a reference has to lead to in the end, unless it is one that cannot be resolved.
    pub(super) fn referred_to(
        &self,
        target: Target,
        form: Form,
        after: &Snapshot,
    ) -> Option<BTreeSet<AccountId>> {
        match target {
            Target::Declared(at) if form == Form::Id => Some(BTreeSet::from([own_account(at)])),
            Target::Declared(at) if self.is_of_declared(at, form) => {
                Some(self.accounts_of(at, after))
            }
            Target::Declared(at) => Some(self.live_accounts(at, form, after)),
            Target::Undeclared | Target::Unknown | Target::CannotServe => None,
        }
    }

    /// The accounts that show what a reference names a user by.
    fn live_accounts(&self, at: usize, form: Form, after: &Snapshot) -> BTreeSet<AccountId> {
        let (key, text) = match form {
            Form::Other => (Key::Email, self.invented.email(at)),
            Form::Plain | Form::MisId | Form::Id => (Key::MisId, mis_id(at)),
        };
        let accounts = after.accounts();
        let named = accounts.filter(|one| one.text(key).as_ref() == Some(&text));
        named.map(|account| account.id).collect()
    }

    /// The declared users that somebody refers to by what only a declared user has.
    pub(super) fn declared_targets(&self, at: usize) -> Vec<usize> {
        let fields = self.invented.fields(at).into_iter();
        let targets = fields.filter_map(|(_, written)| match written {
            Written::User(Target::Declared(target), form) => Some((target, form)),
            Written::User(..)
            | Written::Text(_)
            | Written::Day(_)
            | Written::Flag(_)
            | Written::Entry(..) => None,
        });
        targets
            .filter(|(target, form)| self.is_of_declared(*target, *form))
            .map(|(target, _)| target)
            .collect()
    }
}

/// The changes that can be compared once they are made.
pub(super) fn comparable(operation: &Operation) -> Vec<&Change> {
    let changes = operation.changes().iter();
    changes.filter(|change| change.is_verifiable).collect()
}

/// The fields whose value is replaced by another one; the placeholder for a ULN is no value.
pub(super) fn replaced(operation: &Operation) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for change in operation.changes() {
        let former = change.from.as_ref().and_then(|from| from.live.canonical());
        if former.is_some_and(|former| former != UNKNOWN_ULN) {
            keys.insert(change.key);
        }
    }
    keys
}

/// The MIS values of the users that an operation waits for.
pub(super) fn awaited(operation: &Operation) -> Vec<String> {
    let mut awaited = Vec::new();
    for change in operation.changes() {
        if let ResolvedValue::Reference {
            target: ReferenceTarget::AfterApply(user),
            ..
        } = &change.to
        {
            awaited.push(user.mis_id.to_string());
        }
    }
    awaited
}

/// A plan without the places of users in files, and the held users by the names of their reasons.
pub(super) type Unplaced = (Plan, Vec<(UserLabel, BTreeSet<String>, Option<Origin>)>);

pub(super) fn without_places(plan: &Plan) -> Unplaced {
    let mut unplaced = plan.clone();
    for operation in &mut unplaced.operations {
        let (Operation::CreateEntry(CreateEntry { place, .. })
        | Operation::UpdateEntry(UpdateEntry { place, .. })
        | Operation::Assign(Assign { place, .. })
        | Operation::Create(Create { place, .. })
        | Operation::Update(Update { place, .. })
        | Operation::Unarchive(Unarchive { place, .. })
        | Operation::Archive(Archive { place, .. })) = operation;
        *place = nowhere();
    }
    for answer in &mut unplaced.unneeded {
        answer.place = nowhere();
    }
    let mut held = Vec::new();
    for user in unplaced.held.drain(..) {
        held.push((user.who.clone(), reasons(&user), user.origin));
    }
    (unplaced, held)
}

fn nowhere() -> Place {
    Place {
        file: "".into(),
        line: 0,
    }
}

/// The held users, in the order of the plan.
pub(super) fn who_is_held(plan: &Plan) -> Vec<&UserLabel> {
    plan.held.iter().map(|held| &held.who).collect()
}

/// The reasons why a user is held, in the words of JSON documents.
pub(super) fn reasons(held: &HeldUser) -> BTreeSet<String> {
    held.reasons.iter().map(reason).collect()
}

fn reason(reason: &HoldReason) -> String {
    let word = serde_json::to_value(HoldReasonName::of(reason)).unwrap();
    word.as_str().unwrap().to_owned()
}

/// The number of an invented user.
pub(super) fn number_of(who: &UserLabel) -> usize {
    number(who.mis_id.as_deref(), who.id)
}

fn number(mis_id: Option<&str>, id: Option<AccountId>) -> usize {
    match mis_id {
        Some(mis_id) => mis_id.strip_prefix("U-").unwrap().parse().unwrap(),
        None => usize::try_from(id.unwrap().get() - own_account(0).get()).unwrap(),
    }
}

/// The marks of a person in the plainest form, made without the planner's own rules.
pub(super) fn marks(value: impl Fn(Key) -> Option<String>) -> BTreeMap<&'static str, String> {
    let folded = |key: Key| {
        let letters = value(key)?.to_lowercase();
        Some(letters.replace([' ', '\'', '’'], ""))
    };
    let name = folded(Key::FirstName).zip(folded(Key::LastName));
    let name = name.map(|(first, last)| first.clone().min(last.clone()) + &first.max(last));
    let uln = folded(Key::Uln).filter(|uln| uln != "9999999999");
    let marks = [
        (
            "misId",
            folded(Key::MisId).map(|key| key.replace("-0", "-")),
        ),
        ("name", name),
        ("email", folded(Key::Email)),
        ("uln", uln),
        ("nino", folded(Key::Nino)),
    ];
    marks
        .into_iter()
        .filter_map(|(mark, text)| Some((mark, text?)))
        .collect()
}

pub(super) fn declared_text(fields: &[(Key, Written)], key: Key) -> Option<String> {
    let found = fields.iter().find(|(known, _)| *known == key)?;
    match &found.1 {
        Written::Text(text) => Some(text.clone()),
        Written::Day(_) | Written::Flag(_) | Written::Entry(..) | Written::User(..) => None,
    }
}

/// The same organisation where everybody is planned against the same base.
pub(super) fn widened(mut invented: Invented) -> Invented {
    invented.run.base = Base::Everybody;
    invented
}
