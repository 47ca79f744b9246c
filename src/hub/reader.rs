//! A phone's or display's conversation: one small task that only reads.

use std::{
    future::poll_fn,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tracing::debug;

use super::{
    Hub,
    audience::NewestBoards,
    claims::NetworkKey,
    conversation::{self, Introduced},
    elsewhere::Word,
    inbox::{Heard, Inbox, More, page_config},
    refusal::Refusal,
    seat::Seat,
};
use crate::{
    domain::{device::Device, pass::Role},
    wire::{
        close::Ending,
        frame,
        message::{FromPage, Hello},
        seat::SeatWord,
    },
};

/// Reads of one turn: a page that never stops talking does not keep its thread from the others.
const READS_PER_TURN: usize = 4;

/// How long a page may take to close its side after we have closed ours. Closing at once would reset the
/// connection under a page that is still sending, and lose it the close frame that tells it why.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// A taken seat. Dropping it gives up the seat, its place in every count, and the connection's permit.
pub(super) struct Seated {
    hub: Arc<Hub>,
    shard: usize,
    number: usize,
    seat: Arc<Seat>,
    network: NetworkKey,
    came_s: u32,
    /// The one claim to people elsewhere that this connection speaks of. Boxed, as hardly any connection has one.
    claim: OnceLock<Box<Device>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.seat.vacate();
        self.hub.shard(self.shard).vacate(self.number);
    }
}

impl Seated {
    /// A seat in one of the hub's shards.
    pub(super) fn new(
        hub: Arc<Hub>,
        shard: usize,
        (number, seat): (usize, Arc<Seat>),
        network: NetworkKey,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let came_s = hub.age_s();
        Self { hub, shard, number, seat, network, came_s, claim: OnceLock::new(), _permit: permit }
    }

    /// Reads until the conversation is over; `early` is what the page had said before it was seated.
    ///
    /// Not an `async fn`, which would hold its arguments twice, 15,000 times over.
    pub(super) fn attend(self, early: &[u8]) -> impl Future<Output = ()> + Send + use<> {
        let mut inbox = Inbox::default();
        let early = self.hear_early(&mut inbox, early);
        async move {
            let ending = match early {
                Ok(()) => poll_fn(|cx| self.read(&mut inbox, cx)).await,
                Err(ending) => ending,
            };
            self.hub.meters.ended(ending);
            debug!(ending = ending.as_str(), "connection ended");
            if ending != Ending::Gone && ending != Ending::LeaseOver {
                // Boxed, so that the tasks which are not at their end do not hold its room.
                Box::pin(self.linger()).await;
            }
        }
    }

    fn hear_early(&self, inbox: &mut Inbox, early: &[u8]) -> Result<(), Ending> {
        let mut reply = Vec::new();
        let hear = |heard, reply: &mut Vec<u8>| self.hear(heard, reply);
        let over = inbox.take_early(early, self.hub.clock(), page_config(), &mut reply, hear);
        self.answer(over, reply)
    }

    /// Reads whenever there is something to read.
    ///
    /// Not by `readable()`: its waiter would leave the waker of the finished HTTP task in the socket's reader slot,
    /// which keeps that task, 2.4 kB, for as long as the phone stays.
    fn read(&self, inbox: &mut Inbox, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            let ready = ready!(self.seat.socket().poll_read_ready(cx));
            if let Err(ending) = ready.map_err(|_| Ending::Gone).and_then(|()| self.turn(inbox)) {
                return Poll::Ready(self.seat.ended().unwrap_or(ending));
            }
        }
    }

    fn turn(&self, inbox: &mut Inbox) -> Result<(), Ending> {
        let mut reply = Vec::new();
        let mut over = Ok(More::Now);
        for _ in 0..READS_PER_TURN {
            over = inbox.read(self.seat.socket(), page_config(), self.hub.clock(), &mut reply, |h, r| self.hear(h, r));
            if over != Ok(More::Now) {
                break;
            }
        }
        self.answer(over, reply)
    }

    fn answer(&self, over: Result<More, Ending>, reply: Vec<u8>) -> Result<(), Ending> {
        match over {
            Ok(More::Now | More::Wait) if reply.is_empty() => Ok(()),
            Ok(More::Now | More::Wait) => {
                self.seat.answer(&Bytes::from(reply));
                Ok(())
            }
            Err(Ending::Gone) => Err(Ending::Gone),
            Err(ending) => {
                self.seat.last_words(reply, ending);
                Err(ending)
            }
        }
    }

    fn hear(&self, heard: Heard, reply: &mut Vec<u8>) -> Result<(), Ending> {
        let now_s = self.hub.age_s();
        self.seat.heard(now_s)?;
        let (text, s2) = match heard {
            Heard::Text { text, at } => (text, at),
            Heard::Binary(_) => return Err(Ending::NotText),
            Heard::Alive => return Ok(()),
        };
        match conversation::understand(&text)? {
            FromPage::Hello(hello) => self.greet(&hello, now_s)?,
            FromPage::Ping { seq, c1 } => {
                if let Some(pong) = self.hub.pong(seq, c1, s2) {
                    frame::append(reply, &pong);
                }
            }
            FromPage::Visible { visible, counted } => {
                self.seat.set_visible(visible, counted, &mut NewestBoards::default(), &self.hub.moments(), now_s);
            }
            FromPage::Elsewhere { party, claim } => {
                if let Err(refused) = self.hear_elsewhere(party, claim, now_s) {
                    frame::append(reply, &refused.into());
                }
            }
            FromPage::Tally(_) | FromPage::Estimate(_) | FromPage::Ready { .. } | FromPage::Unknown => {
                frame::append(reply, &conversation::unknown_message().into());
            }
        }
        Ok(())
    }

    /// A word about people elsewhere: from phones, and of one claim only.
    fn hear_elsewhere(&self, party: u32, claim: Device, now_s: u32) -> Result<(), Refusal> {
        if !self.seat.is_phone() {
            return Err(conversation::unknown_message());
        }
        if self.claim.get().is_some_and(|known| **known != claim) {
            let say = "This page has spoken for people already, under another number. Reload it to begin anew.";
            return Err(Refusal::new("elsewhere", "one_claim", say));
        }
        let here_s = now_s.saturating_sub(self.came_s);
        self.hub.hear_elsewhere(&self.seat, Word { party, claim, network: self.network, here_s })?;
        self.claim.get_or_init(|| Box::new(claim));
        Ok(())
    }

    /// Seats the page and tells it, in one write, all it needs to know.
    fn greet(&self, hello: &Hello, now_s: u32) -> Result<(), Ending> {
        // Once per connection, so that nobody has other nodes asked without end; and before the page is counted here.
        if let Some(was) = hello.was.as_deref().filter(|_| self.seat.is_new()) {
            self.hub.hand_over(was);
        }
        let Introduced { guest, refused } = self.hub.introduce(hello, None)?;
        let (moments, boards) = (self.hub.moments(), guest.audience.boards());
        let mut greeting = Vec::new();
        frame::append(&mut greeting, &self.hub.welcome(self.word(hello.role)));
        if let Some(refused) = &refused {
            frame::append(&mut greeting, refused);
        }
        greeting.extend_from_slice(moments.for_reader(&guest.lang));
        greeting.extend_from_slice(boards.newest.bytes(false));
        self.seat.greet(guest, &greeting.into(), moments.no, boards.newest.no, now_s);
        Ok(())
    }

    /// The word for the seat: for phones, hidden ones too, which may be counted later.
    fn word(&self, role: Role) -> Option<SeatWord> {
        let secret = (role == Role::Participant).then(|| self.seat.secret()).flatten()?;
        self.hub.seat_word(self.shard, self.number, secret)
    }

    /// Reads on, for nothing but the end.
    async fn linger(&self) {
        let mut bytes = [0; 512];
        let end = async {
            loop {
                if poll_fn(|cx| self.seat.socket().poll_read_ready(cx)).await.is_err() {
                    return;
                }
                match self.seat.socket().try_read(&mut bytes) {
                    Ok(0) => return,
                    Err(e) if e.kind() != std::io::ErrorKind::WouldBlock => return,
                    Ok(_) | Err(_) => {}
                }
            }
        };
        // The end of the wait is as good as the end of the stream.
        let _ = timeout(LINGER, end).await;
    }
}
