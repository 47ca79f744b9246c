//! What an organiser may do to the moment, and when it must be said twice.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{Cue, Moment, Status, Wall, WallTime, WallTimeError, Zone, ZoneError};
use crate::domain::{
    fact::{NodeId, Version},
    text::{Lang, Texts},
    time::{Millis, UnixMillis},
};

/// How close to the moment a change must be confirmed: a phone that lost the network keeps what it has, so a
/// late change splits the country.
pub const CONFIRM_WITHIN: Millis = Millis::from_mins(5);

/// How far ahead a moment may be set: beyond ten years it is a slip in the year.
pub const MAX_AHEAD: Millis = Millis::from_mins(10 * 366 * 24 * 60);

/// Longest name, in characters: it is one line on a big screen.
pub const MAX_NAME_CHARS: usize = 80;

/// Longest text of the moment or of a cue in one language, in characters: it is read at 80 metres, by a crowd.
pub const MAX_WORDS_CHARS: usize = 280;

/// Most languages of one text; the pages speak 14.
pub const MAX_LANGUAGES: usize = 32;

/// Most cues: all of them travel with the moment to every phone.
pub const MAX_CUES: usize = 40;

/// How far from the moment a cue may lie, either way: one day.
pub const MAX_CUE_OFFSET: Millis = Millis::from_mins(24 * 60);

/// What an organiser asks for.
///
/// `confirm` is needed only within [`CONFIRM_WITHIN`] before a scheduled moment: the new civil time for `set` and
/// `move`, the word itself for `hold` and `cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum MomentCommand {
    /// Schedules the moment, whatever it was before. What is left out stays as it is; an empty text clears.
    Set {
        /// The time on the wall, in the form of [`WallTime`].
        civil: String,
        /// The IANA zone of that wall.
        zone: String,
        /// What it is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What to do at the moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<Texts>,
        /// What to show around it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cues: Option<Vec<Cue>>,
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
    /// Makes everybody wait for word.
    Hold {
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
    /// Takes a hold back.
    Resume,
    /// Gives the moment another time, and schedules it if it was held.
    Move {
        /// The time on the wall, in the form of [`WallTime`].
        civil: String,
        /// The IANA zone of that wall; the present one when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
    /// Calls it off.
    Cancel {
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
}

/// Why the moment stays as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MomentError {
    /// Not a date and time.
    #[error(transparent)]
    Form(#[from] WallTimeError),
    /// No such zone, or not one instant in it.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// Already gone by.
    #[error("{} in {zone} has already passed; choose a time still to come", Wall(*.civil))]
    Past {
        /// What was asked for.
        civil: DateTime,
        /// Where.
        zone: String,
    },
    /// Beyond [`MAX_AHEAD`].
    #[error("{} is more than ten years away; check the year", Wall(*.0))]
    TooFar(DateTime),
    /// A text that must not be empty is.
    #[error("{0} is empty; write something, or leave it out")]
    Blank(What),
    /// A text is too long.
    #[error("{what} has {chars} characters; at most {max} can be read from afar")]
    TooLong {
        /// Which text.
        what: What,
        /// How long it is, in characters.
        chars: usize,
        /// How long it may be.
        max: usize,
    },
    /// A text holds something that cannot be shown.
    #[error("{0} holds a control character (a tab, a line break in a name, or something invisible); take it out")]
    Unprintable(What),
    /// More than [`MAX_LANGUAGES`].
    #[error("{what} is given in {languages} languages; at most {MAX_LANGUAGES} are sent to every phone")]
    Languages {
        /// Which text.
        what: What,
        /// In how many it is given.
        languages: usize,
    },
    /// More than [`MAX_CUES`].
    #[error("there are {0} cues; at most {MAX_CUES} are sent to every phone")]
    Cues(usize),
    /// Beyond [`MAX_CUE_OFFSET`].
    #[error("a cue at {0} is more than {MAX_CUE_OFFSET} from the moment")]
    CueOffset(Millis),
    /// Two cues would show at once.
    #[error("two cues are at {0}; give each its own offset, or write one text in both languages")]
    CueTwice(Millis),
    /// Called off; nothing but a new time brings it back.
    #[error("the moment is cancelled; set it anew with a date and a time")]
    Cancelled,
    /// Held twice.
    #[error("the moment is held already; resume it, or move it to another time")]
    AlreadyHeld,
    /// Nothing to resume.
    #[error("the moment is not held, so there is nothing to resume; it is scheduled for {} in {zone}", Wall(*.civil))]
    NotHeld {
        /// When it is.
        civil: DateTime,
        /// Where.
        zone: String,
    },
    /// It came and went.
    #[error("the moment, {} in {zone}, has already happened; set a new one", Wall(*.civil))]
    Happened {
        /// When it was.
        civil: DateTime,
        /// Where.
        zone: String,
    },
    /// It would have come and gone while it was held.
    #[error(
        "{} in {zone} passed while the moment was held; move it to a time still to come, which also ends the hold",
        Wall(*.civil)
    )]
    PassedWhileHeld {
        /// When it would have been.
        civil: DateTime,
        /// Where.
        zone: String,
    },
    /// So near that it must be said twice.
    #[error(
        "the moment is only {left} away: phones without network will keep the old one; \
         if you are sure, confirm by typing: {typing}"
    )]
    NeedsConfirmation {
        /// How long until the scheduled moment, in whole seconds.
        left: Millis,
        /// What to send as `confirm`.
        typing: String,
    },
}

/// Which text an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The name of the moment.
    Name,
    /// The words of the moment, in one language.
    Words(Lang),
    /// The words of the moment, in all languages.
    AllWords,
    /// The words of the cue at this offset.
    Cue(Millis),
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name => f.write_str("the name"),
            Self::Words(lang) => write!(f, "the text in \"{lang}\""),
            Self::AllWords => f.write_str("the text"),
            Self::Cue(offset) => write!(f, "the cue at {offset}"),
        }
    }
}

impl MomentError {
    /// The stable word for it on the wire; the sentence for a person is its `Display`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Form(_) => "bad_time",
            Self::Zone(ZoneError::Unknown { .. }) => "unknown_zone",
            Self::Zone(ZoneError::Gap { .. }) => "time_in_gap",
            Self::Zone(ZoneError::Fold { .. }) => "time_in_fold",
            Self::Zone(ZoneError::WrongOffset { .. } | ZoneError::Calendar(_)) => "bad_time",
            Self::Past { .. } => "past",
            Self::TooFar(_) => "too_far",
            Self::Blank(_) | Self::TooLong { .. } | Self::Unprintable(_) | Self::Languages { .. } => "bad_text",
            Self::Cues(_) | Self::CueOffset(_) | Self::CueTwice(_) => "bad_cue",
            Self::Cancelled => "cancelled",
            Self::AlreadyHeld => "already_held",
            Self::NotHeld { .. } => "not_held",
            Self::Happened { .. } | Self::PassedWhileHeld { .. } => "happened",
            Self::NeedsConfirmation { .. } => NEEDS_CONFIRMATION,
        }
    }

    /// Whether the request would be fine at another time or in another state (409), not wrong in itself (422).
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::AlreadyHeld
                | Self::NotHeld { .. }
                | Self::Happened { .. }
                | Self::PassedWhileHeld { .. }
                | Self::NeedsConfirmation { .. }
        )
    }
}

/// The stable word of [`MomentError::NeedsConfirmation`], which a client answers by asking its person.
pub const NEEDS_CONFIRMATION: &str = "needs_confirmation";

impl MomentCommand {
    /// The same command, with what a person typed to confirm it; `resume` needs none.
    pub fn confirmed(mut self, typed: &str) -> Self {
        match &mut self {
            Self::Set { confirm, .. }
            | Self::Hold { confirm }
            | Self::Move { confirm, .. }
            | Self::Cancel { confirm } => *confirm = Some(typed.to_owned()),
            Self::Resume => {}
        }
        self
    }

    /// What the moment becomes, as the next version after `current`, written by `node`.
    ///
    /// # Errors
    /// Everything a [`MomentError`] can say; the moment then stays as it is.
    pub fn apply(self, current: &Moment, now: UnixMillis, node: &NodeId) -> Result<Moment, MomentError> {
        let version = Version::next(Some(&current.version), node);
        let kept = Moment { version, ..current.clone() };
        match self {
            Self::Set { civil, zone, name, words, cues, confirm } => {
                let new = scheduled(kept, &civil, &zone, now)?;
                let new = Moment {
                    name: name.map_or(Ok(new.name), |n| checked(What::Name, &n, MAX_NAME_CHARS))?,
                    words: words.map_or(Ok(new.words), |w| checked_texts(w, None))?,
                    cues: cues.map_or(Ok(new.cues), checked_cues)?,
                    ..new
                };
                confirm_time(current, now, &civil, confirm.as_deref())?;
                Ok(new)
            }
            Self::Move { civil, zone, confirm } => {
                if current.status == Status::Cancelled {
                    return Err(MomentError::Cancelled);
                }
                let new = scheduled(kept, &civil, zone.as_deref().unwrap_or(&current.zone), now)?;
                confirm_time(current, now, &civil, confirm.as_deref())?;
                Ok(new)
            }
            Self::Hold { confirm } => {
                match current.status {
                    Status::Held => return Err(MomentError::AlreadyHeld),
                    Status::Cancelled => return Err(MomentError::Cancelled),
                    Status::Scheduled if current.at <= now => return Err(happened(current)),
                    Status::Scheduled => confirm_word(current, now, "hold", confirm.as_deref())?,
                }
                Ok(Moment { status: Status::Held, ..kept })
            }
            Self::Resume => {
                let (civil, zone) = (current.civil, current.zone.clone());
                match current.status {
                    Status::Scheduled => Err(MomentError::NotHeld { civil, zone }),
                    Status::Cancelled => Err(MomentError::Cancelled),
                    Status::Held if current.at <= now => Err(MomentError::PassedWhileHeld { civil, zone }),
                    Status::Held => Ok(Moment { status: Status::Scheduled, ..kept }),
                }
            }
            Self::Cancel { confirm } => {
                match current.status {
                    Status::Cancelled => return Err(MomentError::Cancelled),
                    Status::Scheduled if current.at <= now => return Err(happened(current)),
                    Status::Scheduled | Status::Held => confirm_word(current, now, "cancel", confirm.as_deref())?,
                }
                Ok(Moment { status: Status::Cancelled, ..kept })
            }
        }
    }
}

fn happened(moment: &Moment) -> MomentError {
    MomentError::Happened { civil: moment.civil, zone: moment.zone.clone() }
}

fn scheduled(moment: Moment, civil: &str, zone: &str, now: UnixMillis) -> Result<Moment, MomentError> {
    let wall: WallTime = civil.parse()?;
    let zone = Zone::named(zone)?;
    let at = zone.resolve(wall)?;
    if at <= now {
        return Err(MomentError::Past { civil: wall.civil, zone: zone.name().to_owned() });
    }
    if at - now > MAX_AHEAD {
        return Err(MomentError::TooFar(wall.civil));
    }
    Ok(Moment { civil: wall.civil, zone: zone.name().to_owned(), at, status: Status::Scheduled, ..moment })
}

/// How long until the scheduled moment, when that is so near that a change must be confirmed.
fn near(current: &Moment, now: UnixMillis) -> Option<Millis> {
    let left = current.at - now;
    (current.status == Status::Scheduled && Millis(0) < left && left <= CONFIRM_WITHIN).then_some(left)
}

fn confirm_time(current: &Moment, now: UnixMillis, civil: &str, typed: Option<&str>) -> Result<(), MomentError> {
    let wall: WallTime = civil.parse()?;
    let same = typed.is_some_and(|t| t.parse::<WallTime>().is_ok_and(|t| t.civil == wall.civil));
    match near(current, now) {
        Some(left) if !same => Err(needs_confirmation(left, wall.to_string())),
        _ => Ok(()),
    }
}

fn confirm_word(current: &Moment, now: UnixMillis, word: &str, typed: Option<&str>) -> Result<(), MomentError> {
    match near(current, now) {
        Some(left) if typed.map(str::trim) != Some(word) => Err(needs_confirmation(left, word.to_owned())),
        _ => Ok(()),
    }
}

fn needs_confirmation(left: Millis, typing: String) -> MomentError {
    MomentError::NeedsConfirmation { left: Millis::from_secs((left.0 + 999) / 1_000), typing }
}

fn checked(what: What, text: &str, max: usize) -> Result<String, MomentError> {
    let text = text.trim();
    let chars = text.chars().count();
    let breaks = !matches!(what, What::Name);
    if text.is_empty() {
        Err(MomentError::Blank(what))
    } else if chars > max {
        Err(MomentError::TooLong { what, chars, max })
    } else if text.chars().any(|c| c.is_control() && !(breaks && c == '\n')) {
        Err(MomentError::Unprintable(what))
    } else {
        Ok(text.to_owned())
    }
}

fn checked_texts(texts: Texts, cue: Option<Millis>) -> Result<Texts, MomentError> {
    let languages = texts.0.len();
    if languages > MAX_LANGUAGES {
        return Err(MomentError::Languages { what: cue.map_or(What::AllWords, What::Cue), languages });
    }
    let one = |(lang, text): (Lang, String)| {
        let what = cue.map_or_else(|| What::Words(lang.clone()), What::Cue);
        Ok((lang, checked(what, &text, MAX_WORDS_CHARS)?))
    };
    Ok(Texts(texts.0.into_iter().map(one).collect::<Result<_, MomentError>>()?))
}

fn checked_cues(mut cues: Vec<Cue>) -> Result<Vec<Cue>, MomentError> {
    if cues.len() > MAX_CUES {
        return Err(MomentError::Cues(cues.len()));
    }
    cues.sort_by_key(|cue| cue.offset);
    if let Some(pair) = cues.windows(2).find(|pair| pair[0].offset == pair[1].offset) {
        return Err(MomentError::CueTwice(pair[0].offset));
    }
    let one = |Cue { offset, words }| match offset {
        Millis(ms) if ms.unsigned_abs() > MAX_CUE_OFFSET.0.unsigned_abs() => Err(MomentError::CueOffset(offset)),
        _ if words.0.is_empty() => Err(MomentError::Blank(What::Cue(offset))),
        _ => Ok(Cue { offset, words: checked_texts(words, Some(offset))? }),
    };
    cues.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests;
