//! What exists in OneFile that users can refer to, and how a manifest names it.

use std::collections::BTreeSet;

use crate::domain::field::Referent;
use crate::domain::role::{ASSESSING, Role};
use crate::domain::{EntryId, Snapshot};
use crate::onboarding::export::references_written;

/// A list that a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Classrooms,
    Placements,
    Providers,
    Statuses,
    Standards,
    Templates,
    /// Everybody who can be a learner's `defaultAssessor`.
    Assessors,
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    pub id: EntryId,
    pub mis_id: Option<String>,
    /// Only for accounts.
    pub role: Option<Role>,
    /// The name of a classroom and the like, which is public; or of a person.
    pub name: String,
    /// What to write in a manifest, as YAML; `None` if a plan wouldn't find the entry.
    pub reference: Option<String>,
}

impl Listing {
    /// What the rows are called.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Classrooms => ("classroom", "classrooms"),
            Self::Placements => ("placement", "placements"),
            Self::Providers => ("provider", "providers"),
            Self::Statuses => ("learner status", "learner statuses"),
            Self::Standards => ("standard", "standards"),
            Self::Templates => ("framework template", "framework templates"),
            Self::Assessors => ("account that can assess", "accounts that can assess"),
        }
    }

    fn referent(self) -> Referent {
        match self {
            Self::Classrooms => Referent::Classroom,
            Self::Placements => Referent::Placement,
            Self::Providers => Referent::Provider,
            Self::Statuses => Referent::LearnerStatus,
            Self::Standards => Referent::Standard,
            Self::Templates => Referent::FrameworkTemplate,
            Self::Assessors => Referent::User(ASSESSING),
        }
    }

    /// The lists of the directory that have to be read.
    pub fn referents(self) -> BTreeSet<Referent> {
        let referent = self.referent();
        (!referent.is_user())
            .then_some(referent)
            .into_iter()
            .collect()
    }

    /// The roles whose accounts have to be read.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Classrooms
            | Self::Placements
            | Self::Providers
            | Self::Statuses
            | Self::Standards
            | Self::Templates => &[],
            Self::Assessors => ASSESSING,
        }
    }

    /// Whether the names are those of people.
    pub fn is_of_people(self) -> bool {
        self.referent().is_user()
    }

    /// The rows, by name.
    pub fn entries(self, snapshot: &Snapshot) -> Vec<ListedEntry> {
        let mut entries = match self.referent() {
            Referent::User(_) => accounts(snapshot),
            referent => directory(snapshot, referent),
        };
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
        let references = references_written(snapshot, self.referent(), &ids);
        for (entry, reference) in entries.iter_mut().zip(references) {
            entry.reference = reference;
        }
        entries.sort_by_key(|entry| (entry.name.to_lowercase(), entry.id));
        entries
    }
}

fn directory(snapshot: &Snapshot, referent: Referent) -> Vec<ListedEntry> {
    let entries = snapshot.directory.of(referent).iter();
    let listed = entries.map(|entry| ListedEntry {
        id: entry.id,
        mis_id: entry.mis_id.clone(),
        role: None,
        name: entry.name.clone(),
        reference: None,
    });
    listed.collect()
}

fn accounts(snapshot: &Snapshot) -> Vec<ListedEntry> {
    let listed = snapshot.accounts().map(|account| ListedEntry {
        id: account.id.into(),
        mis_id: account.mis_id().map(str::to_owned),
        role: Some(account.role),
        name: account.full_name(),
        reference: None,
    });
    listed.collect()
}
