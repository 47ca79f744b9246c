//! A node whose time is not that of the others serves nobody until it is.
//!
//! [`Agreement`] says when; this asks and answers for it, and keeps the doors. Pages that were here go where people are
//! in step with each other, and lose nothing: what a steward tapped is on the phone until some node has kept it.

use std::{future::pending, sync::Mutex, time::Duration};

use tokio::sync::watch;

use super::{Hub, locked};
use crate::{
    clock::Stamp,
    domain::{
        agreement::{Agreement, Among, Answer, Change, Own},
        version::NodeId,
    },
    mesh::To,
    wire::mesh::Between,
};

/// What the hub knows of the others' time, and whether it has withdrawn.
#[derive(Debug, Default)]
pub(super) struct Withdrawal {
    agreement: Mutex<Agreement>,
    withdrawn: watch::Sender<bool>,
}

impl Hub {
    /// Whether this node has withdrawn because its time is not that of the others.
    pub fn is_withdrawn(&self) -> bool {
        *self.withdrawal.withdrawn.borrow()
    }

    /// How this node's time stands among the others'.
    pub fn among(&self) -> Among {
        locked(&self.withdrawal.agreement).among()
    }

    /// Whenever this node withdraws, sees its pages off within the `grace` time, so many in a second if that is enough;
    /// and lets them in again when it is back.
    pub async fn see_off_while_withdrawn(&self, returns_per_s: u32, grace: Duration) {
        let mut withdrawn = self.withdrawal.withdrawn.subscribe();
        // The hub holds the other end.
        while withdrawn.wait_for(|withdrawn| *withdrawn).await.is_ok() {
            let see_off = async {
                self.say_bye(returns_per_s, grace).await;
                pending::<()>().await;
            };
            tokio::select! {
                () = see_off => {}
                _ = withdrawn.wait_for(|withdrawn| !withdrawn) => {}
            }
            self.closing.send_replace(None);
        }
    }

    /// Judges what was heard since the last round, and asks again.
    pub(super) fn compare_clocks(&self) {
        let open = locked(&self.nodes.peers).is_open();
        let own = own(self.clock.stamp());
        let (change, among, seq) = {
            let mut agreement = locked(&self.withdrawal.agreement);
            let change = agreement.judge(own, open, self.age());
            (change, agreement.among(), agreement.ask(own))
        };
        self.meters.agreement(&among);
        match change {
            Change::None => {}
            Change::Withdraw | Change::Return => self.act_on(&among),
        }
        self.nodes.say(To::All, &Between::ClockAsk { node: self.node.clone(), seq, c1: own.ms });
    }

    fn act_on(&self, among: &Among) {
        let Among { nodes, agree, ahead, withdrawn } = *among;
        let (offset_ms, bound) = ahead.unzip();
        self.withdrawal.withdrawn.send_replace(withdrawn);
        if withdrawn {
            tracing::error!(
                offset_ms,
                bound,
                nodes,
                agree,
                "this server's time is not the one that most nodes agree on: it withdraws, and sends every page to the others until its clock is right"
            );
        } else {
            tracing::info!(
                offset_ms,
                bound,
                nodes,
                agree,
                "this server is back: no majority of nodes contradicts its time"
            );
        }
    }

    /// Answers a question for the time that came at `s2`; not if the clock has jumped since, as nothing can be said then
    /// that holds for both stamps.
    pub(super) fn tell_time(&self, asker: &NodeId, seq: u32, c1: f64, s2: Stamp) {
        let s3 = self.clock.stamp();
        if s2.epoch != s3.epoch {
            return;
        }
        let answer = Between::ClockAnswer {
            node: self.node.clone(),
            seq,
            c1,
            s2: s2.ms(),
            s3: s3.ms(),
            epoch: s3.epoch,
            err: s3.err_ms,
            withdrawn: self.is_withdrawn(),
        };
        self.nodes.say(To::One(asker), &answer);
    }

    /// Hears what time it is at another node; `came` is when.
    pub(super) fn hear_time(&self, node: &NodeId, answer: &Answer, came: Stamp) {
        locked(&self.withdrawal.agreement).hear(node, answer, own(came), self.age());
    }
}

fn own(stamp: Stamp) -> Own {
    Own { ms: stamp.ms(), epoch: stamp.epoch, err: stamp.err_ms }
}
