//! What plans found, night by night: `checked.jsonl` beside the journal, a line a plan. It is for people and decides nothing. So a
//! line that can't be read is passed over, and a version that doesn't know the file leaves it alone, as it couldn't an unknown line
//! of the journal. If two plans write at once, the line of one of them is lost.

use std::io::{self, ErrorKind};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apply::journal::JournalScope;
use crate::apply::private_files::{self, refuse_linked_folder};
use crate::domain::OrganisationId;
use crate::plan::{OperationCounts, Plan};
use crate::review::json;

const FILE: &str = "checked.jsonl";
/// How many plans of one organisation are kept: a year of nights, and some by day.
const MOST: usize = 400;

/// When a plan was made, of which organisation, and how much it found. Nothing in it is about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedPlan {
    pub at: Timestamp,
    /// The base URL, or `sandbox`.
    pub target: String,
    pub organisation: OrganisationId,
    /// The commit that was checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(flatten)]
    pub found: FoundCounts,
}

/// How much a plan found of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FoundCounts {
    pub creates: usize,
    pub updates: usize,
    pub archives: usize,
    pub unarchives: usize,
    /// Placements and classrooms to be created or updated.
    pub entries: usize,
    pub assignments: usize,
    /// Users, placements and classrooms on hold.
    pub held: usize,
    /// Declared users whose accounts are as declared.
    pub unchanged: usize,
    /// Live accounts that no declared user names.
    pub undeclared: usize,
}

impl CheckedPlan {
    pub fn of(plan: &Plan, place: &JournalScope, at: Timestamp, commit: Option<String>) -> Self {
        let OperationCounts {
            new_entries,
            changed_entries,
            assignments,
            unarchives,
            creates,
            updates,
            archives,
        } = plan.counts();
        Self {
            at,
            target: place.target.clone(),
            organisation: place.organisation,
            commit,
            found: FoundCounts {
                creates,
                updates,
                archives,
                unarchives,
                entries: new_entries + changed_entries,
                assignments,
                held: plan.held.len() + plan.held_entries.len(),
                unchanged: plan.unchanged,
                undeclared: plan.undeclared.len(),
            },
        }
    }

    fn is_of_place(&self, other: &Self) -> bool {
        self.target == other.target && self.organisation == other.organisation
    }
}

impl FoundCounts {
    /// How many operations the plan had.
    pub fn operations(&self) -> usize {
        let accounts = self.creates + self.updates + self.archives + self.unarchives;
        accounts + self.entries + self.assignments
    }
}

/// The plans of a folder, in the order in which they were noted. A missing file has none.
pub fn checked_plans(folder: &Path) -> io::Result<Vec<CheckedPlan>> {
    refuse_linked_folder(folder)?;
    let bytes = match private_files::read(&folder.join(FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = bytes.split(|byte| *byte == b'\n');
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

/// Adds a plan, and takes away the oldest ones of the same organisation if there are too many.
pub fn note_checked(folder: &Path, plan: CheckedPlan) -> io::Result<()> {
    let mut plans = checked_plans(folder)?;
    let of_place = plans.iter().filter(|one| one.is_of_place(&plan)).count();
    let mut too_many = (of_place + 1).saturating_sub(MOST);
    plans.retain(|one| {
        let is_dropped = too_many > 0 && one.is_of_place(&plan);
        too_many -= usize::from(is_dropped);
        !is_dropped
    });
    plans.push(plan);
    let mut text = String::new();
    for plan in &plans {
        text += &json::line(plan);
        text.push('\n');
    }
    private_files::replace(&folder.join(FILE), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use jiff::Timestamp;

    use super::{CheckedPlan, FILE, FoundCounts, MOST, checked_plans, note_checked};
    use crate::domain::OrganisationId;

    fn plan(organisation: i64, updates: usize) -> CheckedPlan {
        CheckedPlan {
            at: Timestamp::UNIX_EPOCH,
            target: "sandbox".to_owned(),
            organisation: OrganisationId::new(organisation),
            commit: None,
            found: FoundCounts {
                updates,
                ..FoundCounts::default()
            },
        }
    }

    fn updates(folder: &Path, organisation: i64) -> Vec<usize> {
        let plans = checked_plans(folder).unwrap().into_iter();
        let of_it = plans.filter(|plan| plan.organisation == OrganisationId::new(organisation));
        of_it.map(|plan| plan.found.updates).collect()
    }

    #[test]
    fn the_oldest_plans_of_the_same_organisation_make_room() {
        let folder = tempfile::tempdir().unwrap();
        note_checked(folder.path(), plan(2, 7)).unwrap();
        for number in 0..MOST + 3 {
            note_checked(folder.path(), plan(1, number)).unwrap();
        }
        let kept = updates(folder.path(), 1);
        assert_eq!((kept.len(), kept[0], kept[MOST - 1]), (MOST, 3, MOST + 2));
        assert_eq!(updates(folder.path(), 2), [7]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        note_checked(folder.path(), plan(1, 1)).unwrap();
        let file = folder.path().join(FILE);
        let whole = fs::read_to_string(&file).unwrap();
        for broken in [
            "no line of ours\n",
            "{\"at\":\n",
            "[]\n",
            "\u{0}\n",
            "{\"updates\":-1}\n",
        ] {
            fs::write(&file, format!("{broken}{whole}{broken}")).unwrap();
            assert_eq!(updates(folder.path(), 1), [1], "{broken:?}");
        }
        // A later version may say more.
        fs::write(
            &file,
            whole.replace("\"updates\":1", "\"updates\":2,\"more\":3"),
        )
        .unwrap();
        assert_eq!(updates(folder.path(), 1), [2]);
    }
}
