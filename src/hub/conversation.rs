//! What a page may say, and what it is answered; the same for phones and for the lively few.

use std::sync::Arc;

use super::{Granted, Hub, PASS_REFUSED, audience::Audience, guest::Guest, refusal::Refusal};
use crate::{
    clock::Stamp,
    domain::{gathering::Slug, pass::Role, text::Lang},
    wire::{
        close::Ending,
        message::{FromPage, FromServer, Hello, gathering_named},
        seat::SeatWord,
    },
};

/// Most messages in [`SWEEP`](super::shard::SWEEP): three times a burst of ten clock pings, and then some.
pub(super) const MAX_MESSAGES: u16 = 100;

/// A page that has introduced itself.
pub(super) struct Introduced {
    pub(super) guest: Guest,
    /// What it asked for and did not get, if anything.
    pub(super) refused: Option<FromServer>,
}

/// Reads one message of a page.
pub(super) fn understand(text: &[u8]) -> Result<FromPage, Ending> {
    serde_json::from_slice(text).map_err(|_| Ending::BadMessage)
}

/// The answer to a message of a later version of the protocol.
pub(super) fn unknown_message() -> Refusal {
    let say = "This server does not know that kind of message; it may be older than the page. Reload the page.";
    Refusal::new("message", "unknown_type", say)
}

/// The last word to whoever came with a pass that is not, or no longer, good for what it is used for. Why is for
/// organisers.
pub(super) fn pass_refused() -> Refusal {
    Refusal::new("pass", "pass", PASS_REFUSED)
}

impl Hub {
    /// Gives a page the place it asks for, as far as its pass allows; `granted` is what the pass proved.
    pub(super) fn introduce(&self, hello: &Hello, granted: Option<&Granted>) -> Result<Introduced, Ending> {
        match hello.role {
            Role::Participant | Role::Display => {}
            Role::Steward if granted.is_some_and(|granted| is_home(granted, hello)) => {}
            Role::Organiser if granted.is_some_and(|granted| granted.role == Role::Organiser) => {}
            Role::Steward | Role::Organiser => {
                if let Some(granted) = granted {
                    self.foreign(granted);
                }
                return Err(Ending::NotAllowed);
            }
        }
        let lang = hello.lang.parse().unwrap_or_else(|_| Lang::fallback());
        let home = granted.filter(|_| hello.role == Role::Steward).and_then(Granted::gathering);
        let (audience, refused) = match home.and_then(|slug| self.audience_at(slug)) {
            Some(audience) => (audience, None),
            None => self.audience_named(hello),
        };
        let counted_in = self.meters.count_in(hello.role);
        self.meters.joins.inc();
        Ok(Introduced { guest: Guest::new(hello, lang, audience, counted_in), refused })
    }

    /// The room a page asks for; the national one, and why, if there is no such gathering.
    fn audience_named(&self, hello: &Hello) -> (Arc<Audience>, Option<FromServer>) {
        let unknown = |text: &str| {
            let say = format!(
                "There is no gathering called \"{text}\" here. You are counted in the national room; check the link."
            );
            Some(Refusal::new("hello", "unknown_gathering", say).into())
        };
        match gathering_named(hello) {
            None => (self.national(), None),
            Some(Err(text)) => (self.national(), unknown(&text.chars().take(64).collect::<String>())),
            Some(Ok(slug)) => match self.audience_at(&slug) {
                Some(audience) => (audience, None),
                None => (self.national(), unknown(slug.as_str())),
            },
        }
    }

    /// The first word of a greeting; to a phone with the word for its seat.
    pub(super) fn welcome(&self, seat: Option<SeatWord>) -> FromServer {
        let stamp = self.clock().stamp();
        FromServer::Welcome {
            node: self.node().to_string(),
            epoch: stamp.epoch,
            now: stamp.millis(),
            err: stamp.err_ms,
            beat: u64::try_from(self.tempo().beat.as_millis()).unwrap_or(u64::MAX),
            seat: seat.map(|word| word.to_string()),
        }
    }

    /// The answer to a question for the time that left its socket at `s2`; none if the clock has jumped since, as
    /// nothing can be said then that holds for both stamps. The page asks again.
    pub(super) fn pong(&self, seq: u32, c1: f64, s2: Stamp) -> Option<FromServer> {
        let s3 = self.clock().stamp();
        let Stamp { epoch, err_ms: err, .. } = s3;
        (s2.epoch == epoch).then(|| FromServer::Pong { seq, c1, s2: s2.ms(), s3: s3.ms(), epoch, err })
    }
}

/// Whether a steward asks for its own gathering, or for none, which means its own.
fn is_home(granted: &Granted, hello: &Hello) -> bool {
    let asked: Option<Result<Slug, _>> = gathering_named(hello);
    granted.role == Role::Steward
        && match (granted.gathering(), asked) {
            (Some(_), None) => true,
            (Some(own), Some(Ok(asked))) => *own == asked,
            (None, _) | (_, Some(Err(_))) => false,
        }
}
