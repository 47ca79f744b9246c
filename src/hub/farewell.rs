//! How a hub says good-bye: to one page after the other, so that they do not all knock at the same door at once.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::sleep_until};

use super::{Hub, locked};

/// Without another node, the first page is invited back this long after the good-bye, in milliseconds: time for the
/// next server to start.
const FIRST_RETURN_MS: u64 = 1_000;

/// What is left of the grace time when the last page is told to go to another node: the good-bye has to reach it, and
/// its own to come back, over a network where one round trip may take a second and a lost packet three.
const RESERVE: Duration = Duration::from_secs(5);

/// A good-bye to everybody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Farewell {
    begun: Instant,
    /// Pages that may come back in a second.
    rate: u64,
    /// Whether another node is there to go to.
    has_others: bool,
}

/// One page's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// When it is told to go; until then it is served like any other day.
    pub(super) at: Instant,
    /// How long it is then to wait before it comes back, in milliseconds.
    pub(super) retry_ms: u64,
}

impl Farewell {
    /// Where nobody else is there: all are told at once, and come back one after the other.
    fn alone(begun: Instant, rate: u32) -> Self {
        Self { begun, rate: rate.max(1).into(), has_others: false }
    }

    /// Where another node is there: each is told in its turn, and goes there at once. So many `pages` are told within
    /// the `grace` time, which may take a higher rate than the set one.
    fn among_others(begun: Instant, rate: u32, pages: usize, grace: Duration) -> Self {
        let within_ms = grace.saturating_sub(RESERVE).max(grace / 2).as_millis().max(1);
        let needed = u64::try_from((pages as u128 * 1_000).div_ceil(within_ms)).unwrap_or(u64::MAX);
        Self { begun, rate: needed.max(rate.into()).max(1), has_others: true }
    }

    /// The turn of the page that is number `nth`, from 0.
    fn turn(self, nth: u64) -> Turn {
        let Self { begun, rate, has_others } = self;
        if has_others {
            Turn { at: begun + Duration::from_micros(nth * 1_000_000 / rate), retry_ms: 0 }
        } else {
            Turn { at: begun, retry_ms: FIRST_RETURN_MS + nth * 1_000 / rate }
        }
    }
}

/// What one who is not in a shard knows of the good-bye.
#[derive(Debug)]
pub(super) struct Leave {
    closing: watch::Receiver<Option<Farewell>>,
    turn: Option<Turn>,
}

impl Leave {
    /// Waits for the good-bye and for the turn in it, and gives how long to stay away, in milliseconds. Nothing is lost
    /// if it is not waited for to the end.
    pub(super) async fn retry_ms(&mut self, hub: &Hub) -> u64 {
        let turn = match self.turn {
            Some(turn) => turn,
            None => {
                // The hub holds the other end.
                let farewell = self.closing.wait_for(Option::is_some).await.ok().and_then(|farewell| *farewell);
                let turn = hub.next_turn(farewell.unwrap_or_else(|| Farewell::alone(Instant::now(), 1)));
                *self.turn.insert(turn)
            }
        };
        sleep_until(turn.at.into()).await;
        turn.retry_ms
    }
}

impl Hub {
    /// Says good-bye to every page within the `grace` time, so many in a second if that is enough. Whoever comes in
    /// later hears it too.
    pub async fn say_bye(&self, returns_per_s: u32, grace: Duration) {
        let has_others = locked(&self.nodes.peers).heard().next().is_some();
        let begun = Instant::now();
        let farewell = if has_others {
            Farewell::among_others(begun, returns_per_s, self.pages(), grace)
        } else {
            Farewell::alone(begun, returns_per_s)
        };
        self.farewells.store(0, Ordering::Relaxed);
        self.closing.send_replace(Some(farewell));
        for shard in &self.shards {
            shard.bye(self, farewell).await;
        }
    }

    /// Whether the hub says good-bye to everybody.
    pub fn is_closing(&self) -> bool {
        self.closing.borrow().is_some()
    }

    /// The good-bye that is being said, if any.
    pub(super) fn farewell(&self) -> Option<Farewell> {
        *self.closing.borrow()
    }

    /// The turn of whoever has none yet.
    pub(super) fn next_turn(&self, farewell: Farewell) -> Turn {
        farewell.turn(self.farewells.fetch_add(1, Ordering::Relaxed))
    }

    /// For one who is not in a shard.
    pub(super) fn leave(&self) -> Leave {
        Leave { closing: self.closing.subscribe(), turn: None }
    }

    /// Everybody who is to hear the good-bye.
    fn pages(&self) -> usize {
        self.shards.iter().map(super::shard::Shard::len).sum::<usize>() + self.closing.receiver_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The defaults of `--return-rate` and `--grace`.
    const RATE: u32 = 500;
    const GRACE: Duration = Duration::from_secs(20);

    #[test]
    fn with_nobody_else_there_all_are_told_at_once_and_come_back_one_after_the_other() {
        let begun = Instant::now();
        let farewell = Farewell::alone(begun, RATE);
        assert_eq!(farewell.turn(0), Turn { at: begun, retry_ms: FIRST_RETURN_MS });
        assert_eq!(farewell.turn(500), Turn { at: begun, retry_ms: FIRST_RETURN_MS + 1_000 });
    }

    #[test]
    fn with_others_there_each_is_told_in_its_turn_and_goes_at_once() {
        let begun = Instant::now();
        let farewell = Farewell::among_others(begun, RATE, 5_000, GRACE);
        assert_eq!(farewell.turn(0), Turn { at: begun, retry_ms: 0 });
        assert_eq!(farewell.turn(5_000), Turn { at: begun + Duration::from_secs(10), retry_ms: 0 });
    }

    #[test]
    fn however_many_there_are_the_last_is_told_with_time_to_spare() {
        let begun = Instant::now();
        for (pages, grace_s) in [(1, 20), (15_000, 20), (200_000, 20), (15_000, 6), (15_000, 1), (3, 0)] {
            let grace = Duration::from_secs(grace_s);
            let last = Farewell::among_others(begun, RATE, pages, grace).turn(pages as u64 - 1).at;
            assert!(last <= begun + grace.saturating_sub(RESERVE).max(grace / 2), "{pages} pages in {grace_s} s");
        }
    }
}
