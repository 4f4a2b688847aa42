//! Places are right to the byte: in each text `«»` stand round what the finding has to point at.

use crate::harness::checked;

/// The text without its marks, and the range between them.
fn marked(text: &str) -> (String, std::ops::Range<usize>) {
    let (before, rest) = text.split_once('«').expect("a place is marked");
    let (inside, after) = rest.split_once('»').expect("the place ends");
    (
        format!("{before}{inside}{after}"),
        before.len()..before.len() + inside.len(),
    )
}

#[track_caller]
fn points_at(code: &str, text: &str) {
    let (plain, range) = marked(text);
    let (checked, _) = checked(&[&plain]);
    let places: Vec<_> = checked
        .findings
        .iter()
        .filter(|finding| finding.rule.name == code)
        .map(|finding| finding.span().start as usize..finding.span().end as usize)
        .collect();
    assert_eq!(
        places,
        [range],
        "{code} in {plain:?}: {:?}",
        checked.findings
    );
}

const REST: &str = "role: iqa, firstName: Ann, lastName: Abbotsley, email: ann@example.ac.uk";

#[test]
fn of_values_nested_and_plain() {
    points_at(
        "bad-number",
        "users:\n  - id: 5\n    role: learner\n    placement:\n      id: «0»\n",
    );
    points_at(
        "wrong-kind",
        "users:\n  - { id: 5, role: learner, uln: «9999999999» }\n",
    );
    points_at(
        "unknown-key",
        "users:\n  - { id: 5, role: learner, classroom: { «nam»: x } }\n",
    );
    points_at(
        "empty-value",
        "users:\n  - id: 5\n    role: learner\n    «nino»:\n",
    );
    points_at(
        "empty-value",
        "users:\n  - { id: 5, role: learner, nino: «~» }\n",
    );
    points_at(
        "needs-quotes",
        "users:\n  - { id: 5, role: learner, classroom: { name: «01108» } }\n",
    );
}

#[test]
fn of_several_lines() {
    points_at(
        "bad-email",
        "users:\n  - id: 5\n    role: iqa\n    email: «\"a\n      b\"»\n",
    );
    points_at(
        "missing-field",
        "users:\n  - «id»: 5\n    firstName: |\n      Ann\n      Bea\n",
    );
}

#[test]
fn of_multi_byte_text() {
    points_at(
        "bad-uln",
        "users:\n  - { id: 5, role: learner, firstName: Zoë 😀, uln: «\"12\"» }\n",
    );
    points_at(
        "unknown-word",
        "users:\n  - { id: 5, firstName: Zoë, role: «Prüfer» }\n",
    );
    points_at(
        "duplicate-key",
        "users:\n  - { id: 5, role: iqa, firstName: Ĉ, «firstName»: é }\n",
    );
}

#[test]
fn after_a_byte_order_mark_in_lines_of_any_end() {
    points_at(
        "unknown-word",
        "\u{feff}users:\n  - { id: 5, role: «tutor» }\n",
    );
    points_at(
        "unknown-word",
        "users:\r\n  - id: 5\r\n    role: «tutor»\r\n    firstName: Ann\r\n",
    );
    points_at(
        "bad-day",
        "users:\r\n  - id: 5\r\n    role: iqa # é\r\n    dob: «2007-02-30»\r\n",
    );
    points_at("unknown-key", "\u{feff}# é\r\nusers: []\r\n«user»: []\r\n");
}

#[test]
fn behind_tabs() {
    points_at("unknown-word", "users:\n  - {\tid: 5,\trole:\t«tutor»\t}\n");
    points_at(
        "bad-day",
        "users:\n  - id:\t5\n    role:\tiqa\n    dob:\t«2007-02-30»\t# no such day\n",
    );
}

/// A value stands where it is written, whoever uses it.
#[test]
fn of_anchors_aliases_and_merged_keys() {
    points_at(
        "unknown-word",
        &format!(
            "x-r: &r «tutor»\nusers:\n  - {{ misId: A-1, {} }}\n",
            REST.replace("iqa", "*r")
        ),
    );
    points_at(
        "bad-day",
        &format!("x-b: &b {{ dob: «2007-02-30» }}\nusers:\n  - {{ <<: *b, misId: A-1, {REST} }}\n"),
    );
    points_at(
        "field-not-in-role",
        &format!(
            "x-b: &b {{ «uln»: \"9999999999\" }}\nusers:\n  - {{ <<: [*b], misId: A-1, {REST} }}\n"
        ),
    );
}

#[test]
fn in_the_second_document_of_a_file() {
    points_at(
        "unknown-word",
        "users: []\n---\n# é\nusers:\n  - { id: 5, role: «tutor» }\n",
    );
}

#[test]
fn a_duplicate_shows_both_places_across_files() {
    let user = |mis_id: &str| format!("users:\n  - {{ misId: {mis_id}, {REST} }}\n");
    let (first, second) = (user("A-1"), user("  A-1"));
    let (checked, sources) = checked(&[&first, &second]);
    let twice = checked
        .findings
        .iter()
        .find(|finding| finding.rule.name == "duplicate-user")
        .unwrap();
    let places: Vec<_> = twice
        .labels
        .iter()
        .map(|label| sources.place(label.span).to_string())
        .collect();
    assert_eq!(places, ["users/1.yaml:2", "users/0.yaml:2"]);
    let texts = [&second, &first];
    for (label, text) in twice.labels.iter().zip(texts) {
        assert_eq!(
            &text[label.span.start as usize..label.span.end as usize],
            "A-1"
        );
    }
}
