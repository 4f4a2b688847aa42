//! A plan as it is kept for review: digests, names of fields, and values of class `public` alone.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::domain::Id;
use crate::domain::field::Class;
use crate::domain::redact::{open_name, open_names, open_text};
use crate::plan::{
    Action, Change, HoldReason, Operation, Origin, Plan, ReferenceTarget, ResolvedValue, UserLabel,
};
use crate::review::digest::{DigestKey, effect_name};
use crate::review::totals::Totals;

/// The version of the file; a reader takes any of its major number.
const FORMAT_VERSION: &str = "1.1";

/// What a plan was made for. A plan that was made for something else isn't applied.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlanTarget {
    /// The base URL, or `sandbox`.
    pub target: String,
    pub organisation: Id,
    /// The commit that the manifests were compared with, if any.
    pub base: Option<String>,
    pub only_changed: bool,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFile {
    format_version: String,
    #[serde(flatten)]
    pub bound: PlanTarget,
    salt: String,
    token_check: String,
    totals: Totals,
    operations: Vec<Reviewed>,
    held: Vec<ReviewedHold>,
    /// Live accounts that no declared user names.
    #[serde(default)]
    undeclared: Vec<Id>,
    /// The digest of all the rest: what a reviewer reads is what was planned.
    seal: String,
    /// All that was in the file, whichever minor version wrote it; the seal is of that.
    #[serde(skip)]
    whole: Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reviewed {
    action: String,
    #[serde(flatten)]
    person: ReviewedUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Id>,
    file: String,
    line: usize,
    effects: Vec<ReviewedEffect>,
    fields: Vec<ReviewedField>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_this_change: Option<bool>,
}

/// A declared user, by what is public.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewedUser {
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Id>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReviewedEffect {
    effect: String,
    digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReviewedField {
    field: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewedHold {
    #[serde(flatten)]
    person: ReviewedUser,
    file: String,
    line: usize,
    #[serde(default)]
    reasons: Vec<HeldReason>,
    /// Whether this change edits the user; absent without a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_this_change: Option<bool>,
}

/// Why, in words for machines.
#[derive(Debug, Serialize, Deserialize)]
struct HeldReason {
    reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ids: Vec<Id>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

/// Why a file isn't the review of a plan.
#[derive(Debug, Error)]
pub enum NotReviewed {
    #[error("it isn't a plan of rosterctl (line {0})")]
    NotAPlan(usize),
    #[error("it is of format {0}; this program reads {FORMAT_VERSION}: plan again with it")]
    Format(String),
    #[error("it was made for {0}, and this run is for {1}")]
    Elsewhere(String, String),
    #[error("it isn't as it was written: somebody has changed it since")]
    Altered,
    #[error("the token has changed since, so that nothing of it can be checked: plan again")]
    TokenChanged,
}

impl PlanFile {
    pub fn of(plan: &Plan, bound: PlanTarget, token: &str) -> Self {
        let seal = DigestKey::of(token, &plan.operations);
        let held = plan.held.iter().map(|held| ReviewedHold {
            person: person(&held.who),
            file: held.place.file.to_string(),
            line: held.place.line,
            reasons: held.reasons.iter().map(held_reason).collect(),
            from_this_change: held.origin.map(|origin| origin == Origin::ThisChange),
        });
        let mut file = Self {
            format_version: FORMAT_VERSION.to_owned(),
            bound,
            salt: seal.salt().to_owned(),
            token_check: seal.check(),
            totals: Totals::of(plan),
            operations: plan
                .operations
                .iter()
                .map(|operation| reviewed(operation, &seal))
                .collect(),
            held: held.collect(),
            undeclared: plan.undeclared.clone(),
            seal: String::new(),
            whole: Value::Null,
        };
        file.whole = serde_json::to_value(&file).expect("no map has keys that aren't text");
        Self {
            seal: file.digest(&seal),
            ..file
        }
    }

    /// The digest of everything but itself.
    fn digest(&self, seal: &DigestKey) -> String {
        let mut whole = self.whole.clone();
        if let Some(members) = whole.as_object_mut() {
            members.remove("seal");
        }
        seal.of_file(&whole.to_string())
    }

    /// As it is written: the same plan gives the same bytes.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("no map has keys that aren't text") + "\n"
    }

    pub fn from_text(text: &str) -> Result<Self, NotReviewed> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            format_version: String,
        }
        let not_a_plan = |error: serde_json::Error| NotReviewed::NotAPlan(error.line());
        let version: Version = serde_json::from_str(text).map_err(not_a_plan)?;
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&version.format_version) != major(FORMAT_VERSION) {
            return Err(NotReviewed::Format(version.format_version));
        }
        let file: Self = serde_json::from_str(text).map_err(not_a_plan)?;
        Ok(Self {
            whole: serde_json::from_str(text).map_err(not_a_plan)?,
            ..file
        })
    }

    /// Whether it was made for the same server and organisation, under the same token.
    pub fn check(
        &self,
        target: &str,
        organisation: Id,
        token: &str,
    ) -> Result<Review, NotReviewed> {
        let (made, run) = (
            (self.bound.target.as_str(), self.bound.organisation),
            (target, organisation),
        );
        if made != run {
            let words = |(target, organisation): (&str, Id)| {
                format!("organisation {organisation} on {target}")
            };
            return Err(NotReviewed::Elsewhere(words(made), words(run)));
        }
        let seal = DigestKey::with_salt(token, self.salt.clone());
        if seal.check() != self.token_check {
            return Err(NotReviewed::TokenChanged);
        }
        if self.digest(&seal) != self.seal {
            return Err(NotReviewed::Altered);
        }
        let fields = self
            .operations
            .iter()
            .flat_map(|operation| &operation.fields)
            .map(|field| field.digest.as_str());
        let effects = self
            .operations
            .iter()
            .flat_map(|operation| &operation.effects);
        let digests = fields.chain(effects.map(|effect| effect.digest.as_str()));
        let creates = self
            .operations
            .iter()
            .filter(|operation| operation.action == CREATE);
        let created = creates.map(|create| key_of(&create.person)).collect();
        Ok(Review {
            digests: digests.map(str::to_owned).collect(),
            created,
            seal,
        })
    }
}

/// What was reviewed, ready to be compared with a plan.
pub struct Review {
    seal: DigestKey,
    digests: HashSet<String>,
    /// Who was to be created.
    created: HashSet<String>,
}

impl Review {
    /// Whether all that an operation does was reviewed: each field with its former value, and each effect. Where a create was
    /// reviewed and has come in between, an update may fill what is empty; what somebody else has written it may not.
    pub fn covers(&self, operation: &Operation) -> bool {
        let is_known = |digest: String| self.digests.contains(&digest);
        let was_created = self.created.contains(&key_of(&person(&operation.who)));
        let is_follow_up = operation.action != Action::Create && was_created;
        let covered = |change: &Change| {
            is_known(self.seal.of_change(operation, change))
                || (is_follow_up
                    && change.from.is_none()
                    && is_known(self.seal.of_created(operation, change)))
        };
        let foreseen = |effect: &_| is_known(self.seal.of_effect(operation, *effect));
        operation.changes.iter().all(covered) && operation.effects.iter().all(foreseen)
    }
}

const CREATE: &str = "create";

fn reviewed(operation: &Operation, seal: &DigestKey) -> Reviewed {
    let account = match operation.action {
        Action::Create => None,
        Action::Update(id) => Some(id),
    };
    let effect = |effect: &_| ReviewedEffect {
        effect: effect_name(*effect).to_owned(),
        digest: seal.of_effect(operation, *effect),
    };
    let field = |change: &Change| {
        let class = change.key.row().class;
        let value = (class == Class::Public).then(|| value(&change.to));
        ReviewedField {
            field: open_name(change.key).to_owned(),
            digest: seal.of_change(operation, change),
            value,
        }
    };
    let is_special = |change: &&Change| change.key.row().class == Class::Special;
    let (special, named): (Vec<&Change>, Vec<&Change>) =
        operation.changes.iter().partition(is_special);
    Reviewed {
        action: if account.is_none() { CREATE } else { "update" }.to_owned(),
        person: person(&operation.who),
        account,
        file: operation.place.file.to_string(),
        line: operation.place.line,
        effects: operation.effects.iter().map(effect).collect(),
        // Those of class special stand last, so that their place doesn't tell which they are.
        fields: named.into_iter().chain(special).map(field).collect(),
        from_this_change: operation.origin.map(|origin| origin == Origin::ThisChange),
    }
}

fn held_reason(reason: &HoldReason) -> HeldReason {
    let fields = open_names(reason.keys())
        .into_iter()
        .map(str::to_owned)
        .collect();
    HeldReason {
        reason: reason.name().to_owned(),
        ids: reason.ids(),
        fields,
    }
}

fn person(who: &UserLabel) -> ReviewedUser {
    ReviewedUser {
        role: who.role.name().to_owned(),
        mis_id: who.mis_id.clone(),
        id: who.id,
    }
}

fn key_of(person: &ReviewedUser) -> String {
    format!(
        "{} {:?} {:?}",
        person.role,
        person.mis_id,
        person.mis_id.is_none().then_some(person.id)
    )
}

/// A public value, as people would write it.
fn value(planned: &ResolvedValue) -> String {
    match planned {
        ResolvedValue::Value(value) => value.written(),
        ResolvedValue::Reference {
            target: ReferenceTarget::AfterApply(mis_id),
            ..
        } => open_text(mis_id).unwrap_or_default().to_owned(),
        ResolvedValue::Reference {
            label,
            target: ReferenceTarget::Known(id),
        } => open_text(label)
            .filter(|label| !label.is_empty())
            .map_or_else(|| id.to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NotReviewed, PlanFile, PlanTarget};
    use crate::domain::Organisation;
    use crate::plan::Plan;
    use crate::review::digest::DigestKey;

    fn file() -> PlanFile {
        let organisation = Organisation {
            id: 5740,
            name: "Example College".to_owned(),
            keychain_creation: None,
            email_suppression: None,
        };
        let bound = PlanTarget {
            target: "sandbox".to_owned(),
            organisation: 5740,
            base: None,
            only_changed: false,
        };
        PlanFile::of(&Plan::empty(organisation), bound, "token")
    }

    /// As a later version may write it: with a key more, and sealed as a whole.
    #[test]
    fn a_file_of_another_minor_version_is_read_and_its_seal_holds() {
        let mut file = file();
        file.whole["formatVersion"] = json!("1.7");
        file.whole["totals"]["later"] = json!(1);
        let seal = DigestKey::with_salt("token", file.salt.clone());
        file.whole["seal"] = Value::Null;
        file.whole["seal"] = json!(file.digest(&seal));
        let text = file.whole.to_string();
        assert!(
            PlanFile::from_text(&text)
                .unwrap()
                .check("sandbox", 5740, "token")
                .is_ok()
        );
        let altered = text.replace("\"later\":1", "\"later\":2");
        let checked = PlanFile::from_text(&altered)
            .unwrap()
            .check("sandbox", 5740, "token");
        assert!(matches!(checked, Err(NotReviewed::Altered)));
        assert!(matches!(
            PlanFile::from_text(&text.replace("1.7", "2.0")),
            Err(NotReviewed::Format(_))
        ));
    }
}
