//! What stewards have counted and typed, and what was ruled about it.
//!
//! Here is how it is kept and merged; what it comes to is in [`headcount`](super::headcount).

mod course;
mod place;
mod rulings;

use std::collections::BTreeMap;

pub(super) use self::place::{GatheringCount, PostCount};
use self::rulings::Rulings;
use super::{
    device::Device,
    estimate::Estimate,
    gathering::Slug,
    post::Post,
    ruling::{Ruling, Subject},
    tally::{Tally, Totals},
    time::Minute,
    version::Version,
};

/// The merge of all tallies, estimates and rulings.
///
/// A tally of each of 360 minutes at 4 posts of 138 gatherings takes about 17 MB; what happened between two minutes
/// is kept reckoned, so that a figure costs a few comparisons for each post.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    gatherings: BTreeMap<Slug, GatheringCount>,
    on_devices: Rulings<Device>,
    on_estimates: Rulings<Estimate>,
    on_gatherings: Rulings<Slug>,
}

impl Count {
    /// Merges a tally; whether it said anything new.
    pub(super) fn tally(&mut self, new: &Tally) -> bool {
        let Self { gatherings, on_devices, .. } = self;
        post_of(gatherings, &new.gathering, &new.post).tally(new, |device| on_devices.upto(&device) == Some(0))
    }

    /// Adds an estimate; whether it was not known.
    pub(super) fn estimate(&mut self, new: Estimate) -> bool {
        let estimates = match &new.post {
            Some(post) => &mut post_of(&mut self.gatherings, &new.gathering, post).estimates,
            None => &mut gathering_of(&mut self.gatherings, &new.gathering).estimates,
        };
        estimates.insert(new)
    }

    /// Merges a ruling; whether it is the newest on its subject.
    pub(super) fn rule(&mut self, new: Ruling) -> bool {
        let Ruling { subject, version, upto } = new;
        match subject {
            Subject::Tally { gathering, post, device, minute } => {
                let Self { gatherings, on_devices, .. } = self;
                let post = post_of(gatherings, &gathering, &post);
                post.rule((device, minute), version, upto, |device| on_devices.upto(&device) == Some(0))
            }
            Subject::Estimate(estimate) => self.on_estimates.keep(*estimate, version, upto),
            Subject::Gathering { gathering } => self.on_gatherings.keep(gathering, version, upto),
            Subject::Device { device } => {
                let newer = self.on_devices.keep(device, version, upto);
                if newer {
                    let Self { gatherings, on_devices, .. } = self;
                    for post in gatherings.values_mut().flat_map(|gathering| gathering.posts.values_mut()) {
                        post.reckon_device(device, |device| on_devices.upto(&device) == Some(0));
                    }
                }
                newer
            }
        }
    }

    /// Whether merging a tally would change nothing.
    pub(super) fn knows_tally(&self, new: &Tally) -> bool {
        let known = self.totals(&new.gathering, &new.post, new.device, new.minute);
        known.is_some_and(|mut known| !known.merge(&new.totals))
    }

    /// Whether merging a ruling would change nothing.
    pub(super) fn knows_ruling(&self, new: &Ruling) -> bool {
        let Ruling { subject, version, upto } = new;
        match subject {
            Subject::Tally { gathering, post, device, minute } => {
                let post = self.at(gathering).and_then(|at| at.posts.get(post));
                post.is_some_and(|post| post.knows_ruling((*device, *minute), version, *upto))
            }
            Subject::Estimate(estimate) => self.on_estimates.knows(estimate, version, *upto),
            Subject::Gathering { gathering } => self.on_gatherings.knows(gathering, version, *upto),
            Subject::Device { device } => self.on_devices.knows(device, version, *upto),
        }
    }

    /// The totals that are known of one device's minute at a post.
    pub fn totals(&self, gathering: &Slug, post: &Post, device: Device, minute: Minute) -> Option<Totals> {
        self.at(gathering)?.posts.get(post)?.devices().get(&device)?.get(&minute).copied()
    }

    /// Whether an estimate is known, word for word.
    pub fn has_estimate(&self, estimate: &Estimate) -> bool {
        let at = self.at(&estimate.gathering);
        let known = match &estimate.post {
            Some(post) => at.and_then(|at| at.posts.get(post)).map(|post| &post.estimates),
            None => at.map(|at| &at.estimates),
        };
        known.is_some_and(|known| known.contains(estimate))
    }

    /// How many estimates there are of a gathering and its posts.
    pub fn estimates(&self, gathering: &Slug) -> usize {
        let at = self.at(gathering).into_iter();
        at.map(|at| at.estimates.len() + at.posts.values().map(|post| post.estimates.len()).sum::<usize>()).sum()
    }

    /// Where anything was counted or typed at a gathering, in the order of the names.
    pub fn posts(&self, gathering: &Slug) -> impl Iterator<Item = &Post> {
        let posts = self.at(gathering).into_iter().flat_map(|gathering| &gathering.posts);
        posts.filter(|(_, post)| !(post.devices().is_empty() && post.estimates.is_empty())).map(|(name, _)| name)
    }

    /// Whether a device is not to be believed.
    pub fn is_quarantined(&self, device: Device) -> bool {
        self.on_devices.upto(&device) == Some(0)
    }

    /// Every device that is not to be believed.
    pub fn quarantined(&self) -> impl Iterator<Item = Device> {
        self.on_devices.rejected().copied()
    }

    /// The place of the newest ruling on a subject in its own history; none if nothing was decided about it.
    pub fn ruling_version(&self, subject: &Subject) -> Option<&Version> {
        match subject {
            Subject::Tally { gathering, post, device, minute } => {
                self.at(gathering)?.posts.get(post)?.ruling_version(*device, *minute)
            }
            Subject::Estimate(estimate) => self.on_estimates.version(estimate),
            Subject::Gathering { gathering } => self.on_gatherings.version(gathering),
            Subject::Device { device } => self.on_devices.version(device),
        }
    }

    /// What was counted and typed at one gathering.
    pub(super) fn at(&self, gathering: &Slug) -> Option<&GatheringCount> {
        self.gatherings.get(gathering)
    }

    /// What was decided about a typed number.
    pub(super) fn ruling_on_estimate(&self, estimate: &Estimate) -> Option<u32> {
        self.on_estimates.upto(estimate)
    }

    /// What was decided about how many people a gathering may be said to have.
    pub(super) fn ruling_on_gathering(&self, gathering: &Slug) -> Option<u32> {
        self.on_gatherings.upto(gathering)
    }
}

fn gathering_of<'a>(gatherings: &'a mut BTreeMap<Slug, GatheringCount>, slug: &Slug) -> &'a mut GatheringCount {
    gatherings.entry(slug.clone()).or_default()
}

fn post_of<'a>(gatherings: &'a mut BTreeMap<Slug, GatheringCount>, slug: &Slug, post: &Post) -> &'a mut PostCount {
    gathering_of(gatherings, slug).posts.entry(post.clone()).or_default()
}
