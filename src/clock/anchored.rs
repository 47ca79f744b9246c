//! Time that runs evenly: a point where system time and boot time met, and a gentle bend from there.

/// From this difference on the system clock may have been stepped. Boot time and system time run at the same rate,
/// also while a daemon steers them, so that between two reads only a step moves them apart; less than this is made
/// up for by bending the rate, in under a minute, before anybody could see it.
pub(super) const STEP_NS: i64 = 20_000_000;

/// Reads in a row that must find the clocks apart: daemons and hypervisors at times step a clock and step it back.
/// At a read a second it leaves two of the five seconds in which every page is to know.
pub(super) const READS_TO_BELIEVE: u8 = 3;

/// Most that one tick makes up for. At one tick a second it bends the rate by 500 parts in a million, as much as
/// kernels themselves do, which a page's estimator is built to follow.
const SLEW_NS: i64 = 500_000;

/// The time over which a tick's correction is spread.
const SLEW_OVER_NS: i64 = 1_000_000_000;

/// Both clocks, read at the same instant, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) system: i64,
    pub(super) boot: i64,
}

/// What following the system clock came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The rate was bent a little; the served time was this far behind the system's (negative: ahead).
    Slewed { behind_ns: i64 },
    /// The served time stays where it was, this far behind the system's: because that may not last, or (`believed`)
    /// because nothing vouches for the system's new time.
    Held { behind_ns: i64, believed: bool },
    /// The served time jumped by this much (negative: back).
    Jumped { by_ns: i64 },
}

/// A line through time: it starts at an anchor, runs at the rate of boot time, and takes in a small correction
/// over its first second. As a correction is far smaller than a second, the line always rises.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchored {
    anchor: Reading,
    correction: i64,
    /// Reads in a row that found the clocks apart.
    apart: u8,
}

impl Anchored {
    pub(super) fn at(reading: Reading) -> Self {
        Self { anchor: reading, correction: 0, apart: 0 }
    }

    /// The served time when boot time is `boot`.
    pub(super) fn at_boot(&self, boot: i64) -> i64 {
        let elapsed = boot.saturating_sub(self.anchor.boot).max(0);
        let taken_in = self.correction * elapsed.min(SLEW_OVER_NS) / SLEW_OVER_NS;
        self.anchor.system.saturating_add(elapsed).saturating_add(taken_in)
    }

    /// Bends towards the system time just read, or jumps to it, or waits to see.
    ///
    /// `bound_ns` is how far the system time may be off, if something vouches for it. Without, the served time jumps
    /// for nobody: it would trade a time that pages agree on for one that is no better.
    pub(super) fn follow(&mut self, reading: Reading, bound_ns: Option<i64>) -> Step {
        let served = self.at_boot(reading.boot);
        let behind_ns = reading.system.saturating_sub(served);
        if behind_ns.saturating_abs() > STEP_NS.max(bound_ns.unwrap_or(0)) {
            self.apart = self.apart.saturating_add(1);
            let believed = self.apart >= READS_TO_BELIEVE;
            if !believed || bound_ns.is_none() {
                return Step::Held { behind_ns, believed };
            }
            *self = Self::at(reading);
            return Step::Jumped { by_ns: behind_ns };
        }
        *self = Self {
            anchor: Reading { system: served, boot: reading.boot },
            correction: behind_ns.clamp(-SLEW_NS, SLEW_NS),
            apart: 0,
        };
        Step::Slewed { behind_ns }
    }
}
