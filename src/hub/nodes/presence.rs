//! Who is there: this node's leases, those of the others, and what becomes of the figures.
//!
//! A lock on the peers is never held while the map of gatherings is looked at; who holds a part of the map may look at
//! the peers.

use std::{future::pending, sync::atomic::Ordering, time::Duration};

use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{error, info, warn};

use super::Nodes;
use crate::{
    domain::{
        gathering::Slug,
        lease::{self, Lease},
        outlook::{News, Outlook},
        peers::{Heard, LEASE_EVERY, Peers, Reporting},
        time::UnixMillis,
    },
    hub::{Hub, locked},
    mesh::To,
    wire::mesh::Between,
};

/// How long the last word may take to come back: then the others have it. Longer than any engine takes that lives.
const LAST_WORD: Duration = Duration::from_millis(500);

impl Nodes {
    /// Phones live on the other nodes, in the whole country and at a gathering.
    pub(in crate::hub) fn phones(&self, slug: Option<&Slug>) -> (u32, u32) {
        let peers = locked(&self.peers);
        (peers.phones(), slug.map_or(0, |slug| peers.phones_at(slug)))
    }

    /// How much of the whole the figures hold, and when it was all of it for the last time, if it is not now.
    pub(in crate::hub) fn reporting(&self) -> (Reporting, Option<UnixMillis>) {
        let lookout = locked(&self.lookout);
        (lookout.reporting(), lookout.as_of())
    }
}

impl Hub {
    /// Says this node's lease, and looks after those of the others, for as long as the hub lives. A task of its own: it
    /// lives, however much there is to hear.
    pub(in crate::hub) async fn say_leases(&self) {
        if !locked(&self.nodes.peers).has_others() {
            return pending().await;
        }
        let mut turns = interval(Duration::from_millis(LEASE_EVERY.0.unsigned_abs()));
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            self.say_lease();
        }
    }

    /// How much of the whole the figures hold, and when it was all of it for the last time, if it is not now.
    pub fn reporting(&self) -> (Reporting, Option<UnixMillis>) {
        self.nodes.reporting()
    }

    /// Says the last lease: the phones of this node are somebody else's now, and nobody is to wait for it. Returns when
    /// the others have it, or soon.
    pub async fn take_leave(&self) {
        let is_open = {
            let mut peers = locked(&self.nodes.peers);
            self.nodes.has_left.store(true, Ordering::Relaxed);
            let lease = peers.farewell();
            self.nodes.say(To::All, &Between::Lease(lease));
            peers.is_open()
        };
        if is_open && timeout(LAST_WORD, self.nodes.last_word.notified()).await.is_err() {
            warn!("the engine did not carry this node's good-bye; the others count its phones for three seconds more");
        }
    }

    /// How this node stands with the others now.
    pub fn outlook(&self) -> Outlook {
        locked(&self.nodes.peers).outlook(self.age())
    }

    fn say_lease(&self) {
        let is_full_due = locked(&self.nodes.peers).is_full_due(self.age());
        let here = is_full_due
            .then(|| lease::most(self.gatherings.iter().map(|here| (here.key().clone(), here.phones())).collect()));
        let mut peers = locked(&self.nodes.peers);
        // A word after the last would bring it back.
        if !self.nodes.has_left.load(Ordering::Relaxed) {
            let lease = peers.lease(self.national.phones(), here, self.age());
            self.nodes.say(To::All, &Between::Lease(lease));
        }
        peers.sweep(self.age());
        if let Some(ask) = peers.ask(self.age()) {
            self.nodes.exchange.ask(ask);
        }
        self.look_around(&peers);
    }

    /// Hears a lease, its own among them.
    pub(super) fn hear_lease(&self, lease: Lease) {
        let leaving = lease.leaving;
        let mut peers = locked(&self.nodes.peers);
        if peers.hear(lease, self.age()) == Heard::Echo && leaving {
            self.nodes.last_word.notify_one();
        }
        self.look_around(&peers);
    }

    /// Hears that there is no engine.
    pub(super) fn engine_gone(&self) {
        let mut peers = locked(&self.nodes.peers);
        peers.cut();
        self.look_around(&peers);
    }

    /// Tells of what changed: boards if more or less of the whole is known, which no slow pace may keep back, and
    /// whoever reads the log.
    fn look_around(&self, peers: &Peers) {
        let age = self.age();
        let outlook = peers.outlook(age);
        self.meters.nodes(&outlook);
        let mut lookout = locked(&self.nodes.lookout);
        let (before, after) = (lookout.reporting(), outlook.reporting);
        let news = lookout.see(outlook, age, self.clock.now());
        drop(lookout);
        if before != after {
            self.hurry.notify_one();
        }
        for one in news {
            log(&one);
        }
    }
}

fn log(news: &News) {
    match news {
        News::EngineLost => {
            warn!("the engine cannot be heard: figures are partial, and nothing is lost; looking for it all the time");
        }
        News::EngineFound => info!("the engine carries what this node says"),
        News::Came(node) => info!(%node, "a node is there"),
        News::Fell(node) => warn!(%node, "a node is not heard any more: its phones are no longer counted"),
        News::Left(node) => info!(%node, "a node has left"),
        News::Twin => error!(
            "another server has a copy of this node's data folder, and the same name: stop one of the two, and start it with a data folder of its own; figures are partial meanwhile"
        ),
    }
}
