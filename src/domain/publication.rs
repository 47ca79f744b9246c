//! What the public is told of people.
//!
//! The rules hold whoever watches, and however often: a headcount below ten cannot be worked out of all that is ever
//! told. Everything here is a function of the told figures of gatherings, of true counts of at least ten, and of
//! what [`Hidden`] lets out of the others.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{
    board::Board,
    gathering::{Gathering, Slug, Visibility},
    headcount::{Day, Headcount},
    moment::Moment,
    range::Range,
    small_numbers::{self, FEWEST_TOLD, Hidden, above, below, nearest, rounded},
    switch,
    time::{Millis, UnixMillis},
};

/// How long the figure of one gathering stands: whoever watches it beside the national one must not see who came where.
const STANDS: Millis = Millis::from_secs(30);

/// The national figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct National {
    /// People taking part, those elsewhere included. Phones are no term of it.
    pub taking_part: u64,
    /// At least so many.
    pub low: u64,
    /// At most so many.
    pub high: u64,
    /// Of those taking part, people elsewhere, by their own word; 0 for fewer than ten.
    pub elsewhere: u64,
    /// Gatherings that have reported.
    pub reported: u32,
    /// Gatherings there are.
    pub gatherings: u32,
    /// Gatherings that said they are ready.
    pub ready: u32,
    /// The newest report in it; none while there is none.
    pub as_of: Option<UnixMillis>,
    /// Whether the organisers have signed the figures off.
    pub signed_off: bool,
}

/// What the public is told, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    national: National,
    rows: BTreeMap<Slug, Row>,
}

/// The figure of one gathering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    told: Option<u32>,
    /// When it last changed.
    since: UnixMillis,
}

impl Publication {
    /// The national figures.
    pub fn national(&self) -> National {
        self.national
    }

    /// People at one gathering, rounded to five, 0 for fewer than ten; none if it has not reported, or is told of
    /// only as an area or not at all.
    pub fn people(&self, gathering: &Slug) -> Option<u32> {
        self.rows.get(gathering)?.told
    }

    /// Brings it up to date.
    pub fn tell(&mut self, board: &Board, moment: &Moment, now: UnixMillis) {
        let day = Day { moment: moment.at };
        let (mut told, mut hidden) = (Range::default(), Hidden::default());
        let (mut reported, mut ready, mut as_of) = (0, 0, None);
        for gathering in board.gatherings() {
            let slug = &gathering.slug;
            let present = board.count().present(slug, gathering.expected, day, now);
            let people = present.map(|present| present.value);
            let row = self.row(gathering, people, now);
            match row {
                Some(row) if row >= FEWEST_TOLD => told = told.plus(of_many(present)),
                Some(_) => hidden = hidden.few(people.unwrap_or(0)),
                None if has_row(gathering) => {}
                None => hidden = people.map_or(hidden, |people| hidden.unlisted(people)),
            }
            reported += u32::from(row.is_some() || !has_row(gathering) && present.is_some());
            ready += u32::from(board.ready(slug).is_some_and(|said| said.ready && day.contains(said.at)));
            as_of = as_of.max(present.map(|present| present.as_of));
        }
        let elsewhere = rounded(u32::try_from(board.elsewhere(day)).unwrap_or(u32::MAX));
        let sum = told.and(hidden.told()).and(elsewhere.into());
        let step = small_numbers::step(sum.value);
        self.national = National {
            taking_part: nearest(sum.value, step),
            low: below(sum.low, step),
            high: above(sum.high + hidden.slack(), step),
            elsewhere: elsewhere.into(),
            reported,
            gatherings: u32::try_from(board.gatherings().len()).unwrap_or(u32::MAX),
            ready,
            as_of,
            signed_off: board.switch(switch::Name::Final).is_some_and(|it| it.on && it.at >= day.from()),
        };
    }

    /// The figure of one gathering from now on.
    fn row(&mut self, gathering: &Gathering, people: Option<u32>, now: UnixMillis) -> Option<u32> {
        if !has_row(gathering) {
            self.rows.remove(&gathering.slug);
            return None;
        }
        let told = people.map(rounded);
        match self.rows.get_mut(&gathering.slug) {
            None if told.is_none() => {}
            None => drop(self.rows.insert(gathering.slug.clone(), Row { told, since: now })),
            // Either way: a clock that was put back must not make a figure stand for hours.
            Some(row) if row.told != told && (now - row.since).0.saturating_abs() >= STANDS.0 => {
                *row = Row { told, since: now };
            }
            Some(row) => return row.told,
        }
        told
    }
}

/// Whether the public is told of a gathering by itself.
fn has_row(gathering: &Gathering) -> bool {
    gathering.visibility == Visibility::Listed && gathering.is_listed()
}

/// What a gathering of which at least ten are told adds to the total. While its figure stands although there are
/// fewer by now, that is ten, and no fewer.
fn of_many(present: Option<Headcount>) -> Range {
    let many = present.filter(|present| present.value >= FEWEST_TOLD);
    many.map_or(Range::exact(FEWEST_TOLD.into()), |many| Range {
        low: many.low.into(),
        value: many.value.into(),
        high: many.high.into(),
    })
}
