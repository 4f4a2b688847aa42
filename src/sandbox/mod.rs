//! An emulator of the OneFile API for tests, demonstrations and rehearsals: a real server with data that outlives it.
//! Its wire types are its own, written from `onefile-api.md`, so that a misreading by the client can't pass on both
//! sides. Control calls live under `/_sandbox/`.

mod request;
mod routes;
mod seed;
mod state;
mod store;
mod table;

pub use crate::sandbox::seed::seed;
pub use crate::sandbox::state::State;
pub use crate::sandbox::store::{Store, StoreError};

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::sandbox::request::Logged;

/// The customer token that is always good.
pub const TOKEN: &str = "sandbox";
/// Where the API lives below the server's root, as with the vendor's hosts.
pub const BASE_PATH: &str = "/api/v2.1";

/// How the emulated server behaves where the real one isn't known.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// The most rows that a page holds, whatever size is asked for.
    pub page_cap: usize,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { page_cap: 500 }
    }
}

/// A sandbox that runs until it is stopped.
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

/// What the handlers share.
struct Shared {
    data: Mutex<Data>,
    behaviour: Behaviour,
    clock: Clock,
}

struct Data {
    state: State,
    store: Store,
    sessions: Vec<String>,
    log: Vec<Logged>,
}

impl Server {
    /// Serves a store's state on a free port of the loopback interface.
    pub async fn start(store: Store, behaviour: Behaviour, clock: Clock) -> Result<Self, StoreError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let data = Data { state: store.load()?, store, sessions: Vec::new(), log: Vec::new() };
        let shared = Shared { data: Mutex::new(data), behaviour, clock };
        let router = Router::new().fallback(routes::answer).with_state(Arc::new(shared));
        let (stop, stopped) = oneshot::channel();
        let served = axum::serve(listener, router).with_graceful_shutdown(async {
            // An error says that the sender is gone, which means the same.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move { served.await });
        Ok(Self { address, stop, task })
    }

    /// The base URL of the API.
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.root_url())
    }

    /// The root of the server, under which `/_sandbox/` is.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Finishes the answers under way and stops. A handler that panicked has been reported by then.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
