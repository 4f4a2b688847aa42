//! The two sides of a plan, as plain values: the roster, which the manifests declare, and the snapshot, which was read from
//! the server. The policy limits what a plan may do. Nothing here reads files or answers of the API.

pub mod clock;
pub mod field;
pub mod london;
pub mod redact;
pub mod role;

mod alike_records;
mod archive;
mod assignments;
mod directory;
mod entry;
mod entry_edits;
mod field_policy;
mod field_values;
mod file_glob;
mod folded_name;
mod identity;
mod ids;
mod kept;
pub(crate) mod keyed_digest;
mod known;
mod learning_aim;
mod maintenance;
mod normalise;
mod observed;
mod people;
mod policy;
mod roster;
mod scope;
mod selection;
mod snapshot;
mod user_name;
mod user_names;
mod value;

pub use crate::domain::alike_records::{AlikeRecords, Particulars};
pub use crate::domain::archive::{ArchiveMove, DeclaredArchive, Leaving, ShownArchive};
pub use crate::domain::assignments::{Assignments, UnitReference};
pub use crate::domain::directory::{Directory, DirectoryEntry, Organisation};
pub use crate::domain::entry::{DeclaredEntry, EntryCounts, EntryKind, LiveEntry, plain_name};
pub use crate::domain::entry_edits::EntryEdit;
pub(crate) use crate::domain::entry_edits::entry_edits;
pub use crate::domain::field_policy::{
    FieldPolicy, FieldRule, FieldTreatment, TREATMENTS, TreatmentRow,
};
pub use crate::domain::field_values::Fields;
pub use crate::domain::file_glob::FileGlob;
pub use crate::domain::folded_name::FoldedName;
pub use crate::domain::identity::{
    IdentityMark, MOVES_IN_COLUMNS, MarkUse, MarkValue, MarkWeight, SPEAKS_AGAINST,
    STAYS_WITH_A_PERSON, SharedMark, TELLS_DUPLICATES, TELLS_NAMESAKES_APART, TELLS_PAIRS,
    declared_text, identifying, marks, marks_of_declared, normalisation, shared_marks,
    shared_marks_of,
};
pub use crate::domain::ids::{
    AccountId, AimId, EntryId, OrganisationId, StandardId, TemplateId, UnitId,
};
pub use crate::domain::kept::{KeptValues, is_rewriting};
pub use crate::domain::known::{KnownAccount, KnownUsers};
pub(crate) use crate::domain::learning_aim::units_called;
pub use crate::domain::learning_aim::{
    KnownAssignments, LearningAim, SentAssignment, ShownAssignments, StandardUnit,
};
pub use crate::domain::maintenance::{Days, MaintenanceWindow, MaintenanceWindows, NextWindow};
pub use crate::domain::normalise::{
    Normalisation, is_same_but_for_case, nfc, normalise, plain_letters,
};
pub use crate::domain::observed::{ObservedFields, field_bit};
pub use crate::domain::people::{People, PersonClues, may_share_mis_id};
pub use crate::domain::policy::{
    Archived, Archives, AssignPath, Creates, KeepKnown, Limit, Policy, PolicyLines,
};
pub use crate::domain::roster::{DeclaredUser, Roster, UnmanagedFields};
pub(crate) use crate::domain::scope::removed;
pub use crate::domain::scope::{LeftOut, RemovedUser, Scope, UserEdit};
pub use crate::domain::selection::{
    IdleSelector, SELECTOR_FORMS, SelectedUsers, Selection, Selector,
};
pub use crate::domain::snapshot::{
    Account, RememberedAccounts, ResolvedCreate, Snapshot, UnclearCreate, UnclearKind,
};
pub use crate::domain::user_name::{OtherAccount, RecordedUser, UserIdentity, UserName};
pub use crate::domain::user_names::{DeclaredNames, UserNames};
pub(crate) use crate::domain::value::CODE_SEPARATOR;
pub use crate::domain::value::{FieldText, ObservedValue, Reference, Value};
