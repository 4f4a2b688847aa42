//! A column of a spreadsheet that was sorted or shifted on its own. Each value is somebody's, so no single update looks wrong;
//! together they do, because they take the values that other accounts give up in the same plan.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::HashMap;
use jiff::ToSpan;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::domain::field::Key;
use crate::domain::role::Role;
use crate::domain::{DeclaredUser, MOVES_IN_COLUMNS, Scope, declared_text, identifying};
use crate::plan::decide::MatchedSides;
use crate::plan::hold::HoldReason;
use crate::plan::operation::Change;

/// Fewer updates can exchange values by chance, or because two were mixed up before.
const FEWEST: usize = 5;

/// The columns that have moved, and how many updates they concern.
pub(crate) struct MovedColumns(BTreeMap<(Role, Key), MovedColumn>);

struct MovedColumn {
    /// Updates that take a value which another account gives up.
    taken: usize,
    updates: usize,
}

/// The updates of one field, for one role.
#[derive(Default)]
struct ColumnUpdates {
    updates: usize,
    /// How often each value goes, and how often it comes.
    values: HashMap<SmolStr, (usize, usize)>,
}

impl MovedColumns {
    pub(crate) fn of(sides: &MatchedSides<'_>, scope: &Scope) -> Self {
        let mut columns: BTreeMap<(Role, Key), ColumnUpdates> = BTreeMap::new();
        for (index, user) in sides.roster.users().iter().enumerate() {
            let Some(account) = sides.matches[index].account() else {
                continue;
            };
            if !scope.is_concerned(index) || user.has_left() {
                continue;
            }
            // A value that is never sent gives no account to anybody. One that creates send does.
            let fields = sides.roster.fields();
            let is_sent = |key: &Key| fields.is_created_with(user.role, *key);
            for key in MOVES_IN_COLUMNS.iter().copied().filter(is_sent) {
                let declared = declared_text(&user.values, key);
                let update = FieldUpdate::of(key, account.value(key), declared);
                if let Some(update) = update.filter(|update| !update.is_correction()) {
                    columns.entry((user.role, key)).or_default().add(update);
                }
            }
        }
        let moved = columns
            .into_iter()
            .filter_map(|(column, updates)| Some((column, updates.moved()?)));
        Self(moved.collect())
    }

    /// Why an update with these changes may be another person's values. `samePerson` answers names and the date of birth; an
    /// e-mail address or a number has an owner in any case.
    pub(crate) fn objections(&self, user: &DeclaredUser, changes: &[Change]) -> Vec<HoldReason> {
        let mut reasons = Vec::new();
        for (key, column) in self.of_role(user.role) {
            let is_answered =
                user.same_person && matches!(key, Key::FirstName | Key::LastName | Key::Dob);
            if !is_answered && changes.iter().any(|change| change.key == key) {
                reasons.push(column.reason(key));
            }
        }
        reasons
    }

    /// Whether a column that has moved is among these changes.
    pub(crate) fn concern(&self, user: &DeclaredUser, changes: &[Change]) -> bool {
        self.of_role(user.role)
            .any(|(key, _)| changes.iter().any(|change| change.key == key))
    }

    /// Why a create waits: its values stand in a column that has moved, so they may be somebody else's.
    pub(crate) fn objections_to_create(&self, user: &DeclaredUser) -> Vec<HoldReason> {
        let mut reasons = Vec::new();
        for (key, column) in self.of_role(user.role) {
            if user.values.contains(key) {
                reasons.push(column.reason(key));
            }
        }
        reasons
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = (Key, &MovedColumn)> {
        let columns = self.0.iter().filter(move |((of, _), _)| *of == role);
        columns.map(|((_, key), column)| (*key, column))
    }
}

impl MovedColumn {
    fn reason(&self, key: Key) -> HoldReason {
        HoldReason::ColumnMoved {
            key,
            taken: self.taken,
            updates: self.updates,
        }
    }
}

impl ColumnUpdates {
    fn add(&mut self, update: FieldUpdate<'_>) {
        self.updates += 1;
        if let Some(was) = update.was {
            self.values.entry(was).or_default().0 += 1;
        }
        self.values.entry(update.is).or_default().1 += 1;
    }

    /// A value that many people have, such as a first name, counts as taken only as often as it is given up.
    fn moved(self) -> Option<MovedColumn> {
        let taken = self
            .values
            .values()
            .map(|(given, taken)| given.min(taken))
            .sum();
        let has_moved = taken >= FEWEST && taken * 2 >= self.updates;
        has_moved.then_some(MovedColumn {
            taken,
            updates: self.updates,
        })
    }
}

/// A changed field of one account. Values that people would call equal are no change.
struct FieldUpdate<'t> {
    key: Key,
    was: Option<SmolStr>,
    is: SmolStr,
    texts: (Cow<'t, str>, Cow<'t, str>),
}

impl<'t> FieldUpdate<'t> {
    fn of(key: Key, live: Option<Cow<'t, str>>, declared: Option<Cow<'t, str>>) -> Option<Self> {
        let (live, declared) = (live?, declared?);
        let (was, is) = (identifying(key, &live), identifying(key, &declared)?);
        (was.as_ref() != Some(&is)).then_some(Self {
            key,
            was,
            is,
            texts: (live, declared),
        })
    }

    /// Whether a date of birth is put right as whole columns are: day and month exchanged, a day more or less, another year.
    /// Among many dates of birth such values are often somebody else's, too.
    fn is_correction(&self) -> bool {
        let day = |text: &str| text.parse::<Date>().ok();
        let days = day(&self.texts.0).zip(day(&self.texts.1));
        let is_near = |(was, is): (Date, Date)| {
            let is_exchanged = was.day() == is.month() && was.month() == is.day();
            let is_next = was.saturating_add(1.day()) == is || is.saturating_add(1.day()) == was;
            let is_other_year = (was.month(), was.day()) == (is.month(), is.day());
            (is_exchanged && was.year() == is.year()) || is_next || is_other_year
        };
        self.key == Key::Dob && days.is_some_and(is_near)
    }
}
