//! What an organiser may do to the moment, and when it must be said twice.

use serde::{Deserialize, Serialize};

use super::{
    Cue, Moment, Override, Status, WallTime, Zone,
    error::{MomentError, What},
};
use crate::domain::{
    pass::Role,
    text::{Lang, Texts},
    time::{Millis, UnixMillis},
    version::{NodeId, Version},
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

/// Whether something vouches for the server's clock at the moment, to half a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerClock {
    /// Something does.
    Confirmed,
    /// Nothing does: pages are in step with each other, and not surely with true time.
    Unconfirmed,
}

/// What an organiser asks for.
///
/// Whatever arms the moment (`set`, `move`, `resume`) needs `unconfirmed_clock` while the server's clock is not
/// confirmed; it is then kept with the moment.
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
        /// Do it although the server's clock is not confirmed.
        #[serde(default, skip_serializing_if = "is_not_so")]
        unconfirmed_clock: bool,
    },
    /// Makes everybody wait for word.
    Hold {
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
    /// Takes a hold back.
    Resume {
        /// Do it although the server's clock is not confirmed.
        #[serde(default, skip_serializing_if = "is_not_so")]
        unconfirmed_clock: bool,
    },
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
        /// Do it although the server's clock is not confirmed.
        #[serde(default, skip_serializing_if = "is_not_so")]
        unconfirmed_clock: bool,
    },
    /// Calls it off.
    Cancel {
        /// Typed by a person when the moment is near.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm: Option<String>,
    },
}

impl MomentCommand {
    /// What a person types to confirm it when the moment is near; `resume` needs no confirmation.
    pub fn typing(&self) -> Option<&str> {
        match self {
            Self::Set { civil, .. } | Self::Move { civil, .. } => Some(civil.trim()),
            Self::Hold { .. } => Some("hold"),
            Self::Cancel { .. } => Some("cancel"),
            Self::Resume { .. } => None,
        }
    }

    /// The same command, with what a person typed to confirm it.
    pub fn confirmed(mut self, typed: &str) -> Self {
        match &mut self {
            Self::Set { confirm, .. }
            | Self::Hold { confirm }
            | Self::Move { confirm, .. }
            | Self::Cancel { confirm } => *confirm = Some(typed.to_owned()),
            Self::Resume { .. } => {}
        }
        self
    }

    /// What the moment becomes, as the next version after `current`, written by `node`.
    ///
    /// # Errors
    /// Everything a [`MomentError`] can say; the moment then stays as it is.
    pub fn apply(
        self,
        current: &Moment,
        now: UnixMillis,
        node: &NodeId,
        clock: ServerClock,
    ) -> Result<Moment, MomentError> {
        let confirmed = self.is_confirmed(current, now);
        let doubt = self.doubt(current, now, clock);
        let passed = current.at <= now;
        let (civil, zone) = (current.civil, || current.zone.clone());
        let kept = Moment { version: Version::next(Some(&current.version), node), ..current.clone() };
        let new = match (self, current.status) {
            (Self::Set { civil, zone, name, words, cues, .. }, _) => {
                let new = scheduled(kept, &civil, &zone, now)?;
                Moment {
                    name: name.map_or(Ok(new.name), |n| checked(What::Name, &n, MAX_NAME_CHARS))?,
                    words: words.map_or(Ok(new.words), |w| checked_texts(w, None))?,
                    cues: cues.map_or(Ok(new.cues), checked_cues)?,
                    ..new
                }
            }
            (_, Status::Cancelled) => return Err(MomentError::Cancelled),
            (Self::Move { civil, zone, .. }, _) => {
                scheduled(kept, &civil, zone.as_deref().unwrap_or(&current.zone), now)?
            }
            (Self::Hold { .. }, Status::Held) => return Err(MomentError::AlreadyHeld),
            (Self::Resume { .. }, Status::Scheduled) => return Err(MomentError::NotHeld { civil, zone: zone() }),
            (Self::Resume { .. }, Status::Held) if passed => {
                return Err(MomentError::PassedWhileHeld { civil, zone: zone() });
            }
            (Self::Hold { .. } | Self::Cancel { .. }, Status::Scheduled) if passed => {
                return Err(MomentError::Happened { civil, zone: zone() });
            }
            (Self::Hold { .. }, Status::Scheduled) => Moment { status: Status::Held, ..kept },
            (Self::Resume { .. }, Status::Held) => Moment { status: Status::Scheduled, ..kept },
            (Self::Cancel { .. }, Status::Scheduled | Status::Held) => Moment { status: Status::Cancelled, ..kept },
        };
        let new = Moment { unconfirmed_clock: doubt?, ..new };
        // Asked for last: nobody should type twice what would be refused anyway.
        confirmed.map(|()| new)
    }

    /// What is kept about arming the moment by a clock that nothing vouches for.
    fn doubt(&self, current: &Moment, now: UnixMillis, clock: ServerClock) -> Result<Option<Override>, MomentError> {
        let (Self::Set { unconfirmed_clock, .. }
        | Self::Resume { unconfirmed_clock }
        | Self::Move { unconfirmed_clock, .. }) = self
        else {
            return Ok(current.unconfirmed_clock);
        };
        match clock {
            ServerClock::Confirmed => Ok(None),
            ServerClock::Unconfirmed if *unconfirmed_clock => Ok(Some(Override { by: Role::Organiser, at: now })),
            ServerClock::Unconfirmed => Err(MomentError::ClockUnconfirmed),
        }
    }

    /// Whether what was typed is enough, should the scheduled moment be so near that it must be typed at all.
    fn is_confirmed(&self, current: &Moment, now: UnixMillis) -> Result<(), MomentError> {
        let left = current.at - now;
        let near = current.status == Status::Scheduled && Millis(0) < left && left <= CONFIRM_WITHIN;
        let typed = match self {
            Self::Set { confirm, .. }
            | Self::Hold { confirm }
            | Self::Move { confirm, .. }
            | Self::Cancel { confirm } => confirm.as_deref().unwrap_or_default(),
            Self::Resume { .. } => "",
        };
        match self.typing() {
            Some(typing) if near && !same(typing, typed) => Err(MomentError::NeedsConfirmation {
                left: Millis::from_secs((left.0 + 999) / 1_000),
                typing: typing.to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_not_so(flag: &bool) -> bool {
    !*flag
}

/// Whether two texts are the same word or the same time on the wall, in whichever of its forms.
fn same(asked: &str, typed: &str) -> bool {
    let wall = |text: &str| text.parse::<WallTime>().ok().map(|wall| wall.civil);
    asked == typed.trim() || (wall(asked).is_some() && wall(asked) == wall(typed))
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
        let what = cue.map_or_else(|| What::Words(lang), What::Cue);
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
