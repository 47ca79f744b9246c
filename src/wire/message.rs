//! The messages, in both directions.

use serde::{Deserialize, Serialize};

use crate::domain::{
    device::Device,
    estimate::Estimate,
    gathering::Slug,
    moment::{Cue, Moment, Status},
    pass::Role,
    post::Post,
    tally::{Tally, Totals},
    text::{Lang, Texts},
    time::{Millis, Minute, UnixMillis},
};

/// The subprotocol every page asks for, and the server answers with.
pub const SUBPROTOCOL: &str = "oneoclock.v1";

/// How a pass travels: as a second subprotocol, this and then the pass.
pub const PASS_SUBPROTOCOL_PREFIX: &str = "pass.";

/// What a page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromPage {
    /// Who it is; the first thing it says. Said again when it moves to another gathering.
    Hello(Hello),
    /// A question for the server's time.
    Ping {
        /// The page's own number of the question.
        seq: u32,
        /// The page's clock as it asked, in its own milliseconds; comes back as it was.
        c1: f64,
    },
    /// Whether it can be seen now.
    Visible {
        /// Hidden pages are counted out, and get no boards.
        visible: bool,
        /// As in [`Hello`].
        #[serde(default = "yes", skip_serializing_if = "is_so")]
        counted: bool,
    },
    /// What a steward's device has counted in one minute, as growing totals.
    Tally(Tally),
    /// A number that a steward typed.
    Estimate(Estimate),
    /// The roll-call of the steward's gathering.
    Ready {
        /// Whether it is ready.
        ready: bool,
    },
    /// People taking part away from any listed gathering.
    Elsewhere {
        /// How many the page speaks for, 0 to 9; 0 takes it back.
        party: u32,
        /// A number drawn for this claim alone, so that saying it again changes nothing. It is never kept.
        claim: Device,
    },
    /// A message of a later version of the protocol.
    #[serde(other)]
    Unknown,
}

/// A page's introduction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Whom it speaks for; a steward or an organiser must have come with a pass.
    pub role: Role,
    /// The gathering it is at; none for the national room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathering: Option<String>,
    /// The language its reader wants.
    pub lang: String,
    /// A steward's device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Whether it can be seen now.
    pub visible: bool,
    /// The seat that it was given last, on a connection that broke, as in [`FromServer::Welcome`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Whether it counts as a phone; no, if another page of the same browser already does. Left out, it does.
    #[serde(default = "yes", skip_serializing_if = "is_so")]
    pub counted: bool,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_so(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_not(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_none_of_them(people: &u64) -> bool {
    *people == 0
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromServer {
    /// The answer to `hello`; the newest `moment` and `board` follow at once.
    Welcome {
        /// The node that speaks.
        node: String,
        /// Names the stretch of time over which the server's clock did not step.
        epoch: u32,
        /// The server's time as this was written.
        now: UnixMillis,
        /// The server's own clock bound in milliseconds; null if unknown.
        err: Option<f64>,
        /// The longest time between two signs of life, in milliseconds.
        beat: u64,
        /// The [word](super::seat::SeatWord) for the seat; for phones only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<String>,
    },
    /// The instant, in one language.
    Moment(MomentMessage),
    /// The figures.
    Board(BoardMessage),
    /// The answer to `ping`.
    Pong {
        /// The page's own number of the question.
        seq: u32,
        /// The page's clock as it asked.
        c1: f64,
        /// The server's time as the question left the socket, Unix milliseconds with a fraction.
        s2: f64,
        /// The server's time just before this was written, Unix milliseconds with a fraction.
        s3: f64,
        /// Names the stretch of time over which the server's clock did not step.
        epoch: u32,
        /// The server's own clock bound in milliseconds; null if unknown.
        err: Option<f64>,
    },
    /// Something is on disk now.
    Kept(Kept),
    /// What a steward counts, and what is known of it.
    Duty(Duty),
    /// Something was not done.
    Refused {
        /// The message it answers.
        of: String,
        /// A stable word for programs.
        reason: String,
        /// A sentence for a person.
        say: String,
    },
    /// The server is about to close; a close frame follows.
    Bye {
        /// How long this page is to wait before it comes back, in milliseconds.
        retry_ms: u64,
    },
}

/// What is on disk now, by what it was called when it was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Kept {
    /// A device's minute, with these totals or larger ones.
    Tally {
        /// The post.
        post: Post,
        /// The device.
        device: Device,
        /// The minute.
        minute: Minute,
        /// The totals that are kept.
        #[serde(flatten)]
        totals: Totals,
        /// Whether an organiser is to look at it before it counts.
        held: bool,
    },
    /// A typed number.
    Estimate {
        /// The device.
        device: Device,
        /// The device's own number of it.
        seq: u32,
        /// Whether an organiser is to look at it before it counts.
        held: bool,
    },
    /// The roll-call.
    Ready {
        /// Whether the gathering is ready.
        ready: bool,
    },
    /// People elsewhere.
    Elsewhere {
        /// How many the page speaks for.
        party: u32,
        /// Which claim.
        claim: Device,
    },
}

/// What a steward counts, and what is known of it: the answer to a steward's `hello`, and said again with every change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// The gathering.
    pub gathering: Slug,
    /// What it is called.
    pub name: String,
    /// Town or city.
    pub place: String,
    /// The post.
    pub post: Post,
    /// The pass is valid from
    pub from: UnixMillis,
    /// and before.
    pub until: UnixMillis,
    /// Whether the gathering said in the roll-call that it is ready.
    pub ready: bool,
    /// People present at the post, by everybody who counts there.
    pub post_people: u32,
    /// People present at the gathering.
    pub people: u32,
    /// Entries of this gathering that an organiser is to look at.
    pub held: u32,
    /// Whoever counts at this post.
    pub devices: Vec<DeviceAtPost>,
}

/// One of those who count at a post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceAtPost {
    /// The first eight digits of its number.
    pub device: String,
    /// What it has counted, less what it took back.
    pub counted: i64,
    /// Whether it is connected now.
    pub live: bool,
}

/// The instant, as pages hear of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentMessage {
    /// Counts up with every change; 0 while nobody has set one.
    pub rev: u64,
    /// When it is.
    pub at: UnixMillis,
    /// The IANA zone it was agreed in.
    pub zone: String,
    /// The time on the wall there, ISO 8601 without an offset.
    pub civil: String,
    /// What it is called.
    pub name: String,
    /// Whether it will happen.
    pub status: Status,
    /// The language `words` is in, which may not be the reader's own.
    pub lang: String,
    /// What to do at the moment; empty when nothing was written.
    pub words: String,
    /// What to show around it.
    pub cues: Vec<CueMessage>,
    /// Short news from the organisers, newest first.
    pub notices: Vec<String>,
}

/// Something to show at an offset from the moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CueMessage {
    /// Milliseconds from the moment; negative is before.
    pub offset: Millis,
    /// The language `words` is in.
    pub lang: String,
    /// What to show.
    pub words: String,
}

impl MomentMessage {
    /// The moment for a reader of `lang`.
    pub fn of(moment: &Moment, lang: &Lang) -> Self {
        let read = |texts: &Texts| {
            let (l, words) = texts.for_reader(lang).map_or((*lang, ""), |(l, t)| (*l, t));
            (l.to_string(), words.to_owned())
        };
        let (words_lang, words) = read(&moment.words);
        let cue = |cue: &Cue| {
            let (lang, words) = read(&cue.words);
            CueMessage { offset: cue.offset, lang, words }
        };
        Self {
            rev: moment.version.rev,
            at: moment.at,
            zone: moment.zone.clone(),
            civil: moment.civil.to_string(),
            name: moment.name.clone(),
            status: moment.status,
            lang: words_lang,
            words,
            cues: moment.cues.iter().map(cue).collect(),
            notices: Vec::new(),
        }
    }
}

/// The figures, as pages hear of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardMessage {
    /// The send stamp: the same for all readers of one broadcast.
    pub t: UnixMillis,
    /// Names the stretch of time over which the server's clock did not step.
    pub epoch: u32,
    /// The revision of the moment.
    pub rev: u64,
    /// Phones live in the whole country. Never people.
    pub phones: u32,
    /// Phones live at the reader's own gathering, if it has one: rounded to five, 0 for fewer than ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<u32>,
    /// People at the reader's own gathering, if it has one that has reported: rounded to five, 0 for fewer than ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    /// People taking part, from stewards' reports and those elsewhere; never from phones.
    pub taking_part: u64,
    /// Its low end.
    pub low: u64,
    /// Its high end.
    pub high: u64,
    /// Of those taking part, people elsewhere, by their own word.
    #[serde(default, skip_serializing_if = "is_none_of_them")]
    pub elsewhere: u64,
    /// Gatherings that have reported.
    pub reported: u32,
    /// Gatherings there are.
    pub gatherings: u32,
    /// Gatherings that said they are ready.
    pub ready: u32,
    /// Whether they hold all that every node knows. Left out, they do; a phone's traffic need not say so.
    #[serde(default = "yes", skip_serializing_if = "is_so")]
    pub exact: bool,
    /// Nodes whose figures are in, if some are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes_reporting: Option<u32>,
    /// Nodes there should be, if some are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes_expected: Option<u32>,
    /// When the figures were exact for the last time; none while they are, and if this node never knew them so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<UnixMillis>,
    /// Whether the organisers have signed the figures off; until then they are provisional.
    #[serde(default, rename = "final", skip_serializing_if = "is_not")]
    pub signed_off: bool,
}

/// What a `hello` said about a gathering: nothing, one by its slug, or something that is no slug.
pub fn gathering_named(hello: &Hello) -> Option<Result<Slug, &str>> {
    let text = hello.gathering.as_deref().filter(|t| !t.is_empty())?;
    Some(text.parse().map_err(|_| text))
}
