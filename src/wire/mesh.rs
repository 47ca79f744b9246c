//! What nodes say to each other, by way of the engine: flat JSON objects tagged by `type`, as on `/live`.
//!
//! Nodes of two releases run side by side while a fleet is renewed. So readers ignore the fields and messages they do
//! not know; a fact is taken as JSON, and what is not understood of it is kept as it came.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{lease::Lease, version::NodeId};

/// Most bytes of facts in one message: a quarter of the megabyte that an engine takes unless told otherwise.
pub const MAX_FACTS_BYTES: usize = 256 * 1024;

/// What one node says to the others, or to one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Between {
    /// To all: a sign of life, and the phones live.
    Lease(Lease),
    /// To all: facts that are kept now.
    Facts {
        /// Who keeps them.
        node: NodeId,
        /// Which start of it this is; see [`Lease`].
        boot: u64,
        /// Counts these messages since the start.
        n: u64,
        /// The facts.
        facts: Vec<Value>,
    },
    /// To one: a question for every fact that is not the same on both.
    Want {
        /// Who asks.
        node: NodeId,
        /// The number of the question.
        ask: u32,
        /// What the asker has, as [`Leaves`](crate::domain::leaves::Leaves) in base64.
        leaves: String,
    },
    /// To one: a part of the answer.
    Have {
        /// Who answers.
        node: NodeId,
        /// The number of the question.
        ask: u32,
        /// The number of the part, from 0.
        part: u32,
        /// Whether it is the last.
        last: bool,
        /// Facts, some of which the asker may know.
        facts: Vec<Value>,
    },
    /// To one: a page has moved; its old seat is to be given up. The seat is a random word that nothing else is
    /// known by, and means nothing once it was said.
    Vacate {
        /// The seat, as its page was told.
        seat: String,
    },
    /// To all: a question for the time.
    ClockAsk {
        /// Who asks.
        node: NodeId,
        /// The number of the question.
        seq: u32,
        /// The asker's time as it asked, Unix milliseconds with a fraction.
        c1: f64,
    },
    /// To one: the answer.
    ClockAnswer {
        /// Who answers.
        node: NodeId,
        /// The number of the question.
        seq: u32,
        /// The asker's time as it asked.
        c1: f64,
        /// The answerer's time as the question came, Unix milliseconds with a fraction.
        s2: f64,
        /// The answerer's time as it answered.
        s3: f64,
        /// The stretch of its time over which its clock did not step.
        epoch: u32,
        /// Its own clock bound in milliseconds; null if unknown.
        err: Option<f64>,
        /// Whether it has withdrawn, because its time is not that of the others.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        withdrawn: bool,
    },
    /// A message of a later version.
    #[serde(other)]
    Unknown,
}
