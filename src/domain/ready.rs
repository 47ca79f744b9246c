//! The roll-call: a gathering says that it is ready.

use serde::{Deserialize, Serialize};

use super::{gathering::Slug, time::UnixMillis, version::Version};

/// What a steward last said of a gathering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The gathering.
    pub gathering: Slug,
    /// Its place in its own history.
    pub version: Version,
    /// Whether it is.
    pub ready: bool,
    /// When it was said: what was said for a rehearsal does not count for the day.
    pub at: UnixMillis,
}
