//! What a steward is told of the post and the gathering: at the hub's pace, and only if it is another than before.

use super::{Hub, steward::Place};
use crate::{
    domain::{
        board::Board,
        device::Device,
        grant::Grant,
        headcount::Day,
        time::{Millis, Minute, UnixMillis},
    },
    wire::message::{DeviceAtPost, Duty},
};

/// A device counts at a post if it is connected, or has counted in so many minutes: a phone in a dead spot still does.
const COUNTS_FOR_MINUTES: i64 = 15;

impl Hub {
    /// What the holder of `grant` counts, and what is known of it now; `None` if it is no steward's.
    pub(super) fn duty(&self, grant: &Grant) -> Option<Duty> {
        let place @ Place { gathering, post } = Place::of(grant)?;
        let now = self.clock().now();
        let day = Day { moment: self.moments().moment.at };
        let live = self.posts.at(gathering, post);
        self.read(|board| {
            let known = board.gathering(gathering);
            let expected = known.and_then(|known| known.expected);
            let text = |text: Option<&String>| text.cloned().unwrap_or_default();
            Some(Duty {
                gathering: gathering.clone(),
                name: text(known.map(|known| &known.name)),
                place: text(known.map(|known| &known.place)),
                post: post.clone(),
                from: grant.from,
                until: grant.until,
                ready: board.ready(gathering).is_some_and(|said| said.ready && day.contains(said.at)),
                post_people: board.count().post(gathering, post, expected, day, now),
                people: board.count().headcount(gathering, expected, day, now).map_or(0, |people| people.value),
                held: held(board, place, day),
                devices: devices(board, place, day, now, &live),
            })
        })
    }
}

/// Entries of a gathering that an organiser is to look at.
fn held(board: &Board, place: Place<'_>, day: Day) -> u32 {
    let gatherings = board.gathering(place.gathering).into_iter();
    u32::try_from(board.count().held(gatherings, day).len()).unwrap_or(u32::MAX)
}

/// Whoever counts at a post now, what each has counted today, and which of them are `live`.
fn devices(board: &Board, place: Place<'_>, day: Day, now: UnixMillis, live: &[Device]) -> Vec<DeviceAtPost> {
    let Place { gathering, post } = place;
    let count = board.count();
    let counts = |device: Device| {
        (0..=COUNTS_FOR_MINUTES).any(|ago| {
            let minute = Minute::of(now - Millis::from_mins(ago));
            count.totals(gathering, post, device, minute).is_some()
        })
    };
    let mut devices = count.devices(gathering, post, day);
    for device in live {
        if !devices.iter().any(|(known, _)| known == device) {
            devices.push((*device, 0));
        }
    }
    let now = devices.into_iter().map(|(device, counted)| (device, counted, live.contains(&device)));
    let now = now.filter(|(device, _, live)| *live || counts(*device));
    now.map(|(device, counted, live)| DeviceAtPost { device: device.short(), counted, live }).collect()
}
