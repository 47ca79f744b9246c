//! Answers to other nodes: all facts in the leaves that are not the same on both, one question after the other.

use std::{collections::VecDeque, time::Duration};

use serde_json::Value;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::spawn_blocking,
    time::{Instant, timeout_at},
};
use tracing::warn;

use super::{exchange::Want, facts::sum};
use crate::{
    domain::{
        leaves::Leaves,
        peers::{ANSWER_WITHIN, MAX_NODES},
    },
    hub::Hub,
    journal::{Facts, OpenError},
    mesh::To,
    wire::{
        facts::written,
        mesh::{Between, MAX_FACTS_BYTES, leaves_from_text},
    },
};

/// Some facts of an answer, and whether they are the last.
type Piece = (Vec<Value>, bool);

impl Hub {
    /// Hears another node's question.
    pub(super) fn hear_want(&self, want: Want) {
        self.nodes.exchange.want(want);
    }

    pub(super) async fn answer_nodes(&self, mut wants: Receiver<Want>) {
        let mut waiting = VecDeque::new();
        loop {
            let want = match waiting.pop_front() {
                Some(want) => want,
                None => match wants.recv().await {
                    Some(want) => want,
                    None => return,
                },
            };
            // Without leaves it is the wish for more of an answer that was given up.
            if let Some(leaves) = want.leaves.as_deref().and_then(leaves_from_text) {
                self.answer(&want, leaves, &mut wants, &mut waiting).await;
            }
        }
    }

    async fn answer(
        &self,
        want: &Want,
        leaves: Leaves,
        wants: &mut Receiver<Want>,
        waiting: &mut VecDeque<Want>,
    ) -> Option<()> {
        // One piece ahead: the disk is not waited for by whoever has kept a piece.
        let (give, mut pieces) = channel(1);
        let facts = self.journal.facts();
        let reading = spawn_blocking(move || {
            if let Err(error) = read_differing(&facts, &leaves, &give) {
                warn!(%error, "the journal cannot be read to answer another node");
            }
        });
        for part in 0.. {
            if part > 0 {
                next_want(want, part, wants, waiting).await?;
            }
            let (facts, last) = pieces.recv().await?;
            let Want { node: asker, ask, .. } = want;
            let have = Between::Have { node: self.node.clone(), ask: *ask, part, last, facts };
            self.nodes.say(To::One(asker), &have);
            if last {
                break;
            }
        }
        reading.await.ok()
    }
}

/// Waits until the next part of an answer is wanted; none if the asker has gone, or has another question. What others
/// ask meanwhile is put in line.
async fn next_want(answered: &Want, part: u32, wants: &mut Receiver<Want>, waiting: &mut VecDeque<Want>) -> Option<()> {
    let until = Instant::now() + Duration::from_millis(ANSWER_WITHIN.0.unsigned_abs());
    loop {
        let want = timeout_at(until, wants.recv()).await.ok()??;
        let is_the_askers = want.node == answered.node;
        if is_the_askers && (want.ask, want.part) == (answered.ask, part) && want.leaves.is_none() {
            return Some(());
        }
        if want.leaves.is_some() && (!is_the_askers || want.ask != answered.ask) {
            // Whoever asks again has given up the question before.
            waiting.retain(|other| other.node != want.node);
            if waiting.len() < MAX_NODES {
                waiting.push_back(want);
            }
            if is_the_askers {
                return None;
            }
        }
    }
}

/// Reads all facts in the leaves where the asker has something else, and hands them on piece by piece. What is kept
/// between the sums and the second look is said to all anyway.
fn read_differing(facts: &Facts, asker: &Leaves, give: &Sender<Piece>) -> Result<(), OpenError> {
    let differing = sum(facts)?.differing(asker);
    let mut pieces = Pieces::default();
    facts.each(|fact| {
        if differing[Leaves::place(&fact)]
            && let Some(fact) = written(&fact)
            && let Some(piece) = pieces.add(fact)
        {
            // Nobody takes it if the asker has gone.
            let _ = give.blocking_send((piece, false));
        }
    })?;
    let _ = give.blocking_send((pieces.rest(), true));
    Ok(())
}

/// Facts in pieces of at most [`MAX_FACTS_BYTES`], in their order.
pub(super) fn parts_of(facts: impl Iterator<Item = Value>) -> impl Iterator<Item = Vec<Value>> {
    let mut pieces = Pieces::default();
    let mut facts = facts.fuse();
    std::iter::from_fn(move || {
        let whole = facts.by_ref().find_map(|fact| pieces.add(fact));
        whole.or_else(|| Some(pieces.rest()).filter(|rest| !rest.is_empty()))
    })
}

/// What becomes a piece.
#[derive(Debug, Default)]
struct Pieces {
    facts: Vec<Value>,
    bytes: usize,
}

impl Pieces {
    /// Adds a fact; gives the piece before it if it has no room for this one.
    fn add(&mut self, fact: Value) -> Option<Vec<Value>> {
        let bytes = fact.to_string().len() + 1;
        let is_full = self.bytes + bytes > MAX_FACTS_BYTES && !self.facts.is_empty();
        let full = is_full.then(|| self.rest());
        self.facts.push(fact);
        self.bytes += bytes;
        full
    }

    /// What is left.
    fn rest(&mut self) -> Vec<Value> {
        self.bytes = 0;
        std::mem::take(&mut self.facts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_bounded_and_hold_everything_in_its_order(lengths in prop::collection::vec(0usize..200_000, 0..12)) {
            let facts: Vec<_> = lengths.iter().map(|n| Value::from("x".repeat(*n))).collect();
            let pieces: Vec<_> = parts_of(facts.iter().cloned()).collect();
            for piece in &pieces {
                prop_assert!(!piece.is_empty());
                let bytes: usize = piece.iter().map(|fact| fact.to_string().len() + 1).sum();
                prop_assert!(bytes <= MAX_FACTS_BYTES || piece.len() == 1);
            }
            prop_assert_eq!(pieces.concat(), facts);
        }
    }
}
