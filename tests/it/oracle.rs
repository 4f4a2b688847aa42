//! `serde_yaml` as an oracle: where both readers accept a text, they see the same values. They differ by design in plain
//! scalars that YAML readers disagree on (`+44…`, `0x1F`, `1e3`): to us those are text that wants quotes.

use proptest::prelude::*;
use rosterctl::findings::source::Sources;
use rosterctl::manifest::tree::node::{Node, NodeData};
use rosterctl::manifest::tree::scalar::is_misread;
use rosterctl::manifest::yaml;
use serde_yaml::Value;

use crate::harness::cases_of_property;

fn ours(text: &str) -> Option<Node<'_>> {
    let mut sources = Sources::default();
    let file = sources.add("oracle.yaml", text.to_owned());
    let (mut documents, findings) = yaml::parse(file, text);
    (findings.is_empty() && documents.len() == 1).then(|| documents.remove(0))
}

/// Whether both see the same, but for plain text that we say wants quotes.
fn agree(ours: &Node, theirs: &Value) -> bool {
    match (&ours.data, theirs) {
        (NodeData::Text(text), _) if ours.is_plain && is_misread(text) => true,
        (NodeData::Null, Value::Null) => true,
        (NodeData::Flag(ours), Value::Bool(theirs)) => ours == theirs,
        (NodeData::Integer(ours), Value::Number(theirs)) => theirs.as_i64() == Some(*ours),
        (NodeData::Text(text), Value::String(theirs)) => **text == **theirs,
        (NodeData::List(ours), Value::Sequence(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(ours, theirs)| agree(ours, theirs))
        }
        (NodeData::Map(ours), Value::Mapping(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(entry, (key, value))| {
                    same_key(&entry.key.value, key) && agree(&entry.value, value)
                })
        }
        _ => false,
    }
}

/// Keys are text to us, as they are written.
fn same_key(ours: &str, theirs: &Value) -> bool {
    theirs.as_str().is_none_or(|theirs| theirs == ours)
}

#[test]
fn the_example_is_read_alike() {
    for path in [
        "users/staff.yaml",
        "users/partners.yaml",
        "users/learners/business.yaml",
        "users/learners/health.yaml",
        "sandbox.yaml",
    ] {
        let text =
            std::fs::read_to_string(crate::harness::root().join("examples/college").join(path))
                .unwrap();
        let theirs: Value = serde_yaml::from_str(&text).unwrap();
        assert!(agree(&ours(&text).unwrap(), &theirs), "{path}");
    }
}

#[test]
fn where_the_readers_differ_by_design_quotes_are_asked_for() {
    // A line separator breaks lines in YAML 1.1 alone.
    let separator = "k: \u{2028}";
    assert!(!agree(
        &ours(separator).unwrap(),
        &serde_yaml::from_str(separator).unwrap()
    ));
    for text in ["+447700900123", "0x1F", "0o17", "1e3", "1.5", ".inf", "+1"] {
        let (ours, theirs) = (
            ours(text).unwrap(),
            serde_yaml::from_str::<Value>(text).unwrap(),
        );
        assert!(ours.is_plain && theirs.is_number(), "{text}");
        assert!(is_misread(text), "{text}");
    }
}

/// A scalar as somebody may write it: plain, quoted either way, or as a block.
fn scalars() -> impl Strategy<Value = String> {
    let traps = prop::sample::select(vec![
        "",
        "~",
        "null",
        "true",
        "False",
        "no",
        "NO",
        "on",
        "0",
        "-0",
        "007",
        "01108",
        "12",
        "-5",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999",
        "1e3",
        "1.5",
        ".5",
        "0x1F",
        "0o17",
        "0b1",
        "1_000",
        "12:30",
        "+44",
        "2026-09-01",
        "2026-09-01T10:00:00Z",
        ".inf",
        "-.INF",
        ".nan",
        "=",
        "<<",
        "L-0001",
        "a b",
        "O'Neill",
        "é",
        "😀",
        "- ",
        "a: b",
        "a #b",
        "@",
        "%x",
        "\"",
        "&a",
        "*a",
        "!x",
        "?",
        ":",
        "{",
        "[",
        "x: ",
        "-1.0e-5",
        "1.",
        "1e",
        "0_1",
        "0x",
        "+",
        "e5",
        "Infinity",
        "NaN",
    ]);
    // Without `&`, `*` and `!`: which names anchors and tags may have is not the same in YAML 1.1 and 1.2.
    let words = "[ \"-%'()+-~éß]{0,12}";
    let text = prop_oneof![3 => traps.prop_map(str::to_owned), 1 => words.prop_map(|text| text)];
    (text, 0..4).prop_map(|(text, style)| match style {
        0 => text,
        1 => format!("'{}'", text.replace('\'', "''")),
        2 => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        _ => format!("|-\n      {text}\n"),
    })
}

proptest! {
    #![proptest_config(cases_of_property(4000))]

    #[test]
    fn both_readers_see_the_same_values(values in prop::collection::vec(scalars(), 1..6), as_list in any::<bool>()) {
        let line = |(at, value): (usize, &String)| if as_list { format!("    - {value}\n") } else { format!("    k{at}: {value}\n") };
        let text = format!("users:\n{}", values.iter().enumerate().map(line).collect::<String>());
        if let (Some(ours), Ok(theirs)) = (ours(&text), serde_yaml::from_str::<Value>(&text)) {
            prop_assert!(agree(&ours, &theirs), "{text}\n{ours:?}\n{theirs:?}");
        }
    }
}
