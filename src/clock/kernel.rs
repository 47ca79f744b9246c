//! What the kernel knows about its own clock.

use std::{io, mem::MaybeUninit};

use libc::{STA_DEL, STA_INS, c_int, c_long};

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

/// All that is asked of the kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    /// Whether something keeps its clock right.
    pub health: Health,
    /// Whether a leap second is announced for the end of this UTC day.
    pub leap: bool,
}

impl Kernel {
    /// Asks the kernel. Needs no privilege, changes nothing; a kernel that will not say is [`Health::Unknown`].
    pub fn asked() -> Self {
        Self::of(adjtimex().map(|timex| (timex.maxerror, timex.status)))
    }

    fn of(answer: io::Result<(c_long, c_int)>) -> Self {
        answer.map_or(Self { health: Health::Unknown, leap: false }, |(maxerror_us, status)| Self {
            health: Health::from_maxerror_us(maxerror_us),
            leap: status & (STA_INS | STA_DEL) != 0,
        })
    }
}

/// `adjtimex(2)` as a question. None of our dependencies wraps it safely.
#[expect(unsafe_code, reason = "a call into the C library; no safe binding exists among our dependencies")]
fn adjtimex() -> io::Result<libc::timex> {
    let mut timex = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: the pointer is to a timex of our own, all zero, which is a valid one whose `modes` of 0 asks the
    // kernel to fill it in and change nothing.
    let (state, timex) = unsafe { (libc::adjtimex(timex.as_mut_ptr()), timex.assume_init()) };
    if state == -1 { Err(io::Error::last_os_error()) } else { Ok(timex) }
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
    fn a_flag_that_says_unsynchronised_does_not_outweigh_a_good_bound() {
        let kernel = Kernel::of(Ok((2_000, libc::STA_UNSYNC)));
        assert_eq!(kernel, Kernel { health: Health::Synchronised { bound_ms: 2.0 }, leap: false });
    }

    #[test]
    fn a_kernel_that_may_not_be_asked_is_unknown_and_not_good() {
        let kernel = Kernel::of(Err(io::Error::from_raw_os_error(libc::EPERM)));
        assert_eq!(kernel, Kernel { health: Health::Unknown, leap: false });
    }

    #[test]
    fn a_leap_second_either_way_is_seen() {
        for flag in [STA_INS, STA_DEL] {
            assert!(Kernel::of(Ok((0, flag))).leap);
        }
    }

    #[test]
    fn the_kernel_of_this_machine_answers_or_is_unknown() {
        let bound = Kernel::asked().health.bound_ms();
        assert!(bound.is_none_or(|bound| (0.0..16_000.0).contains(&bound)));
    }
}
