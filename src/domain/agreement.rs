//! Whether this node's time is that of the other nodes.
//!
//! Every [`ROUND`] a node asks all others what time it is. What one answers is good to within half of the way there and
//! back, and what either may be off by itself. If most of all nodes agree on a time and this node's cannot be that, for
//! [`OUT_AFTER`] rounds in a row, it is to withdraw: its pages would be out of step with everybody else's. It goes on
//! asking, and is to come back when it may be right again for [`BACK_AFTER`] rounds.
//!
//! The time asked for is the served one, which may be bent but never jumps within an epoch. Half of a way measured by it
//! is off by no more than half a thousandth of a millisecond in a millisecond ([`BENT`] at both ends); that is what an
//! answer loses with age, too, and what it is made wider by. A jump is another epoch, and voids all that was measured.
//!
//! Time is the age of this node for rounds, and milliseconds of served time for what is measured.

use std::collections::{BTreeMap, VecDeque};

use super::{
    intersection::{Interval, of_majority},
    peers::MAX_NODES,
    time::Millis,
    version::NodeId,
};

/// How often every node asks the others: three rounds are as quick as anybody could look, and three nodes that ask and
/// answer come to 600 bytes a second.
pub const ROUND: Millis = Millis(2_000);

/// Rounds in a row that must find this node outside, so that one bad moment of the network moves nobody.
pub const OUT_AFTER: u8 = 3;

/// Rounds in a row that must find it inside again: longer, so that it does not send people to and fro.
pub const BACK_AFTER: u8 = 5;

/// Fewest nodes among whom there can be a majority against one.
pub const FEWEST: usize = 3;

/// What a clock that nothing vouches for is taken to be off by, ms: the same as one that is called synchronised. With
/// more, its node would be right whatever it serves; with less, it would be held to more than the good ones.
pub const UNKNOWN_BOUND_MS: f64 = 50.0;

/// Answers that a node's time is judged by: the one that was quickest counts.
const SAMPLES: usize = 5;

/// How long an answer is good for. A node that is silent longer is not measured.
const GOOD_FOR: Millis = Millis(5 * ROUND.0);

/// Longest way there and back that tells anything, in ms; what takes longer was lost, or is of another time.
const LONGEST_WAY_MS: f64 = 2_000.0;

/// A kernel's largest bound, in ms (adjtimex, `NTP_PHASE_LIMIT`): more is not a bound.
const MAX_BOUND_MS: f64 = 16_000.0;

/// How much two served times may move apart, each bent by 500 parts in a million, in ms per ms.
const BENT: f64 = 0.001;

/// What a node answers. Times are served ones in Unix milliseconds with a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The number of the question.
    pub seq: u32,
    /// When it was asked, by the asker.
    pub c1: f64,
    /// When the question came, by the answerer.
    pub s2: f64,
    /// When the answer left, by the answerer.
    pub s3: f64,
    /// The answerer's epoch.
    pub epoch: u32,
    /// How far the answerer's time may be off, if it knows.
    pub err: Option<f64>,
    /// Whether the answerer has withdrawn itself.
    pub withdrawn: bool,
}

/// What this node's own time is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Own {
    /// The served time, in Unix milliseconds with a fraction.
    pub ms: f64,
    /// Its epoch.
    pub epoch: u32,
    /// How far it may be off, if that is known.
    pub err: Option<f64>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// All stays as it is.
    None,
    /// This node is to withdraw.
    Withdraw,
    /// It may come back.
    Return,
}

/// How this node's time stands among the others', as of the last round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Among {
    /// Nodes whose time is known, this one among them.
    pub nodes: usize,
    /// Those of them whose time may be the one that most agree on; 0 if there is none.
    pub agree: usize,
    /// How far this node is ahead of what most agree on, in ms, and how sure that is; `None` if there is no such time.
    pub ahead: Option<(f64, f64)>,
    /// Whether this node has withdrawn.
    pub withdrawn: bool,
}

impl Default for Among {
    /// The only node that is known.
    fn default() -> Self {
        Self { nodes: 1, agree: 0, ahead: None, withdrawn: false }
    }
}

/// This node's time among the others'.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// Numbers of the questions, and when each was asked; the newest last.
    asked: VecDeque<(u32, f64)>,
    seq: u32,
    epoch: Option<u32>,
    nodes: BTreeMap<NodeId, Measured>,
    /// Rounds in a row that spoke for a change.
    rounds: u8,
    among: Among,
}

/// What is known of one node's time.
#[derive(Clone, Debug)]
struct Measured {
    epoch: u32,
    withdrawn: bool,
    samples: VecDeque<Sample>,
}

/// One answer.
#[derive(Clone, Copy, Debug)]
struct Sample {
    seq: u32,
    /// How far the other is ahead, in ms.
    offset: f64,
    half: f64,
    heard: Millis,
}

impl Sample {
    /// How far off it may be at `age`.
    fn half_at(&self, age: Millis) -> f64 {
        self.half + BENT * millis(age.0.saturating_sub(self.heard.0))
    }
}

impl Agreement {
    /// The number of a question that is asked now.
    pub fn ask(&mut self, own: Own) -> u32 {
        self.mind(own.epoch);
        self.seq = self.seq.wrapping_add(1);
        if self.asked.len() >= SAMPLES {
            self.asked.pop_front();
        }
        self.asked.push_back((self.seq, own.ms));
        self.seq
    }

    /// Hears an answer of another `node`. One that nobody asked for, or that makes no sense, is let go.
    pub fn hear(&mut self, node: &NodeId, answer: &Answer, own: Own, age: Millis) {
        self.mind(own.epoch);
        let Answer { seq, c1, s2, s3, epoch, err, withdrawn } = *answer;
        // Another start of this node may have asked under the same number, but not at the same time.
        let asked = self.asked.iter().find(|&&(no, at)| no == seq && (at - c1).abs() < 1.0);
        let Some(&(_, asked)) = asked else { return };
        let there_and_back = own.ms - asked;
        let spans = [there_and_back, s3 - s2];
        if !spans.iter().all(|span| (0.0..=LONGEST_WAY_MS).contains(span)) {
            return;
        }
        if self.nodes.len() >= MAX_NODES && !self.nodes.contains_key(node) {
            return;
        }
        let fresh = || Measured { epoch, withdrawn, samples: VecDeque::with_capacity(SAMPLES) };
        let measured = self.nodes.entry(node.clone()).or_insert_with(fresh);
        if measured.epoch != epoch {
            *measured = fresh();
        }
        measured.withdrawn = withdrawn;
        if measured.samples.iter().any(|sample| sample.seq == seq) {
            return;
        }
        if measured.samples.len() >= SAMPLES {
            measured.samples.pop_front();
        }
        let way = (there_and_back - (s3 - s2)).max(0.0);
        let offset = f64::midpoint(s2 - asked, s3 - own.ms);
        measured.samples.push_back(Sample { seq, offset, half: way / 2.0 + bound(err), heard: age });
    }

    /// Judges this node's time by what was heard; belongs to be called once every [`ROUND`].
    ///
    /// While the way to the others is not `open`, nothing is learned, and nothing changes: a node that withdrew does not
    /// become right by being cut off.
    pub fn judge(&mut self, own: Own, open: bool, age: Millis) -> Change {
        self.mind(own.epoch);
        if !open {
            self.rounds = 0;
            return Change::None;
        }
        self.nodes.retain(|_, node| {
            node.samples.retain(|sample| age.0.saturating_sub(sample.heard.0) <= GOOD_FOR.0);
            !node.samples.is_empty()
        });
        let itself = Interval::around(0.0, bound(own.err));
        let others: Vec<(Interval, bool)> = self.nodes.values().filter_map(|node| node.interval(age)).collect();
        let all: Vec<Interval> = others.iter().map(|(interval, _)| *interval).chain([itself]).collect();
        let most = of_majority(&all).filter(|_| all.len() >= FEWEST);
        // Whoever leaves leaves people to somebody: one who serves, and is right.
        let heirs = |most| others.iter().any(|(interval, withdrawn)| !withdrawn && interval.meets(most));
        let is_out = most.is_some_and(|most| !itself.meets(most) && heirs(most));
        let withdrawn = self.among.withdrawn;
        self.among = Among {
            nodes: all.len(),
            agree: most.map_or(0, |most| all.iter().filter(|interval| interval.meets(most)).count()),
            ahead: most.map(|most| (-most.centre(), most.half())),
            withdrawn,
        };
        self.rounds = if is_out == withdrawn { 0 } else { self.rounds.saturating_add(1) };
        if self.rounds < if withdrawn { BACK_AFTER } else { OUT_AFTER } {
            return Change::None;
        }
        self.rounds = 0;
        self.among.withdrawn = is_out;
        if is_out { Change::Withdraw } else { Change::Return }
    }

    /// How it stands, as of the last round.
    pub fn among(&self) -> Among {
        self.among
    }

    /// After a jump of this node's own time, what was measured by the old one means nothing.
    fn mind(&mut self, epoch: u32) {
        if self.epoch.replace(epoch) != Some(epoch) {
            self.asked.clear();
            self.nodes.clear();
        }
    }
}

impl Measured {
    /// How far it is ahead, by its best answer; and whether it has withdrawn.
    fn interval(&self, age: Millis) -> Option<(Interval, bool)> {
        let best = self.samples.iter().min_by(|a, b| a.half_at(age).total_cmp(&b.half_at(age)))?;
        Some((Interval::around(best.offset, best.half_at(age)), self.withdrawn))
    }
}

fn bound(err: Option<f64>) -> f64 {
    err.filter(|err| (0.0..=MAX_BOUND_MS).contains(err)).unwrap_or(UNKNOWN_BOUND_MS)
}

/// A span of at most some hours as a number.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn millis(span: i64) -> f64 {
    span as f64
}

#[cfg(test)]
mod tests;
