//! A share of the seats, and the task that writes to them.
//!
//! A shard walks its seats in short steps and lets others work in between: a room of 15,000 takes a tenth of a
//! second, and nobody at the door waits that long. It never waits for a socket.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use slab::Slab;
use tokio::{
    net::TcpStream,
    sync::Notify,
    task::yield_now,
    time::{MissedTickBehavior, interval, sleep_until},
};

use super::{
    Hub,
    audience::NewestBoards,
    farewell::Farewell,
    locked,
    seat::{Offered, Seat},
};
use crate::wire::close::Ending;

/// Seats written to between two breaths: a step takes about a millisecond, which is how long anybody else on
/// this thread, or at this shard's door, waits at most.
const STEP: usize = 128;

/// How often each seat is looked after.
pub(super) const SWEEP: Duration = Duration::from_secs(2);

/// How often those who were behind are offered the newest again. tokio knows from the kernel which of them
/// have room, so that an offer to one that has none costs no system call.
const CATCH_UP: Duration = Duration::from_millis(250);

/// What a walk is for; the higher includes the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Errand {
    /// New boards for whoever can be seen, a new moment for all.
    News = 1,
    /// The same, and a sign of life for the hidden.
    Beat = 2,
}

/// A share of the seats.
#[derive(Debug, Default)]
pub(super) struct Shard {
    seats: Mutex<Slab<Arc<Seat>>>,
    errand: AtomicU8,
    bell: Notify,
}

impl Shard {
    /// Gives a socket a seat, and the number under which to give it up.
    pub(super) fn seat(&self, socket: TcpStream, now_s: u32) -> (usize, Arc<Seat>) {
        let seat = Arc::new(Seat::new(socket, now_s));
        (locked(&self.seats).insert(Arc::clone(&seat)), seat)
    }

    /// Gives up a seat.
    pub(super) fn vacate(&self, number: usize) {
        let seat = locked(&self.seats).try_remove(number);
        // Out of the lock: closing a socket is a system call.
        drop(seat);
    }

    /// A seat, if it is taken.
    pub(super) fn seat_at(&self, number: usize) -> Option<Arc<Seat>> {
        locked(&self.seats).get(number).cloned()
    }

    /// Seats that are taken.
    pub(super) fn len(&self) -> usize {
        locked(&self.seats).len()
    }

    /// Sends the shard on a walk; one that is called again before it starts walks once, for the higher errand.
    pub(super) fn call(&self, errand: Errand) {
        self.errand.fetch_max(errand as u8, Ordering::Relaxed);
        self.bell.notify_one();
    }

    /// Writes and sweeps until the hub is closed.
    pub(super) async fn run(&self, hub: &Hub) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut catch_up = interval(CATCH_UP);
        catch_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut behind = Vec::new();
        loop {
            tokio::select! {
                () = self.bell.notified() => {
                    let beat = self.errand.swap(0, Ordering::Relaxed) >= Errand::Beat as u8;
                    behind = self.walk(hub, beat).await;
                }
                _ = catch_up.tick(), if !behind.is_empty() => self.catch_up(hub, &mut behind),
                _ = sweep.tick() => self.sweep(hub).await,
            }
        }
    }

    /// Offers the newest state to every seat; gives the numbers of those that are behind.
    async fn walk(&self, hub: &Hub, beat: bool) -> Vec<usize> {
        let started = Instant::now();
        let (moments, now_s) = (hub.moments(), hub.age_s());
        let mut newest = NewestBoards::default();
        let mut behind = Vec::new();
        let mut total = 0;
        self.in_steps(|number, seat| match seat.offer(&moments, &mut newest, beat, now_s) {
            Offered::Sent(frames) => total += frames,
            Offered::Behind => behind.push(number),
        })
        .await;
        hub.meters.frames_sent.inc_by(total);
        hub.meters.frames_skipped.inc_by(behind.len() as u64);
        hub.meters.fanned_out(started.elapsed());
        behind
    }

    fn catch_up(&self, hub: &Hub, behind: &mut Vec<usize>) {
        let (moments, now_s) = (hub.moments(), hub.age_s());
        let mut newest = NewestBoards::default();
        let seats = locked(&self.seats);
        behind.retain(|&number| {
            // A number may have gone to somebody else since; the newest state does them no harm.
            let Some(seat) = seats.get(number) else { return false };
            match seat.offer(&moments, &mut newest, false, now_s) {
                Offered::Sent(frames) => {
                    hub.meters.frames_sent.inc_by(frames);
                    false
                }
                Offered::Behind => true,
            }
        });
    }

    async fn sweep(&self, hub: &Hub) {
        let now_s = hub.age_s();
        self.in_steps(|_, seat| {
            if let Some(ending) = seat.sweep(now_s) {
                seat.end(ending);
            }
        })
        .await;
    }

    /// Says `bye` to every seat, each in its turn; until then it gets its boards.
    pub(super) async fn bye(&self, hub: &Hub, farewell: Farewell) {
        let mut at = 0;
        while let Some((number, seat)) = self.next_seat(at) {
            at = number + 1;
            if seat.ended().is_none() {
                let turn = hub.next_turn(farewell);
                sleep_until(turn.at.into()).await;
                seat.bye(turn.retry_ms);
            }
        }
    }

    /// The first seat that is taken, from number `at`.
    fn next_seat(&self, at: usize) -> Option<(usize, Arc<Seat>)> {
        let seats = locked(&self.seats);
        (at..seats.capacity()).find_map(|number| seats.get(number).map(|seat| (number, Arc::clone(seat))))
    }

    /// Ends every seat that is left.
    pub(super) async fn end_all(&self, ending: Ending) {
        self.in_steps(|_, seat| seat.end(ending)).await;
    }

    /// Does something to every seat, a step at a time. Whoever sits down meanwhile may or may not be among them.
    async fn in_steps(&self, mut visit: impl FnMut(usize, &Seat)) {
        let mut at = 0;
        loop {
            {
                let seats = locked(&self.seats);
                let end = seats.capacity().min(at + STEP);
                for number in at..end {
                    if let Some(seat) = seats.get(number) {
                        visit(number, seat);
                    }
                }
                if end == seats.capacity() {
                    return;
                }
                at = end;
            }
            yield_now().await;
        }
    }
}
