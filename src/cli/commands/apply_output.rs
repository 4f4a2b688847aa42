//! What an apply says on stdout: text for people, or a line of JSON for each event.

use std::io;

use indicatif::ProgressBar;

use crate::apply::OperationResult;
use crate::cli::args::ApplyFormat;
use crate::cli::commands::Context;
use crate::onefile::Waits;
use crate::plan::Operation;
use crate::render::{self, ApplyEvent, TextLength};

pub(crate) struct ApplyOutput<'c> {
    pub(crate) context: &'c Context<'c>,
    pub(crate) format: ApplyFormat,
}

impl ApplyOutput<'_> {
    /// Text for people, which isn't among events.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        match self.format {
            ApplyFormat::Text => self.context.ui.print(text),
            ApplyFormat::Jsonl => Ok(()),
        }
    }

    /// An event, which text has other words for.
    pub(crate) fn event(&self, event: &ApplyEvent) -> io::Result<()> {
        match self.format {
            ApplyFormat::Text => Ok(()),
            ApplyFormat::Jsonl => self.context.ui.print(&(event.to_line() + "\n")),
        }
    }

    /// What became of an operation. A line that can't be printed stops nothing: what is done is done.
    pub(crate) fn fate(&self, bar: &ProgressBar, operation: &Operation, fate: &OperationResult) {
        let context = self.context;
        let line = match self.format {
            ApplyFormat::Text if context.quiet && matches!(fate, OperationResult::Done(_)) => None,
            ApplyFormat::Text => Some(render::result_line(
                operation,
                fate,
                context.look(TextLength::Full),
            )),
            ApplyFormat::Jsonl => {
                Some(ApplyEvent::operation(context.clock.now(), operation, fate).to_line())
            }
        };
        if let Some(line) = line {
            let _ = context.ui.print_above(bar, &line);
        }
        bar.inc(1);
    }

    /// Reports each wait as it begins, until the client is gone.
    pub(crate) async fn waits(&self, mut waits: Waits) {
        while waits.changed().await.is_ok() {
            let wait = *waits.borrow_and_update();
            if let Some(wait) = wait {
                let _ = self.event(&ApplyEvent::waiting(self.context.clock.now(), wait));
            }
        }
    }
}
