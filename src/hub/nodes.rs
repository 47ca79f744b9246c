//! The other nodes: what this one says to them, and what it hears.
//!
//! One task hears everything, in the order it came, so that a lease never overtakes the facts it counts.

use std::{future::pending, sync::Mutex, time::Duration};

use bytes::Bytes;
use serde_json::Value;
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc::Receiver},
    time::{MissedTickBehavior, interval},
};

use super::{Hub, locked};
use crate::{
    domain::{
        fact::Fact,
        peers::{LEASE_EVERY, Peers},
        time::{Millis, UnixMillis},
        version::NodeId,
    },
    mesh::{Ends, Event, Mesh, To},
    wire::mesh::Between,
};

/// What the hub knows of the other nodes, and how it reaches them.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) peers: Mutex<Peers>,
    mesh: Box<dyn Mesh>,
    events: AsyncMutex<Option<Receiver<Event>>>,
}

impl Nodes {
    /// Those that are reached by `others`, at `now`.
    pub(super) fn new(me: &NodeId, now: UnixMillis, others: Ends) -> Self {
        let Ends { mesh, events } = others;
        let boot = u64::try_from(now.0).unwrap_or(0);
        let peers = if events.is_some() { Peers::awaited(me.clone(), boot) } else { Peers::none(me.clone()) };
        Self { peers: Mutex::new(peers), mesh, events: AsyncMutex::new(events) }
    }

    /// Says something; without waiting, and without knowing whether anybody hears it.
    pub(super) fn say(&self, to: To<'_>, message: &Between) {
        if let Ok(text) = serde_json::to_vec(message) {
            self.mesh.send(to, text);
        }
    }
}

impl Hub {
    /// Hears the other nodes, and says its own lease, for as long as the hub lives.
    pub(super) async fn attend_to_nodes(&self) {
        let Some(mut events) = self.nodes.events.lock().await.take() else { return pending().await };
        let mut leases = interval(Duration::from_millis(LEASE_EVERY.0.unsigned_abs()));
        leases.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = leases.tick() => self.renew_lease(),
                event = events.recv() => match event {
                    Some(Event::Came(text)) => self.hear_node(&text).await,
                    Some(Event::Up) => {}
                    Some(Event::Down) => {
                        locked(&self.nodes.peers).cut();
                        self.hurry.notify_one();
                    }
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

    fn renew_lease(&self) {
        let mut peers = locked(&self.nodes.peers);
        let lease = peers.lease(self.national.phones(), Default::default, self.age());
        self.nodes.say(To::All, &Between::Lease(lease));
        if peers.sweep(self.age()) {
            self.hurry.notify_one();
        }
    }

    async fn hear_node(&self, text: &Bytes) {
        let Ok(message) = serde_json::from_slice::<Between>(text) else { return };
        match message {
            Between::Lease(lease) => {
                locked(&self.nodes.peers).hear(lease, self.age());
            }
            Between::Facts { node, boot, n, facts } if node != self.node => {
                self.learn_from(&node, facts).await;
                locked(&self.nodes.peers).hear_facts(&node, boot, n, self.age());
            }
            Between::Vacate { seat } => self.hear_vacate(&seat),
            _ => {}
        }
    }

    async fn learn_from(&self, _node: &NodeId, _facts: Vec<Value>) {}

    /// The hub's age, by which leases are measured.
    fn age(&self) -> Millis {
        Millis(i64::try_from(self.born.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}
