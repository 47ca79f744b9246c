//! Why the moment stays as it is, in words for an organiser.

use std::fmt;

use jiff::civil::DateTime;

use super::{
    command::{MAX_CUE_OFFSET, MAX_CUES, MAX_LANGUAGES},
    wall::{Wall, WallTimeError},
    zone::ZoneError,
};
use crate::domain::{text::Lang, time::Millis};

/// The stable word of [`MomentError::NeedsConfirmation`], which a client answers by asking its person.
pub const NEEDS_CONFIRMATION: &str = "needs_confirmation";

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
    /// Beyond [`MAX_AHEAD`](super::command::MAX_AHEAD).
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
    /// Nothing vouches for the clock by which it would happen.
    #[error(
        "nothing vouches for the server's clock: everybody would act together, but perhaps not at the true time; \
         let chrony or systemd-timesyncd keep it right (oneoclock check says how it stands), or, if you know that it \
         is right, say so: --unconfirmed-clock on the command line, or the box on the organiser's page"
    )]
    ClockUnconfirmed,
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

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
            Self::ClockUnconfirmed => "clock_unconfirmed",
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
                | Self::ClockUnconfirmed
                | Self::NeedsConfirmation { .. }
        )
    }
}
