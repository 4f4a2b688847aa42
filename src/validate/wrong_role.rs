//! Who is referred to has to be of a role that can serve: as far as the manifests know, here; live accounts are `plan`'s.

use foldhash::HashMap;

use crate::diagnostic::{Code, Finding};
use crate::field::{FIELDS, Key, Kind, Referent, Role};
use crate::model::{Id, Reference, Value};
use crate::source::Span;
use crate::validate::candidate::Candidate;

pub(crate) fn check(candidates: &[Candidate<'_>]) -> Vec<Finding> {
    let people = People::of(candidates);
    candidates.iter().flat_map(|user| wrong(user, &people)).collect()
}

/// The roles of declared users, by what they may be referred to by, with their places.
#[derive(Default)]
struct People<'c> {
    mis_ids: HashMap<&'c str, Vec<(Role, Span)>>,
    emails: HashMap<String, Vec<(Role, Span)>>,
    ids: HashMap<Id, Vec<(Role, Span)>>,
}

impl<'c> People<'c> {
    fn of(candidates: &'c [Candidate<'_>]) -> Self {
        let mut people = Self::default();
        for (user, role) in candidates.iter().filter_map(|user| Some((user, user.role?))) {
            let whose = (role, user.identity());
            if let Some(mis_id) = &user.mis_id {
                people.mis_ids.entry(&mis_id.value).or_default().push(whose);
            }
            if let Some(email) = user.text(Key::Email) {
                people.emails.entry(email.to_lowercase()).or_default().push(whose);
            }
            if let Some(id) = &user.id {
                people.ids.entry(id.value).or_default().push(whose);
            }
        }
        people
    }

    fn called(&self, reference: &Reference) -> &[(Role, Span)] {
        let found = match reference {
            Reference::Named(mis_id) | Reference::MisId(mis_id) => self.mis_ids.get(mis_id.as_str()),
            Reference::Email(email) => self.emails.get(&email.to_lowercase()),
            Reference::Id(id) => self.ids.get(id),
            Reference::Name(_) => None,
        };
        found.map_or(&[], Vec::as_slice)
    }
}

fn wrong(user: &Candidate<'_>, people: &People<'_>) -> Vec<Finding> {
    let references = FIELDS.iter().filter_map(|field| match (field.kind, user.values.get(field.key)) {
        (Kind::Reference(Referent::User(serving)), Some(Value::Reference(reference))) => {
            Some((field, serving, reference))
        }
        _ => None,
    });
    let mut findings = Vec::new();
    for (field, serving, reference) in references {
        let found = people.called(reference);
        if let [(role, place), ..] = found
            && !found.iter().any(|(role, _)| serving.contains(role))
        {
            let message = format!("`{}` names a user whose role is `{}`", field.name, role.name());
            let able: Vec<_> = serving.iter().map(|role| format!("`{}`", role.name())).collect();
            let help = format!("name somebody whose role is {}", able.join(" or "));
            let finding = Finding::new(Code::WrongRole, user.span(field.key), message, help);
            findings.push(finding.label(*place, "declared here"));
        }
    }
    findings
}
