//! An emulator of the OneFile API for tests, demonstrations and rehearsals: a real server whose data survive it. Its wire
//! types are its own, written from `docs/onefile-api.md`, so that the client and the sandbox can't share a misreading. Control
//! calls are under `/_sandbox/`.

mod assignment_behaviour;
mod assignment_routes;
mod assignment_rows;
mod assignment_tables;
mod auth;
mod behaviour;
mod connection;
mod control;
mod dates;
mod fault;
mod fault_rules;
mod generate;
mod invented_person;
mod modified;
mod modified_state;
mod random;
mod request;
mod response;
mod routes;
mod row_view;
mod search;
mod seed;
mod state;
mod store;
mod stored_row;
mod stored_text;
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
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::domain::clock::Clock;
use crate::findings::source::Sources;
use crate::sandbox::auth::Gate;
use crate::sandbox::request::LoggedRequest;
use crate::sandbox::seed::switches;
use crate::sandbox::table::StoredTable;

/// The customer token that every sandbox accepts.
pub const TOKEN: &str = "sandbox";
/// Where the API lives below the server's root, as with the vendor's hosts.
pub const BASE_PATH: &str = "/api/v2.1";

/// What a server starts with.
pub struct SandboxSettings {
    pub store: Store,
    pub behaviour: Behaviour,
    pub faults: Faults,
    pub clock: Clock,
    /// Called with the method and path of each request.
    pub on_request: fn(&str),
}

/// A sandbox that runs until it is stopped.
pub struct SandboxServer {
    shared: Arc<SandboxShared>,
    address: SocketAddr,
    /// Stops the server, even if it is only dropped.
    stop: DropGuard,
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
    /// Rows that searches don't show before a time, by ID.
    hidden_until: HashMap<(StoredTable, i64), Timestamp>,
}

impl SandboxShared {
    /// The data. A handler that panicked left them whole, since the store is written first.
    fn data(&self) -> MutexGuard<'_, ServerData> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SandboxSettings {
    /// The behaviour and faults that the store's seed describes.
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
    pub async fn start(settings: SandboxSettings) -> Result<Self, StoreError> {
        Self::listen(settings, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn listen(
        settings: SandboxSettings,
        address: SocketAddr,
    ) -> Result<Self, StoreError> {
        let cannot_listen = |source| StoreError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let data = ServerData {
            state: settings.store.load()?,
            store: settings.store,
            gate: Gate::default(),
            faults: settings.faults,
            log: Vec::new(),
            hidden_until: HashMap::new(),
        };
        let shared = Arc::new(SandboxShared {
            data: Mutex::new(data),
            behaviour: settings.behaviour,
            clock: settings.clock,
            on_request: settings.on_request,
        });
        let stop = CancellationToken::new();
        let serving = connection::serve(listener, Arc::clone(&shared), stop.clone());
        Ok(Self {
            shared,
            address,
            stop: stop.drop_guard(),
            task: tokio::spawn(serving),
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

    /// How many faults have struck so far.
    pub fn faults_struck(&self) -> usize {
        self.shared.data().faults.struck()
    }

    /// Finishes the answers under way and stops.
    pub async fn stop(self) {
        drop(self.stop);
        // A handler that panicked has been reported already.
        let _ = self.task.await;
    }
}
