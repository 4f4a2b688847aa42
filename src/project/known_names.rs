//! `.rosterctl/directory.json`: the names that OneFile has of classrooms and the like, so that editors can offer them. Plans
//! and exports keep it. It names no person: of staff it has MIS values and numbers.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apply::private_files::{read, replace};
use crate::domain::field::{Key, Referent};
use crate::domain::redact::open_text;
use crate::domain::role::Role;
use crate::domain::{OrganisationId, Snapshot};
use crate::project::data_folder::{DATA_FOLDER, make_data_folder};
use crate::project::error::ProjectError;
use crate::render;

const FILE: &str = "directory.json";

/// The version of the file. Another one is passed over.
const FORMAT_VERSION: &str = "1.0";

/// The names of one organisation, as they were read.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownNames {
    format_version: String,
    organisation: i64,
    read: Timestamp,
    /// By what they are names of.
    names: BTreeMap<String, Vec<KnownName>>,
    staff: Vec<KnownStaff>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct KnownName {
    id: i64,
    name: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct KnownStaff {
    role: String,
    id: i64,
    mis_id: String,
}

/// What is kept, and the key that it has in the file.
const KEPT: &[(Referent, &str)] = &[
    (Referent::Classroom, "classrooms"),
    (Referent::Placement, "placements"),
    (Referent::Provider, "providers"),
    (Referent::LearnerStatus, "statuses"),
    (Referent::Standard, "standards"),
    (Referent::FrameworkTemplate, "frameworkTemplates"),
];

impl KnownNames {
    /// The names of a reading. What it didn't ask for stays as an earlier one has it.
    fn of(snapshot: &Snapshot, now: Timestamp, earlier: Option<Self>) -> Self {
        let organisation = snapshot.organisation.id;
        let earlier = earlier.filter(|earlier| earlier.organisation == organisation.get());
        let mut names = earlier.map_or_else(BTreeMap::new, |earlier| earlier.names);
        for (referent, kind) in KEPT {
            let entries = snapshot.directory.of(*referent).iter();
            // An e-mail address as a name is personal.
            let open = entries.filter(|entry| open_text(&entry.name).is_some());
            let known: Vec<KnownName> = open
                .map(|entry| KnownName {
                    id: entry.id.get(),
                    name: entry.name.clone(),
                })
                .collect();
            if !known.is_empty() {
                names.insert((*kind).to_owned(), known);
            }
        }
        let mut staff = Vec::new();
        for account in snapshot.accounts() {
            let mis_id = account.value(Key::MisId).unwrap_or_default();
            if account.role != Role::Learner && !mis_id.is_empty() && open_text(&mis_id).is_some() {
                staff.push(KnownStaff {
                    role: account.role.name().to_owned(),
                    id: account.id.get(),
                    mis_id: mis_id.into_owned(),
                });
            }
        }
        staff.sort_by(|one, other| (&one.mis_id, one.id).cmp(&(&other.mis_id, other.id)));
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            organisation: organisation.get(),
            read: now,
            names,
            staff,
        }
    }

    /// How long ago they were read: `3 days ago`.
    pub fn age(&self, now: Timestamp) -> String {
        let days = now.duration_since(self.read).as_hours() / 24;
        let days = usize::try_from(days).unwrap_or(0);
        match days {
            0 => "today".to_owned(),
            _ => format!("{} ago", render::count(days, "day", "days")),
        }
    }

    /// The names that a reference of this kind may have: of a user, the MIS values of those whose roles it takes.
    pub fn of_referent(&self, referent: Referent) -> Vec<&str> {
        if let Referent::User(roles) = referent {
            let is_of_role =
                |staff: &&KnownStaff| roles.iter().any(|role| role.name() == staff.role);
            let staff = self.staff.iter().filter(is_of_role);
            return staff.map(|staff| staff.mis_id.as_str()).collect();
        }
        let kind = KEPT.iter().find(|(kept, _)| *kept == referent);
        let names = kind.and_then(|(_, kind)| self.names.get(*kind));
        let names = names.into_iter().flatten();
        names.map(|known| known.name.as_str()).collect()
    }
}

/// Keeps the names of a reading. Whether that works changes nothing about the run.
pub fn keep_names(dir: &Path, snapshot: &Snapshot, now: Timestamp) -> Result<(), ProjectError> {
    let folder = make_data_folder(dir)?;
    let names = KnownNames::of(snapshot, now, parse(&folder.join(FILE)));
    let text = serde_json::to_vec_pretty(&names).map_err(io::Error::other);
    text.and_then(|text| replace(&folder.join(FILE), &text))
        .map_err(|source| ProjectError::io(format!("{FILE} can't be written"), source))
}

/// The names of the project's organisation; `None` if none were kept yet.
pub fn known_names(dir: &Path, organisation: OrganisationId) -> Option<KnownNames> {
    let names = parse(&dir.join(DATA_FOLDER).join(FILE))?;
    (names.organisation == organisation.get()).then_some(names)
}

/// A file of another version, or one that somebody has changed, is as none.
fn parse(path: &Path) -> Option<KnownNames> {
    let names: KnownNames = serde_json::from_slice(&read(path).ok()?).ok()?;
    (names.format_version == FORMAT_VERSION).then_some(names)
}
