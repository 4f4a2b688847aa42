//! Values are changed in place: what else stands in a file stays byte for byte, and what was written is read back.

use jiff::civil::date;
use rosterctl::domain::field::Key;
use rosterctl::domain::{EntryId, FieldText, Reference, Value};
use rosterctl::findings::source::Sources;
use rosterctl::manifest;
use rosterctl::manifest::edit::{YamlEditor, apply};

fn text(key: Key, text: &str) -> Value {
    Value::Text(FieldText::new(key.row().kind, text))
}

fn named(name: &str) -> Value {
    Value::Reference(Reference::Named(name.into()))
}

/// Where each user of a manifest begins.
fn starts(text: &str) -> Vec<usize> {
    let mut sources = Sources::default();
    let file = sources.add("users/a.yaml", text.to_owned());
    let (documents, findings) = manifest::parse(file, text);
    assert!(findings.is_empty(), "{findings:?}");
    let users = documents
        .iter()
        .filter_map(|document| document.get("users"));
    users
        .flat_map(|users| users.value.items())
        .map(|user| user.span.start as usize)
        .collect()
}

/// The manifest with a field of its last user set.
fn with(before: &str, key: Key, value: &Value) -> String {
    let start = *starts(before).last().unwrap();
    let edits = YamlEditor::new(before).set(start, key, value).unwrap();
    apply(before, edits).unwrap().text
}

/// A manifest of one user, the lines of whose mapping are these.
fn manifest(lines: &str) -> String {
    format!("# staff\nusers:\n  - misId: L-1 # the first\n{lines}    role: learner\n")
}

#[track_caller]
fn check(lines: &str, key: Key, value: &Value, expected: &str) {
    assert_eq!(
        with(&manifest(lines), key, value),
        manifest(expected),
        "{lines}"
    );
}

#[test]
fn a_scalar_is_replaced_in_its_own_style() {
    let key = Key::LastName;
    for (before, to, after) in [
        ("lastName: Khan # new", "Obi", "lastName: Obi # new"),
        ("lastName:   Khan", "O'Neill", "lastName:   O'Neill"),
        ("lastName: 'Khan'", "O'Neill", "lastName: 'O''Neill'"),
        ("lastName: \"Khan\"", "Obi", "lastName: \"Obi\""),
        ("lastName: Khan", "no", "lastName: \"no\""),
        ("lastName: Khan", "Null", "lastName: \"Null\""),
        ("lastName: Khan", "007", "lastName: \"007\""),
        ("lastName: Khan", "1e3", "lastName: \"1e3\""),
        ("lastName: Khan", "12:30", "lastName: \"12:30\""),
        ("lastName: Khan", "2026-01-01", "lastName: \"2026-01-01\""),
        ("lastName: Khan", "a: b", "lastName: \"a: b\""),
        ("lastName: Khan", "a:", "lastName: \"a:\""),
        ("lastName: Khan", "a #b", "lastName: \"a #b\""),
        ("lastName: Khan", "a#b", "lastName: a#b"),
        ("lastName: Khan", "@home", "lastName: \"@home\""),
        ("lastName: Khan", "*x", "lastName: \"*x\""),
        ("lastName: Khan", "- x", "lastName: \"- x\""),
        ("lastName: Khan", "a\"b\\c", "lastName: a\"b\\c"),
        ("lastName: \"Khan\"", "a\"b\\c", "lastName: \"a\\\"b\\\\c\""),
        (
            "lastName: Khan",
            "Zoë Ní Mháille",
            "lastName: Zoë Ní Mháille",
        ),
        ("lastName: Khan", "a\u{2028}b", "lastName: \"a\\u2028b\""),
        ("\"lastName\": Khan", "Obi", "\"lastName\": Obi"),
        ("lastName: !!str 007", "008", "lastName: !!str \"008\""),
        ("lastName:\n      Khan", "Obi", "lastName:\n      Obi"),
        ("lastName: Khan\n      Shah", "Obi", "lastName: Obi"),
        ("lastName: \"Khan\n      Shah\"", "Obi", "lastName: \"Obi\""),
    ] {
        let line = |line: &str| format!("    {line}\n");
        check(&line(before), key, &text(key, to), &line(after));
    }
}

#[test]
fn an_address_is_written_without_quotes_where_it_was_so() {
    let value = text(Key::Email, "ivo@example.ac.uk");
    check(
        "    email: ann@example.ac.uk\n",
        Key::Email,
        &value,
        "    email: ivo@example.ac.uk\n",
    );
}

#[test]
fn a_block_of_lines_stays_one() {
    let key = Key::HomeAddress;
    for (before, to, after) in [
        (
            "homeAddress: |\n      1 High St\n      Town\n",
            "2 Low St\nCity\nZZ1 1ZZ",
            "homeAddress: |\n      2 Low St\n      City\n      ZZ1 1ZZ\n",
        ),
        (
            "homeAddress: | # note\n      1 High St\n",
            "2 Low St",
            "homeAddress: | # note\n      2 Low St\n",
        ),
        (
            "homeAddress: >-\n      1 High St\n      Town\n\n",
            "2 Low St",
            "homeAddress: >-\n      2 Low St\n\n",
        ),
        (
            "homeAddress: >\n      1 High St\n      Town\n",
            "2 Low St\nCity",
            "homeAddress: |\n      2 Low St\n      City\n",
        ),
        (
            "homeAddress: |2\n      1 High St\n",
            "2 Low St\nCity",
            "homeAddress: \"2 Low St\\nCity\"\n",
        ),
        (
            "homeAddress: |\n      1 High St\n",
            "2 Low St\n\nCity",
            "homeAddress: |\n      2 Low St\n\n      City\n",
        ),
        (
            "homeAddress: |\n      1 High St\n",
            "2\u{7f}",
            "homeAddress: \"2\\u007f\"\n",
        ),
        (
            "homeAddress: 1 High St\n",
            "2 Low St\nCity",
            "homeAddress: \"2 Low St\\nCity\"\n",
        ),
        (
            "homeAddress: |\n      1 High St\n    # next\n",
            "2 Low St",
            "homeAddress: |\n      2 Low St\n    # next\n",
        ),
    ] {
        let line = |line: &str| format!("    {line}");
        check(&line(before), key, &text(key, to), &line(after));
    }
}

#[test]
fn days_and_references_keep_the_form_that_the_file_uses() {
    let id = Value::Reference(Reference::Id(EntryId::new(77)));
    let mis_id = Value::Reference(Reference::MisId("BT02".into()));
    let name = Value::Reference(Reference::Name("Care: level 2".into()));
    let day = Value::Day(date(2027, 2, 1));
    for (key, before, to, after) in [
        (
            Key::StartOn,
            "startOn: 2026-09-01 # term\n",
            &day,
            "startOn: 2027-02-01 # term\n",
        ),
        (
            Key::StartOn,
            "startOn: \"2026-09-01\"\n",
            &day,
            "startOn: \"2027-02-01\"\n",
        ),
        (
            Key::Placement,
            "placement: { id: 5 } # a\n",
            &id,
            "placement: { id: 77 } # a\n",
        ),
        (
            Key::Placement,
            "placement: {misId: BT01}\n",
            &mis_id,
            "placement: {misId: BT02}\n",
        ),
        (
            Key::Placement,
            "placement:\n      misId: 'BT01' # b\n",
            &mis_id,
            "placement:\n      misId: 'BT02' # b\n",
        ),
        (
            Key::Placement,
            "placement: { misId: BT01 }\n",
            &id,
            "placement: { id: 77 }\n",
        ),
        (
            Key::Placement,
            "placement: { name: Care }\n",
            &name,
            "placement: { name: \"Care: level 2\" }\n",
        ),
        (
            Key::Placement,
            "placement: BT01\n",
            &id,
            "placement: { id: 77 }\n",
        ),
        (
            Key::Placement,
            "placement: BT01\n",
            &named("15379"),
            "placement: \"15379\"\n",
        ),
        (
            Key::Placement,
            "placement: { id: 5 }\n",
            &named("BT01"),
            "placement: BT01\n",
        ),
    ] {
        let line = |line: &str| format!("    {line}");
        check(&line(before), key, to, &line(after));
    }
}

#[test]
fn a_key_that_the_user_does_not_have_is_added_in_the_column_of_the_others() {
    let room = named("Room: 2");
    for (before, after) in [
        (
            "users:\n- misId: L-1\n",
            "users:\n- misId: L-1\n  classroom: \"Room: 2\"\n",
        ),
        (
            "users:\n  -   misId: L-1 # a\n      role: learner # b\n\n  # c\n",
            "users:\n  -   misId: L-1 # a\n      role: learner # b\n      classroom: \"Room: 2\"\n\n  # c\n",
        ),
        (
            "users:\n  - misId: L-1\n  - misId: L-2",
            "users:\n  - misId: L-1\n  - misId: L-2\n    classroom: \"Room: 2\"",
        ),
        (
            "users:\r\n  - misId: L-1\r\n    role: learner",
            "users:\r\n  - misId: L-1\r\n    role: learner\r\n    classroom: \"Room: 2\"",
        ),
        (
            "users:\n  -\n    misId: L-1\n    homeAddress: |\n      a\n\n",
            "users:\n  -\n    misId: L-1\n    classroom: \"Room: 2\"\n    homeAddress: |\n      a\n\n",
        ),
        (
            "users:\n  - {misId: L-1, role: learner}\n",
            "users:\n  - {misId: L-1, role: learner, classroom: \"Room: 2\"}\n",
        ),
        (
            "users: [{misId: L-1,\n  role: learner, # a\n  }]\n",
            "users: [{misId: L-1,\n  role: learner, classroom: \"Room: 2\", # a\n  }]\n",
        ),
        (
            "\u{feff}users:\n- misId: L-1\n",
            "\u{feff}users:\n- misId: L-1\n  classroom: \"Room: 2\"\n",
        ),
        (
            "x-a: &a { role: learner }\nusers:\n  - <<: *a\n    misId: L-1\n",
            "x-a: &a { role: learner }\nusers:\n  - <<: *a\n    misId: L-1\n    classroom: \"Room: 2\"\n",
        ),
        (
            "x-a: &a { classroom: C }\nusers:\n  - &u\n    misId: L-1\n    <<: *a\n",
            "x-a: &a { classroom: C }\nusers:\n  - &u\n    misId: L-1\n    <<: *a\n    classroom: \"Room: 2\"\n",
        ),
        (
            "---\nusers:\n  - misId: L-0\n---\nusers:\n  - misId: L-1\n...\n",
            "---\nusers:\n  - misId: L-0\n---\nusers:\n  - misId: L-1\n    classroom: \"Room: 2\"\n...\n",
        ),
    ] {
        assert_eq!(with(before, Key::Classroom, &room), after);
    }
}

#[test]
fn an_alias_is_replaced_and_what_it_stands_for_stays() {
    let before = "x-room: &room Room 1\nusers:\n  - misId: L-1\n    classroom: *room # a\n";
    let after = "x-room: &room Room 1\nusers:\n  - misId: L-1\n    classroom: Room 2 # a\n";
    assert_eq!(with(before, Key::Classroom, &named("Room 2")), after);
    let before = "x-room: &room Room 1\nusers:\n  - { misId: L-1, classroom: *room }\n";
    let after = "x-room: &room Room 1\nusers:\n  - { misId: L-1, classroom: Room 2 }\n";
    assert_eq!(with(before, Key::Classroom, &named("Room 2")), after);
}

#[test]
fn within_brackets_more_is_quoted() {
    for (to, written) in [
        ("a, b", "\"a, b\""),
        ("a] b", "\"a] b\""),
        ("a} b", "\"a} b\""),
        ("a b", "a b"),
    ] {
        let before = "users:\n  - { misId: L-1, lastName: Khan, role: learner }\n";
        let after = before.replace("Khan", written);
        assert_eq!(with(before, Key::LastName, &text(Key::LastName, to)), after);
    }
}
