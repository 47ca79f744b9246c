//! Points in time and spans between them, as types that cannot be mixed up.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// A span of time in whole milliseconds; negative when it points into the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// A span of `n` seconds.
    pub const fn from_secs(n: i64) -> Self {
        Self(n * 1_000)
    }

    /// A span of `n` minutes.
    pub const fn from_mins(n: i64) -> Self {
        Self(n * 60_000)
    }
}

impl Sub for UnixMillis {
    type Output = Millis;

    fn sub(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Millis> for UnixMillis {
    type Output = Self;

    fn add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Millis> for UnixMillis {
    type Output = Self;

    fn sub(self, span: Millis) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// A minute of the calendar, by its start: what stewards' taps are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "UnixMillis", into = "UnixMillis")]
pub struct Minute(i64);

/// Milliseconds in a minute.
const MINUTE_MS: i64 = 60_000;

/// An instant at which no minute begins.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no minute begins at {0}; give Unix milliseconds that {MINUTE_MS} divides")]
pub struct MinuteError(i64);

impl Minute {
    /// The minute that `at` lies in.
    pub const fn of(at: UnixMillis) -> Self {
        Self(at.0.div_euclid(MINUTE_MS))
    }

    /// Its first instant.
    pub const fn start(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(MINUTE_MS))
    }

    /// Minutes since 1970-01-01T00:00:00Z.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl TryFrom<UnixMillis> for Minute {
    type Error = MinuteError;

    fn try_from(at: UnixMillis) -> Result<Self, MinuteError> {
        let minute = Self::of(at);
        if minute.start() == at { Ok(minute) } else { Err(MinuteError(at.0)) }
    }
}

impl From<Minute> for UnixMillis {
    fn from(minute: Minute) -> Self {
        minute.start()
    }
}

/// The units a span is written in, largest first, each with its length in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Longest text repeated back in an error, in characters.
const MAX_ECHO_CHARS: usize = 40;

/// A text that is not a span of time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a span of time; write it like 2s, -10m, 1m30s or 500ms")]
pub struct MillisError(String);

impl FromStr for Millis {
    type Err = MillisError;

    /// Reads `2s`, `1m30s`, `-10m`, `+500ms`: units from large to small, each at most once.
    fn from_str(text: &str) -> Result<Self, MillisError> {
        let (sign, spans) = match text.strip_prefix('-') {
            Some(spans) => (-1, spans),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let length = read_spans(spans, &UNITS).and_then(|ms| i64::try_from(ms).ok());
        length.map(|ms| Self(sign * ms)).ok_or_else(|| MillisError(text.chars().take(MAX_ECHO_CHARS).collect()))
    }
}

fn read_spans(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (unit, rest) = rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
    let place = units.iter().position(|(name, _)| *name == unit)?;
    let this = digits.parse::<u64>().ok()?.checked_mul(units[place].1)?;
    if rest.is_empty() { Some(this) } else { this.checked_add(read_spans(rest, &units[place + 1..])?) }
}

impl fmt::Display for Millis {
    /// Writes what [`Millis::from_str`] reads: `-1m30s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0.unsigned_abs();
        if left == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        for (name, length) in UNITS {
            if left >= length {
                write!(f, "{}{name}", left / length)?;
                left %= length;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_back_as_it_was_written() {
        for (written, ms) in [("0s", 0), ("-10m", -600_000), ("1m30s", 90_000), ("24h", 86_400_000), ("1s500ms", 1_500)]
        {
            assert_eq!(written.parse(), Ok(Millis(ms)));
            assert_eq!(Millis(ms).to_string(), written);
        }
        assert_eq!("+120s".parse(), Ok(Millis::from_mins(2)));
    }

    #[test]
    fn a_minute_is_known_by_its_start() {
        assert_eq!(Minute::of(UnixMillis(119_999)).start(), UnixMillis(60_000));
        assert_eq!(Minute::of(UnixMillis(-1)).start(), UnixMillis(-60_000));
        assert_eq!(Minute::try_from(UnixMillis(60_001)), Err(MinuteError(60_001)));
    }

    #[test]
    fn anything_else_is_not_a_span() {
        for bad in ["", "-", "5", "s", "1.5s", "1s1m", "1s1s", "2 s", "1ms5", "--1s", "99999999999999999h", "1é", "٣s"]
        {
            assert!(bad.parse::<Millis>().is_err(), "{bad}");
        }
    }
}
