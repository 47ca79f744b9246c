//! Facts between nodes: what is kept here is said once; what others say is kept here too; what was missed is asked for.

use futures_util::future::join_all;
use serde_json::Value;
use tokio::{sync::mpsc::Receiver, task::spawn_blocking};
use tracing::warn;

use super::{
    answers::parts_of,
    exchange::{Part, Told},
};
use crate::{
    domain::{fact::Fact, leaves::Leaves, peers::Ask, version::NodeId},
    hub::{Hub, locked},
    journal::{Entry, Facts, KeepError, OpenError},
    mesh::To,
    wire::{
        facts::{read, written},
        mesh::{Between, leaves_as_text},
    },
};

/// Most messages that are kept together: as many as share one flush of the journal.
const AT_ONCE: usize = 256;

impl Hub {
    /// Tells the other nodes what is kept now.
    pub(in crate::hub) fn share(&self, facts: &[Fact]) {
        if !locked(&self.nodes.peers).has_others() {
            return;
        }
        self.meters.shared(facts.len());
        let parts: Vec<_> = parts_of(facts.iter().filter_map(written)).collect();
        // Under the lock, so that no lease counts a message that is still to be sent.
        let mut peers = locked(&self.nodes.peers);
        for facts in parts {
            let message = Between::Facts { node: self.node.clone(), boot: peers.boot(), n: peers.say(), facts };
            self.nodes.say(To::All, &message);
        }
    }

    /// Hears facts that another node keeps now. They are noted as heard at once, so that the lease behind them finds
    /// them; they are on the board a flush later, well within the time for which figures may be behind.
    pub(super) fn hear_facts(&self, node: &NodeId, boot: u64, n: u64, facts: Vec<Value>) {
        let mut peers = locked(&self.nodes.peers);
        peers.hear_facts(node, boot, n, self.age());
        if !self.nodes.exchange.tell(Told::News { node: node.clone(), facts }) {
            peers.missed(node, self.age());
        }
    }

    /// Hears a part of an answer. If there is no room for it the answer ends here, and is asked for again.
    pub(super) fn hear_answer(&self, part: Part) {
        if locked(&self.nodes.peers).awaits(&part.ask, part.no) {
            let _ = self.nodes.exchange.tell(Told::Answer(part));
        }
    }

    /// Keeps what others say, asks for what was missed and answers who asks, for as long as the hub lives.
    pub(in crate::hub) async fn exchange_facts(&self) {
        let Some(work) = self.nodes.exchange.work() else { return };
        // Each waits for other things: the disk, the disk, and another node.
        tokio::join!(self.keep_told(work.told), self.ask_nodes(work.asks), self.answer_nodes(work.wants));
    }

    async fn keep_told(&self, mut told: Receiver<Told>) {
        let mut some = Vec::new();
        while told.recv_many(&mut some, AT_ONCE).await > 0 {
            join_all(some.drain(..).map(|told| self.keep_one(told))).await;
        }
    }

    async fn keep_one(&self, told: Told) {
        match told {
            Told::News { node, facts } => {
                if self.learn_from(&node, &facts).await.is_err() {
                    locked(&self.nodes.peers).missed(&node, self.age());
                }
            }
            Told::Answer(Part { ask, no, last, facts }) => {
                if self.learn_from(&ask.peer, &facts).await.is_err() {
                    return;
                }
                let mut peers = locked(&self.nodes.peers);
                if peers.awaits(&ask, no) {
                    peers.answered(&ask, no, last, self.age());
                    if !last {
                        self.say_want(&ask, no.saturating_add(1), None);
                    }
                }
            }
        }
    }

    /// Keeps and merges what is news of a node's facts.
    async fn learn_from(&self, node: &NodeId, facts: &[Value]) -> Result<(), KeepError> {
        let mut news: Vec<Fact> = facts.iter().flat_map(|fact| self.read_fact(node, fact)).collect();
        self.read(|board| news.retain(|fact| !board.knows(fact)));
        if news.is_empty() {
            return Ok(());
        }
        let entry = Entry { at: self.clock.now(), by: format!("node {node}"), facts: news.clone() };
        self.journal.keep(entry).await?;
        self.meters.learned(news.len());
        if !locked(&self.nodes.peers).hears(node) {
            // It came late, from one who is gone: the others have asked each other already for what that one said.
            self.share(&news);
        }
        let _ = self.learn(news);
        Ok(())
    }

    fn read_fact(&self, node: &NodeId, fact: &Value) -> Vec<Fact> {
        read(fact).unwrap_or_else(|garbage| {
            self.meters.garbage(1);
            if self.nodes.exchange.garbles_first(node) {
                warn!(%node, %garbage, "a node says facts that no server says; they are refused, this is said once");
            }
            Vec::new()
        })
    }

    async fn ask_nodes(&self, mut asks: Receiver<Ask>) {
        while let Some(ask) = asks.recv().await {
            let facts = self.journal.facts();
            match spawn_blocking(move || sum(&facts)).await {
                Ok(Ok(leaves)) => self.say_want(&ask, 0, Some(leaves_as_text(&leaves))),
                Ok(Err(error)) => warn!(%error, "the journal cannot be read to ask another node for what is missing"),
                // The runtime is stopping.
                Err(_) => return,
            }
        }
    }

    fn say_want(&self, ask: &Ask, part: u32, leaves: Option<String>) {
        let want = Between::Want { node: self.node.clone(), ask: ask.no, part, leaves };
        self.nodes.say(To::One(&ask.peer), &want);
    }
}

/// The sums of all facts that are kept.
pub(super) fn sum(facts: &Facts) -> Result<Leaves, OpenError> {
    let mut leaves = Leaves::empty();
    facts.each(|fact| leaves.add(&fact))?;
    Ok(leaves)
}
