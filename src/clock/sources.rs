//! Where a clock gets its time from: this machine, or a test's hand.

use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::time::{ClockId, clock_gettime};

use super::{
    NANOS_PER_MS,
    anchored::Reading,
    kernel::{Health, Kernel},
};

/// Tries at reading both clocks at once. The process may be held up between the two; the tightest try counts.
const READ_TRIES: usize = 5;

/// Where a clock gets its time from.
pub(super) struct Sources {
    /// System time, nanoseconds since 1970-01-01T00:00:00Z. May step.
    pub(super) system: Box<dyn Fn() -> i64 + Send + Sync>,
    /// Nanoseconds since the machine was started, sleep included. Never steps, never goes back.
    pub(super) boot: Box<dyn Fn() -> i64 + Send + Sync>,
    /// What the kernel knows about the system time.
    pub(super) kernel: Box<dyn Fn() -> Kernel + Send + Sync>,
}

impl Sources {
    /// The clocks of this machine.
    pub(super) fn of_this_machine() -> Self {
        Self { system: Box::new(system_time), boot: Box::new(boot_time), kernel: Box::new(Kernel::asked) }
    }

    /// The clocks of this machine, as a file has them moved: see [`Hand`].
    pub(super) fn moved_by(file: PathBuf) -> Self {
        let hand = std::sync::Arc::new(Mutex::new((file, Hand::default())));
        let other = std::sync::Arc::clone(&hand);
        let look = |hand: &Mutex<(PathBuf, Hand)>| {
            let (file, last) = &mut *hand.lock().unwrap_or_else(PoisonError::into_inner);
            // A file that is being written, or is no more, leaves everything as it was.
            if let Some(new) = fs::read_to_string(file).ok().and_then(|text| Hand::read(&text)) {
                *last = new;
            }
            *last
        };
        Self {
            system: Box::new(move || look(&hand).moved_ns + system_time()),
            boot: Box::new(boot_time),
            kernel: Box::new(move || look(&other).kernel),
        }
    }

    /// Both clocks at the same instant.
    pub(super) fn read(&self) -> Reading {
        let once = || {
            let before = (self.boot)();
            let system = (self.system)();
            let after = (self.boot)();
            (after.saturating_sub(before), Reading { system, boot: before.midpoint(after) })
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

fn system_time() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => nanos(since.as_nanos()),
        Err(before) => -nanos(before.duration().as_nanos()),
    }
}

/// `CLOCK_BOOTTIME`, because the `Instant` of the standard library stands still while a machine sleeps.
fn boot_time() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec.saturating_mul(1_000 * NANOS_PER_MS).saturating_add(time.tv_nsec)
}

fn nanos(n: u128) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// How a test has moved the system clock: `-500 2.5` is half a second back, with a kernel that vouches for it to
/// 2.5 ms; in place of the bound may stand `unsynchronised` or `unknown`, and behind it `leap`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hand {
    moved_ns: i64,
    kernel: Kernel,
}

impl Default for Hand {
    fn default() -> Self {
        Self { moved_ns: 0, kernel: Kernel { health: Health::Unknown, leap: false } }
    }
}

impl Hand {
    fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (moved_ms, health, leap) = match words[..] {
            [moved, health] => (moved, health, false),
            [moved, health, "leap"] => (moved, health, true),
            _ => return None,
        };
        let health = match health {
            "unsynchronised" => Health::Unsynchronised,
            "unknown" => Health::Unknown,
            bound => Health::Synchronised { bound_ms: bound.parse().ok()? },
        };
        let moved_ns = moved_ms.parse::<i64>().ok()?.checked_mul(NANOS_PER_MS)?;
        Some(Self { moved_ns, kernel: Kernel { health, leap } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_time_rises_with_the_system_time() {
        let sources = Sources::of_this_machine();
        let (one, two) = (sources.read(), sources.read());
        let apart = (two.system - one.system) - (two.boot - one.boot);
        assert!(two.boot >= one.boot && one.boot > 0);
        assert!(apart.abs() < 100 * NANOS_PER_MS, "{apart} ns");
    }

    #[test]
    fn a_hand_moves_the_system_time_and_a_file_that_is_no_hand_moves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hand");
        let sources = Sources::moved_by(file.clone());
        assert_eq!((sources.kernel)().health, Health::Unknown);
        let put = |text: &str| fs::write(&file, text).unwrap();
        put("3600000 2.5 leap\n");
        assert_eq!((sources.kernel)(), Kernel { health: Health::Synchronised { bound_ms: 2.5 }, leap: true });
        for nonsense in ["", "much", "1 2 3", "1.5 2", "1"] {
            put(nonsense);
            let moved = (sources.system)() - system_time();
            assert!((moved / NANOS_PER_MS - 3_600_000).abs() < 10_000, "{nonsense:?}: {moved}");
        }
        put("0 unsynchronised");
        assert_eq!((sources.kernel)(), Kernel { health: Health::Unsynchronised, leap: false });
    }
}
