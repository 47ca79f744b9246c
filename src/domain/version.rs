//! Who wrote a fact, and its place in the line of its own history.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Which node wrote a fact: a short random name, drawn when its journal is made.
///
/// It names a server, never a person or a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeId(String);

/// Longest node name accepted, in bytes.
const MAX_NODE_BYTES: usize = 32;

/// A node name that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a node name; use 1 to 32 of a-z, 0-9 and hyphen")]
pub struct NodeIdError(String);

impl NodeId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeId {
    type Err = NodeIdError;

    fn from_str(name: &str) -> Result<Self, NodeIdError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=MAX_NODE_BYTES).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NodeIdError(name.chars().take(MAX_NODE_BYTES).collect()))
        }
    }
}

impl TryFrom<String> for NodeId {
    type Error = NodeIdError;

    fn try_from(name: String) -> Result<Self, NodeIdError> {
        name.parse()
    }
}

impl From<NodeId> for String {
    fn from(id: NodeId) -> Self {
        id.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of a fact in the line of its own history: the higher one wins, on every node alike.
///
/// Two nodes that write the same revision apart from each other are told apart by their names, so that
/// every reader settles on the same one. One node never writes the same version twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// Counts up by one with every change; 0 is "never written".
    pub rev: u64,
    /// Who wrote it.
    pub node: NodeId,
}

impl Version {
    /// The version after `self`, written by `node`.
    pub fn next(current: Option<&Self>, node: &NodeId) -> Self {
        Self { rev: current.map_or(0, |v| v.rev).saturating_add(1), node: node.clone() }
    }
}

/// Whether `new` stays, of two facts with the same kind and key.
///
/// No version should ever be written twice; but a node that was put back from a copy of its disk may do so, and a node
/// of an older release holds less of a fact than was written. So of two that have the same version the one that says
/// more stays, by the length of its JSON, then by its bytes. The journal compares alike.
pub(super) fn prevails<T: Serialize + PartialEq>(new: &T, old: &T, version: impl Fn(&T) -> &Version) -> bool {
    match version(new).cmp(version(old)) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => new != old && weight(new) > weight(old),
    }
}

fn weight(fact: &impl Serialize) -> (usize, String) {
    let text = serde_json::to_string(fact).unwrap_or_default();
    (text.len(), text)
}
