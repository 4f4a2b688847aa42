//! Which updates and creates may concern somebody else: the rules, each with several inputs.

use rosterctl::domain::field::{Key, Referent};
use rosterctl::domain::role::Role;
use rosterctl::domain::{Account, Directory, DirectoryEntry, IdentityMark, Policy, Scope};
use rosterctl::plan::{HoldReason, Operation, Plan, plan};

use crate::planner::{account, roster, snapshot, text};

/// The fields of one person, as the account shows them or as the manifest declares them.
type Fields<'t> = &'t [(Key, &'t str)];

fn learner(id: i64, fields: Fields<'_>) -> Account {
    let shown: Vec<_> = fields
        .iter()
        .map(|(key, value)| text(*key, value))
        .collect();
    account(id, Role::Learner, &shown)
}

/// A learner's lines in a manifest.
fn declared(fields: Fields<'_>) -> String {
    let mut user = "  - role: learner\n    classroom: Business\n    placement: BT01\n    defaultAssessor: A-000\n"
        .to_owned();
    for (key, value) in fields {
        let quote = if *key == Key::Dob { "" } else { "\"" };
        user += &format!("    {}: {quote}{value}{quote}\n", key.name());
    }
    user
}

fn planned(users: &str, accounts: Vec<Account>) -> Plan {
    let assessor = account(1, Role::Assessor, &[text(Key::MisId, "A-000")]);
    let accounts = std::iter::once(assessor).chain(accounts).collect();
    plan(
        &roster(users),
        &snapshot(accounts),
        &Policy::default(),
        &Scope::whole(),
    )
}

/// The fields that a user has to have, as far as they aren't given.
fn with_rest<'t>(fields: Fields<'t>, rest: Fields<'t>) -> Vec<(Key, &'t str)> {
    let mut all = fields.to_vec();
    all.extend(
        rest.iter()
            .filter(|(key, _)| fields.iter().all(|(known, _)| known != key)),
    );
    all
}

/// The plan for one account with other values. The e-mail address changes, too, unless both have one.
fn plan_of_update(live: Fields<'_>, now: Fields<'_>) -> Plan {
    let rest = [(Key::MisId, "L-7"), (FIRST, "Wren"), (LAST, "Oakhollow")];
    let (live, now) = (with_rest(live, &rest), with_rest(now, &rest));
    let live = with_rest(&live, &[(Key::Email, "former@example.ac.uk")]);
    let now = with_rest(&now, &[(Key::Email, "new@example.ac.uk")]);
    planned(&declared(&now), vec![learner(7, &live)])
}

fn is_another_person(plan: &Plan) -> bool {
    let reasons = plan.held.iter().flat_map(|held| &held.reasons);
    reasons
        .into_iter()
        .any(|reason| matches!(reason, HoldReason::AnotherPerson(_)))
}

const FIRST: Key = Key::FirstName;
const LAST: Key = Key::LastName;

#[test]
fn case_accents_apostrophes_hyphens_and_order_make_nobody_else() {
    for (live, now) in [
        (("Wren", "Oakhollow"), ("WREN", "OAKHOLLOW")),
        (("Siân", "Llŷwdmoor"), ("SIAN", "LLYWDMOOR")),
        (("Sean", "O'Brackenridge"), ("Seán", "O’Brackenridge")),
        (("Jean-Luc", "De La Mare"), ("Jean Luc", "Delamare")),
        (("Hollowell", "Ivo"), ("Ivo", "Hollowell")),
        (("Ze\u{301}lie", "Brie\u{300}re"), ("Zelie", "Briere")),
        (("Mary Ann", "Oakhollow"), ("Mary", "Ann Oakhollow")),
        (("Bjørn", "Strauß"), ("BJORN", "STRAUSS")),
    ] {
        let live = [(FIRST, live.0), (LAST, live.1)];
        let now = [(FIRST, now.0), (LAST, now.1)];
        let planned = plan_of_update(&live, &now);
        assert_eq!(planned.held, [], "{live:?} {now:?}");
        assert_eq!(planned.operations.len(), 1, "{live:?} {now:?}");
    }
}

#[test]
fn texts_that_differ_by_unicode_normalisation_alone_are_equal() {
    let email = (Key::Email, "z@example.ac.uk");
    for (live, now) in [
        ("Zélie", "Ze\u{301}lie"),
        ("Pa\u{301}draig", "Pádraig"),
        ("Nguye\u{302}\u{303}n", "Nguyễn"),
    ] {
        let planned = plan_of_update(&[(FIRST, live), email], &[(FIRST, now), email]);
        let changes = planned.operations.iter().flat_map(Operation::keys);
        assert!(!changes.into_iter().any(|key| key == FIRST), "{live} {now}");
        assert_eq!(planned.held, []);
    }
}

#[test]
fn a_reference_is_found_however_its_accents_were_typed() {
    for (live, written) in [
        ("Pa\u{302}tisserie", "Pâtisserie"),
        ("Café", "Cafe\u{301}"),
        ("Ty\u{302} Coch", "Tŷ Coch"),
    ] {
        let mut seen = snapshot(vec![learner(7, &[(Key::MisId, "L-7")])]);
        let classroom = DirectoryEntry {
            id: 1.into(),
            name: live.to_owned(),
            mis_id: None,
        };
        seen.directory = Directory::new([(Referent::Classroom, vec![classroom])].into());
        let user =
            format!("  - {{ id: 7, misId: L-7, role: learner, classroom: \"{written}\" }}\n");
        let planned = plan(&roster(&user), &seen, &Policy::default(), &Scope::whole());
        assert_eq!(planned.held, [], "{written}");
    }
}

#[test]
fn two_names_that_change_make_somebody_else_unless_something_agrees() {
    let both = [(FIRST, "Wren"), (LAST, "Oakhollow")];
    let others = [(FIRST, "Maeve"), (LAST, "Thistledown")];
    assert!(is_another_person(&plan_of_update(&both, &others)));
    for agreeing in [
        &[(Key::Uln, "1000012343")][..],
        &[(Key::Email, "w@example.ac.uk"), (Key::Dob, "2006-03-14")],
    ] {
        let live = [&both[..], agreeing].concat();
        let now = [&others[..], agreeing].concat();
        assert_eq!(plan_of_update(&live, &now).held, [], "{agreeing:?}");
    }
    for agreeing in [
        &[(Key::Uln, "9999999999")][..],
        &[(Key::Email, "w@example.ac.uk")],
        &[(Key::Dob, "2006-03-14")],
        &[(Key::MobileNumber, "07700 900123")],
    ] {
        let live = [&both[..], agreeing].concat();
        let now = [&others[..], agreeing].concat();
        assert!(
            is_another_person(&plan_of_update(&live, &now)),
            "{agreeing:?}"
        );
    }
}

#[test]
fn a_changed_date_of_birth_or_nino_with_a_changed_name_is_excused_by_nothing() {
    let same = [(Key::Uln, "1000012343"), (Key::Email, "w@example.ac.uk")];
    for (was, is) in [
        (
            [(LAST, "Oakhollow"), (Key::Dob, "2006-03-14")],
            [(LAST, "Thistledown"), (Key::Dob, "2007-03-14")],
        ),
        (
            [(FIRST, "Wren"), (Key::Nino, "QQ123456C")],
            [(FIRST, "Maeve"), (Key::Nino, "QQ123456D")],
        ),
        (
            [(Key::Dob, "2006-03-14"), (Key::Nino, "QQ123456C")],
            [(Key::Dob, "2006-04-14"), (Key::Nino, "QQ654321C")],
        ),
    ] {
        let live = [&was[..], &same].concat();
        let now = [&is[..], &same].concat();
        assert!(
            is_another_person(&plan_of_update(&live, &now)),
            "{was:?} {is:?}"
        );
    }
}

#[test]
fn either_of_two_people_may_say_that_they_share_an_address() {
    const FAMILY: &str = "family@example.ac.uk";
    let wren = |email: &'static str| {
        [
            (Key::MisId, "L-1"),
            (FIRST, "Wren"),
            (LAST, "Oakhollow"),
            (Key::Email, email),
        ]
    };
    let tove = [
        (Key::MisId, "L-2"),
        (FIRST, "Tove"),
        (LAST, "Eddlestone"),
        (Key::Email, FAMILY),
    ];
    for (here, there, is_answered) in [
        ("", "", false),
        ("    distinctFrom: [12]\n", "", true),
        ("", "    distinctFrom: [11]\n", true),
    ] {
        let users = declared(&wren(FAMILY)) + here + &declared(&tove) + there;
        let accounts = vec![learner(11, &wren("wren@example.ac.uk")), learner(12, &tove)];
        let plan = planned(&users, accounts);
        let updated: Vec<i64> = plan.updates().map(|update| update.account.get()).collect();
        assert_eq!(updated == [11], is_answered, "{users}{:?}", plan.held);
    }
}

#[test]
fn another_way_to_write_a_number_is_no_change_of_it() {
    let live = [(LAST, "Oakhollow"), (Key::Nino, "qq 12 34 56 c")];
    let now = [(LAST, "Thistledown"), (Key::Nino, "QQ123456C")];
    assert!(!is_another_person(&plan_of_update(&live, &now)));
}

/// The marks by which one account, or one other declared user, holds the only user on hold who would be created.
fn marks_that_hold(plan: &Plan) -> Vec<IdentityMark> {
    match plan.held.first().map(|held| &held.reasons[..]) {
        Some([HoldReason::MayExist { accounts, .. }]) => accounts[0].same.clone(),
        Some([HoldReason::AlsoDeclared { same, .. }]) => vec![*same],
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_first_name_is_not_told_again_beside_a_mark_that_includes_it() {
    const WREN: Fields<'_> = &[
        (Key::MisId, "L-7"),
        (FIRST, "Wren"),
        (LAST, "Oakhollow"),
        (Key::Dob, "2007-03-14"),
        (Key::Email, "wren@example.ac.uk"),
        (Key::MobileNumber, "07700900123"),
    ];
    let renamed = (LAST, "Thistledown");
    let other_address = (Key::Email, "somebody@example.com");
    let other_number = (Key::MobileNumber, "07700900456");
    let cases: [(Fields<'_>, &[IdentityMark]); 4] = [
        (
            &[renamed, other_address],
            &[IdentityMark::FirstNameBirthAndMobile],
        ),
        (&[other_address], &[IdentityMark::Name]),
        (&[], &[IdentityMark::Name, IdentityMark::Email]),
        (
            &[renamed, other_number],
            &[IdentityMark::Email, IdentityMark::FirstNameBirthAndMailbox],
        ),
    ];
    for (differing, marks) in cases {
        let mut live = with_rest(differing, WREN);
        live.retain(|(key, _)| *key != Key::MisId);
        let plan = planned(&declared(WREN), vec![learner(7, &live)]);
        assert_eq!(marks_that_hold(&plan), marks, "{differing:?}");
    }
}

#[test]
fn a_date_of_birth_is_told_beside_the_name_only_if_both_users_declare_the_same() {
    let user = |mis_id: &'static str, email: &'static str, dob: &'static str| {
        let mut fields = vec![(Key::MisId, mis_id), (FIRST, "Wren"), (LAST, "Oakhollow")];
        fields.push((Key::Email, email));
        fields.extend((!dob.is_empty()).then_some((Key::Dob, dob)));
        declared(&fields)
    };
    for (one, other, mark) in [
        ("2007-03-14", "2007-03-14", IdentityMark::NameAndBirth),
        ("2007-03-14", "", IdentityMark::Name),
        ("", "2007-03-14", IdentityMark::Name),
        ("", "", IdentityMark::Name),
    ] {
        let users =
            user("L-1", "one@example.ac.uk", one) + &user("L-2", "two@example.ac.uk", other);
        let plan = planned(&users, Vec::new());
        assert_eq!(marks_that_hold(&plan), [mark], "{one:?} {other:?}");
    }
}
