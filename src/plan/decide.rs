//! What happens to one declared user: held for reasons, or operations; none if the account is as declared.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashSet;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{
    Account, AccountId, ArchiveMove, Archived, Archives, DeclaredArchive, DeclaredNames,
    DeclaredUser, FieldPolicy, KeptValues, Organisation, Policy, RecordedUser, Roster, Scope,
    Snapshot, TELLS_DUPLICATES, UnclearCreate, UnclearKind, UnmanagedFields, Value,
};
use crate::plan::another_person::{another_person, seems_another};
use crate::plan::archive_hold::ArchiveHold;
use crate::plan::assignments::unresolved_assignments;
use crate::plan::column_moved::MovedColumns;
use crate::plan::coverage::FieldCoverage;
use crate::plan::declared_duplicates::DeclaredDuplicates;
use crate::plan::differences::Differences;
use crate::plan::earlier::{DeclaredIdentities, Newcomer};
use crate::plan::hold::HoldReason;
use crate::plan::leavers::{
    AccountPlace, archived_change, changes_of_archive, is_to_come, is_verifiable,
};
use crate::plan::matching::Match;
use crate::plan::operation::{
    Archive, Change, Create, Effect, Operation, Origin, Unarchive, Update, UserLabel,
};
use crate::plan::planned::KeptUser;
use crate::plan::possible_duplicates::{AlikeAccounts, PossibleDuplicates};
use crate::plan::references::Resolver;
use crate::plan::renumbered::{former_too, no_former_account, unproven};
use crate::plan::same_person::other_accounts;
use crate::plan::side_effect::{effects_of_create, effects_of_update};
use crate::plan::taken_values::TakenValues;
use crate::plan::unneeded_answers::AnswerFacts;

/// The facts that decisions rest on.
pub(crate) struct PlanContext<'p> {
    organisation: &'p Organisation,
    /// Reasons to hold every create: the snapshot may lack accounts.
    gaps: Vec<HoldReason>,
    pub(crate) coverage: FieldCoverage,
    pub(crate) snapshot: &'p Snapshot,
    pub(crate) policy: &'p Policy,
    possible_duplicates: PossibleDuplicates<'p>,
    declared_duplicates: DeclaredDuplicates,
    taken_values: TakenValues<'p>,
    moved_columns: MovedColumns,
    unmanaged: &'p UnmanagedFields,
    pub(crate) fields: &'p FieldPolicy,
    pub(crate) kept: &'p KeptValues,
    unclear: &'p BTreeMap<RecordedUser, UnclearCreate>,
    /// The unclear creates that no manifest declares any more.
    undeclared_creates: Vec<(&'p RecordedUser, &'p UnclearCreate)>,
    pub(crate) scope: &'p Scope,
    declared: DeclaredIdentities<'p>,
    /// The accounts that declared users have.
    claimed: HashSet<AccountId>,
    pub(crate) resolver: Resolver<'p>,
}

/// What is planned from: both sides, and the account of each user.
pub(crate) struct MatchedSides<'p> {
    pub(crate) roster: &'p Roster,
    pub(crate) snapshot: &'p Snapshot,
    /// In the order of the roster.
    pub(crate) matches: &'p [Match<'p>],
}

fn claimed_accounts(matches: &[Match<'_>]) -> HashSet<AccountId> {
    let matched = matches.iter().filter_map(Match::account);
    matched.map(|account| account.id).collect()
}

pub(crate) struct UserDecision {
    pub(crate) decision: Decision,
    /// Declared values that can't be compared with the account.
    pub(crate) not_compared: usize,
    /// Aims of the learner whose standard isn't declared.
    pub(crate) undeclared_aims: usize,
    /// Declared assignments that nothing shows, and that aren't sent.
    pub(crate) assignments_not_compared: usize,
    /// Templates that this change adds to somebody who has an account already, and that aren't sent.
    pub(crate) late_templates: usize,
    /// Answers of the user that have no effect in this plan.
    pub(crate) unneeded: Vec<Key>,
    /// Set if OneFile keeps declared values in a form of its own.
    pub(crate) kept: Option<KeptUser>,
    /// Declared fields that the account doesn't have as declared, and that the project leaves alone.
    pub(crate) left_alone: Vec<Key>,
}

pub(crate) enum Decision {
    Hold(Vec<HoldReason>),
    /// None if the account is as declared.
    Operate(Vec<Operation>),
    /// A leaver of whom no account is shown.
    Gone,
    /// A leaver whose last day isn't over.
    ToCome,
}

impl<'p> PlanContext<'p> {
    pub(crate) fn new(sides: &MatchedSides<'p>, policy: &'p Policy, scope: &'p Scope) -> Self {
        let MatchedSides {
            roster,
            snapshot,
            matches,
        } = *sides;
        let coverage = FieldCoverage::of(snapshot);
        let resolver = Resolver::new(roster, snapshot, matches);
        Self {
            organisation: &snapshot.organisation,
            gaps: picture_gaps(snapshot, &coverage, policy),
            possible_duplicates: PossibleDuplicates::of(roster, snapshot, matches, &coverage),
            taken_values: TakenValues::of(sides, &coverage),
            moved_columns: MovedColumns::of(sides, scope),
            coverage,
            declared_duplicates: DeclaredDuplicates::of(roster, matches, resolver.people()),
            snapshot,
            policy,
            unmanaged: roster.unmanaged(),
            fields: roster.fields(),
            kept: &snapshot.kept,
            unclear: &snapshot.unclear,
            undeclared_creates: undeclared_creates(roster, snapshot),
            scope,
            declared: DeclaredIdentities::of(roster),
            claimed: claimed_accounts(matches),
            resolver,
        }
    }

    /// Users to whom others refer have to be decided before those others.
    pub(crate) fn decide(
        &self,
        index: usize,
        user: &DeclaredUser,
        matched: &Match<'_>,
    ) -> UserDecision {
        if user.has_left() {
            return self.decide_leaver(index, user, matched);
        }
        match matched {
            Match::Held(reason) => {
                let mut reasons = vec![reason.clone()];
                if let Err(unresolved) = self.resolver.resolve(user) {
                    reasons.extend(unresolved);
                }
                reasons.extend(unresolved_assignments(&self.resolver, user));
                UserDecision::hold(reasons)
            }
            Match::Nobody if user.archive == DeclaredArchive::Current => {
                let former = self.newcomer(index, user).objection(&[]);
                UserDecision::hold(vec![
                    former.unwrap_or(HoldReason::Archive(ArchiveHold::NothingToBringBack)),
                ])
            }
            Match::Nobody => self.decide_create(index, user),
            Match::Account(account) => self.decide_present(index, user, account),
        }
    }

    /// Nothing but the archive is compared: no other field of a leaver is sent.
    fn decide_leaver(
        &self,
        index: usize,
        user: &DeclaredUser,
        matched: &Match<'_>,
    ) -> UserDecision {
        let account = match matched {
            Match::Account(account) => account,
            Match::Nobody
            | Match::Held(HoldReason::NoSuchAccount(_) | HoldReason::OtherRoles { .. }) => {
                return UserDecision::of(Decision::Gone);
            }
            Match::Held(reason) => return UserDecision::hold(vec![reason.clone()]),
        };
        match AccountPlace::of(account, self.snapshot, self.policy) {
            AccountPlace::Archived | AccountPlace::ArchivedBefore => {
                return UserDecision::of(Decision::Operate(Vec::new()));
            }
            AccountPlace::Current => {}
        }
        if is_to_come(user.leaving, self.snapshot) {
            return UserDecision::of(Decision::ToCome);
        }
        let declared = self.differences(index, user, account).changes;
        let mut reasons: Vec<_> = another_person(user, account, &declared)
            .into_iter()
            .collect();
        reasons.extend(unproven(user, account).filter(|_| !user.same_person));
        reasons.extend(self.archives_off(ArchiveMove::Archive));
        if !reasons.is_empty() {
            return UserDecision::hold(reasons);
        }
        UserDecision::of(Decision::Operate(vec![Operation::Archive(Archive {
            user: UserLabel::of(user, Some(account), self.resolver.names()),
            place: user.place.clone(),
            origin: Origin::of_user(self.scope, index),
            account: account.id,
            changes: changes_of_archive(user.leaving, self.archived(Value::Flag(true))),
            effects: vec![Effect::Archives],
            after: BTreeSet::new(),
        })]))
    }

    /// A user who is there. An account that is archived comes back first, if the manifest says so.
    fn decide_present(&self, index: usize, user: &DeclaredUser, account: &Account) -> UserDecision {
        let place = AccountPlace::of(account, self.snapshot, self.policy);
        match (user.archive, place) {
            (DeclaredArchive::Current, AccountPlace::Archived | AccountPlace::ArchivedBefore) => {
                self.decide_return(index, user, account)
            }
            (DeclaredArchive::Undeclared, AccountPlace::Archived) => {
                UserDecision::hold(vec![HoldReason::Archive(ArchiveHold::IsArchived(
                    account.id,
                ))])
            }
            // A manifest that was put back as it was doesn't bring back an account.
            (DeclaredArchive::Undeclared, AccountPlace::ArchivedBefore) => {
                UserDecision::hold(vec![HoldReason::Archive(ArchiveHold::WasArchivedHere(
                    account.id,
                ))])
            }
            _ => self.decide_update(index, user, account),
        }
    }

    fn decide_return(&self, index: usize, user: &DeclaredUser, account: &Account) -> UserDecision {
        if let Some(reason) = self.archives_off(ArchiveMove::Unarchive) {
            return UserDecision::hold(vec![reason]);
        }
        let mut decided = self.decide_update(index, user, account);
        if let Decision::Operate(operations) = &mut decided.decision {
            let unarchive = Unarchive {
                user: UserLabel::of(user, Some(account), self.resolver.names()),
                place: user.place.clone(),
                origin: Origin::of_user(self.scope, index),
                account: account.id,
                changes: vec![self.archived(Value::Flag(false))],
                effects: vec![Effect::ComesBack],
            };
            operations.insert(0, Operation::Unarchive(unarchive));
        }
        decided
    }

    fn archived(&self, is_archived: Value) -> Change {
        archived_change(is_archived, is_verifiable(self.snapshot, self.policy))
    }

    fn archives_off(&self, step: ArchiveMove) -> Option<HoldReason> {
        match self.policy.archives {
            Archives::Off => Some(HoldReason::Archive(ArchiveHold::Off {
                step,
                line: self.policy.lines.of("archives"),
            })),
            Archives::Allowed => None,
        }
    }

    fn decide_create(&self, index: usize, user: &DeclaredUser) -> UserDecision {
        let (changes, mut reasons) = match self.resolver.resolve(user) {
            Ok(values) => (values, Vec::new()),
            Err(unresolved) => (Vec::new(), unresolved),
        };
        let alike = self
            .possible_duplicates
            .alike(index, user, self.resolver.people());
        let notes = alike.notes.clone();
        let assigned = self.assignments(index, user, None);
        reasons.extend(assigned.reasons);
        reasons.extend(self.objections_to_create(index, user, alike));
        // Schemas ask for `misId` or `id`. Without `misId` no search could find the account again.
        let mis_id = match user.mis_id() {
            Some(mis_id) if reasons.is_empty() => mis_id.to_owned(),
            Some(_) => return UserDecision::hold(reasons),
            None => {
                if !user.unfit.contains(Key::MisId) {
                    reasons.push(HoldReason::AwaitsOverlay(vec![Key::MisId]));
                }
                return UserDecision::hold(reasons);
            }
        };
        let create = Operation::Create(Create {
            user: UserLabel::of(user, None, self.resolver.names()),
            place: user.place.clone(),
            // An answer such as `creates: again` makes a create without an edit of a field.
            origin: Origin::of_user(self.scope, index),
            mis_id,
            changes,
            effects: effects_of_create(self.organisation),
            checked_by: self.possible_duplicates.checked_by(user),
            notes,
            distinct_from: self.other_accounts(user),
            replaces: user.replaces.clone(),
        });
        let mut operations = vec![create];
        operations.extend(self.assigns(index, user, None, assigned.changes));
        UserDecision {
            unneeded: self.unneeded(index, user, user.same_person.then_some(Key::SamePerson)),
            left_alone: self.not_created_with(user),
            ..UserDecision::of(Decision::Operate(operations))
        }
    }

    /// The declared fields that the create leaves out.
    fn not_created_with(&self, user: &DeclaredUser) -> Vec<Key> {
        let declared = user.values.keys();
        declared
            .filter(|key| !self.fields.is_created_with(user.role, *key))
            .collect()
    }

    fn objections_to_create(
        &self,
        index: usize,
        user: &DeclaredUser,
        alike: AlikeAccounts,
    ) -> Vec<HoldReason> {
        let mut reasons = self.moved_columns.objections_to_create(user);
        reasons.extend(self.unclear_create(user));
        reasons.extend(self.earlier_creates(index, user));
        reasons.extend_from_slice(&self.gaps);
        reasons.extend(alike.objection(user));
        reasons.extend(no_former_account(user));
        reasons.extend(self.rekeyed(index, user, None));
        reasons.extend(self.declared_duplicates.objections(index));
        reasons.extend(awaited(user, self.unmanaged));
        reasons.extend(unfit_values(user));
        reasons.extend(self.newcomer(index, user).objection(&reasons));
        reasons
    }

    fn newcomer<'n>(&'n self, index: usize, user: &'n DeclaredUser) -> Newcomer<'n> {
        Newcomer {
            index,
            user,
            snapshot: self.snapshot,
            declared: &self.declared,
            people: self.resolver.people(),
            scope: self.scope,
        }
    }

    fn decide_update(&self, index: usize, user: &DeclaredUser, account: &Account) -> UserDecision {
        let Differences {
            changes,
            not_compared,
            kept,
            left_alone,
            mut reasons,
        } = self.differences(index, user, account);
        let moved = self.moved_columns.objections(user, &changes);
        let is_moved = |key: Key| moved.iter().any(|reason| reason.keys().contains(&key));
        // Whose the values are says no more than that the whole column has moved.
        let mut taken = self
            .taken_values
            .objections(index, &changes, self.resolver.people());
        taken.retain(|reason| !reason.keys().iter().copied().any(is_moved));
        reasons.extend(moved);
        reasons.extend(another_person(user, account, &changes));
        let unproven = unproven(user, account);
        reasons.extend(unproven.clone().filter(|_| !user.same_person));
        reasons.extend(former_too(user, account, self.snapshot));
        let is_same_anyway = user.same_person
            && !self.moved_columns.concern(user, &changes)
            && seems_another(user, account, &changes).is_none()
            && unproven.is_none();
        let mut unneeded = self.unneeded(index, user, is_same_anyway.then_some(Key::SamePerson));
        unneeded.extend(self.answers(user).unneeded_with_account(account));
        // Another account already has the new MIS value.
        if user.id.is_none() {
            reasons.extend(self.rekeyed(index, user, Some(account.id)));
        }
        reasons.extend(taken);
        let assigned = self.assignments(index, user, Some(account));
        reasons.extend(assigned.reasons);
        if !reasons.is_empty() {
            return UserDecision::hold(reasons);
        }
        let mut operations = Vec::new();
        if !changes.is_empty() {
            operations.push(Operation::Update(Update {
                user: UserLabel::of(user, Some(account), self.resolver.names()),
                place: user.place.clone(),
                origin: self.origin(index, &changes),
                account: account.id,
                effects: effects_of_update(&changes),
                checked_by: self.taken_values.checked_by(&changes),
                changes,
            }));
        }
        operations.extend(self.assigns(index, user, Some(account), assigned.changes));
        UserDecision {
            decision: Decision::Operate(operations),
            not_compared,
            undeclared_aims: assigned.undeclared_aims,
            assignments_not_compared: assigned.not_compared,
            late_templates: assigned.late_templates,
            unneeded,
            kept: (!kept.is_empty()).then(|| KeptUser {
                who: UserLabel::of(user, Some(account), self.resolver.names()),
                place: user.place.clone(),
                account: account.id,
                keys: kept,
            }),
            left_alone,
        }
    }

    /// The accounts that aren't this user's: somebody else's, or others of the same person.
    fn other_accounts(&self, user: &DeclaredUser) -> BTreeSet<AccountId> {
        let mut others = user.distinct_from.clone();
        others.extend(other_accounts(user, self.snapshot));
        others
    }

    /// The answers of a user that have no effect: `same_person`, if that is one, and `distinctFrom`. An edited MIS value asks
    /// about its former accounts.
    fn unneeded(&self, index: usize, user: &DeclaredUser, same_person: Option<Key>) -> Vec<Key> {
        let edit = self.scope.edit(index);
        let is_rekeyed = edit.is_some_and(|edit| edit.formerly.is_some());
        let mut keys: Vec<Key> = same_person.into_iter().collect();
        if !is_rekeyed && self.answers(user).is_distinct_anyway() {
            keys.push(Key::DistinctFrom);
        }
        keys
    }

    fn answers<'a>(&'a self, user: &'a DeclaredUser) -> AnswerFacts<'a> {
        AnswerFacts {
            user,
            snapshot: self.snapshot,
            coverage: &self.coverage,
            claimed: &self.claimed,
        }
    }

    /// `None` without a base.
    pub(crate) fn origin(&self, index: usize, changes: &[Change]) -> Option<Origin> {
        let edit = self.scope.edit(index)?;
        let is_edited = changes.iter().any(|change| edit.keys.contains(&change.key));
        Some(Origin::of(is_edited))
    }

    /// What is unclear about an account of this user. Lines of older journals don't say the role.
    fn unclear_create_of(
        &self,
        role: Role,
        mis_id: &str,
    ) -> Option<(&RecordedUser, &UnclearCreate)> {
        let of_role = self.unclear.get_key_value(&RecordedUser::new(role, mis_id));
        of_role.or_else(|| {
            self.unclear
                .get_key_value(&RecordedUser::of_any_role(mis_id))
        })
    }

    /// Whether the manifest says that an account isn't the one of this user: it is somebody else's, or another of the same
    /// person.
    fn is_another_account(&self, user: &DeclaredUser, id: AccountId) -> bool {
        user.distinct_from.contains(&id) || other_accounts(user, self.snapshot).contains(&id)
    }

    /// An earlier run may have created the account.
    fn unclear_create(&self, user: &DeclaredUser) -> Option<HoldReason> {
        let (recorded, create) = self.unclear_create_of(user.role, user.mis_id()?)?;
        // If the account is shown, a person can say whose it is; if it isn't any more, that a new one replaces it.
        let is_answered = match create.doubt {
            UnclearKind::OtherMisId(id) => {
                self.is_another_account(user, id) || user.replaces.contains(&id)
            }
            UnclearKind::NotShown(id) => user.replaces.contains(&id),
            UnclearKind::Create
            | UnclearKind::SaidCreated
            | UnclearKind::NotShownYet(_)
            | UnclearKind::Damaged(_) => false,
        };
        (!is_answered).then(|| HoldReason::Unclear {
            name: self.resolver.names().name_of_recorded(recorded),
            create: *create,
        })
    }

    /// An earlier run may have created the account under a MIS value that was edited since.
    fn earlier_creates(&self, index: usize, user: &DeclaredUser) -> Option<HoldReason> {
        let mut earlier: BTreeMap<&RecordedUser, &UnclearCreate> =
            self.undeclared_creates.iter().copied().collect();
        let formerly = self
            .scope
            .edit(index)
            .and_then(|edit| edit.formerly.as_ref());
        earlier.extend(formerly.and_then(|was| self.unclear_create_of(was.role, &was.mis_id)));
        earlier.retain(|_, create| {
            let account = create.doubt.account();
            account.is_none_or(|id| !self.is_another_account(user, id))
        });
        let names = self.resolver.names();
        let creates: Vec<_> = earlier
            .into_iter()
            .map(|(recorded, create)| (names.name_of_recorded(recorded), *create))
            .collect();
        (!creates.is_empty()).then_some(HoldReason::EarlierCreates(creates))
    }

    /// A user whose MIS value was edited has an account under the former one. The user's `own` account isn't such an account.
    fn rekeyed(
        &self,
        index: usize,
        user: &DeclaredUser,
        own: Option<AccountId>,
    ) -> Option<HoldReason> {
        let from = self.scope.edit(index)?.formerly.clone()?;
        let mut accounts = self.resolver.accounts_of(&from);
        accounts.retain(|id| Some(*id) != own && !self.is_another_account(user, *id));
        let from = self.resolver.names().name(from.role, &from.mis_id);
        (!accounts.is_empty()).then_some(HoldReason::ReKeyed { from, accounts })
    }
}

impl UserDecision {
    fn hold(reasons: Vec<HoldReason>) -> Self {
        Self::of(Decision::Hold(reasons))
    }

    fn of(decision: Decision) -> Self {
        Self {
            decision,
            not_compared: 0,
            undeclared_aims: 0,
            assignments_not_compared: 0,
            late_templates: 0,
            unneeded: Vec::new(),
            kept: None,
            left_alone: Vec::new(),
        }
    }
}

/// The fields that an overlay would give which can't be read, if the create needs them: to be accepted, or to tell the user from others.
fn awaited(user: &DeclaredUser, unmanaged: &UnmanagedFields) -> Option<HoldReason> {
    let mut keys: BTreeSet<Key> = user.lacking().into_iter().collect();
    keys.retain(|key| !user.unfit.contains(*key));
    for key in TELLS_DUPLICATES {
        if unmanaged.keys.contains(key) && key.row().is_of(user.role) && !user.values.contains(*key)
        {
            keys.insert(*key);
        }
    }
    (!keys.is_empty()).then(|| HoldReason::AwaitsOverlay(keys.into_iter().collect()))
}

/// The fields that the create needs and whose declared values can't be meant. Without `misId` no search could find the
/// account again.
fn unfit_values(user: &DeclaredUser) -> Option<HoldReason> {
    let mut fields = Vec::new();
    for (key, rule) in user.unfit.iter() {
        if key.is_mis_id() || key.row().is_mandatory_for(user.role) {
            fields.push((key, *rule));
        }
    }
    (!fields.is_empty()).then_some(HoldReason::UnfitValues(fields))
}

/// Why the snapshot may lack accounts. A user missing from an incomplete list may still exist, under any role. If no row
/// shows a MIS value, not even an empty one, any user may exist (`docs/onefile-api.md`, Finding things: it may be missing).
fn picture_gaps(snapshot: &Snapshot, coverage: &FieldCoverage, policy: &Policy) -> Vec<HoldReason> {
    let mut gaps = Vec::new();
    let incomplete: Vec<Role> = Role::all()
        .filter(|role| !snapshot.whole.contains(role))
        .collect();
    if !incomplete.is_empty() {
        gaps.push(HoldReason::PictureNotWhole(incomplete));
    }
    if !snapshot.unlisted.is_empty() && policy.archived == Archived::Unknown {
        gaps.push(HoldReason::ListsHide(
            snapshot.unlisted.iter().copied().collect(),
        ));
    }
    let shows_mis_values = Role::all().any(|role| coverage.holds(role, Key::MisId));
    if snapshot.accounts().len() > 0 && !shows_mis_values {
        gaps.push(HoldReason::MisValuesNotShown);
    }
    gaps
}

/// Earlier creates under MIS values that no manifest declares and whose accounts are not shown. They may belong to anybody who
/// would be created.
fn undeclared_creates<'s>(
    roster: &Roster,
    snapshot: &'s Snapshot,
) -> Vec<(&'s RecordedUser, &'s UnclearCreate)> {
    if snapshot.unclear.is_empty() {
        return Vec::new();
    }
    let users = roster.users().iter();
    let declared = DeclaredNames::of(users.map(|user| (Some(user.role), user.mis_id())));
    let mut creates: Vec<_> = snapshot.unclear.iter().collect();
    creates.retain(|(recorded, create)| {
        let mut of_mis_id = declared.with_mis_id(&recorded.mis_id).iter();
        let is_declared = of_mis_id.any(|(_, role)| recorded.may_be(*role, &recorded.mis_id));
        !is_declared && !matches!(create.doubt, UnclearKind::Damaged(_))
    });
    creates
}
