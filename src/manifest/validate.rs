//! Documents to a roster: the schema, then every rule. The only maker of a roster; it opens no file and asks no server.

use std::sync::Arc;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::field::{Field, Key, Referent, Shape, ValueKind};
use crate::domain::{DeclaredUser, EntryKind, Roster, UnmanagedFields};
use crate::findings::source::Sources;
use crate::findings::{Finding, Rule, Severities, Severity};
use crate::manifest::ReadDocuments;
use crate::manifest::duplicate_pairs::duplicate_pairs;
use crate::manifest::rules::{
    DOCUMENT_CHECKS, ENTRIES_CHECKS, PAIR_CHECKS, ROSTER_CHECKS, UNFIT_CHECKS, USER_CHECKS,
    VALUE_CHECKS, missing_field,
};
use crate::manifest::schema_check::Structure;
use crate::manifest::tree::document::{defaults, entries, users};
use crate::manifest::tree::field_nodes::FieldNodes;
use crate::manifest::tree::node::Node;
use crate::manifest::unchecked_entry::{UncheckedEntry, entry_fields};
use crate::manifest::unchecked_user::UncheckedUser;

/// What the rules look at besides the documents.
pub struct RuleContext<'s> {
    pub structure: &'s Structure,
    /// The day by which births lie in the future.
    pub today: Date,
    pub severities: &'s Severities,
    /// The fields of overlays that aren't there.
    pub unmanaged: &'s UnmanagedFields,
}

/// What became of the documents: every finding, and what they declare if none of them is an error.
pub struct Checked {
    pub findings: Vec<Finding>,
    pub declared: Option<Declarations>,
    /// What could be read, if a finding is an error. It makes no roster.
    pub in_error: Option<Declarations>,
}

/// What documents declare.
pub struct Declarations {
    /// The users of what was read together.
    pub(in crate::manifest) users: Vec<Arc<Vec<UncheckedUser>>>,
    pub(in crate::manifest) entries: Vec<UncheckedEntry>,
    unmanaged: UnmanagedFields,
}

/// What is declared and every finding: `findings`, those of reading, and those of the schema and the rules. One thread
/// checks what is read together and drops it before it takes the next, which keeps memory low.
pub fn check<'t>(
    read: impl IntoParallelIterator<Item = ReadDocuments<'t>>,
    findings: Vec<Finding>,
    context: &RuleContext<'_>,
) -> Checked {
    let files: Vec<CheckedFile> = read
        .into_par_iter()
        .map(|(documents, found)| check_file(&documents, found, context))
        .collect();
    check_together(files, findings, context)
}

/// What is read together, checked without looking at anything else.
#[derive(Clone)]
pub struct CheckedFile {
    users: Arc<Vec<UncheckedUser>>,
    entries: Vec<UncheckedEntry>,
    findings: Vec<Finding>,
    without_role: Vec<Finding>,
}

/// Checks what is read together. `findings` are those of reading it.
pub fn check_file(
    documents: &[Node],
    findings: Vec<Finding>,
    context: &RuleContext<'_>,
) -> CheckedFile {
    let file = FileFindings::of(documents, findings, context);
    CheckedFile {
        users: Arc::new(file.users),
        entries: file.entries,
        findings: file.findings,
        without_role: file.without_role,
    }
}

/// Checks what only all files together show.
pub fn check_together(
    files: Vec<CheckedFile>,
    mut findings: Vec<Finding>,
    context: &RuleContext<'_>,
) -> Checked {
    let mut users = Vec::with_capacity(files.len());
    let mut entries = Vec::new();
    let mut without_role = Vec::new();
    for file in files {
        users.push(file.users);
        entries.extend(file.entries);
        findings.extend(file.findings);
        without_role.extend(file.without_role);
    }
    findings.extend(roster_findings(&users));
    for check in ENTRIES_CHECKS {
        findings.extend(check(&entries));
    }
    let mut adjusted = context.severities.apply(findings);
    let has_error = adjusted.iter().any(Finding::is_error);
    let declarations = Declarations {
        users,
        entries,
        unmanaged: context.unmanaged.clone(),
    };
    // The schema asks for the role. If a severity silences that, a user without one still keeps a roster from being made.
    if has_error || !without_role.is_empty() {
        if !has_error {
            adjusted.extend(without_role);
        }
        return Checked {
            findings: adjusted,
            declared: None,
            in_error: Some(declarations),
        };
    }
    Checked {
        findings: adjusted,
        declared: Some(declarations),
        in_error: None,
    }
}

/// What is found by looking at all users together.
fn roster_findings(users: &[Arc<Vec<UncheckedUser>>]) -> Vec<Finding> {
    let everybody: Vec<&UncheckedUser> = users.iter().flat_map(|file| file.iter()).collect();
    let of_roster = || -> Vec<Vec<Finding>> {
        ROSTER_CHECKS
            .par_iter()
            .map(|check| check(&everybody))
            .collect()
    };
    let (of_roster, of_pairs) = rayon::join(of_roster, || pair_findings(&everybody));
    of_roster.into_iter().flatten().chain(of_pairs).collect()
}

fn pair_findings(users: &[&UncheckedUser]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pair in duplicate_pairs(users) {
        findings.extend(PAIR_CHECKS.iter().filter_map(|check| check(&pair)));
    }
    findings
}

/// What is found in what is read together, without looking at other files.
#[derive(Default)]
struct FileFindings {
    users: Vec<UncheckedUser>,
    entries: Vec<UncheckedEntry>,
    findings: Vec<Finding>,
    /// A finding for each user whose role nobody gives.
    without_role: Vec<Finding>,
}

impl FileFindings {
    fn of(documents: &[Node], findings: Vec<Finding>, context: &RuleContext<'_>) -> Self {
        let mut file = Self {
            findings,
            ..Self::default()
        };
        for document in documents {
            file.add_document(document, context);
        }
        file
    }

    fn add_document(&mut self, document: &Node, context: &RuleContext<'_>) {
        let faults = context.structure.check(document, &context.unmanaged.keys);
        self.findings.extend(faults);
        let nodes = defaults(document).map_or_else(FieldNodes::nothing, FieldNodes::of);
        let filled = CheckedFields {
            unfit: self.check_values(nodes.iter(), context.severities),
            nodes,
        };
        let first = self.users.len();
        self.users.reserve_exact(users(document).len());
        for node in users(document) {
            self.add_user(node, &filled, context);
        }
        for (kind, node) in entries(document) {
            self.add_entry(kind, node, context.severities);
        }
        let declared = &self.users[first..];
        for check in DOCUMENT_CHECKS {
            self.findings.extend(check(document, declared));
        }
    }

    /// `filled` is what the defaults give.
    fn add_user(&mut self, node: &Node, filled: &CheckedFields<'_>, context: &RuleContext<'_>) {
        let written = FieldNodes::of(node);
        let unfit = self.check_values(written.iter(), context.severities);
        let mut user = UncheckedUser::new(node, &written, &filled.nodes);
        for (key, rule) in unfit {
            user.leave_out(key, rule);
        }
        for (key, rule) in &filled.unfit {
            if written.get(*key).is_none() && user.has_field(*key) {
                user.leave_out(*key, rule);
            }
        }
        for check in USER_CHECKS {
            self.findings.extend(check(&user, context.today));
        }
        if user.role.is_none() {
            self.without_role.push(missing_field::without_role(&user));
        }
        self.users.push(user);
    }

    fn add_entry(&mut self, kind: EntryKind, node: &Node, severities: &Severities) {
        let fields = entry_fields(kind, node);
        let mut entry = UncheckedEntry::new(kind, node, &fields);
        for (key, _) in self.check_values(fields.into_iter(), severities) {
            entry.leave_out(key);
        }
        self.entries.push(entry);
    }

    /// The fields whose value is left out, with the rule that says so.
    fn check_values<'n>(
        &mut self,
        fields: impl Iterator<Item = (&'static Field, &'n Node<'n>)>,
        severities: &Severities,
    ) -> Vec<(Key, &'static Rule)> {
        let mut unfit = Vec::new();
        for (field, node) in fields {
            let mut check = |field: &Field, node: &Node| {
                let rule = self.check_value(field, node, severities);
                unfit.extend(rule.map(|rule| (field.key, rule)));
            };
            check(field, node);
            for (item, node) in items_of(field, node) {
                check(&item, node);
            }
        }
        unfit
    }

    /// The rule by which the value is left out, if one says so.
    fn check_value(
        &mut self,
        field: &Field,
        node: &Node,
        severities: &Severities,
    ) -> Option<&'static Rule> {
        let found = VALUE_CHECKS.iter().filter_map(|check| check(field, node));
        self.findings.extend(found);
        let finding = UNFIT_CHECKS.iter().find_map(|check| check(field, node))?;
        let rule = finding.rule;
        self.findings.push(finding);
        is_left_out(field, severities.of(rule)).then_some(rule)
    }
}

/// The values within a list, each as if its field had it alone.
fn items_of<'n>(field: &Field, list: &'n Node<'n>) -> Vec<(Field, &'n Node<'n>)> {
    let of_kind = |kind: ValueKind| Field { kind, ..*field };
    let mut values = Vec::new();
    if let Some(kind) = field.kind.of_item() {
        values.extend(list.items().iter().map(|item| (of_kind(kind), item)));
    } else if field.kind == ValueKind::Units {
        let names = list.items().iter().flat_map(Node::entries);
        let kind = ValueKind::Reference(Referent::Standard);
        values.extend(names.map(|name| (of_kind(kind), &name.value)));
    }
    values
}

/// Whether the value of a field is left out when it has a finding of this severity that says that it can't be meant. A
/// project that silences the rule means the text as it is, if the field takes any text.
fn is_left_out(field: &Field, severity: Option<Severity>) -> bool {
    let takes_any_text = matches!(
        field.kind,
        ValueKind::Text(Shape::Free) | ValueKind::Reference(_)
    );
    severity.is_some() || !takes_any_text
}

/// The fields of the defaults, and those whose value is left out.
struct CheckedFields<'n> {
    nodes: FieldNodes<'n>,
    unfit: Vec<(Key, &'static Rule)>,
}

impl Declarations {
    /// How many users they are.
    pub fn len(&self) -> usize {
        self.users.iter().map(|file| file.len()).sum()
    }

    /// How many placements or classrooms they are.
    pub fn number_of(&self, kind: EntryKind) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.kind == kind).count()
    }

    /// Whether they declare nothing: no user, no placement and no classroom.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.entries.is_empty()
    }

    pub fn into_roster(self, sources: &Sources) -> Roster {
        let files: Vec<Vec<DeclaredUser>> = self
            .users
            .into_par_iter()
            .map(|users| declared_users(Arc::unwrap_or_clone(users), sources))
            .collect();
        let entries = self.entries.into_iter();
        let entries = entries.filter_map(|entry| entry.into_entry(sources));
        Roster::new(files.into_iter().flatten().collect(), self.unmanaged)
            .with_entries(entries.collect())
    }
}

/// Only users with a role: what lacks one doesn't become [`Declarations`].
fn declared_users(users: Vec<UncheckedUser>, sources: &Sources) -> Vec<DeclaredUser> {
    users
        .into_iter()
        .filter_map(|user| user.into_user(sources))
        .collect()
}
