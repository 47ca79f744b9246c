//! What time it is, and how surely.
//!
//! Pages measure their offset to the time served here, so it must run evenly: it follows the system clock by
//! bending its rate, never by jumping, until the two are so far apart that the system clock itself must have been
//! stepped. Then it jumps once and says so with a new *epoch*, upon which every page measures anew.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use crate::domain::time::UnixMillis;

mod anchored;
mod kernel;

use anchored::{Anchored, Reading, Step};
pub use kernel::{Health, health};

/// Nanoseconds in a millisecond, the unit of everything that leaves this room.
const NANOS_PER_MS: i64 = 1_000_000;

/// The time this node serves. Cheap to clone; every clone is the same clock.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    sources: Sources,
    state: Mutex<State>,
}

struct State {
    anchored: Anchored,
    epoch: u32,
    err_ms: Option<f64>,
}

/// Where a clock gets its time from; tests move these by hand.
struct Sources {
    /// System time, nanoseconds since 1970-01-01T00:00:00Z. May step.
    system: Box<dyn Fn() -> i64 + Send + Sync>,
    /// Nanoseconds since any fixed point. Never steps, never goes back.
    monotonic: Box<dyn Fn() -> i64 + Send + Sync>,
    /// What the kernel knows about the system time.
    health: Box<dyn Fn() -> Health + Send + Sync>,
}

impl Clock {
    /// A clock that serves this machine's system time. Call [`Clock::tick`] once a second.
    pub fn of_this_machine() -> Self {
        let start = Instant::now();
        Self::new(Sources {
            system: Box::new(|| match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => nanos(since.as_nanos()),
                Err(before) => -nanos(before.duration().as_nanos()),
            }),
            monotonic: Box::new(move || nanos(start.elapsed().as_nanos())),
            health: Box::new(health),
        })
    }

    fn new(sources: Sources) -> Self {
        let reading = sources.read();
        let err_ms = (sources.health)().bound_ms();
        let state = State { anchored: Anchored::at(reading), epoch: draw_epoch(None, reading), err_ms };
        Self(Arc::new(Inner { sources, state: Mutex::new(state) }))
    }

    /// The served time in whole milliseconds, rounded down.
    pub fn now(&self) -> UnixMillis {
        UnixMillis(self.now_nanos().div_euclid(NANOS_PER_MS))
    }

    /// The served time in Unix milliseconds with fractions, for stamps on clock messages; good to a microsecond.
    pub fn now_ms_f64(&self) -> f64 {
        in_ms(self.now_nanos())
    }

    /// Names the stretch of time within which the served time never jumped: random at the start, another one after
    /// every jump. Stamps of different epochs must not be compared.
    pub fn epoch(&self) -> u32 {
        self.state().epoch
    }

    /// How far the served time may be from true time, in milliseconds, as of the last tick; `None` if the kernel
    /// cannot say, because nothing keeps its clock right or it does not tell.
    ///
    /// It is the kernel's bound on its own clock plus how far the served time still is from that.
    pub fn err_ms(&self) -> Option<f64> {
        self.state().err_ms
    }

    /// Compares with the system clock, and follows it; belongs to be called once a second.
    ///
    /// After a difference of more than [`anchored::STEP_NS`] it jumps and starts a new epoch.
    pub fn tick(&self) {
        let health = (self.0.sources.health)();
        let mut state = self.state();
        let reading = self.0.sources.read();
        let behind_ns = match state.anchored.follow(reading) {
            Step::Slewed { behind_ns } => behind_ns,
            Step::Jumped { by_ns } => {
                state.epoch = draw_epoch(Some(state.epoch), reading);
                tracing::warn!(
                    by_ms = in_ms(by_ns),
                    epoch = state.epoch,
                    "the system clock was stepped; every page measures anew"
                );
                0
            }
        };
        state.err_ms = health.bound_ms().map(|bound| bound + in_ms(behind_ns).abs());
    }

    fn now_nanos(&self) -> i64 {
        // The monotonic clock is read under the lock, here and in `tick`: a reading from before a new anchor must
        // not be used after it.
        let state = self.state();
        state.anchored.at_monotonic((self.0.sources.monotonic)())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}

/// Tries at reading both clocks at once. The process may be held up between the two; the tightest try counts.
const READ_TRIES: usize = 3;

impl Sources {
    fn read(&self) -> Reading {
        let once = || {
            let before = (self.monotonic)();
            let system = (self.system)();
            let after = (self.monotonic)();
            (after.saturating_sub(before), Reading { system, monotonic: before.midpoint(after) })
        };
        let mut best = once();
        for _ in 1..READ_TRIES {
            let next = once();
            if next.0 < best.0 {
                best = next;
            }
        }
        best.1
    }
}

/// Another epoch than `old`. It must differ, and need not be secret, so the time will do where nothing is random.
fn draw_epoch(old: Option<u32>, reading: Reading) -> u32 {
    let low_bits = u32::try_from(reading.system & i64::from(u32::MAX)).unwrap_or_default();
    let drawn = getrandom::u32().unwrap_or(low_bits);
    if old == Some(drawn) { drawn.wrapping_add(1) } else { drawn }
}

fn nanos(n: u128) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn in_ms(nanos: i64) -> f64 {
    // Split, because a double holds Unix nanoseconds only to about 256.
    let whole = nanos.div_euclid(NANOS_PER_MS);
    let rest = nanos.rem_euclid(NANOS_PER_MS);
    whole as f64 + rest as f64 / NANOS_PER_MS as f64
}

#[cfg(test)]
mod tests;
