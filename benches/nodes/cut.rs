//! One node is cut off from the engine, and then the whole engine is killed, while stewards count on both sides.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    Fault,
    churn::seconds,
    counters::{Counter, Manner, Work},
    display::Display,
    engine::Engine,
    fleet::Fleet,
    options::Options,
    table::Row,
};

/// After this every board must say that it is partial.
const SAID_WITHIN: Duration = Duration::from_secs(1);

/// After healing, all nodes must have the true sum within this.
const TRUE_WITHIN: Duration = Duration::from_secs(5);

/// How much longer is waited, to be able to say by how much it was missed.
const PATIENCE: Duration = Duration::from_secs(25);

/// Stewards at each node: a hundred in all, half of them on the node that is cut off.
const STEWARDS: [u32; 3] = [50, 25, 25];

/// What ten minutes of one steward at a tap every two seconds bring, spread over as many minutes.
const TAPS: u32 = 300;
const MINUTES: i64 = 10;

/// How the engine is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Nothing gets through to one node, and nobody is told.
    OneNode,
    /// All servers are killed.
    Everything,
}

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    let mut rows = lose(Loss::OneNode, options).await?;
    rows.extend(lose(Loss::Everything, options).await?);
    Ok(rows)
}

async fn lose(loss: Loss, options: &Options) -> Result<Vec<Row>, Fault> {
    let (what, who) = match loss {
        Loss::OneNode => ("a node is cut off from the engine", "its own boards"),
        Loss::Everything => ("all three engine servers are killed", "one node's boards"),
    };
    let mut engine = Engine::start(3)?;
    let fleet = Fleet::together(3, &engine, &[]).await?;
    let lasts = Duration::from_secs(options.seconds);
    // They begin before it breaks, and end before it heals.
    let manner = Manner { every: lasts.mul_f64(0.8) / TAPS, minutes: MINUTES, taps: TAPS };
    let work = Work::begin(&fleet, &STEWARDS, manner).await?;
    sleep(Duration::from_secs(1)).await;

    match loss {
        Loss::OneNode => fleet.node(0)?.cable.cut(),
        Loss::Everything => engine.kill(),
    }
    let cut = Instant::now();
    sleep(lasts).await;
    // The first node is the one that is cut off, if only one is.
    let said: Vec<_> = fleet.displays().map(|display| partial_after(display, cut)).collect();
    let slowest = |said: &[Option<f64>]| said.iter().copied().collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::max);
    let (here_s, there_s) =
        said.split_at_checked(1).map_or((None, None), |(first, rest)| (slowest(first), slowest(rest)));
    let counters = work.end().await?;
    let (tapped, kept): (i64, i64) =
        counters.iter().fold((0, 0), |(tapped, kept), one: &Counter| (tapped + one.tapped(), kept + one.kept()));
    eprintln!("{what}: {kept} of {tapped} taps kept; {}", fleet.words());

    match loss {
        Loss::OneNode => fleet.node(0)?.cable.mend(),
        Loss::Everything => engine.begin()?,
    }
    let healed = Instant::now();
    let summed_s = fleet.until_counted(TRUE_WITHIN + PATIENCE, kept).await?.map(|took| took.as_secs_f64());
    let exact = fleet.until_all(PATIENCE, |board| board.exact).await;
    let exact_s = exact.map(|_| healed.elapsed().as_secs_f64());
    eprintln!("healed: {}", fleet.words());
    Ok(vec![
        Row::new(
            format!("{what}: {who} say that they are partial · those of the other two"),
            "at most 1 s",
            format!("{} · {}", seconds(here_s), seconds(there_s)),
            [here_s, there_s].iter().all(|said| said.is_some_and(|s| s <= SAID_WITHIN.as_secs_f64())),
        ),
        Row::new(
            format!("… {lasts:?} later it heals: every node has the true sum, {kept} taps of {tapped}"),
            "at most 5 s",
            seconds(summed_s),
            summed_s.is_some_and(|s| s <= TRUE_WITHIN.as_secs_f64()) && kept == tapped,
        ),
        Row::shown("… and no board says it is partial", seconds(exact_s)),
    ])
}

/// How long after `cut` a board first said that it was partial.
fn partial_after(display: &Display, cut: Instant) -> Option<f64> {
    display.since(cut).iter().find(|(_, board)| !board.exact).map(|(at, _)| (*at - cut).as_secs_f64())
}
