//! What the kernel knows about its own clock.

use std::{io, mem::MaybeUninit};

use libc::c_long;

/// The kernel lets its stated error grow by 500 us a second while nothing corrects the clock, and stops counting
/// at 16 s (`NTP_PHASE_LIMIT`). From there on the figure means "nobody knows".
const MAXERROR_LIMIT_US: c_long = 16_000_000;

/// Whether something keeps the system clock right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Health {
    /// It is kept right, and off by at most this.
    Synchronised {
        /// The bound in milliseconds.
        bound_ms: f64,
    },
    /// Nothing keeps it right.
    Unsynchronised,
    /// The kernel does not say, as in some containers. Never to be taken for good.
    Unknown,
}

impl Health {
    /// Classifies by the kernel's own bound, in microseconds, and not by its flag `STA_UNSYNC`: chrony without
    /// `rtcsync` leaves that set for ever, and timesyncd lets it come back though the clock is right.
    fn from_maxerror_us(maxerror_us: c_long) -> Self {
        if (0..MAXERROR_LIMIT_US).contains(&maxerror_us) {
            Self::Synchronised { bound_ms: maxerror_us as f64 / 1_000.0 }
        } else {
            Self::Unsynchronised
        }
    }

    /// How far off the system clock may be, in milliseconds, if that is known.
    pub fn bound_ms(self) -> Option<f64> {
        match self {
            Self::Synchronised { bound_ms } => Some(bound_ms),
            Self::Unsynchronised | Self::Unknown => None,
        }
    }
}

/// Asks the kernel. Needs no privilege, changes nothing.
pub fn health() -> Health {
    maxerror_us().map_or(Health::Unknown, Health::from_maxerror_us)
}

/// `adjtimex(2)` as a question. None of our dependencies wraps it safely.
#[expect(unsafe_code, reason = "a call into the C library; no safe binding exists among our dependencies")]
fn maxerror_us() -> io::Result<c_long> {
    let mut timex = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: the pointer is to a timex of our own, all zero, which is a valid one whose `modes` of 0 asks the
    // kernel to fill it in and change nothing.
    let (state, timex) = unsafe { (libc::adjtimex(timex.as_mut_ptr()), timex.assume_init()) };
    if state == -1 { Err(io::Error::last_os_error()) } else { Ok(timex.maxerror) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_its_bound() {
        assert_eq!(Health::from_maxerror_us(12_500), Health::Synchronised { bound_ms: 12.5 });
        assert_eq!(Health::from_maxerror_us(16_000_000).bound_ms(), None);
        assert_eq!(Health::from_maxerror_us(-1), Health::Unsynchronised);
    }

    #[test]
    fn the_kernel_of_this_machine_answers_or_is_unknown() {
        assert!(health().bound_ms().is_none_or(|bound| (0.0..16_000.0).contains(&bound)));
    }
}
