//! Nodes full of phones: what they say to the engine, and what a phone costs beside a single node.

use std::{net::SocketAddr, thread, time::Duration};

use super::{
    Fault,
    cable::Cable,
    child,
    engine::Engine,
    figure::Figure,
    fleet::{Fleet, GATHERINGS},
    options::Options,
    orders::{Heard, Order},
    pages::Pages,
    table::Row,
    target::{EVERY_SECOND, QUIET_MS, SETTLE, Server, Target},
};

/// Bytes to and from the engine, each second, on each node, while there is no news.
const BYTES_GOAL: f64 = 5_000.0;

/// For how long they are counted: several of the leases that say everything.
const COUNTED: Duration = Duration::from_secs(20);

/// CPU per board on one of three nodes over that on a single one.
const COST_GOAL: f64 = 1.03;

/// Nearer than this and the boards of both may run into each other, in milliseconds; how often it is tried.
const TOO_NEAR_MS: u64 = 200;
const TRIES: u32 = 6;

/// How much later than it could the second one is started, from one try to the next: when a node among others has its
/// boards depends on when it found them.
const LATER: Duration = Duration::from_millis(130);

/// How long a crowd sleeps when nothing has come, in microseconds: several crowds share one core.
const NAP_US: u64 = 500;

/// What a node of a fleet is started with.
fn joined(engine: SocketAddr) -> Vec<String> {
    vec![format!("--nats=nats://{engine}")]
}

/// Bytes to and from the engine of three nodes that are full of phones.
pub(crate) async fn traffic(options: &Options) -> Result<Vec<Row>, Fault> {
    child::check_machine(options.phones)?;
    let engine = Engine::start(1)?;
    // The day's gatherings come from a node that leaves again.
    let mut organisers = Fleet::start(1, &engine, &[]).await?;
    let (mut cables, mut nodes) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let cable = Cable::lay(engine.address(0)).await?;
        nodes.push(Target::of("a node", Server::start(EVERY_SECOND, &joined(cable.address))?)?);
        cables.push(cable);
    }
    organisers.node(0)?.server()?.import(GATHERINGS).await?;
    // A few at each gathering of each node, so that every lease that says everything has all of them.
    let mut pages = Pages::at(nodes.iter().map(Target::address).collect());
    pages.come(&[GATHERINGS; 3]).await?;
    organisers.node_mut(0)?.stop()?;
    for node in &mut nodes {
        node.begin_join(options.phones)?;
    }
    for node in &mut nodes {
        node.end_join()?;
    }
    thread::sleep(SETTLE);
    let before: Vec<_> = cables.iter().map(Cable::carried).collect();
    thread::sleep(COUNTED);
    let after = cables.iter().map(Cable::carried);
    let measured: Vec<_> =
        after.zip(before).map(|(after, before)| (after - before) as f64 / COUNTED.as_secs_f64()).collect();
    let most = measured.iter().copied().fold(0.0, f64::max);
    Ok(vec![Row::new(
        format!(
            "3 nodes x {} phones at {GATHERINGS} gatherings, no news: bytes a second to and from the engine, on each node",
            options.phones
        ),
        "at most 5,000",
        measured.iter().map(|bytes| format!("{bytes:.0}")).collect::<Vec<_>>().join(" · "),
        most > 0.0 && most <= BYTES_GOAL,
    )])
}

/// CPU per delivered board, one of three nodes beside a single node without an engine, both at the same time.
pub(crate) fn cost(options: &Options) -> Result<Vec<Row>, Fault> {
    child::check_machine(options.phones)?;
    let (mut alone_us, mut among_us, mut ratio) = (Figure::default(), Figure::default(), Figure::default());
    let (mut alone_sum, mut among_sum) = ((0.0, 0.0), (0.0, 0.0));
    for round in 0..options.rounds {
        let engine = Engine::start(1)?;
        let nats = joined(engine.address(0));
        // The other two say their leases and have no phones: it is the one beside the single node that is measured.
        let _others = (Server::start(EVERY_SECOND, &nats)?, Server::start(EVERY_SECOND, &nats)?);
        // Who starts first gets the older sockets: take turns.
        let start_alone = || Ok::<_, Fault>(Target::of("a single node", Server::start(EVERY_SECOND, &[])?)?);
        let start_among = || Ok::<_, Fault>(Target::of("one of three nodes", Server::start(EVERY_SECOND, &nats)?)?);
        let (alone, among) = apart(round % 2 == 0, start_alone, start_among, options)?;
        eprintln!(
            "cost, round {} of {}: {:.2} us and {:.2} us per board, {:.2} and {:.2} all in all",
            round + 1,
            options.rounds,
            alone.cost_us,
            among.cost_us,
            whole_us(&alone),
            whole_us(&among)
        );
        alone_us.add(whole_us(&alone));
        among_us.add(whole_us(&among));
        ratio.add(whole_us(&among) / whole_us(&alone));
        alone_sum = (alone_sum.0 + alone.cpu_us, alone_sum.1 + alone.received as f64);
        among_sum = (among_sum.0 + among.cpu_us, among_sum.1 + among.received as f64);
    }
    let overall = (among_sum.0 / among_sum.1) / (alone_sum.0 / alone_sum.1);
    Ok(vec![Row::new(
        format!("CPU per delivered board, {} phones on one of three nodes, beside a single node", options.phones),
        "at most x 1.03",
        format!("x {ratio:.3}, all rounds summed x {overall:.3}; {among_us:.2} us beside {alone_us:.2} us"),
        ratio.median().is_some_and(|ratio| ratio <= COST_GOAL),
    )])
}

/// All that the server did while boards were delivered, over their number, in microseconds: holds the leases too.
fn whole_us(heard: &Heard) -> f64 {
    heard.cpu_us / heard.received as f64
}

/// A window on both, whose boards do not run into each other.
fn apart(
    alone_first: bool,
    start_alone: impl Fn() -> Result<Target, Fault>,
    start_among: impl Fn() -> Result<Target, Fault>,
    options: &Options,
) -> Result<(Heard, Heard), Fault> {
    for later in (1..=TRIES).map(|nth| LATER * nth) {
        let (mut alone, mut among) = if alone_first {
            let alone = start_alone()?;
            thread::sleep(later);
            (alone, start_among()?)
        } else {
            let among = start_among()?;
            thread::sleep(later);
            (start_alone()?, among)
        };
        // The phase shows with a single phone.
        let (one, other) = (phase(&mut alone)?, phase(&mut among)?);
        let apart = one.abs_diff(other);
        if apart.min(1000 - apart) < TOO_NEAR_MS {
            continue;
        }
        alone.begin_join(options.phones)?;
        among.begin_join(options.phones)?;
        alone.end_join()?;
        among.end_join()?;
        thread::sleep(SETTLE);
        let window = Order::Listen { boards: BOARDS, quiet_ms: QUIET_MS, nap_us: NAP_US };
        alone.order(&window)?;
        among.order(&window)?;
        return Ok((alone.end_listen()?, among.end_listen()?));
    }
    Err("the boards of both nodes always came at the same time".into())
}

/// Boards in a window: two of the leases that say everything are in it.
const BOARDS: u32 = 10;

/// At which millisecond of each second it sends.
fn phase(target: &mut Target) -> Result<u64, Fault> {
    target.begin_join(1)?;
    target.end_join()?;
    target.order(&Order::Listen { boards: 1, quiet_ms: QUIET_MS, nap_us: NAP_US })?;
    Ok(target.end_listen()?.phase_ms)
}
