//! What a project says about fields that aren't always its own: sent with a create only, compared without case, or never sent.

use crate::domain::field::{FIELDS, Field, Key, SettableWhen, Shape, ValueKind};
use crate::domain::role::{ROLES, Role};

/// When the declared value of a field is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldTreatment {
    /// With creates, and with updates when it differs: as if nothing were said.
    Always,
    /// With updates only when more than capitals differ.
    IgnoreCase,
    /// With creates only. After that the value is the person's.
    OnCreate,
    Never,
}

/// One row of the table of treatments.
#[derive(Debug)]
pub struct TreatmentRow {
    pub treatment: FieldTreatment,
    /// The word in `rosterctl.yaml`.
    pub word: &'static str,
    pub meaning: &'static str,
    /// Why the field doesn't take it; `None` if it does. Without a role the word is for every role that has the field.
    refusal: fn(&Field, Option<Role>) -> Option<&'static str>,
}

/// The table of treatments.
pub const TREATMENTS: &[TreatmentRow] = &[
    TreatmentRow {
        treatment: FieldTreatment::Always,
        word: "always",
        meaning: "sent whenever it differs, as if nothing were said; for a role that differs from the others",
        refusal: refuse_always,
    },
    TreatmentRow {
        treatment: FieldTreatment::IgnoreCase,
        word: "ignoreCase",
        meaning: "sent when it differs, but capitals alone make no difference",
        refusal: refuse_ignore_case,
    },
    TreatmentRow {
        treatment: FieldTreatment::OnCreate,
        word: "onCreate",
        meaning: "sent when the account is created, then left to the person",
        refusal: refuse_on_create,
    },
    TreatmentRow {
        treatment: FieldTreatment::Never,
        word: "never",
        meaning: "declared for people, and not sent",
        refusal: refuse_never,
    },
];

impl FieldTreatment {
    pub fn named(word: &str) -> Option<Self> {
        let row = TREATMENTS.iter().find(|row| row.word == word)?;
        Some(row.treatment)
    }

    /// The words that a field takes, for one role or for every role that has it.
    pub fn words_for(field: &Field, role: Option<Role>) -> Vec<&'static str> {
        let allowed = TREATMENTS
            .iter()
            .filter(|row| row.treatment.refusal(field, role).is_none());
        allowed.map(|row| row.word).collect()
    }

    /// Why a field doesn't take it; `None` if it does.
    pub fn refusal(self, field: &Field, role: Option<Role>) -> Option<&'static str> {
        if field.is_assigned() {
            return Some(NOT_A_VALUE);
        }
        if field.api.is_none() {
            return Some("it isn't a field of OneFile, so there is nothing to send");
        }
        if field.settable == SettableWhen::Never || field.kind == ValueKind::Role {
            return Some("the field says who the user is, so it is always read");
        }
        (self.row().refusal)(field, role)
    }

    pub fn word(self) -> &'static str {
        self.row().word
    }

    fn row(self) -> &'static TreatmentRow {
        &TREATMENTS[self as usize]
    }
}

/// Why what learners get by calls of their own takes no word.
const NOT_A_VALUE: &str = "it isn't a value of the account, so there is nothing to compare";

fn refuse_always(field: &Field, _role: Option<Role>) -> Option<&'static str> {
    let is_updated = field.settable == SettableWhen::Always;
    (!is_updated).then_some("the field is only ever sent when the account is created")
}

fn refuse_ignore_case(field: &Field, role: Option<Role>) -> Option<&'static str> {
    if field.key == Key::MisId {
        return Some("a MIS value is always compared letter by letter");
    }
    match field.kind {
        ValueKind::Text(Shape::Free | Shape::Email | Shape::Nino) => refuse_always(field, role),
        ValueKind::Text(Shape::Uln | Shape::Code(_) | Shape::Codes)
        | ValueKind::Day
        | ValueKind::Instant
        | ValueKind::Flag
        | ValueKind::Number
        | ValueKind::Ids
        | ValueKind::Accounts
        | ValueKind::Role
        | ValueKind::Word(_) => Some("its values have no capitals to ignore"),
        ValueKind::References(_) | ValueKind::Units => Some(NOT_A_VALUE),
        ValueKind::Reference(_) => Some("it is compared by number, so capitals make no difference"),
    }
}

fn refuse_on_create(_field: &Field, _role: Option<Role>) -> Option<&'static str> {
    None
}

fn refuse_never(field: &Field, role: Option<Role>) -> Option<&'static str> {
    let is_needed = match role {
        Some(role) => field.is_mandatory_for(role),
        None => !field.mandatory.is_empty(),
    };
    if field.key == Key::MisId {
        return Some("rosterctl finds each account by it");
    }
    is_needed.then_some("OneFile creates no account without it")
}

/// What is said about one field of one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    pub treatment: FieldTreatment,
    /// The role that it is said for; `None` if it is said for all roles.
    pub role: Option<Role>,
}

/// What a project says about its fields. What is said for a role wins over what is said for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPolicy {
    /// One for each field of each role; empty if nothing is said.
    rules: Vec<Option<FieldRule>>,
}

impl FieldPolicy {
    /// Says something about a field: for one role, or for every role that has it.
    pub fn set(&mut self, key: Key, rule: FieldRule) {
        if self.rules.is_empty() {
            self.rules = vec![None; FIELDS.len() * ROLES.len()];
        }
        for role in Role::all().filter(|role| key.row().is_of(*role)) {
            let is_meant = rule.role.is_none_or(|only| only == role);
            let known = &mut self.rules[place(role, key)];
            let is_said_closer = known.is_some_and(|known| known.role.is_some());
            if is_meant && (rule.role.is_some() || !is_said_closer) {
                *known = Some(rule);
            }
        }
    }

    /// What is said about a field of this role.
    pub fn rule(&self, role: Role, key: Key) -> Option<FieldRule> {
        self.rules.get(place(role, key)).copied().flatten()
    }

    /// Whether an update of an account of this role may set the field.
    pub fn is_updated(&self, role: Role, key: Key) -> bool {
        key.row().settable == SettableWhen::Always
            && match self.treatment(role, key) {
                FieldTreatment::Always | FieldTreatment::IgnoreCase => true,
                FieldTreatment::OnCreate | FieldTreatment::Never => false,
            }
    }

    /// Whether a create of this role sends the field.
    pub fn is_created_with(&self, role: Role, key: Key) -> bool {
        self.treatment(role, key) != FieldTreatment::Never
    }

    /// Whether capitals alone make no difference.
    pub fn ignores_case(&self, role: Role, key: Key) -> bool {
        self.treatment(role, key) == FieldTreatment::IgnoreCase
    }

    fn treatment(&self, role: Role, key: Key) -> FieldTreatment {
        self.rule(role, key)
            .map_or(FieldTreatment::Always, |rule| rule.treatment)
    }

    /// What comes of everything that is said, by field: `email` or `learner: email`, and the word. Policies that treat every
    /// field alike say the same, in whatever words they are written.
    pub fn sayings(&self) -> Vec<(String, &'static str)> {
        let mut sayings = Vec::new();
        for field in FIELDS {
            let usual = self.usual(field);
            let mut rules = Vec::new();
            if usual != FieldTreatment::Always {
                rules.push(FieldRule {
                    treatment: usual,
                    role: None,
                });
            }
            for role in Role::all().filter(|role| field.is_of(*role)) {
                let treatment = self.effect(role, field);
                let role = Some(role);
                rules.extend((treatment != usual).then_some(FieldRule { treatment, role }));
            }
            for rule in rules {
                sayings.push((rule.names(field.key), rule.treatment.word()));
            }
        }
        sayings
    }

    /// The treatment that a field has in most of its roles; of several, the first of the table.
    fn usual(&self, field: &Field) -> FieldTreatment {
        let mut counts = [0; TREATMENTS.len()];
        for role in Role::all().filter(|role| field.is_of(*role)) {
            counts[self.effect(role, field) as usize] += 1;
        }
        let most = counts.iter().max();
        let row = counts.iter().position(|count| Some(count) == most);
        row.map_or(FieldTreatment::Always, |row| TREATMENTS[row].treatment)
    }

    /// How a field of this role is treated. What is sent only with a create anyway is treated as if nothing were said.
    fn effect(&self, role: Role, field: &Field) -> FieldTreatment {
        match self.treatment(role, field.key) {
            FieldTreatment::OnCreate if field.settable == SettableWhen::OnCreate => {
                FieldTreatment::Always
            }
            treatment => treatment,
        }
    }
}

impl FieldRule {
    /// The rule as `rosterctl.yaml` has it, in one line: `fields: learner: email: onCreate`.
    pub fn written(self, key: Key) -> String {
        format!("fields: {}: {}", self.names(key), self.treatment.word())
    }

    fn names(self, key: Key) -> String {
        match self.role {
            Some(role) => format!("{}: {}", role.name(), key.name()),
            None => key.name().to_owned(),
        }
    }
}

fn place(role: Role, key: Key) -> usize {
    role as usize * FIELDS.len() + key as usize
}

#[cfg(test)]
mod tests {
    use super::{FieldPolicy, FieldRule, FieldTreatment, TREATMENTS};
    use crate::domain::field::{FIELDS, Key};
    use crate::domain::role::Role;

    const ALL: Option<Role> = None;

    #[test]
    fn the_table_has_each_treatment_in_its_own_row() {
        for (index, row) in TREATMENTS.iter().enumerate() {
            assert_eq!(row.treatment as usize, index, "{}", row.word);
        }
    }

    #[test]
    fn what_is_said_for_a_role_wins_in_either_order() {
        let rule = |treatment, role| FieldRule { treatment, role };
        let of_all = rule(FieldTreatment::OnCreate, ALL);
        let of_iqas = rule(FieldTreatment::Always, Some(Role::Iqa));
        for rules in [[of_all, of_iqas], [of_iqas, of_all]] {
            let mut policy = FieldPolicy::default();
            assert!(policy.is_updated(Role::Learner, Key::Email));
            for rule in rules {
                policy.set(Key::Email, rule);
            }
            assert!(!policy.is_updated(Role::Learner, Key::Email));
            assert!(policy.is_updated(Role::Iqa, Key::Email));
            assert!(policy.is_updated(Role::Learner, Key::LastName));
            let sayings = [
                ("email".to_owned(), "onCreate"),
                ("iqa: email".to_owned(), "always"),
            ];
            let mut said = policy.sayings();
            said.sort();
            assert_eq!(said, sayings);
        }
    }

    #[test]
    fn no_field_that_a_create_needs_is_never_sent() {
        for field in FIELDS {
            let is_needed = !field.mandatory.is_empty() || field.key == Key::MisId;
            let refusal = FieldTreatment::Never.refusal(field, ALL);
            assert!(!is_needed || refusal.is_some(), "{}", field.name);
        }
    }
}
