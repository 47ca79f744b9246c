//! Time zones: from the time on a wall to the instant, and never by guessing.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase},
};

use super::wall::{UtcOffset, Wall, WallTime};
use crate::domain::time::{Millis, UnixMillis};

/// Longest zone name looked at, in bytes; the longest there is has 32.
const MAX_ZONE_BYTES: usize = 64;

/// How many zones are offered when a name is not one.
const MAX_SUGGESTIONS: usize = 3;

/// What an organiser is offered on either side of a time the clocks jump over; people speak in minutes.
const STEP_BACK: Millis = Millis::from_mins(1);

/// One IANA time zone, from the database inside the program, so that every node has the same one.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A time on the wall that names no single instant, or a zone that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ZoneError {
    /// No such zone.
    #[error("\"{name}\" is not a time zone; {}", suggest(.like))]
    Unknown {
        /// What was given.
        name: String,
        /// Zones with names like it, nearest first.
        like: Vec<String>,
    },
    /// The clocks go forward over it.
    #[error(
        "there is no {} in {zone}: the clocks go forward over it; the last time before is {}, the first after is {}",
        Wall(*.civil), Wall(*.before), Wall(*.after)
    )]
    Gap {
        /// What was asked for.
        civil: DateTime,
        /// Where.
        zone: String,
        /// The last minute before the jump.
        before: DateTime,
        /// The first time after it.
        after: DateTime,
    },
    /// The clocks go back over it.
    #[error(
        "{} happens twice in {zone}, when the clocks go back: once at {first} and once at {second} from UTC; \
         choose a time outside ({} or earlier, {} or later), or say which one: \
         \"{0}{first}\" or \"{0}{second}\"",
        Wall(*.civil), Wall(*.before), Wall(*.after)
    )]
    Fold {
        /// What was asked for.
        civil: DateTime,
        /// Where.
        zone: String,
        /// The offset from UTC of the earlier instant.
        first: String,
        /// The offset from UTC of the later instant.
        second: String,
        /// The last minute that happens once, before.
        before: DateTime,
        /// The first time that happens once, after.
        after: DateTime,
    },
    /// The offset written is not one the zone has at that time.
    #[error("{} in {zone} is not at {given} from UTC but at {right}; leave the offset out", Wall(*.civil))]
    WrongOffset {
        /// What was asked for.
        civil: DateTime,
        /// Where.
        zone: String,
        /// The offset that was written.
        given: String,
        /// The offset (or two) that would be right.
        right: String,
    },
    /// Beyond what a calendar here can say.
    #[error("{} is beyond the calendar; check the year", Wall(*.0))]
    Calendar(DateTime),
}

fn suggest(like: &[String]) -> String {
    match like {
        [] => "write it as a region and a city, such as Europe/London".to_owned(),
        _ => format!("did you mean {}?", like.join(" or ")),
    }
}

impl Zone {
    /// The zone called `name`, in any case of its letters.
    ///
    /// # Errors
    /// [`ZoneError::Unknown`], with the nearest names there are.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        let known = Some(name).filter(|n| n.len() <= MAX_ZONE_BYTES).and_then(|n| database().get(n).ok());
        known.filter(|zone| !zone.is_unknown()).map(Self).ok_or_else(|| ZoneError::Unknown {
            name: name.chars().take(MAX_ZONE_BYTES).collect(),
            like: nearest(name),
        })
    }

    /// Coordinated universal time: no change of clocks, ever.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its name in the IANA database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the wall here shows at an instant; instants beyond the calendar show its first or last second.
    pub fn civil_at(&self, at: UnixMillis) -> DateTime {
        let end = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        self.0.to_datetime(Timestamp::from_millisecond(at.0).unwrap_or(end))
    }

    /// The one instant a time on the wall stands for.
    ///
    /// # Errors
    /// When the clocks jump over the time, or show it twice and no offset says which; the error offers the
    /// neighbours. An offset that the zone does not have at that time is refused as well.
    pub fn resolve(&self, wall: WallTime) -> Result<UnixMillis, ZoneError> {
        let WallTime { civil, offset: given } = wall;
        let meaning = self.0.to_ambiguous_timestamp(civil);
        let zone = || self.name().to_owned();
        let offset = match meaning.offset() {
            AmbiguousOffset::Unambiguous { offset } if given.is_none_or(|g| g == offset) => offset,
            AmbiguousOffset::Fold { before, after } if given.is_some_and(|g| g == before || g == after) => {
                given.unwrap_or(before)
            }
            AmbiguousOffset::Gap { before, after } => {
                let (before, after) = self.neighbours(civil, before, after)?;
                return Err(ZoneError::Gap { civil, zone: zone(), before, after });
            }
            AmbiguousOffset::Fold { before: first, after: second } if given.is_none() => {
                let (before, after) = self.neighbours(civil, first, second)?;
                let (first, second) = (UtcOffset(first).to_string(), UtcOffset(second).to_string());
                return Err(ZoneError::Fold { civil, zone: zone(), first, second, before, after });
            }
            right => {
                let right = match right {
                    AmbiguousOffset::Unambiguous { offset } => UtcOffset(offset).to_string(),
                    AmbiguousOffset::Fold { before, after } | AmbiguousOffset::Gap { before, after } => {
                        format!("{} or {}", UtcOffset(before), UtcOffset(after))
                    }
                };
                let given = given.map(|g| UtcOffset(g).to_string()).unwrap_or_default();
                return Err(ZoneError::WrongOffset { civil, zone: zone(), given, right });
            }
        };
        let at = offset.to_timestamp(civil).map_err(|_| ZoneError::Calendar(civil))?;
        Ok(UnixMillis(at.as_millisecond()))
    }

    /// The last minute before and the first time after the stretch of wall time that a change of clocks spoils.
    fn neighbours(&self, civil: DateTime, from: Offset, to: Offset) -> Result<(DateTime, DateTime), ZoneError> {
        let beyond = || ZoneError::Calendar(civil);
        // Of the two readings of a spoilt time, the one with the larger offset always lies before the change.
        let early = from.max(to).to_timestamp(civil).map_err(|_| beyond())?;
        let change = self.0.following(early).next().ok_or_else(beyond)?.timestamp();
        let (low, high) = (from.min(to).to_datetime(change), from.max(to).to_datetime(change));
        let before = low.checked_sub(jiff::SignedDuration::from_millis(STEP_BACK.0)).map_err(|_| beyond())?;
        Ok((before, high))
    }
}

/// The database inside the program, not the one of the machine: what a time means must not differ between nodes.
fn database() -> TimeZoneDatabase {
    TimeZoneDatabase::bundled()
}

/// The names most like `name`, nearest first; none when nothing is near.
fn nearest(name: &str) -> Vec<String> {
    let wanted: Vec<char> = name.to_lowercase().replace(' ', "_").chars().take(MAX_ZONE_BYTES).collect();
    let far = (wanted.len() / 3).max(1);
    let mut near: Vec<(usize, String)> = database()
        .available()
        .filter_map(|zone| {
            let full = zone.as_str().to_lowercase();
            let city = full.rsplit('/').next().unwrap_or(&full);
            let distance = edits(&wanted, &full).min(edits(&wanted, city));
            (distance <= far).then(|| (distance, zone.as_str().to_owned()))
        })
        .collect();
    near.sort();
    let as_good = near.first().map_or(0, |(best, _)| best + 1);
    near.into_iter().filter(|(distance, _)| *distance <= as_good).take(MAX_SUGGESTIONS).map(|(_, name)| name).collect()
}

/// How many letters must be added, taken away or replaced to make one word of the other (Levenshtein).
fn edits(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, letter) in to.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, other) in from.iter().enumerate() {
            let replaced = diagonal + usize::from(*other != letter);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[from.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resolve(zone: &str, wall: &str) -> Result<UnixMillis, String> {
        Zone::named(zone).unwrap().resolve(wall.parse().unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn one_o_clock_in_london_is_an_instant() {
        assert_eq!(resolve("Europe/London", "2027-02-20 13:00"), Ok(UnixMillis(1_803_128_400_000)));
        assert_eq!(resolve("europe/london", "2027-02-20 13:00+00:00"), Ok(UnixMillis(1_803_128_400_000)));
        assert_eq!(Zone::named("europe/london").unwrap().name(), "Europe/London");
    }

    #[test]
    fn a_time_that_never_happens_is_refused_with_its_neighbours() {
        assert_eq!(
            resolve("Europe/London", "2027-03-28 01:30").unwrap_err(),
            "there is no 2027-03-28 01:30 in Europe/London: the clocks go forward over it; \
             the last time before is 2027-03-28 00:59, the first after is 2027-03-28 02:00"
        );
        for edge in ["2027-03-28 01:00", "2027-03-28 01:59:59"] {
            assert!(resolve("Europe/London", edge).unwrap_err().contains("first after is 2027-03-28 02:00"));
        }
        assert!(resolve("Europe/London", "2027-03-28 00:59:59").is_ok());
        assert!(resolve("Europe/London", "2027-03-28 02:00").is_ok());
    }

    #[test]
    fn a_time_that_happens_twice_is_refused_unless_the_offset_says_which() {
        assert_eq!(
            resolve("Europe/London", "2027-10-31 01:30").unwrap_err(),
            "2027-10-31 01:30 happens twice in Europe/London, when the clocks go back: once at +01:00 and once at \
             +00:00 from UTC; choose a time outside (2027-10-31 00:59 or earlier, 2027-10-31 02:00 or later), or say \
             which one: \"2027-10-31 01:30+01:00\" or \"2027-10-31 01:30+00:00\""
        );
        let first = resolve("Europe/London", "2027-10-31 01:30+01:00").unwrap();
        let second = resolve("Europe/London", "2027-10-31 01:30+00:00").unwrap();
        assert_eq!(second - first, Millis::from_mins(60));
    }

    #[test]
    fn an_offset_the_zone_does_not_have_is_refused() {
        let said = resolve("Europe/London", "2027-02-20 13:00+01:00").unwrap_err();
        assert!(said.contains("is not at +01:00 from UTC but at +00:00"), "{said}");
        let said = resolve("Europe/London", "2027-10-31 01:30+02:00").unwrap_err();
        assert!(said.contains("+01:00 or +00:00"), "{said}");
        assert!(resolve("Europe/London", "2027-03-28 01:30+00:00").unwrap_err().contains("there is no"));
    }

    #[test]
    fn a_zone_that_is_none_is_refused_with_the_nearest() {
        let said = |name: &str| Zone::named(name).unwrap_err().to_string();
        assert_eq!(said("Europe/Londn"), "\"Europe/Londn\" is not a time zone; did you mean Europe/London?");
        assert!(said("london").contains("did you mean Europe/London"), "{}", said("london"));
        assert!(said("new york").contains("America/New_York"), "{}", said("new york"));
        for none in ["", "Etc/Unknown", "the usual place", "../../etc/passwd", &"x".repeat(10_000)] {
            assert!(Zone::named(none).is_err(), "{none}");
        }
        assert!(said("the usual place").contains("such as Europe/London"));
    }

    fn any_zone() -> impl Strategy<Value = Zone> {
        let names: Vec<String> = database().available().map(|n| n.as_str().to_owned()).collect();
        prop::sample::select(names).prop_filter_map("not a zone", |name| Zone::named(&name).ok())
    }

    fn any_second() -> impl Strategy<Value = UnixMillis> {
        // 2000 to 2100: every rule change of this century, and the rules that run on after it.
        (946_684_800i64..4_102_444_800).prop_map(|s| UnixMillis(s * 1_000))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_wall_at_an_instant_leads_back_to_the_instant(zone in any_zone(), at in any_second()) {
            let civil = zone.civil_at(at);
            match zone.resolve(WallTime { civil, offset: None }) {
                Ok(back) => prop_assert_eq!(back, at),
                Err(ZoneError::Fold { first, second, .. }) => {
                    let both = [first, second].map(|offset| {
                        let wall: WallTime = format!("{}{offset}", Wall(civil)).parse().unwrap();
                        zone.resolve(wall).unwrap()
                    });
                    prop_assert!(both.contains(&at) && both[0] < both[1]);
                }
                Err(other) => prop_assert!(false, "{} at {:?}: {other}", zone.name(), at),
            }
        }

        #[test]
        fn the_neighbours_offered_are_good_times_around_the_change(zone in any_zone(), at in any_second()) {
            let Some(change) = zone.0.following(Timestamp::from_millisecond(at.0).unwrap()).next() else {
                return Ok(());
            };
            let change = change.timestamp();
            let just_before = zone.0.to_datetime(change - jiff::SignedDuration::from_secs(1));
            for minutes in [1i64, 20, 40] {
                for spoilt in [
                    just_before + jiff::SignedDuration::from_mins(minutes),
                    zone.0.to_datetime(change) + jiff::SignedDuration::from_mins(minutes - 1),
                ] {
                    let refused = zone.resolve(WallTime { civil: spoilt, offset: None });
                    if let Err(ZoneError::Gap { before, after, .. } | ZoneError::Fold { before, after, .. }) = refused {
                        prop_assert!(before < spoilt && spoilt < after, "{before} {spoilt} {after}");
                        let ends = [before, after].map(|civil| zone.resolve(WallTime { civil, offset: None }));
                        prop_assert!(ends.iter().all(Result::is_ok), "{} {ends:?}", zone.name());
                    }
                }
            }
        }
    }
}
