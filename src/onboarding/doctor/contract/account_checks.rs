//! Checks of single accounts: which fields they show, and whether searches list them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::domain::field::{FIELDS, SettableWhen, ValueKind};
use crate::domain::role::Role;
use crate::domain::{AccountId, ShownArchive};
use crate::onboarding::doctor::contract::response::{
    AnswerRow, LONDON, WINTER, form, form_of_day, id, keys_of, missing, object, open, rows, text,
};
use crate::onboarding::doctor::contract::search_checks::NOBODY;
use crate::onboarding::doctor::contract::{ContractTrial, LARGEST_PAGE, RowsByRole};
use crate::onefile::tells_archive;

/// The fields of a whole user that public clients rely on for every role (`docs/onefile-api.md`, Finding things). `OF_LEARNERS`
/// lists more for learners.
const RELIED_ON: &[&str] = &[
    "ID",
    "OrganisationID",
    "Role",
    "Username",
    "FirstName",
    "LastName",
    "Email",
    "MISID",
    "Progress",
    "LastModified",
];
const OF_LEARNERS: &[&str] = &[
    "ClassroomID",
    "PlacementID",
    "DefaultAssessorID",
    "EpisodeName",
    "StartOn",
    "PlannedEndDate",
    "DOB",
    "ULN",
    "NINO",
    "HomeAddress",
    "Telephone",
    "MobileNumber",
    "L12",
    "L13",
    "L14",
    "L15",
    "L16",
];
/// Number of accounts of each role that are read in full.
const LOOKS: usize = 3;
/// The facts that whole accounts show.
const OF_WHOLE_ACCOUNTS: &[&str] = &[
    "filterLastModifiedSince",
    "filterLastModifiedUtc",
    "writableFields",
    "days",
];
/// Maximum number of pages that are read to find one account.
const PAGES: usize = 200;

/// Which members of an account that a person has archived say so, and which others are about the archive. Empty if there is none.
fn archive_words(account: &AnswerRow) -> String {
    let (mut telling, mut others) = (Vec::new(), Vec::new());
    for (name, _) in account.members() {
        if tells_archive(name) {
            telling.push(open(name));
        } else if name.to_ascii_lowercase().contains("archiv") {
            others.push(open(name));
        }
    }
    let says = match account.shown_archive() {
        ShownArchive::Archived => "says that it is archived",
        ShownArchive::Current => "says that it isn't archived",
        ShownArchive::NotShown => "doesn't say whether it is archived",
    };
    let mut words = String::new();
    if !telling.is_empty() {
        let _ = write!(words, "; {} {says}", telling.join(", "));
    }
    if !others.is_empty() {
        let _ = write!(words, "; rosterctl doesn't read {}", others.join(", "));
    }
    words
}

impl ContractTrial<'_> {
    /// Checks the fields and days of whole accounts, and the searches for what is assigned to a learner.
    pub(super) async fn accounts(&mut self, found: &RowsByRole) {
        let (mut seen, mut faults) = (RowsByRole::new(), BTreeSet::new());
        for (role, rows) in found {
            for id in rows.iter().filter_map(id).take(LOOKS) {
                let Some(answer) = self.get(&["wholeUser"], format!("User/{id}")).await else {
                    continue;
                };
                match object(&answer) {
                    Some(row) => seen.entry(*role).or_default().push(row),
                    None => drop(faults.insert(format!("an account of a list {}", form(&answer)))),
                }
            }
        }
        self.whole_user(&seen, faults);
        if !seen.is_empty() {
            self.modified_since(&seen).await;
        }
        let all: Vec<AnswerRow> = seen.into_values().flatten().collect();
        if all.is_empty() {
            self.not_tried(OF_WHOLE_ACCOUNTS, NOBODY);
        } else {
            self.writable_fields(&all);
            self.days(&all);
        }
        let learners = found.get(&Role::Learner).map_or(&[][..], Vec::as_slice);
        if learners.is_empty() {
            self.not_tried(&["aims", "unitSummaries"], "no learner is shown");
        }
        self.assignments(learners, &all).await;
    }

    fn whole_user(&mut self, seen: &RowsByRole, faults: BTreeSet<String>) {
        let mut lacking: Vec<String> = faults.into_iter().collect();
        let mut by_keys: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (role, rows) in seen {
            let of_role: &[&str] = if *role == Role::Learner {
                OF_LEARNERS
            } else {
                &[]
            };
            let missing = missing(rows, &[RELIED_ON, of_role].concat());
            lacking.extend(
                missing
                    .into_iter()
                    .map(|key| format!("{} lacks {key}", role.name())),
            );
            by_keys.entry(keys_of(rows)).or_default().push(role.name());
        }
        let holds = lacking.is_empty();
        let by_role = by_keys
            .into_iter()
            .map(|(keys, roles)| format!("{} show {keys}", roles.join(", ")));
        let says: Vec<String> = lacking.into_iter().chain(by_role).collect();
        if says.is_empty() {
            self.not_tried(&["wholeUser"], NOBODY);
        } else {
            self.note("wholeUser", holds, says.join("; "));
        }
    }

    fn writable_fields(&mut self, all: &[AnswerRow]) {
        let writable = FIELDS
            .iter()
            .filter(|field| field.settable == SettableWhen::Always)
            .filter_map(|field| field.api);
        let hidden: Vec<&str> = writable
            .filter(|api| !all.iter().any(|row| row.get(api).is_some()))
            .collect();
        let says = if hidden.is_empty() {
            "all".to_owned()
        } else {
            format!("never: {}", hidden.join(", "))
        };
        self.note("writableFields", hidden.is_empty(), says);
    }

    /// In winter, midnight in London is midnight in UTC, so only a summer day shows which of them is meant.
    fn days(&mut self, all: &[AnswerRow]) {
        let days = FIELDS
            .iter()
            .filter(|field| field.kind == ValueKind::Day)
            .filter_map(|field| field.api);
        let forms = days
            .flat_map(|api| all.iter().filter_map(move |row| text(row, api)))
            .map(form_of_day);
        let forms: BTreeSet<&str> = forms.collect();
        if forms.is_empty() {
            return self.not_tried(&["days"], "no account that was looked at has one");
        }
        if forms.iter().all(|form| *form == WINTER) {
            return self.not_tried(
                &["days"],
                "only winter days were seen, whose midnights are those of UTC, too",
            );
        }
        let holds = forms.iter().all(|form| [LONDON, WINTER].contains(form));
        self.note(
            "days",
            holds,
            forms.into_iter().collect::<Vec<_>>().join("; "),
        );
    }

    pub(super) async fn archived(&mut self, archived: Option<AccountId>) {
        let Some(archived) = archived else {
            return self.not_tried(
                &["archived"],
                "`--archived ID` names an account that you know to be archived",
            );
        };
        let Some(answer) = self.get(&["archived"], format!("User/{archived}")).await else {
            return;
        };
        let account = object(&answer).unwrap_or_default();
        let Some(role) = account.integer("Role").and_then(Role::from_api) else {
            return self.not_tried(
                &["archived"],
                &format!("that account isn't shown: {}", form(&answer)),
            );
        };
        if account.integer("OrganisationID") != Some(self.organisation.get()) {
            return self.not_tried(
                &["archived"],
                "that account isn't shown to be of this organisation",
            );
        }
        match self.is_listed(role, archived).await {
            Ok(true) => {
                let says = format!(
                    "searches show it, if it is archived{}",
                    archive_words(&account)
                );
                self.note("archived", true, says);
            }
            Ok(false) => {
                let says = format!(
                    "searches don't show it: `archivedAccounts: hidden`{}",
                    archive_words(&account)
                );
                self.note("archived", true, says);
            }
            Err(why) => self.not_tried(&["archived"], &why),
        }
    }

    /// Whether any page shows an account. The error is the reason why that is unknown.
    async fn is_listed(&mut self, role: Role, wanted: AccountId) -> Result<bool, String> {
        for page in 1..=PAGES {
            let path = format!("User/Search/{page}/{LARGEST_PAGE}");
            let Some(answer) = self.post(&["archived"], path, self.filter(role, &[])).await else {
                return Err(format!("page {page} can't be read"));
            };
            let found = rows(&answer).ok_or_else(|| format!("page {page} {}", form(&answer)))?;
            if found.is_empty() {
                return Ok(false);
            }
            if found.iter().any(|row| id(row) == Some(wanted)) {
                return Ok(true);
            }
        }
        Err(format!("it isn't on the first {PAGES} pages"))
    }
}
