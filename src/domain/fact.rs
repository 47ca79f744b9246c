//! The one kind of thing that is kept, shared and merged.

use serde::{Deserialize, Serialize};

use super::{gathering::Gathering, moment::Moment, version::Version};

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
