//! The one kind of thing that is kept, shared and merged.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{gathering::Gathering, moment::Moment};

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
        Self { rev: current.map_or(0, |v| v.rev) + 1, node: node.clone() }
    }
}

/// Something learned that lasts. Safe to learn twice, late, or out of order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The instant everybody acts.
    Moment(Moment),
    /// One local event.
    Gathering(Gathering),
}

impl Fact {
    /// What kind of thing this is about, as a stable word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Moment(_) => "moment",
            Self::Gathering(_) => "gathering",
        }
    }

    /// Which of its kind it is about; two facts with the same kind and key compete by version.
    pub fn key(&self) -> &str {
        match self {
            Self::Moment(_) => "",
            Self::Gathering(g) => g.slug.as_str(),
        }
    }

    /// Its place in its own history.
    pub fn version(&self) -> &Version {
        match self {
            Self::Moment(m) => &m.version,
            Self::Gathering(g) => &g.version,
        }
    }
}
