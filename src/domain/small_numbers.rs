//! Small numbers: how counts are told so that nobody can be made out in them.
//!
//! After the "10-5 rule" of the UK's Office for National Statistics: suppress below ten, round above to five.

/// The least count of one gathering that is told: of fewer, a stranger could work out who they are.
pub const FEWEST_TOLD: u32 = 10;

/// What counts of one gathering are rounded to, so that no one arrival can be seen.
const ROUNDED_TO: u32 = 5;

/// What totals are rounded to above [`LARGE`].
const LARGE_ROUNDED_TO: i64 = 10;

/// From where on a total is rounded more coarsely.
const LARGE: i64 = 1_000;

/// A count of one gathering as it is told to the public: 0 stands for fewer than [`FEWEST_TOLD`], nobody included,
/// and above that it is rounded to the nearest five.
pub const fn rounded(count: u32) -> u32 {
    if count < FEWEST_TOLD { 0 } else { count.saturating_add(ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO }
}

/// What a total of `sum` is rounded to.
pub(super) const fn step(sum: i64) -> i64 {
    if sum > LARGE { LARGE_ROUNDED_TO } else { ROUNDED_TO as i64 }
}

/// The multiple of `step` that is nearest to `sum`, or 0.
pub(super) fn nearest(sum: i64, step: i64) -> u64 {
    below(sum + step / 2, step)
}

/// The last multiple of `step` up to `sum`, or 0.
pub(super) fn below(sum: i64, step: i64) -> u64 {
    u64::try_from(sum / step * step).unwrap_or(0)
}

/// The first multiple of `step` from `sum` on, or 0.
pub(super) fn above(sum: i64, step: i64) -> u64 {
    below(sum + step - 1, step)
}

/// The most that those of whom a count is not told can be.
const MOST_HIDDEN: u32 = FEWEST_TOLD - 1;

/// What the gatherings whose count is not told add to a public total: how many they are, and what is let out of how
/// many people are there.
///
/// Each on its own would be a small number, so only their sum is used, only of at least two of them, and only as the
/// ten that it is at or above: of every one of them at least two counts remain possible. Where all of them have fewer
/// than ten, and everybody can see how many they are, a sum of nines would tell each; it is told as one less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    gatherings: i64,
    /// Of these, some that may have any number of people, as the public does not even see that they have few.
    unlisted: bool,
    people: i64,
}

impl Hidden {
    /// With one more that the public knows to have fewer than [`FEWEST_TOLD`].
    pub(super) fn few(self, people: u32) -> Self {
        Self { gatherings: self.gatherings + 1, people: self.people + i64::from(people.min(MOST_HIDDEN)), ..self }
    }

    /// With one more of which the public knows nothing.
    pub(super) fn unlisted(self, people: u32) -> Self {
        Self { gatherings: self.gatherings + 1, unlisted: true, people: self.people + i64::from(people) }
    }

    /// What may be told: people that there are at least.
    pub(super) fn told(self) -> i64 {
        let most = if self.unlisted { i64::MAX } else { self.gatherings * i64::from(MOST_HIDDEN) - 1 };
        let ten = i64::from(FEWEST_TOLD);
        if self.gatherings < 2 { 0 } else { self.people.min(most) / ten * ten }
    }

    /// By how many people at most what is told is too low.
    pub(super) fn slack(self) -> i64 {
        if self.gatherings == 0 { 0 } else { FEWEST_TOLD.into() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_few_people_are_not_told_apart_from_nobody() {
        assert!((0..FEWEST_TOLD).all(|few| rounded(few) == 0));
    }

    fn hidden(counts: impl IntoIterator<Item = u32>) -> Hidden {
        counts.into_iter().fold(Hidden::default(), Hidden::few)
    }

    #[test]
    fn however_many_are_as_full_as_can_be_or_empty_their_sum_does_not_tell() {
        for gatherings in 1..200 {
            let all = |count| std::iter::repeat_n(count, gatherings - 1);
            assert_eq!(hidden(all(9).chain([9])).told(), hidden(all(9).chain([8])).told(), "{gatherings} times nine");
            assert_eq!(hidden(all(0).chain([0])).told(), hidden(all(0).chain([1])).told(), "{gatherings} times none");
        }
        let works = hidden([9; 9]).unlisted(9);
        assert_eq!((works.told(), hidden([9; 10]).told()), (90, 80), "of one nobody sees that it is small");
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
}
