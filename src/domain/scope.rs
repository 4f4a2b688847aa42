//! Finds out what a change to the manifests edits, user by user, and says whether only edited users are planned.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    AccountId, Assignments, DeclaredUser, EntryEdit, MarkUse, MarkValue, Roster, SelectedUsers,
    Selection, UserIdentity, Value, entry_edits, marks_of_declared,
};

/// How a roster differs from its base revision.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// One for each user of the roster; `None` without a base to compare with.
    edits: Option<Vec<UserEdit>>,
    /// The users whom the change takes out; `None` without a base that can be read.
    removed: Option<Vec<RemovedUser>>,
    only_changed: bool,
    selection: Selection,
    /// For each user of the roster, whether the selection names it; `None` if everybody is meant.
    selected: Option<Vec<bool>>,
    /// One for each placement and classroom of the roster; `None` without a base to compare with.
    entry_edits: Option<Vec<EntryEdit>>,
    /// For each of them, whether the selection concerns it; `None` if everybody is meant.
    selected_entries: Option<Vec<bool>>,
}

/// The effect of a change to the manifests on one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEdit {
    /// Whether anything about this user is edited.
    pub is_edited: bool,
    /// The fields that are new or have another value.
    pub keys: BTreeSet<Key>,
    /// What the base declares that the learner gets by calls of their own, if it is the same person.
    pub former_assignments: Option<Box<Assignments>>,
    /// Whether the base declares this person, by this or another MIS value.
    pub was_declared: bool,
    /// Whether this change adds `creates: again`.
    pub asks_again: bool,
    /// Who this person was in the base, if their MIS value was another.
    pub formerly: Option<UserIdentity>,
}

/// A user whom the manifests declared and don't declare any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovedUser {
    pub role: Role,
    pub mis_id: Option<String>,
    /// The account that the user was pinned to, or had.
    pub id: Option<AccountId>,
}

/// Why a declared user isn't planned in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// This change doesn't edit the user.
    ByChange,
    /// `--only` and `--exclude` don't select the user.
    BySelection,
}

impl Scope {
    /// All users, and no base.
    pub fn whole() -> Self {
        Self::default()
    }

    /// Compares the users of a roster with its base. If the base can't be read, every user counts as edited.
    pub fn since(roster: &Roster, base: Option<&Roster>, only_changed: bool) -> Self {
        let edits = match base {
            Some(base) => edits(roster, base),
            None => roster.users().iter().map(edit_of_all).collect(),
        };
        Self {
            removed: base.map(|base| removed(roster, &of_base(base), &edits)),
            edits: Some(edits),
            entry_edits: Some(entry_edits(roster, base)),
            only_changed,
            ..Self::default()
        }
    }

    /// Leaves out everybody whom a selection doesn't name, and what it doesn't concern. `selected` says for each user, placement
    /// and classroom of the roster whether it is meant.
    pub fn narrow(&mut self, selection: Selection, selected: SelectedUsers) {
        self.selection = selection;
        self.selected = Some(selected.users);
        self.selected_entries = Some(selected.entries);
    }

    /// What `--only` and `--exclude` say.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The users whom the change takes out of the manifests; `None` without a base that can be read.
    pub fn removed(&self) -> Option<&[RemovedUser]> {
        self.removed.as_deref()
    }

    /// What the change does to a user; `None` without a base.
    pub fn edit(&self, at: usize) -> Option<&UserEdit> {
        self.edits.as_ref().map(|edits| &edits[at])
    }

    /// Whether there is a base that could be read. Without it, every user counts as edited.
    pub fn knows_base(&self) -> bool {
        self.removed.is_some()
    }

    /// What the change does to a placement or classroom; `None` without a base.
    pub fn entry_edit(&self, at: usize) -> Option<&EntryEdit> {
        self.entry_edits.as_ref().map(|edits| &edits[at])
    }

    /// Why a placement or classroom isn't planned; `None` if it is.
    pub fn leaves_out_entry(&self, at: usize) -> Option<LeftOut> {
        let is_selected = self.selected_entries.as_ref().is_none_or(|all| all[at]);
        let is_edited = self.entry_edit(at).is_none_or(|edit| edit.is_edited);
        if !is_selected {
            Some(LeftOut::BySelection)
        } else if self.only_changed && !is_edited {
            Some(LeftOut::ByChange)
        } else {
            None
        }
    }

    /// Whether a user is planned.
    pub fn includes(&self, at: usize) -> bool {
        self.leaves_out(at).is_none()
    }

    /// Why a user isn't planned; `None` if the user is.
    pub fn leaves_out(&self, at: usize) -> Option<LeftOut> {
        if !self.selects(at) {
            Some(LeftOut::BySelection)
        } else if self.is_concerned(at) {
            None
        } else {
            Some(LeftOut::ByChange)
        }
    }

    fn selects(&self, at: usize) -> bool {
        self.selected.as_ref().is_none_or(|users| users[at])
    }

    /// Whether a user would be planned without the selection. What many users show together is the same in a part of them.
    pub fn is_concerned(&self, at: usize) -> bool {
        !self.only_changed || self.edit(at).is_none_or(|edit| edit.is_edited)
    }
}

fn edits(roster: &Roster, base: &Roster) -> Vec<UserEdit> {
    let former = FormerUsers::of(base, roster);
    let departed = departed(roster, base);
    let mut edits = Vec::with_capacity(roster.users().len());
    for user in roster.users() {
        let edit = match former.of_user(user) {
            Some(was) if is_renumbered(user, was) => UserEdit {
                formerly: was
                    .mis_id()
                    .map(|mis_id| UserIdentity::new(was.role, mis_id)),
                ..edit_of(user, was)
            },
            Some(was) if !is_replaced(user, was) => edit_of(user, was),
            Some(was) => edit_of(user, was).formerly(user, &departed),
            None => edit_of_all(user).formerly(user, &departed),
        };
        edits.push(edit);
    }
    edits
}

/// The users of the base whose keys no user has any more, or somebody else has now, by the marks of those people. A user who
/// was pinned by `id` alone had no MIS value.
fn departed(roster: &Roster, base: &Roster) -> HashMap<MarkValue, Option<UserIdentity>> {
    let now = FormerUsers::of(roster, base);
    let mut departed = HashMap::default();
    for was in base.users() {
        let successor = now.of_user(was);
        let is_followed = |user: &DeclaredUser| is_renumbered(user, was) || !is_replaced(user, was);
        if !successor.is_some_and(is_followed) {
            let marks = marks_of_declared(MarkUse::AcrossEdits, was);
            let who = was
                .mis_id()
                .map(|mis_id| UserIdentity::new(was.role, mis_id));
            departed.extend(marks.map(|mark| (mark, who.clone())));
        }
    }
    departed
}

impl UserEdit {
    /// Adds whether the base declares this person under another key, and the MIS value that the person had there.
    fn formerly(
        mut self,
        user: &DeclaredUser,
        departed: &HashMap<MarkValue, Option<UserIdentity>>,
    ) -> Self {
        let mut marks = marks_of_declared(MarkUse::AcrossEdits, user);
        let was = marks.find_map(|mark| departed.get(&mark));
        self.was_declared = was.is_some();
        // Another person's.
        self.former_assignments = None;
        self.formerly = was.cloned().flatten();
        self
    }
}

/// Whether `formerMisId` says that the user is the one whom the base declares under another MIS value.
fn is_renumbered(user: &DeclaredUser, was: &DeclaredUser) -> bool {
    user.former_mis_id.is_some()
        && user.former_mis_id.as_deref() == was.mis_id()
        && user.mis_id() != was.mis_id()
}

/// Whether no identifying field is unchanged, so the MIS value may now belong to someone else.
fn is_replaced(user: &DeclaredUser, was: &DeclaredUser) -> bool {
    if user.values == was.values {
        return false;
    }
    let before: Vec<MarkValue> = marks_of_declared(MarkUse::AcrossEdits, was).collect();
    !marks_of_declared(MarkUse::AcrossEdits, user).any(|mark| before.contains(&mark))
}

fn edit_of_all(user: &DeclaredUser) -> UserEdit {
    UserEdit {
        is_edited: true,
        keys: user.values.keys().chain(assigned_keys(user)).collect(),
        former_assignments: None,
        was_declared: false,
        asks_again: user.creates_again,
        formerly: None,
    }
}

fn assigned_keys(user: &DeclaredUser) -> Vec<Key> {
    let assignments = user.assignments.as_deref();
    assignments.map(Assignments::keys).unwrap_or_default()
}

fn edit_of(user: &DeclaredUser, was: &DeclaredUser) -> UserEdit {
    let differs = |(key, value): &(Key, &Value)| {
        !was.values
            .get(*key)
            .is_some_and(|was| was.is_written_as(value))
    };
    let nothing = Assignments::default();
    let (now, then) = (
        user.assignments.as_deref().unwrap_or(&nothing),
        was.assignments.as_deref().unwrap_or(&nothing),
    );
    let mut keys: BTreeSet<Key> = user
        .values
        .iter()
        .filter(differs)
        .map(|(key, _)| key)
        .collect();
    let assigned = now.keys().into_iter();
    keys.extend(assigned.filter(|key| !now.agrees(then, *key)));
    let answers = |user: &DeclaredUser| {
        (
            user.role,
            user.id,
            user.former_mis_id.clone(),
            user.distinct_from.clone(),
            user.also_has.clone(),
            user.replaces.clone(),
            user.creates_again,
            user.same_person,
            (user.archive, user.leaving),
        )
    };
    let lost = was.values.keys().any(|key| !user.values.contains(key))
        || then.keys().iter().any(|key| !now.keys().contains(key));
    UserEdit {
        is_edited: !keys.is_empty() || lost || answers(user) != answers(was),
        keys,
        former_assignments: was.assignments.clone(),
        was_declared: true,
        asks_again: user.creates_again && !was.creates_again,
        formerly: None,
    }
}

fn of_base(base: &Roster) -> Vec<RemovedUser> {
    let users = base.users().iter();
    users
        .map(|was| RemovedUser {
            role: was.role,
            mis_id: was.mis_id().map(str::to_owned),
            id: was.id,
        })
        .collect()
}

/// The former users whom nobody of the roster is: not by MIS value, not by the number of the account, and not by what
/// stays with a person whose MIS value is edited. A user who only gets another role isn't taken out.
pub(crate) fn removed(
    roster: &Roster,
    former: &[RemovedUser],
    edits: &[UserEdit],
) -> Vec<RemovedUser> {
    let before: HashSet<_> = former
        .iter()
        .map(|was| (was.role, was.mis_id.as_deref()))
        .collect();
    let mut declared = HashSet::default();
    let mut new = HashSet::default();
    let mut ids = HashSet::default();
    for user in roster.users() {
        declared.insert(role_and_mis_id(user));
        if !before.contains(&role_and_mis_id(user)) {
            new.extend(user.mis_id());
        }
        ids.extend(user.id);
    }
    let formerly: HashSet<&UserIdentity> = edits
        .iter()
        .filter_map(|edit| edit.formerly.as_ref())
        .collect();
    let mut removed = Vec::new();
    for was in former {
        let is_declared = was.mis_id.as_deref().is_some_and(|mis_id| {
            declared.contains(&(was.role, Some(mis_id)))
                || new.contains(mis_id)
                || formerly.contains(&UserIdentity::new(was.role, mis_id))
        });
        if !is_declared && !was.id.is_some_and(|id| ids.contains(&id)) {
            removed.push(was.clone());
        }
    }
    removed
}

fn role_and_mis_id(user: &DeclaredUser) -> (Role, Option<&str>) {
    (user.role, user.mis_id())
}

/// Finds the same user in another revision: by MIS value and role, by MIS value if the role was edited, by the MIS value that
/// `formerMisId` names on either side, or else by account number.
struct FormerUsers<'u> {
    by_identity: HashMap<(&'u str, Role), &'u DeclaredUser>,
    /// Users who aren't in the other revision under the same MIS value and role; `None` for several of one MIS value.
    by_mis_id: HashMap<&'u str, Option<&'u DeclaredUser>>,
    /// By the MIS value that `formerMisId` names.
    by_former: HashMap<(&'u str, Role), &'u DeclaredUser>,
    by_id: HashMap<AccountId, &'u DeclaredUser>,
    /// The MIS values and roles of the other revision.
    others: HashSet<(&'u str, Role)>,
}

impl<'u> FormerUsers<'u> {
    /// The users of a revision, to be found by those of the other one.
    fn of(revision: &'u Roster, other: &'u Roster) -> Self {
        let key = |user: &'u DeclaredUser| Some((user.mis_id()?, user.role));
        let mut former = Self {
            by_identity: HashMap::default(),
            by_mis_id: HashMap::default(),
            by_former: HashMap::default(),
            by_id: HashMap::default(),
            others: other.users().iter().filter_map(key).collect(),
        };
        for user in revision.users() {
            let renumbered = user.former_mis_id.as_deref();
            former
                .by_former
                .extend(renumbered.map(|mis_id| ((mis_id, user.role), user)));
            match (key(user), user.id) {
                (Some(key), _) => {
                    former.by_identity.insert(key, user);
                    if !former.others.contains(&key) {
                        let entry = former.by_mis_id.entry(key.0);
                        entry
                            .and_modify(|known| *known = None)
                            .or_insert(Some(user));
                    }
                }
                (None, Some(id)) => {
                    former.by_id.insert(id, user);
                }
                (None, None) => {}
            }
        }
        former
    }

    fn of_user(&self, user: &DeclaredUser) -> Option<&'u DeclaredUser> {
        match (user.mis_id(), user.id) {
            (Some(mis_id), _) => {
                let same = self.by_identity.get(&(mis_id, user.role)).copied();
                let renumbered = user.former_mis_id.as_deref();
                let former = || self.by_identity.get(&(renumbered?, user.role)).copied();
                let later = || self.by_former.get(&(mis_id, user.role)).copied();
                same.or_else(former)
                    .or_else(later)
                    .or_else(|| self.by_mis_id.get(mis_id).copied().flatten())
            }
            (None, Some(id)) => self.by_id.get(&id).copied(),
            (None, None) => None,
        }
    }
}
