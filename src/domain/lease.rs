//! A node's sign of life to the other nodes, and its share of the phones live.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{gathering::Slug, version::NodeId};

/// What a node says of itself a few times a second. Whoever does not hear it for a while no longer counts its phones;
/// nobody ever has to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who speaks.
    pub node: NodeId,
    /// When it was started, Unix milliseconds by its own clock: tells what it says now from what it said before.
    pub boot: u64,
    /// Counts its leases since it was started.
    pub no: u64,
    /// How many messages with facts it has sent since it was started: whoever has heard fewer has missed some.
    pub said: u64,
    /// Phones live on it.
    pub phones: u32,
    /// The same at each gathering where there is any; said at a slower pace. Left out, it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<BTreeMap<Slug, u32>>,
    /// Whether it is about to stop, in good order: nobody is to wait for it.
    #[serde(default, skip_serializing_if = "is_not")]
    pub leaving: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_not(flag: &bool) -> bool {
    !*flag
}
