//! The engine: NATS, used as a bus. Nothing is stored there.

use std::{path::PathBuf, time::Duration};

use async_nats::{Client, ConnectOptions, ServerAddr, connection::State};
use futures_util::StreamExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Ends, Event, Mesh, To};
use crate::domain::version::NodeId;

/// Where every message goes; the number is that of the protocol.
const ALL: &str = "oneoclock.1.all";

/// Where messages for one node go, before its name.
const ONE: &str = "oneoclock.1.to.";

/// Messages that may wait for the engine: some seconds of everything a node has to say.
const OUTBOUND: usize = 1_024;

/// Messages that may wait for the hub: as many as all other nodes send while a disk is slow.
const INBOUND: usize = 4_096;

/// How long the engine may be silent before it is asked for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(1);

/// An address of the engine.
pub type Address = ServerAddr;

/// How to reach the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its addresses; any of them will do.
    pub addresses: Vec<Address>,
    /// File with credentials (a JWT and its seed), as NATS issues them.
    pub credentials: Option<PathBuf>,
    /// File with the certificates that the engine's is signed with, if the system does not know them.
    pub authority: Option<PathBuf>,
}

#[derive(Debug)]
struct Nats(Sender<(String, Vec<u8>)>);

/// Why the engine cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The settings of the connection.
    #[error("cannot use the NATS server: {0}")]
    Settings(#[from] async_nats::ConnectError),
}

/// The mesh of a node that has others; it is joined as soon as the engine can be reached.
///
/// # Errors
/// [`EngineError`]: what keeps the first connection from being tried.
pub async fn nats(node: NodeId, engine: Engine) -> Result<Ends, EngineError> {
    let (come, events) = channel(INBOUND);
    let (send, outbound) = channel(OUTBOUND);
    let told = come.clone();
    let options =
        ConnectOptions::new().name("oneoclock").retry_on_initial_connect().ping_interval(PING_EVERY).event_callback(
            move |event| {
                let told = told.clone();
                async move {
                    let event = match event {
                        async_nats::Event::Connected => Event::Up,
                        async_nats::Event::Disconnected => Event::Down,
                        _ => return,
                    };
                    let _ = told.send(event).await;
                }
            },
        );
    let client = options.connect(engine.addresses).await?;
    #[expect(clippy::disallowed_methods, reason = "ends when the hub lets go of the mesh")]
    tokio::spawn(carry_out(client.clone(), outbound));
    #[expect(clippy::disallowed_methods, reason = "ends when the hub lets go of the mesh")]
    tokio::spawn(carry_in(client, node, come));
    Ok(Ends { mesh: Box::new(Nats(send)), events: Some(events) })
}

async fn carry_out(client: Client, mut outbound: Receiver<(String, Vec<u8>)>) {
    while let Some((subject, message)) = outbound.recv().await {
        // What is queued while there is no connection would come late, and block when the queue is full.
        if client.connection_state() == State::Connected {
            let _ = client.publish(subject, message.into()).await;
        }
    }
}

async fn carry_in(client: Client, node: NodeId, come: Sender<Event>) -> Option<()> {
    let all = client.subscribe(ALL).await.ok()?;
    let one = client.subscribe(format!("{ONE}{node}")).await.ok()?;
    let mut both = futures_util::stream::select(all, one);
    while let Some(message) = both.next().await {
        come.send(Event::Came(message.payload)).await.ok()?;
    }
    None
}

impl Mesh for Nats {
    fn send(&self, to: To<'_>, message: Vec<u8>) {
        let subject = match to {
            To::All => ALL.to_owned(),
            To::One(node) => format!("{ONE}{node}"),
        };
        // Without room it is let go; the others notice.
        let _ = self.0.try_send((subject, message));
    }
}
