//! The one kind of thing that is kept, shared and merged.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    elsewhere::Elsewhere, estimate::Estimate, foreign::Foreign, gathering::Gathering, grant::Grant, moment::Moment,
    ready::Ready, ruling::Ruling, switch::Switch, tally::Tally, version::Version,
};

/// Something learned that lasts. Safe to learn twice, late, or out of order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The instant everybody acts.
    Moment(Moment),
    /// One local event.
    Gathering(Gathering),
    /// What a pass allows.
    Grant(Grant),
    /// The roll-call of one gathering.
    Ready(Ready),
    /// What one device counted in one minute.
    Tally(Tally),
    /// A typed number.
    Estimate(Estimate),
    /// An organiser's word on what was counted.
    Ruling(Ruling),
    /// What one node was told by people elsewhere.
    Elsewhere(Elsewhere),
    /// What an organiser switched for the day.
    Switch(Switch),
    /// What a newer program said, as it came.
    Foreign(Foreign),
}

/// How two facts with the same kind and key become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge<'a> {
    /// The one with the higher version stays; see [`prevails`](super::version::prevails).
    Newest(&'a Version),
    /// The one that grew further stays: only one writer ever adds to it, and never takes away.
    Furthest(u64),
    /// There is only one: the key says all that it says.
    Same,
    /// Total by total, the larger stays.
    Maximum,
}

impl Fact {
    /// Every kind that this program knows, as [`Fact::kind`] calls it.
    pub const KINDS: [&'static str; 10] =
        ["moment", "gathering", "grant", "ready", "tally", "estimate", "ruling", "elsewhere", "switch", "foreign"];

    /// What kind of thing this is about, as a stable word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Moment(_) => "moment",
            Self::Gathering(_) => "gathering",
            Self::Grant(_) => "grant",
            Self::Ready(_) => "ready",
            Self::Tally(_) => "tally",
            Self::Estimate(_) => "estimate",
            Self::Ruling(_) => "ruling",
            Self::Elsewhere(_) => "elsewhere",
            Self::Switch(_) => "switch",
            Self::Foreign(_) => "foreign",
        }
    }

    /// Which of its kind it is about; two facts with the same kind and key are merged as [`Fact::merge`] says.
    pub fn key(&self) -> Cow<'_, str> {
        match self {
            Self::Moment(_) => "".into(),
            Self::Gathering(g) => g.slug.as_str().into(),
            Self::Grant(g) => g.id.as_str().into(),
            Self::Ready(r) => r.gathering.as_str().into(),
            Self::Tally(t) => {
                let (gathering, device, minute) = (&t.gathering, t.device, t.minute.number());
                format!("{gathering}/{}/{device}/{minute}", t.post).into()
            }
            Self::Estimate(e) => e.key().into(),
            Self::Ruling(r) => r.subject.key().into(),
            Self::Elsewhere(e) => format!("{}/{}", e.node, e.since.0).into(),
            Self::Switch(s) => s.name.as_str().into(),
            Self::Foreign(f) => f.digest().into(),
        }
    }

    /// How it is merged with what is known of the same thing.
    pub fn merge(&self) -> Merge<'_> {
        match self {
            Self::Moment(m) => Merge::Newest(&m.version),
            Self::Gathering(g) => Merge::Newest(&g.version),
            Self::Grant(g) => Merge::Newest(&g.version),
            Self::Ready(r) => Merge::Newest(&r.version),
            Self::Ruling(r) => Merge::Newest(&r.version),
            Self::Switch(s) => Merge::Newest(&s.version),
            Self::Elsewhere(e) => Merge::Furthest(e.joined.saturating_add(e.taken_back)),
            Self::Estimate(_) | Self::Foreign(_) => Merge::Same,
            Self::Tally(_) => Merge::Maximum,
        }
    }
}
