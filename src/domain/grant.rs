//! What a pass allows: whom, where, from when until when. Of the pass itself only the hash is kept.

use serde::{Deserialize, Serialize};

use super::{
    gathering::Slug,
    pass::{PassHash, Role},
    post::Post,
    time::{Millis, UnixMillis},
    version::Version,
};

/// Letters of a grant's id: three hundred million, so that two nodes hardly draw the same one, and short enough to
/// be read out.
pub const ID_LETTERS: usize = 6;

/// Longest label, in characters: one line of a list.
pub const MAX_LABEL_CHARS: usize = 40;

/// Most grants that are kept, as none is ever deleted: 40 posts at each of 500 gatherings, in memory some 10 MB.
pub const MAX_GRANTS: usize = 20_000;

/// Most devices that one short code lets in, ever: a post has two or three stewards, and their phones break.
pub const MAX_DEVICES: usize = 5;

/// A pass is good from so long before the moment, so that a rehearsal the day before works,
pub const OPENS_BEFORE: Millis = Millis::from_mins(24 * 60);

/// and until so long after it, so that whoever had no network all day can still hand in what they counted.
pub const CLOSES_AFTER: Millis = Millis::from_mins(6 * 60);

/// The longest window: what is forgotten in a pocket must end by itself.
pub const MAX_WINDOW: Millis = Millis::from_mins(31 * 24 * 60);

/// One pass that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its short name, drawn at random, by which an organiser revokes it.
    pub id: String,
    /// Its place in its own history.
    pub version: Version,
    /// What is kept of the pass.
    pub hash: PassHash,
    /// What it makes its holder.
    pub role: Role,
    /// The gathering a steward may count at; none for organisers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathering: Option<Slug>,
    /// The post a steward counts at; none for organisers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// What the organiser calls it; neither asked nor needed is the name of a person.
    pub label: String,
    /// Valid from,
    pub from: UnixMillis,
    /// and before.
    pub until: UnixMillis,
    /// Whether it was taken back.
    pub revoked: bool,
    /// What is kept of the short code on the printed card, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<PassHash>,
    /// The grant whose short code this one was had for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_code_of: Option<String>,
}

/// From when until when a pass is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant,
    pub from: UnixMillis,
    /// and the one after the last.
    pub until: UnixMillis,
}

/// How a grant stands at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its pass is good.
    Valid,
    /// Its window has not begun.
    NotYet,
    /// Its window is over.
    Expired,
    /// It was taken back, or the one whose short code it was had for.
    Revoked,
}

/// Why a pass or a code proved nothing. For organisers and logs: whoever shows it is told no more than that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Denial {
    /// Never given out here.
    #[error("it was never given out here")]
    Wrong,
    /// Taken back.
    #[error("it was revoked")]
    Revoked,
    /// Too late.
    #[error("its time is over")]
    Expired,
    /// Too early.
    #[error("its time has not come yet")]
    NotYet,
    /// Good, but not for that.
    #[error("it is for another gathering, or not for this")]
    Foreign,
    /// Its short code has let in as many as it may.
    #[error("its short code has let in {MAX_DEVICES} devices, which is the most")]
    TooMany,
}

impl Denial {
    /// Every reason.
    pub const ALL: [Self; 6] = [Self::Wrong, Self::Revoked, Self::Expired, Self::NotYet, Self::Foreign, Self::TooMany];

    /// The stable word for it, in metrics, logs and the organiser's list.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Foreign => "foreign",
            Self::TooMany => "too_many",
        }
    }
}

impl Standing {
    /// The stable word for it in the organiser's list.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Whether the pass is good.
    ///
    /// # Errors
    /// Why not.
    pub const fn check(self) -> Result<(), Denial> {
        match self {
            Self::Valid => Ok(()),
            Self::NotYet => Err(Denial::NotYet),
            Self::Expired => Err(Denial::Expired),
            Self::Revoked => Err(Denial::Revoked),
        }
    }
}

/// What an organiser asked for that cannot be granted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GrantError {
    /// A label beyond its limits.
    #[error("a label has at most {MAX_LABEL_CHARS} letters in one line; this one has {0}, or a control character")]
    Label(usize),
    /// A window that ends before it begins.
    #[error("the link would end before it begins; give an end that is later than the beginning")]
    Backwards,
    /// A window that is over.
    #[error("the link would be over already; give an end that is still to come")]
    Past,
    /// A window beyond [`MAX_WINDOW`].
    #[error("the link would be good for more than 31 days, the most a link may be; make another one later")]
    TooLong,
    /// No such gathering.
    #[error("there is no gathering \"{0}\" here; import it first, or check its id in the list")]
    Gathering(Slug),
    /// More than [`MAX_GRANTS`].
    #[error("{MAX_GRANTS} links have been made, the most that are kept; revoked ones stay in the list")]
    TooMany,
    /// No grant of that id.
    #[error("there is no link \"{0}\"; ids are in the list of links")]
    Unknown(String),
    /// To be exchanged or moved, but taken back.
    #[error("link {0} is revoked for good; make a new one")]
    Revoked(String),
    /// To be exchanged, but over.
    #[error("link {0} is over; make a new one")]
    Over(String),
    /// To be exchanged, but a node's own.
    #[error("link {0} is the organiser's pass of a node; revoke it, and delete organiser.pass there to have another")]
    Organisers(String),
    /// To be exchanged, but had for a short code.
    #[error("link {id} was had for the short code of {parent}; exchange {parent}, which takes all back that were")]
    ByCode {
        /// Which.
        id: String,
        /// Whose code it was.
        parent: String,
    },
}

impl GrantError {
    /// The stable word for it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Label(_) => "bad_label",
            Self::Backwards | Self::Past | Self::TooLong => "bad_window",
            Self::Gathering(_) => "unknown_gathering",
            Self::TooMany => "too_many_passes",
            Self::Unknown(_) => "unknown_pass",
            Self::Revoked(_) => "revoked",
            Self::Over(_) => "expired",
            Self::ByCode { .. } => "by_code",
            Self::Organisers(_) => "organisers",
        }
    }
}

impl Window {
    /// The day of a moment at `at`: a rehearsal before, whoever comes late after.
    pub fn around(at: UnixMillis) -> Self {
        Self { from: at - OPENS_BEFORE, until: at + CLOSES_AFTER }
    }

    /// The window that was asked for, `around` the moment where nothing was said.
    ///
    /// # Errors
    /// [`GrantError`]: one that is over at `now`, ends before it begins, or is longer than [`MAX_WINDOW`].
    pub fn asked(
        from: Option<UnixMillis>,
        until: Option<UnixMillis>,
        around: UnixMillis,
        now: UnixMillis,
    ) -> Result<Self, GrantError> {
        let day = Self::around(around);
        let window = Self { from: from.unwrap_or(day.from), until: until.unwrap_or(day.until) };
        match window {
            Self { from, until } if until <= from => Err(GrantError::Backwards),
            Self { until, .. } if until <= now => Err(GrantError::Past),
            Self { from, until } if until - from > MAX_WINDOW => Err(GrantError::TooLong),
            window => Ok(window),
        }
    }

    /// Whether an instant lies in it.
    pub fn contains(self, at: UnixMillis) -> bool {
        self.from <= at && at < self.until
    }
}

impl Grant {
    /// From when until when its pass is good.
    pub fn window(&self) -> Window {
        Window { from: self.from, until: self.until }
    }

    /// How it stands by itself; [`Grants::standing`](super::grants::Grants::standing) knows of its parent too.
    pub fn standing(&self, now: UnixMillis) -> Standing {
        if self.revoked {
            Standing::Revoked
        } else if now < self.from {
            Standing::NotYet
        } else if now >= self.until {
            Standing::Expired
        } else {
            Standing::Valid
        }
    }

    /// Whether it is for this gathering.
    pub fn is_for(&self, gathering: &Slug) -> bool {
        self.gathering.as_ref() == Some(gathering)
    }
}

/// An id from random bytes, which the caller must draw from the operating system: [`ID_LETTERS`] of a to z.
pub fn id_from_random(bytes: [u8; ID_LETTERS]) -> String {
    bytes.map(|byte| char::from(b'a' + byte % 26)).iter().collect()
}

/// A label as it is kept: without spaces around it, and possibly empty.
///
/// # Errors
/// [`GrantError::Label`], if it is longer than [`MAX_LABEL_CHARS`] or would not stand in one line.
pub fn label(text: &str) -> Result<String, GrantError> {
    let label = text.trim();
    let chars = label.chars().count();
    if chars > MAX_LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(GrantError::Label(chars));
    }
    Ok(label.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::pass::{Pass, SECRET_BYTES};

    /// A steward's pass, told apart by one byte, and what would be kept of it: good from 100 until before 200.
    pub(in crate::domain) fn granted(id: &str, secret: u8) -> (Pass, Grant) {
        let pass = Pass::from_random(Role::Steward, [secret; SECRET_BYTES]);
        let grant = Grant {
            id: id.to_owned(),
            version: Version { rev: 1, node: "a".parse().unwrap() },
            hash: pass.hash(),
            role: Role::Steward,
            gathering: Some("bath".parse().unwrap()),
            post: Some("North gate".parse().unwrap()),
            label: String::new(),
            from: UnixMillis(100),
            until: UnixMillis(200),
            revoked: false,
            code: None,
            by_code_of: None,
        };
        (pass, grant)
    }

    #[test]
    fn a_pass_is_good_from_its_first_instant_to_before_its_last_unless_revoked() {
        let (_, grant) = granted("a", 1);
        let revoked = Grant { revoked: true, ..grant.clone() };
        for (now, standing) in
            [(99, Standing::NotYet), (100, Standing::Valid), (199, Standing::Valid), (200, Standing::Expired)]
        {
            assert_eq!(grant.standing(UnixMillis(now)), standing, "{now}");
            assert_eq!(grant.window().contains(UnixMillis(now)), standing == Standing::Valid);
            assert_eq!(revoked.standing(UnixMillis(now)), Standing::Revoked, "{now}");
        }
    }

    #[test]
    fn a_window_is_the_moments_day_unless_somebody_says_otherwise() {
        let hour = 3_600_000;
        let (moment, now) = (UnixMillis(1_000 * hour), UnixMillis(900 * hour));
        let asked = |from: Option<i64>, until: Option<i64>| {
            Window::asked(from.map(UnixMillis), until.map(UnixMillis), moment, now).map(|w| (w.from.0, w.until.0))
        };
        assert_eq!(asked(None, None), Ok((976 * hour, 1_006 * hour)));
        assert_eq!(asked(Some(990 * hour), None), Ok((990 * hour, 1_006 * hour)));
        assert_eq!(asked(Some(1_007 * hour), None), Err(GrantError::Backwards));
        assert_eq!(asked(Some(800 * hour), Some(900 * hour)), Err(GrantError::Past));
        assert_eq!(asked(None, Some((976 + 31 * 24) * hour)), Ok((976 * hour, (976 + 31 * 24) * hour)));
        assert_eq!(asked(None, Some((976 + 31 * 24) * hour + 1)), Err(GrantError::TooLong));
        assert_eq!(asked(Some(i64::MIN), Some(i64::MAX)), Err(GrantError::TooLong));
    }

    #[test]
    fn ids_and_labels_are_short_and_plain() {
        assert_eq!(id_from_random([0, 25, 26, 255, 51, 1]), "azavzb");
        assert_eq!(label("  second phone "), Ok("second phone".to_owned()));
        assert_eq!(label(""), Ok(String::new()));
        assert_eq!(label(&"é".repeat(MAX_LABEL_CHARS + 1)), Err(GrantError::Label(41)));
        assert!(label("two\nlines").is_err());
    }

    #[test]
    fn every_denial_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<_> = Denial::ALL.map(Denial::as_str).into();
        assert_eq!(words.len(), Denial::ALL.len());
    }
}
