//! `oneoclock moment`: the organiser's word on the moment, given to a running server.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{self, BufRead, IsTerminal, Write},
    str::FromStr,
};

use serde::Deserialize;

use super::{
    CommandError,
    client::{Client, ClientError, ServerArgs},
};
use crate::domain::{
    moment::{Cue, DEFAULT_ZONE, Moment, MomentCommand, NEEDS_CONFIRMATION, Status, Wall},
    text::{Lang, Texts},
    time::{Millis, MillisError},
};

/// Where the moment lives on a server.
const PATH: &str = "/api/v1/moment";

/// Shows, sets, holds, resumes, moves or cancels the moment on a running server.
#[derive(Clone, Debug, clap::Args)]
pub struct MomentArgs {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to do with the moment.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Action {
    /// Show the moment as it is
    Show,
    /// Set the moment; what is left out stays as it is
    Set {
        /// Date and time of day on the wall, such as "2027-02-20 13:00"
        #[arg(value_name = "DATE TIME")]
        civil: String,
        /// Time zone of that wall
        #[arg(long, default_value = DEFAULT_ZONE)]
        zone: String,
        /// What it is called
        #[arg(long)]
        name: Option<String>,
        /// What to do at the moment; may be given once per language, such as --words "cy=Breichiau ynghyd"
        #[arg(long, value_name = "[LANG=]TEXT")]
        words: Vec<Said>,
        /// Say nothing at the moment
        #[arg(long, conflicts_with = "words")]
        no_words: bool,
        /// Something to show before or after the moment, such as --cue "-10m=Gather" or --cue "2m=cy=Diolch"
        #[arg(long = "cue", value_name = "OFFSET=[LANG=]TEXT", allow_hyphen_values = true)]
        cues: Vec<SaidAt>,
        /// Show nothing around the moment
        #[arg(long, conflicts_with = "cues")]
        no_cues: bool,
        /// Confirmation for the last five minutes: the new date and time once more
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
        /// The organiser's word for the clock
        #[command(flatten)]
        word: Word,
    },
    /// Make everybody wait for word
    Hold {
        /// Confirmation for the last five minutes: the word hold
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
    },
    /// Take a hold back
    Resume {
        /// The organiser's word for the clock
        #[command(flatten)]
        word: Word,
    },
    /// Give the moment another time
    Move {
        /// Date and time of day on the wall, such as "2027-02-20 13:15"
        #[arg(value_name = "DATE TIME")]
        civil: String,
        /// Time zone of that wall, if it is another one
        #[arg(long)]
        zone: Option<String>,
        /// Confirmation for the last five minutes: the new date and time once more
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
        /// The organiser's word for the clock
        #[command(flatten)]
        word: Word,
    },
    /// Call the moment off
    Cancel {
        /// Confirmation for the last five minutes: the word cancel
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
    },
}

/// The organiser's word for the clock.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Word {
    /// Do it although nothing vouches for the server's clock; that you said so is kept
    #[arg(long)]
    pub unconfirmed_clock: bool,
}

/// A text in a language, written `cy=Diolch`, or without the language when it is English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    lang: Lang,
    text: String,
}

impl FromStr for Said {
    type Err = std::convert::Infallible;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let tagged = written.split_once('=').and_then(|(lang, text)| Some((lang.trim().parse().ok()?, text)));
        let (lang, text) = tagged.unwrap_or_else(|| (Lang::fallback(), written));
        Ok(Self { lang, text: text.to_owned() })
    }
}

/// A text at an offset from the moment, written `-10m=Gather` or `2m=cy=Diolch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidAt {
    offset: Millis,
    said: Said,
}

/// A cue that is not written like one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SaidAtError {
    /// No text.
    #[error("a cue is an offset and a text, such as -10m=Gather")]
    Form,
    /// No offset.
    #[error(transparent)]
    Offset(#[from] MillisError),
}

impl FromStr for SaidAt {
    type Err = SaidAtError;

    fn from_str(written: &str) -> Result<Self, SaidAtError> {
        let (offset, text) = written.split_once('=').ok_or(SaidAtError::Form)?;
        let Ok(said) = text.parse();
        Ok(Self { offset: offset.trim().parse()?, said })
    }
}

impl Action {
    /// What to ask of the server; `None` when it is only to be shown.
    fn command(self) -> Result<Option<MomentCommand>, CommandError> {
        Ok(Some(match self {
            Self::Show => return Ok(None),
            Self::Set { civil, zone, name, words, no_words, cues, no_cues, confirm, word } => {
                let words = (no_words || !words.is_empty()).then(|| texts("--words", words)).transpose()?;
                let cues = (no_cues || !cues.is_empty()).then(|| gather(cues)).transpose()?;
                let Word { unconfirmed_clock } = word;
                MomentCommand::Set { civil, zone, name, words, cues, confirm, unconfirmed_clock }
            }
            Self::Hold { confirm } => MomentCommand::Hold { confirm },
            Self::Resume { word } => MomentCommand::Resume { unconfirmed_clock: word.unconfirmed_clock },
            Self::Move { civil, zone, confirm, word } => {
                MomentCommand::Move { civil, zone, confirm, unconfirmed_clock: word.unconfirmed_clock }
            }
            Self::Cancel { confirm } => MomentCommand::Cancel { confirm },
        }))
    }
}

fn texts(option: &'static str, said: impl IntoIterator<Item = Said>) -> Result<Texts, CommandError> {
    let mut texts = Texts::default();
    for Said { lang, text } in said {
        match texts.0.entry(lang) {
            Entry::Occupied(taken) => return Err(CommandError::TextTwice { option, lang: *taken.key() }),
            Entry::Vacant(free) => free.insert(text),
        };
    }
    Ok(texts)
}

/// Cues at the same offset are one cue in several languages.
fn gather(cues: Vec<SaidAt>) -> Result<Vec<Cue>, CommandError> {
    let mut by_offset: BTreeMap<Millis, Vec<Said>> = BTreeMap::new();
    for SaidAt { offset, said } in cues {
        by_offset.entry(offset).or_default().push(said);
    }
    by_offset.into_iter().map(|(offset, said)| Ok(Cue { offset, words: texts("--cue", said)? })).collect()
}

/// The answer to a command.
#[derive(Deserialize)]
struct Kept {
    kept: Moment,
}

/// Asks the server, and prints the moment as it then is.
///
/// # Errors
/// When the server is not reached or refuses, or the moment is near and the change is not confirmed.
pub async fn run(args: MomentArgs) -> Result<(), CommandError> {
    let moment = match args.action.command()? {
        None => Client::anybody(&args.server)?.get::<Kept>(PATH).await?.kept,
        Some(command) => give(&Client::organiser(&args.server)?, command).await?,
    };
    Ok(describe(&mut io::stdout().lock(), &moment)?)
}

async fn give(client: &Client, command: MomentCommand) -> Result<Moment, CommandError> {
    let say = match send(client, &command).await {
        Err(ClientError::Refused { reason, say }) if reason == NEEDS_CONFIRMATION => say,
        answer => return Ok(answer?),
    };
    if !io::stdin().is_terminal() {
        let typing = command.typing().unwrap_or_default().to_owned();
        return Err(CommandError::Unconfirmed { say, typing });
    }
    let typed = ask(&mut io::stderr().lock(), &mut io::stdin().lock(), &say)?;
    match send(client, &command.confirmed(&typed)).await {
        Err(ClientError::Refused { reason, .. }) if reason == NEEDS_CONFIRMATION => Err(CommandError::NotConfirmed),
        answer => Ok(answer?),
    }
}

async fn send(client: &Client, command: &MomentCommand) -> Result<Moment, ClientError> {
    let body = serde_json::json!(command).to_string();
    Ok(client.post::<Kept>(PATH, "application/json", body).await?.kept)
}

/// Asks a person; nothing else waits meanwhile, so waiting for the keyboard blocks nobody.
fn ask(out: &mut impl Write, keyboard: &mut impl BufRead, say: &str) -> io::Result<String> {
    write!(out, "{say}\n> ")?;
    out.flush()?;
    let mut typed = String::new();
    keyboard.read_line(&mut typed)?;
    Ok(typed.trim().to_owned())
}

fn describe(out: &mut impl Write, moment: &Moment) -> io::Result<()> {
    writeln!(out, "{}", moment.name)?;
    writeln!(out, "  {} in {} ({})", Wall(moment.civil), moment.zone, moment.at_utc())?;
    writeln!(
        out,
        "  {}",
        match moment.status {
            Status::Scheduled if moment.version.rev == 0 => "scheduled, because nobody has set it yet",
            Status::Scheduled => "scheduled",
            Status::Held => "held: everybody waits for word",
            Status::Cancelled => "cancelled: nothing will happen",
        }
    )?;
    if let Some(word) = moment.unconfirmed_clock {
        let (by, when) = (word.by.as_str(), word.at_utc());
        writeln!(out, "  armed by a clock that nothing vouched for, on the word of the {by} at {when}")?;
    }
    let (before, after) = moment.cues.split_at(moment.cues.partition_point(|cue| cue.offset < Millis(0)));
    before.iter().try_for_each(|cue| said(out, &cue.offset.to_string(), &cue.words))?;
    said(out, "at the moment", &moment.words)?;
    after.iter().try_for_each(|cue| said(out, &format!("+{}", cue.offset), &cue.words))
}

fn said(out: &mut impl Write, when: &str, words: &Texts) -> io::Result<()> {
    for (lang, text) in &words.0 {
        writeln!(out, "  {when:<14} {lang}: {}", text.replace('\n', " / "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::domain::time::UnixMillis;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        moment: MomentArgs,
    }

    fn command(line: &[&str]) -> Result<Option<MomentCommand>, CommandError> {
        Line::try_parse_from([&["moment"], line].concat()).unwrap().moment.action.command()
    }

    fn set(line: &[&str]) -> (Option<Texts>, Option<Vec<Cue>>) {
        match command(line).unwrap() {
            Some(MomentCommand::Set { words, cues, .. }) => (words, cues),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_and_cues_gather_their_languages() {
        let (words, cues) = set(&[
            "set",
            "2027-02-20 13:00",
            "--words",
            "1 = one",
            "--words",
            "cy=Breichiau",
            "--cue",
            "2m=Thank you",
            "--cue",
            "-10m=Gather",
            "--cue",
            "2m=cy=Diolch",
        ]);
        let en = |text: &str| (Lang::fallback(), text.to_owned());
        let cy = |text: &str| ("cy".parse().unwrap(), text.to_owned());
        assert_eq!(words.unwrap().0, BTreeMap::from([en("1 = one"), cy("Breichiau")]));
        let cues: Vec<_> = cues.unwrap().into_iter().map(|c| (c.offset, c.words.0)).collect();
        assert_eq!(
            cues,
            [
                (Millis::from_mins(-10), BTreeMap::from([en("Gather")])),
                (Millis::from_mins(2), BTreeMap::from([en("Thank you"), cy("Diolch")])),
            ]
        );
    }

    #[test]
    fn what_is_left_out_is_not_sent_and_what_is_cleared_is_sent_empty() {
        assert_eq!(set(&["set", "2027-02-20 13:00"]), (None, None));
        let cleared = set(&["set", "2027-02-20 13:00", "--no-words", "--no-cues"]);
        assert_eq!(cleared, (Some(Texts::default()), Some(Vec::new())));
        assert!(command(&["set", "2027-02-20 13:00", "--words", "a", "--words", "en=b"]).is_err());
        assert!(command(&["show"]).unwrap().is_none());
    }

    #[test]
    fn cues_that_are_none_are_refused_with_an_example() {
        assert!("Gather".parse::<SaidAt>().unwrap_err().to_string().contains("-10m=Gather"));
        assert!("soon=Gather".parse::<SaidAt>().unwrap_err().to_string().contains("\"soon\" is not a span of time"));
    }

    #[test]
    fn the_moment_reads_well() {
        let mut moment = Moment::default_at(UnixMillis(1_803_100_000_000), &"here".parse().unwrap());
        let (words, cues) =
            set(&["set", "2027-02-20 13:00", "--words", "Link\narms", "--cue", "2m=cy=Diolch", "--cue", "-90s=Now"]);
        (moment.words, moment.cues) = (words.unwrap(), cues.unwrap());
        let mut out = Vec::new();
        describe(&mut out, &moment).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "One o'clock\n  \
             2027-02-20 13:00 in Europe/London (2027-02-20T13:00:00Z)\n  \
             scheduled, because nobody has set it yet\n  \
             -1m30s         en: Now\n  \
             at the moment  en: Link / arms\n  \
             +2m            cy: Diolch\n"
        );
    }

    #[test]
    fn a_person_is_asked_and_heard() {
        let mut out = Vec::new();
        let typed = ask(&mut out, &mut &b" hold \nmore"[..], "sure?").unwrap();
        assert_eq!((typed.as_str(), out.as_slice()), ("hold", &b"sure?\n> "[..]));
    }
}
