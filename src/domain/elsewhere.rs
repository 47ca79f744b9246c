//! People who say that they take part away from a listed gathering.

use serde::{Deserialize, Serialize};

use super::{
    time::{Millis, UnixMillis},
    version::NodeId,
};

/// Most people one page may speak for.
pub const MAX_PARTY: u32 = 9;

/// Totals are kept by the hour, so that what was said at a rehearsal is not part of the day.
const HOUR: Millis = Millis::from_mins(60);

/// What one node was told in one hour, as growing totals that only it writes; merged by maximum. Nobody's single word
/// is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The node that was told.
    pub node: NodeId,
    /// When the hour began.
    pub since: UnixMillis,
    /// People who joined.
    pub joined: u64,
    /// People who took that back, of this hour or of one before.
    pub taken_back: u64,
}

impl Elsewhere {
    /// A node that was told nothing yet in the hour of `at`.
    pub fn none(node: NodeId, at: UnixMillis) -> Self {
        Self { node, since: Self::hour(at), joined: 0, taken_back: 0 }
    }

    /// When the hour of `at` began.
    pub const fn hour(at: UnixMillis) -> UnixMillis {
        UnixMillis(at.0.div_euclid(HOUR.0) * HOUR.0)
    }

    /// Merges what else is known of the same node and hour; whether that was anything new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let grown = other.joined > self.joined || other.taken_back > self.taken_back;
        self.joined = self.joined.max(other.joined);
        self.taken_back = self.taken_back.max(other.taken_back);
        grown
    }
}
