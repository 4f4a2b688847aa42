//! The file of a reviewed plan. It holds names of fields, digests, and values only if they are of class `public`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::domain::field::{Class, Key};
use crate::domain::redact::{open_name, open_names, open_text};
use crate::domain::role::Role;
use crate::domain::{AccountId, EntryId, OrganisationId, RemovedUser};
use crate::plan::{
    Change, EntryLabel, HeldEntry, HeldUser, HoldReason, KeptUser, LikelyAccount, Operation,
    OperationSubject, Origin, Plan, ReferenceTarget, ResolvedValue, UnneededAnswer, UserLabel,
};
use crate::review::digest::DigestKey;
use crate::review::json;
use crate::review::json_names::{ActionName, EffectName, EntryHoldName, HoldReasonName};
use crate::review::json_types::{JsonDigest, JsonFieldName, JsonNumber};
use crate::review::reviewed::Review;
use crate::review::totals::Totals;

/// The version of the file. A reader takes every version with the same major number.
const FORMAT_VERSION: &str = "1.2";

/// The server, organisation and scope that a plan was made for. It is applied to nothing else.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
pub struct PlanTarget {
    /// The base URL that it was made for, or `sandbox`.
    pub target: String,
    #[schemars(with = "JsonNumber")]
    pub organisation: OrganisationId,
    /// The commit that the manifests were compared with; `null` without a base.
    #[schemars(required, extend("type" = ["string", "null"]))]
    pub base: Option<String>,
    pub only_changed: bool,
    /// The users that `--only` named. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The users that `--exclude` named. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// What the project said about fields that aren't always its own: the field, or role and field, and the word. Since 1.2.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// The file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "rosterctl plan", description = "")]
#[serde(rename_all = "camelCase")]
pub struct PlanFile {
    #[schemars(regex(pattern = r"^1\.[0-9]+$"))]
    format_version: String,
    #[serde(flatten)]
    pub bound: PlanTarget,
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    salt: String,
    #[schemars(with = "JsonDigest")]
    token_check: String,
    totals: Totals,
    operations: Vec<ReviewedOperation>,
    held: Vec<ReviewedHold>,
    /// Placements and classrooms for which nothing is done until a person decides. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held_entries: Vec<ReviewedEntryHold>,
    /// Users some of whose values OneFile keeps in a form of its own, so that they aren't sent again. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<ReviewedKept>,
    /// Answers in the manifests, such as `samePerson`, that have no effect any more. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unneeded: Vec<ReviewedAnswer>,
    /// The live accounts that no declared user names, by their numbers. Since 1.1.
    #[serde(default)]
    #[schemars(with = "Vec<JsonNumber>")]
    undeclared: Vec<AccountId>,
    /// The users that the manifests don't declare any more. Their accounts stay as they are. Since 1.2.
    #[serde(default)]
    removed: Vec<ReviewedRemoval>,
    /// The digest of everything else in the file. It shows that nobody has edited what was reviewed.
    #[schemars(with = "JsonDigest")]
    seal: String,
    /// The whole document, with the keys of later minor versions. The seal covers it.
    #[serde(skip)]
    whole: Value,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedOperation {
    action: ActionName,
    #[serde(flatten)]
    subject: ReviewedSubject,
    /// The account that is updated, archived or brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<JsonNumber>")]
    account: Option<AccountId>,
    /// Where the user is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
    effects: Vec<ReviewedEffect>,
    fields: Vec<ReviewedField>,
    /// Whether this change edits it; only with a base. Since 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_this_change: Option<bool>,
    /// Accounts that look like this user's and are somebody else's, as far as is known. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<ReviewedNote>,
}

/// An account that looks like a user's.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
struct ReviewedNote {
    #[schemars(with = "JsonNumber")]
    id: AccountId,
    /// The fields that are the same, or the part of them that identifies.
    #[schemars(with = "Vec<JsonFieldName>")]
    same: Vec<String>,
    /// The fields that speak against one person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<JsonFieldName>")]
    differs: Vec<String>,
}

/// What an operation is about.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ReviewedSubject {
    User(ReviewedUser),
    Entry(ReviewedEntry),
}

/// A placement or classroom. Since 1.2.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
struct ReviewedEntry {
    /// `placement` or `classroom`.
    entry: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mis_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<JsonNumber>")]
    id: Option<EntryId>,
}

impl ReviewedSubject {
    fn of(subject: OperationSubject<'_>) -> Self {
        match subject {
            OperationSubject::User(user) => Self::User(ReviewedUser::of(user)),
            OperationSubject::Entry(entry) => Self::Entry(ReviewedEntry::of(entry)),
        }
    }
}

impl ReviewedEntry {
    fn of(entry: &EntryLabel) -> Self {
        let mis_id = entry.mis_id.as_deref().and_then(open_text);
        Self {
            entry: entry.kind.word().to_owned(),
            name: open_text(&entry.name).unwrap_or_default().to_owned(),
            mis_id: mis_id.map(str::to_owned),
            id: entry.id,
        }
    }
}

/// The public facts about a declared user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
pub(super) struct ReviewedUser {
    pub(super) role: String,
    /// Left out if it is an e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mis_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<JsonNumber>")]
    pub(super) id: Option<AccountId>,
}

impl ReviewedUser {
    pub(super) fn of(user: &UserLabel) -> Self {
        Self::new(user.role, user.mis_id.as_deref(), user.id)
    }

    fn removed(user: &RemovedUser) -> Self {
        Self::new(user.role, user.mis_id.as_deref(), user.id)
    }

    fn new(role: Role, mis_id: Option<&str>, id: Option<AccountId>) -> Self {
        Self {
            role: role.name().to_owned(),
            mis_id: mis_id.and_then(open_text).map(str::to_owned),
            id,
        }
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedRemoval {
    #[serde(flatten)]
    person: ReviewedUser,
    /// The declared users who still refer to this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    still_named_by: Vec<ReviewedUser>,
}

impl ReviewedRemoval {
    fn all(plan: &Plan) -> Vec<Self> {
        let mut naming: BTreeMap<&RemovedUser, Vec<ReviewedUser>> = BTreeMap::new();
        for named in &plan.still_named {
            let users = naming.entry(&named.user).or_default();
            users.extend(named.by.iter().map(ReviewedUser::of));
        }
        let mut removals = Vec::with_capacity(plan.removed.len());
        for user in &plan.removed {
            removals.push(Self {
                person: ReviewedUser::removed(user),
                still_named_by: naming.remove(user).unwrap_or_default(),
            });
        }
        removals
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReviewedEffect {
    effect: EffectName,
    #[schemars(with = "JsonDigest")]
    digest: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReviewedField {
    /// The key; `special` in the place of those of that class.
    #[schemars(with = "JsonFieldName")]
    field: String,
    #[schemars(with = "JsonDigest")]
    digest: String,
    /// What the field gets, if that is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedHold {
    #[serde(flatten)]
    person: ReviewedUser,
    /// Where the user is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
    /// Why; since 1.1.
    #[serde(default)]
    reasons: Vec<ReviewedReason>,
    /// Whether this change edits it; only with a base. Since 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_this_change: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedEntryHold {
    #[serde(flatten)]
    held: ReviewedEntry,
    /// Where it is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
    /// A word such as `several`; later versions may add some.
    #[schemars(with = "String")]
    reason: EntryHoldName,
    /// The placements or classrooms that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<JsonNumber>")]
    ids: Vec<EntryId>,
    /// Whether this change edits it; only with a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_this_change: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedKept {
    #[serde(flatten)]
    person: ReviewedUser,
    #[schemars(with = "JsonNumber")]
    account: AccountId,
    /// Where the user is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
    /// By key; `special` in the place of those of that class.
    #[schemars(with = "Vec<JsonFieldName>")]
    fields: Vec<String>,
}

/// An answer to a question that nobody asks any more.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(description = "")]
struct ReviewedAnswer {
    #[serde(flatten)]
    person: ReviewedUser,
    /// Where the user is declared, from the project's folder.
    file: String,
    #[schemars(with = "JsonNumber")]
    line: usize,
    /// The key to delete.
    #[schemars(with = "JsonFieldName")]
    field: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReviewedReason {
    /// A word such as `mayExist`; later versions may add some.
    #[schemars(with = "String")]
    reason: HoldReasonName,
    /// The numbers that it is about: of accounts, or of what a reference may mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<JsonNumber>")]
    ids: Vec<EntryId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<JsonFieldName>")]
    fields: Vec<String>,
}

/// Why a file can't be taken as the review of a plan.
#[derive(Debug, Error)]
pub enum NotReviewed {
    #[error("it isn't a plan of rosterctl (line {0})")]
    NotAPlan(usize),
    #[error("it is of format {0}; this program reads {FORMAT_VERSION}: plan again with it")]
    Format(String),
    #[error("it was made for {0}, and this run is for {1}")]
    Elsewhere(String, String),
    #[error("`fields` in rosterctl.yaml has changed since: plan again")]
    OtherFields,
    #[error("it isn't as it was written: somebody has changed it since")]
    Altered,
    #[error("the token has changed since, so that nothing of it can be checked: plan again")]
    TokenChanged,
}

impl PlanFile {
    /// How many fields the reviewed plan didn't manage.
    pub fn not_managed(&self) -> usize {
        self.totals.not_managed()
    }

    pub fn of(plan: &Plan, bound: PlanTarget, token: &str) -> Self {
        let key = DigestKey::of(token, &plan.operations);
        let mut file = Self {
            format_version: FORMAT_VERSION.to_owned(),
            bound,
            salt: key.salt().to_owned(),
            token_check: key.check(),
            totals: Totals::of(plan),
            operations: plan
                .operations
                .iter()
                .map(|operation| ReviewedOperation::of(operation, &key))
                .collect(),
            held: plan.held.iter().map(ReviewedHold::of).collect(),
            held_entries: plan
                .held_entries
                .iter()
                .map(ReviewedEntryHold::of)
                .collect(),
            kept: plan.kept.iter().map(ReviewedKept::of).collect(),
            unneeded: plan.unneeded.iter().map(ReviewedAnswer::of).collect(),
            undeclared: plan.undeclared.clone(),
            removed: ReviewedRemoval::all(plan),
            seal: String::new(),
            whole: Value::Null,
        };
        file.whole = json::value(&file);
        Self {
            seal: file.digest(&key),
            ..file
        }
    }

    /// The digest of everything but the seal itself.
    fn digest(&self, key: &DigestKey) -> String {
        let mut whole = self.whole.clone();
        if let Some(members) = whole.as_object_mut() {
            members.remove("seal");
        }
        key.of_file(&whole.to_string())
    }

    /// The text to write. The same plan gives the same bytes.
    pub fn to_text(&self) -> String {
        json::document(self)
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

    /// The review, if the file was made for this server and organisation, under this token and with the same `fields`, and
    /// nobody has edited it.
    pub fn check(&self, run: &PlanTarget, token: &str) -> Result<Review, NotReviewed> {
        let bound = &self.bound;
        if bound.target != run.target || bound.organisation != run.organisation {
            let named =
                |of: &PlanTarget| format!("organisation {} on {}", of.organisation, of.target);
            return Err(NotReviewed::Elsewhere(named(bound), named(run)));
        }
        let key = DigestKey::with_salt(token, self.salt.clone());
        if key.check() != self.token_check {
            return Err(NotReviewed::TokenChanged);
        }
        if self.digest(&key) != self.seal {
            return Err(NotReviewed::Altered);
        }
        if bound.fields != run.fields {
            return Err(NotReviewed::OtherFields);
        }
        Ok(self.review(key))
    }

    fn review(&self, key: DigestKey) -> Review {
        let mut review = Review::nothing(key);
        for operation in &self.operations {
            for field in &operation.fields {
                review.add_digest(&field.digest);
            }
            for effect in &operation.effects {
                review.add_digest(&effect.digest);
            }
            match (operation.action, &operation.subject) {
                (ActionName::Create, ReviewedSubject::User(user)) => review.add_created(user),
                (ActionName::CreateEntry, ReviewedSubject::Entry(entry)) => {
                    review.add_created_entry(&entry.entry, &entry.name);
                }
                _ => {}
            }
        }
        review
    }
}

impl ReviewedOperation {
    fn of(operation: &Operation, key: &DigestKey) -> Self {
        let mut fields = Vec::new();
        let mut special = Vec::new();
        for change in operation.changes() {
            let field = ReviewedField {
                field: open_name(change.key).to_owned(),
                digest: key.of_change(operation, change),
                value: public_value(change),
            };
            match change.key.row().class {
                Class::Special => special.push(field),
                Class::Public | Class::Personal => fields.push(field),
            }
        }
        // Special fields stand last: among the others, their place would tell which they are.
        fields.extend(special);
        let place = operation.place();
        Self {
            action: ActionName::of(operation.kind()),
            subject: ReviewedSubject::of(operation.subject()),
            account: operation.account(),
            file: place.file.to_string(),
            line: place.line,
            effects: operation
                .effects()
                .iter()
                .map(|effect| ReviewedEffect {
                    effect: EffectName::of(*effect),
                    digest: key.of_effect(operation, *effect),
                })
                .collect(),
            fields,
            from_this_change: operation.origin().map(is_this_change),
            notes: operation.notes().iter().map(ReviewedNote::of).collect(),
        }
    }
}

impl ReviewedNote {
    fn of(account: &LikelyAccount) -> Self {
        let same: BTreeSet<Key> = account
            .same
            .iter()
            .flat_map(|mark| mark.fields().iter().copied())
            .collect();
        let names = |keys: Vec<&'static str>| keys.into_iter().map(str::to_owned).collect();
        Self {
            id: account.id,
            same: names(open_names(same)),
            differs: names(open_names(account.differs.iter().copied())),
        }
    }
}

impl ReviewedHold {
    fn of(held: &HeldUser) -> Self {
        Self {
            person: ReviewedUser::of(&held.who),
            file: held.place.file.to_string(),
            line: held.place.line,
            reasons: held.reasons.iter().map(ReviewedReason::of).collect(),
            from_this_change: held.origin.map(is_this_change),
        }
    }
}

impl ReviewedEntryHold {
    fn of(held: &HeldEntry) -> Self {
        Self {
            held: ReviewedEntry::of(&held.entry),
            file: held.place.file.to_string(),
            line: held.place.line,
            reason: EntryHoldName::of(&held.reason),
            ids: held.reason.ids(),
            from_this_change: held.origin.map(is_this_change),
        }
    }
}

impl ReviewedKept {
    fn of(kept: &KeptUser) -> Self {
        let fields = open_names(kept.keys.iter().copied());
        Self {
            person: ReviewedUser::of(&kept.who),
            account: kept.account,
            file: kept.place.file.to_string(),
            line: kept.place.line,
            fields: fields.into_iter().map(str::to_owned).collect(),
        }
    }
}

impl ReviewedAnswer {
    fn of(answer: &UnneededAnswer) -> Self {
        Self {
            person: ReviewedUser::of(&answer.who),
            file: answer.place.file.to_string(),
            line: answer.place.line,
            field: answer.key.name().to_owned(),
        }
    }
}

impl ReviewedReason {
    fn of(reason: &HoldReason) -> Self {
        let fields = open_names(reason.keys());
        Self {
            reason: HoldReasonName::of(reason),
            ids: reason.ids(),
            fields: fields.into_iter().map(str::to_owned).collect(),
        }
    }
}

fn is_this_change(origin: Origin) -> bool {
    match origin {
        Origin::ThisChange => true,
        Origin::Elsewhere => false,
    }
}

/// The new value as people would write it, if the field is public.
fn public_value(change: &Change) -> Option<String> {
    match change.key.row().class {
        Class::Public => open_text(&written(&change.to)).map(str::to_owned),
        Class::Personal | Class::Special => None,
    }
}

fn written(planned: &ResolvedValue) -> String {
    match planned {
        ResolvedValue::Value(value) => value.written().into_owned(),
        ResolvedValue::Reference {
            label,
            target:
                ReferenceTarget::AfterApply(_)
                | ReferenceTarget::AfterEntry(_)
                | ReferenceTarget::Unit { .. },
        } => label.clone(),
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
    use crate::domain::{Organisation, OrganisationId};
    use crate::plan::Plan;
    use crate::review::digest::DigestKey;

    fn file() -> PlanFile {
        let organisation = Organisation {
            id: OrganisationId::new(5740),
            name: "Example College".to_owned(),
            keychain_creation: None,
            email_suppression: None,
        };
        PlanFile::of(&Plan::empty(organisation), bound(&[]), "token")
    }

    fn bound(fields: &[(&str, &str)]) -> PlanTarget {
        let fields = fields.iter();
        PlanTarget {
            target: "sandbox".to_owned(),
            organisation: OrganisationId::new(5740),
            base: None,
            only_changed: false,
            only: Vec::new(),
            exclude: Vec::new(),
            fields: fields
                .map(|(field, word)| ((*field).to_owned(), (*word).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn a_plan_made_under_other_fields_is_not_applied() {
        let file = PlanFile::from_text(&file().to_text()).unwrap();
        assert!(file.check(&bound(&[]), "token").is_ok());
        for fields in [[("email", "onCreate")], [("learner: email", "never")]] {
            let checked = file.check(&bound(&fields), "token");
            assert!(matches!(checked, Err(NotReviewed::OtherFields)));
        }
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
                .check(&bound(&[]), "token")
                .is_ok()
        );
        let altered = text.replace("\"later\":1", "\"later\":2");
        let checked = PlanFile::from_text(&altered)
            .unwrap()
            .check(&bound(&[]), "token");
        assert!(matches!(checked, Err(NotReviewed::Altered)));
        assert!(matches!(
            PlanFile::from_text(&text.replace("1.7", "2.0")),
            Err(NotReviewed::Format(_))
        ));
    }
}
