//! What the client says of its connection: to the hub, and in the log, once per spell.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_nats::{ClientError, ConnectErrorKind, Event, ServerError};
use tokio::sync::watch::Sender;
use tracing::{debug, info, warn};

use super::error::why;

/// Something that was not said for so long is said again when it comes again.
const SPELL: Duration = Duration::from_secs(60);

/// Different complaints that are kept apart: more than a client and its servers have words for.
const COMPLAINTS: usize = 16;

/// Most of a complaint that is logged, in characters: a server's words come from outside.
const LONGEST_WORDS: usize = 200;

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// Whether there is one.
    pub(super) up: bool,
    /// How often it was lost.
    pub(super) breaks: u64,
}

/// Takes what the client says, without ever making it wait: it lets go of what it cannot say at once.
#[derive(Debug)]
pub(super) struct Teller {
    link: Sender<Link>,
    spells: Mutex<Spells>,
}

#[derive(Debug, Default)]
struct Spells(BTreeMap<String, Instant>);

impl Teller {
    /// Tells `link`.
    pub(super) fn new(link: Sender<Link>) -> Self {
        Self { link, spells: Mutex::default() }
    }

    /// Tells of an event.
    pub(super) fn tell(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.link.send_modify(|link| link.up = true);
                info!("the NATS server is reached: other nodes can be heard");
            }
            Event::Disconnected => {
                self.link.send_modify(|link| *link = Link { up: false, breaks: link.breaks + 1 });
                warn!("the NATS server is lost: other nodes cannot be heard; still serving, and trying again");
            }
            Event::SlowConsumer(_) => {
                if self.begins("slow") {
                    warn!("other nodes say more than this one takes in; what was let go will be asked for again");
                }
            }
            Event::ServerError(error) => self.complain(&match error {
                ServerError::AuthorizationViolation => why(ConnectErrorKind::AuthorizationViolation).to_owned(),
                ServerError::SlowConsumer(_) => "this node reads too slowly".to_owned(),
                ServerError::Other(words) => words.chars().take(LONGEST_WORDS).collect(),
            }),
            Event::ClientError(error) => self.complain(&words(error)),
            Event::LameDuckMode | Event::Draining | Event::Closed => debug!(%event, "the NATS connection is to end"),
        }
    }

    /// Tells that a message was let go because it is larger than the engine takes.
    pub(super) fn too_large(&self, bytes: usize, limit: usize) {
        if self.begins("large") {
            warn!(
                bytes,
                limit,
                "a message to other nodes was let go: the NATS server takes none so large; raise its max_payload"
            );
        }
    }

    fn complain(&self, reason: &str) {
        if self.begins(reason) {
            warn!(
                ?reason,
                "the NATS server does not do as it should; `oneoclock check` with the same settings tells more"
            );
        }
    }

    fn begins(&self, what: &str) -> bool {
        self.spells.lock().unwrap_or_else(PoisonError::into_inner).begins(what, Instant::now())
    }
}

impl Spells {
    /// Whether something that is so `now` was not so lately.
    fn begins(&mut self, what: &str, now: Instant) -> bool {
        self.0.retain(|_, last| now.duration_since(*last) < SPELL);
        if let Some(last) = self.0.get_mut(what) {
            *last = now;
            return false;
        }
        let room = self.0.len() < COMPLAINTS;
        if room {
            self.0.insert(what.to_owned(), now);
        }
        room
    }
}

/// What a failed try means: of that, the client tells only the kind, as a text.
fn words(error: &ClientError) -> String {
    use ConnectErrorKind as Kind;
    let ClientError::Other(said) = error else { return error.to_string() };
    let kinds = [
        Kind::ServerParse,
        Kind::Dns,
        Kind::Authentication,
        Kind::AuthorizationViolation,
        Kind::TimedOut,
        Kind::Tls,
        Kind::Io,
    ];
    let kind = kinds.into_iter().find(|kind| kind.to_string() == *said);
    kind.map_or_else(|| said.chars().take(LONGEST_WORDS).collect(), |kind| why(kind).to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch::channel;

    use super::*;

    #[test]
    fn a_complaint_is_made_once_until_it_has_rested() {
        let mut spells = Spells::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let said = [(0, "a"), (1, "a"), (2, "b"), (60, "a"), (119, "a"), (180, "a")]
            .map(|(s, what)| spells.begins(what, at(s)));
        assert_eq!(said, [true, false, true, false, false, true]);
        let many = (0..100).filter(|n| spells.begins(&n.to_string(), at(181))).count();
        assert_eq!(many, COMPLAINTS - 1);
    }

    #[test]
    fn a_break_is_seen_though_it_is_over_when_one_looks() {
        let (link, mut seen) = channel(Link::default());
        let teller = Teller::new(link);
        [Event::Connected, Event::Disconnected, Event::Connected].iter().for_each(|event| teller.tell(event));
        assert_eq!(*seen.borrow_and_update(), Link { up: true, breaks: 1 });
    }

    #[test]
    fn what_the_client_says_of_a_failed_try_is_put_in_words() {
        let said = |kind: ConnectErrorKind| words(&ClientError::Other(kind.to_string()));
        assert_eq!(said(ConnectErrorKind::AuthorizationViolation), why(ConnectErrorKind::AuthorizationViolation));
        assert_eq!(words(&ClientError::Other("other".to_owned())), "other");
    }
}
