//! What happens at one gathering, and when by the clock on its wall.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Most items of a programme: a phone shows them all at once, under the countdown.
pub const MAX_ITEMS: usize = 12;

/// Longest words of one item, in characters: two lines on a phone.
pub const MAX_WORDS_CHARS: usize = 80;

/// Longest text repeated back in an error, in characters: enough to recognise what was typed.
const MAX_ECHO_CHARS: usize = 40;

/// What stands between two items where a programme is written in one line.
const BETWEEN: char = ';';

/// A time of day on the wall, in the zone of the moment, from 00:00 to 23:59. Written `13:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

/// A text that is not a time of day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a time of day; write it like 09:30 or 13:00")]
pub struct TimeOfDayError(String);

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let two_digits = |t: &str| t.parse().ok().filter(|_| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()));
        let read = || {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
            (hour < 24 && minute < 60).then_some(Self { hour, minute })
        };
        read().ok_or_else(|| TimeOfDayError(echo(text)))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = TimeOfDayError;

    fn try_from(text: String) -> Result<Self, TimeOfDayError> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// When, on the wall.
    pub at: TimeOfDay,
    /// What, in the organiser's own words.
    pub words: String,
}

/// What happens at one gathering, in the order of the day; empty when nothing is known of it.
///
/// Written in one line, as in a cell of a spreadsheet: `12:30 Gather; 13:00 Link arms; 13:15 Speeches`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Programme(Vec<Item>);

/// A text that is not a programme.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProgrammeError {
    /// An item does not say when.
    #[error(
        "in the programme, \"{0}\" does not begin with a time of day; write it like \"13:00 Link arms\", \
         with a semicolon between two"
    )]
    NoTime(String),
    /// An item does not say what.
    #[error("in the programme, {0} says nothing; write it like \"{0} Link arms\"")]
    NoWords(TimeOfDay),
    /// An item is longer than [`MAX_WORDS_CHARS`].
    #[error("in the programme, what happens at {at} has {chars} characters; at most {MAX_WORDS_CHARS} fit: shorten it")]
    TooLong {
        /// When it happens.
        at: TimeOfDay,
        /// How long its words are.
        chars: usize,
    },
    /// An item holds what no line of a screen can.
    #[error("in the programme, what happens at {0} holds a line break or a control character; write it in one line")]
    Unprintable(TimeOfDay),
    /// An item comes after a later one.
    #[error("in the programme, {next} comes after {before}; write the items in the order of the day")]
    Backwards {
        /// The time before.
        before: TimeOfDay,
        /// The time after it, which is earlier.
        next: TimeOfDay,
    },
    /// More than [`MAX_ITEMS`].
    #[error("the programme has {0} items; at most {MAX_ITEMS} fit on a phone: leave out what nobody would miss")]
    TooMany(usize),
}

impl Programme {
    /// What happens, in the order of the day.
    pub fn items(&self) -> &[Item] {
        &self.0
    }

    /// Whether nothing is known of it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Programme {
    type Err = ProgrammeError;

    fn from_str(text: &str) -> Result<Self, ProgrammeError> {
        let written = text.split(BETWEEN).map(str::trim).filter(|item| !item.is_empty());
        let items = written.map(item).collect::<Result<Vec<_>, _>>()?;
        if items.len() > MAX_ITEMS {
            return Err(ProgrammeError::TooMany(items.len()));
        }
        if let Some([before, next]) = items.array_windows().find(|[before, next]| next.at < before.at) {
            return Err(ProgrammeError::Backwards { before: before.at, next: next.at });
        }
        Ok(Self(items))
    }
}

fn item(text: &str) -> Result<Item, ProgrammeError> {
    let (time, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let at = time.parse().map_err(|_| ProgrammeError::NoTime(echo(text)))?;
    let words = words.trim();
    let chars = words.chars().count();
    if chars == 0 {
        Err(ProgrammeError::NoWords(at))
    } else if words.chars().any(char::is_control) {
        Err(ProgrammeError::Unprintable(at))
    } else if chars > MAX_WORDS_CHARS {
        Err(ProgrammeError::TooLong { at, chars })
    } else {
        Ok(Item { at, words: words.to_owned() })
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.words)
    }
}

impl fmt::Display for Programme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, item) in self.0.iter().enumerate() {
            let before = if nth == 0 { "" } else { "; " };
            write!(f, "{before}{item}")?;
        }
        Ok(())
    }
}

fn echo(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_ECHO_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> String {
        text.parse::<Programme>().unwrap_err().to_string()
    }

    #[test]
    fn a_programme_is_read_from_one_line_and_written_back_to_it() {
        for (typed, written) in [
            ("12:30 Gather; 13:00 Link arms", "12:30 Gather; 13:00 Link arms"),
            (" 12:30  Gather ;13:00\tLink arms ; ", "12:30 Gather; 13:00 Link arms"),
            ("00:00 Vigil; 00:00 Candles; 23:59 Breakfast", "00:00 Vigil; 00:00 Candles; 23:59 Breakfast"),
            ("", ""),
            (" ; ", ""),
        ] {
            assert_eq!(typed.parse::<Programme>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_fault_names_the_item_the_limit_and_the_way_out() {
        for bad in
            ["Gather", "1pm Gather", "9:30 Gather", "24:00 Gather", "12:60 Gather", "12:30Gather", "+1:30 Gather"]
        {
            let said = said(bad);
            assert!(said.contains(&format!("\"{bad}\"")) && said.contains("like \"13:00 Link arms\""), "{said}");
        }
        assert!(said("12:30 Gather; 13:00").contains("13:00 says nothing"));
        assert!(said("12:30 Ga\u{7}ther").contains("12:30 holds a line break or a control character"));
        assert!(said("13:00 Link arms; 03:15 Speeches").contains("03:15 comes after 13:00"));
        let long = format!("12:30 {}", "é".repeat(MAX_WORDS_CHARS + 1));
        assert!(said(&long).contains("at 12:30 has 81 characters; at most 80 fit"), "{}", said(&long));
        let many = "12:30 Gather;".repeat(MAX_ITEMS + 1);
        assert!(said(&many).contains("has 13 items; at most 12 fit"), "{}", said(&many));
        assert!(said(&"x".repeat(5_000)).len() < 200);
    }

    fn any_programme() -> impl Strategy<Value = Programme> {
        let words = "[^;\\p{C}\\s]([^;\\p{C}]{0,78}[^;\\p{C}\\s])?";
        let item =
            (0u8..24, 0u8..60, words).prop_map(|(hour, minute, words)| Item { at: TimeOfDay { hour, minute }, words });
        prop::collection::vec(item, 0..=MAX_ITEMS).prop_map(|mut items| {
            items.sort_by_key(|item| item.at);
            Programme(items)
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(programme in any_programme()) {
            prop_assert_eq!(programme.to_string().parse::<Programme>(), Ok(programme.clone()));
            let json = serde_json::to_string(&programme).unwrap();
            prop_assert_eq!(serde_json::from_str::<Programme>(&json).unwrap(), programme);
        }

        #[test]
        fn whatever_is_read_is_within_the_limits_and_in_the_order_of_the_day(text in "([0-2][0-9]:[0-5][0-9] ?[a-z;\\s]{0,90}){0,14}|\\PC*") {
            if let Ok(programme) = text.parse::<Programme>() {
                prop_assert!(programme.items().len() <= MAX_ITEMS);
                prop_assert!(programme.items().iter().all(|item| (1..=MAX_WORDS_CHARS).contains(&item.words.chars().count())));
                prop_assert!(programme.items().is_sorted_by_key(|item| item.at));
                prop_assert_eq!(programme.to_string().parse::<Programme>(), Ok(programme));
            }
        }
    }
}
