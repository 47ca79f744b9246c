//! The figures on a board, and when they are worth telling a phone in a crowd.

use super::{peers::Reporting, publication::National, time::UnixMillis};

/// What a board says, apart from when it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The stretch of the server's time it was written in, over which its clock did not step.
    pub epoch: u32,
    /// The revision of the moment.
    pub rev: u64,
    /// Phones live in the whole country.
    pub phones: u32,
    /// Phones live at the reader's gathering, as [`rounded`](super::small_numbers::rounded) has it; none for the national room.
    pub here: Option<u32>,
    /// People at the reader's gathering, as the public is told; none for the national room, or if it has not reported.
    pub people: Option<u32>,
    /// People in the whole country.
    pub national: National,
    /// How much of the whole all this is.
    pub reporting: Reporting,
    /// When it was all of it for the last time; none while it is, and if it never was.
    pub as_of: Option<UnixMillis>,
}

/// The share of a count that it must move by before phones hear of it ahead of the beat: one part in ten.
///
/// A phone on a crowded network is told what changes the feeling, not every arrival: while a room fills from
/// 20 to 15,000 this lets through fewer than a hundred boards, and keeps the last hour of a phone under the
/// 80 kB of the contract. Displays see every change.
const NOTABLE_PARTS: u64 = 10;

impl Figures {
    /// Whether a reader who last saw `seen` would feel the difference.
    ///
    /// Small counts are notable with every change: the second phone in a room is the one that matters.
    pub fn notably_differ_from(&self, seen: &Self) -> bool {
        let (new, old) = (&self.national, &seen.national);
        self.epoch != seen.epoch
            || self.rev != seen.rev
            || self.reporting.exact != seen.reporting.exact
            || new.gatherings != old.gatherings
            || new.signed_off != old.signed_off
            || self.here.is_some() != seen.here.is_some()
            || self.people.is_some() != seen.people.is_some()
            || moved(self.phones, seen.phones)
            || moved(self.here.unwrap_or(0), seen.here.unwrap_or(0))
            || moved(self.people.unwrap_or(0), seen.people.unwrap_or(0))
            || moved(new.reported, old.reported)
            || moved(new.ready, old.ready)
            || moved(new.taking_part, old.taking_part)
            || moved(new.elsewhere, old.elsewhere)
    }
}

fn moved(new: impl Into<u64>, old: impl Into<u64>) -> bool {
    let (new, old) = (new.into(), old.into());
    new.abs_diff(old) > old / NOTABLE_PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(phones: u32) -> Figures {
        Figures { phones, ..Figures::default() }
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
    fn figures_that_become_partial_or_whole_are_felt_by_everybody_and_which_node_is_missing_by_nobody() {
        let told = |exact, nodes| Figures { reporting: Reporting { exact, nodes, expected: 3 }, ..phones(15_000) };
        assert!(
            told(false, 2).notably_differ_from(&told(true, 3)) && told(true, 3).notably_differ_from(&told(false, 3))
        );
        assert!(!told(false, 1).notably_differ_from(&told(false, 2)));
    }

    #[test]
    fn people_are_felt_like_phones_and_a_signature_at_once() {
        let told = |taking_part, elsewhere, reported, ready| Figures {
            national: National { taking_part, elsewhere, reported, ready, ..National::default() },
            ..phones(15_000)
        };
        let seen = told(8_000, 500, 60, 100);
        for (new, felt) in [
            (told(8_800, 550, 66, 110), false),
            (told(8_810, 500, 60, 100), true),
            (told(7_190, 500, 60, 100), true),
            (told(8_000, 555, 60, 100), true),
            (told(8_000, 500, 67, 100), true),
            (told(8_000, 500, 60, 111), true),
            (Figures { people: Some(0), ..seen }, true),
            (Figures { national: National { signed_off: true, ..seen.national }, ..seen }, true),
            (Figures { national: National { gatherings: 1, ..seen.national }, ..seen }, true),
        ] {
            assert_eq!(new.notably_differ_from(&seen), felt, "{new:?}");
        }
        let here = |people| Figures { people: Some(people), ..seen };
        assert!(here(445).notably_differ_from(&here(400)) && !here(440).notably_differ_from(&here(400)));
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
