//! What became of an apply, as data.

use jiff::Timestamp;

use crate::domain::Id;
use crate::domain::field::Key;
use crate::findings::source::Place;
use crate::onefile::{ClientError, in_words};
use crate::plan::{Operation, UserLabel};

/// What became of an operation.
#[derive(Debug)]
pub enum OperationResult {
    Done(Id),
    /// A create whose answer was lost, and whose account is there: made by us or another.
    Found(Id),
    Failed(OperationError),
    /// Nothing was sent.
    NotAttempted(SkipReason),
    /// A create whose answer was lost: the account may exist, and its person may have been e-mailed.
    Unclear(ClientError),
}

impl OperationResult {
    /// The account that was touched.
    pub fn account(&self) -> Option<Id> {
        match self {
            Self::Done(id) | Self::Found(id) => Some(*id),
            Self::Failed(_) | Self::NotAttempted(_) | Self::Unclear(_) => None,
        }
    }
}

#[derive(Debug)]
pub enum OperationError {
    Call(ClientError),
    /// These fields have changed on the server since the plan was made, and nothing was sent.
    ChangedMeanwhile(Vec<Key>),
    /// The update changed these fields although they weren't sent, by their names in the API.
    TouchedOthers(Vec<String>),
    /// The account isn't there any more, and nothing was sent.
    Gone,
}

/// Why an operation wasn't begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// The user with this MIS value wasn't created.
    Needs(String),
    /// A create of this run is unclear, so that no more are made.
    UnclearCreate,
    /// The first created account didn't become findable, so that no more are made.
    NotFindable,
    /// The organisation's keychain settings aren't what they were when the plan was made.
    SettingsChanged,
    /// There is an account by now.
    Exists(Id),
    /// The run had stopped by then.
    Halted(StopReason),
}

/// Why a run stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A person or the system asked for it.
    Asked,
    /// The service is away, or takes no call of this token any more.
    Client { message: String, is_outage: bool },
    /// So many failures of one kind in a row.
    SameFailure(usize),
    /// An update changed what wasn't sent.
    TouchedOthers,
    /// A maintenance window is about to begin; it ends then.
    Window(Timestamp),
    /// The journal can't be written.
    Journal(String),
}

impl StopReason {
    pub(super) fn of(error: &ClientError) -> Self {
        Self::Client {
            message: in_words(error),
            is_outage: error.is_outage(),
        }
    }
}

/// What became of each operation, in the order of the plan.
#[derive(Debug, Default)]
pub struct Outcome {
    pub results: Vec<(Operation, OperationResult)>,
    pub halt: Option<StopReason>,
}

impl Outcome {
    pub fn number(&self, wanted: impl Fn(&OperationResult) -> bool) -> usize {
        self.results.iter().filter(|(_, fate)| wanted(fate)).count()
    }
}

/// What a touched account doesn't hold although it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    pub who: UserLabel,
    pub place: Place,
    pub id: Id,
    /// The fields; none where the account can't be read.
    pub keys: Vec<Key>,
}
