//! What an editor flags by the schema with a project's defaults folded in is what `validate` flags.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use rosterctl::domain::field::{FIELDS, Key, ValueKind};
use rosterctl::domain::role::Role;
use rosterctl::findings::Finding;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::schema::{self, ProjectDefaults};
use rosterctl::manifest::schema_check::Structure;
use rosterctl::manifest::tree::node::Node;
use rosterctl::manifest::{UNKNOWN_KEY_HELP, parse, with_defaults};

use crate::harness::{cases_of_property, project, rosterctl, transcript};

/// Fields as a mapping of flow style, each with a value of its kind.
fn mapping(keys: &BTreeSet<Key>, role: Option<&str>) -> String {
    let written = keys
        .iter()
        .map(|key| key.row())
        .filter(|field| field.kind != ValueKind::Role);
    let value = |kind: ValueKind| match kind {
        ValueKind::Number => "5",
        ValueKind::Ids | ValueKind::Accounts => "[5]",
        ValueKind::Flag => "true",
        ValueKind::Day => "2007-03-14",
        ValueKind::Instant => "2026-09-01T09:00:00Z",
        ValueKind::Word(words) => words[0],
        _ => "a@example.ac.uk",
    };
    let fields = written.map(|field| format!("{}: {}", field.name, value(field.kind)));
    let role = role.map(|role| format!("role: {role}"));
    format!(
        "{{ {} }}",
        role.into_iter()
            .chain(fields)
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn keys(
    from: impl Fn(&rosterctl::domain::field::Field) -> bool,
) -> impl Strategy<Value = BTreeSet<Key>> {
    let keys: Vec<Key> = FIELDS
        .iter()
        .filter(|field| from(field))
        .map(|field| field.key)
        .collect();
    let length = keys.len();
    prop::sample::subsequence(keys, 0..=length).prop_map(|keys| keys.into_iter().collect())
}

fn role() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(vec![
        "learner", "assessor", "employer", "tutor",
    ]))
}

fn document<'t>(text: &'t str, sources: &mut Sources) -> Node<'t> {
    let file = sources.add("x.yaml", text.to_owned());
    let (mut documents, findings) = parse(file, text);
    assert!(findings.is_empty(), "{findings:?}");
    documents.remove(0)
}

/// The schema without defaults. It takes long to compile, so all cases share it.
static WHOLE: LazyLock<Structure> = LazyLock::new(|| {
    let schema = schema::users(&ProjectDefaults::default());
    Structure::new(&schema, UNKNOWN_KEY_HELP)
});

/// What is said and where; that a rule of the defaults says it twice is dropped by order.
fn said(findings: Vec<Finding>, of: &Node) -> BTreeSet<(String, u32)> {
    let here = findings
        .into_iter()
        .filter(|finding| finding.span().file == of.span.file);
    here.map(|finding| (finding.message.clone(), finding.span().start))
        .collect()
}

proptest! {
    #![proptest_config(cases_of_property(300))]

    #[test]
    fn folded_defaults_are_joined_defaults(
        project_keys in keys(|field| field.may_be_default() && field.kind != ValueKind::Role), project_role in role(),
        file_keys in keys(|_| true), file_role in role(),
        users in prop::collection::vec((keys(|_| true), role()), 1..4),
    ) {
        let mut sources = Sources::default();
        let users: String = users.iter().map(|(keys, role)| format!("  - {}\n", mapping(keys, *role))).collect();
        let text = format!("defaults: {}\nusers:\n{users}", mapping(&file_keys, file_role));
        let plain = document(&text, &mut sources);
        let of_project = mapping(&project_keys, project_role);
        let defaults = document(&of_project, &mut sources);
        let given = ProjectDefaults {
            keys: project_keys.iter().copied().chain(project_role.map(|_| Key::Role)).collect(),
            role: project_role.and_then(Role::named),
        };
        let none = BTreeSet::new();
        let folded = Structure::new(&schema::users(&given), UNKNOWN_KEY_HELP).check(&plain, &none);
        let joined = with_defaults(vec![plain.clone()], Some(&defaults)).remove(0);
        let whole = WHOLE.check(&joined, &none);
        prop_assert_eq!(said(folded, &plain), said(whole, &plain));
    }
}

#[test]
fn the_schema_of_a_project_knows_its_defaults() {
    let folder = project(&[(
        "rosterctl.yaml",
        "organisation: 1\ndefaults: { role: learner, classroom: B }\n",
    )]);
    let plain = transcript(rosterctl().args(["schema", "users"]));
    let folded = transcript(
        rosterctl()
            .args(["schema", "users", "-C"])
            .arg(folder.path()),
    );
    assert_ne!(plain, folded);
    assert!(!folded.contains("classroom is missing") && plain.contains("classroom is missing"));
    assert!(!folded.contains("role is missing") && folded.contains("placement is missing"));
}
