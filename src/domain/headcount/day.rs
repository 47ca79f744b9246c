//! The day of a moment: what is said of people in it counts, and nothing else does.

use crate::domain::time::{Millis, Minute, UnixMillis};

/// How long before the moment reports begin to count; what was tried out the week before does not.
const BEFORE: Millis = Millis::from_mins(24 * 60);

/// How long after the moment reports still count.
const AFTER: Millis = Millis::from_mins(6 * 60);

/// The day of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The instant everybody acts.
    pub moment: UnixMillis,
}

impl Day {
    /// Its first instant: 24 hours before the moment.
    pub fn from(self) -> UnixMillis {
        self.moment - BEFORE
    }

    /// Its last instant: 6 hours after the moment.
    pub fn until(self) -> UnixMillis {
        self.moment + AFTER
    }

    /// Whether an instant is in it.
    pub fn contains(self, at: UnixMillis) -> bool {
        (self.from()..=self.until()).contains(&at)
    }

    pub(super) fn first_minute(self) -> Minute {
        Minute::of(self.from())
    }

    pub(super) fn last_minute(self) -> Minute {
        Minute::of(self.until())
    }

    /// The minute of `at`; its own last one for whatever is later.
    pub(super) fn minute(self, at: UnixMillis) -> Minute {
        Minute::of(at).min(self.last_minute())
    }
}
