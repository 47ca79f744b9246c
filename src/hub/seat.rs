//! One phone's or display's seat: its socket, its guest, and what was written to it last.
//!
//! Two write to the socket: the shard (boards) and the reader (answers), both under the seat's one lock.

use std::{
    net::Shutdown,
    num::NonZeroU64,
    sync::{
        Mutex,
        atomic::{AtomicU16, AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::{
    audience::NewestBoards,
    conversation::MAX_MESSAGES,
    guest::Guest,
    locked,
    moments::Moments,
    outbox::{Outbox, Put},
};
use crate::{
    domain::pass::Role,
    wire::{
        close::Ending,
        frame::{self, PING},
        message::FromServer,
    },
};

/// How long a page may be silent before a board that goes to it anyway also asks whether it is there, in
/// seconds. Less than the beat of 20 s, so that the question hardly ever needs a packet of its own.
const ASK_WITH_BOARD_AFTER_S: u32 = 15;

/// How long it may be silent before it is asked with a packet of its own, in seconds.
const ASK_AFTER_S: u32 = 23;

/// How long a page may be silent before its lease is over, in seconds. With [`super::shard::SWEEP`] it keeps
/// the promise that a half-open phone is gone within 30 s; leaves 5 s for an answer over a bad network.
const LEASE_S: u32 = 28;

/// How long a page may take to introduce itself, in seconds: ten round trips of the worst network.
const HELLO_WITHIN_S: u32 = 10;

/// One page's seat.
#[derive(Debug)]
pub(super) struct Seat {
    socket: TcpStream,
    /// When something was last heard, in seconds of the hub's own age.
    heard_s: AtomicU32,
    messages: AtomicU16,
    place: Mutex<Place>,
}

/// Who sits there, and what they were given last.
#[derive(Debug, Default)]
struct Place {
    guest: Option<Guest>,
    outbox: Outbox,
    moment_no: u32,
    board_no: u32,
    /// Asked for a sign of life since it was last heard.
    asked: bool,
    /// The server has ended it; nothing more is written.
    ended: Option<Ending>,
    /// What its page proves with that it sat here; drawn for the first greeting of a phone.
    secret: Option<NonZeroU64>,
}

/// What came of offering the newest state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    /// This many frames left for the socket.
    Sent(u64),
    /// The socket takes no more at the moment: to be offered the newest state again soon.
    Behind,
}

impl Seat {
    /// A seat for a page that has not said who it is.
    pub(super) fn new(socket: TcpStream, now_s: u32) -> Self {
        let (heard_s, messages) = (AtomicU32::new(now_s), AtomicU16::new(0));
        Self { socket, heard_s, messages, place: Mutex::default() }
    }

    /// Its socket, to read from.
    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Notes a sign of life; an ending if it is one too many.
    pub(super) fn heard(&self, now_s: u32) -> Result<(), Ending> {
        let mut place = locked(&self.place);
        if place.guest.is_some() {
            place.asked = false;
            self.heard_s.store(now_s, Ordering::Relaxed);
        }
        let before = self.messages.fetch_add(1, Ordering::Relaxed);
        if before < MAX_MESSAGES { Ok(()) } else { Err(Ending::TooMany) }
    }

    /// Seats an introduced page and writes its greeting, which holds the moment and board of these numbers.
    pub(super) fn greet(&self, guest: Guest, greeting: &Bytes, moment_no: u32, board_no: u32, now_s: u32) {
        let mut place = locked(&self.place);
        let place = &mut *place;
        if place.ended.is_some() {
            return;
        }
        self.heard_s.store(now_s, Ordering::Relaxed);
        // The one it had, if it moved to another gathering, leaves its counts first.
        place.guest = None;
        place.guest = Some(guest);
        let put = place.outbox.put(&self.socket, greeting, |n| greeting.slice(n..));
        // Without room for a greeting, what it was given last is of the gathering it came from: as good as nothing.
        (place.moment_no, place.board_no) = if put == Put::Taken { (moment_no, board_no) } else { (0, 0) };
    }

    /// Counts the page in or out as it is seen or hidden, and as another page of its browser is counted or not;
    /// whoever comes back is given the newest at once.
    pub(super) fn set_visible(
        &self,
        visible: bool,
        counted: bool,
        newest: &mut NewestBoards,
        moments: &Moments,
        now_s: u32,
    ) {
        if let Some(guest) = &mut locked(&self.place).guest {
            guest.set_visible(visible, counted);
        }
        if visible {
            self.offer(moments, newest, false, now_s);
        }
    }

    /// Whether its page has not said yet who it is.
    pub(super) fn is_new(&self) -> bool {
        locked(&self.place).guest.is_none()
    }

    /// What its page proves with that it sat here: the same for as long as it does. None where nothing is random.
    pub(super) fn secret(&self) -> Option<NonZeroU64> {
        let mut place = locked(&self.place);
        place.secret = place.secret.or_else(|| getrandom::u64().ok().and_then(NonZeroU64::new));
        place.secret
    }

    /// Whether a phone sits there.
    pub(super) fn is_phone(&self) -> bool {
        locked(&self.place).guest.as_ref().is_some_and(|guest| guest.role == Role::Participant)
    }

    /// Writes an answer to this page alone. One that finds no room is let go: the page asks again.
    pub(super) fn answer(&self, answer: &Bytes) {
        let _ = locked(&self.place).outbox.put(&self.socket, answer, |n| answer.slice(n..));
    }

    /// Gives the page the newest state, if it has not got it yet. A hidden one only learns of a new moment,
    /// and at a `beat` that the server lives.
    pub(super) fn offer(&self, moments: &Moments, newest: &mut NewestBoards, beat: bool, now_s: u32) -> Offered {
        let mut place = locked(&self.place);
        let Place { guest: Some(guest), outbox, moment_no, board_no, asked, ended: None, .. } = &mut *place else {
            return Offered::Sent(0);
        };
        let mut sent = 0;
        if *moment_no != moments.no {
            let moment = moments.for_reader(&guest.lang);
            if outbox.put(&self.socket, moment, |n| moment.slice(n..)) == Put::Full {
                return Offered::Behind;
            }
            *moment_no = moments.no;
            sent += 1;
        }
        if guest.visible() {
            let board = guest.board(newest.of(&guest.audience));
            if board.no > *board_no {
                let ask = !*asked && self.quiet_s(now_s) >= ASK_WITH_BOARD_AFTER_S;
                if outbox.put(&self.socket, board.bytes(ask), |n| board.rest(ask, n)) == Put::Full {
                    return Offered::Behind;
                }
                *board_no = board.no;
                *asked |= ask;
                sent += 1;
            }
        } else if beat {
            *asked |= outbox.put(&self.socket, PING, |n| Bytes::from_static(&PING[n..])) == Put::Taken;
        }
        if outbox.finish(&self.socket) { Offered::Sent(sent) } else { Offered::Behind }
    }

    /// Looks after a seat between boards: asks the quiet, and tells which to end.
    pub(super) fn sweep(&self, now_s: u32) -> Option<Ending> {
        self.messages.store(0, Ordering::Relaxed);
        let mut place = locked(&self.place);
        let quiet_s = self.quiet_s(now_s);
        if place.guest.is_none() && place.ended.is_none() {
            return (quiet_s >= HELLO_WITHIN_S).then_some(Ending::NoHello);
        }
        if !place.asked && quiet_s >= ASK_AFTER_S {
            place.asked = place.outbox.put(&self.socket, PING, |n| Bytes::from_static(&PING[n..])) == Put::Taken;
        }
        (quiet_s >= LEASE_S).then_some(Ending::LeaseOver)
    }

    /// Ends the seat from the server's side: a close frame if there is room for one, and then the socket. Its
    /// reader finds the end of the stream, and learns from [`Seat::ended`] why.
    pub(super) fn end(&self, ending: Ending) {
        self.end_at(&mut locked(&self.place), ending);
    }

    /// Ends the seat because its page sits elsewhere now, if it proves that with the seat's `secret`: it leaves every
    /// count at once.
    pub(super) fn hand_over(&self, secret: NonZeroU64) {
        let mut place = locked(&self.place);
        if place.secret == Some(secret) && place.ended.is_none() {
            place.guest = None;
            self.end_at(&mut place, Ending::Moved);
        }
    }

    fn end_at(&self, place: &mut Place, ending: Ending) {
        place.ended = Some(ending);
        let close = frame::close(ending);
        let _ = place.outbox.put(&self.socket, &close, |_| Bytes::new());
        // A socket that is gone already cannot be shut; that is as good.
        let _ = SockRef::from(&self.socket).shutdown(Shutdown::Both);
    }

    /// Says `bye`, once, and closes, but leaves the page the time to close its side. It may be elsewhere before that,
    /// so it leaves every count at once.
    pub(super) fn bye(&self, retry_ms: u64) {
        let mut place = locked(&self.place);
        if place.ended.replace(Ending::Draining).is_some() {
            return;
        }
        place.guest = None;
        let mut farewell = Vec::new();
        frame::append(&mut farewell, &FromServer::Bye { retry_ms });
        farewell.extend(frame::close(Ending::Draining));
        let farewell = Bytes::from(farewell);
        let _ = place.outbox.put(&self.socket, &farewell, |n| farewell.slice(n..));
        let _ = SockRef::from(&self.socket).shutdown(Shutdown::Write);
    }

    /// Writes the last words of a reader that found the end: `answer`, and a close frame unless the page closed.
    /// The guest leaves every count at once, and gets no more boards.
    pub(super) fn last_words(&self, mut answer: Vec<u8>, ending: Ending) {
        if ending != Ending::Left {
            answer.extend(frame::close(ending));
        }
        let mut place = locked(&self.place);
        place.guest = None;
        place.ended.get_or_insert(ending);
        let _ = place.outbox.put(&self.socket, &answer, |_| Bytes::new());
        let _ = SockRef::from(&self.socket).shutdown(Shutdown::Write);
    }

    /// Why the server ended it, if it did.
    pub(super) fn ended(&self) -> Option<Ending> {
        locked(&self.place).ended
    }

    /// Gives up the guest's place in every count; the socket stays until the last of it is dropped.
    pub(super) fn vacate(&self) {
        locked(&self.place).guest = None;
    }

    fn quiet_s(&self, now_s: u32) -> u32 {
        now_s.saturating_sub(self.heard_s.load(Ordering::Relaxed))
    }
}
