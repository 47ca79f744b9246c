//! The time on the wall, as an organiser writes it.

use std::{fmt, str::FromStr};

use jiff::{civil::DateTime, tz::Offset};

/// Longest text repeated back in an error, in characters: enough to recognise what was typed.
const MAX_ECHO_CHARS: usize = 40;

/// A civil time, and the UTC offset that tells its two meanings apart when the clocks go back over it.
///
/// Written `2027-02-20 13:00`, `2027-02-20T13:00:05` or, with an offset, `2027-10-31 01:30+01:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime {
    /// Date and time of day, to the second.
    pub civil: DateTime,
    /// Which of two instants is meant; needed only in an hour that happens twice.
    pub offset: Option<Offset>,
}

/// A text that is not a time on the wall.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a date and a time of day; write it like 2027-02-20 13:00, or 2027-02-20 13:00:05 with seconds")]
pub struct WallTimeError(String);

impl FromStr for WallTime {
    type Err = WallTimeError;

    fn from_str(text: &str) -> Result<Self, WallTimeError> {
        read(text.trim()).ok_or_else(|| WallTimeError(text.chars().take(MAX_ECHO_CHARS).collect()))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Wall(self.civil))?;
        self.offset.map_or(Ok(()), |offset| write!(f, "{}", UtcOffset(offset)))
    }
}

fn read(text: &str) -> Option<WallTime> {
    let (date, rest) = text.split_once([' ', 'T'])?;
    let (time, suffix) = rest.split_at(rest.find(['+', '-']).unwrap_or(rest.len()));
    let seconds = match time.len() {
        5 => ":00",
        8 => "",
        _ => return None,
    };
    let written = format!("{date}T{time}{seconds}");
    // jiff reads more forms than anybody should put on a poster; only the one that prints back the same is taken.
    let civil = written.parse::<DateTime>().ok().filter(|civil| civil.to_string() == written)?;
    let offset = if suffix.is_empty() { None } else { Some(read_offset(suffix)?) };
    Some(WallTime { civil, offset })
}

fn read_offset(suffix: &str) -> Option<Offset> {
    let two_digits = |t: &str| t.parse::<i32>().ok().filter(|_| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = suffix.get(1..)?.split_once(':')?;
    let seconds = two_digits(hours)? * 3_600 + two_digits(minutes).filter(|m| *m < 60)? * 60;
    Offset::from_seconds(if suffix.starts_with('-') { -seconds } else { seconds }).ok()
}

/// Shows a civil time the way it is typed: `2027-02-20 13:00`, with seconds only when there are some.
#[derive(Clone, Copy, Debug)]
pub struct Wall(pub DateTime);

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.0.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        write!(f, "{}", self.0.strftime(form))
    }
}

/// Shows an offset from UTC in full: `+01:00`.
pub(super) struct UtcOffset(pub(super) Offset);

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() / 60 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_as_it_was_typed() {
        for (typed, shown) in [
            ("2027-02-20 13:00", "2027-02-20 13:00"),
            (" 2027-02-20T13:00 ", "2027-02-20 13:00"),
            ("2027-02-20T13:00:05", "2027-02-20 13:00:05"),
            ("2027-10-31 01:30+01:00", "2027-10-31 01:30+01:00"),
            ("2027-11-07 01:30:00-05:00", "2027-11-07 01:30-05:00"),
        ] {
            assert_eq!(typed.parse::<WallTime>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for bad in [
            "",
            "13:00",
            "2027-02-20",
            "20/02/2027 13:00",
            "2027-02-30 13:00",
            "2027-02-20 1:00 pm",
            "2027-02-20 25:00",
            "2027-02-20 13:00:60",
            "2027-02-20 13:00:05.5",
            "2027-02-20 13:00Z",
            "2027-02-20 13:00+1",
            "2027-02-20 13:00+01:99",
            "2027-02-20 13:00+ä1:00",
            "2027-02-20 13:00[Europe/London]",
        ] {
            let said = bad.parse::<WallTime>().unwrap_err().to_string();
            assert!(said.contains("2027-02-20 13:00"), "{said}");
        }
    }
}
