//! Applies an approved plan and verifies it, until it ends or is stopped twice.

use std::sync::Mutex;

use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use crate::apply::journal::Journal;
use crate::apply::{ApplyContext, Deviation, Outcome, VerifyInput, apply, verify};
use crate::cli::commands::apply::output::ApplyOutput;
use crate::cli::commands::apply::window::CALLS_PER_OPERATION;
use crate::cli::context::Context;
use crate::cli::pipeline::PlanInput;
use crate::cli::signal;
use crate::cli::terminal::{StepsDone, left_words, time_left};
use crate::domain::clock::{Clock, Moment, ReadingTime};
use crate::domain::{Archived, FieldPolicy, Snapshot};
use crate::onefile::Client;
use crate::render;
use crate::review::Approved;

/// An approved plan with what applying it needs.
pub(crate) struct Execution<'e> {
    pub(crate) output: &'e ApplyOutput<'e>,
    pub(crate) input: &'e PlanInput,
    pub(crate) client: &'e Client,
    pub(crate) snapshot: Snapshot,
    pub(crate) read_at: ReadingTime,
    pub(crate) approved: Approved,
    pub(crate) journal: &'e Mutex<Journal>,
}

/// What an apply has done.
pub(crate) struct Executed {
    pub(crate) outcome: Outcome,
    /// Where an account differs from what was sent; `None` if the accounts couldn't be read again.
    pub(crate) deviations: Option<Vec<Deviation>>,
}

impl Execution<'_> {
    /// `None` if the run was stopped twice: operations in progress may have completed.
    pub(crate) async fn run(self) -> Option<Executed> {
        let (output, client) = (self.output, self.client);
        let context = output.context;
        // A line that can't be printed stops nothing.
        let _ = output.text("\n");
        let bar = context.ui.bar(self.approved.plan().operations.len());
        let work = self.apply_and_verify(&bar);
        let is_done = CancellationToken::new();
        let work = async {
            let executed = work.await;
            is_done.cancel();
            executed
        };
        let reports = is_done.run_until_cancelled(output.report_waits(client.waits()));
        tokio::select! {
            (executed, _) = async { tokio::join!(work, reports) } => Some(executed),
            () = stopped_twice(context, client, &bar) => None,
        }
    }

    async fn apply_and_verify(self, bar: &ProgressBar) -> Executed {
        let output = self.output;
        let context = output.context;
        let apply_context = ApplyContext {
            client: self.client,
            clock: context.clock,
            journal: self.journal,
            snapshot: &self.snapshot,
            read_at: self.read_at,
            windows: &self.input.project.windows,
            assign_path: self.input.project.policy.assign_path,
        };
        let applying = apply(self.approved, &apply_context, |operation, result| {
            output.result(bar, operation, result);
        });
        let waits = Some(self.client.waits());
        let progress = OperationProgress::of(self.client, context.clock, bar);
        let words = || progress.words();
        let outcome = context
            .ui
            .alongside(context.clock, bar, &words, waits, applying)
            .await;
        bar.finish_and_clear();
        let touched = Verification {
            context,
            client: self.client,
            snapshot: self.snapshot,
            read_at: self.read_at,
            fields: &self.input.project.fields,
            lists: self.input.project.policy.archived,
        };
        let deviations = touched.read_again(&outcome).await;
        Executed {
            outcome,
            deviations,
        }
    }
}

/// How long the operations that are left take.
struct OperationProgress<'p> {
    client: &'p Client,
    clock: Clock,
    bar: &'p ProgressBar,
    begun: Moment,
    calls_before: usize,
}

impl<'p> OperationProgress<'p> {
    fn of(client: &'p Client, clock: Clock, bar: &'p ProgressBar) -> Self {
        Self {
            client,
            clock,
            bar,
            begun: clock.moment(),
            calls_before: client.calls(),
        }
    }

    fn words(&self) -> String {
        let done = usize::try_from(self.bar.position()).unwrap_or(usize::MAX);
        let of = self.bar.length().unwrap_or_default();
        let of = usize::try_from(of).unwrap_or(usize::MAX);
        let left = of.saturating_sub(done);
        let calls = self.client.calls() - self.calls_before;
        let steps = StepsDone {
            done,
            of,
            calls_left: match done {
                0 => left * CALLS_PER_OPERATION,
                done => calls * left / done,
            },
            begun: self.begun,
        };
        let time = time_left(self.client, self.clock, steps);
        left_words(time, self.client.calls_per_minute())
    }
}

/// What the reading after an apply needs.
struct Verification<'v> {
    context: &'v Context<'v>,
    client: &'v Client,
    snapshot: Snapshot,
    read_at: ReadingTime,
    fields: &'v FieldPolicy,
    lists: Archived,
}

impl Verification<'_> {
    /// The touched accounts that differ from what was sent; `None` if they can't be read.
    async fn read_again(self, outcome: &Outcome) -> Option<Vec<Deviation>> {
        let context = self.context;
        let input = VerifyInput {
            fields: self.fields,
            outcome,
            lists: self.lists,
            since: self.read_at.at,
            clock: context.clock,
        };
        let verifying = verify(self.client, self.snapshot, &input);
        let what = "Reading the changed accounts again";
        let verified = context
            .ui
            .reading(context.clock, what, self.client, verifying)
            .await;
        verified
            .inspect_err(|error| {
                context.ui.say(&format!(
                    "note: what was applied couldn't be read again: {}",
                    render::shown(&error.to_string())
                ));
            })
            .ok()
    }
}

/// Ends at the second request to stop. The first lets operations in progress end.
async fn stopped_twice(context: &Context<'_>, client: &Client, bar: &ProgressBar) {
    // If this process can't listen for signals, it can't be asked to stop.
    let signals = signal::listen().unwrap_or_default();
    signals.first.cancelled().await;
    client.cancel_token().cancel();
    context.ui.above(
        bar,
        "Stopping: what is under way ends first. Once more stops at once.",
    );
    signals.second.cancelled().await;
}
