//! The phones of one process: does what it is told on standard input, and answers on standard output.
//!
//! While it measures, a crowd polls and never waits in the kernel: a server that is quicker than its reader
//! would otherwise pay for waking it at every send. It measures from one quiet moment to another, so that
//! a window holds whole boards only.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    io::{self, BufRead, ErrorKind, Write},
    sync::mpsc::{Receiver, TryRecvError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use mio::{Events, Interest, Poll, Token};
use serde::Serialize;
use slab::Slab;

use super::{
    fault::Fault,
    figure::{Figure, percentile_ms},
    orders::{Back, Heard, Joined, Order, Pinged, Stalled},
    phone::{Call, Phone},
    process::{self, Process},
    tally::{Pong, Tally},
};

/// Events taken from the kernel at once.
const EVENTS: usize = 1024;

/// How long a crowd without an order waits for its phones before it looks for an order.
const IDLE: Duration = Duration::from_millis(5);

/// Calls made between two looks at what has arrived.
const CALLS_AT_ONCE: u32 = 64;

/// The longest all phones together may take to join.
const JOIN_LIMIT: Duration = Duration::from_secs(40);

/// What a server may still be doing about the last join when its phone has its first board.
const JOIN_REST: Duration = Duration::from_millis(100);

/// The longest wait for one board and the quiet moment after it; boards come once a second or quicker.
const BOARD_LIMIT: Duration = Duration::from_secs(4);

/// After this the count of phones must be right: totals are true 2 s after churn stops, and a board comes every second.
const COUNT_REST: Duration = Duration::from_secs(3);

/// The longest wait for the sockets of phones that never read to be full. The window after it must end within
/// the half minute after which a server may take such a phone for lost.
const STALL_LIMIT: Duration = Duration::from_secs(15);

/// For how long those sockets must have taken nothing to count as full.
const FULL_REST: Duration = Duration::from_secs(2);

/// How often a phone that never reads says that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// From an answer to the next question, as pages have it.
const PING_PAUSE: Duration = Duration::from_millis(30);

/// The longest wait for the last answers.
const PONG_LIMIT: Duration = Duration::from_secs(10);

/// Joins under way at once where the time does not matter.
const UNHURRIED: u32 = 64;

/// Where a crowd stands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The port of the server, on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// Its process
    #[arg(long)]
    pub(crate) pid: u32,
    /// It sends a first board to whoever joins, as the contract says; the floor does not
    #[arg(long)]
    pub(crate) greets: bool,
}

struct Crowd {
    call: Call,
    server: Process,
    port: u16,
    poll: Poll,
    events: Events,
    phones: Slab<Phone>,
    tally: Tally,
    called: u32,
    last_sign: Instant,
}

/// Obeys orders until there are no more.
pub(crate) fn attend(place: &Place) -> Result<(), Fault> {
    let mut crowd = Crowd {
        call: Call::new(place.port, place.greets),
        server: Process(place.pid),
        port: place.port,
        poll: Poll::new()?,
        events: Events::with_capacity(EVENTS),
        phones: Slab::new(),
        tally: Tally::new(),
        called: 0,
        last_sign: Instant::now(),
    };
    let orders = orders();
    loop {
        match orders.try_recv() {
            Ok(line) => match serde_json::from_str(&line)? {
                Order::Join { phones, at_once } => answer(&crowd.join(phones, at_once)?)?,
                Order::Listen { boards, quiet_ms, nap_us } => {
                    let (quiet, nap) = (Duration::from_millis(quiet_ms), Duration::from_micros(nap_us));
                    answer(&crowd.listen(boards, quiet, nap)?)?;
                }
                Order::Storm => answer(&crowd.storm()?)?,
                Order::Ping { pings, over_ms } => answer(&crowd.ping(pings, Duration::from_millis(over_ms))?)?,
                Order::Stall { every } => answer(&crowd.stall(every)?)?,
            },
            Err(TryRecvError::Empty) => crowd.look(IDLE).map(drop)?,
            Err(TryRecvError::Disconnected) => return Ok(()),
        }
    }
}

/// The lines of standard input. Reading it blocks, so a thread of its own does.
fn orders() -> Receiver<String> {
    let (send, receive) = sync_channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
        // The parent has gone, perhaps in the middle of an order.
        std::process::exit(0);
    });
    receive
}

fn answer(words: &impl Serialize) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(words)?)?;
    Ok(out.flush()?)
}

impl Crowd {
    /// Reads everything that has arrived, waiting at most `wait` for something; false if nothing came.
    fn look(&mut self, wait: Duration) -> io::Result<bool> {
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(e) if e.kind() != ErrorKind::Interrupted => return Err(e),
            _ => {}
        }
        for event in &self.events {
            let Token(place) = event.token();
            let Some(phone) = self.phones.get_mut(place) else { continue };
            if let Err(why) = phone.ready(event, &self.call, &mut self.tally) {
                self.tally.failed(why.to_string());
                let phone = self.phones.remove(place);
                self.tally.gone(&phone);
            }
        }
        if self.tally.stalled > 0 && self.last_sign.elapsed() > SIGN_OF_LIFE {
            self.give_signs_of_life();
        }
        Ok(!self.events.is_empty())
    }

    /// One look without waiting; sleeps for `nap` if there was nothing.
    fn turn(&mut self, nap: Duration) -> io::Result<()> {
        if !self.look(Duration::ZERO)? && !nap.is_zero() {
            thread::sleep(nap);
        }
        Ok(())
    }

    fn turns(&mut self, time: Duration) -> io::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.turn(Duration::ZERO)?;
        }
        Ok(())
    }

    fn give_signs_of_life(&mut self) {
        self.last_sign = Instant::now();
        let tally = &mut self.tally;
        self.phones.retain(|_, phone| {
            if !phone.is_stalled() {
                return true;
            }
            let alive = phone.sign_of_life();
            if let Err(why) = &alive {
                tally.failed(why.to_string());
                tally.gone(phone);
            }
            alive.is_ok()
        });
    }

    fn call_one(&mut self, stalled: bool) -> io::Result<()> {
        self.called = self.called.wrapping_add(1);
        match Phone::call(&self.call, self.called, stalled) {
            Ok(mut phone) => {
                let place = self.phones.vacant_entry();
                let interest = Interest::READABLE | Interest::WRITABLE;
                self.poll.registry().register(phone.stream(), Token(place.key()), interest)?;
                place.insert(phone);
            }
            Err(why) => self.tally.failed(why.to_string()),
        }
        Ok(())
    }

    fn join(&mut self, phones: u32, at_once: u32) -> Result<Joined, Fault> {
        self.let_in(phones.saturating_sub(self.tally.present), at_once, false)
    }

    /// `more` phones join; those who fail are not replaced.
    fn let_in(&mut self, more: u32, at_once: u32, stalled: bool) -> Result<Joined, Fault> {
        let cpu = self.server.cpu()?;
        self.tally.begin_joining();
        let failed_before = self.tally.failed;
        let (begun, mut called) = (Instant::now(), 0);
        loop {
            let settled = self.tally.joined + self.tally.failed - failed_before;
            if settled >= more || begun.elapsed() > JOIN_LIMIT {
                break;
            }
            let under_way = called - settled.min(called);
            let batch = at_once.saturating_sub(under_way).min(more - called).min(CALLS_AT_ONCE);
            for _ in 0..batch {
                self.call_one(stalled)?;
            }
            called += batch;
            self.turn(Duration::ZERO)?;
        }
        let seconds = begun.elapsed().as_secs_f64();
        self.turns(JOIN_REST)?;
        let cpu_us = micros(self.server.cpu()?.saturating_sub(cpu));
        let tally = &mut self.tally;
        Ok(Joined {
            joined: tally.joined,
            failed: tally.failed,
            why: tally.why.clone(),
            seconds,
            cpu_us,
            boards: tally.received,
            slowest_ms: percentile_ms(&mut tally.handshakes, 1.0),
            silence_ms: tally.silence.as_secs_f64() * 1e3,
        })
    }

    /// Waits for a board, and then until nothing has come for `quiet`; false if that took too long.
    fn between_boards(&mut self, quiet: Duration, nap: Duration) -> io::Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < BOARD_LIMIT {
            self.turn(nap)?;
            if self.tally.last > begun && self.tally.last.elapsed() > quiet {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn listen(&mut self, boards: u32, quiet: Duration, nap: Duration) -> Result<Heard, Fault> {
        let mut whole = self.between_boards(quiet, nap)?;
        self.tally.begin_listening();
        let phones = self.tally.present - self.tally.stalled;
        let begun = self.server.cpu()?;
        let (mut spent, mut received) = (begun, 0);
        let mut costs_us = Vec::new();
        for _ in 0..boards {
            whole &= self.between_boards(quiet, nap)?;
            let now = self.server.cpu()?;
            let came = self.tally.received - received;
            if came > 0 {
                costs_us.push(micros(now.saturating_sub(spent)) / came as f64);
            }
            (spent, received) = (now, self.tally.received);
        }
        let memory = self.server.memory()?;
        let tally = &mut self.tally;
        Ok(Heard {
            phones,
            received: tally.received,
            missed: (u64::from(phones) * tally.boards()).saturating_sub(tally.received),
            whole,
            cpu_us: micros(spent.saturating_sub(begun)),
            cost_us: costs_us.into_iter().collect::<Figure>().median().unwrap_or_default(),
            spread_ms: tally.spread_ms().unwrap_or_default(),
            p99_ms: tally.p99_ms().unwrap_or_default(),
            phase_ms: tally.phase_ms(),
            memory,
        })
    }

    fn storm(&mut self) -> Result<Back, Fault> {
        let phones = self.tally.present;
        let begun = Instant::now();
        self.phones.clear();
        self.tally.all_gone();
        let closing = begun.elapsed().as_secs_f64();
        let joined = self.let_in(phones, phones, false)?;
        self.tally.counted = None;
        self.turns(COUNT_REST)?;
        Ok(Back { seconds: closing + joined.seconds, joined, counted: self.tally.counted })
    }

    /// Every phone asks `pings` times, each time after the answer, all beginning within `over`.
    fn ping(&mut self, pings: u32, over: Duration) -> Result<Pinged, Fault> {
        let phones = self.tally.present.max(1);
        let begun = Instant::now();
        let starts = (0_u32..).map(|nth| begun + over * nth / phones);
        let mut due: BinaryHeap<_> =
            self.phones.iter().zip(starts).map(|((place, _), at)| Reverse((at, place, pings))).collect();
        let mut waiting: HashMap<usize, u32> = HashMap::new();
        self.tally.begin_listening();
        self.tally.pongs = Vec::with_capacity((phones * pings) as usize);
        let (cpu, waited, mut asked, mut last) = (self.server.cpu()?, self.server.waited()?, 0, begun);
        while !(due.is_empty() && waiting.is_empty()) && begun.elapsed() < over + PONG_LIMIT {
            while let Some(Reverse((_, place, left))) = due.peek().copied().filter(|due| due.0.0 <= Instant::now()) {
                due.pop();
                if self.phones.get_mut(place).is_some_and(|phone| phone.ping(left).is_ok()) {
                    asked += 1;
                    waiting.insert(place, left - 1);
                }
            }
            self.turn(Duration::ZERO)?;
            for event in &self.events {
                let Token(place) = event.token();
                if self.phones.get_mut(place).is_some_and(Phone::take_answered) {
                    last = Instant::now();
                    if let Some(left) = waiting.remove(&place).filter(|left| *left > 0) {
                        due.push(Reverse((last + PING_PAUSE, place, left)));
                    }
                }
            }
        }
        let cpu_us = micros(self.server.cpu()?.saturating_sub(cpu));
        let waited_us = micros(self.server.waited()?.saturating_sub(waited));
        let pongs = &self.tally.pongs;
        let durations = |ms: fn(&Pong) -> f64| -> Vec<Duration> {
            pongs.iter().map(|pong| Duration::from_secs_f64(ms(pong).max(0.0) / 1e3)).collect()
        };
        let (mut to_stamp, mut held) = (durations(|pong| pong.to_stamp_ms), durations(|pong| pong.held_ms));
        Ok(Pinged {
            asked,
            answered: pongs.len() as u64,
            seconds: (last - begun).as_secs_f64(),
            cpu_us,
            waited_us,
            to_stamp_ms: [0.5, 0.99, 1.0].map(|share| percentile_ms(&mut to_stamp, share)),
            shortest_ms: pongs.iter().map(|pong| pong.to_stamp_ms).fold(f64::INFINITY, f64::min),
            held_ms: percentile_ms(&mut held, 0.99),
            boards: self.tally.received,
        })
    }

    fn stall(&mut self, every: u32) -> Result<Stalled, Fault> {
        let step = usize::try_from(every.max(1)).unwrap_or(usize::MAX);
        let leaving: Vec<usize> = self.phones.iter().map(|(place, _)| place).step_by(step).collect();
        for place in &leaving {
            let phone = self.phones.remove(*place);
            self.tally.gone(&phone);
        }
        self.turns(JOIN_REST)?;
        let left = u32::try_from(leaving.len()).unwrap_or(u32::MAX);
        self.let_in(left, UNHURRIED, true)?;
        let begun = Instant::now();
        let mut unsent = process::unsent(self.port)?;
        let full = loop {
            self.turns(FULL_REST)?;
            let now = process::unsent(self.port)?;
            if now > 0 && now <= unsent {
                break true;
            }
            unsent = now;
            if begun.elapsed() > STALL_LIMIT {
                break false;
            }
        };
        Ok(Stalled { stalled: self.tally.stalled, unsent, full })
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
