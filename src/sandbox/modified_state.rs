//! What a new state does to `LastModified`: users who differ from those before were edited by a person, unless the state says
//! itself when they were modified.

use std::collections::BTreeSet;

use serde_json::json;

use crate::domain::clock::Clock;
use crate::sandbox::modified::{ModifiedBehaviour, UserWrite, touch};
use crate::sandbox::state::{SEEDED_AT, ServiceState};
use crate::sandbox::stored_row::{StoredRow, cell, number};
use crate::sandbox::table::{FORMER_MODIFIED, ID, LAST_MODIFIED, StoredTable, TABLES};

impl ServiceState {
    /// Moves the time of users who were edited since `before`. A time that differs from the one before stays as it is.
    pub(crate) fn touch_edited(
        &mut self,
        before: &Self,
        behaviour: &ModifiedBehaviour,
        clock: Clock,
    ) {
        let assigned = self.assigned_since(before);
        let mut touched = Vec::new();
        for user in self.rows(StoredTable::Users) {
            let mut edited = user.clone();
            match before.get(StoredTable::Users, number(user, ID)) {
                None => touch_new(&mut edited, behaviour, clock),
                Some(old) if cell(old, LAST_MODIFIED) != cell(user, LAST_MODIFIED) => {
                    keep_shown(&mut edited, old, behaviour, clock);
                }
                Some(old) if old != user => behaviour.touch(&mut edited, UserWrite::WebEdit, clock),
                Some(_) if assigned.contains(&number(user, ID)) => {
                    behaviour.touch(&mut edited, UserWrite::Assignment, clock);
                }
                Some(_) => {}
            }
            if edited != *user {
                touched.push(edited);
            }
        }
        for user in touched {
            self.put(StoredTable::Users, user);
        }
    }

    /// The users whose assignments differ from those before.
    fn assigned_since(&self, before: &Self) -> BTreeSet<i64> {
        let mut users = BTreeSet::new();
        for table in TABLES {
            let Some(column) = table.table.assigned_to() else {
                continue;
            };
            for (new, old) in [(self, before), (before, self)] {
                for row in new.rows(table.table) {
                    if old.get(table.table, number(row, ID)) != Some(row) {
                        users.insert(number(row, column));
                    }
                }
            }
        }
        users
    }
}

/// Gives a new user the present time, unless the state says another.
fn touch_new(user: &mut StoredRow, behaviour: &ModifiedBehaviour, clock: Clock) {
    let is_said = *cell(user, LAST_MODIFIED) != json!(SEEDED_AT);
    if !is_said && behaviour.moves(UserWrite::WebEdit) {
        touch(user, clock.now());
    }
}

/// Keeps what a user showed before a state set the time, unless the state says that, too.
fn keep_shown(user: &mut StoredRow, old: &StoredRow, behaviour: &ModifiedBehaviour, clock: Clock) {
    let mut former = old.clone();
    behaviour.keep_former(&mut former, clock);
    if !user.contains_key(FORMER_MODIFIED)
        && let Some(shown) = former.remove(FORMER_MODIFIED)
    {
        user.insert(FORMER_MODIFIED.to_owned(), shown);
    }
}
