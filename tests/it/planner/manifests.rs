//! The manifests of an invented organisation, now and before the change, and what the change edits.

use std::collections::BTreeSet;

use rosterctl::domain::field::Key;
use rosterctl::domain::{AccountId, EntryId, Roster, Scope};

use crate::harness;
use crate::planner::invented::{
    ASSESSOR, Base, Before, EMPLOYER, Form, Invented, OBSERVER, Pin, Target, Written,
    former_mis_id, mis_id, own_account,
};

impl Invented {
    fn manifest(&self, at: usize, fields: &[(Key, Written)]) -> String {
        let person = &self.people[at];
        let mut user = format!("  - role: {}\n", person.role.name());
        if let Some(id) = self.pinned_to(at) {
            user += &format!("    id: {id}\n");
        }
        let distinct = self.distinct_from(at);
        if !distinct.is_empty() {
            let ids: Vec<i64> = distinct.iter().map(|id| id.get()).collect();
            user += &format!("    distinctFrom: {ids:?}\n");
        }
        if person.says_same {
            user += "    samePerson: true\n";
        }
        let former = self
            .said_former(at)
            .filter(|former| !has_mis_id(fields, former));
        if let Some(former) = former {
            user += &format!("    formerMisId: {former}\n");
        }
        for (key, written) in fields {
            user += &format!("    {}: {}\n", key.name(), self.yaml(*key, written));
        }
        user
    }

    fn yaml(&self, key: Key, written: &Written) -> String {
        match written {
            Written::Text(text) => format!("{text:?}"),
            Written::Day(day) => day.to_string(),
            Written::Flag(flag) => flag.to_string(),
            Written::Entry(id, form) => entry_yaml(*id, *form),
            Written::User(target, form) => self.user_yaml(key, *target, *form),
        }
    }

    fn user_yaml(&self, key: Key, target: Target, form: Form) -> String {
        let known = |letter: char, id: AccountId| {
            let email = format!("{}@example.ac.uk", letter.to_ascii_lowercase());
            (format!("{letter}-000"), id, email)
        };
        let (mis_id, id, email) = match (target, key) {
            (Target::Declared(at), _) => {
                (mis_id(at), own_account(at), self.email(at).to_uppercase())
            }
            (Target::Undeclared, Key::DefaultEmployer) => known('E', EMPLOYER),
            (Target::Undeclared, _) => known('A', ASSESSOR),
            (Target::CannotServe, _) => known('O', OBSERVER),
            (Target::Unknown, _) => known('Z', AccountId::new(999)),
        };
        match form {
            Form::Plain => mis_id,
            Form::MisId => format!("{{ misId: {mis_id} }}"),
            Form::Id => format!("{{ id: {id} }}"),
            Form::Other => format!("{{ email: {email} }}"),
        }
    }

    /// The manifests in three files, users in the order of their numbers.
    pub(super) fn roster(&self) -> Roster {
        let mut files = [const { String::new() }; 3];
        for at in 0..self.people.len() {
            files[self.people[at].file] += &self.manifest(at, &self.fields(at));
        }
        self.roster_of(&files)
    }

    /// The manifests with one more line for some users.
    pub(super) fn roster_with(&self, line: impl Fn(usize) -> &'static str) -> Roster {
        let mut files = [const { String::new() }; 3];
        for at in 0..self.people.len() {
            files[self.people[at].file] += &(self.manifest(at, &self.fields(at)) + line(at));
        }
        self.roster_of(&files)
    }

    /// The same users in one file, in the opposite order.
    pub(super) fn roster_reordered(&self) -> Roster {
        let users = (0..self.people.len()).rev();
        let file = users.map(|at| self.manifest(at, &self.fields(at)));
        self.roster_of(&[file.collect()])
    }

    fn roster_of(&self, files: &[String]) -> Roster {
        let texts: Vec<String> = files
            .iter()
            .filter(|users| !users.is_empty())
            .map(|users| format!("users:\n{users}"))
            .collect();
        if texts.is_empty() {
            return Roster::default();
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        harness::roster_without(&texts, &self.run.unmanaged).with_fields(self.field_policy())
    }

    /// A user who shares an e-mail address stays: a reference by it would mean the other one before the change.
    fn before(&self, at: usize) -> Before {
        let mut others = (0..self.people.len()).filter(|other| *other != at);
        let is_shared = others.any(|other| self.email(other) == self.email(at));
        match self.people[at].before {
            Before::Absent if is_shared => Before::OtherMobile,
            before => before,
        }
    }

    fn base_roster(&self) -> Roster {
        let mut users = String::new();
        for at in 0..self.people.len() {
            let mut fields = self.fields(at);
            match self.before(at) {
                Before::Same => {}
                Before::Absent => continue,
                Before::OtherMobile => replace(&mut fields, Key::MobileNumber, "07700 900999"),
                Before::OtherMisId => replace(&mut fields, Key::MisId, &former_mis_id(at)),
            }
            users += &self.manifest(at, &fields);
        }
        self.roster_of(&[users])
    }

    pub(super) fn scope(&self, roster: &Roster) -> Scope {
        match self.run.base {
            Base::None => Scope::whole(),
            Base::Everybody => Scope::since(roster, Some(&self.base_roster()), false),
            Base::OnlyChanged => Scope::since(roster, Some(&self.base_roster()), true),
        }
    }

    /// Whether the change edits this user.
    pub(super) fn is_edited(&self, at: usize) -> bool {
        match self.before(at) {
            Before::Same => false,
            Before::Absent | Before::OtherMobile => true,
            // A user without a MIS value has none to change.
            Before::OtherMisId => self.people[at].pin != Pin::ToOwnWithoutMisId,
        }
    }

    /// The fields that the change gives another value; all of a user who was not declared by this MIS value before.
    pub(super) fn edited_keys(&self, at: usize) -> BTreeSet<Key> {
        let mut keys: BTreeSet<Key> = self.fields(at).iter().map(|(key, _)| *key).collect();
        match self.before(at) {
            Before::OtherMobile => keys.retain(|key| *key == Key::MobileNumber),
            // `formerMisId` says who that was.
            Before::OtherMisId if self.said_former(at).is_some() => {
                keys.retain(|key| *key == Key::MisId);
            }
            Before::Same | Before::Absent | Before::OtherMisId if self.is_edited(at) => {}
            Before::Same | Before::Absent | Before::OtherMisId => keys.clear(),
        }
        keys
    }
}

fn has_mis_id(fields: &[(Key, Written)], mis_id: &str) -> bool {
    let mut own = fields.iter().filter(|(key, _)| *key == Key::MisId);
    own.any(|(_, written)| matches!(written, Written::Text(text) if text == mis_id))
}

fn replace(fields: &mut Vec<(Key, Written)>, key: Key, text: &str) {
    let had = fields.len();
    fields.retain(|(known, _)| *known != key);
    // A user without a MIS value is known by the account, before and after.
    if key != Key::MisId || fields.len() < had {
        fields.push((key, Written::Text(text.to_owned())));
    }
}

fn entry_yaml(id: EntryId, form: Form) -> String {
    let (name, mis_id) = match id.get() {
        1 => ("Business", None),
        2 => ("Health", Some("HE01")),
        3 => ("Bakery", Some("BT01")),
        _ => ("Northern", None),
    };
    match (form, mis_id) {
        (Form::Plain, Some(mis_id)) => mis_id.to_owned(),
        (Form::Plain, None) => name.to_owned(),
        (Form::MisId, Some(mis_id)) => format!("{{ misId: {mis_id} }}"),
        (Form::Id, _) => format!("{{ id: {id} }}"),
        (Form::MisId, None) | (Form::Other, _) => format!("{{ name: {name} }}"),
    }
}
