//! What a fact from another node must be like before it is taken.
//!
//! Who may say facts at all is for the engine to see to; what is refused here was never said by a server that works.

use super::{
    elsewhere::Elsewhere,
    fact::{Fact, Merge},
    foreign::Foreign,
    gathering::{Gathering, Point},
    grant::Grant,
    moment::{
        Moment,
        command::{MAX_CUE_OFFSET, MAX_CUES, MAX_LANGUAGES, MAX_NAME_CHARS, MAX_WORDS_CHARS},
    },
    pass::{PassHash, Role},
    programme::{MAX_ITEMS, MAX_WORDS_CHARS as MAX_ITEM_CHARS},
    report::ReportError,
    ruling::{Ruling, Subject},
    text::Texts,
    time::UnixMillis,
};

/// Highest revision taken: a thing that is changed every second for eleven days. Whoever says more has miscounted, and
/// nobody could ever change that thing again.
pub const MAX_REV: u64 = 1_000_000;

/// Longest text of a gathering or a grant, in characters: twice that of the longest column of a list, for a release
/// that allows more.
pub const MAX_TEXT_CHARS: usize = 400;

/// Longest id of a grant, in characters, for a release that draws longer ones.
pub const MAX_ID_CHARS: usize = 32;

/// Longest name of a time zone, in bytes; twice that of the longest there is.
pub const MAX_ZONE_BYTES: usize = 64;

/// Most people one node may be told of in an hour: more than live in the country.
pub const MAX_ELSEWHERE: u64 = 100_000_000;

/// Longest fact of a kind that is not known here, in bytes of JSON: sixteen times that of a gathering with a programme.
pub const MAX_FOREIGN_BYTES: usize = 32 * 1024;

/// The first instant that is taken, 2000-01-01T00:00:00Z,
pub const EARLIEST: UnixMillis = UnixMillis(946_684_800_000);

/// and the last, 2200-01-01T00:00:00Z: a clock that is further off is broken.
pub const LATEST: UnixMillis = UnixMillis(7_258_118_400_000);

/// Why a fact is not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OutOfBounds {
    /// Beyond [`MAX_REV`], or 0, which nobody writes.
    #[error("its revision is {0}; from 1 to {MAX_REV} are taken")]
    Rev(u64),
    /// A text beyond its limit.
    #[error("its {what} is longer than {most}")]
    Text {
        /// Which.
        what: &'static str,
        /// Characters it may have.
        most: usize,
    },
    /// More of something than its limit.
    #[error("it has more than {most} {what}")]
    Many {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// Before [`EARLIEST`] or after [`LATEST`], or at no full hour where one is due.
    #[error("it is dated {0} ms, which is no time it can be of")]
    Time(i64),
    /// A number that nothing has.
    #[error("its {0} is beyond what there can be")]
    Number(&'static str),
    /// A report that no page makes.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A pass that nobody holds, or of somebody who needs none.
    #[error("it grants nothing to anybody")]
    Grant,
}

impl Fact {
    /// Whether it may be taken from another node.
    ///
    /// # Errors
    /// Why not.
    pub fn bounded(&self) -> Result<(), OutOfBounds> {
        if let Merge::Newest(version) = self.merge()
            && !(1..=MAX_REV).contains(&version.rev)
        {
            return Err(OutOfBounds::Rev(version.rev));
        }
        match self {
            Self::Moment(moment) => moment.bounded(),
            Self::Gathering(gathering) => gathering.bounded(),
            Self::Grant(grant) => grant.bounded(),
            Self::Ready(ready) => dated(ready.at),
            Self::Switch(switch) => dated(switch.at),
            Self::Tally(tally) => dated(tally.since()).and(Ok(tally.sound()?)),
            Self::Estimate(estimate) => dated(estimate.at).and(Ok(estimate.sound()?)),
            Self::Ruling(ruling) => ruling.bounded(),
            Self::Elsewhere(told) => told.bounded(),
            Self::Foreign(foreign) => foreign.bounded(),
        }
    }
}

impl Moment {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        let Self { name, zone, at, words, cues, unconfirmed_clock, .. } = self;
        short("name", name, MAX_NAME_CHARS)?;
        short("zone", zone, MAX_ZONE_BYTES)?;
        dated(*at)?;
        unconfirmed_clock.map_or(Ok(()), |word| dated(word.at))?;
        few("cues", cues.len(), MAX_CUES)?;
        readable(words)?;
        for cue in cues {
            readable(&cue.words)?;
            if cue.offset.0.unsigned_abs() > MAX_CUE_OFFSET.0.unsigned_abs() {
                return Err(OutOfBounds::Number("cue's offset"));
            }
        }
        Ok(())
    }
}

impl Gathering {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        let Self { name, place, nation, venue, kind, point, programme, .. } = self;
        for (what, text) in [("name", name), ("place", place), ("nation", nation), ("venue", venue), ("kind", kind)] {
            short(what, text, MAX_TEXT_CHARS)?;
        }
        few("items", programme.items().len(), MAX_ITEMS)?;
        programme.items().iter().try_for_each(|item| short("programme", &item.words, MAX_ITEM_CHARS))?;
        match point {
            Some(Point { lat_e6, lon_e6 })
                if lat_e6.unsigned_abs() > 90_000_000 || lon_e6.unsigned_abs() > 180_000_000 =>
            {
                Err(OutOfBounds::Number("point"))
            }
            _ => Ok(()),
        }
    }
}

impl Grant {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        short("id", &self.id, MAX_ID_CHARS)?;
        short("id of a card", self.by_code_of.as_deref().unwrap_or_default(), MAX_ID_CHARS)?;
        short("label", &self.label, MAX_TEXT_CHARS)?;
        dated(self.from)?;
        dated(self.until)?;
        let is_of_somebody = self.hash != PassHash::OF_NONE && self.code != Some(PassHash::OF_NONE);
        let is_needed = matches!(self.role, Role::Steward | Role::Organiser);
        if is_of_somebody && is_needed { Ok(()) } else { Err(OutOfBounds::Grant) }
    }
}

impl Ruling {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        match &self.subject {
            Subject::Tally { minute, .. } => dated(minute.start()),
            Subject::Estimate(estimate) => dated(estimate.at).and(Ok(estimate.sound()?)),
            Subject::Gathering { .. } | Subject::Device { .. } => Ok(()),
        }
    }
}

impl Elsewhere {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        dated(self.since)?;
        if self.since != Self::hour(self.since) {
            return Err(OutOfBounds::Time(self.since.0));
        }
        let most = self.joined.max(self.taken_back);
        if most > MAX_ELSEWHERE { Err(OutOfBounds::Number("people")) } else { Ok(()) }
    }
}

impl Foreign {
    fn bounded(&self) -> Result<(), OutOfBounds> {
        if self.body.len() > MAX_FOREIGN_BYTES {
            return Err(OutOfBounds::Text { what: "body", most: MAX_FOREIGN_BYTES });
        }
        Ok(())
    }
}

fn readable(texts: &Texts) -> Result<(), OutOfBounds> {
    few("languages", texts.0.len(), MAX_LANGUAGES)?;
    texts.0.values().try_for_each(|text| short("text", text, MAX_WORDS_CHARS))
}

fn short(what: &'static str, text: &str, most: usize) -> Result<(), OutOfBounds> {
    if text.chars().count() > most { Err(OutOfBounds::Text { what, most }) } else { Ok(()) }
}

const fn few(what: &'static str, count: usize, most: usize) -> Result<(), OutOfBounds> {
    if count > most { Err(OutOfBounds::Many { what, most }) } else { Ok(()) }
}

fn dated(at: UnixMillis) -> Result<(), OutOfBounds> {
    if (EARLIEST..=LATEST).contains(&at) { Ok(()) } else { Err(OutOfBounds::Time(at.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        grant::tests::granted,
        tally::Totals,
        tests::{MOMENT, estimate, gathering, moment, ruling, tally, totals, version},
        version::Version,
    };

    fn why(fact: &Fact) -> Option<OutOfBounds> {
        fact.bounded().err()
    }

    fn elsewhere(since: UnixMillis, joined: u64) -> Fact {
        let node = "a".parse().unwrap();
        Fact::Elsewhere(Elsewhere { node, since, joined, taken_back: 0 })
    }

    #[test]
    fn what_servers_say_is_taken() {
        let (_, grant) = granted("abcdef", 1);
        let grant = Grant { from: MOMENT, until: MOMENT, ..grant };
        for fact in [
            Fact::Moment(Moment { version: version(1), ..moment() }),
            Fact::Gathering(gathering("bath", Some(900))),
            Fact::Grant(grant),
            tally("North", 1, 0, totals(230, 0)).into(),
            estimate(None, 1, 0, 400).into(),
            ruling(Subject::Gathering { gathering: "bath".parse().unwrap() }, MAX_REV, 0),
            elsewhere(MOMENT, 12),
            Fact::Foreign(Foreign { body: "{}".to_owned() }),
        ] {
            assert_eq!(fact.bounded(), Ok(()), "{fact:?}");
        }
    }

    #[test]
    fn what_no_server_says_is_refused_by_name() {
        let at = |rev| Version { rev, ..version(1) };
        let named = |name: String| Fact::Gathering(Gathering { name, ..gathering("bath", None) });
        let (_, grant) = granted("abcdef", 1);
        let grant = Grant { from: MOMENT, until: MOMENT, ..grant };
        assert_eq!(why(&Fact::Moment(moment())), Some(OutOfBounds::Rev(0)), "the default moment is nobody's word");
        let far = Fact::Gathering(Gathering { version: at(u64::MAX), ..gathering("bath", None) });
        assert_eq!(why(&far), Some(OutOfBounds::Rev(u64::MAX)));
        assert_eq!(why(&named("é".repeat(MAX_TEXT_CHARS))), None);
        assert!(matches!(why(&named("x".repeat(MAX_TEXT_CHARS + 1))), Some(OutOfBounds::Text { what: "name", .. })));
        assert_eq!(why(&Fact::Grant(Grant { hash: PassHash::OF_NONE, ..grant.clone() })), Some(OutOfBounds::Grant));
        assert_eq!(why(&Fact::Grant(Grant { role: Role::Display, ..grant })), Some(OutOfBounds::Grant));
        let undone = Totals { entered_undone: 4, ..totals(3, 0) };
        assert!(matches!(why(&tally("North", 1, 0, undone).into()), Some(OutOfBounds::Report(_))));
        assert!(matches!(why(&tally("North", 1, i64::MAX / 120_000, totals(1, 0)).into()), Some(OutOfBounds::Time(_))));
        assert!(matches!(why(&elsewhere(UnixMillis(MOMENT.0 + 1), 1)), Some(OutOfBounds::Time(_))));
        assert!(matches!(why(&elsewhere(MOMENT, u64::MAX)), Some(OutOfBounds::Number("people"))));
        let large = Fact::Foreign(Foreign { body: "x".repeat(MAX_FOREIGN_BYTES + 1) });
        assert!(matches!(why(&large), Some(OutOfBounds::Text { .. })));
    }
}
