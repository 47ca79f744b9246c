//! How many people are at a gathering: what tallies, estimates and rulings come to.
//!
//! Pure functions of what was merged: no order of arrival can be seen in them, and a phone is no term of any.

mod day;
mod held;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Included},
};

pub use self::{day::Day, held::Held};
use super::{
    count::{Count, PostCount},
    device::Device,
    estimate::{Estimate, Method},
    gathering::Slug,
    plausibility,
    post::Post,
    range::Range,
    time::{Millis, Minute, UnixMillis},
};

/// How long after the moment a first report still tells who was there at it: a steward who was busy linking arms.
pub const STILL_OF_THE_MOMENT: Millis = Millis::from_mins(15);

/// People at one gathering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headcount {
    /// People.
    pub value: u32,
    /// At least so many.
    pub low: u32,
    /// At most so many.
    pub high: u32,
    /// How it was come by; where several ways were used, the least exact of them.
    pub method: Method,
    /// The newest report in it: the start of a tally's minute, or the instant of an estimate.
    pub as_of: UnixMillis,
    /// People reported beyond what is believed of this gathering; they are not in `value`.
    pub held: u32,
}

/// What the reports of a post, or of a gathering, come to before anybody asks whether so many can be there.
#[derive(Clone, Copy, Debug)]
struct Reading {
    people: Range,
    method: Method,
    as_of: UnixMillis,
}

impl Reading {
    /// Of two places together.
    fn plus(self, other: Self) -> Self {
        let (people, method) = (self.people.plus(other.people), self.method.max(other.method));
        Self { people, method, as_of: self.as_of.max(other.as_of) }
    }

    /// Of one place of which both are said.
    fn at_least(self, other: Self) -> Self {
        let method = if other.people.value > self.people.value { other.method } else { self.method };
        Self { people: self.people.at_least(other.people), method, as_of: self.as_of.max(other.as_of) }
    }
}

/// From where somebody looks: what is expected there, on which day, up to and with which minute.
#[derive(Clone, Copy, Debug)]
struct View {
    expected: Option<u32>,
    day: Day,
    upto: Minute,
}

impl Count {
    /// People at a gathering at `at`; none if nothing that is believed was reported by then.
    ///
    /// The minute that `at` lies in counts whole.
    pub fn headcount(&self, gathering: &Slug, expected: Option<u32>, day: Day, at: UnixMillis) -> Option<Headcount> {
        let reading = self.reading(gathering, View { expected, day, upto: day.minute(at) })?;
        let ruled = self.ruling_on_gathering(gathering);
        if ruled == Some(0) {
            return None;
        }
        let most = plausibility::most_present(expected, ruled).unwrap_or(u32::MAX);
        let people = reading.people.upto(most);
        Some(Headcount {
            value: whole(people.value),
            low: whole(people.low),
            high: whole(people.high),
            method: reading.method,
            as_of: reading.as_of,
            held: whole(reading.people.value - people.value),
        })
    }

    /// People who are at a gathering now, or were at the moment once that has come: what it adds to *taking part*.
    ///
    /// Where nothing was reported by the moment, the first report within [`STILL_OF_THE_MOMENT`] stands in for it.
    pub fn present(&self, gathering: &Slug, expected: Option<u32>, day: Day, now: UnixMillis) -> Option<Headcount> {
        let by_then = self.headcount(gathering, expected, day, now.min(day.moment));
        by_then.or_else(|| {
            let until = now.min(day.moment + STILL_OF_THE_MOMENT);
            let late = (Minute::of(day.moment), Minute::of(until));
            let first = self.first_report(gathering, expected, late)?;
            self.headcount(gathering, expected, day, first.start())
        })
    }

    /// People at one post at `at`.
    pub fn post(&self, gathering: &Slug, post: &Post, expected: Option<u32>, day: Day, at: UnixMillis) -> u32 {
        let view = View { expected, day, upto: day.minute(at) };
        let post = self.at(gathering).and_then(|gathering| gathering.posts.get(post));
        post.and_then(|post| self.reading_of_post(post, view)).map_or(0, |(reading, _)| whole(reading.people.value))
    }

    /// What each device counted at a post on this day, believed or not: people in, less people out.
    pub fn devices(&self, gathering: &Slug, post: &Post, day: Day) -> Vec<(Device, i64)> {
        let post = self.at(gathering).and_then(|gathering| gathering.posts.get(post));
        let devices = post.into_iter().flat_map(PostCount::devices);
        let counted = devices.filter_map(|(&device, minutes)| {
            let mut of_the_day = minutes.range(day.first_minute()..=day.last_minute()).peekable();
            of_the_day.peek().is_some().then(|| (device, of_the_day.map(|(_, totals)| totals.net()).sum()))
        });
        counted.collect()
    }

    fn reading(&self, gathering: &Slug, view: View) -> Option<Reading> {
        let gathering = self.at(gathering)?;
        let posts = gathering.posts.values().filter_map(|post| self.reading_of_post(post, view));
        let Some((estimate, typed)) = self.newest(&gathering.estimates, view) else {
            return posts.map(|(post, _)| post).reduce(Reading::plus);
        };
        let since = (Excluded(Minute::of(estimate.at)), Included(view.upto));
        let courses = || gathering.posts.values().map(PostCount::course);
        let people = typed.and(courses().map(|course| course.net(since)).sum());
        let tapped = courses().filter_map(|course| course.last(since)).max().map(Minute::start);
        let rebased =
            Reading { people, method: estimate.method, as_of: tapped.unwrap_or(estimate.at).max(estimate.at) };
        // What was typed of posts since does not come on top, as nobody knows how many of them were in the estimate.
        // But the gathering has no fewer people than its posts.
        let typed_since = posts.filter(|(_, newest)| newest.is_some_and(|newest| newest > estimate));
        let parts = typed_since.map(|(post, _)| post).reduce(Reading::plus);
        Some(parts.map_or(rebased, |parts| rebased.at_least(parts)))
    }

    /// What the reports of one post come to, and its newest estimate.
    fn reading_of_post<'a>(&self, post: &'a PostCount, view: View) -> Option<(Reading, Option<&'a Estimate>)> {
        let (course, first) = (post.course(), view.day.first_minute());
        let tapped = course.last(first..=view.upto).map(Minute::start);
        if let Some((estimate, typed)) = self.newest(&post.estimates, view) {
            let people = typed.and(course.net((Excluded(Minute::of(estimate.at)), Included(view.upto))));
            let as_of = tapped.unwrap_or(estimate.at).max(estimate.at);
            return Some((Reading { people, method: estimate.method, as_of }, Some(estimate)));
        }
        let people = Range::exact(course.net(first..=view.upto));
        tapped.map(|as_of| (Reading { people, method: Method::Counted, as_of }, None))
    }

    /// The newest of these estimates that is believed, and what is believed of it.
    fn newest<'a>(&self, estimates: &'a BTreeSet<Estimate>, view: View) -> Option<(&'a Estimate, Range)> {
        let in_view = estimates.iter().rev().filter(|e| view.day.contains(e.at) && Minute::of(e.at) <= view.upto);
        in_view.filter_map(|e| Some((e, self.believed(e, view.expected)?))).next()
    }

    fn believed(&self, estimate: &Estimate, expected: Option<u32>) -> Option<Range> {
        let ruled = if self.is_quarantined(estimate.device) { Some(0) } else { self.ruling_on_estimate(estimate) };
        plausibility::of_estimate(estimate, expected, ruled)
    }

    /// The first minute, of these two and those between, in which something was reported that is believed.
    fn first_report(&self, gathering: &Slug, expected: Option<u32>, (from, until): (Minute, Minute)) -> Option<Minute> {
        let gathering = self.at(gathering)?;
        let tapped = gathering.posts.values().filter_map(|post| post.course().first(from..=until));
        let estimates = gathering.posts.values().map(|post| &post.estimates).chain([&gathering.estimates]).flatten();
        let believed = estimates.filter(|estimate| self.believed(estimate, expected).is_some());
        let typed = believed.map(|estimate| Minute::of(estimate.at)).filter(|minute| (from..=until).contains(minute));
        tapped.chain(typed).min()
    }
}

/// People as they are told: never fewer than nobody.
fn whole(people: i64) -> u32 {
    u32::try_from(people.max(0)).unwrap_or(u32::MAX)
}
