//! People who take part elsewhere, from a phone's word to `kept`.
//!
//! Thousands may say so in the same minute; so their words are gathered for a moment, the totals that follow are kept
//! once, and all of them are answered.

use std::{
    sync::{Arc, Mutex, Weak},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::{sync::Notify, time::sleep};

use super::{
    Hub,
    claims::{Claims, NetworkKey, Overclaim},
    locked,
    refusal::Refusal,
    seat::Seat,
};
use crate::{
    domain::{
        device::Device,
        elsewhere::Elsewhere,
        fact::Fact,
        moment::Status,
        switch::Name,
        time::{Millis, UnixMillis},
        version::NodeId,
    },
    wire::{
        frame,
        message::{FromServer, Kept},
    },
};

/// Said from this long before the moment,
const OPENS: Millis = Millis::from_mins(30);

/// until this long after it.
const CLOSES: Millis = Millis::from_mins(60);

/// How old a connection must be, in seconds: a person reads first, and a script would rather not wait.
const COME_S: u32 = 10;

/// How long words are gathered: not noticed by whoever waits for the answer, and five commits a second at most.
const GATHERED_FOR: Duration = Duration::from_millis(200);

/// Most that wait for one commit: 20,000 a second, which is more than the door lets in.
const MOST_WAITING: usize = 4_096;

/// By whom these facts are kept: nobody in particular.
const BY: &str = "elsewhere";

/// What the hub knows of people elsewhere.
#[derive(Debug)]
pub(super) struct Away {
    said: Mutex<Said>,
    bell: Notify,
}

#[derive(Debug)]
struct Said {
    claims: Claims,
    waiting: Vec<Waiting>,
}

/// One who waits to be told that it is kept.
#[derive(Debug)]
struct Waiting {
    seat: Weak<Seat>,
    party: u32,
    claim: Device,
}

/// A phone's word, and what is known of whoever says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) party: u32,
    pub(super) claim: Device,
    pub(super) network: NetworkKey,
    /// For how long the connection has been open, in seconds.
    pub(super) here_s: u32,
}

impl Away {
    /// On top of what this node was told before.
    pub(super) fn after(node: NodeId, told: impl Iterator<Item = Elsewhere>) -> Self {
        let said = Said { claims: Claims::after(node, told), waiting: Vec::new() };
        Self { said: Mutex::new(said), bell: Notify::new() }
    }
}

impl Hub {
    /// Hears a phone's word; a refusal if it cannot count. Otherwise it is answered once it is kept.
    pub(super) fn hear_elsewhere(&self, seat: &Arc<Seat>, word: Word) -> Result<(), Refusal> {
        let no = |reason, say| Err(Refusal::new("elsewhere", reason, say));
        if !self.takes_elsewhere() {
            return no(
                "not_now",
                "People elsewhere are counted from half an hour before the moment until an hour after it, unless the organisers have closed it.",
            );
        }
        if word.here_s < COME_S {
            return no("too_soon", "That was quick. Wait a few seconds, and tap again.");
        }
        let mut said = locked(&self.away.said);
        if said.waiting.len() >= MOST_WAITING {
            return no("busy", "Very many people say so just now. Wait a few seconds, and tap again.");
        }
        match said.claims.say(word.claim, word.party, word.network, (Instant::now(), self.clock().now())) {
            Ok(()) => {
                said.waiting.push(Waiting { seat: Arc::downgrade(seat), party: word.party, claim: word.claim });
                self.away.bell.notify_one();
                Ok(())
            }
            Err(Overclaim::Party) => no(
                "bad_party",
                "One page can speak for up to nine people; choose a number from 1 to 9, or 0 to take it back.",
            ),
            Err(Overclaim::Network) => no(
                "enough",
                "So many people of your network have said so that no more are counted from it. You take part all the same.",
            ),
            Err(Overclaim::Memory) => {
                no("busy", "This server cannot note any more people elsewhere. You take part all the same.")
            }
        }
    }

    /// Whether it is the time for it, and nobody has closed it.
    fn takes_elsewhere(&self) -> bool {
        let now = self.clock().now();
        let moment = self.moment();
        let is_on = |name, unless: bool| self.read(|board| board.switch(name).map_or(unless, |switch| switch.on));
        let open = is_time(now, moment.at) && moment.status != Status::Cancelled;
        open && is_on(Name::Elsewhere, true) && !is_on(Name::Final, false)
    }

    /// Keeps what was gathered, again and again, for as long as the hub lives.
    pub(super) async fn keep_elsewhere(&self) {
        loop {
            self.away.bell.notified().await;
            sleep(GATHERED_FOR).await;
            let (news, waiting) = {
                let mut said = locked(&self.away.said);
                let is_news =
                    |told: &&Elsewhere| !self.read(|board| board.elsewhere_at(self.node()).any(|it| it == *told));
                let news: Vec<Fact> = said.claims.totals().filter(is_news).cloned().map(Fact::Elsewhere).collect();
                (news, std::mem::take(&mut said.waiting))
            };
            // What fails stays in the totals, and is kept with whatever is said next: the page says it again.
            let outcome = if news.is_empty() { Ok(()) } else { self.take(news, BY).await };
            for Waiting { seat, party, claim } in waiting {
                let answer = match outcome {
                    Ok(()) => FromServer::Kept(Kept::Elsewhere { party, claim }),
                    Err(error) => Refusal::not_kept("elsewhere", error).into(),
                };
                let mut bytes = Vec::new();
                frame::append(&mut bytes, &answer);
                if let Some(seat) = seat.upgrade() {
                    seat.answer(&Bytes::from(bytes));
                }
            }
        }
    }
}

fn is_time(now: UnixMillis, moment: UnixMillis) -> bool {
    now >= moment - OPENS && now < moment + CLOSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_open_from_half_an_hour_before_the_moment_until_an_hour_after_it() {
        let moment = UnixMillis(1_803_128_400_000);
        let at = |minutes, ms| is_time(moment + Millis::from_mins(minutes) + Millis(ms), moment);
        assert_eq!([at(-30, -1), at(-30, 0), at(0, 0), at(60, -1), at(60, 0)], [false, true, true, true, false]);
    }
}
