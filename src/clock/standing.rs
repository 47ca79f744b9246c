//! How surely the served time is true, in three words.

use std::fmt;

use super::kernel::Health;

/// Up to this bound, in milliseconds, people who stand side by side see no difference.
const SYNCED_MS: f64 = 50.0;

/// Up to this one the time is worth stating with its bound; beyond, it is no better than a wrist watch.
const DEGRADED_MS: f64 = 500.0;

/// How surely the served time is true; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Within 50 ms.
    Synced,
    /// Within half a second, or a time source contradicts the kernel.
    Degraded,
    /// Further off, or nobody knows: pages are in step with each other, and not surely with true time.
    Unsynced,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Synced, Self::Degraded, Self::Unsynced];

    /// Judges by the bound of the served time, in milliseconds.
    pub fn of(bound_ms: Option<f64>) -> Self {
        match bound_ms {
            Some(bound) if bound <= SYNCED_MS => Self::Synced,
            Some(bound) if bound <= DEGRADED_MS => Self::Degraded,
            _ => Self::Unsynced,
        }
    }

    /// A stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Degraded => "degraded",
            Self::Unsynced => "unsynced",
        }
    }
}

/// What to do about a clock that is not as it should be.
const HELP: &str =
    "run chrony or systemd-timesyncd; until then pages are in step with each other, and not surely with true time";

/// What the kernel says of its clock, as a sentence for a person.
impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synchronised { bound_ms } if Standing::of(Some(*bound_ms)) == Standing::Synced => {
                write!(f, "right to within {bound_ms:.0} ms")
            }
            Self::Synchronised { bound_ms } => write!(f, "may be off by {bound_ms:.0} ms: {HELP}"),
            Self::Unsynchronised => write!(f, "nothing keeps it right: {HELP}"),
            Self::Unknown => write!(f, "the kernel does not say whether it is right: {HELP}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_decides_and_no_bound_is_the_worst() {
        for (bound_ms, standing) in [
            (Some(0.0), Standing::Synced),
            (Some(50.0), Standing::Synced),
            (Some(50.1), Standing::Degraded),
            (Some(500.0), Standing::Degraded),
            (Some(500.1), Standing::Unsynced),
            (Some(f64::NAN), Standing::Unsynced),
            (None, Standing::Unsynced),
        ] {
            assert_eq!(Standing::of(bound_ms), standing, "{bound_ms:?}");
        }
    }
}
