//! Stewards who tap.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Fault,
    fleet::{ASK_EVERY, Fleet},
    server::{MINUTE, now},
    steward::{Connection, Heard, tally},
};

/// The longest a pass may take to get from the node where it was made to another.
const PASS_WITHIN: Duration = Duration::from_secs(10);

/// How long the last answers are waited for.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// How a steward taps.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Between two taps.
    pub(crate) every: Duration,
    /// Over how many minutes, the present one included, the taps are spread.
    pub(crate) minutes: i64,
    /// How many taps, if not cut off before.
    pub(crate) taps: u32,
}

/// One steward, and what its device remembers.
pub(crate) struct Counter {
    gathering: u32,
    pub(crate) device: u32,
    connection: Connection,
    /// Of each minute: what was tapped, and what was acknowledged.
    minutes: BTreeMap<i64, (u32, u32)>,
}

impl Counter {
    /// A steward with a device of that number, at a gathering of its own, who comes in at `server`.
    pub(crate) async fn open(fleet: &Fleet, server: SocketAddr, device: u32) -> Result<Self, Fault> {
        let gathering = device;
        let pass = fleet.node(0)?.server()?.pass(gathering, 0).await?;
        let begun = Instant::now();
        loop {
            match Connection::open(server, Some(&pass), device).await {
                Ok(connection) => return Ok(Self { gathering, device, connection, minutes: BTreeMap::new() }),
                // The pass is on its way from the node that made it.
                Err(_) if begun.elapsed() < PASS_WITHIN => sleep(ASK_EVERY).await,
                Err(fault) => return Err(format!("a pass does not get from node to node: {fault}").into()),
            }
        }
    }

    /// Taps until it has tapped enough, or its connection is gone; returns what it remembers.
    async fn tap(mut self, manner: Manner) -> Self {
        // The end of the connection is the end of the work.
        let _ = self.tap_on(manner).await;
        self
    }

    async fn tap_on(&mut self, manner: Manner) -> Result<(), Fault> {
        let newest = now() / MINUTE * MINUTE;
        let mut turns = interval(manner.every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut tapped = 0;
        while tapped < manner.taps {
            tokio::select! {
                _ = turns.tick() => {
                    let minute = newest - i64::from(tapped) % manner.minutes * MINUTE;
                    tapped += 1;
                    let (people, _) = self.minutes.entry(minute).or_default();
                    *people += 1;
                    let report = tally(self.gathering, 0, self.device, minute, *people);
                    self.connection.say(&report).await?;
                }
                heard = self.connection.hear() => self.heard(heard?)?,
            }
        }
        let all = async {
            while self.kept() < self.tapped() {
                let heard = self.connection.hear().await?;
                self.heard(heard)?;
            }
            Ok::<_, Fault>(())
        };
        timeout(ANSWERED_WITHIN, all).await?
    }

    fn heard(&mut self, heard: Heard) -> Result<(), Fault> {
        match heard {
            Heard::Kept { minute, entered } => {
                let (_, kept) = self.minutes.entry(minute).or_default();
                *kept = (*kept).max(entered);
                Ok(())
            }
            Heard::Refused { reason } => Err(format!("a tap was refused: {reason}").into()),
            Heard::Board { .. } | Heard::Other => Ok(()),
        }
    }

    /// Taps in all.
    pub(crate) fn tapped(&self) -> i64 {
        self.minutes.values().map(|(tapped, _)| i64::from(*tapped)).sum()
    }

    /// Taps that were acknowledged.
    pub(crate) fn kept(&self) -> i64 {
        self.minutes.values().map(|(_, kept)| i64::from(*kept)).sum()
    }
}

/// Stewards at work; they can be waited for.
pub(crate) struct Work(JoinSet<Counter>);

impl Work {
    /// So many come in at each of the nodes, and begin.
    pub(crate) async fn begin(fleet: &Fleet, each: &[u32], manner: Manner) -> Result<Self, Fault> {
        let (mut counters, mut device) = (Vec::new(), 0);
        for (node, &stewards) in fleet.nodes.iter().zip(each) {
            for _ in 0..stewards {
                counters.push(Counter::open(fleet, node.address, device).await?);
                device += 1;
            }
        }
        let mut work = JoinSet::new();
        for counter in counters {
            work.spawn(counter.tap(manner));
        }
        Ok(Self(work))
    }

    /// Waits until all have done their work, or cannot.
    pub(crate) async fn end(mut self) -> Result<Vec<Counter>, Fault> {
        let mut done = Vec::new();
        while let Some(counter) = self.0.join_next().await {
            done.push(counter?);
        }
        Ok(done)
    }
}
