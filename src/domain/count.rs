//! What stewards have counted and typed, and what was ruled about it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    board::keep_newest,
    device::Device,
    estimate::Estimate,
    gathering::Slug,
    post::Post,
    ruling::{Ruling, Subject},
    tally::{Tally, Totals},
    time::Minute,
};

/// Every device's minutes at one post.
pub type Minutes = BTreeMap<Device, BTreeMap<Minute, Totals>>;

/// The merge of all tallies, estimates and rulings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    pub(super) tallies: BTreeMap<Slug, BTreeMap<Post, Minutes>>,
    pub(super) estimates: BTreeMap<Slug, BTreeSet<Estimate>>,
    rulings: BTreeMap<Subject, Ruling>,
}

impl Count {
    /// Merges a tally; whether it said anything new.
    pub(super) fn tally(&mut self, new: Tally) -> bool {
        let posts = self.tallies.entry(new.gathering).or_default();
        let minutes = posts.entry(new.post).or_default().entry(new.device).or_default();
        minutes.entry(new.minute).or_default().merge(&new.totals)
    }

    /// Adds an estimate; whether it was not known.
    pub(super) fn estimate(&mut self, new: Estimate) -> bool {
        self.estimates.entry(new.gathering.clone()).or_default().insert(new)
    }

    /// Merges a ruling; whether it is the newest on its subject.
    pub(super) fn rule(&mut self, new: Ruling) -> bool {
        keep_newest(&mut self.rulings, new.subject.clone(), new, |r| &r.version)
    }
}
