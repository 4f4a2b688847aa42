//! What learners get by calls of their own: what each is declared to have, what readings and earlier runs say that the learner
//! has, and what is left to assign. It is only ever added, and what nothing can show is sent once.

use std::collections::BTreeSet;

use crate::domain::field::Key;
use crate::domain::{
    Account, AccountId, AssignPath, Assignments, DeclaredUser, EntryId, KnownAssignments, Scope,
    SentAssignment, ShownAssignments, StandardId, UserEdit, UserIdentity,
};
use crate::plan::assignment_hold::AssignmentHold;
use crate::plan::decide::PlanContext;
use crate::plan::hold::HoldReason;
use crate::plan::operation::{
    Assign, AssignedLearner, Change, Effect, Operation, Origin, ReferenceTarget, ResolvedValue,
    UserLabel,
};
use crate::plan::references::Resolver;

/// What is known of something that a learner is declared to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentState {
    /// A reading shows it.
    Shown,
    /// An earlier run has sent it, and no reading shows it.
    Sent,
    /// An earlier run may have sent it.
    Unclear,
    /// What the learner has can't be read, or wasn't.
    Unread,
    /// It is to be assigned. A later reading can show whether it was, or can't.
    Lacking { is_verifiable: bool },
    /// Nothing can show it, and no change adds it.
    NotCompared,
    /// Only a create assigns it.
    OnCreate,
}

/// What a user is declared to get, each with its field, or everything that is wrong with the references. The order is that of
/// assigning: a template brings standards of its own, and a unit comes after its standard.
pub(crate) fn declared_assignments(
    resolver: &Resolver<'_>,
    assignments: &Assignments,
) -> Vec<(Key, Result<ResolvedValue, HoldReason>)> {
    let mut declared = Vec::new();
    let template = assignments.template.iter();
    let template = template.map(|reference| (Key::FrameworkTemplate, reference));
    let standards = assignments.standards.iter();
    for (key, reference) in template.chain(standards.map(|one| (Key::Standards, one))) {
        declared.push((key, resolver.reference(key, reference)));
    }
    for unit in &assignments.units {
        declared.push((Key::Units, resolver.unit(unit)));
    }
    for (key, staff) in &assignments.staff {
        for reference in staff {
            declared.push((*key, resolver.reference(*key, reference)));
        }
    }
    declared
}

/// Everything that is wrong with what a user is declared to get.
pub(crate) fn unresolved_assignments(
    resolver: &Resolver<'_>,
    user: &DeclaredUser,
) -> Vec<HoldReason> {
    let assigned = user.assigned().into_iter();
    let declared = assigned.flat_map(|assignments| declared_assignments(resolver, assignments));
    declared.filter_map(|(_, value)| value.err()).collect()
}

/// What is known of one learner.
pub(crate) struct LearnerFacts<'p> {
    known: &'p KnownAssignments,
    /// `None` for a learner whom the plan creates.
    learner: Option<AccountId>,
    shown: Option<&'p ShownAssignments>,
    /// What this change edits; `None` without a base that can be read.
    edit: Option<&'p UserEdit>,
    /// What the base declares.
    former: Vec<(Key, ReferenceTarget)>,
}

impl<'p> LearnerFacts<'p> {
    pub(crate) fn of(
        resolver: &Resolver<'_>,
        known: &'p KnownAssignments,
        (scope, index): (&'p Scope, usize),
        account: Option<&Account>,
    ) -> Self {
        let learner = account.map(|account| account.id);
        let edit = scope.edit(index).filter(|_| scope.knows_base());
        let former = edit.and_then(|edit| edit.former_assignments.as_deref());
        Self {
            known,
            learner,
            shown: learner.and_then(|id| known.shown.get(&id)),
            edit,
            former: former.map_or_else(Vec::new, |former| targets(resolver, former)),
        }
    }

    /// What is known of something that the learner is declared to get.
    pub(crate) fn state(&self, key: Key, target: &ReferenceTarget) -> AssignmentState {
        let Some(learner) = self.learner else {
            return AssignmentState::Lacking {
                is_verifiable: is_ever_shown(key),
            };
        };
        let is_shown = self.shows(key, target);
        // An account that the plan creates was never assigned to anybody.
        let sent = sent_assignment(learner, key, target);
        let is_in = |all: &BTreeSet<SentAssignment>| sent.is_some_and(|sent| all.contains(&sent));
        let is_due = is_in(&self.known.owed) || self.adds(key, target);
        match (key, is_shown) {
            (_, Some(true)) => AssignmentState::Shown,
            _ if is_in(&self.known.unclear) => AssignmentState::Unclear,
            _ if is_in(&self.known.sent) => AssignmentState::Sent,
            (Key::Standards, None) => AssignmentState::Unread,
            (_, Some(false)) => AssignmentState::Lacking {
                is_verifiable: true,
            },
            (Key::FrameworkTemplate, None) if is_in(&self.known.owed) => AssignmentState::Lacking {
                is_verifiable: true,
            },
            (Key::FrameworkTemplate, None) => AssignmentState::OnCreate,
            (_, None) if is_due => AssignmentState::Lacking {
                is_verifiable: false,
            },
            (_, None) => AssignmentState::NotCompared,
        }
    }

    /// Whether readings show that the learner has it; `None` if they show nothing about it.
    fn shows(&self, key: Key, target: &ReferenceTarget) -> Option<bool> {
        let shown = self.shown?;
        match (key, target) {
            (Key::Standards, ReferenceTarget::Known(id)) => {
                let mut aims = shown.aims.as_ref()?.iter();
                Some(aims.any(|aim| aim.standard == id.standard()))
            }
            (Key::Units, ReferenceTarget::Unit { unit, standard }) => {
                let units = shown.units.as_ref()?;
                Some(units.contains(&(*standard, *unit)))
            }
            _ => None,
        }
    }

    /// Whether this change adds it: the base doesn't declare it for this person.
    fn adds(&self, key: Key, target: &ReferenceTarget) -> bool {
        let is_edited = self.edit.is_some_and(|edit| edit.keys.contains(&key));
        let mut former = self.former.iter();
        is_edited && !former.any(|(known, was)| *known == key && was == target)
    }

    /// The standards that the learner has; `None` if that can't be read.
    fn standards(&self) -> Option<BTreeSet<StandardId>> {
        let aims = self.shown?.aims.as_ref()?;
        Some(aims.iter().map(|aim| aim.standard).collect())
    }

    /// Whether the standard may come otherwise: a template brings standards that nobody knows before, and an earlier run may
    /// have sent it.
    fn may_come(&self, standard: StandardId, assignments: &Assignments) -> bool {
        let Some(learner) = self.learner else {
            return assignments.template.is_some();
        };
        let sent = SentAssignment {
            learner,
            key: Key::Standards,
            what: standard.into(),
            standard: None,
        };
        self.known.sent.contains(&sent)
    }
}

/// Whether anything shows what a new learner has got by the field.
fn is_ever_shown(key: Key) -> bool {
    matches!(key, Key::Standards | Key::Units | Key::FrameworkTemplate)
}

fn targets(resolver: &Resolver<'_>, assignments: &Assignments) -> Vec<(Key, ReferenceTarget)> {
    let mut targets = Vec::new();
    for (key, value) in declared_assignments(resolver, assignments) {
        if let Ok(ResolvedValue::Reference { target, .. }) = value {
            targets.push((key, target));
        }
    }
    targets
}

/// As the journal knows it; `None` if what would be assigned doesn't exist yet.
fn sent_assignment(
    learner: AccountId,
    key: Key,
    target: &ReferenceTarget,
) -> Option<SentAssignment> {
    let (what, standard): (EntryId, _) = match target {
        ReferenceTarget::Known(id) => (*id, None),
        ReferenceTarget::Unit { unit, standard } => ((*unit).into(), Some(*standard)),
        ReferenceTarget::AfterApply(_) | ReferenceTarget::AfterEntry(_) => return None,
    };
    Some(SentAssignment {
        learner,
        key,
        what,
        standard,
    })
}

/// What is left to assign to one learner.
#[derive(Default)]
pub(crate) struct PlannedAssignments {
    /// One for each call.
    pub(crate) changes: Vec<Change>,
    pub(crate) reasons: Vec<HoldReason>,
    /// The learner's aims whose standard isn't declared. They stay as they are.
    pub(crate) undeclared_aims: usize,
    /// Declared ones that nothing shows, and that aren't sent.
    pub(crate) not_compared: usize,
    /// Templates that this change adds to a learner who has an account already. They aren't sent.
    pub(crate) late_templates: usize,
}

impl PlanContext<'_> {
    /// What a learner is to get. Without an account, the learner is created by this plan.
    pub(crate) fn assignments(
        &self,
        index: usize,
        user: &DeclaredUser,
        account: Option<&Account>,
    ) -> PlannedAssignments {
        let mut planned = PlannedAssignments::default();
        let Some(assignments) = user.assigned() else {
            return planned;
        };
        let known = &self.snapshot.assignments;
        let facts = LearnerFacts::of(&self.resolver, known, (self.scope, index), account);
        let mut seen = Vec::new();
        for (key, value) in declared_assignments(&self.resolver, assignments) {
            match value {
                Ok(value) if seen.contains(&(key, value.clone())) => {}
                Ok(value) => {
                    self.plan_one(&facts, user, (key, &value), &mut planned);
                    seen.push((key, value));
                }
                Err(reason) => planned.reasons.push(reason),
            }
        }
        if let (Some(account), None) = (account, facts.standards())
            && assignments.needs_reading()
        {
            planned
                .reasons
                .push(hold(AssignmentHold::AimsUnread(account.id)));
        }
        planned.undeclared_aims = undeclared_aims(&facts, &seen);
        let lonely = lonely_units(&facts, assignments, &seen, &planned.changes);
        planned.reasons.extend(lonely);
        planned.reasons.extend(self.unknown_path(&planned.changes));
        planned
    }

    fn plan_one(
        &self,
        facts: &LearnerFacts<'_>,
        user: &DeclaredUser,
        (key, value): (Key, &ResolvedValue),
        planned: &mut PlannedAssignments,
    ) {
        let ResolvedValue::Reference { label, target } = value else {
            return;
        };
        match facts.state(key, target) {
            AssignmentState::Lacking { is_verifiable } => planned.changes.push(Change {
                is_verifiable,
                ..Change::first(key, value.clone())
            }),
            AssignmentState::Unclear => planned.reasons.push(hold(AssignmentHold::Unclear {
                name: self.learner_name(user, facts.learner),
                key,
                label: label.clone(),
            })),
            // A reading of the learner would show it.
            AssignmentState::Sent if key == Key::Standards => planned.not_compared += 1,
            AssignmentState::NotCompared => planned.not_compared += 1,
            AssignmentState::OnCreate if facts.adds(key, target) => planned.late_templates += 1,
            AssignmentState::Shown
            | AssignmentState::Sent
            | AssignmentState::Unread
            | AssignmentState::OnCreate => {}
        }
    }

    fn learner_name(&self, user: &DeclaredUser, learner: Option<AccountId>) -> String {
        let names = self.resolver.names();
        let mis_id = user.mis_id().map(|mis_id| names.name(user.role, mis_id));
        let number = || learner.map(|id| id.to_string());
        mis_id.or_else(number).unwrap_or_default()
    }

    /// Why further staff aren't assigned: nobody knows whose number the path of the call takes.
    fn unknown_path(&self, changes: &[Change]) -> Option<HoldReason> {
        let mut keys: Vec<Key> = changes
            .iter()
            .map(|change| change.key)
            .filter(|key| !is_ever_shown(*key))
            .collect();
        keys.dedup();
        let is_unknown = self.policy.assign_path == AssignPath::Unknown && !keys.is_empty();
        is_unknown.then(|| hold(AssignmentHold::PathUnknown(keys)))
    }

    /// The operations that assign what a learner lacks.
    pub(crate) fn assigns(
        &self,
        index: usize,
        user: &DeclaredUser,
        account: Option<&Account>,
        changes: Vec<Change>,
    ) -> Vec<Operation> {
        let mut operations = Vec::with_capacity(changes.len());
        let learner = match account {
            Some(account) => AssignedLearner::Known(account.id),
            None => AssignedLearner::AfterApply(UserIdentity::new(
                user.role,
                user.mis_id().unwrap_or_default(),
            )),
        };
        for change in changes {
            operations.push(Operation::Assign(Assign {
                user: UserLabel::of(user, account, self.resolver.names()),
                place: user.place.clone(),
                origin: match account {
                    Some(_) => self.origin(index, std::slice::from_ref(&change)),
                    None => Origin::of_user(self.scope, index),
                },
                learner: learner.clone(),
                changes: vec![change],
                effects: vec![Effect::Stays],
            }));
        }
        operations
    }
}

fn hold(reason: AssignmentHold) -> HoldReason {
    HoldReason::Assignment(reason)
}

/// How many aims of the learner have a standard that isn't declared, if standards are.
fn undeclared_aims(facts: &LearnerFacts<'_>, declared: &[(Key, ResolvedValue)]) -> usize {
    let aims = facts.shown.and_then(|shown| shown.aims.as_ref());
    if !declared.iter().any(|(key, _)| *key == Key::Standards) {
        return 0;
    }
    let standards: BTreeSet<_> = declared.iter().filter_map(standard_of).collect();
    let aims = aims.into_iter().flatten();
    aims.filter(|aim| !standards.contains(&aim.standard))
        .count()
}

/// The standard that a learner is declared to have, by itself or with a unit of it.
fn standard_of((key, value): &(Key, ResolvedValue)) -> Option<StandardId> {
    let ResolvedValue::Reference { target, .. } = value else {
        return None;
    };
    match (key, target) {
        (_, ReferenceTarget::Unit { standard, .. }) => Some(*standard),
        (Key::Standards, ReferenceTarget::Known(id)) => Some(id.standard()),
        _ => None,
    }
}

/// Units whose standard the learner neither has nor gets.
fn lonely_units(
    facts: &LearnerFacts<'_>,
    assignments: &Assignments,
    declared: &[(Key, ResolvedValue)],
    changes: &[Change],
) -> Vec<HoldReason> {
    let has = facts.standards();
    // What the learner has isn't known, which is a reason of its own.
    if facts.learner.is_some() && has.is_none() {
        return Vec::new();
    }
    let mut standards = has.unwrap_or_default();
    let taken = declared.iter().filter(|(key, _)| *key == Key::Standards);
    standards.extend(taken.filter_map(standard_of));
    let mut reasons = Vec::new();
    for change in changes {
        if let ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Unit { standard, .. },
        } = &change.to
            && !standards.contains(standard)
            && !facts.may_come(*standard, assignments)
        {
            let label = label.clone();
            reasons.push(hold(AssignmentHold::StandardMissing { label }));
        }
    }
    reasons
}
