//! Connections: accepts them, applies the faults that strike a call, and closes them in the end. A reset closes the connection
//! without an answer, which a route can't do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::sandbox::fault::InjectedFault;
use crate::sandbox::request::{ApiRequest, LoggedRequest};
use crate::sandbox::response::message;
use crate::sandbox::{BASE_PATH, SandboxShared, control, routes};

/// The largest body that is read, in bytes. A whole state of 100,000 users has less than half of that.
const LARGEST_BODY: usize = 1 << 28;
/// How many requests the log holds. A full log is emptied, so that a server can run for weeks.
const LONGEST_LOG: usize = 100_000;
/// How much later than asked a timer fires and an answer arrives, on average. It is taken off the latency.
const TIMER_LAG: Duration = Duration::from_millis(1);
/// How long the answers under way may take once the server is stopping, beyond latency and delays.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// The pause after a connection that can't be accepted. Mostly there are no file handles left, and some are freed soon.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connection is to be closed without an answer.
#[derive(Debug, Error)]
#[error("the connection is reset")]
struct ConnectionReset;

/// Accepts connections until it is told to stop, and then finishes the answers under way.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<SandboxShared>,
    stop: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, peer)) = accepted else {
            shared.clock.sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Otherwise the end of an answer may wait for the client to acknowledge its beginning.
        let _ = stream.set_nodelay(true);
        let handlers = Arc::clone(&shared);
        let service = service_fn(move |request| answer(Arc::clone(&handlers), peer, request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        // The client notices a connection that fails; there is nothing to do about it here.
        tokio::spawn(async move { drop(watched.await) });
    }
    drop(listener);
    let longest_delay = shared.data().faults.longest_delay();
    let slowest = shared.behaviour.latency + longest_delay + LAST_ANSWERS;
    let _ = tokio::time::timeout(slowest, graceful.shutdown()).await;
}

async fn answer(
    shared: Arc<SandboxShared>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, ConnectionReset> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(Body::new(body), LARGEST_BODY).await else {
        let words = "The body can't be read";
        return Ok(message(StatusCode::BAD_REQUEST, words));
    };
    (shared.on_request)(&format!("{} {}", parts.method, parts.uri.path()));
    let request = ApiRequest::read(parts, body);
    if request.is_control_call() {
        return Ok(blocking(|| control::answer(&shared, peer, &request)));
    }
    answer_call(&shared, &request).await
}

/// Answers a call of the API, with the faults that strike it.
async fn answer_call(
    shared: &SandboxShared,
    request: &ApiRequest,
) -> Result<Response, ConnectionReset> {
    let Some(path) = request.below(BASE_PATH) else {
        return Ok(message(StatusCode::NOT_FOUND, "Not found"));
    };
    let faults = log_and_strike(shared, request, &path);
    let latency = shared.behaviour.latency.saturating_sub(TIMER_LAG);
    shared.clock.sleep(latency).await;
    for fault in &faults {
        if let Some(early) = strike_before(shared, request, fault).await {
            return early;
        }
    }
    let answer = blocking(|| routes::answer(shared, request, &path, &faults));
    if faults.contains(&InjectedFault::ResetAfter) {
        return Err(ConnectionReset);
    }
    if faults.contains(&InjectedFault::FailAfter) {
        return Ok(status(500, None));
    }
    Ok(spoiled(answer, &faults).await)
}

fn log_and_strike(
    shared: &SandboxShared,
    request: &ApiRequest,
    path: &[&str],
) -> Vec<InjectedFault> {
    let mut data = shared.data();
    if data.log.len() == LONGEST_LOG {
        data.log.clear();
    }
    data.log.push(LoggedRequest::of(request));
    data.faults.strike(&request.method, path)
}

/// Applies a fault that comes before the work. `Some` if the work isn't done.
async fn strike_before(
    shared: &SandboxShared,
    request: &ApiRequest,
    fault: &InjectedFault,
) -> Option<Result<Response, ConnectionReset>> {
    match fault {
        InjectedFault::Delay(wait) => shared.clock.sleep(*wait).await,
        InjectedFault::EndSession => shared.data().gate.end_session(request.session()),
        InjectedFault::ResetBefore => return Some(Err(ConnectionReset)),
        InjectedFault::Html => {
            let page = "<html><body>Down for maintenance</body></html>";
            return Some(Ok(Html(page).into_response()));
        }
        InjectedFault::Status { code, body } => return Some(Ok(status(*code, body.as_deref()))),
        // These strike during the work or after it.
        InjectedFault::ResetAfter
        | InjectedFault::FailAfter
        | InjectedFault::Cut
        | InjectedFault::BrokenJson
        | InjectedFault::LoseWrite
        | InjectedFault::IgnoreField(_)
        | InjectedFault::HideCreated(_)
        | InjectedFault::RepeatRow
        | InjectedFault::SkipRow
        | InjectedFault::BlankUnsent => {}
    }
    None
}

/// Runs work that writes to disk, and tells the runtime that the thread will wait for it.
fn blocking(work: impl FnOnce() -> Response) -> Response {
    tokio::task::block_in_place(work)
}

fn status(code: u16, body: Option<&str>) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, body.unwrap_or_default().to_owned()).into_response()
}

/// The answer after the faults that damage its body.
async fn spoiled(answer: Response, faults: &[InjectedFault]) -> Response {
    if !faults.contains(&InjectedFault::Cut) && !faults.contains(&InjectedFault::BrokenJson) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .expect("our own answers are in memory");
    let half = body.slice(..body.len() / 2);
    if faults.contains(&InjectedFault::BrokenJson) {
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(half));
    }
    let pieces: [Result<Bytes, ConnectionReset>; 2] = [Ok(half), Err(ConnectionReset)];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}
