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
    clock::{Clock, Kernel, TimeSource},
    config::Config,
    domain::{board::Board, moment::Moment, pass::PassHash, time::UnixMillis},
    http::{BindError, Server, Settings},
    hub::{Hub, Tempo, TempoError},
    journal::{Journal, OpenError},
    mesh::{self, EngineError},
    meters::Meters,
};

/// How often the served time is held against the system's.
const CLOCK_TICK: Duration = Duration::from_secs(1);

/// How often the time sources are asked: what they watch for grows over hours, and they are other people's servers.
const ASK_AROUND: Duration = Duration::from_secs(300);

/// How long the last word to the other nodes may take to leave: they miss a node that says nothing soon enough.
const FAREWELL: Duration = Duration::from_secs(1);

/// How often it is seen to that the other nodes take this node's organiser's pass: what they are told holds for days.
const PASS_KNOWN_EVERY: Duration = Duration::from_secs(6 * 3_600);

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
    /// The way to the other nodes.
    #[error(transparent)]
    Engine(#[from] EngineError),
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
    let mut board = Board::default();
    let learn = |fact| {
        let _ = board.merge(fact);
    };
    let (journal, node) = Journal::open(&config.data, move |took| observer.committed(took), learn)?;
    let pass = organiser_pass::read_or_make(&config.data)?;
    let clock = match &config.test_clock {
        None => Clock::of_this_machine(&config.time_sources),
        Some(file) => {
            warn!("the clock of this server is moved by a file, for tests only");
            Clock::moved_by(file.clone(), &config.time_sources)
        }
    };
    let others = match &config.engine {
        None => mesh::solo(),
        Some(engine) => mesh::nats(&node, engine).await?,
    };
    let hub = Arc::new(Hub::new(node, clock.clone(), journal, Arc::clone(&meters), board, tempo, others));
    let settings = Settings {
        listen: config.listen,
        max_connections: config.max_connections as usize,
        public_url: config.public_url.clone(),
        origins: config.public_url.iter().chain(&config.origins).cloned().collect(),
        organiser: pass.hash(),
        returns_per_s: config.return_rate,
        grace: config.grace,
        proxies: config.proxies.clone(),
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
        clock: clock.report().kernel.health,
        data: &config.data,
        engine: config.engine.as_ref(),
        qr: true,
    })?;
    info!(listen = %server.local_addr(), node = %hub.node(), "serving");
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => info!(signal = "SIGTERM", "stopping"),
            _ = interrupt.recv() => info!(signal = "SIGINT", "stopping"),
            () = keep_time(&hub) => {}
            () = ask_around(&hub, &config.time_sources) => {}
            () = make_pass_known(&hub, pass.hash()) => {}
        }
    };
    server.run(stop).await;
    hub.part_from_nodes(FAREWELL).await;
    // The journal's last commit waits for a disk, so not on a thread that serves others; there are none left.
    hub.journal().close();
    Ok(())
}

/// Holds the served time against the system's, for as long as the server runs.
async fn keep_time(hub: &Hub) {
    let mut ticks = interval(CLOCK_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut leap = LeapWarning::default();
    loop {
        ticks.tick().await;
        let ticked = hub.clock().tick();
        let report = hub.clock().report();
        hub.meters.clock(&report, ticked);
        if ticked.new_epoch {
            hub.clock_jumped();
        }
        leap.look(report.kernel, &hub.moment(), hub.clock().now());
    }
}

/// Has the other nodes take this node's organiser's pass, for as long as the server runs.
async fn make_pass_known(hub: &Hub, hash: PassHash) {
    let mut rounds = interval(PASS_KNOWN_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = hub.make_own_pass_known(hash).await {
            warn!(%error, "other nodes do not take this node's organiser's pass; its link works here only");
        }
    }
}

/// Asks each time source now and then what it thinks of the system clock, for as long as the server runs.
async fn ask_around(hub: &Hub, sources: &[TimeSource]) {
    let mut rounds = interval(ASK_AROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        for (place, source) in sources.iter().cloned().enumerate() {
            // The resolver and the answer are waited for, so not on a thread that serves others.
            if let Ok(opinion) = tokio::task::spawn_blocking(move || source.ask()).await {
                let ticked = hub.clock().hear(place, opinion);
                hub.meters.clock(&hub.clock().report(), ticked);
            }
        }
    }
}

/// Says once for each moment that a leap second is announced near it.
#[derive(Debug, Default)]
struct LeapWarning(Option<UnixMillis>);

impl LeapWarning {
    fn look(&mut self, kernel: Kernel, moment: &Moment, now: UnixMillis) {
        if kernel.leap && moment.is_near_leap_second(now) && self.0.replace(moment.at) != Some(moment.at) {
            warn!(
                at = %moment.at_utc(),
                "a leap second is announced within a day of the moment; servers that smear it are up to a second off meanwhile: let all use the same kind of time source"
            );
        }
    }
}
