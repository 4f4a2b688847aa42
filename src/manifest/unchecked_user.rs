//! A user as the manifests have it, defaults filled in. It becomes a declared user if no finding is an error. A value of
//! a wrong kind is left out here, because the schema has found it already.

use jiff::civil::Date;

use crate::domain::field::{Field, Key, ValueKind};
use crate::domain::role::Role;
use crate::domain::{
    AccountId, Assignments, DeclaredArchive, DeclaredUser, Fields, Leaving, OtherAccount, Value,
    nfc,
};
use crate::findings::Rule;
use crate::findings::source::{Sources, Span, Spanned};
use crate::manifest::declared_assignments::assignments;
use crate::manifest::node_value::{day, value};
use crate::manifest::tree::field_nodes::FieldNodes;
use crate::manifest::tree::node::Node;

/// A user that rules haven't looked at yet.
#[derive(Clone)]
pub(crate) struct UncheckedUser {
    /// Where the user is declared.
    pub(crate) place: Span,
    pub(crate) id: Option<Spanned<AccountId>>,
    pub(crate) former_mis_id: Option<Spanned<String>>,
    pub(crate) distinct_from: Vec<Spanned<AccountId>>,
    pub(crate) also_has: Vec<Spanned<OtherAccount>>,
    replaces: Vec<Spanned<AccountId>>,
    creates_again: bool,
    same_person: bool,
    pub(crate) archive: DeclaredArchive,
    leaving: Leaving,
    leaver_spans: Fields<Span>,
    /// What the learner gets by calls of their own; `None` for nothing.
    pub(crate) assignments: Option<Box<Assignments>>,
    pub(crate) role: Option<Role>,
    pub(crate) values: Fields<Value>,
    /// Fields whose value can't be meant, with the rule that says so. They have no value here.
    unfit: Fields<&'static Rule>,
    /// Where each value is written: with the user, or among the defaults.
    spans: Fields<Span>,
}

impl UncheckedUser {
    /// `written` is what `node` holds, and `filled` what the defaults give.
    pub(crate) fn new<'n>(node: &Node, written: &FieldNodes<'n>, filled: &FieldNodes<'n>) -> Self {
        let role_node = written.get(Key::Role).or_else(|| filled.get(Key::Role));
        let role = role_node.and_then(Node::text).and_then(Role::named);
        let fields = written.or(filled, |field| {
            field.may_be_default() && role.is_none_or(|role| field.is_of(role))
        });
        let number = fields.iter().filter(|(field, _)| is_sent(field)).count();
        let mut values = Fields::with_capacity(number);
        let mut spans = Fields::with_capacity(number);
        for (field, node) in fields.iter() {
            if is_sent(field) {
                spans.extend([(field.key, node.span)]);
            }
            if is_value(field) {
                values.extend(value(field.kind, node).map(|value| (field.key, value)));
            }
        }
        let items = |key: Key| written.get(key).map_or(&[][..], Node::items).iter();
        Self {
            place: node.span,
            id: written.get(Key::Id).and_then(number_of),
            former_mis_id: written.get(Key::FormerMisId).and_then(name_of),
            distinct_from: items(Key::DistinctFrom).filter_map(number_of).collect(),
            also_has: items(Key::AlsoHas).filter_map(other_account).collect(),
            replaces: items(Key::Replaces).filter_map(number_of).collect(),
            creates_again: written.get(Key::Creates).and_then(Node::text).is_some(),
            same_person: written.get(Key::SamePerson).and_then(Node::flag) == Some(true),
            archive: declared_archive(written.get(Key::Archived)),
            leaving: leaving(written),
            leaver_spans: leaver_spans(written),
            assignments: assignments(&fields),
            role,
            values,
            unfit: Fields::default(),
            spans,
        }
    }

    /// Leaves out a value that can't be meant, so that the field isn't managed.
    pub(crate) fn leave_out(&mut self, key: Key, rule: &'static Rule) {
        if key == Key::FormerMisId {
            self.former_mis_id = None;
        }
        self.values.remove(key);
        if let Some(assignments) = &mut self.assignments {
            assignments.remove(key);
        }
        self.unfit.insert(key, rule);
    }

    /// Whether users of this role have the field.
    pub(crate) fn has_field(&self, key: Key) -> bool {
        self.role.is_none_or(|role| key.row().is_of(role))
    }

    pub(crate) fn mis_id(&self) -> Option<&str> {
        self.text(Key::MisId)
    }

    pub(crate) fn text(&self, key: Key) -> Option<&str> {
        let Some(Value::Text(text)) = self.values.get(key) else {
            return None;
        };
        Some(text)
    }

    pub(crate) fn day(&self, key: Key) -> Option<Date> {
        let Some(Value::Day(day)) = self.values.get(key) else {
            return None;
        };
        Some(*day)
    }

    /// Where a field of this user is written; if it isn't, where the user is.
    pub(crate) fn span(&self, key: Key) -> Span {
        self.spans.get(key).copied().unwrap_or(self.place)
    }

    /// Where the last day and the reason of a leaver are written, as far as they are.
    pub(crate) fn leaver_spans(&self) -> impl Iterator<Item = (Key, Span)> {
        let spans = self.leaver_spans.iter();
        spans.map(|(key, span)| (key, *span))
    }

    /// Where each value that OneFile gets is written, and the role.
    pub(crate) fn written_fields(&self) -> Vec<(Key, Span)> {
        self.spans.iter().map(|(key, span)| (key, *span)).collect()
    }

    /// Where the manifest says who this user is.
    pub(crate) fn identity(&self) -> Span {
        let id = self.id.as_ref().map(|id| id.span);
        self.spans
            .get(Key::MisId)
            .copied()
            .or(id)
            .unwrap_or(self.place)
    }

    /// The declared user; `None` if the role isn't known.
    pub(crate) fn into_user(self, sources: &Sources) -> Option<DeclaredUser> {
        Some(DeclaredUser {
            id: self.id.map(|id| id.value),
            former_mis_id: self.former_mis_id.map(|former| former.value),
            distinct_from: self.distinct_from.into_iter().map(|id| id.value).collect(),
            also_has: self.also_has.into_iter().map(|other| other.value).collect(),
            replaces: self.replaces.into_iter().map(|id| id.value).collect(),
            creates_again: self.creates_again,
            same_person: self.same_person,
            archive: self.archive,
            leaving: self.leaving,
            assignments: self.assignments.filter(|all| !all.is_empty()),
            role: self.role?,
            values: self.values,
            unfit: self.unfit,
            place: sources.place(self.place),
        })
    }
}

fn declared_archive(node: Option<&Node>) -> DeclaredArchive {
    match node.and_then(Node::flag) {
        Some(true) => DeclaredArchive::Archived,
        Some(false) => DeclaredArchive::Current,
        None => DeclaredArchive::Undeclared,
    }
}

fn leaver_spans(written: &FieldNodes<'_>) -> Fields<Span> {
    let mut spans = Fields::default();
    for key in [Key::LastDay, Key::Reason] {
        spans.extend(written.get(key).map(|node| (key, node.span)));
    }
    spans
}

fn leaving(written: &FieldNodes<'_>) -> Leaving {
    let reason = written.get(Key::Reason).and_then(Node::text);
    let ValueKind::Word(reasons) = Key::Reason.row().kind else {
        return Leaving::default();
    };
    Leaving {
        last_day: written.get(Key::LastDay).and_then(Node::text).and_then(day),
        reason: reasons.iter().copied().find(|word| reason == Some(*word)),
    }
}

/// Whether a field is a value that OneFile keeps, rather than a word to rosterctl.
fn is_value(field: &Field) -> bool {
    field.api.is_some()
}

/// Whether OneFile gets the field, as a value of the account or by a call of its own.
fn is_sent(field: &Field) -> bool {
    is_value(field) || field.is_assigned()
}

fn number_of(node: &Node) -> Option<Spanned<AccountId>> {
    node.integer().map(|number| Spanned {
        value: AccountId::new(number),
        span: node.span,
    })
}

fn name_of(node: &Node) -> Option<Spanned<String>> {
    let text = nfc(node.text()?.trim()).into_owned();
    (!text.is_empty()).then_some(Spanned {
        value: text,
        span: node.span,
    })
}

fn other_account(node: &Node) -> Option<Spanned<OtherAccount>> {
    let id = node
        .integer()
        .map(|number| OtherAccount::Id(AccountId::new(number)));
    let user = || {
        node.text()
            .map(|name| OtherAccount::User(nfc(name.trim()).into()))
    };
    id.or_else(user).map(|value| Spanned {
        value,
        span: node.span,
    })
}
