//! A display on one node: what its boards say, and since when.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::{net::TcpStream, sync::watch, task::JoinSet, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use super::Fault;

/// The library's own 128 KiB would be cleared before every read.
const READ_BYTES: usize = 2 * 1024;

/// What a display says first.
const HELLO: &str = r#"{"type":"hello","role":"display","lang":"en","visible":true}"#;

/// The parts of a board that matter here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Board {
    pub(crate) phones: i64,
    pub(crate) gatherings: u32,
    #[serde(default = "yes")]
    pub(crate) exact: bool,
    pub(crate) nodes_reporting: Option<u32>,
    pub(crate) nodes_expected: Option<u32>,
}

const fn yes() -> bool {
    true
}

/// A display; dropping it switches it off.
pub(crate) struct Display {
    newest: watch::Receiver<Option<Board>>,
    all: Arc<Mutex<Vec<(Instant, Board)>>>,
    _watching: JoinSet<()>,
}

/// Asks for `/live` on a new connection.
pub(crate) async fn greet(server: SocketAddr, socket: TcpStream) -> Result<WebSocketStream<TcpStream>, Fault> {
    let mut request = format!("ws://{server}/live").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "oneoclock.v1".parse()?);
    socket.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BYTES).write_buffer_size(0);
    Ok(client_async_with_config(request, socket, Some(config)).await?.0)
}

impl Display {
    /// Switches one on.
    pub(crate) async fn on(server: SocketAddr) -> Result<Self, Fault> {
        let mut line = greet(server, TcpStream::connect(server).await?).await?;
        line.send(Message::text(HELLO)).await?;
        let (newest, see) = watch::channel(None);
        let all = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&all);
        let mut watching = JoinSet::new();
        watching.spawn(async move {
            while let Some(Ok(message)) = line.next().await {
                let Message::Text(text) = message else { continue };
                if !text.starts_with(r#"{"type":"board""#) {
                    continue;
                }
                let Ok(board) = serde_json::from_str::<Board>(&text) else { continue };
                seen.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), board.clone()));
                newest.send_replace(Some(board));
            }
        });
        Ok(Self { newest: see, all, _watching: watching })
    }

    /// Whether its newest board is `as_wanted`.
    pub(crate) fn shows(&self, as_wanted: impl Fn(&Board) -> bool) -> bool {
        self.newest.borrow().as_ref().is_some_and(as_wanted)
    }

    /// Waits until it is; false if that takes over `limit`.
    pub(crate) async fn until(&self, limit: Duration, as_wanted: impl Fn(&Board) -> bool) -> bool {
        let mut newest = self.newest.clone();
        let shown = newest.wait_for(|board| board.as_ref().is_some_and(&as_wanted));
        matches!(timeout(limit, shown).await, Ok(Ok(_)))
    }

    /// The boards since `then`, and when they came.
    pub(crate) fn since(&self, then: Instant) -> Vec<(Instant, Board)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(at, _)| *at >= then).cloned().collect()
    }

    /// Its newest board in a few words.
    pub(crate) fn words(&self) -> String {
        self.newest.borrow().as_ref().map_or_else(
            || "no board".to_owned(),
            |Board { phones, exact, nodes_reporting, nodes_expected, .. }| {
                let of = |n: &Option<u32>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
                format!("{phones} phones, exact {exact}, {} of {}", of(nodes_reporting), of(nodes_expected))
            },
        )
    }
}
