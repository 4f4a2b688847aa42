//! Answers that are larger than any answer of OneFile can be.

use std::io::Write;

use axum::http::header::CONTENT_ENCODING;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rosterctl::onefile::{AnswerBounds, ClientError, Pace, PassedBound};

use crate::client::{Script, Scripted};

const BOUNDS: AnswerBounds = AnswerBounds {
    bytes: 1024 * 1024,
    rows: 1_000,
    pages: 20,
    values: 100,
    depth: 8,
};

/// What is said of a server whose lists of learners and others answer so.
fn refusal(script: Script) -> ClientError {
    let pace = Pace {
        bounds: BOUNDS,
        calls_per_minute: 0,
        ..Pace::default()
    };
    let server = Scripted::start(script);
    server.fetch_with(pace).unwrap_err()
}

fn passed(script: Script) -> PassedBound {
    match refusal(script) {
        ClientError::TooLarge { bound, .. } => bound,
        other => panic!("{other:?}"),
    }
}

/// The answers that come before a list.
fn before_lists(path: &str) -> Option<Response> {
    match path {
        "/Authentication" => Some("key".into_response()),
        "/Organisation/5740" => Some(r#"{"ID": 5740, "Name": "Example"}"#.into_response()),
        _ => None,
    }
}

fn gzipped(megabytes: usize) -> Response {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..megabytes {
        packed.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    ([(CONTENT_ENCODING, "gzip")], packed.finish().unwrap()).into_response()
}

#[test]
fn an_answer_that_unpacks_to_more_than_it_may_is_dropped() {
    let bound = passed(|path, _| before_lists(path).unwrap_or_else(|| gzipped(8)));
    assert_eq!(bound, PassedBound::Bytes(1024 * 1024));
    let bound = passed(|path, _| match path {
        "/Authentication" => gzipped(2),
        _ => "[]".into_response(),
    });
    assert_eq!(bound, PassedBound::Bytes(1024 * 1024));
    let bound = passed(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => "x".repeat(2 * 1024 * 1024).into_response(),
    });
    assert_eq!(bound, PassedBound::Bytes(1024 * 1024));
}

#[test]
fn a_list_with_more_rows_than_it_may_have_is_dropped() {
    let in_one_answer = passed(|path, _| {
        before_lists(path).unwrap_or_else(|| {
            let rows: Vec<String> = (1..=1_001).map(|id| format!("{{\"ID\":{id}}}")).collect();
            format!("[{}]", rows.join(",")).into_response()
        })
    });
    assert_eq!(in_one_answer, PassedBound::Rows(1_000));
    let over_pages = passed(|path, _| {
        before_lists(path).unwrap_or_else(|| {
            let page: usize = path.split('/').nth(3).unwrap().parse().unwrap();
            let ids = page * 300..page * 300 + 300;
            let rows: Vec<String> = ids.map(|id| format!("{{\"ID\":{id}}}")).collect();
            format!("[{}]", rows.join(",")).into_response()
        })
    });
    assert_eq!(over_pages, PassedBound::Rows(1_000));
}

#[test]
fn a_list_without_an_end_is_given_up() {
    let bound = passed(|path, _| {
        before_lists(path).unwrap_or_else(|| {
            let page = path.split('/').nth(3).unwrap();
            format!("[{{\"ID\":{page}}}]").into_response()
        })
    });
    assert_eq!(bound, PassedBound::Pages(20));
}

#[test]
fn a_row_with_too_many_values_or_levels_is_dropped() {
    let values = passed(|path, _| {
        before_lists(path).unwrap_or_else(|| {
            format!("[{{\"ID\":1,\"More\":[{}0]}}]", "0,".repeat(200)).into_response()
        })
    });
    assert_eq!(values, PassedBound::Values(100));
    let levels = passed(|path, _| {
        before_lists(path).unwrap_or_else(|| {
            format!("[{{\"ID\":1,\"More\":{}{}}}]", "[".repeat(9), "]".repeat(9)).into_response()
        })
    });
    assert_eq!(levels, PassedBound::Depth(8));
    let deep = passed(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => "[".repeat(100_000).into_response(),
    });
    assert_eq!(deep, PassedBound::Depth(8));
}

#[test]
fn a_bound_is_told_in_a_sentence_and_ends_the_reading() {
    let error = refusal(|path, _| before_lists(path).unwrap_or_else(|| gzipped(2)));
    assert!(
        error
            .to_string()
            .ends_with(": the answer is larger than 1 MiB"),
        "{error}"
    );
    assert!(!error.is_outage());
}

#[test]
fn a_college_of_300_000_is_within_the_bounds() {
    let bounds = AnswerBounds::default();
    assert!(bounds.rows >= 300_000 && bounds.pages * 50 >= 300_000);
    // A search row has about 130 bytes, and a whole user about 800.
    assert!(bounds.bytes / 300_000 > 800);
}

#[test]
fn the_bounds_are_those_of_the_docs() {
    let page = std::fs::read_to_string(crate::harness::root().join("docs/onefile-api.md")).unwrap();
    let bounds = AnswerBounds::default();
    for (name, value) in [
        ("bytes of an answer, unpacked", bounds.bytes),
        ("rows of a list, over all its pages", bounds.rows),
        ("pages of a list", bounds.pages),
        ("values of a row", bounds.values),
        ("levels of lists and objects in a row", bounds.depth),
    ] {
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("| {name} |")));
        let digits: String = line
            .unwrap()
            .split('(')
            .next()
            .unwrap()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        assert_eq!(digits, value.to_string(), "{name}");
    }
}
