//! The other nodes: what this one says to them, and what it hears.
//!
//! One task hears everything, in the order it came, so that a lease never overtakes the facts it counts.

mod presence;

use std::{
    future::pending,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use bytes::Bytes;
use serde_json::Value;
use tokio::{
    sync::{Mutex as AsyncMutex, Notify, mpsc::Receiver},
    time::{MissedTickBehavior, interval},
};

use super::{Hub, locked};
use crate::{
    domain::{
        agreement::{Answer, ROUND},
        fact::Fact,
        outlook::Lookout,
        peers::Peers,
        time::{Millis, UnixMillis},
        version::NodeId,
    },
    mesh::{Ends, Event, Mesh, To},
    meters::Meters,
    wire::mesh::Between,
};

/// What the hub knows of the other nodes, and how it reaches them.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) peers: Mutex<Peers>,
    lookout: Mutex<Lookout>,
    /// Whether this node has said its last lease, and somebody who waits for that to come back.
    has_left: AtomicBool,
    last_word: Notify,
    meters: Arc<Meters>,
    mesh: Box<dyn Mesh>,
    events: AsyncMutex<Option<Receiver<Event>>>,
}

impl Nodes {
    /// Those that are reached by `others`, at `now`.
    pub(super) fn new(me: &NodeId, now: UnixMillis, others: Ends, meters: Arc<Meters>) -> Self {
        let Ends { mesh, events } = others;
        let boot = u64::try_from(now.0).unwrap_or(0);
        let peers = if events.is_some() { Peers::awaited(me.clone(), boot) } else { Peers::none(me.clone()) };
        let mut lookout = Lookout::default();
        lookout.see(peers.outlook(Millis(0)), Millis(0), now);
        Self {
            peers: Mutex::new(peers),
            lookout: Mutex::new(lookout),
            has_left: AtomicBool::new(false),
            last_word: Notify::new(),
            meters,
            mesh,
            events: AsyncMutex::new(events),
        }
    }

    /// Says something; without waiting, and without knowing whether anybody hears it.
    pub(super) fn say(&self, to: To<'_>, message: &Between) {
        if let Ok(text) = serde_json::to_vec(message) {
            self.meters.node_said(text.len());
            self.mesh.send(to, text);
        }
    }
}

impl Hub {
    /// Hears the other nodes, and asks them for the time, for as long as the hub lives.
    pub(super) async fn attend_to_nodes(&self) {
        let Some(mut events) = self.nodes.events.lock().await.take() else { return pending().await };
        let mut rounds = interval(Duration::from_millis(ROUND.0.unsigned_abs()));
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = rounds.tick() => self.compare_clocks(),
                event = events.recv() => match event {
                    Some(Event::Came(text)) => self.hear_node(&text).await,
                    Some(Event::Up) => {}
                    Some(Event::Down) => self.engine_gone(),
                    None => return,
                },
            }
        }
    }

    /// Waits until the last word to the other nodes has left, `within` at most.
    pub async fn part_from_nodes(&self, within: Duration) {
        self.nodes.mesh.flush(within).await;
    }

    /// Tells the other nodes what is kept now.
    pub(super) fn share(&self, facts: &[Fact]) {
        let mut peers = locked(&self.nodes.peers);
        if !peers.has_others() {
            return;
        }
        let facts = facts.iter().filter_map(|fact| serde_json::to_value(fact).ok()).collect();
        let message = Between::Facts { node: self.node.clone(), boot: peers.boot(), n: peers.say(), facts };
        // Under the lock, so that no lease counts a message that is still to be sent.
        self.nodes.say(To::All, &message);
    }

    async fn hear_node(&self, text: &Bytes) {
        let came = self.clock.stamp();
        self.meters.node_heard(text.len());
        let Ok(message) = serde_json::from_slice::<Between>(text) else { return };
        match message {
            Between::Lease(lease) => self.hear_lease(lease),
            Between::Facts { node, boot, n, facts } if node != self.node => {
                self.learn_from(&node, facts).await;
                locked(&self.nodes.peers).hear_facts(&node, boot, n, self.age());
            }
            Between::Vacate { seat } => self.hear_vacate(&seat),
            Between::ClockAsk { node, seq, c1 } if node != self.node => self.tell_time(&node, seq, c1, came),
            Between::ClockAnswer { node, seq, c1, s2, s3, epoch, err, withdrawn } if node != self.node => {
                self.hear_time(&node, &Answer { seq, c1, s2, s3, epoch, err, withdrawn }, came);
            }
            _ => {}
        }
    }

    async fn learn_from(&self, _node: &NodeId, _facts: Vec<Value>) {}

    /// The hub's age, by which leases are measured.
    pub(super) fn age(&self) -> Millis {
        Millis(i64::try_from(self.born.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}
