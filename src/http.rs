//! The doors to the outside: HTTP, and the upgrade to a WebSocket.
//!
//! Our own accept loop, because it must bound what a stranger can hold before anything of theirs is parsed, and
//! because after the upgrade the bare socket is taken out of hyper and seated. axum routes what is in between.

mod accept;
mod admission;
mod api;
mod board;
mod calendar;
mod clock;
mod count;
mod echo;
mod events;
mod figures;
mod health;
mod live;
mod log;
mod network;
mod pages;
mod passes;
mod probe;
mod qr;
mod router;
mod seat;
mod shield;
mod site;
mod socket;
mod time;
mod words;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::timeout,
};
use tracing::info;

pub use self::accept::BindError;
use crate::{domain::pass::PassHash, hub::Hub};

/// How long the drain waits, after the pages were told to go, before it closes what is left at the end of the
/// grace time: a moment for the last close frames to leave.
const LAST_MOMENT: Duration = Duration::from_millis(500);

/// Places that pages may not take: so that in a full house a health check, or a first look at a page, still gets
/// in, and whoever finds no seat hears so. Far fewer than the descriptors that the settings keep back.
const SPARE_PLACES: usize = 32;

/// Places are short when less than this share of them is free: then the door is opened in small steps, and the pages
/// of other sites are told to ask later.
const NEARLY_FULL: usize = 8;

/// What the front door is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Most pages at once.
    pub max_connections: usize,
    /// How the world reaches this server, if a proxy stands before it: scheme, host and port.
    pub public_url: Option<String>,
    /// Origins besides our own whose pages may open `/live`.
    pub origins: Vec<String>,
    /// The organiser's pass, as a hash.
    pub organiser: PassHash,
    /// Pages invited back in a second when the server drains.
    pub returns_per_s: u32,
    /// How long a drain may take.
    pub grace: Duration,
    /// Proxies that are believed when they say for whom they speak.
    pub proxies: Vec<IpAddr>,
    /// Whether to serve the echo route of the WebSocket conformance tests.
    pub test_echo: bool,
}

/// What every handler can see.
#[derive(Debug)]
pub(crate) struct Shared {
    hub: Arc<Hub>,
    settings: Settings,
    /// One permit per connection, held until it ends. All of them at home is the drain's roll-call.
    gate: Arc<Semaphore>,
    networks: network::Networks,
    probe: probe::Findings,
    shelf: pages::Shelf,
    tries: passes::Tries,
}

impl Shared {
    /// Places for connections.
    fn places(&self) -> usize {
        self.settings.max_connections + SPARE_PLACES
    }

    /// Whether anybody is let in to be told the time: not by a server that stops, or whose time is not that of the others.
    fn is_open(&self) -> Result<(), admission::Refusal> {
        if self.hub.is_withdrawn() {
            Err(admission::Refusal::Clock)
        } else if self.hub.is_closing() {
            Err(admission::Refusal::Draining)
        } else {
            Ok(())
        }
    }

    /// Whether places are short.
    fn is_nearly_full(&self) -> bool {
        self.gate.available_permits() < self.places() / NEARLY_FULL
    }
}

/// A server that listens, and is ready to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Binds the address; nothing is served before [`Server::run`].
    ///
    /// # Errors
    /// [`BindError`] names the address, and what to do.
    pub fn bind(hub: Arc<Hub>, settings: Settings) -> Result<Self, BindError> {
        let (listener, address) = accept::bind(settings.listen)?;
        let gate = Arc::new(Semaphore::new(settings.max_connections + SPARE_PLACES));
        let networks = network::Networks::new(&settings.proxies)?;
        let probe = probe::Findings::default();
        Ok(Self {
            listener,
            address,
            shared: Arc::new(Shared {
                hub,
                settings,
                gate,
                networks,
                probe,
                shelf: pages::Shelf::default(),
                tries: passes::Tries::default(),
            }),
        })
    }

    /// The address it really has.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, then drains: unready, no new connections, `bye` to every page, and out
    /// when all are gone or the grace time is over.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, address, shared } = self;
        let mut tasks = shared.hub.run();
        let (close, closing) = watch::channel(false);
        let routes = router::router(&shared);
        {
            let serving = accept::serve(listener, routes, &shared, closing.clone());
            let probing = probe::run(&shared, address);
            tokio::select! {
                () = serving => {}
                () = probing => {}
                () = shared.hub.see_off_while_withdrawn(shared.settings.returns_per_s, shared.settings.grace) => {}
                () = tasks.failed() => tracing::error!("a task of the hub ended by itself; draining"),
                () = stop => {}
            }
        }
        // The listener is dropped here: a new connection is refused by the kernel, and goes to another node.
        info!(grace_ms = shared.settings.grace.as_millis(), "draining");
        close.send_replace(true);
        let all_home = async {
            shared.hub.say_bye(shared.settings.returns_per_s, shared.settings.grace).await;
            // Closed only by dropping it, which nobody does while we hold it.
            let _ = shared.gate.acquire_many(u32::try_from(shared.places()).unwrap_or(u32::MAX)).await;
        };
        if timeout(shared.settings.grace, all_home).await.is_err() {
            shared.hub.end_all().await;
            tokio::time::sleep(LAST_MOMENT).await;
        }
        shared.hub.take_leave().await;
        info!("drained");
    }
}
