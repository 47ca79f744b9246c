//! The other nodes, as one node knows them: who is there, what they share, and whose facts it may have missed.
//!
//! Every node says a [`Lease`] a few times a second, and every fact it takes as soon as that is kept. Nothing is ever
//! sent twice; so whoever notices a gap, or meets a node for the first time, is *in doubt* about it, and asks it for
//! what is not the same on both (anti-entropy, Demers et al. 1987, section 1.3): see [`Leaves`](super::leaves::Leaves).
//! A node that is gone may have been heard by others, so then all of them are asked.
//!
//! Time is the age of this node, so that no step of a clock ever ends a lease.

use std::collections::BTreeMap;

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

/// How long figures stay partial after the node was cut off, so that a bad line is not told every second.
pub const SETTLED_AFTER: Millis = Millis(1_000);

/// How long a doubt may last before figures are called partial: as long as a total may be behind.
pub const DOUBT_FOR: Millis = Millis(2_000);

/// How long an answer may take, from one part of it to the next.
pub const ANSWER_WITHIN: Millis = Millis(5_000);

/// How long after a failure a node is not asked again.
pub const ASK_AGAIN: Millis = Millis(1_000);

/// How long a node that went without a word is expected back. What it has kept and nobody heard is missing as long.
pub const EXPECTED_FOR: Millis = Millis::from_mins(10);

/// Most nodes: far more than anybody runs, and a bound for what a broken one can make others hold.
pub const MAX_NODES: usize = 32;

/// How much of the whole the figures hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// Whether they hold all of it, up to the last two seconds.
    pub exact: bool,
    /// Nodes that are heard, this one among them.
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

/// One other node.
#[derive(Clone, Debug)]
struct Peer {
    boot: u64,
    no: u64,
    /// When it was last heard.
    heard: Millis,
    phones: u32,
    here: BTreeMap<Slug, u32>,
    /// Whether it ever said everything.
    is_full: bool,
    /// Messages with facts that it had sent when it was last heard.
    said: u64,
    /// Since when something of it may be missing, and how often that was found.
    doubt: Option<Millis>,
    doubts: u32,
    tried: Option<Millis>,
    /// Met while figures were partial anyway: they stay so until it has answered.
    is_owed: bool,
    /// Whether its lease is over; it is expected back for a while.
    is_gone: bool,
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
        Self { boot, way: Some(Way::Cut), ..Self::none(me) }
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

    /// The way to the others is cut.
    pub fn cut(&mut self) {
        if self.way.is_some() {
            self.way = Some(Way::Cut);
        }
    }

    /// Hears a lease.
    pub fn hear(&mut self, lease: Lease, age: Millis) -> Heard {
        if lease.node == self.me {
            if lease.boot != self.boot {
                self.twin = Some(age);
                return Heard::Twin;
            }
            self.way = self.way.map(|way| match way {
                Way::Cut => Way::Open { since: age, echo: age },
                Way::Open { since, .. } => Way::Open { since, echo: age },
            });
            return Heard::Echo;
        }
        if lease.leaving {
            if self.known.remove(&lease.node).is_some() {
                self.doubt_all(age);
            }
            return Heard::Peer;
        }
        let is_partial = !self.reporting(age).exact;
        if !self.known.contains_key(&lease.node) {
            if self.known.len() >= MAX_NODES {
                return Heard::Nothing;
            }
            // Whoever is new has heard nothing yet of the phones here.
            self.full_at = None;
        }
        let peer = self.known.entry(lease.node).or_insert_with(|| Peer::met(lease.boot, is_partial, age));
        if lease.boot < peer.boot && !peer.is_gone || lease.boot == peer.boot && lease.no <= peer.no {
            return Heard::Nothing;
        }
        if lease.boot != peer.boot || peer.is_gone {
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
        Heard::Peer
    }

    /// Hears that a node sent its message with facts number `n`; call it once those are kept.
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
            self.way = Some(Way::Cut);
        }
        let mut ended = false;
        for peer in self.known.values_mut().filter(|peer| !peer.is_gone && since(peer.heard, age) > LEASE) {
            peer.is_gone = true;
            peer.phones = 0;
            peer.here.clear();
            ended = true;
        }
        if ended {
            self.doubt_all(age);
        }
        self.known.retain(|_, peer| since(peer.heard, age) < EXPECTED_FOR);
        ended || self.reporting(age) != before
    }

    /// Whom to ask now, if anybody is in doubt and nobody is being asked.
    pub fn ask(&mut self, age: Millis) -> Option<Ask> {
        if let Some(asked) = &self.asked {
            let peer = self.known.get(&asked.ask.peer);
            let waits = peer.is_some_and(|peer| !peer.is_gone && peer.boot == asked.boot);
            if waits && since(asked.heard, age) < ANSWER_WITHIN {
                return None;
            }
            self.asked = None;
        }
        if !matches!(self.way, Some(Way::Open { .. })) {
            return None;
        }
        let ready = |peer: &Peer| peer.tried.is_none_or(|tried| since(tried, age) >= ASK_AGAIN);
        let in_doubt = self.known.iter_mut().filter(|(_, peer)| !peer.is_gone && peer.doubt.is_some() && ready(peer));
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
        self.known.iter().filter(|(_, peer)| !peer.is_gone).map(|(node, _)| node)
    }

    /// How it stands with all of that.
    pub fn outlook(&self, age: Millis) -> Outlook {
        let (engine, is_settled) = match self.way {
            None => (EngineState::None, false),
            Some(Way::Cut) => (EngineState::Lost, false),
            Some(Way::Open { since: opened, .. }) => (EngineState::Joined, since(opened, age) >= SETTLED_AFTER),
        };
        let nodes = self.known.iter().map(|(node, peer)| (node.clone(), !peer.is_gone)).collect();
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
        let expected = count(self.known.len() + 1);
        let Way::Open { since: opened, .. } = way else { return Reporting { exact: false, nodes: 1, expected } };
        let nodes = count(self.known.values().filter(|peer| !peer.is_gone).count() + 1);
        let sure =
            |peer: &Peer| peer.is_full && peer.doubt.is_none_or(|doubt| !peer.is_owed && since(doubt, age) < DOUBT_FOR);
        let exact = since(opened, age) >= SETTLED_AFTER
            && nodes == expected
            && !self.has_twin(age)
            && self.known.values().all(sure);
        Reporting { exact, nodes, expected }
    }

    fn doubt_all(&mut self, age: Millis) {
        self.known.values_mut().filter(|peer| !peer.is_gone).for_each(|peer| peer.doubt(age));
    }
}

impl Peer {
    /// One that was not known: all that it has may be missing here.
    fn met(boot: u64, is_owed: bool, age: Millis) -> Self {
        Self {
            boot,
            no: 0,
            heard: age,
            phones: 0,
            here: BTreeMap::new(),
            is_full: false,
            said: 0,
            doubt: Some(age),
            doubts: 0,
            tried: None,
            is_owed,
            is_gone: false,
        }
    }

    fn doubt(&mut self, age: Millis) {
        self.doubt.get_or_insert(age);
        self.doubts = self.doubts.wrapping_add(1);
    }
}

fn since(then: Millis, now: Millis) -> Millis {
    Millis(now.0.saturating_sub(then.0))
}
