//! What the phones of a crowd heard, together.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{
    figure::{Figure, percentile_ms},
    phone::Phone,
};

/// One board on its way through the crowd.
#[derive(Debug)]
struct Wave {
    /// Its send stamp, which tells it from other boards: Unix milliseconds.
    t: u64,
    first: Instant,
    last: Instant,
    /// From send stamp to each receipt.
    delays: Vec<Duration>,
}

/// How many of the newest waves a receipt may belong to: boards do not overtake each other by more.
const WAVES_LOOKED_AT: usize = 16;

/// Everything counted so far; the crowd resets the part it is about to measure.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Phones connected now.
    pub(crate) present: u32,
    /// Phones that never read, connected now.
    pub(crate) stalled: u32,
    /// Phones that joined since [`begin_joining`](Self::begin_joining).
    pub(crate) joined: u32,
    /// Boards received since the last `begin_…`, first boards of joins not included.
    pub(crate) received: u64,
    /// Phones that ended without being told to.
    pub(crate) failed: u32,
    /// Why the first of these did.
    pub(crate) why: Option<String>,
    /// How many phones the newest board counted.
    pub(crate) counted: Option<u64>,
    /// When a board last came.
    pub(crate) last: Instant,
    /// The longest time without an answered handshake.
    pub(crate) silence: Duration,
    answered: Instant,
    /// Times from connect to 101.
    pub(crate) handshakes: Vec<Duration>,
    waves: Vec<Wave>,
    /// Answers to questions for the time.
    pub(crate) pongs: Vec<Pong>,
}

/// One answer to a question for the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pong {
    /// From just before the question was written to the server's stamp on it, in milliseconds.
    pub(crate) to_stamp_ms: f64,
    /// From there to the server's stamp on the answer, in milliseconds.
    pub(crate) held_ms: f64,
}

impl Tally {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            present: 0,
            stalled: 0,
            joined: 0,
            received: 0,
            failed: 0,
            why: None,
            counted: None,
            last: now,
            silence: Duration::ZERO,
            answered: now,
            handshakes: Vec::new(),
            waves: Vec::new(),
            pongs: Vec::new(),
        }
    }

    /// Forgets earlier joins.
    pub(crate) fn begin_joining(&mut self) {
        self.joined = 0;
        self.received = 0;
        self.handshakes.clear();
        self.silence = Duration::ZERO;
        self.answered = Instant::now();
    }

    /// Forgets earlier boards.
    pub(crate) fn begin_listening(&mut self) {
        self.received = 0;
        self.waves.clear();
    }

    /// A handshake was answered after `took`.
    pub(crate) fn answered(&mut self, took: Duration) {
        let now = Instant::now();
        self.silence = self.silence.max(now - self.answered);
        self.answered = now;
        self.handshakes.push(took);
    }

    /// A phone is connected.
    pub(crate) fn live(&mut self, stalled: bool) {
        self.present += 1;
        self.stalled += u32::from(stalled);
    }

    /// A phone is no longer there.
    pub(crate) fn gone(&mut self, phone: &Phone) {
        if phone.is_live() {
            self.present -= 1;
            self.stalled -= u32::from(phone.is_stalled());
        }
    }

    /// No phone is there any more.
    pub(crate) fn all_gone(&mut self) {
        self.present = 0;
        self.stalled = 0;
    }

    /// A phone ended without being told to.
    pub(crate) fn failed(&mut self, why: String) {
        self.failed += 1;
        self.why.get_or_insert(why);
    }

    /// A board reached one phone.
    pub(crate) fn heard(&mut self, t: u64, counted: Option<u64>) {
        let now = Instant::now();
        self.last = now;
        self.received += 1;
        self.counted = counted.or(self.counted);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let delay = since.saturating_sub(Duration::from_millis(t));
        match self.waves.iter_mut().rev().take(WAVES_LOOKED_AT).find(|wave| wave.t == t) {
            Some(wave) => {
                wave.last = now;
                wave.delays.push(delay);
            }
            None => self.waves.push(Wave { t, first: now, last: now, delays: vec![delay] }),
        }
    }

    /// How many different boards came.
    pub(crate) fn boards(&self) -> u64 {
        self.waves.len() as u64
    }

    /// First to last receipt of one board, in milliseconds: the median board.
    pub(crate) fn spread_ms(&self) -> Option<f64> {
        self.waves.iter().map(|wave| (wave.last - wave.first).as_secs_f64() * 1e3).collect::<Figure>().median()
    }

    /// The delay that 99 % of the receipts of one board keep to, in milliseconds: the median board.
    pub(crate) fn p99_ms(&mut self) -> Option<f64> {
        self.waves.iter_mut().map(|wave| percentile_ms(&mut wave.delays, 0.99)).collect::<Figure>().median()
    }

    /// When the newest board was sent, in milliseconds after a full second.
    pub(crate) fn phase_ms(&self) -> u64 {
        self.waves.last().map_or(0, |wave| wave.t % 1000)
    }
}
