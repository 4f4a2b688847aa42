//! `plan --html`: one page that needs nothing else, inert whatever a manifest holds, and without names unless they are asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::redact::Reveal;
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    Account, AccountId, Directory, DirectoryEntry, EntryId, ObservedFields, ObservedValue,
    Organisation, OrganisationId, Policy, Scope, ShownArchive, Snapshot,
};
use rosterctl::plan::{GroupedBy, UserGroups, plan};
use rosterctl::render::{PlanPage, plan_page};

use crate::harness::{Sandbox, copy_of, project, root, roster, rosterctl, rosterctl_on};

const SEED: &str = "organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Business }
  - { ID: 2, OrganisationID: 5740, Name: Health }
placements:
  - { ID: 3, OrganisationID: 5740, Name: Bakery }
users:
  - { ID: 11, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }
  - { ID: 12, OrganisationID: 5740, Role: 5, MISID: A-2, FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk }
  - { ID: 21, OrganisationID: 5740, Role: 1, MISID: L-1, FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk, ClassroomID: 1, PlacementID: 3, DefaultAssessorID: 11 }
  - { ID: 22, OrganisationID: 5740, Role: 1, MISID: L-2, FirstName: Dana, LastName: Dunmarrow, Email: dana@example.ac.uk, ClassroomID: 2, PlacementID: 3, DefaultAssessorID: 11 }
  - { ID: 23, OrganisationID: 5740, Role: 1, MISID: L-3, FirstName: Ewan, LastName: Eddlestone, Email: ewan@example.ac.uk, ClassroomID: 2, PlacementID: 3, DefaultAssessorID: 12 }
";
const USERS: &str = "users:
  - { misId: A-1, role: assessor, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk }
  - { misId: A-2, role: assessor, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk }
  - { id: 21, misId: L-1, role: learner, defaultAssessor: A-2, mobileNumber: 07700 900123 }
  - { misId: L-2, role: learner, archived: true }
  - { id: 23, misId: L-3, role: learner, classroom: Helth }
  - { misId: L-4, role: learner, firstName: Farah, lastName: Fernhollow, email: farah@example.ac.uk, dob: 2007-06-08, ethnicity: \"31\", classroom: { name: Business }, placement: { id: 3 }, defaultAssessor: { email: ben@example.ac.uk } }
";
const PROJECT: &str = "organisation: 5740\npolicy: { archives: allowed }\n";
/// What of these people nobody may see.
const HIDDEN: [&str; 9] = [
    "Ann",
    "Abbotsley",
    "Chidi",
    "Farah",
    "Fernhollow",
    "@example",
    "2007-06-08",
    "07700",
    "ethnicity",
];

/// The page of a plan, and how the run ended.
fn page(
    sandbox: &Sandbox,
    folder: &Path,
    args: &[&str],
    variables: &[(&str, &str)],
) -> (i32, Option<String>, String) {
    let file = folder.join("page.html");
    let _ = fs::remove_file(&file);
    let output = rosterctl_on(sandbox)
        .current_dir(folder)
        .args(["plan", "--html", "page.html"])
        .args(args)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap();
    (code, fs::read_to_string(&file).ok(), said)
}

fn college() -> (Sandbox, tempfile::TempDir) {
    let folder = project(&[("rosterctl.yaml", PROJECT), ("users/a.yaml", USERS)]);
    (Sandbox::start(SEED), folder)
}

fn page_of_college(args: &[&str]) -> String {
    let (sandbox, folder) = college();
    let (code, page, said) = page(&sandbox, folder.path(), args, &[]);
    assert_eq!(code, 0, "{said}");
    page.unwrap()
}

/// What stands between two texts.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to}")).0
}

#[test]
fn the_page_of_the_example_college_reads_from_sentences_to_people() {
    let college = copy_of(&root().join("examples/college"));
    let output = rosterctl()
        .current_dir(college.path())
        .args(["plan", "--sandbox", "--html", "page.html"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let page = fs::read_to_string(college.path().join("page.html")).unwrap();
    let body = between(&page, "<body>\n", "</body>");
    let day = between(body, "Accounts as they were on ", ".</p>");
    insta::assert_snapshot!(body.replace(day, "DAY"));
}

#[test]
fn the_sentences_say_who_is_e_mailed_changes_assessor_leaves_and_waits() {
    let page = page_of_college(&[]);
    let card = |title: &str| between(&page, title, "</div>");
    for (title, words, who) in [
        ("Who is e-mailed", "OneFile will e-mail 1 person.", "L-4"),
        (
            "Who changes assessor",
            "1 learner gets another assessor.",
            "L-1",
        ),
        ("Who leaves", "1 account is archived", "L-2"),
        (
            "What waits for a decision",
            "1 user is on hold until a person decides.",
            "learner L-3",
        ),
    ] {
        let card = card(title);
        assert!(
            card.contains(words) && card.contains(who),
            "{title}: {card}"
        );
    }
    assert!(card("Who changes assessor").contains("A-1 (11) → A-2 (12)"));
    let question = between(&page, "id=\"q1\"", "</article>");
    assert!(
        question.contains("<li>Write <code>classroom: Health</code>?</li>"),
        "{question}"
    );
}

#[test]
fn what_does_not_happen_is_said_too() {
    let folder = project(&[
        ("rosterctl.yaml", PROJECT),
        (
            "users/a.yaml",
            "users:\n  - { id: 11, misId: A-1, role: assessor, telephone: 01632 960001 }\n",
        ),
    ]);
    let sandbox = Sandbox::start(SEED);
    let (_, page, _) = page(&sandbox, folder.path(), &[], &[]);
    let page = page.unwrap();
    for words in [
        "No accounts will be created, so OneFile should not e-mail anyone.",
        "Nobody changes assessor.",
        "Nobody leaves.",
        "Nothing waits for a decision.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("id=\"decide\""));
}

#[test]
fn each_person_stands_under_the_classroom_the_assessor_or_the_placement() {
    for (by, groups) in [
        (
            "classroom",
            [("Business", "L-1 L-4"), ("Health", "L-2"), ("Helth", "L-3")].as_slice(),
        ),
        ("assessor", &[("A-1", "L-2"), ("A-2", "L-1 L-3 L-4")]),
        ("placement", &[("Bakery", "L-1 L-2 L-3 L-4")]),
    ] {
        let page = page_of_college(&["--by", by]);
        for (group, people) in groups {
            let part = between(&page, &format!("\">{group}</h3>"), "</section>");
            let rows = part.split("<th scope=\"row\">").skip(1);
            let named: Vec<&str> = rows.map(|row| row.split('<').next().unwrap()).collect();
            assert_eq!(named.join(" "), *people, "{by} {group}");
        }
    }
    let (sandbox, folder) = college();
    let output = rosterctl_on(&sandbox)
        .current_dir(folder.path())
        .args(["plan", "--by", "assessor"])
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--html"));
}

#[test]
fn a_page_has_names_only_where_they_are_asked_for() {
    let plain = page_of_college(&[]);
    for word in HIDDEN {
        assert!(!plain.contains(word), "{word}");
    }
    assert!(plain.contains("This page holds no names."));
    let named = page_of_college(&["--reveal", "personal"]);
    for word in ["L-4 Farah Fernhollow", "farah@example.ac.uk", "2007-06-08"] {
        assert!(named.contains(word), "{word}");
    }
    assert!(!named.contains("ethnicity &quot;31"), "{named}");
    let top = between(&named, "<header>", "</header>");
    assert!(top.contains("This page holds names and other personal data."));
}

#[test]
fn names_are_refused_where_a_run_is_kept_and_special_data_everywhere() {
    let (sandbox, folder) = college();
    let before = sandbox.requests().len();
    for (args, variables, says) in [
        (["--reveal", "personal"], [("CI", "true")], "`CI` is set"),
        (["--reveal", "special"], [("CI", "true")], "special data"),
        (["--reveal", "special"], [("NONE", "1")], "special data"),
    ] {
        let (code, page, said) = page(&sandbox, folder.path(), &args, &variables);
        assert_eq!((code, page), (64, None), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(sandbox.requests().len(), before);
    let (code, page, _) = page(&sandbox, folder.path(), &[], &[("CI", "true")]);
    assert!(code == 0 && page.is_some());
}

#[test]
#[cfg(unix)]
fn a_page_and_a_table_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, folder) = college();
    fs::write(folder.path().join("page.html"), "old").unwrap();
    let (_, _, said) = page(&sandbox, folder.path(), &["--csv", "plan.csv"], &[]);
    for name in ["page.html", "plan.csv"] {
        let mode = fs::metadata(folder.path().join(name))
            .expect(&said)
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_page_runs_nothing_and_loads_nothing() {
    let page = page_of_college(&[]);
    for word in [
        "<script", "<link", "<img", "<iframe", "url(", "@import", "<details", "onclick",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
    let addresses = page.split("href=\"").skip(1);
    assert!(addresses.clone().count() > 3);
    for address in addresses {
        let id = address
            .split('"')
            .next()
            .unwrap()
            .strip_prefix('#')
            .unwrap();
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}

/// Tags, by how often the page has them, without those that isolate a direction.
fn tags(page: &str) -> BTreeMap<&str, usize> {
    let mut tags = BTreeMap::new();
    for rest in page.split('<').skip(1) {
        let tag = rest.split(['>', ' ', '\n']).next().unwrap();
        if !tag.ends_with("bdi") && !tag.ends_with("code") {
            *tags.entry(tag).or_default() += 1;
        }
    }
    tags
}

#[test]
fn nothing_that_a_manifest_or_a_server_holds_is_markup() {
    let long = "x".repeat(300);
    let hostile = [
        "<script>alert(1)</script>",
        "</td></tr></table><h1>",
        "\\\" onmouseover=\\\"alert(1)",
        "' style='",
        "<!-- a",
        "&lt;b&gt;",
        "]]><svg onload=alert(1)>",
        "`a` `b",
        "\u{5d0}\u{5d1}\u{5d2} \u{645}\u{62d}\u{645}\u{62f}",
        long.as_str(),
    ];
    let of = |values: &[&str]| {
        let (mut users, mut accounts) = (String::new(), String::new());
        for (at, value) in values.iter().enumerate() {
            users += &format!(
                "  - {{ misId: \"L{at}{value}\", role: learner, firstName: \"{value}\", lastName: N{at}, email: n{at}@example.ac.uk, classroom: Business, placement: Bakery, defaultAssessor: A-1, episodeName: \"{value}\" }}\n  - {{ misId: M{at}, role: learner, firstName: F{at}, lastName: O{at}, email: o{at}@example.ac.uk, classroom: \"{value}\", placement: Bakery, defaultAssessor: A-1 }}\n"
            );
            accounts += &format!(
                "  - {{ ID: {}, OrganisationID: 5740, Role: 1, MISID: \"L{at}{value}\", FirstName: \"{value}\", LastName: N{at}, Email: n{at}@example.ac.uk, ClassroomID: 1, PlacementID: 3, DefaultAssessorID: 11, EpisodeName: Old }}\n",
                100 + at
            );
        }
        let seed = SEED.replace("Example College", &format!("\"{}\"", values[0])) + &accounts;
        let project_text =
            "organisation: 5740\nseverity: { double-encoded: ignore, look-alike: ignore }\n";
        let users = format!("users:\n{users}");
        let folder = project(&[("rosterctl.yaml", project_text), ("users/a.yaml", &users)]);
        let sandbox = Sandbox::start(&seed);
        let (code, page, said) = page(&sandbox, folder.path(), &["--reveal", "personal"], &[]);
        assert_eq!(code, 0, "{said}");
        page.unwrap()
    };
    let tame: Vec<String> = (0..hostile.len()).map(|at| format!("tame{at}")).collect();
    let tame: Vec<&str> = tame.iter().map(String::as_str).collect();
    let (hostile, tame) = (of(&hostile), of(&tame));
    assert_eq!(tags(&hostile), tags(&tame), "{hostile}");
    assert!(hostile.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && hostile.contains(&long));
}

fn observed(key: Key, text: &str) -> (Key, Option<ObservedValue>) {
    (key, Some(ObservedValue::of_text(key.row().kind, text)))
}

fn numbered(key: Key, number: i64) -> (Key, Option<ObservedValue>) {
    (key, Some(ObservedValue::of_number(key.row().kind, number)))
}

fn entries(name: &str, first: i64, number: i64) -> Vec<DirectoryEntry> {
    let entry = |at| DirectoryEntry {
        id: EntryId::new(first + at),
        name: format!("{name} {at}"),
        mis_id: None,
    };
    (0..number).map(entry).collect()
}

/// What all who are created in one classroom get is said once; what only some of them get stands in their rows.
#[test]
fn what_new_learners_of_a_classroom_share_is_said_once() {
    let user = |at: usize, start: &str| {
        format!(
            "  - {{ misId: N-{at}, firstName: Ida{at}, lastName: Inglebrook, email: ida{at}@example.ac.uk, startOn: {start} }}\n"
        )
    };
    let defaults = "defaults: { role: learner, classroom: Business, placement: Bakery, defaultAssessor: A-2, episodeName: Baking L2 }\nusers:\n";
    let shared = "All who are created here get the following, and what their rows say.";
    for (days, of_all, of_rows) in [
        (["2026-09-01", "2026-09-02", "2026-09-03"], 1, 3),
        (["2026-09-01", "2026-09-01", "2026-09-01"], 1, 0),
    ] {
        let users: String = (1..4).map(|at| user(at, days[at - 1])).collect();
        let folder = project(&[
            ("rosterctl.yaml", PROJECT),
            ("users/a.yaml", &format!("{defaults}{users}")),
        ]);
        let sandbox = Sandbox::start(SEED);
        let (_, page, said) = page(&sandbox, folder.path(), &[], &[]);
        let page = page.expect(&said);
        assert_eq!(page.matches(shared).count(), 1, "{page}");
        assert_eq!(page.matches("<i>episodeName</i>").count(), of_all);
        let rows = between(&page, "<tbody>", "</tbody>");
        assert_eq!(rows.matches("<i>startOn</i>").count(), of_rows, "{rows}");
        assert!(rows.contains("N-1") && rows.contains("N-3"), "{rows}");
    }
    // Two are as quick to read one by one.
    let folder = project(&[
        ("rosterctl.yaml", PROJECT),
        (
            "users/a.yaml",
            &format!(
                "{defaults}{}{}",
                user(1, "2026-09-01"),
                user(2, "2026-09-01")
            ),
        ),
    ]);
    let (_, page, said) = page(&Sandbox::start(SEED), folder.path(), &[], &[]);
    let page = page.expect(&said);
    assert!(!page.contains(shared), "{page}");
    assert_eq!(page.matches("<i>episodeName</i>").count(), 2, "{page}");
}

/// 10,000 learners in 400 classrooms, each at another placement than OneFile has, as a page.
fn large_page() -> String {
    const NUMBER: i64 = 10_000;
    let mut users = String::from("users:\n");
    let mut accounts = Vec::new();
    for at in 0..NUMBER {
        users += &format!(
            "  - {{ id: {}, misId: L-{at:05}, role: learner, placement: Harbour Logistics {}, classroom: Business Admin L3 {} }}\n",
            100_000 + at,
            at % 50,
            at % 400
        );
        let shown: ObservedFields = [
            observed(Key::MisId, &format!("L-{at:05}")),
            numbered(Key::Classroom, 1 + at % 400),
            numbered(Key::Placement, 1_001 + (at + 1) % 50),
        ]
        .into_iter()
        .collect();
        accounts.push(Account {
            id: AccountId::new(100_000 + at),
            role: Role::Learner,
            shown,
            archive: ShownArchive::NotShown,
        });
    }
    let directory = Directory::new(BTreeMap::from([
        (Referent::Classroom, entries("Business Admin L3", 1, 400)),
        (Referent::Placement, entries("Harbour Logistics", 1_001, 50)),
    ]));
    let organisation = Organisation {
        id: OrganisationId::new(5740),
        name: "Example College".to_owned(),
        keychain_creation: None,
        email_suppression: None,
    };
    let roster = roster(&[&users]);
    let snapshot = Snapshot::new(organisation, directory, Role::all().collect(), accounts);
    let plan = plan(&roster, &snapshot, &Policy::default(), &Scope::whole());
    assert_eq!(plan.operations.len(), 10_000);
    let by = GroupedBy::Classroom;
    let page = PlanPage {
        plan: &plan,
        by,
        groups: &UserGroups::of(by, &roster, &snapshot),
        heading: "Example College (5740) on test",
        notes: "",
        read_at: Timestamp::UNIX_EPOCH,
        reveal: Reveal::Public,
    };
    let mut html = String::new();
    plan_page(&page, &mut html).unwrap();
    html
}

pub fn ten_thousand_operations_fit_into_two_megabytes_and_everybody_is_in_them() {
    let page = large_page();
    assert!(page.len() < 2_000_000, "{}", page.len());
    let rows = page.split("<th scope=\"row\">").skip(1);
    let named: BTreeSet<&str> = rows.map(|row| row.split('<').next().unwrap()).collect();
    let everybody: BTreeSet<String> = (0..10_000).map(|at| format!("L-{at:05}")).collect();
    assert!(
        named
            .iter()
            .copied()
            .eq(everybody.iter().map(String::as_str))
    );
}
