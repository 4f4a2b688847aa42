//! Checks of what learners are assigned: which of it can be read back, and so confirmed (`docs/onefile-api.md`, Assignments).

use std::collections::BTreeSet;

use serde_json::json;

use crate::domain::AccountId;
use crate::onboarding::doctor::contract::response::{
    AnswerRow, form, id, keys_of, missing, open, rows,
};
use crate::onboarding::doctor::contract::{ContractTrial, LARGEST_PAGE};
use crate::onefile::{Call, ProbeHeaders};

const TITLED: &[&str] = &["ID", "Title"];
/// Number of learners, standards or templates that are looked at until one shows something.
const LOOKS: usize = 5;
/// The key of a user who assesses ends so. The first of a learner is a field of the account.
const ASSESSOR: &str = "assessorid";
const FIRST_ASSESSOR: &str = "defaultassessorid";

/// One reading of what a learner has.
struct ShownCheck {
    fact: &'static str,
    call: fn(AccountId) -> Call,
    /// The keys by which a plan knows what a learner has.
    keys: &'static [&'static str],
    field: &'static str,
}

const AIMS: ShownCheck = ShownCheck {
    fact: "aims",
    call: |learner| Call::post("LearningAim/Search", json!({ "UserID": learner })),
    keys: &["ID", "StandardID", "UserID"],
    field: "standards",
};
const SUMMARIES: ShownCheck = ShownCheck {
    fact: "unitSummaries",
    call: |learner| Call::get(format!("User/{learner}/UnitSummary")),
    keys: &["StandardID", "UnitID"],
    field: "units",
};

impl ContractTrial<'_> {
    /// Checks the lists of what can be assigned, and what some learners have.
    pub(super) async fn assignments(&mut self, learners: &[AnswerRow], accounts: &[AnswerRow]) {
        let standards = self.titles("standards", "Standard").await;
        self.titles("frameworkTemplates", "FrameworkTemplate").await;
        self.units(&standards).await;
        let learners: Vec<AccountId> = learners.iter().filter_map(id).take(LOOKS).collect();
        let mut seen = accounts.to_vec();
        for check in [AIMS, SUMMARIES] {
            seen.extend(self.shown(&check, &learners).await);
        }
        self.aims_in_bulk().await;
        self.assessor_keys(&seen);
    }

    async fn titles(&mut self, name: &'static str, what: &str) -> Vec<AnswerRow> {
        let filter = json!({ "OrganisationID": self.organisation });
        let path = format!("{what}/Search");
        let Some(answer) = self.post(&[name], path, filter).await else {
            return Vec::new();
        };
        let found = rows(&answer);
        self.keys(name, &answer, found.clone(), TITLED);
        found.unwrap_or_default()
    }

    async fn units(&mut self, standards: &[AnswerRow]) {
        let ids = standards.iter().filter_map(|standard| standard.get("ID"));
        for standard in ids.take(LOOKS) {
            let filter = json!({ "StandardID": standard.to_value() });
            let Some(answer) = self.post(&["units"], "Unit/Search", filter).await else {
                return;
            };
            match rows(&answer) {
                Some(rows) if rows.is_empty() => {}
                rows => return self.keys("units", &answer, rows, TITLED),
            }
        }
        self.not_tried(&["units"], "no standard that was looked at has one");
    }

    /// Looks for a learner who has something, and says whether rows show what a plan needs. Returns the rows.
    async fn shown(&mut self, check: &ShownCheck, learners: &[AccountId]) -> Vec<AnswerRow> {
        for learner in learners {
            let call = (check.call)(*learner);
            let Some(answer) = self.ask(&[check.fact], call, ProbeHeaders::Session).await else {
                return Vec::new();
            };
            match rows(&answer) {
                None => {
                    self.note(check.fact, false, unconfirmed(&form(&answer), check.field));
                    return Vec::new();
                }
                Some(rows) if rows.is_empty() => {}
                Some(rows) => {
                    self.note_rows(check, &rows);
                    return rows;
                }
            }
        }
        self.not_tried(&[check.fact], "no learner that was looked at has one");
        Vec::new()
    }

    fn note_rows(&mut self, check: &ShownCheck, rows: &[AnswerRow]) {
        let keys = keys_of(rows);
        let is_shown = missing(rows, check.keys).is_empty();
        let says = if is_shown {
            format!("{keys}: `{}` are confirmed", check.field)
        } else {
            unconfirmed(&keys, check.field)
        };
        self.note(check.fact, is_shown, says);
    }

    /// If aims can be asked for all at once, a plan needs no request for each learner.
    async fn aims_in_bulk(&mut self) {
        let filter = json!({ "OrganisationID": self.organisation });
        let path = format!("LearningAim/Search/1/{LARGEST_PAGE}");
        if let Some(answer) = self.post(&["aimsInBulk"], path, filter).await {
            let says = match rows(&answer) {
                Some(rows) => format!("{} rows on the first page", rows.len()),
                None => format!("{}: a request for each learner", form(&answer)),
            };
            self.note("aimsInBulk", rows(&answer).is_some(), says);
        }
    }

    /// Further assessors are shown by no key that is known. A key of that name would be the first.
    fn assessor_keys(&mut self, seen: &[AnswerRow]) {
        let mut names = BTreeSet::new();
        for (name, _) in seen.iter().flat_map(AnswerRow::members) {
            let lower = name.to_ascii_lowercase();
            if lower.ends_with(ASSESSOR) && lower != FIRST_ASSESSOR {
                names.insert(open(name));
            }
        }
        let says = match (seen.is_empty(), names.is_empty()) {
            (true, _) => return self.not_tried(&["assessorKeys"], "nothing was shown"),
            (false, true) => "none: further staff are sent once and not confirmed".to_owned(),
            (false, false) => names.into_iter().collect::<Vec<_>>().join(", "),
        };
        self.note("assessorKeys", says.starts_with("none"), says);
    }
}

fn unconfirmed(what: &str, field: &str) -> String {
    format!("{what}: `{field}` can't be confirmed")
}
