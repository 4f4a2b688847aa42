//! Checks the known facts of the API one by one, using only requests that read. The results hold names of fields and headers,
//! numbers and forms. They contain nothing about a person, so they can be sent to anyone.

mod account_checks;
mod assignment_checks;
mod facts;
mod modified_checks;
mod response;
mod search_checks;

pub use crate::onboarding::doctor::contract::facts::{Fact, FactResult, Reliance};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::role::Role;
use crate::domain::{AccountId, OrganisationId};
use crate::onboarding::doctor::contract::facts::FACTS;
use crate::onboarding::doctor::contract::response::{
    AnswerRow, form, id, keys_of, missing, object, open, rows,
};
use crate::onefile::{Call, Client, ClientError, Json, ProbeHeaders, RawAnswer, in_words};

/// The results of all checks of the API.
#[derive(Clone, Debug)]
pub struct Contract {
    pub facts: Vec<Fact>,
    /// Whether the service was unavailable at the end.
    pub is_away: bool,
}

/// Checks every fact that can be checked by reading. `archived` is an account that is known to be archived; without it the fact
/// about archived accounts isn't checked.
pub async fn contract(
    client: &Client,
    organisation: OrganisationId,
    archived: Option<AccountId>,
    now: Timestamp,
) -> Contract {
    let (found, headers) = (BTreeMap::new(), BTreeSet::new());
    let mut trial = ContractTrial {
        client,
        organisation,
        now,
        found,
        headers,
        lost: 0,
    };
    trial.organisation().await;
    trial.directory().await;
    let rows = trial.searches().await;
    trial.filters(&rows).await;
    trial.accounts(&rows).await;
    trial.errors().await;
    trial.archived(archived).await;
    // This comes last, because another session may end this one.
    trial.session().await;
    Contract {
        is_away: trial.lost > 0,
        facts: trial.facts(),
    }
}

/// Some rows of each role.
type RowsByRole = BTreeMap<Role, Vec<AnswerRow>>;

struct ContractTrial<'c> {
    client: &'c Client,
    organisation: OrganisationId,
    now: Timestamp,
    found: BTreeMap<&'static str, (FactResult, String)>,
    headers: BTreeSet<String>,
    /// Number of consecutive calls that found the service unavailable.
    lost: usize,
}

/// After this many consecutive calls without service it is assumed to be down, and nothing else is checked.
const MOST_LOST: usize = 5;

const LARGEST_PAGE: usize = 500;
const KEYCHAIN: &[&str] = &[
    "ID",
    "Name",
    "KeychainCreationForNewUserActive",
    "KeychainEmailSuppression",
];
const NAMED: &[&str] = &["ID", "Name"];
const NAMED_WITH_MIS: &[&str] = &["ID", "Name", "MISID"];

impl ContractTrial<'_> {
    fn note(&mut self, name: &'static str, holds: bool, says: impl Into<String>) {
        self.found.insert(
            name,
            (
                if holds {
                    FactResult::Holds
                } else {
                    FactResult::Differs
                },
                says.into(),
            ),
        );
    }

    /// Marks facts as not checked. A fact that already has a result or a reason keeps it.
    fn not_tried(&mut self, facts: &[&'static str], why: &str) {
        for name in facts {
            self.found
                .entry(name)
                .or_insert_with(|| (FactResult::NotTried, why.to_owned()));
        }
    }

    fn is_settled(&self, name: &str) -> bool {
        self.found.contains_key(name)
    }

    fn facts(mut self) -> Vec<Fact> {
        let telling = |name: &&String| {
            ["limit", "retry", "quota", "throttl"]
                .iter()
                .any(|part| name.contains(part))
        };
        let limits: Vec<String> = self
            .headers
            .iter()
            .filter(telling)
            .map(|name| open(name))
            .collect();
        let says = if limits.is_empty() {
            "none".to_owned()
        } else {
            limits.join(", ")
        };
        self.note("limitHeaders", limits.is_empty(), says);
        let fact = |(name, claim, rests): &(&'static str, &'static str, _)| {
            let (found, says) = self
                .found
                .remove(name)
                .unwrap_or((FactResult::NotTried, String::new()));
            Fact {
                name,
                claim,
                found,
                rests: *rests,
                says,
            }
        };
        FACTS.iter().map(fact).collect()
    }

    /// Sends a call. If there is no answer, returns `None` and marks the facts that depend on it as not checked. Others go on.
    async fn ask(
        &mut self,
        facts: &[&'static str],
        call: Call,
        with: ProbeHeaders,
    ) -> Option<RawAnswer> {
        if self.lost >= MOST_LOST {
            self.not_tried(facts, "the service is away");
            return None;
        }
        let answer = self.client.probe(&call, with).await;
        let is_lost = answer.as_ref().is_err_and(ClientError::is_outage);
        self.lost = match &answer {
            // The client has waited for it for as long as it may.
            Err(ClientError::Away(_)) => MOST_LOST,
            Ok(_) | Err(_) if is_lost => self.lost + 1,
            Ok(_) | Err(_) => 0,
        };
        match answer {
            Ok(answer) => {
                self.headers
                    .extend(answer.headers.keys().map(|name| name.as_str().to_owned()));
                Some(answer)
            }
            Err(error) => {
                self.not_tried(facts, &in_words(&error));
                None
            }
        }
    }

    async fn get(&mut self, facts: &[&'static str], path: impl Into<String>) -> Option<RawAnswer> {
        self.ask(facts, Call::get(path), ProbeHeaders::Session)
            .await
    }

    async fn post(
        &mut self,
        facts: &[&'static str],
        path: impl Into<String>,
        body: Value,
    ) -> Option<RawAnswer> {
        self.ask(facts, Call::post(path, body), ProbeHeaders::Session)
            .await
    }

    /// Records which keys these rows show, and whether all the expected keys are among them.
    fn keys(
        &mut self,
        name: &'static str,
        answer: &RawAnswer,
        rows: Option<Vec<AnswerRow>>,
        expected: &[&str],
    ) {
        match rows {
            None => self.note(name, false, form(answer)),
            Some(rows) if rows.is_empty() => {
                self.not_tried(&[name], &format!("there is none: {}", form(answer)));
            }
            Some(rows) => self.shows(name, &rows, expected),
        }
    }

    fn shows(&mut self, name: &'static str, rows: &[AnswerRow], expected: &[&str]) {
        let nameless = rows.iter().filter(|row| id(row).is_none()).count();
        let odd = if nameless == 0 {
            String::new()
        } else {
            format!("{nameless} of {} have no `ID`; ", rows.len())
        };
        self.note(
            name,
            nameless == 0 && missing(rows, expected).is_empty(),
            odd + &keys_of(rows),
        );
    }

    async fn session(&mut self) {
        if let Some(answer) = self
            .ask(
                &["session"],
                Call::authentication(),
                ProbeHeaders::CustomerToken,
            )
            .await
        {
            let form = if answer.body.trim_ascii().starts_with(b"\"") {
                "in quotes"
            } else {
                "bare"
            };
            self.note(
                "session",
                answer.status == 200,
                format!("{}, the key {form}", answer.status),
            );
        }
        let call = Call::get(format!("Organisation/{}", self.organisation));
        if let Some(answer) = self.ask(&["noKey"], call, ProbeHeaders::Nothing).await {
            self.note("noKey", answer.status == 401, answer.status.to_string());
        }
    }

    async fn organisation(&mut self) {
        if let Some(answer) = self.get(&["customer", "organisations"], "Customer").await {
            let customer = object(&answer);
            let id = customer
                .as_ref()
                .and_then(|row| row.get("ID"))
                .map(Json::to_value);
            self.keys("customer", &answer, customer.map(|row| vec![row]), NAMED);
            self.organisations(id).await;
        }
        let path = format!("Organisation/{}", self.organisation);
        if let Some(answer) = self.get(&["organisation"], path).await {
            self.keys(
                "organisation",
                &answer,
                object(&answer).map(|row| vec![row]),
                KEYCHAIN,
            );
        }
    }

    async fn organisations(&mut self, customer: Option<Value>) {
        let Some(id) = customer else {
            return self.not_tried(&["organisations"], "no customer is shown");
        };
        let body = json!({ "CustomerID": id });
        if let Some(answer) = self
            .post(&["organisations"], "Organisation/Search", body)
            .await
        {
            self.keys("organisations", &answer, rows(&answer), KEYCHAIN);
        }
    }

    async fn directory(&mut self) {
        let path = format!("Organisation/{}/LearnerStatuses", self.organisation);
        if let Some(answer) = self.get(&["learnerStatuses"], path).await {
            self.keys("learnerStatuses", &answer, rows(&answer), NAMED);
        }
        let (mut paged, mut differs) = (Vec::new(), false);
        for (name, what, keys) in [
            ("classrooms", "Classroom", NAMED_WITH_MIS),
            ("placements", "Placement", NAMED_WITH_MIS),
            ("providers", "Provider", NAMED),
        ] {
            let filter = json!({ "OrganisationID": self.organisation });
            if let Some(answer) = self
                .post(&[name], format!("{what}/Search"), filter.clone())
                .await
            {
                self.keys(name, &answer, rows(&answer), keys);
            }
            let path = format!("{what}/Search/1/{LARGEST_PAGE}");
            if let Some(answer) = self.post(&["pagedDirectory"], path, filter).await {
                differs |= rows(&answer).is_none();
                paged.push(format!("{what} {}", answer.status));
            }
        }
        if differs || !self.is_settled("pagedDirectory") {
            self.note("pagedDirectory", !differs, paged.join(", "));
        }
    }

    async fn errors(&mut self) {
        if let Some(answer) = self.get(&["unknownId"], "User/2147483647").await {
            self.note("unknownId", answer.status == 404, form(&answer));
        }
    }
}
