//! What several clocks, each known to within a bound, agree on.
//!
//! Marzullo's algorithm (Maintaining the Time in a Distributed System, 1984, section 4; as used in RFC 5905, section
//! 11.2.1): walk over the ends of all intervals and count how many lie over each point. A majority cannot be beaten by
//! as many liars as there are others.

/// A stretch of a line that holds something; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end, not below the lower one.
    pub high: f64,
}

impl Interval {
    /// What is within `half` of `centre`.
    pub fn around(centre: f64, half: f64) -> Self {
        Self { low: centre - half, high: centre + half }
    }

    /// Whether the two have a point in common.
    pub fn meets(self, other: Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// The point in its middle.
    pub fn centre(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// How far its ends are from there.
    pub fn half(self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The stretch from the first to the last point that more than half of the intervals lie over; `None` if there is no such
/// point.
///
/// RFC 5905 takes the points that *most* lie over, which need not hold the truth when a majority does. These do: the
/// truth is one of them.
pub fn of_majority(intervals: &[Interval]) -> Option<Interval> {
    let starts = intervals.iter().map(|one| (one.low, true));
    let mut ends: Vec<(f64, bool)> = starts.chain(intervals.iter().map(|one| (one.high, false))).collect();
    // Where one ends and another starts they meet, so starts come first.
    ends.sort_by(|(a, a_starts), (b, b_starts)| a.total_cmp(b).then(b_starts.cmp(a_starts)));
    let (mut over, mut found) = (0_usize, None::<Interval>);
    for (at, starts) in ends {
        if starts {
            over += 1;
        }
        if over * 2 > intervals.len() {
            found = Some(Interval { low: found.map_or(at, |found| found.low), high: at });
        }
        if !starts {
            over = over.saturating_sub(1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn over(intervals: &[Interval], at: f64) -> usize {
        intervals.iter().filter(|one| one.meets(Interval { low: at, high: at })).count()
    }

    /// The same by looking at every end, which is enough: nothing changes in between.
    fn looked_up(intervals: &[Interval]) -> Option<Interval> {
        let ends = intervals.iter().flat_map(|one| [one.low, one.high]);
        let held: Vec<f64> = ends.filter(|&at| over(intervals, at) * 2 > intervals.len()).collect();
        let low = held.iter().copied().reduce(f64::min)?;
        Some(Interval { low, high: held.iter().copied().reduce(f64::max)? })
    }

    /// Whole numbers, so that ends often meet.
    fn any_interval() -> impl Strategy<Value = Interval> {
        (-20_i8..20, 0_i8..15).prop_map(|(centre, half)| Interval::around(centre.into(), half.into()))
    }

    proptest! {
        #[test]
        fn it_is_what_looking_at_every_end_finds(intervals in prop::collection::vec(any_interval(), 0..9)) {
            prop_assert_eq!(of_majority(&intervals), looked_up(&intervals));
        }

        #[test]
        fn it_holds_the_truth_whenever_a_majority_does(
            true_ones in prop::collection::vec((0_i8..9, -8_i8..=8), 1..9),
            liars in prop::collection::vec(any_interval(), 0..8),
            truth in -20_i8..20,
        ) {
            let truth = f64::from(truth);
            // Each is off by no more than it says.
            let honest = |&(half, off): &(i8, i8)| Interval::around(truth + f64::from(off.clamp(-half, half)), half.into());
            let liars = liars.into_iter().take(true_ones.len() - 1);
            let all: Vec<_> = true_ones.iter().map(honest).chain(liars).collect();
            let held = of_majority(&all);
            prop_assert!(held.is_some_and(|held| held.meets(Interval::around(truth, 0.0))), "{held:?}");
        }
    }

    #[test]
    fn half_is_no_majority() {
        let two = [Interval::around(0.0, 1.0), Interval::around(9.0, 1.0)];
        assert_eq!(of_majority(&two), None);
        assert_eq!(of_majority(&[]), None);
        let four = [two[0], two[0], two[1], two[1]];
        assert_eq!(of_majority(&four), None);
    }
}
