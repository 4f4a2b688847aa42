//! What a plan shows as one: an operation, or everything that one learner is assigned.

use crate::findings::source::Place;
use crate::plan::{Change, Operation, OperationSubject};
use crate::render::grouping::Groupable;

/// One operation, or all assignments of one learner. Never empty.
pub(crate) struct Step<'p> {
    operations: Vec<&'p Operation>,
}

impl<'p> Step<'p> {
    /// The operations as steps, in the order of places.
    pub(crate) fn all(mut operations: Vec<&'p Operation>) -> Vec<Self> {
        operations.sort_by_key(|operation| operation.place());
        let steps = operations.chunk_by(|one, next| belong_together(one, next));
        steps
            .map(|step| Self {
                operations: step.to_vec(),
            })
            .collect()
    }

    /// The only operation, or the first assignment.
    pub(crate) fn first(&self) -> &'p Operation {
        self.operations[0]
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = &'p Change> {
        self.operations
            .iter()
            .flat_map(|operation| operation.changes())
    }
}

fn belong_together(one: &Operation, next: &Operation) -> bool {
    match (one, next) {
        (Operation::Assign(one), Operation::Assign(next)) => {
            one.user == next.user && one.place == next.place && one.effects == next.effects
        }
        _ => false,
    }
}

impl Groupable for Step<'_> {
    fn who(&self) -> OperationSubject<'_> {
        self.first().subject()
    }

    fn place(&self) -> &Place {
        self.first().place()
    }
}
