//! The instant everybody acts: data, and the rules by which it may change.

use serde::{Deserialize, Serialize};

use super::{
    fact::Version,
    text::Texts,
    time::{Millis, UnixMillis},
};

/// What is to be made of the moment right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It will happen at its instant.
    Scheduled,
    /// It waits for word from the organiser; nothing fires.
    Held,
    /// It will not happen; nothing fires.
    Cancelled,
}

/// Something to show at an offset from the moment; sent ahead with it, so it also works offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    /// When, from the moment: negative is before.
    pub offset: Millis,
    /// What to show.
    pub words: Texts,
}

/// The instant everybody acts.
///
/// Civil time and zone are what people agreed on; `at` is the instant they resolve to, and what every page
/// counts down to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Its place in its own history.
    pub version: Version,
    /// What it is called.
    pub name: String,
    /// The time on the wall, as agreed.
    pub civil: jiff::civil::DateTime,
    /// The IANA zone of that wall ("Europe/London").
    pub zone: String,
    /// The instant.
    pub at: UnixMillis,
    /// Whether it will happen.
    pub status: Status,
    /// What to do at the moment.
    pub words: Texts,
    /// What to show around it, in the order of their offsets.
    pub cues: Vec<Cue>,
}
