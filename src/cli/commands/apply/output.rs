//! What an apply prints: text for people, or a line of JSON for each event.

use std::convert::Infallible;
use std::io;

use indicatif::ProgressBar;

use crate::apply::OperationResult;
use crate::cli::args::ApplyFormat;
use crate::cli::context::Context;
use crate::onefile::Waits;
use crate::plan::Operation;
use crate::render::{self, ApplyEvent, TextLength};

pub(crate) struct ApplyOutput<'c> {
    pub(crate) context: &'c Context<'c>,
    pub(crate) format: ApplyFormat,
}

/// Whether `--quiet` passes it over. That an answer was lost is worth a line.
fn is_plainly_done(result: &OperationResult) -> bool {
    matches!(
        result,
        OperationResult::Done(_) | OperationResult::EntryDone(_)
    )
}

impl ApplyOutput<'_> {
    /// Prints text for people; nothing among JSON events.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        match self.format {
            ApplyFormat::Text => self.context.ui.print(text),
            ApplyFormat::Jsonl => Ok(()),
        }
    }

    /// Prints an event; nothing in text for people, which has words of its own.
    pub(crate) fn event(&self, event: &ApplyEvent) -> io::Result<()> {
        match self.format {
            ApplyFormat::Text => Ok(()),
            ApplyFormat::Jsonl => self.context.ui.print(&(event.to_line() + "\n")),
        }
    }

    /// Prints the result of an operation. If that fails, the apply goes on: the operation is done anyway.
    pub(crate) fn result(
        &self,
        bar: &ProgressBar,
        operation: &Operation,
        result: &OperationResult,
    ) {
        let context = self.context;
        let line = match self.format {
            ApplyFormat::Text if context.quiet && is_plainly_done(result) => None,
            ApplyFormat::Text => Some(render::result_line(
                operation,
                result,
                context.look(TextLength::Full),
            )),
            ApplyFormat::Jsonl => {
                Some(ApplyEvent::operation(context.clock.now(), operation, result).to_line())
            }
        };
        if let Some(line) = line {
            let _ = context.ui.print_above(bar, &line);
        }
        bar.inc(1);
    }

    /// Reports each wait as it begins. Never ends, so it has to run beside what waits.
    pub(crate) async fn report_waits(&self, mut waits: Waits) -> Infallible {
        while waits.changed().await.is_ok() {
            let wait = *waits.borrow_and_update();
            if let Some(wait) = wait {
                let clock = self.context.clock;
                let left = clock.left(wait.until);
                let _ = self.event(&ApplyEvent::waiting(clock.now(), left, wait));
            }
        }
        std::future::pending().await
    }
}
