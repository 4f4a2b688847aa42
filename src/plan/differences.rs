//! How an account differs from what is declared.

use crate::domain::field::{Key, SettableWhen};
use crate::domain::{Account, DeclaredUser, ObservedValue, Value};
use crate::plan::compare;
use crate::plan::decide::PlanContext;
use crate::plan::hold::HoldReason;
use crate::plan::operation::Change;
use crate::plan::renumbered::is_renumbered;

/// The outcome of comparing one user with the account.
#[derive(Default)]
pub(crate) struct Differences {
    pub(crate) changes: Vec<Change>,
    /// How many values can't be compared: no account of the role shows the field, or the live value can't be read.
    pub(crate) not_compared: usize,
    /// Fields that OneFile keeps in a form of its own.
    pub(crate) kept: Vec<Key>,
    /// Fields that differ and that the project leaves alone.
    pub(crate) left_alone: Vec<Key>,
    /// References that can't be resolved.
    pub(crate) reasons: Vec<HoldReason>,
}

enum Difference {
    None,
    NotCompared,
    /// OneFile is known to make this of what is declared.
    Kept,
    /// `fields` says that an update doesn't set this.
    LeftAlone,
    Change(Change),
}

impl PlanContext<'_> {
    /// Compares each declared field with the account's. Only what differs is copied: most fields of most users don't.
    pub(crate) fn differences(
        &self,
        index: usize,
        user: &DeclaredUser,
        account: &Account,
    ) -> Differences {
        let mut differences = Differences::default();
        for (key, value) in user.values.iter() {
            // `formerMisId` asks for the new MIS value, whatever is said about the field.
            let is_updated = self.fields.is_updated(account.role, key)
                || (key == Key::MisId && is_renumbered(user, account));
            let compared = if is_updated {
                self.difference(index, key, value, account)
            } else {
                Ok(self.not_updated(key, value, account))
            };
            match compared {
                Ok(Difference::None) => {}
                Ok(Difference::NotCompared) => differences.not_compared += 1,
                Ok(Difference::Kept) => differences.kept.push(key),
                Ok(Difference::LeftAlone) => differences.left_alone.push(key),
                Ok(Difference::Change(change)) => differences.changes.push(change),
                Err(reason) => differences.reasons.push(reason),
            }
        }
        differences
    }

    fn difference(
        &self,
        index: usize,
        key: Key,
        value: &Value,
        account: &Account,
    ) -> Result<Difference, HoldReason> {
        let live = account.shown.get(key);
        let is_shown = self.coverage.holds(account.role, key);
        let is_reference = matches!(value, Value::Reference(_));
        if is_shown && !is_reference && compare::equal_value(value, live) {
            return Ok(Difference::None);
        }
        let to = self.resolver.value(key, value)?;
        if !is_shown || live.is_some_and(|live| !live.is_readable()) {
            return Ok(self.unverifiable(index, Change::first(key, to)));
        }
        if compare::equal(&to, live) {
            return Ok(Difference::None);
        }
        if self.fields.ignores_case(account.role, key) && compare::equal_but_for_case(&to, live) {
            return Ok(Difference::LeftAlone);
        }
        if compare::is_kept(self.kept, account, key, &to) {
            return Ok(Difference::Kept);
        }
        Ok(Difference::Change(Change {
            key,
            from: live.map(|live| self.resolver.former(key, live)),
            to,
            is_verifiable: true,
        }))
    }

    /// A field that no update sets, so that a reference in it needn't be known.
    fn not_updated(&self, key: Key, value: &Value, account: &Account) -> Difference {
        let live = account.shown.get(key);
        let is_comparable =
            account.shown.contains(key) && live.is_none_or(ObservedValue::is_readable);
        let is_usually_updated = key.row().settable == SettableWhen::Always;
        if !is_usually_updated || !is_comparable {
            return Difference::None;
        }
        match self.resolver.value(key, value) {
            Ok(declared) if !compare::equal(&declared, live) => Difference::LeftAlone,
            Ok(_) | Err(_) => Difference::None,
        }
    }

    /// rosterctl can't tell whether the value differs. It sends the value once: in the run whose change edits it.
    fn unverifiable(&self, index: usize, change: Change) -> Difference {
        let edit = self.scope.edit(index);
        if edit.is_some_and(|edit| edit.keys.contains(&change.key)) {
            Difference::Change(Change {
                is_verifiable: false,
                ..change
            })
        } else {
            Difference::NotCompared
        }
    }
}
