//! How a number of people went, minute by minute.

use std::ops::{Bound, RangeBounds};

use crate::domain::time::Minute;

/// One minute in which something was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    minute: Minute,
    /// People who came, less those who went, from the first step to the end of this one.
    sum: i64,
}

/// The minutes in which something was reported, in order, each with the sum of all up to it: what happened between
/// two minutes is one subtraction, however many there are.
///
/// It is a function of what was set, whatever the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::domain) struct Course(Vec<Step>);

impl Course {
    /// Says what happened in a minute: people who came, less those who went; none if nothing was reported.
    pub(super) fn set(&mut self, minute: Minute, net: Option<i64>) {
        let at = self.0.partition_point(|step| step.minute < minute);
        let known = self.0.get(at).is_some_and(|step| step.minute == minute);
        let before = self.sum_before(at);
        let old = if known { self.0[at].sum - before } else { 0 };
        match (known, net) {
            (false, Some(_)) => self.0.insert(at, Step { minute, sum: before }),
            (true, None) => drop(self.0.remove(at)),
            _ => {}
        }
        let change = net.unwrap_or(0) - old;
        // A minute that was not there begins with nothing, so that the change lifts it and all that follow.
        if change != 0 {
            self.0[at..].iter_mut().for_each(|step| step.sum += change);
        }
    }

    /// People who came, less those who went, in these minutes.
    pub(in crate::domain) fn net(&self, minutes: impl RangeBounds<Minute>) -> i64 {
        let (from, to) = self.places(minutes);
        if from < to { self.0[to - 1].sum - self.sum_before(from) } else { 0 }
    }

    /// The first of these minutes in which something was reported.
    pub(in crate::domain) fn first(&self, minutes: impl RangeBounds<Minute>) -> Option<Minute> {
        let (from, to) = self.places(minutes);
        (from < to).then(|| self.0[from].minute)
    }

    /// The last of these minutes in which something was reported.
    pub(in crate::domain) fn last(&self, minutes: impl RangeBounds<Minute>) -> Option<Minute> {
        let (from, to) = self.places(minutes);
        (from < to).then(|| self.0[to - 1].minute)
    }

    fn sum_before(&self, at: usize) -> i64 {
        at.checked_sub(1).map_or(0, |before| self.0[before].sum)
    }

    /// From which step, and before which.
    fn places(&self, minutes: impl RangeBounds<Minute>) -> (usize, usize) {
        let below = |minute: Minute| self.0.partition_point(|step| step.minute < minute);
        let upto = |minute: Minute| self.0.partition_point(|step| step.minute <= minute);
        let from = match minutes.start_bound() {
            Bound::Included(&first) => below(first),
            Bound::Excluded(&before) => upto(before),
            Bound::Unbounded => 0,
        };
        let to = match minutes.end_bound() {
            Bound::Included(&last) => upto(last),
            Bound::Excluded(&after) => below(after),
            Bound::Unbounded => self.0.len(),
        };
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::time::UnixMillis;

    fn minute(number: i64) -> Minute {
        Minute::of(UnixMillis(number * 60_000))
    }

    proptest! {
        #[test]
        fn a_course_says_what_a_plain_list_of_minutes_says(
            said in prop::collection::vec((0i64..12, prop::option::of(-9i64..9)), 0..40),
            from in 0i64..12,
            to in 0i64..12,
        ) {
            let (mut course, mut plain) = (Course::default(), BTreeMap::new());
            for (number, net) in said {
                course.set(minute(number), net);
                match net {
                    Some(net) => drop(plain.insert(minute(number), net)),
                    None => drop(plain.remove(&minute(number))),
                }
            }
            let (from, to) = (minute(from), minute(to));
            let within = |m: &Minute| from <= *m && *m <= to;
            prop_assert_eq!(course.net(from..=to), plain.iter().filter(|(m, _)| within(m)).map(|(_, net)| net).sum::<i64>());
            prop_assert_eq!(course.first(from..=to), plain.keys().copied().find(within));
            prop_assert_eq!(course.last(from..=to), plain.keys().copied().rfind(within));
            let later = (Bound::Excluded(from), Bound::Unbounded);
            prop_assert_eq!(course.net(later), plain.range(later).map(|(_, net)| net).sum::<i64>());
            let mut again = Course::default();
            plain.iter().rev().for_each(|(&m, &net)| again.set(m, Some(net)));
            prop_assert_eq!(course, again, "however it was said");
        }
    }
}
