//! The engine: NATS, used as a bus. Nothing is stored there.
//!
//! The client connects, and connects again, by itself; [`options`] says how. What it says of its connection goes
//! through [`link`] to the hub and into the log. What the hub says goes straight into the client's queue.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_nats::{Client, Message, PublishErrorKind, connection::State};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream::select};
use tokio::{
    sync::{
        mpsc::{Sender, channel},
        watch,
    },
    task::coop::unconstrained,
    time::timeout,
};

use super::{Ends, Event, Mesh, To};
use crate::domain::version::NodeId;

mod address;
mod error;
mod link;
mod options;
mod trial;

pub use address::{Address, AddressError};
pub use error::EngineError;
use link::{Link, Teller};
pub use trial::try_out;

/// Where every message goes; the number is that of the protocol.
const ALL: &str = "oneoclock.1.all";

/// Where messages for one node go, before its name.
const ONE: &str = "oneoclock.1.to.";

/// Events handed to the hub ahead of its taking them. What else waits, waits with the client, which says so when it
/// has to let go of something.
const AHEAD: usize = 16;

/// How to reach the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its addresses; any of them will do.
    pub addresses: Vec<Address>,
    /// File with credentials (a JWT and its seed), as NATS issues them.
    pub credentials: Option<PathBuf>,
    /// File with the certificates that the engine's is signed with, if the system does not know them. With it, no
    /// connection is made without TLS.
    pub authority: Option<PathBuf>,
}

#[derive(Debug)]
struct Nats {
    client: Client,
    teller: Arc<Teller>,
}

/// The mesh of a node that has others; it is joined as soon as the engine can be reached. Ends when the hub lets go
/// of both ends.
///
/// # Errors
/// [`EngineError`]: what keeps the engine from being tried, such as a file that cannot be used.
pub async fn nats(node: &NodeId, engine: &Engine) -> Result<Ends, EngineError> {
    let (told, link) = watch::channel(Link::default());
    let teller = Arc::new(Teller::new(told));
    let said = Arc::clone(&teller);
    let options = options::options(engine).await?.retry_on_initial_connect().event_callback(move |event| {
        said.tell(&event);
        std::future::ready(())
    });
    let places: Vec<_> = engine.addresses.iter().map(|address| address.place().clone()).collect();
    let client = options.connect(places).await?;
    // Before anything can be said: a node hears its own first word.
    let (all, one) = (client.subscribe(ALL).await?, client.subscribe(format!("{ONE}{node}")).await?);
    let (come, events) = channel(AHEAD);
    #[expect(clippy::disallowed_methods, reason = "ends when the hub lets go of the events")]
    tokio::spawn(carry_in(select(all, one), link, come));
    Ok(Ends { mesh: Box::new(Nats { client, teller }), events: Some(events) })
}

/// Hands over what comes. A break is told before the messages that waited; that there is a connection again, at the
/// latest a moment after its first message.
async fn carry_in(
    mut heard: impl Stream<Item = Message> + Unpin,
    mut link: watch::Receiver<Link>,
    come: Sender<Event>,
) {
    let mut breaks = 0;
    loop {
        let (first, then) = tokio::select! {
            biased;
            () = come.closed() => return,
            changed = link.changed() => {
                let now = *link.borrow_and_update();
                let down = (now.breaks != breaks).then_some(Event::Down);
                breaks = now.breaks;
                match changed {
                    Ok(()) => (down, now.up.then_some(Event::Up)),
                    Err(_) => return,
                }
            }
            message = heard.next() => match message {
                Some(message) => (Some(Event::Came(message.payload)), None),
                None => return,
            },
        };
        for event in [first, then].into_iter().flatten() {
            if come.send(event).await.is_err() {
                return;
            }
        }
    }
}

impl Mesh for Nats {
    fn send(&self, to: To<'_>, message: Vec<u8>) {
        // What is queued while there is no connection would come late.
        if self.client.connection_state() != State::Connected {
            return;
        }
        let subject = match to {
            To::All => ALL.to_owned(),
            To::One(node) => format!("{ONE}{node}"),
        };
        let bytes = message.len();
        // The client waits when its queue is full, and the hub does not: then this is let go, and the others notice.
        // Unconstrained, because a task that has done much would seem to find no room.
        let sent = unconstrained(self.client.publish(subject, message.into())).now_or_never();
        if let Some(Err(error)) = sent
            && error.kind() == PublishErrorKind::MaxPayloadExceeded
        {
            self.teller.too_large(bytes, self.client.max_payload());
        }
    }

    fn flush(&self, within: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if self.client.connection_state() == State::Connected {
                let _ = timeout(within, self.client.flush()).await;
            }
        })
    }
}
