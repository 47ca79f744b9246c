//! What an organiser switches for the whole day.

use serde::{Deserialize, Serialize};

use super::{time::UnixMillis, version::Version};

/// Which switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Whether people may say that they take part elsewhere; on until somebody turns it off.
    Elsewhere,
    /// Whether the figures are signed off; off until somebody does.
    Final,
}

impl Name {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elsewhere => "elsewhere",
            Self::Final => "final",
        }
    }
}

/// How a switch stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Which.
    pub name: Name,
    /// Its place in its own history.
    pub version: Version,
    /// On or off.
    pub on: bool,
    /// Since when.
    pub at: UnixMillis,
}
