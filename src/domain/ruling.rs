//! An organiser's word on what is held for checking, and on devices that are not to be believed.

use serde::{Deserialize, Serialize};

use super::{device::Device, estimate::Estimate, gathering::Slug, post::Post, time::Minute, version::Version};

/// What a ruling is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Subject {
    /// One device's minute at a post.
    Tally {
        /// The gathering.
        gathering: Slug,
        /// The post.
        post: Post,
        /// Who counted.
        device: Device,
        /// When.
        minute: Minute,
    },
    /// A typed number.
    Estimate(Box<Estimate>),
    /// How many people a gathering may be said to have.
    Gathering {
        /// The gathering.
        gathering: Slug,
    },
    /// Everything that one device ever said.
    Device {
        /// Which.
        device: Device,
    },
}

impl Subject {
    /// It in one line.
    pub fn key(&self) -> String {
        match self {
            Self::Tally { gathering, post, device, minute } => {
                format!("tally/{gathering}/{post}/{device}/{}", minute.number())
            }
            Self::Estimate(estimate) => format!("estimate/{}", estimate.key()),
            Self::Gathering { gathering } => format!("gathering/{gathering}"),
            Self::Device { device } => format!("device/{device}"),
        }
    }
}

/// What was decided. The newest ruling on a subject holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What it is about.
    pub subject: Subject,
    /// Its place in its own history.
    pub version: Version,
    /// The most people that are believed: what lies above is held again. 0 rejects; of a device any other number
    /// takes the quarantine back.
    pub upto: u32,
}
