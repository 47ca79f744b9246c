//! What time it is, and how surely.
//!
//! Pages measure their offset to the time served here, so it must run evenly: it follows the system clock by
//! bending its rate, never by jumping, until the two are so far apart that the system clock itself must have been
//! stepped. Then, if something vouches for the new time, it jumps once and says so with a new *epoch*, upon which
//! every page measures anew.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::domain::time::UnixMillis;

mod anchored;
mod kernel;
mod source;
mod sources;
mod standing;

use anchored::{Anchored, Reading, Step};
pub use kernel::{Health, Kernel};
pub use source::{Opinion, TimeSource, TimeSourceError};
use sources::Sources;
pub use standing::Standing;

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
    /// Boot time of the last look at the kernel and the system clock, nanoseconds.
    looked: i64,
    /// Whether it was said how the clock stands.
    said: bool,
    /// Whether it was said that the system clock was set and is not followed.
    said_held: bool,
    report: Report,
}

/// How a clock stands, as of the last tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// In one word.
    pub standing: Standing,
    /// How far the served time may be from true time, in milliseconds, if the kernel vouches for any bound at all:
    /// the kernel's bound on its own clock, and how far the served time is from that.
    pub bound_ms: Option<f64>,
    /// What the kernel says.
    pub kernel: Kernel,
    /// How far the system clock is ahead of the served time, in milliseconds.
    pub system_ahead_ms: f64,
    /// What each time source says, in the order they were given.
    pub opinions: Vec<(TimeSource, Opinion)>,
    /// The epoch.
    pub epoch: u32,
}

impl Report {
    /// What pages are told: the bound, while it is within half a second and no time source contradicts it; `None`
    /// is "server time not confirmed".
    pub fn err_ms(&self) -> Option<f64> {
        self.bound_ms.filter(|_| self.standing != Standing::Unsynced && !self.is_contradicted())
    }

    /// Whether a time source says that the system clock cannot be as right as the kernel says.
    pub fn is_contradicted(&self) -> bool {
        self.contradicting().next().is_some()
    }

    /// The time sources that say so.
    pub fn contradicting(&self) -> impl Iterator<Item = &(TimeSource, Opinion)> {
        let bound_ms = self.kernel.health.bound_ms();
        self.opinions.iter().filter(move |(_, opinion)| bound_ms.is_some_and(|bound| opinion.contradicts(bound)))
    }

    fn judged(self) -> Self {
        let by_bound = Standing::of(self.bound_ms);
        let standing = if self.is_contradicted() { by_bound.max(Standing::Degraded) } else { by_bound };
        Self { standing, ..self }
    }
}

/// The served time and what belongs to it, taken together: no stamp must bear the name of another epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stamp {
    nanos: i64,
    /// The epoch it is of.
    pub epoch: u32,
    /// What pages are told of the bound; see [`Report::err_ms`].
    pub err_ms: Option<f64>,
}

impl Stamp {
    /// In whole milliseconds, rounded down.
    pub fn millis(self) -> UnixMillis {
        UnixMillis(self.nanos.div_euclid(NANOS_PER_MS))
    }

    /// In Unix milliseconds with a fraction, good to a microsecond.
    pub fn ms(self) -> f64 {
        in_ms(self.nanos)
    }
}

/// What a tick changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// The served time jumped.
    pub new_epoch: bool,
    /// The standing is another one.
    pub new_standing: bool,
}

impl Clock {
    /// A clock that serves this machine's system time, and hears what these sources say of it. Call
    /// [`Clock::tick`] once a second.
    pub fn of_this_machine(time_sources: &[TimeSource]) -> Self {
        Self::new(Sources::of_this_machine(), time_sources)
    }

    /// The same for tests: a file moves the system clock and speaks for the kernel.
    pub fn moved_by(file: PathBuf, time_sources: &[TimeSource]) -> Self {
        Self::new(Sources::moved_by(file), time_sources)
    }

    fn new(sources: Sources, time_sources: &[TimeSource]) -> Self {
        let (reading, kernel) = (sources.read(), (sources.kernel)());
        let report = Report {
            standing: Standing::Unsynced,
            bound_ms: kernel.health.bound_ms(),
            kernel,
            system_ahead_ms: 0.0,
            opinions: time_sources.iter().map(|source| (source.clone(), Opinion::None)).collect(),
            epoch: draw_epoch(None, reading),
        };
        let anchored = Anchored::at(reading);
        let state = State { anchored, looked: reading.boot, said: false, said_held: false, report: report.judged() };
        Self(Arc::new(Inner { sources, state: Mutex::new(state) }))
    }

    /// The served time in whole milliseconds, rounded down.
    pub fn now(&self) -> UnixMillis {
        self.stamp().millis()
    }

    /// The served time with its epoch and bound.
    ///
    /// The epoch names the stretch of time within which the served time never jumped: random at the start, another
    /// one after every jump. Stamps of different epochs must not be compared.
    pub fn stamp(&self) -> Stamp {
        // Boot time is read under the lock, here and in `tick`: a reading from before a new anchor must not be used
        // after it.
        let state = self.state();
        let nanos = state.anchored.at_boot((self.0.sources.boot)());
        Stamp { nanos, epoch: state.report.epoch, err_ms: state.report.err_ms() }
    }

    /// Whether the served time is known to be true within half a second.
    pub fn is_confirmed(&self) -> bool {
        self.stamp().err_ms.is_some()
    }

    /// How the clock stands.
    pub fn report(&self) -> Report {
        self.state().report.clone()
    }

    /// How long ago the last tick was.
    pub fn since_look(&self) -> Duration {
        let state = self.state();
        let since = (self.0.sources.boot)().saturating_sub(state.looked);
        Duration::from_nanos(u64::try_from(since).unwrap_or(0))
    }

    /// Looks at the kernel and the system clock, and follows it; belongs to be called once a second.
    ///
    /// After a step of the system clock (more than 20 ms, and more than the kernel's bound, on three looks in a row)
    /// it jumps and starts a new epoch, if the kernel vouches for the new time to half a second.
    pub fn tick(&self) -> Ticked {
        let kernel = (self.0.sources.kernel)();
        let mut state = self.state();
        let state = &mut *state;
        let reading = self.0.sources.read();
        state.looked = reading.boot;
        let before = state.report.clone();
        let vouched_ms = kernel.health.bound_ms().filter(|ms| Standing::of(Some(*ms)) != Standing::Unsynced);
        let ahead_ns = match state.anchored.follow(reading, vouched_ms.map(in_nanos)) {
            Step::Slewed { behind_ns } => {
                state.said_held = false;
                behind_ns
            }
            Step::Held { behind_ns, believed } => {
                if believed && !std::mem::replace(&mut state.said_held, true) {
                    tracing::warn!(
                        by_ms = in_ms(behind_ns),
                        "the system clock was set and nothing vouches for its new time; the served time stays as it was until the clock is synchronised, or the server restarted"
                    );
                }
                behind_ns
            }
            Step::Jumped { by_ns } => {
                state.said_held = false;
                state.report.epoch = draw_epoch(Some(before.epoch), reading);
                // What they said was of another time.
                state.report.opinions.iter_mut().for_each(|(_, opinion)| *opinion = Opinion::None);
                let epoch = state.report.epoch;
                tracing::warn!(by_ms = in_ms(by_ns), epoch, "the system clock was stepped; every page measures anew");
                0
            }
        };
        let system_ahead_ms = in_ms(ahead_ns);
        let bound_ms = kernel.health.bound_ms().map(|bound| bound + system_ahead_ms.abs());
        state.report = Report { bound_ms, kernel, system_ahead_ms, ..state.report.clone() }.judged();
        let ticked = state.report.changes_from(&before);
        if !std::mem::replace(&mut state.said, true) && !ticked.new_standing {
            state.report.log();
        }
        ticked
    }

    /// Hears what the time source given in this place says of the system clock.
    pub fn hear(&self, place: usize, opinion: Opinion) -> Ticked {
        let mut state = self.state();
        let before = state.report.clone();
        if let Some((source, last)) = state.report.opinions.get_mut(place) {
            if std::mem::discriminant(&*last) != std::mem::discriminant(&opinion) {
                tracing::info!(source = %source, "a time source {opinion}");
            }
            *last = opinion;
        }
        state.report = state.report.clone().judged();
        state.report.changes_from(&before)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    /// What is different from `before`; a transition is logged, once.
    fn changes_from(&self, before: &Self) -> Ticked {
        let ticked = Ticked { new_epoch: self.epoch != before.epoch, new_standing: self.standing != before.standing };
        if ticked.new_standing || self.is_contradicted() != before.is_contradicted() {
            self.log();
        }
        ticked
    }

    fn log(&self) {
        let bound_ms = self.bound_ms;
        for (source, opinion) in self.contradicting() {
            tracing::warn!(source = %source, bound_ms, "a time source contradicts the kernel: it {opinion}");
        }
        match self.standing {
            Standing::Synced => tracing::info!(bound_ms, "the system clock is synchronised"),
            Standing::Degraded => {
                tracing::warn!(bound_ms, "the system clock is only roughly right, or is contradicted");
            }
            Standing::Unsynced => {
                tracing::warn!(bound_ms, kernel = ?self.kernel.health, "the system clock is not known to be synchronised; pages are in step with each other only");
            }
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clock").field("stamp", &self.stamp()).finish_non_exhaustive()
    }
}

/// Another epoch than `old`. It must differ, and need not be secret, so the time will do where nothing is random.
fn draw_epoch(old: Option<u32>, reading: Reading) -> u32 {
    let low_bits = u32::try_from(reading.system & i64::from(u32::MAX)).unwrap_or_default();
    let drawn = getrandom::u32().unwrap_or(low_bits);
    if old == Some(drawn) { drawn.wrapping_add(1) } else { drawn }
}

fn in_ms(nanos: i64) -> f64 {
    // Split, because a double holds Unix nanoseconds only to about 256.
    let whole = nanos.div_euclid(NANOS_PER_MS);
    let rest = nanos.rem_euclid(NANOS_PER_MS);
    whole as f64 + rest as f64 / NANOS_PER_MS as f64
}

/// A bound in nanoseconds; bounds are below 16 s, and rounded up.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float to an integer saturates")]
fn in_nanos(bound_ms: f64) -> i64 {
    (bound_ms * NANOS_PER_MS as f64).ceil() as i64
}

#[cfg(test)]
mod tests;
