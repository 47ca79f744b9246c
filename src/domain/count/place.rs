//! What was counted and typed at one gathering, and at one of its posts.

use std::collections::{BTreeMap, BTreeSet};

use super::{course::Course, rulings::Rulings};
use crate::domain::{
    device::Device,
    estimate::Estimate,
    plausibility,
    post::Post,
    tally::{Tally, Totals},
    time::Minute,
    version::Version,
};

/// What was counted and typed at one gathering.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::domain) struct GatheringCount {
    pub(in crate::domain) posts: BTreeMap<Post, PostCount>,
    /// Those for the whole gathering.
    pub(in crate::domain) estimates: BTreeSet<Estimate>,
}

/// What was counted and typed at one post.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::domain) struct PostCount {
    devices: BTreeMap<Device, BTreeMap<Minute, Totals>>,
    /// On one device's minute.
    rulings: Rulings<(Device, Minute)>,
    /// What is believed of all devices together: it follows from the two above and from who is quarantined.
    course: Course,
    pub(in crate::domain) estimates: BTreeSet<Estimate>,
}

impl PostCount {
    /// Merges a tally; whether it said anything new.
    pub(super) fn tally(&mut self, new: &Tally, quarantined: impl Fn(Device) -> bool) -> bool {
        let minutes = self.devices.entry(new.device).or_default();
        let grown = minutes.entry(new.minute).or_default().merge(&new.totals);
        if grown {
            self.reckon(new.minute, quarantined);
        }
        grown
    }

    /// Merges a ruling on one device's minute; whether it is the newest.
    pub(super) fn rule(
        &mut self,
        subject: (Device, Minute),
        version: Version,
        upto: u32,
        quarantined: impl Fn(Device) -> bool,
    ) -> bool {
        let newer = self.rulings.keep(subject, version, upto);
        if newer {
            self.reckon(subject.1, quarantined);
        }
        newer
    }

    /// Reckons everything anew that one device said, because it is now quarantined, or no longer.
    pub(super) fn reckon_device(&mut self, device: Device, quarantined: impl Fn(Device) -> bool) {
        let minutes: Vec<_> = self.devices.get(&device).into_iter().flat_map(BTreeMap::keys).copied().collect();
        for minute in minutes {
            self.reckon(minute, &quarantined);
        }
    }

    fn reckon(&mut self, minute: Minute, quarantined: impl Fn(Device) -> bool) {
        let heard = self.devices.iter().filter(|(device, _)| !quarantined(**device));
        let said = heard.filter_map(|(&device, minutes)| Some((device, minutes.get(&minute)?)));
        let believed =
            said.filter_map(|(device, totals)| plausibility::of_minute(totals, self.rulings.upto(&(device, minute))));
        let net = believed.fold(None, |sum, net| Some(sum.unwrap_or(0) + net));
        self.course.set(minute, net);
    }

    /// What is believed of all devices together, minute by minute.
    pub(in crate::domain) fn course(&self) -> &Course {
        &self.course
    }

    /// What every device said, believed or not.
    pub(in crate::domain) fn devices(&self) -> &BTreeMap<Device, BTreeMap<Minute, Totals>> {
        &self.devices
    }

    /// What was decided about one device's minute.
    pub(in crate::domain) fn ruling(&self, device: Device, minute: Minute) -> Option<u32> {
        self.rulings.upto(&(device, minute))
    }

    /// Whether merging a ruling on one device's minute would change nothing.
    pub(super) fn knows_ruling(&self, subject: (Device, Minute), version: &Version, upto: u32) -> bool {
        self.rulings.knows(&subject, version, upto)
    }

    /// The place of that decision in its own history.
    pub(super) fn ruling_version(&self, device: Device, minute: Minute) -> Option<&Version> {
        self.rulings.version(&(device, minute))
    }
}
