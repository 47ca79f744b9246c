//! `oneoclock serve`: opens the journal, seats the hub, opens the door, and sees everybody off in the end.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

use super::{
    announce::{self, Announcement},
    organiser_pass::{self, PassFileError},
};
use crate::{
    clock::{self, Clock},
    config::Config,
    http::{BindError, Server, Settings},
    hub::{Hub, Tempo, TempoError},
    journal::{Journal, OpenError, Recovered},
    meters::Meters,
};

/// How often the served time is held against the system's.
const CLOCK_TICK: Duration = Duration::from_secs(1);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The organiser's pass.
    #[error(transparent)]
    Pass(#[from] PassFileError),
    /// The address.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The pace.
    #[error(transparent)]
    Tempo(#[from] TempoError),
    /// The operating system.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs the server until it is told to stop (SIGTERM, or Ctrl-C), and drains.
///
/// # Errors
/// [`ServeError`]: whatever keeps it from starting. Nothing is changed then.
pub fn run(config: Config, descriptors: u64) -> Result<(), ServeError> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    // On this thread, apart from the workers: when a whole square is cut off and calls again, the door has the
    // system's fair share of a CPU, and does not stand in line behind fifteen thousand endings.
    runtime.block_on(serve(config, descriptors))
}

async fn serve(config: Config, descriptors: u64) -> Result<(), ServeError> {
    let tempo = Tempo::new(config.pace, config.beat)?;
    let meters = Arc::new(Meters::new());
    let observer = Arc::clone(&meters);
    let (journal, Recovered { node, facts }) = Journal::open(&config.data, move |took| observer.committed(took))?;
    let pass = organiser_pass::read_or_make(&config.data)?;
    let clock = Clock::of_this_machine();
    let hub = Arc::new(Hub::new(node, clock.clone(), journal, Arc::clone(&meters), facts, tempo));
    let settings = Settings {
        listen: config.listen,
        max_connections: config.max_connections as usize,
        public_url: config.public_url.clone(),
        origins: config.public_url.iter().chain(&config.origins).cloned().collect(),
        organiser: pass.hash(),
        returns_per_s: config.return_rate,
        grace: config.grace,
        test_echo: config.test_echo,
    };
    let server = Server::bind(Arc::clone(&hub), settings)?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    announce::print(Announcement {
        listen: server.local_addr(),
        public_url: config.public_url.as_deref(),
        own_addresses: &announce::own_addresses(),
        organiser: &pass,
        moment: &hub.moment(),
        now: clock.now(),
        descriptors,
        max_connections: config.max_connections,
        clock: clock::health(),
        data: &config.data,
        qr: true,
    })?;
    info!(listen = %server.local_addr(), node = %hub.node(), "serving");
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => info!(signal = "SIGTERM", "stopping"),
            _ = interrupt.recv() => info!(signal = "SIGINT", "stopping"),
            () = keep_time(&clock, &meters) => {}
        }
    };
    server.run(stop).await;
    // The journal's last commit waits for a disk, so not on a thread that serves others; there are none left.
    hub.journal().close();
    Ok(())
}

/// Holds the served time against the system's, for as long as the server runs.
async fn keep_time(clock: &Clock, meters: &Meters) {
    let mut ticks = interval(CLOCK_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None::<bool>;
    loop {
        ticks.tick().await;
        let epoch = clock.epoch();
        clock.tick();
        let bound_ms = clock.err_ms();
        meters.clock(bound_ms, clock.epoch() != epoch);
        if known.replace(bound_ms.is_some()) != Some(bound_ms.is_some()) {
            match bound_ms {
                Some(bound_ms) => info!(bound_ms, "the system clock is synchronised"),
                None => {
                    warn!("the system clock is not known to be synchronised; pages are in step with each other only");
                }
            }
        }
    }
}
