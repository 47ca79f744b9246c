//! STUB until `count` is merged.

use super::{
    count::Count,
    device::Device,
    fact::Fact,
    gathering::Slug,
    post::Post,
    time::{Millis, UnixMillis},
};

/// The day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The moment.
    pub moment: UnixMillis,
}

impl Day {
    /// Whether it is within.
    pub fn contains(self, at: UnixMillis) -> bool {
        at >= self.moment - Millis::from_mins(24 * 60) && at < self.moment + Millis::from_mins(6 * 60)
    }
}

impl Count {
    /// Stub.
    pub fn devices(&self, _: &Slug, _: &Post, _: Day) -> Vec<(Device, i64)> {
        Vec::new()
    }
    /// Stub.
    pub fn is_held(&self, _: &Fact, _: Option<u32>) -> bool {
        false
    }
    /// Stub.
    pub fn post(&self, _: &Slug, _: &Post, _: Option<u32>, _: Day, _: UnixMillis) -> u32 {
        0
    }
}

/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Headcount {
    /// .
    pub value: u32,
}
impl Count {
    /// Stub.
    pub fn headcount(&self, _: &Slug, _: Option<u32>, _: Day, _: UnixMillis) -> Option<Headcount> {
        None
    }
    /// Stub.
    pub fn held<'a>(&self, _: impl IntoIterator<Item = &'a super::gathering::Gathering>, _: Day) -> Vec<u8> {
        Vec::new()
    }
    /// Stub.
    pub fn totals(&self, g: &Slug, p: &Post, d: Device, m: super::time::Minute) -> Option<super::tally::Totals> {
        self.tallies.get(g)?.get(p)?.get(&d)?.get(&m).copied()
    }
    /// Stub.
    pub fn has_estimate(&self, e: &super::estimate::Estimate) -> bool {
        self.estimates.get(&e.gathering).is_some_and(|all| all.contains(e))
    }
    /// Stub.
    pub fn estimates(&self, g: &Slug) -> usize {
        self.estimates.get(g).map_or(0, std::collections::BTreeSet::len)
    }
}
