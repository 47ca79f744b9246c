//! The way to the other nodes: an engine that carries messages, and promises nothing else.
//!
//! What is lost on the way is noticed by [`Peers`](crate::domain::peers::Peers), and asked for again; so nothing here
//! waits, and nothing is sent twice.

use std::{fmt::Debug, future::ready, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::Receiver;

use crate::domain::version::NodeId;

mod nats;
mod solo;

pub use nats::{Address, AddressError, Engine, EngineError, nats, try_out};
pub use solo::solo;

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    /// Every node, this one included: hearing oneself is how one knows that the others can hear.
    All,
    /// One of them.
    One(&'a NodeId),
}

/// What comes from the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message. Those of one node to all come in the order it sent them, if they come.
    Came(Bytes),
    /// The engine can be reached.
    Up,
    /// It cannot.
    Down,
}

/// The way to the other nodes.
pub trait Mesh: Debug + Send + Sync {
    /// Sends a message, if there is a way and room; never waits.
    fn send(&self, to: To<'_>, message: Vec<u8>);

    /// Waits until what was sent has left this machine, or until it would be too late: for a last word.
    fn flush(&self, within: Duration) -> BoxFuture<'_, ()> {
        let _ = within;
        Box::pin(ready(()))
    }
}

/// A way to the other nodes, and what comes by it.
#[derive(Debug)]
pub struct Ends {
    /// The way out.
    pub mesh: Box<dyn Mesh>,
    /// The way in; none where there are no other nodes.
    pub events: Option<Receiver<Event>>,
}
