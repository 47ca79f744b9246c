//! The other nodes, as one node knows them: who is there, what they share, and whose facts it may have missed.
//!
//! Every node says a [`Lease`] a few times a second, and every fact it takes as soon as that is kept. Nothing is ever
//! sent twice; so whoever notices a gap, or meets a node for the first time, is *in doubt* about it, and asks it for
//! what is not the same on both (anti-entropy, Demers et al. 1987, section 1.3): see [`Leaves`](super::leaves::Leaves).
//! What a node that is gone has said may be known to one of the others alone; so each of them then leaves a gap itself,
//! and is asked.
//!
//! Time is the age of this node, so that no step of a clock ever ends a lease.

mod peer;

use std::collections::BTreeMap;

use self::peer::{Peer, Standing};
use super::{
    gathering::Slug,
    lease::Lease,
    outlook::{EngineState, Outlook},
    time::Millis,
    version::NodeId,
};

/// How often a node says its lease: four of them fit into [`ECHO_WITHIN`] and the second in which pages are to say
/// that figures are partial. Some 400 bytes a second.
pub const LEASE_EVERY: Millis = Millis(250);

/// How often a lease says everything. A gathering's figure stands for 30 s anyway, and 138 of them are 3 kB.
pub const FULL_EVERY: Millis = Millis(5_000);

/// How long a silent node's phones are counted. With a pace of a second they are off every board within five.
pub const LEASE: Millis = Millis(3_000);

/// How long this node's own words may take to come back before it is cut off from the others.
pub const ECHO_WITHIN: Millis = Millis(600);

/// How long another node may be silent before figures are called partial: one lease may be lost and the next be late. With
/// a lease's time until that is looked at, and a tenth of a second until the pacer looks, pages say so within a second. Its
/// phones are counted for longer, see [`LEASE`].
pub const HEARD_WITHIN: Millis = Millis(650);

/// How long figures stay partial after the node was cut off, so that a bad line is not told every second.
pub const SETTLED_AFTER: Millis = Millis(1_000);

/// How long a doubt may last before figures are called partial: as long as a total may be behind.
pub const DOUBT_FOR: Millis = Millis(2_000);

/// How long an answer may take, from one part of it to the next.
pub const ANSWER_WITHIN: Millis = Millis(5_000);

/// How long after a failure a node is not asked again.
pub const ASK_AGAIN: Millis = Millis(1_000);

/// How long a node that went without a word is expected back: what it has kept and nobody heard is missing as long. Long
/// enough for a machine to be started again, or a line to be mended; after that it is not coming back.
pub const EXPECTED_FOR: Millis = Millis::from_mins(30);

/// Most nodes: far more than anybody runs, and a bound for what a broken one can make others hold.
pub const MAX_NODES: usize = 32;

/// How much of the whole the figures hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// Whether they hold all of it, up to the last two seconds.
    pub exact: bool,
    /// Nodes that have spoken of late, this one among them.
    pub nodes: u32,
    /// Nodes there should be.
    pub expected: u32,
}

impl Default for Reporting {
    /// The only node there is.
    fn default() -> Self {
        Self { exact: true, nodes: 1, expected: 1 }
    }
}

/// A question to one node for all the facts that are not the same on both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Whom to ask.
    pub peer: NodeId,
    /// The number of the question; comes back with every part of the answer.
    pub no: u32,
}

/// What came of hearing a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Our own: the way to the others is open.
    Echo,
    /// Our own name on another server's lease: somebody copied a data folder.
    Twin,
    /// Another node's.
    Peer,
    /// Old, or one node too many.
    Nothing,
}

/// The other nodes.
#[derive(Clone, Debug)]
pub struct Peers {
    me: NodeId,
    boot: u64,
    /// None for a node that has no others.
    way: Option<Way>,
    no: u64,
    said: u64,
    full_at: Option<Millis>,
    known: BTreeMap<NodeId, Peer>,
    asked: Option<Asked>,
    asks: u32,
    /// When another server was last heard under this node's name.
    twin: Option<Millis>,
}

/// The way to the other nodes.
#[derive(Clone, Copy, Debug)]
enum Way {
    Cut,
    Open {
        since: Millis,
        /// When this node last heard itself.
        echo: Millis,
    },
}

/// The question that is being answered.
#[derive(Clone, Debug)]
struct Asked {
    ask: Ask,
    boot: u64,
    /// Doubts about the peer when it was asked: one that came later is not answered.
    doubts: u32,
    /// Parts of the answer so far, and when the last of them came.
    parts: u32,
    heard: Millis,
}

impl Peers {
    /// For a node that has no others.
    pub fn none(me: NodeId) -> Self {
        Self {
            me,
            boot: 0,
            way: None,
            no: 0,
            said: 0,
            full_at: None,
            known: BTreeMap::new(),
            asked: None,
            asks: 0,
            twin: None,
        }
    }

    /// For a node that was started at `boot`, Unix milliseconds, and has not heard of the others yet.
    pub fn awaited(me: NodeId, boot: u64) -> Self {
        // Questions go on from the time of the start, so that no answer to one from before it is taken for this one's.
        #[expect(clippy::cast_possible_truncation, reason = "two starts are told apart by their last digits")]
        let asks = boot as u32;
        Self { boot, asks, way: Some(Way::Cut), ..Self::none(me) }
    }

    /// Whether it is time for a lease that says everything.
    pub fn is_full_due(&self, age: Millis) -> bool {
        self.full_at.is_none_or(|last| since(last, age) >= FULL_EVERY)
    }

    /// This node's next sign of life; with the phones `here`, at each gathering, if it is time for that.
    pub fn lease(&mut self, phones: u32, here: Option<BTreeMap<Slug, u32>>, age: Millis) -> Lease {
        self.no += 1;
        if here.is_some() {
            self.full_at = Some(age);
        }
        Lease { node: self.me.clone(), boot: self.boot, no: self.no, said: self.said, phones, here, leaving: false }
    }

    /// Its last.
    pub fn farewell(&mut self) -> Lease {
        self.no += 1;
        let Self { me, boot, no, said, .. } = self;
        Lease { node: me.clone(), boot: *boot, no: *no, said: *said, phones: 0, here: None, leaving: true }
    }

    /// The number of this node's next message with facts. It counts as sent whatever becomes of it: the others notice.
    pub fn say(&mut self) -> u64 {
        self.said += 1;
        self.said
    }

    /// Which start of this node its messages are of.
    pub fn boot(&self) -> u64 {
        self.boot
    }

    /// Whether there may be others.
    pub fn has_others(&self) -> bool {
        self.way.is_some()
    }

    /// The way to the others is cut. A question that is open is lost with it.
    pub fn cut(&mut self) {
        if self.way.is_some() {
            self.way = Some(Way::Cut);
            self.asked = None;
        }
    }

    /// Hears a lease.
    pub fn hear(&mut self, lease: Lease, age: Millis) -> Heard {
        if lease.node == self.me {
            if lease.boot != self.boot {
                self.twin = Some(age);
                return Heard::Twin;
            }
            match &mut self.way {
                Some(Way::Open { echo, .. }) => *echo = age,
                Some(way) => {
                    *way = Way::Open { since: age, echo: age };
                    // While nobody could be heard, nobody's time ran out.
                    self.known.values_mut().filter(|peer| !peer.is_heard()).for_each(|peer| peer.heard = age);
                }
                None => {}
            }
            return Heard::Echo;
        }
        let is_partial = !self.reporting(age).exact;
        if !self.known.contains_key(&lease.node) {
            if self.known.len() >= MAX_NODES && !self.forget_one() {
                return Heard::Nothing;
            }
            // Whoever is new has heard nothing yet of the phones here.
            self.full_at = None;
        }
        let peer = self.known.entry(lease.node).or_insert_with(|| Peer::met(lease.boot, is_partial, age));
        // A clock may have been put back between two starts; then the new one is believed once the old one is silent.
        let is_of_before = lease.boot < peer.boot && since(peer.heard, age) <= LEASE;
        let is_old = lease.boot == peer.boot && lease.no <= peer.no;
        if is_of_before || is_old || lease.boot == peer.boot && peer.standing == Standing::Left {
            return Heard::Nothing;
        }
        if lease.boot != peer.boot || !peer.is_heard() {
            let (doubts, tried) = (peer.doubts, peer.tried);
            *peer = Peer { doubts: doubts.wrapping_add(1), tried, ..Peer::met(lease.boot, is_partial, age) };
            self.full_at = None;
        }
        peer.no = lease.no;
        peer.heard = age;
        peer.phones = lease.phones;
        if let Some(here) = lease.here {
            peer.here = here;
            peer.is_full = true;
        }
        if lease.said > peer.said {
            peer.said = lease.said;
            peer.doubt(age);
        }
        if lease.leaving {
            peer.end(Standing::Left);
            self.leave_a_gap();
        }
        Heard::Peer
    }

    /// Hears that a node sent its message with facts number `n`. Belongs to be called as they come, before the leases
    /// that count them; what then cannot be kept is [`missed`](Self::missed).
    pub fn hear_facts(&mut self, node: &NodeId, boot: u64, n: u64, age: Millis) {
        let Some(peer) = self.known.get_mut(node).filter(|peer| peer.boot == boot) else { return };
        if n > peer.said.saturating_add(1) {
            peer.doubt(age);
        }
        peer.said = peer.said.max(n);
    }

    /// Something that a node sent could not be kept.
    pub fn missed(&mut self, node: &NodeId, age: Millis) {
        if let Some(peer) = self.known.get_mut(node) {
            peer.doubt(age);
        }
    }

    /// Looks after the leases; whether anything that is counted changed. Belongs to be called every [`LEASE_EVERY`].
    pub fn sweep(&mut self, age: Millis) -> bool {
        let before = self.reporting(age);
        if let Some(Way::Open { echo, .. }) = self.way
            && since(echo, age) > ECHO_WITHIN
        {
            self.cut();
        }
        let mut ended = false;
        for peer in self.known.values_mut().filter(|peer| peer.is_heard() && since(peer.heard, age) > LEASE) {
            peer.end(Standing::Gone);
            ended = true;
        }
        if ended {
            self.leave_a_gap();
        }
        if self.is_open() {
            self.known.retain(|_, peer| since(peer.heard, age) < EXPECTED_FOR);
        }
        ended || self.reporting(age) != before
    }

    /// Whom to ask now, if anybody is in doubt and nobody is being asked.
    pub fn ask(&mut self, age: Millis) -> Option<Ask> {
        if let Some(asked) = &self.asked {
            let peer = self.known.get(&asked.ask.peer);
            let waits = peer.is_some_and(|peer| peer.is_heard() && peer.boot == asked.boot);
            if waits && since(asked.heard, age) < ANSWER_WITHIN {
                return None;
            }
            self.asked = None;
        }
        if !matches!(self.way, Some(Way::Open { .. })) {
            return None;
        }
        let ready = |peer: &Peer| peer.tried.is_none_or(|tried| since(tried, age) >= ASK_AGAIN);
        let in_doubt = self.known.iter_mut().filter(|(_, peer)| peer.is_heard() && peer.doubt.is_some() && ready(peer));
        let (node, peer) = in_doubt.min_by_key(|(_, peer)| peer.tried.map(|tried| tried.0))?;
        peer.tried = Some(age);
        self.asks = self.asks.wrapping_add(1);
        let ask = Ask { peer: node.clone(), no: self.asks };
        self.asked = Some(Asked { ask: ask.clone(), boot: peer.boot, doubts: peer.doubts, parts: 0, heard: age });
        Some(ask)
    }

    /// Whether part number `part`, counted from 0, is the next of the answer that is waited for.
    pub fn awaits(&self, ask: &Ask, part: u32) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.ask == *ask && asked.parts == part)
    }

    /// Hears the next part of an answer; call it once what it says is kept. With the `last` one the doubt is over.
    pub fn answered(&mut self, ask: &Ask, part: u32, last: bool, age: Millis) {
        if !self.awaits(ask, part) {
            return;
        }
        let Some(mut asked) = self.asked.take() else { return };
        if !last {
            asked.parts += 1;
            asked.heard = age;
            self.asked = Some(asked);
            return;
        }
        if let Some(peer) = self.known.get_mut(&ask.peer)
            && peer.boot == asked.boot
        {
            // What follows a good answer need not wait.
            peer.tried = None;
            if peer.doubts == asked.doubts {
                (peer.doubt, peer.is_owed) = (None, false);
            }
        }
    }

    /// Phones live on the other nodes.
    pub fn phones(&self) -> u32 {
        self.known.values().fold(0, |sum, peer| sum.saturating_add(peer.phones))
    }

    /// Phones live on the other nodes, at one gathering.
    pub fn phones_at(&self, slug: &Slug) -> u32 {
        self.known.values().filter_map(|peer| peer.here.get(slug)).fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Gatherings where other nodes have phones.
    pub fn places(&self) -> impl Iterator<Item = &Slug> {
        self.known.values().flat_map(|peer| peer.here.keys())
    }

    /// The nodes that are heard, without this one.
    pub fn heard(&self) -> impl Iterator<Item = &NodeId> {
        self.known.iter().filter(|(_, peer)| peer.is_heard()).map(|(node, _)| node)
    }

    /// Whether one of them is heard now. What comes from another was perhaps heard by nobody else.
    pub fn hears(&self, node: &NodeId) -> bool {
        self.known.get(node).is_some_and(Peer::is_heard)
    }

    /// How it stands with all of that.
    pub fn outlook(&self, age: Millis) -> Outlook {
        let (engine, is_settled) = match self.way {
            None => (EngineState::None, false),
            Some(Way::Cut) => (EngineState::Lost, false),
            Some(Way::Open { since: opened, .. }) => (EngineState::Joined, since(opened, age) >= SETTLED_AFTER),
        };
        let awaited = self.known.iter().filter(|(_, peer)| peer.standing != Standing::Left);
        let nodes = awaited.map(|(node, peer)| (node.clone(), peer.is_heard())).collect();
        Outlook { reporting: self.reporting(age), engine, nodes, is_settled, has_twin: self.has_twin(age) }
    }

    fn has_twin(&self, age: Millis) -> bool {
        self.twin.is_some_and(|heard| since(heard, age) <= LEASE)
    }

    /// Whether the way to the others is open.
    pub fn is_open(&self) -> bool {
        matches!(self.way, Some(Way::Open { .. }))
    }

    /// How much of the whole is known here.
    pub fn reporting(&self, age: Millis) -> Reporting {
        let Some(way) = self.way else { return Reporting::default() };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let awaited = self.known.values().filter(|peer| peer.standing != Standing::Left);
        let expected = count(awaited.clone().count() + 1);
        let Way::Open { since: opened, .. } = way else { return Reporting { exact: false, nodes: 1, expected } };
        let nodes = count(self.known.values().filter(|peer| peer.speaks(age)).count() + 1);
        let sure =
            |peer: &Peer| peer.is_full && peer.doubt.is_none_or(|doubt| !peer.is_owed && since(doubt, age) < DOUBT_FOR);
        let exact = since(opened, age) >= SETTLED_AFTER
            && nodes == expected
            && !self.has_twin(age)
            && awaited.clone().all(sure);
        Reporting { exact, nodes, expected }
    }

    /// Makes the others doubt this node, as if it had said something that nobody heard: what it knows of one who is
    /// gone may be known to it alone, and not everybody may have known that one.
    fn leave_a_gap(&mut self) {
        self.said += 1;
    }

    /// Makes room by forgetting one that is not there; whether there was one.
    fn forget_one(&mut self) -> bool {
        let absent = self.known.iter().filter(|(_, peer)| !peer.is_heard());
        let oldest = absent.min_by_key(|(_, peer)| peer.heard).map(|(node, _)| node.clone());
        oldest.is_some_and(|node| self.known.remove(&node).is_some())
    }
}

fn since(then: Millis, now: Millis) -> Millis {
    Millis(now.0.saturating_sub(then.0))
}

#[cfg(test)]
mod tests;
