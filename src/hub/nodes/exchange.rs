//! What was heard of facts and is still to be done, by a task that may wait for the disk.

use std::{collections::BTreeSet, sync::Mutex};

use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{
    domain::{
        peers::{Ask, MAX_NODES},
        version::NodeId,
    },
    hub::locked,
};

/// Messages with facts that may wait for the disk: a second of the busiest minute there is. What finds no room is asked
/// for later.
const MOST_TOLD: usize = 2_048;

/// What another node said of facts.
#[derive(Debug)]
pub(super) enum Told {
    /// As soon as it had kept them.
    News {
        /// Who.
        node: NodeId,
        /// The facts.
        facts: Vec<Value>,
    },
    /// Because it was asked.
    Answer(Part),
}

/// A part of an answer.
#[derive(Debug)]
pub(super) struct Part {
    /// The question.
    pub(super) ask: Ask,
    /// The number of the part, from 0.
    pub(super) no: u32,
    /// Whether it is the last.
    pub(super) last: bool,
    /// Facts, some of which may be known.
    pub(super) facts: Vec<Value>,
}

/// Another node's question, or its wish for the next part of the answer.
#[derive(Debug)]
pub(super) struct Want {
    /// Who asks.
    pub(super) node: NodeId,
    /// The number of the question.
    pub(super) ask: u32,
    /// The part that is wanted, from 0.
    pub(super) part: u32,
    /// What the asker has; said with the question.
    pub(super) leaves: Option<String>,
}

/// The way from the task that hears to the one that works.
#[derive(Debug)]
pub(super) struct Exchange {
    told: Sender<Told>,
    asks: Sender<Ask>,
    wants: Sender<Want>,
    work: Mutex<Option<Work>>,
    /// Nodes that were said to talk garbage, so that it is said once of each.
    garbling: Mutex<BTreeSet<NodeId>>,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) told: Receiver<Told>,
    pub(super) asks: Receiver<Ask>,
    pub(super) wants: Receiver<Want>,
}

impl Exchange {
    pub(super) fn new() -> Self {
        let (told, of_told) = channel(MOST_TOLD);
        // There is never more than one question; another comes when the last was given up.
        let (asks, of_asks) = channel(1);
        let (wants, of_wants) = channel(2 * MAX_NODES);
        let work = Work { told: of_told, asks: of_asks, wants: of_wants };
        Self { told, asks, wants, work: Mutex::new(Some(work)), garbling: Mutex::default() }
    }

    /// The end for whoever does the work; there is one.
    pub(super) fn work(&self) -> Option<Work> {
        locked(&self.work).take()
    }

    /// Hands on what was said; whether there was room.
    pub(super) fn tell(&self, told: Told) -> bool {
        self.told.try_send(told).is_ok()
    }

    /// Has another node asked. What finds no room is given up, and asked again.
    pub(super) fn ask(&self, ask: Ask) {
        let _ = self.asks.try_send(ask);
    }

    /// Has another node answered. What finds no room is given up; the asker asks again.
    pub(super) fn want(&self, want: Want) {
        let _ = self.wants.try_send(want);
    }

    /// Whether nobody heard yet that a node talks garbage. Of more nodes than there can be, nothing is said.
    pub(super) fn garbles_first(&self, node: &NodeId) -> bool {
        let mut garbling = locked(&self.garbling);
        garbling.len() < MAX_NODES && garbling.insert(node.clone())
    }
}
