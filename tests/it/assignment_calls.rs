//! The client's calls for standards, units, templates, further staff, placements and classrooms: what their answers may look
//! like, and that none is repeated blindly.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use rosterctl::domain::clock::{Clock, Moment};
use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{
    AccountId, AimId, EntryId, EntryKind, FieldText, LearningAim, ObservedValue, OrganisationId,
    StandardId, TemplateId, UnitId, Value,
};
use rosterctl::onefile::{
    AdditionalStaff, Client, ClientError, Endpoint, Outgoing, Pace, WriteFailure, fetch_part,
};

use crate::client::{Script, Scripted, status};
use crate::harness::Sandbox;
use crate::sandbox_assignments::SEED;

const COLLEGE: OrganisationId = OrganisationId::new(5740);
const LEARNER: AccountId = AccountId::new(20);
const OTHER_LEARNER: AccountId = AccountId::new(21);
const BAKER: StandardId = StandardId::new(31);
const BREAD: UnitId = UnitId::new(41);
const TEMPLATE: TemplateId = TemplateId::new(51);

fn with(more: &str) -> Sandbox {
    Sandbox::start(&format!("{SEED}{more}\n"))
}

fn connect(sandbox: &Sandbox) -> Client {
    let endpoint = Endpoint {
        base: sandbox.base_url(),
        token: "sandbox".into(),
    };
    let clock = Clock::faster(1_000);
    let connecting = Client::connect(&endpoint, Pace::default(), clock);
    sandbox.block_on(connecting).unwrap()
}

/// How often the sandbox was sent a path.
fn sent(sandbox: &Sandbox, path: &str) -> usize {
    let requests = sandbox.requests();
    let of_path = requests.iter().filter(|request| request["path"] == path);
    of_path.count()
}

fn aim(id: i64) -> LearningAim {
    LearningAim {
        id: AimId::new(id),
        standard: BAKER,
    }
}

/// What the client reads of the learner's aims where the server answers so.
fn aims_of(script: Script) -> Option<Vec<LearningAim>> {
    let server = Scripted::start(script);
    let client = server.connect().unwrap();
    server.runtime.block_on(client.aims(LEARNER)).unwrap()
}

/// The units that rows show, if they do.
type Units = Option<BTreeSet<(StandardId, UnitId)>>;

fn units_of(script: Script) -> Units {
    let server = Scripted::start(script);
    let client = server.connect().unwrap();
    let reading = client.unit_summaries(LEARNER);
    server.runtime.block_on(reading).unwrap()
}

#[test]
fn standards_templates_and_units_are_found_by_their_titles() {
    let sandbox = with("");
    let client = connect(&sandbox);
    let referents = BTreeSet::from([Referent::Standard, Referent::FrameworkTemplate]);
    let snapshot = sandbox
        .block_on(fetch_part(&client, COLLEGE, &referents, &[]))
        .unwrap();
    let names = |referent: Referent| -> Vec<(i64, String)> {
        let entries = snapshot.directory.of(referent).iter();
        entries
            .map(|entry| (entry.id.get(), entry.name.clone()))
            .collect()
    };
    assert_eq!(
        names(Referent::Standard),
        [
            (31, "Baker Level 2".to_owned()),
            (32, "English Level 2".to_owned())
        ]
    );
    assert_eq!(
        names(Referent::FrameworkTemplate),
        [(51, "Baker with English".to_owned())]
    );
    let units = sandbox.block_on(client.units(BAKER)).unwrap();
    assert_eq!(units.len(), 2);
    assert_eq!((units[0].id, units[0].title.as_str()), (BREAD, "Bread"));
    assert_eq!(units[0].code.as_deref(), Some("A/000/0041"));
    assert_eq!(sent(&sandbox, "/Unit/Search"), 1);
}

#[test]
fn the_aims_of_a_learner_are_read_with_one_call() {
    let sandbox = with("");
    let client = connect(&sandbox);
    let read = |learner| sandbox.block_on(client.aims(learner)).unwrap();
    assert_eq!(read(OTHER_LEARNER), Some(vec![aim(61)]));
    assert_eq!(read(LEARNER), Some(Vec::new()));
    assert_eq!(sent(&sandbox, "/LearningAim/Search"), 2);
}

#[test]
fn aims_of_other_people_are_left_out_and_rows_without_a_standard_can_not_be_used() {
    let rows: [(Script, Option<Vec<LearningAim>>); 7] = [
        (
            |_, _| r#"[{"id": 6, "userid": "20", "STANDARDID": "31"}]"#.into_response(),
            Some(vec![aim(6)]),
        ),
        (
            |_, _| r#"[{"ID": 6, "StandardID": 31}]"#.into_response(),
            Some(vec![aim(6)]),
        ),
        (
            |_, _| {
                r#"[{"ID": 5, "UserID": 21}, {"ID": 6, "UserID": 20, "StandardID": 31}]"#
                    .into_response()
            },
            Some(vec![aim(6)]),
        ),
        (|_, _| r#"[{"ID": 6, "UserID": 20}]"#.into_response(), None),
        (
            |_, _| r#"[{"UserID": 20, "StandardID": 31}]"#.into_response(),
            None,
        ),
        (
            |path, _| {
                if path == "/Authentication" {
                    "key".into_response()
                } else {
                    status(400)
                }
            },
            None,
        ),
        (
            |path, _| {
                if path == "/Authentication" {
                    "key".into_response()
                } else {
                    "{}".into_response()
                }
            },
            None,
        ),
    ];
    for (at, (script, expected)) in rows.into_iter().enumerate() {
        assert_eq!(aims_of(script), expected, "case {at}");
    }
}

#[test]
fn an_outage_is_no_empty_list_of_aims() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => status(500),
    });
    let client = server.connect().unwrap();
    let aims = server.runtime.block_on(client.aims(LEARNER));
    assert!(
        matches!(aims, Err(ClientError::Status { status: 500, .. })),
        "{aims:?}"
    );
}

#[test]
fn aims_come_in_bulk_only_from_a_server_that_lists_them_with_their_learners() {
    let bulk = |sandbox: &Sandbox| {
        let client = connect(sandbox);
        sandbox.block_on(client.aims_in_bulk(COLLEGE)).unwrap()
    };
    assert_eq!(bulk(&with("")), None);
    let listed = with("behaviour: { aimsInBulk: true }");
    assert_eq!(
        bulk(&listed),
        Some(BTreeMap::from([(OTHER_LEARNER, vec![aim(61)])]))
    );
    // Nothing listed may mean that the server doesn't list.
    let client = connect(&listed);
    let elsewhere = client.aims_in_bulk(OrganisationId::new(5741));
    assert_eq!(listed.block_on(elsewhere).unwrap(), None);
    let server = Scripted::start(|path, _| match path {
        "/LearningAim/Search/1/500" => r#"[{"ID": 6, "StandardID": 31}]"#.into_response(),
        "/Authentication" => "key".into_response(),
        _ => "[]".into_response(),
    });
    let client = server.connect().unwrap();
    let aims = server.runtime.block_on(client.aims_in_bulk(COLLEGE));
    assert_eq!(aims.unwrap(), None);
}

#[test]
fn units_are_read_where_rows_show_them() {
    for (switch, expected) in [
        ("withIds", Some(BTreeSet::from([(BAKER, BREAD)]))),
        ("withoutIds", None),
    ] {
        let sandbox = with(&format!("behaviour: {{ unitSummaries: {switch} }}"));
        let client = connect(&sandbox);
        let read = || sandbox.block_on(client.unit_summaries(LEARNER)).unwrap();
        assert_eq!(read(), Some(BTreeSet::new()), "{switch}");
        let assigning = client.assign_unit((BAKER, BREAD), LEARNER, None);
        sandbox.block_on(assigning).unwrap();
        assert_eq!(read(), expected, "{switch}");
        assert_eq!(sent(&sandbox, "/User/20/UnitSummary"), 2, "{switch}");
    }
    let rows: [(Script, Units); 4] = [
        (
            |_, _| {
                r#"[{"unitid": "41", "standardid": 31}, {"UserID": 21, "UnitID": 9}]"#
                    .into_response()
            },
            Some(BTreeSet::from([(BAKER, BREAD)])),
        ),
        (|_, _| r#"[{"UnitID": 41}]"#.into_response(), None),
        (|_, _| r#"["Bread"]"#.into_response(), None),
        (|_, _| r#"{"Units": []}"#.into_response(), None),
    ];
    for (at, (script, expected)) in rows.into_iter().enumerate() {
        assert_eq!(units_of(script), expected, "case {at}");
    }
}

/// What became of a write.
#[derive(Debug, PartialEq, Eq)]
enum Became {
    Done,
    NotDone,
    Unclear,
}

fn became<T>(result: &Result<T, WriteFailure>) -> Became {
    match result {
        Ok(_) => Became::Done,
        Err(WriteFailure::NotDone(_)) => Became::NotDone,
        Err(WriteFailure::Unclear(_)) => Became::Unclear,
    }
}

/// Sends one write of each kind, and returns what became of it with its path.
fn write_each(sandbox: &Sandbox, not_after: Option<Moment>) -> Vec<(&'static str, Became)> {
    let client = connect(sandbox);
    let staff = AdditionalStaff {
        in_path: AccountId::new(10),
        in_body: LEARNER,
        role: Role::from_api(5).unwrap(),
    };
    let name = text(Key::Name, "Forge");
    let fields = [(Key::Name, Outgoing::Value(&name))];
    sandbox.block_on(async {
        let standard = client.assign_standard(BAKER, LEARNER, not_after).await;
        let unit = client.assign_unit((BAKER, BREAD), LEARNER, not_after).await;
        let template = client
            .assign_template(TEMPLATE, OTHER_LEARNER, not_after)
            .await;
        let staff = client.assign_staff(staff, not_after).await;
        let entry = client
            .create_entry(COLLEGE, EntryKind::Placement, &fields, not_after)
            .await;
        vec![
            ("/Standard/31/Assign/20", became(&standard)),
            ("/Unit/41/Assign/20/31", became(&unit)),
            ("/FrameworkTemplate/51/Assign/21/true", became(&template)),
            ("/User/10/Assign", became(&staff)),
            ("/Placement", became(&entry)),
        ]
    })
}

/// How many rows the sandbox holds of what the writes make.
fn made(sandbox: &Sandbox) -> usize {
    let state = sandbox.state();
    let tables = [
        "learningAims",
        "unitSummaries",
        "additionalAssignments",
        "placements",
    ];
    let rows = |table: &&str| state[*table].as_array().unwrap().len();
    tables.iter().map(rows).sum()
}

fn text(key: Key, text: &str) -> Value {
    Value::Text(FieldText::new(key.row().kind, text))
}

#[test]
fn an_assignment_is_sent_once_whatever_the_answer() {
    let before = made(&with(""));
    for (fault, expected, is_made) in [
        ("{ delayMs: 1 }", Became::Done, true),
        ("{ status: 400 }", Became::NotDone, false),
        ("{ status: 403 }", Became::NotDone, false),
        ("{ status: 404 }", Became::NotDone, false),
        ("{ status: 429 }", Became::NotDone, false),
        ("{ status: 401 }", Became::NotDone, false),
        ("{ status: 409 }", Became::Unclear, false),
        ("{ status: 503 }", Became::Unclear, false),
        ("html", Became::Unclear, false),
        ("resetBefore", Became::Unclear, false),
        ("resetAfter", Became::Unclear, true),
        ("failAfter", Became::Unclear, true),
    ] {
        let rules = [
            "/Standard/**",
            "/Unit/**",
            "/FrameworkTemplate/**",
            "/User/*/Assign",
            "/Placement",
        ]
        .map(|path| format!("  - {{ on: POST {path}, do: {fault} }}\n"));
        let sandbox = with(&format!("faults:\n{}", rules.concat()));
        for (path, became) in write_each(&sandbox, None) {
            assert_eq!(became, expected, "{fault}: {path}");
            assert_eq!(sent(&sandbox, path), 1, "{fault}: {path}");
        }
        assert_eq!(made(&sandbox) > before, is_made, "{fault}");
    }
}

#[test]
fn an_assignment_that_is_too_late_is_not_sent() {
    let sandbox = with("");
    let long_ago = Clock::faster(1_000).moment_after(Duration::ZERO);
    for (path, became) in write_each(&sandbox, Some(long_ago)) {
        assert_eq!(became, Became::NotDone, "{path}");
        assert_eq!(sent(&sandbox, path), 0, "{path}");
    }
}

#[test]
fn a_new_aim_is_a_bare_number_and_an_answer_without_one_is_no_failure() {
    for (answer, expected) in [
        ("62", Some(62)),
        ("\"62\"", Some(62)),
        (" 62\n", Some(62)),
        ("{\"ID\": 62}", Some(62)),
        ("", None),
        ("0", None),
        ("\"Assigned\"", None),
    ] {
        let sandbox = with(&format!(
            "faults: [{{ on: POST /Standard/**, do: {{ status: 200, body: {answer:?} }} }}]"
        ));
        let client = connect(&sandbox);
        let aim = sandbox.block_on(client.assign_standard(BAKER, LEARNER, None));
        assert_eq!(aim.unwrap(), expected.map(AimId::new), "{answer}");
    }
}

#[test]
fn a_repeat_of_a_unit_is_done_or_refused_as_the_server_says() {
    for (switch, expected) in [("200", Became::Done), ("400", Became::NotDone)] {
        let sandbox = with(&format!("behaviour: {{ repeatUnit: {switch} }}"));
        let client = connect(&sandbox);
        let assign = || sandbox.block_on(client.assign_unit((BAKER, BREAD), LEARNER, None));
        assert_eq!(became(&assign()), Became::Done, "{switch}");
        assert_eq!(became(&assign()), expected, "{switch}");
    }
}

#[test]
fn further_staff_with_the_wrong_number_in_the_path_are_refused() {
    for (switch, expected) in [("assignee", Became::Done), ("learner", Became::NotDone)] {
        let sandbox = with(&format!("behaviour: {{ assignPath: {switch} }}"));
        let client = connect(&sandbox);
        let staff = AdditionalStaff {
            in_path: AccountId::new(11),
            in_body: LEARNER,
            role: Role::from_api(40).unwrap(),
        };
        let assigned = sandbox.block_on(client.assign_staff(staff, None));
        assert_eq!(became(&assigned), expected, "{switch}");
    }
}

#[test]
fn a_placement_is_created_read_and_updated_field_by_field() {
    for answer in ["200", "204"] {
        let sandbox = with(&format!("behaviour: {{ updateAnswer: {answer} }}"));
        let client = connect(&sandbox);
        let name = text(Key::Name, "Forge");
        let address = text(Key::Address, "2 Low Street");
        let created = [
            (Key::Name, Outgoing::Value(&name)),
            (Key::Address, Outgoing::Value(&address)),
            (Key::Active, Outgoing::Value(&Value::Flag(true))),
        ];
        let kind = EntryKind::Placement;
        let creating = client.create_entry(COLLEGE, kind, &created, None);
        let id = sandbox.block_on(creating).unwrap();
        let renamed = text(Key::Name, "The Forge");
        let fields = [(Key::Name, Outgoing::Value(&renamed))];
        let updating = client.update_entry(kind, id, &fields, None);
        sandbox.block_on(updating).unwrap();
        let entry = sandbox.block_on(client.live_entry(COLLEGE, kind, id));
        let shown = entry.unwrap().unwrap().shown;
        let read = |key: Key| shown.get(key).cloned();
        assert_eq!(read(Key::Name), Some(ObservedValue::Value(renamed.clone())));
        assert_eq!(
            read(Key::Address),
            Some(ObservedValue::Value(address.clone()))
        );
        assert_eq!(
            read(Key::Active),
            Some(ObservedValue::Value(Value::Flag(true)))
        );
        assert!(shown.contains(Key::Fax) && read(Key::Fax).is_none());
        let other = OrganisationId::new(5741);
        assert_eq!(
            sandbox
                .block_on(client.live_entry(other, kind, id))
                .unwrap(),
            None
        );
        let absent = client.live_entry(COLLEGE, kind, EntryId::new(99));
        assert_eq!(sandbox.block_on(absent).unwrap(), None);
    }
}

#[test]
fn a_new_entry_whose_answer_has_no_number_is_unclear() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => (StatusCode::OK, "{}").into_response(),
    });
    let client = server.connect().unwrap();
    let name = text(Key::Name, "Forge");
    let fields = [(Key::Name, Outgoing::Value(&name))];
    let creating = client.create_entry(COLLEGE, EntryKind::Classroom, &fields, None);
    let created = server.runtime.block_on(creating);
    assert_eq!(became(&created), Became::Unclear);
    assert_eq!(server.times("/Classroom"), 1);
}

/// The same fields twice change nothing, so an update may be sent again.
#[test]
fn an_update_of_an_entry_is_sent_again_after_a_failure_that_passes() {
    let sandbox = with("faults: [{ on: POST /Placement/2, when: { nth: 1 }, do: failAfter }]");
    let client = connect(&sandbox);
    let name = text(Key::Name, "Mill Lane");
    let fields = [(Key::Name, Outgoing::Value(&name))];
    let updating = client.update_entry(EntryKind::Placement, EntryId::new(2), &fields, None);
    sandbox.block_on(updating).unwrap();
    assert_eq!(sent(&sandbox, "/Placement/2"), 2);
}
