//! The instant everybody acts: data, and the rules by which it may change.

pub mod command;
mod error;
mod wall;
mod zone;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

pub use self::{
    command::{MomentCommand, ServerClock},
    error::{MomentError, NEEDS_CONFIRMATION, What},
    wall::{Wall, WallTime, WallTimeError},
    zone::{Zone, ZoneError},
};
use super::{
    pass::Role,
    text::Texts,
    time::{Millis, UnixMillis},
    version::{NodeId, Version},
};

/// The zone of the moment until somebody sets one.
pub const DEFAULT_ZONE: &str = "Europe/London";

/// The name of the moment until somebody sets one.
pub const DEFAULT_NAME: &str = "One o'clock";

/// The hour on the wall of the moment until somebody sets one.
const DEFAULT_HOUR: i8 = 13;

/// How long the default moment stays today's after its instant, so that pages can show what comes after.
const DEFAULT_LINGERS: Millis = Millis::from_mins(60);

/// What is to be made of the moment right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It will happen at its instant.
    Scheduled,
    /// It waits for word from the organiser; nothing fires.
    Held,
    /// It will not happen; nothing fires.
    Cancelled,
}

/// Something to show at an offset from the moment; sent ahead with it, so it also works offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    /// When, from the moment: negative is before.
    pub offset: Millis,
    /// What to show.
    pub words: Texts,
}

/// The instant everybody acts.
///
/// Civil time and zone are what people agreed on; `at` is the instant they resolve to, and what every page
/// counts down to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Its place in its own history.
    pub version: Version,
    /// What it is called.
    pub name: String,
    /// The time on the wall, as agreed.
    pub civil: DateTime,
    /// The IANA zone of that wall ("Europe/London").
    pub zone: String,
    /// The instant.
    pub at: UnixMillis,
    /// Whether it will happen.
    pub status: Status,
    /// What to do at the moment.
    pub words: Texts,
    /// What to show around it, in the order of their offsets.
    pub cues: Vec<Cue>,
    /// Who armed it although nothing vouched for the server's clock; none if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed_clock: Option<Override>,
}

/// Somebody's word that a thing is to be done although the server would not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Whose word.
    pub by: Role,
    /// When it was given, by the server's clock.
    pub at: UnixMillis,
}

impl Moment {
    /// The moment while nobody has set one: today's one o'clock in London until an hour after it, then tomorrow's.
    ///
    /// Its revision is 0, "never written", so the first command of an organiser wins over it.
    pub fn default_at(now: UnixMillis, node: &NodeId) -> Self {
        let zone = Zone::named(DEFAULT_ZONE).unwrap_or_else(|_| Zone::utc());
        let over = now - DEFAULT_LINGERS;
        let today = zone.civil_at(over).date();
        let one_o_clock = |day: Date| {
            let civil = day.at(DEFAULT_HOUR, 0, 0, 0);
            // No clock change has ever touched midday; were one to, the pages still need an instant.
            (civil, zone.resolve(WallTime { civil, offset: None }).unwrap_or(now))
        };
        let (civil, at) = match one_o_clock(today) {
            (_, at) if at <= over => one_o_clock(today.tomorrow().unwrap_or(today)),
            still_to_come => still_to_come,
        };
        Self {
            version: Version { rev: 0, node: node.clone() },
            name: DEFAULT_NAME.to_owned(),
            civil,
            zone: zone.name().to_owned(),
            at,
            status: Status::Scheduled,
            words: Texts::default(),
            cues: Vec::new(),
            unconfirmed_clock: None,
        }
    }

    /// Whether it is within a day of the end of the UTC day of `now`, which is when an announced leap second falls.
    pub fn is_near_leap_second(&self, now: UnixMillis) -> bool {
        let day = Millis::from_mins(24 * 60);
        let midnight = UnixMillis(now.0.div_euclid(day.0).saturating_add(1).saturating_mul(day.0));
        (self.at - midnight).0.saturating_abs() <= day.0
    }

    /// Its instant in UTC, for people who compare clocks: `2027-02-20T13:00:00Z`.
    pub fn at_utc(&self) -> String {
        in_utc(self.at)
    }
}

impl Override {
    /// When it was given, in UTC: `2027-02-19T09:30:00Z`.
    pub fn at_utc(&self) -> String {
        in_utc(UnixMillis(self.at.0.div_euclid(1_000) * 1_000))
    }
}

fn in_utc(at: UnixMillis) -> String {
    format!("{}Z", Zone::utc().civil_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_at(utc: &str) -> String {
        let now = Zone::utc().resolve(utc.parse().unwrap()).unwrap();
        let moment = Moment::default_at(now, &"here".parse().unwrap());
        assert_eq!(moment.version.rev, 0);
        assert_eq!(moment.status, Status::Scheduled);
        moment.at_utc()
    }

    #[test]
    fn until_somebody_sets_it_the_moment_is_the_next_one_o_clock_in_london() {
        assert_eq!(default_at("2027-02-20 00:00"), "2027-02-20T13:00:00Z");
        assert_eq!(default_at("2027-02-20 12:59:59"), "2027-02-20T13:00:00Z");
        assert_eq!(default_at("2027-07-01 12:30"), "2027-07-01T12:00:00Z", "summer time, just past");
    }

    #[test]
    fn the_default_moment_stays_for_an_hour_after_its_instant_then_rolls_to_the_next_day() {
        assert_eq!(default_at("2027-02-20 13:59:59"), "2027-02-20T13:00:00Z");
        assert_eq!(default_at("2027-02-20 14:00:00"), "2027-02-21T13:00:00Z");
        assert_eq!(default_at("2027-03-27 20:00"), "2027-03-28T12:00:00Z", "the clocks go forward in between");
        assert_eq!(default_at("2027-12-31 23:30"), "2028-01-01T13:00:00Z");
    }

    #[test]
    fn a_leap_second_at_the_end_of_the_day_is_near_a_moment_within_a_day_of_it() {
        let utc = |text: &str| Zone::utc().resolve(text.parse().unwrap()).unwrap();
        let moment =
            |at| Moment { at: utc(at), ..Moment::default_at(utc("2026-12-31 08:00"), &"here".parse().unwrap()) };
        for (at, near) in [
            ("2026-12-31 00:00", true),
            ("2026-12-31 13:00", true),
            ("2027-01-01 13:00", true),
            ("2027-01-02 00:00", true),
            ("2027-01-02 00:00:01", false),
            ("2026-12-30 23:59:59", false),
        ] {
            assert_eq!(moment(at).is_near_leap_second(utc("2026-12-31 08:00")), near, "{at}");
        }
    }

    #[test]
    fn a_clock_gone_mad_still_gets_a_moment() {
        for now in [i64::MIN, -1, 0, i64::MAX] {
            let moment = Moment::default_at(UnixMillis(now), &"here".parse().unwrap());
            assert_eq!(moment.zone, DEFAULT_ZONE);
        }
    }
}
