//! The figures on a board, and when they are worth telling a phone in a crowd.

use super::publication::National;

/// What a board says, apart from when it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The stretch of the server's time it was written in, over which its clock did not step.
    pub epoch: u32,
    /// The revision of the moment.
    pub rev: u64,
    /// Phones live in the whole country.
    pub phones: u32,
    /// Phones live at the reader's gathering, as [`rounded`] has it; none for the national room.
    pub here: Option<u32>,
    /// People at the reader's gathering as the public is told; none for the national room, or without a report.
    pub people: Option<u32>,
    /// What the public is told of the whole country.
    pub national: National,
}

/// The least count of one gathering that is told: of fewer, a stranger could work out who they are.
pub const FEWEST_TOLD: u32 = 10;

/// What counts of one gathering are rounded to, so that no one arrival can be seen.
const ROUNDED_TO: u32 = 5;

/// A count of one gathering as it is told to the public: 0 stands for fewer than [`FEWEST_TOLD`], nobody included,
/// and above that it is rounded to the nearest five.
pub const fn rounded(count: u32) -> u32 {
    if count < FEWEST_TOLD { 0 } else { count.saturating_add(ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO }
}

/// The share of a count that it must move by before phones hear of it ahead of the beat: one part in ten.
///
/// A phone on a crowded network is told what changes the feeling, not every arrival: while a room fills from
/// 20 to 15,000 this lets through fewer than a hundred boards, and keeps the last hour of a phone under the
/// 80 kB of the contract. Displays see every change.
const NOTABLE_PARTS: u32 = 10;

impl Figures {
    /// Whether a reader who last saw `seen` would feel the difference.
    ///
    /// Small counts are notable with every change: the second phone in a room is the one that matters.
    pub fn notably_differ_from(&self, seen: &Self) -> bool {
        let moved = |new: u32, old: u32| new.abs_diff(old) > old / NOTABLE_PARTS;
        let (people, before) = (&self.national, &seen.national);
        let swelled = |new: u64, old: u64| new.abs_diff(old) > old / u64::from(NOTABLE_PARTS);
        self.epoch != seen.epoch
            || self.rev != seen.rev
            || people.gatherings != before.gatherings
            || people.signed_off != before.signed_off
            || self.here.is_some() != seen.here.is_some()
            || moved(self.phones, seen.phones)
            || moved(self.here.unwrap_or(0), seen.here.unwrap_or(0))
            || self.people.is_some() != seen.people.is_some()
            || moved(self.people.unwrap_or(0), seen.people.unwrap_or(0))
            || swelled(people.taking_part, before.taking_part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phones(phones: u32) -> Figures {
        Figures { phones, ..Figures::default() }
    }

    #[test]
    fn a_few_people_are_not_told_apart_from_nobody() {
        assert!((0..FEWEST_TOLD).all(|few| rounded(few) == 0));
    }

    proptest! {
        #[test]
        fn a_gatherings_figure_is_within_half_a_step_and_never_tells_of_one_arrival(count in FEWEST_TOLD..=u32::MAX - 4) {
            let told = rounded(count);
            prop_assert!(told.is_multiple_of(ROUNDED_TO) && told.abs_diff(count) <= ROUNDED_TO / 2);
            let alike = (count - 4..=count + 4).filter(|&other| rounded(other) == told).count();
            prop_assert!(alike >= 3, "{alike} counts are told as {told}");
        }
    }

    #[test]
    fn in_a_small_room_every_arrival_is_felt() {
        assert!(phones(2).notably_differ_from(&phones(1)));
        assert!(phones(9).notably_differ_from(&phones(8)));
        assert!(!phones(8).notably_differ_from(&phones(8)));
    }

    #[test]
    fn in_a_big_room_only_a_tenth_is_felt() {
        assert!(!phones(15_001).notably_differ_from(&phones(15_000)));
        assert!(phones(16_501).notably_differ_from(&phones(15_000)));
        assert!(phones(13_499).notably_differ_from(&phones(15_000)));
    }

    #[test]
    fn a_new_epoch_is_felt_by_everybody() {
        let measured_anew = Figures { epoch: 2, ..phones(15_000) };
        assert!(measured_anew.notably_differ_from(&phones(15_000)));
    }

    #[test]
    fn a_room_that_fills_speaks_to_its_phones_fewer_than_a_hundred_times() {
        let mut seen = phones(0);
        let told = (1..=15_000).filter(|&n| {
            let told = phones(n).notably_differ_from(&seen);
            if told {
                seen = phones(n);
            }
            told
        });
        assert!(told.count() < 100);
    }
}
