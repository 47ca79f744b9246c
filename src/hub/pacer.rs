//! When a hub speaks: it looks once in a while whether anything changed, encodes each audience's board once,
//! and sends its shards on their way.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::{Hub, MIN_PACE, audience::Audience, locked, moments::Moments, shard::Errand};
use crate::{
    clock::Stamp,
    domain::{figures::Figures, time::UnixMillis},
    wire::{frame::BoardFrame, message::BoardMessage},
};

impl Hub {
    /// Looks at the pace in force until the hub is closed.
    pub(super) async fn keep_pace(&self) {
        let mut tempo = self.tempo.subscribe();
        let mut current = *tempo.borrow_and_update();
        let mut turns = turns(current.pace);
        let mut last_beat = None::<Instant>;
        loop {
            tokio::select! {
                _ = turns.tick() => {
                    let now = Instant::now();
                    let beat = last_beat.is_none_or(|last| current.is_beat(now.saturating_duration_since(last)));
                    if beat {
                        last_beat = Some(now);
                    }
                    self.look(now, beat);
                }
                () = self.hurry.notified() => turns.reset_after(MIN_PACE),
                Ok(()) = tempo.changed() => {
                    current = *tempo.borrow_and_update();
                    turns = self::turns(current.pace);
                }
            }
        }
    }

    /// Looks whether there is anything to tell, and sends the shards to tell it; at a `beat` also those who are
    /// hidden hear that the server lives.
    fn look(&self, at: Instant, beat: bool) {
        let now = self.clock.stamp();
        // In this order: the figures are of the moment, and a board of the figures.
        let moved = self.renew_moment();
        let stirred = self.renew_figures(now.millis(), at);
        let mut news = beat | moved | self.show(&self.national, now, at);
        for audience in &self.gatherings {
            if !audience.is_idle() {
                news |= self.show(&audience, now, at);
            }
        }
        *locked(&self.last_look) = at;
        if news {
            for shard in &self.shards {
                shard.call(if beat { Errand::Beat } else { Errand::News });
            }
        }
        if news | stirred {
            self.rounds.send_modify(|round| *round = round.wrapping_add(1));
        }
    }

    /// Encodes the moment anew if it is another one; whether it is.
    fn renew_moment(&self) -> bool {
        let moment = self.moment();
        let mut moments = locked(&self.moments);
        let new = moments.moment != moment;
        if new {
            *moments = Arc::new(Moments::encode(moments.no.wrapping_add(1), moment));
        }
        new
    }

    /// What an audience would be told at `at`, which the served clock stamps `now`.
    pub(super) fn figures(&self, audience: &Audience, now: Stamp, at: Instant) -> Figures {
        let (epoch, rev) = (now.epoch, self.moments().moment.version.rev);
        let (others, others_here) = self.nodes.phones(audience.slug.as_ref());
        let (phones, here) = (self.national.phones().saturating_add(others), audience.here(others_here, at));
        let (reporting, as_of) = self.nodes.reporting();
        let told = locked(&self.told);
        let people = audience.slug.as_ref().and_then(|slug| told.people(slug));
        Figures { epoch, rev, phones, here, people, national: told.national(), reporting, as_of }
    }

    /// Gives an audience a new board if there is anything new in it, or its beat is due; whether it did.
    pub(super) fn show(&self, audience: &Audience, now: Stamp, at: Instant) -> bool {
        audience.show(self.figures(audience, now, at), self.tempo(), at, |figures| {
            let no = self.board_no.fetch_add(1, Ordering::Relaxed) + 1;
            BoardFrame::encode(no, board_message(figures, now.millis()))
        })
    }
}

/// A turn every `pace`, the first one pace from now; a late one puts off those after it.
fn turns(pace: Duration) -> Interval {
    let mut turns = interval_at(tokio::time::Instant::now() + pace, pace);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turns
}

/// The board's message.
pub(super) fn board_message(figures: Figures, now: UnixMillis) -> BoardMessage {
    let Figures { epoch, rev, phones, here, people, national, reporting, as_of } = figures;
    let partial = (!reporting.exact).then_some(reporting);
    BoardMessage {
        t: now,
        epoch,
        rev,
        phones,
        here,
        people,
        taking_part: national.taking_part,
        low: national.low,
        high: national.high,
        elsewhere: national.elsewhere,
        reported: national.reported,
        gatherings: national.gatherings,
        ready: national.ready,
        exact: reporting.exact,
        nodes_reporting: partial.map(|partial| partial.nodes),
        nodes_expected: partial.map(|partial| partial.expected),
        as_of: as_of.filter(|_| partial.is_some()),
        signed_off: national.signed_off,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::publication::National;

    proptest! {
        #[test]
        fn a_phone_changes_no_figure_of_people(before in any::<(u32, Option<u32>)>(), after in any::<(u32, Option<u32>)>()) {
            let national = National { taking_part: 8_450, low: 8_100, high: 9_200, reported: 61, ..National::default() };
            let told = |(phones, here)| {
                let figures = Figures { phones, here, people: Some(435), national, ..Figures::default() };
                BoardMessage { phones: 0, here: None, ..board_message(figures, UnixMillis(0)) }
            };
            prop_assert_eq!(told(before), told(after));
            prop_assert_eq!((told(after).taking_part, told(after).people), (8_450, Some(435)));
        }
    }
}
