//! An emulator of the OneFile API for tests, demonstrations and rehearsals: a real server with data that outlives it.
//! Its wire types are its own, written from `onefile-api.md`, so that a misreading by the client can't pass on both
//! sides. Control calls live under `/_sandbox/`.

mod auth;
mod behaviour;
mod connection;
mod control;
mod fault;
mod generate;
mod random;
mod request;
mod routes;
mod seed;
mod state;
mod store;
mod table;
mod yaml_args;

pub use crate::sandbox::behaviour::{Behaviour, SearchRows};
pub use crate::sandbox::fault::Faults;
pub use crate::sandbox::generate::{College, write_college};
pub use crate::sandbox::seed::{Seed, seed};
pub use crate::sandbox::state::ServiceState;
pub use crate::sandbox::store::{Store, StoreError};

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::clock::Clock;
use crate::findings::source::Sources;
use crate::sandbox::auth::Gate;
use crate::sandbox::request::LoggedRequest;
use crate::sandbox::seed::switches;

/// The customer token that is always good.
pub const TOKEN: &str = "sandbox";
/// Where the API lives below the server's root, as with the vendor's hosts.
pub const BASE_PATH: &str = "/api/v2.1";

/// What a server starts with.
pub struct SandboxSettings {
    pub store: Store,
    pub behaviour: Behaviour,
    pub faults: Faults,
    pub clock: Clock,
    /// Hears of each request: method and path.
    pub on_request: fn(&str),
}

/// A sandbox that runs until it is stopped.
pub struct SandboxServer {
    shared: Arc<SandboxShared>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What the handlers share.
struct SandboxShared {
    data: Mutex<ServerData>,
    behaviour: Behaviour,
    clock: Clock,
    on_request: fn(&str),
}

struct ServerData {
    state: ServiceState,
    store: Store,
    gate: Gate,
    faults: Faults,
    log: Vec<LoggedRequest>,
    /// Users that searches don't show before a time.
    late: HashMap<i64, Timestamp>,
}

impl SandboxShared {
    /// The data; a handler that panicked left them as they were, since the store is written first.
    fn data(&self) -> MutexGuard<'_, ServerData> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SandboxSettings {
    /// A server as the store was filled for.
    pub fn new(store: Store, clock: Clock) -> Result<Self, StoreError> {
        let text = store.seed()?.unwrap_or_default();
        let (behaviour, faults) = switches(Sources::default().add("seed", String::new()), &text);
        Ok(Self {
            store,
            behaviour,
            faults,
            clock,
            on_request: |_| {},
        })
    }
}

impl SandboxServer {
    /// Serves on a free port of the loopback interface.
    pub async fn start(start: SandboxSettings) -> Result<Self, StoreError> {
        Self::listen(start, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn listen(start: SandboxSettings, address: SocketAddr) -> Result<Self, StoreError> {
        let listen = |source| StoreError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let data = ServerData {
            state: start.store.load()?,
            store: start.store,
            gate: Gate::default(),
            faults: start.faults,
            log: Vec::new(),
            late: HashMap::new(),
        };
        let (behaviour, clock, on_request) = (start.behaviour, start.clock, start.on_request);
        let shared = Arc::new(SandboxShared {
            data: Mutex::new(data),
            behaviour,
            clock,
            on_request,
        });
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(connection::serve(listener, Arc::clone(&shared), stopped));
        Ok(Self {
            shared,
            address,
            stop,
            task,
        })
    }

    /// The base URL of the API.
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.root_url())
    }

    /// The root of the server, under which `/_sandbox/` is.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often a fault has gone wrong.
    pub fn faults_struck(&self) -> usize {
        self.shared.data().faults.struck()
    }

    /// Finishes the answers under way and stops. A handler that panicked has been reported by then.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
