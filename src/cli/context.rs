//! The context of every command: the project's folder, the environment, the terminal and the clock.

use std::path::Path;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::terminal::Ui;
use crate::domain::clock::Clock;
use crate::plan::Plan;
use crate::project::keyring::AgeKeyring;
use crate::project::load::{LoadedProject, ProjectFolder};
use crate::project::settings::Environment;
use crate::render::{self, RenderOptions, TextLength};

pub(crate) struct Context<'c> {
    /// The project's folder, as a path from the current one.
    pub(crate) dir: &'c Path,
    /// The folder that `-C` names.
    pub(crate) named_dir: Option<&'c Path>,
    pub(crate) environment: Environment,
    /// What opens sealed overlays.
    pub(crate) keyring: &'c AgeKeyring,
    pub(crate) ui: &'c Ui,
    pub(crate) clock: Clock,
    /// Show only totals and errors.
    pub(crate) quiet: bool,
    /// How often `-v` was given.
    pub(crate) verbosity: u8,
}

impl Context<'_> {
    pub(crate) fn project_folder(&self) -> ProjectFolder<'_> {
        ProjectFolder::new(self.dir, self.clock, self.keyring)
    }

    /// Loads the project. Prints a note if its manifests have warnings.
    pub(crate) fn load_project(&self) -> Result<LoadedProject, CommandError> {
        let loaded = self.project_folder().load()?;
        if loaded.warnings > 0 {
            let warnings = render::count(loaded.warnings, "warning", "warnings");
            self.ui.say(&format!(
                "note: {warnings} on the manifests; `rosterctl validate` shows what"
            ));
        }
        Ok(loaded)
    }

    /// The text of a plan, or only its totals with `--quiet`.
    pub(crate) fn shown(&self, plan: &Plan, length: TextLength) -> String {
        let look = self.look(length);
        if self.quiet {
            render::totals_as(plan, look)
        } else {
            render::plan(plan, look)
        }
    }

    pub(crate) fn look(&self, length: TextLength) -> RenderOptions {
        RenderOptions {
            reveal: self.ui.reveal,
            width: self.ui.width,
            length,
        }
    }
}

pub(crate) type CommandResult = Result<Exit, CommandError>;

/// The name of a run in the journal. It holds the start time and the process ID, so that every run has its own.
pub(crate) fn run_name(now: jiff::Timestamp) -> String {
    format!(
        "{}-{}",
        now.strftime("%Y%m%dT%H%M%S%3f"),
        std::process::id()
    )
}
