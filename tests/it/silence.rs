//! Servers that accept a connection and then don't answer, in all the ways there are; and calls that wait when somebody
//! stops the run.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::spawn;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rosterctl::domain::clock::{Clock, Moment};
use rosterctl::domain::field::Key;
use rosterctl::domain::role::Role;
use rosterctl::domain::{AccountId, FieldText, OrganisationId, Value};
use rosterctl::onefile::{Client, ClientError, CreateFailure, Endpoint, Outgoing, Pace};

use crate::client::{Scripted, status};
use crate::harness::{pause, project, root, rosterctl, runtime, transcript};

/// What a server does with the connections that it accepts.
type Behaviour = fn(TcpStream);

/// The base URL of a server that behaves like this, once it has read a request.
fn server(behaviour: Behaviour) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            spawn(move || {
                let mut request = [0; 4096];
                let mut stream = stream;
                if stream.read(&mut request).is_ok() {
                    behaviour(stream);
                }
            });
        }
    });
    base
}

/// Writes a piece until the other side has gone.
fn drip(mut stream: TcpStream, piece: &str) {
    while stream.write_all(piece.as_bytes()).is_ok() {
        pause(Duration::from_millis(20));
    }
}

fn says_nothing(_: TcpStream) {
    pause(Duration::from_mins(2));
}

fn closes(_: TcpStream) {}

fn stalls_in_the_body(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nk");
    says_nothing(stream);
}

fn drips_the_body(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    drip(stream, "k");
}

fn drips_the_header(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ");
    drip(stream, "k");
}

fn continues_for_ever(stream: TcpStream) {
    drip(stream, "HTTP/1.1 100 Continue\r\n\r\n");
}

const SILENT: &[(&str, Behaviour)] = &[
    ("nothing", says_nothing),
    ("closes", closes),
    ("stalls", stalls_in_the_body),
    ("drips the body", drips_the_body),
    ("drips the header", drips_the_header),
    ("continues", continues_for_ever),
];

/// Five seconds take a twentieth of one.
const QUICK: u32 = 100;

/// A client that waits for nothing but an answer, and for that not longer than this.
fn impatient(answer_timeout: Duration) -> Pace {
    Pace {
        opening: Duration::ZERO,
        patience: Duration::ZERO,
        answer_timeout,
        ..Pace::default()
    }
}

/// A machine at work may be slow.
const LONG: Duration = Duration::from_secs(20);

fn connect(server: &Scripted, pace: Pace, clock: Clock) -> Client {
    let endpoint = Endpoint {
        base: server.base.clone(),
        token: "example".into(),
    };
    let connecting = Client::connect(&endpoint, pace, clock);
    server.runtime.block_on(connecting).unwrap()
}

#[test]
fn a_client_that_waits_for_nothing_gives_up_every_silent_server() {
    let runtime = runtime();
    for (name, behaviour) in SILENT {
        let endpoint = Endpoint {
            base: server(*behaviour),
            token: "example".into(),
        };
        let begun = Clock::REAL.moment();
        let connecting = Client::connect(
            &endpoint,
            impatient(Duration::from_millis(200)),
            Clock::faster(QUICK),
        );
        let refused = runtime.block_on(connecting).err().unwrap();
        assert!(
            matches!(refused, ClientError::Away(Some(_))),
            "{name}: {refused:?}"
        );
        assert!(refused.is_outage());
        let took = Clock::REAL.elapsed(begun);
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}

/// An answer in between shows that the service is there: only the call that nobody answers fails.
#[test]
fn a_call_without_an_answer_ends_no_patient_run() {
    let server = Scripted::start(|path, nth| match path {
        "/Authentication" => "key".into_response(),
        "/User/7" if nth == 0 => {
            pause(Duration::from_millis(1_800));
            "late".into_response()
        }
        _ => "{}".into_response(),
    });
    let pace = Pace {
        answer_timeout: Duration::from_millis(1_200),
        ..Pace::default()
    };
    let client = connect(&server, pace, Clock::faster(10));
    server.runtime.block_on(update(&client, None)).unwrap();
    assert_eq!(server.times("/User/7"), 2);
}

/// A session key, and this answer to every other call.
fn after_a_key(path: &str, answer: impl FnOnce() -> Response) -> Response {
    if path == "/Authentication" {
        "key".into_response()
    } else {
        answer()
    }
}

async fn update(client: &Client, not_after: Option<Moment>) -> Result<(), ClientError> {
    let website = Value::Text(FieldText::new(
        Key::Website.row().kind,
        "https://example.ac.uk",
    ));
    let fields = [(Key::Website, Outgoing::Value(&website))];
    client.update(AccountId::new(7), &fields, not_after).await
}

/// The update may have been made, and the report says so.
#[test]
fn an_update_that_nobody_answers_ends_an_impatient_run() {
    let server = Scripted::start(|path, _| {
        after_a_key(path, || {
            pause(Duration::from_secs(2));
            "late".into_response()
        })
    });
    let client = connect(
        &server,
        impatient(Duration::from_millis(1_200)),
        Clock::faster(QUICK),
    );
    let refused = server.runtime.block_on(update(&client, None)).unwrap_err();
    assert!(
        refused.ends_run() && refused.may_have_been_done(),
        "{refused:?}"
    );
}

#[test]
fn a_limit_that_lasts_for_longer_than_the_client_waits_is_given_up() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => (
            StatusCode::TOO_MANY_REQUESTS,
            [("Retry-After", "86400")],
            "",
        )
            .into_response(),
    });
    let client = connect(&server, impatient(LONG), Clock::faster(QUICK));
    let refused = server.runtime.block_on(update(&client, None)).unwrap_err();
    assert!(
        matches!(refused, ClientError::Status { status: 429, .. }) && refused.ends_run(),
        "{refused:?}"
    );
    assert_eq!(server.times("/User/7"), 1);
    // Ten minutes of two minutes each.
    let client = server.connect().unwrap();
    server.runtime.block_on(update(&client, None)).unwrap_err();
    let times = server.times("/User/7") - 1;
    assert!((3..=5).contains(&times), "{times}");
}

/// The minute of the limit is waited for even so: it isn't a fault of the service.
#[test]
fn a_limit_of_a_minute_is_waited_for_by_everybody() {
    let server = Scripted::start(|path, nth| match path {
        "/Authentication" => "key".into_response(),
        _ if nth < 3 => status(429),
        _ => "{}".into_response(),
    });
    let client = connect(&server, impatient(LONG), Clock::faster(QUICK));
    server.runtime.block_on(update(&client, None)).unwrap();
}

#[test]
fn a_fresh_key_that_is_not_known_everywhere_gets_three_more_tries() {
    let server = Scripted::start(|path, nth| match path {
        "/Authentication" => "key".into_response(),
        _ if nth < 3 => status(401),
        _ => "{}".into_response(),
    });
    let client = server.connect().unwrap();
    server.runtime.block_on(update(&client, None)).unwrap();
    assert_eq!(
        (server.times("/Authentication"), server.times("/User/7")),
        (1, 4)
    );
    let unknown = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => status(401),
    });
    let client = unknown.connect().unwrap();
    let refused = unknown.runtime.block_on(update(&client, None)).unwrap_err();
    assert!(
        matches!(refused, ClientError::FreshKeyRefused),
        "{refused:?}"
    );
    assert_eq!(unknown.times("/User/7"), 4);
}

/// A limit of one call a minute, in real time: whatever comes after the first call waits for a minute.
fn at_its_limit(server: &Scripted) -> Client {
    let pace = Pace {
        calls_per_minute: 1,
        ..Pace::default()
    };
    connect(server, pace, Clock::REAL)
}

#[test]
fn what_waits_for_the_limit_when_the_run_is_stopped_is_not_sent() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => r#"{"ID": 7}"#.into_response(),
    });
    let client = at_its_limit(&server);
    let begun = Clock::REAL.moment();
    let stop = client.cancel_token().clone();
    spawn(move || {
        pause(Duration::from_millis(200));
        stop.cancel();
    });
    let (updated, created, read) = server.runtime.block_on(async {
        let organisation = OrganisationId::new(5740);
        tokio::join!(
            update(&client, None),
            client.create(organisation, Role::Iqa, &[], None),
            client.account(organisation, AccountId::new(7)),
        )
    });
    assert!(
        matches!(updated, Err(ClientError::Stopped { .. })),
        "{updated:?}"
    );
    let is_stopped = matches!(
        &created,
        Err(CreateFailure::NotCreated(ClientError::Stopped { .. }))
    );
    assert!(is_stopped, "{created:?}");
    assert!(matches!(read, Err(ClientError::Stopped { .. })));
    assert!(Clock::REAL.elapsed(begun) < Duration::from_secs(5));
    assert_eq!((server.times("/User/7"), server.times("/User")), (0, 0));
}

/// A call whose turn has come is sent only if it changes nothing.
#[test]
fn after_a_stop_nothing_is_changed_and_readings_need_no_wait() {
    let server = Scripted::start(|path, _| match path {
        "/Authentication" => "key".into_response(),
        _ => r#"{"ID": 7, "Role": 1}"#.into_response(),
    });
    let client = server.connect().unwrap();
    client.cancel_token().cancel();
    let (updated, read) = server.runtime.block_on(async {
        let read = client.account(OrganisationId::new(5740), AccountId::new(7));
        tokio::join!(update(&client, None), read)
    });
    assert!(
        matches!(updated, Err(ClientError::Stopped { .. })),
        "{updated:?}"
    );
    assert!(read.unwrap().is_some());
    assert_eq!(server.times("/User/7"), 1);
}

/// Between the search for an account and its create lies so much time that somebody else may have created it.
#[test]
fn a_create_whose_search_is_out_of_date_is_not_sent() {
    let server = Scripted::start(|path, _| after_a_key(path, || r#"{"ID": 7}"#.into_response()));
    let client = connect(&server, Pace::default(), Clock::REAL);
    let create = |until| {
        let organisation = OrganisationId::new(5740);
        let creating = client.create(organisation, Role::Iqa, &[], Some(until));
        server.runtime.block_on(creating)
    };
    let late = create(Clock::REAL.moment());
    let is_late = matches!(
        &late,
        Err(CreateFailure::NotCreated(ClientError::TooLate { .. }))
    );
    assert!(is_late, "{late:?}");
    assert_eq!(server.times("/User"), 0);
    create(Clock::REAL.moment_after(LONG)).unwrap();
    assert_eq!(server.times("/User"), 1);
}

/// A clock that is put back by an hour must not hold a run up for an hour. The time of day is only compared with the server's.
#[test]
fn no_wait_of_the_client_or_the_sandbox_depends_on_the_time_of_day() {
    for folder in ["src/onefile", "src/sandbox/auth.rs"] {
        for entry in walkdir::WalkDir::new(root().join(folder))
            .into_iter()
            .flatten()
        {
            let path = entry.path();
            // `http.rs` compares the clocks, readings say when they were made, and the others read dates.
            let reads_dates = ["http.rs", "answer.rs", "fetch.rs"];
            let is_exempt = reads_dates.iter().any(|file| path.ends_with(file))
                || path
                    .parent()
                    .is_some_and(|folder| folder.ends_with("readings"));
            if entry.file_type().is_file() && !is_exempt {
                let code = std::fs::read_to_string(path).unwrap();
                let is_steady = !code.contains("Timestamp") && !code.contains(".now()");
                assert!(is_steady, "{}", path.display());
            }
        }
    }
}

/// Somebody stops the run while a failed update waits to be tried again: its own failure is what is told.
#[test]
fn a_pause_before_another_try_ends_with_a_stop() {
    static TRIES: AtomicUsize = AtomicUsize::new(0);
    let server = Scripted::start(|path, _| {
        after_a_key(path, || {
            TRIES.fetch_add(1, Ordering::Relaxed);
            status(503)
        })
    });
    let client = Arc::new(connect(&server, Pace::default(), Clock::REAL));
    let stop = client.cancel_token().clone();
    spawn(move || {
        while TRIES.load(Ordering::Relaxed) == 0 {
            pause(Duration::from_millis(10));
        }
        pause(Duration::from_millis(100));
        stop.cancel();
    });
    let refused = server.runtime.block_on(update(&client, None)).unwrap_err();
    assert!(refused.may_have_been_done(), "{refused:?}");
    assert_eq!(TRIES.load(Ordering::Relaxed), 1);
}

/// The command line promises that `--wait 0` ends in under 20 seconds, whatever a server does.
pub fn wait_0_ends_soon_however_a_server_is_silent() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", "users:\n  - { id: 10, role: assessor }\n"),
    ]);
    std::thread::scope(|scope| {
        for (name, behaviour) in SILENT {
            let folder = folder.path();
            scope.spawn(move || {
                let begun = Clock::REAL.moment();
                let said = transcript(
                    rosterctl()
                        .current_dir(folder)
                        .args(["plan", "--wait", "0"])
                        .env("ONEFILE_BASE_URL", server(*behaviour))
                        .env("ONEFILE_CUSTOMER_TOKEN", "example"),
                );
                assert!(said.ends_with("exit 6\n"), "{name}: {said}");
                let took = Clock::REAL.elapsed(begun);
                assert!(took < Duration::from_secs(20), "{name}: {took:?}");
            });
        }
    });
}
