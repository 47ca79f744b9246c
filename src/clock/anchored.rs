//! Time that runs evenly: a point where system time and monotonic time met, and a gentle bend from there.

/// A difference from which on the system clock must have been stepped: far above what any daemon slews in a second
/// or a busy machine misreads, and a quarter of the second that a countdown shows.
pub(super) const STEP_NS: i64 = 250_000_000;

/// Most that one tick makes up for. At one tick a second it bends the rate by 500 parts in a million, as much as
/// kernels themselves do, which a page's estimator is built to follow.
const SLEW_NS: i64 = 500_000;

/// The time over which a tick's correction is spread.
const SLEW_OVER_NS: i64 = 1_000_000_000;

/// Both clocks, read at the same instant, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) system: i64,
    pub(super) monotonic: i64,
}

/// What following the system clock came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The rate was bent a little; the served time was this far behind the system's (negative: ahead).
    Slewed { behind_ns: i64 },
    /// The served time jumped by this much (negative: back).
    Jumped { by_ns: i64 },
}

/// A line through time: it starts at an anchor, runs at the monotonic clock's rate, and takes in a small correction
/// over its first second. As a correction is far smaller than a second, the line always rises.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchored {
    anchor: Reading,
    correction: i64,
}

impl Anchored {
    pub(super) fn at(reading: Reading) -> Self {
        Self { anchor: reading, correction: 0 }
    }

    /// The served time when the monotonic clock shows `monotonic`.
    pub(super) fn at_monotonic(&self, monotonic: i64) -> i64 {
        let elapsed = monotonic.saturating_sub(self.anchor.monotonic).max(0);
        let taken_in = self.correction * elapsed.min(SLEW_OVER_NS) / SLEW_OVER_NS;
        self.anchor.system.saturating_add(elapsed).saturating_add(taken_in)
    }

    /// Bends towards the system time just read, or jumps to it.
    pub(super) fn follow(&mut self, reading: Reading) -> Step {
        let served = self.at_monotonic(reading.monotonic);
        let behind_ns = reading.system.saturating_sub(served);
        if behind_ns.saturating_abs() > STEP_NS {
            *self = Self::at(reading);
            return Step::Jumped { by_ns: behind_ns };
        }
        *self = Self {
            anchor: Reading { system: served, monotonic: reading.monotonic },
            correction: behind_ns.clamp(-SLEW_NS, SLEW_NS),
        };
        Step::Slewed { behind_ns }
    }
}
