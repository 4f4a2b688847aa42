//! Flags, environment and `rosterctl.yaml`, folded once into what the commands need.

mod environment;
mod project;
mod server;

pub use crate::settings::environment::Environment;
pub use crate::settings::project::{PROJECT_FILE, Project, project};
pub use crate::settings::server::{ChosenServer, ServerFlags, UsageError, choose};
