//! What plans remember of earlier readings of a project, and whether they use it.

use jiff::Timestamp;

use crate::domain::london::day_in_words;
use crate::onboarding::doctor::Check;
use crate::onefile::{Readings, ReadingsError, ReadingsTrust, in_words};

/// The remembered readings of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadingsState {
    /// No plan has kept any.
    Nothing,
    /// Accounts are remembered, as they were at a time or later.
    Accounts {
        number: usize,
        as_of: Option<Timestamp>,
        /// Whether OneFile has listed an update of ours as modified, so that plans use them.
        is_proved: bool,
        /// The same for the standards of learners, which a standard that we assigned has to prove.
        standards: ReadingsTrust,
        /// The same for their units.
        units: ReadingsTrust,
    },
    /// OneFile didn't list a change, and so plans read every account.
    Off { until: Timestamp },
    /// The file can't be used.
    PassedOver { why: String },
}

impl ReadingsState {
    /// `loaded` is what the folder of the journal holds.
    pub fn new(loaded: Result<Option<Readings>, ReadingsError>, now: Timestamp) -> Self {
        let readings = match loaded {
            Ok(Some(readings)) => readings,
            Ok(None) => return Self::Nothing,
            Err(error) => {
                return Self::PassedOver {
                    why: in_words(&error),
                };
            }
        };
        match readings.trust.at(now) {
            ReadingsTrust::Off { until } => Self::Off { until },
            _ if readings.is_empty() => Self::Nothing,
            trust => Self::Accounts {
                number: readings.len(),
                as_of: readings.as_of,
                is_proved: trust == ReadingsTrust::Proved,
                standards: readings.aims.trust.at(now),
                units: readings.units.trust.at(now),
            },
        }
    }

    /// Readings only spare requests, so that nothing about them is a failure.
    pub fn check(&self) -> Check {
        match self {
            Self::Nothing => Check::ok(NAME, "plans remember no earlier reading"),
            Self::Accounts {
                number,
                as_of,
                is_proved,
                standards,
                units,
            } => {
                let as_of =
                    as_of.map_or_else(String::new, |at| format!(", as of {}", day_in_words(at)));
                let use_of_them = if *is_proved {
                    "plans read those that have changed since, and a sample"
                } else {
                    "plans read every account until OneFile has listed an update by rosterctl as modified"
                };
                let standards = of_learners("standards", *standards);
                let units = of_learners("units", *units);
                let says = format!(
                    "accounts remembered{as_of}: {number}; {use_of_them}{standards}{units}"
                );
                Check::ok(NAME, says)
            }
            Self::Off { until } => {
                let says = format!(
                    "OneFile didn't list a changed account as modified, so plans read every account until {}",
                    day_in_words(*until)
                );
                Check::warn(
                    NAME,
                    says,
                    "nothing to do; plans cost more requests until then",
                )
            }
            Self::PassedOver { why } => {
                let says = format!("{why}, so the next plan reads every account");
                Check::warn(NAME, says, "nothing to do; the next plan replaces the file")
            }
        }
    }
}

const NAME: &str = "readings";

/// What is said of `standards` or `units`.
fn of_learners(what: &str, trust: ReadingsTrust) -> String {
    match trust {
        ReadingsTrust::Unproved => String::new(),
        ReadingsTrust::Proved => format!("; the same for the {what} of learners"),
        ReadingsTrust::Off { until } => format!(
            "; they read the {what} of all learners until {}, because OneFile didn't list a learner as modified whose {what} changed",
            day_in_words(until)
        ),
    }
}
