//! Checks of searches: which fields they show and which filters they apply.

use std::collections::BTreeSet;

use jiff::ToSpan;
use serde_json::{Value, json};

use crate::domain::AccountId;
use crate::domain::role::Role;
use crate::onboarding::doctor::contract::response::{AnswerRow, form, id, rows, text};
use crate::onboarding::doctor::contract::{ContractTrial, LARGEST_PAGE, RowsByRole};
use crate::onefile::{Call, Json, ProbeHeaders};

const BRIEF: &[&str] = &["ID", "FirstName", "LastName", "MISID"];
pub(super) const NOBODY: &str = "no account is shown";

impl ContractTrial<'_> {
    /// Checks the searches and returns some rows of each role. They come from a first page, or from the search without
    /// pages if that page can't be read.
    pub(super) async fn searches(&mut self) -> RowsByRole {
        let (mut found, mut odd) = (RowsByRole::new(), BTreeSet::new());
        for role in Role::all() {
            let path = format!("User/Search/1/{LARGEST_PAGE}");
            if let Some(answer) = self
                .post(&["pagedRows"], path, self.filter(role, &[]))
                .await
            {
                match rows(&answer) {
                    Some(rows) => drop(found.insert(role, rows)),
                    None => drop(odd.insert(form(&answer))),
                }
            }
        }
        self.paged_rows(&found, odd);
        match fullest(&found) {
            Some(role) => self.pages(role, found[&role].len()).await,
            None => self.not_tried(&["pageSize", "pastTheEnd"], NOBODY),
        }
        for role in Role::all()
            .filter(|role| !found.contains_key(role))
            .collect::<Vec<_>>()
        {
            let answer = self.post(&[], "User/Search", self.filter(role, &[])).await;
            found.extend(answer.as_ref().and_then(rows).map(|rows| (role, rows)));
        }
        let role = fullest(&found).unwrap_or(Role::Learner);
        if let Some(answer) = self
            .post(&["briefRows"], "User/Search", self.filter(role, &[]))
            .await
        {
            self.keys("briefRows", &answer, rows(&answer), BRIEF);
        }
        found
    }

    fn paged_rows(&mut self, found: &RowsByRole, odd: BTreeSet<String>) {
        let all: Vec<AnswerRow> = found.values().flatten().cloned().collect();
        if !odd.is_empty() {
            self.note(
                "pagedRows",
                false,
                odd.into_iter().collect::<Vec<_>>().join("; "),
            );
        } else if all.is_empty() {
            self.not_tried(&["pagedRows"], NOBODY);
        } else if !self.is_settled("pagedRows") {
            self.shows("pagedRows", &all, BRIEF);
        }
    }

    /// Checks the size of a page, and a page past the last one.
    async fn pages(&mut self, role: Role, first: usize) {
        let path = |page: usize| format!("User/Search/{page}/{LARGEST_PAGE}");
        if let Some(answer) = self
            .post(&["pageSize"], path(2), self.filter(role, &[]))
            .await
        {
            match rows(&answer) {
                None => {
                    let says = format!("page 2 {}", form(&answer));
                    self.not_tried(&["pageSize"], &says);
                    self.note("pagedRows", false, says);
                }
                Some(rows) if rows.is_empty() => {
                    self.note("pageSize", true, format!("{first} rows were all there are"));
                }
                Some(_) => {
                    self.note(
                        "pageSize",
                        first >= LARGEST_PAGE,
                        format!("asked for {LARGEST_PAGE}, got {first}"),
                    );
                }
            }
        }
        if let Some(answer) = self
            .post(&["pastTheEnd"], path(100_000), self.filter(role, &[]))
            .await
        {
            self.note(
                "pastTheEnd",
                rows(&answer).is_some_and(|rows| rows.is_empty()),
                form(&answer),
            );
        }
    }

    pub(super) fn filter(&self, role: Role, more: &[(&str, Value)]) -> Value {
        let mut filter = json!({ "OrganisationID": self.organisation, "Role": role.row().api });
        for (name, value) in more {
            filter[*name] = value.clone();
        }
        filter
    }

    pub(super) async fn filters(&mut self, found: &RowsByRole) {
        let nobody = self.filter(
            Role::Learner,
            &[("MISID", json!("rosterctl-doctor-nobody"))],
        );
        if let Some(answer) = self.post(&["nothingFound"], "User/Search", nobody).await {
            self.note(
                "nothingFound",
                answer.status == 204 && answer.body.is_empty(),
                form(&answer),
            );
        }
        self.filter_role(found);
        self.filter_text(found, "filterMisId", &["MISID"]).await;
        self.filter_text(found, "filterName", &["FirstName", "LastName"])
            .await;
        match fullest(found) {
            Some(role) => {
                self.filter_last_modified(role).await;
                self.other_forms(role).await;
            }
            None => self.not_tried(&["filterLastModified", "keyCase", "forms"], NOBODY),
        }
    }

    /// If searches filter by role, the lists of two roles have no account in common.
    fn filter_role(&mut self, found: &RowsByRole) {
        let ids = found
            .values()
            .map(|rows| rows.iter().filter_map(id).collect());
        let ids: Vec<BTreeSet<AccountId>> = ids
            .filter(|ids: &BTreeSet<AccountId>| !ids.is_empty())
            .collect();
        match ids.as_slice() {
            [] | [_] => self.not_tried(&["filterRole"], "fewer than two roles have accounts"),
            [first, rest @ ..] => {
                let shared = rest
                    .iter()
                    .map(|ids| ids.intersection(first).count())
                    .sum::<usize>();
                self.note(
                    "filterRole",
                    shared == 0,
                    format!("{shared} accounts in the lists of two roles"),
                );
            }
        }
    }

    /// If the filter works, a search for an account's own values finds rows with these values and no others.
    async fn filter_text(&mut self, found: &RowsByRole, name: &'static str, keys: &[&'static str]) {
        let has = |row: &&AnswerRow| keys.iter().all(|key| text(row, key).is_some());
        let Some((role, row)) = found
            .iter()
            .find_map(|(role, rows)| Some((*role, rows.iter().find(has)?)))
        else {
            return self.not_tried(&[name], "no account shows what it would go by");
        };
        let wanted: Vec<(&str, Value)> = keys
            .iter()
            .map(|key| (*key, row.get(key).map(Json::to_value).unwrap_or_default()))
            .collect();
        let Some(answer) = self
            .post(&[name], "User/Search", self.filter(role, &wanted))
            .await
        else {
            return;
        };
        let Some(rows) = rows(&answer) else {
            return self.note(name, false, form(&answer));
        };
        let fits = |other: &&AnswerRow| {
            keys.iter()
                .all(|key| folded(other, key) == folded(row, key))
        };
        let fitting = rows.iter().filter(fits).count();
        self.note(
            name,
            fitting > 0 && fitting == rows.len(),
            format!("{fitting} of {} rows fit", rows.len()),
        );
    }

    async fn filter_last_modified(&mut self, role: Role) {
        let tomorrow = self
            .now
            .checked_add(24.hours())
            .unwrap_or(self.now)
            .to_string();
        let filter = self.filter(role, &[("LastModified", json!(tomorrow))]);
        if let Some(answer) = self
            .post(&["filterLastModified"], "User/Search", filter)
            .await
        {
            let rows = rows(&answer).map(|rows| rows.len());
            let says = format!(
                "{} rows modified after tomorrow, {}",
                rows.unwrap_or_default(),
                form(&answer)
            );
            self.note("filterLastModified", rows == Some(0), says);
        }
    }

    async fn other_forms(&mut self, role: Role) {
        let Some(answer) = self
            .post(&["keyCase", "forms"], "User/Search", self.filter(role, &[]))
            .await
        else {
            return;
        };
        let usual = rows(&answer).map_or(0, |rows| rows.len());
        if usual == 0 {
            let why = format!("the usual way shows nobody: {}", form(&answer));
            return self.not_tried(&["keyCase", "forms"], &why);
        }
        let lower = json!({ "organisationID": self.organisation, "role": role.row().api });
        let pairs = [
            ("OrganisationID", self.organisation.to_string()),
            ("Role", role.row().api.to_string()),
        ];
        for (name, call) in [
            ("keyCase", Call::post("user/search", lower)),
            ("forms", Call::form("User/Search", &pairs)),
        ] {
            if let Some(answer) = self.ask(&[name], call, ProbeHeaders::Session).await {
                match rows(&answer).map(|rows| rows.len()) {
                    Some(number) => {
                        self.note(
                            name,
                            number == usual,
                            format!("{number} rows, {usual} in the usual way"),
                        );
                    }
                    None => self.note(name, false, form(&answer)),
                }
            }
        }
    }
}

fn fullest(found: &RowsByRole) -> Option<Role> {
    let most = found
        .iter()
        .filter(|(_, rows)| !rows.is_empty())
        .max_by_key(|(_, rows)| rows.len());
    most.map(|(role, _)| *role)
}

fn folded(row: &AnswerRow, key: &str) -> Option<String> {
    text(row, key).map(str::to_lowercase)
}
