//! Which stewards' devices are connected now, by the post they count at.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::locked;
use crate::domain::{device::Device, gathering::Slug, post::Post};

/// The devices that are connected, and how often each.
#[derive(Debug, Default)]
pub(super) struct Posts {
    devices: Mutex<HashMap<(Slug, Post), HashMap<Device, u32>>>,
    changes: AtomicU64,
}

impl Posts {
    /// Puts a device at a post, until what is returned is dropped.
    pub(super) fn stand(self: &Arc<Self>, gathering: &Slug, post: &Post, device: Device) -> AtPost {
        let place = (gathering.clone(), post.clone());
        *locked(&self.devices).entry(place.clone()).or_default().entry(device).or_default() += 1;
        self.changes.fetch_add(1, Ordering::Relaxed);
        AtPost { posts: Arc::clone(self), place, device }
    }

    /// The devices that are connected at a post.
    pub(super) fn at(&self, gathering: &Slug, post: &Post) -> Vec<Device> {
        let place = (gathering.clone(), post.clone());
        locked(&self.devices).get(&place).map_or_else(Vec::new, |devices| devices.keys().copied().collect())
    }

    /// How often a device came or went.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }
}

/// One device's place at its post, given up by dropping.
#[derive(Debug)]
pub(super) struct AtPost {
    posts: Arc<Posts>,
    place: (Slug, Post),
    device: Device,
}

impl Drop for AtPost {
    fn drop(&mut self) {
        let mut posts = locked(&self.posts.devices);
        if let Some(devices) = posts.get_mut(&self.place) {
            if let Some(times) = devices.get_mut(&self.device) {
                *times -= 1;
                if *times == 0 {
                    devices.remove(&self.device);
                }
            }
            if devices.is_empty() {
                posts.remove(&self.place);
            }
        }
        self.posts.changes.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_stands_at_its_post_until_its_last_connection_is_gone() {
        let posts = Arc::new(Posts::default());
        let (bath, gate) = ("bath".parse().unwrap(), "North gate".parse().unwrap());
        let stand = || posts.stand(&bath, &gate, Device::from(7));
        let (one, again) = (stand(), stand());
        drop(one);
        assert_eq!(posts.at(&bath, &gate), [Device::from(7)]);
        drop(again);
        assert!(posts.at(&bath, &gate).is_empty() && locked(&posts.devices).is_empty());
        assert_eq!(posts.changes(), 4);
    }
}
