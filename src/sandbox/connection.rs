//! Connections: takes them in, applies the faults that a call is struck by, and lets go of them in the end. A reset is a
//! connection that closes without an answer, which is why this stands below the routes and not among them.

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
use tokio::sync::oneshot;

use crate::sandbox::fault::InjectedFault;
use crate::sandbox::request::{ApiRequest, LoggedRequest};
use crate::sandbox::{BASE_PATH, SandboxShared, control, routes};

/// The largest body that is read, in bytes: a whole state, at most.
const LARGEST_BODY: usize = 1 << 28;
/// How many requests the log holds; then it begins anew, so that a server may run for weeks.
const LONGEST_LOG: usize = 100_000;
/// How much later than asked a timer ends, and an answer arrives, on average.
const LATE: Duration = Duration::from_millis(1);
/// How long answers under way have to end once the server is told to stop, besides what they were meant to take.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// The connection is to be closed without an answer.
#[derive(Debug, Error)]
#[error("the connection is reset")]
struct ConnectionReset;

pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<SandboxShared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    let slowest = || shared.behaviour.latency + shared.data().faults.longest_delay() + LAST_ANSWERS;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // An error says that the sender is gone, which means the same.
            _ = &mut stopped => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of handles, as a rule: some will be free in a moment.
            shared.clock.sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let handlers = Arc::clone(&shared);
        let service = service_fn(move |request| answer(Arc::clone(&handlers), peer, request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        // A connection that fails is the client's to notice.
        tokio::spawn(async move { drop(watched.await) });
    }
    drop(listener);
    let _ = tokio::time::timeout(slowest(), graceful.shutdown()).await;
}

async fn answer(
    shared: Arc<SandboxShared>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, ConnectionReset> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(Body::new(body), LARGEST_BODY).await else {
        return Ok(routes::message(
            StatusCode::BAD_REQUEST,
            "The body can't be read",
        ));
    };
    (shared.on_request)(&format!("{} {}", parts.method, parts.uri.path()));
    let asked = ApiRequest::read(parts, body);
    if asked
        .segments
        .first()
        .is_some_and(|first| first == "_sandbox")
    {
        return Ok(blocking(|| control::answer(&shared, peer, &asked)));
    }
    call(&shared, &asked).await
}

/// A call of the API.
async fn call(shared: &SandboxShared, asked: &ApiRequest) -> Result<Response, ConnectionReset> {
    let Some(path) = asked.below(BASE_PATH) else {
        return Ok(routes::message(StatusCode::NOT_FOUND, "Not found"));
    };
    let faults = {
        let mut data = shared.data();
        if data.log.len() == LONGEST_LOG {
            data.log.clear();
        }
        data.log.push(LoggedRequest::of(asked));
        data.faults.strike(&asked.method, &path)
    };
    shared
        .clock
        .sleep(shared.behaviour.latency.saturating_sub(LATE))
        .await;
    for fault in &faults {
        match fault {
            InjectedFault::Delay(wait) => shared.clock.sleep(*wait).await,
            InjectedFault::ResetBefore => return Err(ConnectionReset),
            InjectedFault::Html => {
                return Ok(Html("<html><body>Down for maintenance</body></html>").into_response());
            }
            InjectedFault::Status { code, body } => return Ok(status(*code, body.as_deref())),
            InjectedFault::EndSession => shared.data().gate.end_session(asked.session()),
            _ => {}
        }
    }
    let answer = blocking(|| routes::answer(shared, asked, &path, &faults));
    if faults.contains(&InjectedFault::ResetAfter) {
        return Err(ConnectionReset);
    }
    if faults.contains(&InjectedFault::FailAfter) {
        return Ok(status(500, None));
    }
    Ok(spoiled(answer, &faults).await)
}

/// Writes go to disk in here, so that the thread may wait for them.
fn blocking(work: impl FnOnce() -> Response) -> Response {
    tokio::task::block_in_place(work)
}

fn status(code: u16, body: Option<&str>) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, body.unwrap_or_default().to_owned()).into_response()
}

/// An answer that doesn't arrive as it was meant.
async fn spoiled(answer: Response, faults: &[InjectedFault]) -> Response {
    if !faults.contains(&InjectedFault::Cut) && !faults.contains(&InjectedFault::BrokenJson) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = body.slice(..body.len() / 2);
    if faults.contains(&InjectedFault::BrokenJson) {
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(half));
    }
    let pieces: [Result<Bytes, ConnectionReset>; 2] = [Ok(half), Err(ConnectionReset)];
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}
