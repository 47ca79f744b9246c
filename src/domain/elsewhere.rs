//! People who say that they take part away from a listed gathering.

use serde::{Deserialize, Serialize};

use super::version::NodeId;

/// Most people one page may speak for.
pub const MAX_PARTY: u32 = 9;

/// What one node was told, as growing totals that only it writes; merged by maximum. Nobody's single word is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The node that was told.
    pub node: NodeId,
    /// People who joined.
    pub joined: u64,
    /// Of these, taken back.
    pub taken_back: u64,
}

impl Elsewhere {
    /// A node that was told nothing yet.
    pub fn none(node: NodeId) -> Self {
        Self { node, joined: 0, taken_back: 0 }
    }

    /// Merges what else is known of the same node; whether that was anything new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let grown = other.joined > self.joined || other.taken_back > self.taken_back;
        self.joined = self.joined.max(other.joined);
        self.taken_back = self.taken_back.max(other.taken_back);
        grown
    }

    /// People now.
    pub fn people(&self) -> u64 {
        self.joined.saturating_sub(self.taken_back)
    }
}
