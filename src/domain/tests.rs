//! Things said on the day of a moment, for tests: minutes are counted from the moment, which is at 13:00:00.

use super::{
    access::AccessFacts,
    board::Board,
    count::Count,
    device::Device,
    estimate::{Estimate, Method},
    fact::Fact,
    gathering::{Gathering, Slug, Visibility},
    headcount::{Day, Headcount},
    moment::Moment,
    post::Post,
    programme::Programme,
    ruling::{Ruling, Subject},
    tally::{Tally, Totals},
    time::{Millis, Minute, UnixMillis},
    version::Version,
};

pub(super) const MOMENT: UnixMillis = UnixMillis(1_803_128_400_000);
pub(super) const DAY: Day = Day { moment: MOMENT };

pub(super) fn moment() -> Moment {
    Moment { at: MOMENT, ..Moment::default_at(MOMENT, &"here".parse().unwrap()) }
}

/// So many minutes after the moment.
pub(super) fn after(minutes: i64) -> UnixMillis {
    MOMENT + Millis::from_mins(minutes)
}

/// So many seconds after the moment.
pub(super) fn seconds(n: i64) -> UnixMillis {
    MOMENT + Millis::from_secs(n)
}

pub(super) fn slug(name: &str) -> Slug {
    name.parse().unwrap()
}

pub(super) fn post(name: &str) -> Post {
    name.parse().unwrap()
}

pub(super) fn version(rev: u64) -> Version {
    Version { rev, node: "here".parse().unwrap() }
}

pub(crate) fn gathering(name: &str, expected: Option<u32>) -> Gathering {
    Gathering {
        slug: slug(name),
        version: version(1),
        name: name.to_owned(),
        place: String::new(),
        nation: String::new(),
        venue: String::new(),
        kind: String::new(),
        point: None,
        expected,
        visibility: Visibility::Listed,
        joins: true,
        programme: Programme::default(),
        access: AccessFacts::default(),
        missing: false,
    }
}

/// So many came, and so many went.
pub(crate) fn totals(came: u32, went: u32) -> Totals {
    Totals { entered: came, left: went, ..Totals::default() }
}

/// What a device counted in the minute that begins so many after the moment, at a post of Bath.
pub(crate) fn tally(post_name: &str, device: u128, minute: i64, totals: Totals) -> Tally {
    let minute = Minute::of(after(minute));
    Tally { gathering: slug("bath"), post: post(post_name), device: Device::from(device), minute, totals }
}

/// So many, give or take a tenth, typed for Bath or one of its posts at so many minutes after the moment.
pub(super) fn estimate(post_name: Option<&str>, device: u128, minute: i64, value: u32) -> Estimate {
    Estimate {
        at: after(minute),
        seq: 1,
        gathering: slug("bath"),
        post: post_name.map(post),
        device: Device::from(device),
        value,
        low: value - value / 10,
        high: value + value / 10,
        method: Method::EstimatedEye,
    }
}

pub(super) fn ruling(subject: Subject, rev: u64, upto: u32) -> Fact {
    Fact::Ruling(Ruling { subject, version: version(rev), upto })
}

pub(super) fn board(facts: impl IntoIterator<Item = Fact>) -> Board {
    let mut board = Board::default();
    for fact in facts {
        let _ = board.merge(fact);
    }
    board
}

impl From<Tally> for Fact {
    fn from(tally: Tally) -> Self {
        Self::Tally(tally)
    }
}

impl From<Estimate> for Fact {
    fn from(estimate: Estimate) -> Self {
        Self::Estimate(estimate)
    }
}

/// People at Bath, of which nobody said how many are expected, so many minutes after the moment.
pub(super) fn at_bath(count: &Count, minute: i64) -> Option<Headcount> {
    count.headcount(&slug("bath"), None, DAY, after(minute))
}
