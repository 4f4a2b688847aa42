//! The plan as data: the operations in order, the users on hold, the counts, and the limits that it exceeds.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::field::Key;
use crate::domain::{
    AccountId, EntryCounts, Organisation, RememberedAccounts, RemovedUser, Selection,
};
use crate::findings::Rule;
use crate::findings::source::Place;
use crate::plan::entry_hold::EntryHold;
use crate::plan::hold::HoldReason;
use crate::plan::operation::{Create, Effect, EntryLabel, Operation, Origin, Update, UserLabel};
use crate::plan::still_named::StillNamed;
use crate::plan::unneeded_answers::UnneededAnswer;

/// Whether real people are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// A server that e-mails people.
    #[default]
    OneFile,
    /// The emulator in this program. Whatever it does, nobody gets an e-mail.
    Sandbox,
}

/// Everything that one run would do, and everything that it would leave alone and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub organisation: Organisation,
    pub service: Service,
    /// In the order in which they have to be applied: by kind, then by user.
    pub operations: Vec<Operation>,
    pub held: Vec<HeldUser>,
    pub held_entries: Vec<HeldEntry>,
    /// Declared placements and classrooms that are as declared.
    pub unchanged_entries: EntryCounts,
    /// What of the reading comes from earlier ones.
    pub remembered: RememberedAccounts,
    /// How many users are declared, planned or not.
    pub declared: usize,
    /// Declared users whose account is as declared, in the fields that were compared.
    pub unchanged: usize,
    /// Declared leavers of whom no account is shown, so that nothing is left to do.
    pub leavers_gone: usize,
    /// Declared leavers whose last day isn't over.
    pub leavers_to_come: usize,
    /// Live accounts that no declared user names, in order.
    pub undeclared: Vec<AccountId>,
    /// How many of them don't show an e-mail address, so that no user could be compared with them by it.
    pub unseen: usize,
    /// How many accounts don't show a field that identifies, for each such field that an update sets: no update could be
    /// compared with them by it.
    pub not_showing: BTreeMap<Key, usize>,
    /// Declared users whose account was found.
    pub matched: usize,
    /// Declared values that can't be compared, because no account of the role shows the field.
    pub not_compared: usize,
    /// Learning aims of planned learners whose standard isn't declared. They stay as they are.
    pub undeclared_aims: usize,
    /// Declared assignments that nothing shows, and that this run doesn't send.
    pub assignments_not_compared: usize,
    /// Framework templates that this change adds to learners who have accounts already. They aren't sent.
    pub late_templates: usize,
    /// The users some of whose values OneFile keeps in a form of its own.
    pub kept: Vec<KeptUser>,
    /// The declared values that the project leaves alone, and that the accounts don't have.
    pub left_alone: LeftAlone,
    /// How many fields this run doesn't manage, because an overlay can't be read.
    pub unmanaged: usize,
    /// How many of them are in overlays that no key opens.
    pub locked: usize,
    /// How many declared values of planned users aren't managed because they can't be meant, by the rule that says so.
    pub unfit: BTreeMap<&'static Rule, usize>,
    /// Answers that have no effect any more.
    pub unneeded: Vec<UnneededAnswer>,
    /// How many declared users aren't planned: this change doesn't edit them, or the selection doesn't name them.
    pub left_out: usize,
    /// Those of them whom the selection doesn't name.
    pub unselected: usize,
    /// What `--only` and `--exclude` say.
    pub selection: Selection,
    /// How many accounts earlier readings have shown; 0 if there was no earlier reading from here.
    pub known: usize,
    /// Users whom the manifests don't declare any more, in order. Their accounts stay as they are.
    pub removed: Vec<RemovedUser>,
    /// Those of them to whom declared users still refer.
    pub still_named: Vec<StillNamed>,
    /// The limits of the policy that this plan exceeds.
    pub excesses: Vec<LimitExcess>,
}

/// A declared user for whom nothing is done until a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUser {
    pub who: UserLabel,
    pub place: Place,
    pub reasons: Vec<HoldReason>,
    /// Whether this change edits the user; `None` if there is no base to compare with.
    pub origin: Option<Origin>,
}

/// A declared placement or classroom for which nothing is done until a person decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEntry {
    pub entry: EntryLabel,
    pub place: Place,
    pub reason: EntryHold,
    pub origin: Option<Origin>,
}

/// A declared user some of whose values OneFile keeps in a form of its own. They aren't sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptUser {
    pub who: UserLabel,
    pub place: Place,
    pub account: AccountId,
    pub keys: Vec<Key>,
}

/// Declared values that aren't sent because `fields` in `rosterctl.yaml` says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftAlone {
    pub users: usize,
    /// How many users there are for each field.
    pub fields: BTreeMap<Key, usize>,
}

impl LeftAlone {
    pub(crate) fn add(&mut self, keys: &[Key]) {
        self.users += usize::from(!keys.is_empty());
        for key in keys {
            *self.fields.entry(*key).or_default() += 1;
        }
    }

    /// How many values they are.
    pub fn values(&self) -> usize {
        self.fields.values().sum()
    }
}

/// A limit of the policy that a plan exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitExcess {
    pub kind: LimitKind,
    pub planned: usize,
    pub allowed: usize,
    /// The line of `rosterctl.yaml` that sets the limit; `None` for the default.
    pub line: Option<usize>,
    /// Set if fewer than half of the declared users have an account. Then the MIS values are more likely to be wrong than
    /// the limit.
    pub few: Option<FewMatched>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FewMatched {
    pub matched: usize,
    pub declared: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    Creates,
    Updates,
    /// Accounts that are archived or come back.
    Archives,
    Removals,
    Assignments,
    /// Placements and classrooms that are created or updated.
    Entries,
    /// The policy says `creates: never`, which no flag raises.
    CreatesForbidden,
}

impl LimitKind {
    /// The key of the policy that sets it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Creates => "maxCreates",
            Self::Updates => "maxUpdates",
            Self::Archives => "maxArchives",
            Self::Removals => "maxRemovals",
            Self::Assignments => "maxAssignments",
            Self::Entries => "maxEntries",
            Self::CreatesForbidden => "creates",
        }
    }
}

/// How many operations of each kind a plan has. Where it is taken apart, name every field: then the compiler names the place
/// when a kind is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// Placements and classrooms that are created.
    pub new_entries: usize,
    /// Those that are updated.
    pub changed_entries: usize,
    pub assignments: usize,
    pub unarchives: usize,
    pub creates: usize,
    pub updates: usize,
    pub archives: usize,
}

impl Plan {
    /// A plan of nothing.
    pub fn empty(organisation: Organisation) -> Self {
        Self {
            organisation,
            service: Service::default(),
            operations: Vec::new(),
            held: Vec::new(),
            held_entries: Vec::new(),
            unchanged_entries: EntryCounts::default(),
            remembered: RememberedAccounts::default(),
            declared: 0,
            unchanged: 0,
            leavers_gone: 0,
            leavers_to_come: 0,
            undeclared: Vec::new(),
            unseen: 0,
            not_showing: BTreeMap::new(),
            matched: 0,
            not_compared: 0,
            undeclared_aims: 0,
            assignments_not_compared: 0,
            late_templates: 0,
            kept: Vec::new(),
            left_alone: LeftAlone::default(),
            unmanaged: 0,
            locked: 0,
            unfit: BTreeMap::new(),
            unneeded: Vec::new(),
            left_out: 0,
            unselected: 0,
            selection: Selection::default(),
            known: 0,
            removed: Vec::new(),
            still_named: Vec::new(),
            excesses: Vec::new(),
        }
    }

    pub fn creates(&self) -> impl Iterator<Item = &Create> {
        self.operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::Create(create) => Some(create),
                Operation::CreateEntry(_)
                | Operation::UpdateEntry(_)
                | Operation::Unarchive(_)
                | Operation::Update(_)
                | Operation::Assign(_)
                | Operation::Archive(_) => None,
            })
    }

    pub fn updates(&self) -> impl Iterator<Item = &Update> {
        self.operations
            .iter()
            .filter_map(|operation| match operation {
                Operation::Update(update) => Some(update),
                Operation::CreateEntry(_)
                | Operation::UpdateEntry(_)
                | Operation::Unarchive(_)
                | Operation::Create(_)
                | Operation::Assign(_)
                | Operation::Archive(_) => None,
            })
    }

    pub fn counts(&self) -> OperationCounts {
        let mut counts = OperationCounts::default();
        for operation in &self.operations {
            match operation {
                Operation::CreateEntry(_) => counts.new_entries += 1,
                Operation::UpdateEntry(_) => counts.changed_entries += 1,
                Operation::Assign(_) => counts.assignments += 1,
                Operation::Unarchive(_) => counts.unarchives += 1,
                Operation::Create(_) => counts.creates += 1,
                Operation::Update(_) => counts.updates += 1,
                Operation::Archive(_) => counts.archives += 1,
            }
        }
        counts
    }

    /// How many operations have this origin.
    pub fn count_from(&self, origin: Origin) -> usize {
        self.operations
            .iter()
            .filter(|operation| operation.origin() == Some(origin))
            .count()
    }

    /// How many operations have this effect.
    pub fn count_having(&self, effect: Effect) -> usize {
        self.operations
            .iter()
            .filter(|operation| operation.effects().contains(&effect))
            .count()
    }

    /// How many values OneFile keeps in a form of its own.
    pub fn count_kept(&self) -> usize {
        self.kept.iter().map(|user| user.keys.len()).sum()
    }

    /// How many of the undeclared accounts may belong to users on hold.
    pub fn suspected(&self) -> usize {
        let mut named: BTreeSet<AccountId> = BTreeSet::new();
        for held in &self.held {
            named.extend(held.reasons.iter().flat_map(HoldReason::accounts));
        }
        self.undeclared
            .iter()
            .filter(|id| named.contains(id))
            .count()
    }

    /// Whether nothing is left to do, to decide or to know.
    pub fn is_quiet(&self) -> bool {
        self.is_settled() && self.removed.is_empty()
    }

    /// Whether nothing is left to do or to decide.
    pub fn is_settled(&self) -> bool {
        self.operations.is_empty() && self.held.is_empty() && self.held_entries.is_empty()
    }
}
