//! Combines flags, the environment and `rosterctl.yaml` once into the settings that the commands need.

mod environment;
mod field_policy;
mod project;
mod seal;
mod server;

pub use crate::project::settings::environment::{AgeKeySource, AgeKeyVariable, Environment};
pub use crate::project::settings::project::{PROJECT_FILE, Project, project};
pub(crate) use crate::project::settings::server::SANDBOX;
pub use crate::project::settings::server::{
    ChosenServer, ServerFlags, UsageError, choose, target_of_base_url,
};
