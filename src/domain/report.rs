//! What a report from outside must be like before it may become a fact.

use super::{
    elsewhere::MAX_PARTY,
    estimate::Estimate,
    tally::Tally,
    time::{Millis, UnixMillis},
};

/// The most people that one device can be said to have counted in a minute: no hand, no turnstile and no lorry's
/// ramp does a tenth of it.
pub const MOST_COUNTED: u32 = 100_000;

/// The most people at one gathering: more than ever stood on one square.
pub const MOST_TYPED: u32 = 5_000_000;

/// How many times its value the high end of an estimate may be; an end further off says nothing.
pub const WIDEST: u32 = 10;

/// The value that the high end of an estimate of very few is measured by.
const FEW: u32 = 10;

/// How far ahead of the server's clock a report may be dated: more than any page that was in step is wrong by, less
/// than would let somebody count people who have not come yet.
pub const AHEAD: Millis = Millis::from_mins(2);

/// How old a report may be: a phone that was off over a long weekend still brings its taps, though by then they
/// may no longer count.
pub const OLDEST: Millis = Millis::from_mins(7 * 24 * 60);

/// A report that no page of ours makes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// More was taken back than was counted.
    #[error("{undone} people were taken back of {counted} counted; no more can be undone than were counted")]
    Undone {
        /// People counted.
        counted: u32,
        /// People taken back.
        undone: u32,
    },
    /// More than [`MOST_COUNTED`], or more than [`MOST_TYPED`].
    #[error("{people} people are more than can be meant; at most {most} are taken in one report")]
    TooMany {
        /// People reported.
        people: u32,
        /// People that are taken.
        most: u32,
    },
    /// The ends of an estimate do not lie around it.
    #[error("an estimate of {value} people cannot be from {low} to {high}; give a low end, the number and a high end")]
    Ends {
        /// The low end.
        low: u32,
        /// The estimate.
        value: u32,
        /// The high end.
        high: u32,
    },
    /// The high end of an estimate is more than [`WIDEST`] times as high.
    #[error("an estimate of {value} people says nothing if it may be {high}; give a high end of at most {most}")]
    TooWide {
        /// The estimate.
        value: u32,
        /// The high end.
        high: u32,
        /// The furthest it may be.
        most: u32,
    },
    /// More than [`AHEAD`] of the server's clock.
    #[error(
        "the report is dated {0} ahead; check the clock of the phone, or open the page again where there is network"
    )]
    Ahead(Millis),
    /// Older than [`OLDEST`].
    #[error("the report is {0} old; what is older than {OLDEST} is not taken")]
    Old(Millis),
    /// A party of more than [`MAX_PARTY`].
    #[error("{0} people are more than one page may speak for; at most {MAX_PARTY} are: open it on another phone too")]
    Party(u32),
}

impl ReportError {
    /// The stable word for it on the wire; the sentence for a person is its `Display`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Undone { .. } => "undone",
            Self::TooMany { .. } | Self::Party(_) => "too_many",
            Self::Ends { .. } | Self::TooWide { .. } => "bad_range",
            Self::Ahead(_) => "ahead",
            Self::Old(_) => "too_old",
        }
    }
}

impl Tally {
    /// It, if it is one that a page of ours may make at `now`.
    ///
    /// # Errors
    /// More is undone than counted, the totals are absurd, or it is dated ahead or long ago.
    pub fn checked(self, now: UnixMillis) -> Result<Self, ReportError> {
        self.sound()?;
        timely(self.since(), now)?;
        Ok(self)
    }

    /// The same of one that was taken long ago, or elsewhere.
    ///
    /// # Errors
    /// More is undone than counted, or the totals are absurd.
    pub fn sound(&self) -> Result<(), ReportError> {
        let totals = &self.totals;
        for (counted, undone) in [(totals.entered, totals.entered_undone), (totals.left, totals.left_undone)] {
            at_most(counted, MOST_COUNTED)?;
            if undone > counted {
                return Err(ReportError::Undone { counted, undone });
            }
        }
        Ok(())
    }
}

impl Estimate {
    /// It, if it is one that a page of ours may make at `now`.
    ///
    /// # Errors
    /// Its ends do not lie around it or are absurd, or it is dated ahead or long ago.
    pub fn checked(self, now: UnixMillis) -> Result<Self, ReportError> {
        self.sound()?;
        timely(self.at, now)?;
        Ok(self)
    }

    /// The same of one that was taken long ago, or elsewhere.
    ///
    /// # Errors
    /// Its ends do not lie around it or are absurd.
    pub fn sound(&self) -> Result<(), ReportError> {
        let Self { low, value, high, .. } = *self;
        at_most(value, MOST_TYPED)?;
        if !(low <= value && value <= high) {
            return Err(ReportError::Ends { low, value, high });
        }
        let most = value.max(FEW).saturating_mul(WIDEST);
        if high > most {
            return Err(ReportError::TooWide { value, high, most });
        }
        Ok(())
    }
}

/// The people that one page speaks for, if they are not too many.
///
/// # Errors
/// They are more than [`MAX_PARTY`].
pub const fn party(people: u32) -> Result<u32, ReportError> {
    if people <= MAX_PARTY { Ok(people) } else { Err(ReportError::Party(people)) }
}

const fn at_most(people: u32, most: u32) -> Result<(), ReportError> {
    if people <= most { Ok(()) } else { Err(ReportError::TooMany { people, most }) }
}

fn timely(at: UnixMillis, now: UnixMillis) -> Result<(), ReportError> {
    if at > now + AHEAD {
        Err(ReportError::Ahead(at - now))
    } else if at < now - OLDEST {
        Err(ReportError::Old(now - at))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        tally::Totals,
        tests::{MOMENT, after, estimate, tally, totals},
    };

    #[test]
    fn a_tally_that_no_page_makes_is_refused_with_a_word_and_a_sentence() {
        let said = |minute, totals| tally("North", 1, minute, totals).checked(MOMENT).map_err(|e| e.reason());
        assert!(said(0, totals(230, MOST_COUNTED)).is_ok(), "what is only implausible is taken, and held");
        assert!(said(0, Totals { entered_undone: 3, left_undone: 2, ..totals(3, 2) }).is_ok());
        assert_eq!(said(0, Totals { entered_undone: 4, ..totals(3, 2) }), Err("undone"));
        assert_eq!(said(0, Totals { left_undone: 3, ..totals(3, 2) }), Err("undone"));
        assert_eq!(said(0, totals(MOST_COUNTED + 1, 0)), Err("too_many"));
        assert_eq!(said(0, totals(0, MOST_COUNTED + 1)), Err("too_many"));
        assert!(said(2, totals(3, 2)).is_ok() && said(-7 * 24 * 60, totals(3, 2)).is_ok());
        assert_eq!(said(3, totals(3, 2)), Err("ahead"));
        assert_eq!(said(-7 * 24 * 60 - 1, totals(3, 2)), Err("too_old"));
        let error = tally("North", 1, 5, totals(3, 2)).checked(MOMENT).unwrap_err().to_string();
        assert!(error.contains("dated 5m ahead; check the clock"), "{error}");
    }

    #[test]
    fn an_estimate_lies_between_its_ends_and_they_say_something() {
        let said = |value, low, high| {
            let estimate = Estimate { low, high, ..estimate(None, 1, -1, value) };
            estimate.checked(MOMENT).map_err(|e| e.reason())
        };
        assert!(said(0, 0, 0).is_ok() && said(3, 0, 100).is_ok() && said(400, 350, 4_000).is_ok());
        assert_eq!(said(400, 401, 500), Err("bad_range"));
        assert_eq!(said(400, 350, 399), Err("bad_range"));
        assert_eq!(said(400, 350, 4_001), Err("bad_range"));
        assert_eq!(said(3, 0, 101), Err("bad_range"));
        assert_eq!(said(MOST_TYPED + 1, 0, MOST_TYPED + 1), Err("too_many"));
        let ahead = Estimate { at: after(3), ..estimate(None, 1, 0, 9) };
        assert_eq!(ahead.checked(MOMENT), Err(ReportError::Ahead(Millis::from_mins(3))));
    }

    #[test]
    fn a_page_speaks_for_at_most_nine() {
        assert_eq!([party(0), party(9), party(10)], [Ok(0), Ok(9), Err(ReportError::Party(10))]);
    }
}
