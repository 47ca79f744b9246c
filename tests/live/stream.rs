//! A page on `/live/events`: spoken by hand, so that it can also stop listening.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{patience::PATIENCE, world::World};

/// An event stream, and all it has said.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    text: String,
}

impl Stream {
    /// Opens `/live/events` with this query, and reads the first board.
    pub(crate) async fn open(world: &World, query: &str) -> Self {
        let mut stream = Self::ask(world, query, None).await;
        stream.until("the first board", |stream| stream.board().is_some()).await;
        assert!(stream.text.starts_with("HTTP/1.1 200 "), "{}", stream.text);
        stream
    }

    /// Opens one that has room for so many bytes which were not read yet, and reads none.
    pub(crate) async fn deaf(world: &World, bytes: u32) -> Self {
        Self::ask(world, "", Some(bytes)).await
    }

    async fn ask(world: &World, query: &str, receiving: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receiving {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let mut socket = socket.connect(world.address).await.unwrap();
        let head = format!("GET /live/events{query} HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
        socket.write_all(head.as_bytes()).await.unwrap();
        Self { socket, text: String::new() }
    }

    /// Reads until `state` holds; `what` names it if it does not come.
    pub(crate) async fn until(&mut self, what: &str, state: impl Fn(&Self) -> bool) {
        let come = async {
            while !state(self) {
                if !self.read().await {
                    return state(self);
                }
            }
            true
        };
        let come = timeout(PATIENCE, come).await;
        assert_eq!(come, Ok(true), "{what} did not come: {}", self.text);
    }

    /// Reads until the server has ended it.
    pub(crate) async fn until_end(&mut self) {
        let end = timeout(PATIENCE, async { while self.read().await {} }).await;
        assert!(end.is_ok(), "it did not end: {}", self.text);
    }

    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = self.socket.read(&mut bytes).await.unwrap_or(0);
        self.text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    /// What came before the events, in small letters.
    pub(crate) fn head(&self) -> String {
        self.text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase()
    }

    /// Every event, oldest first.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = Value> {
        // A line that is not whole yet is no JSON yet.
        self.text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
    }

    /// The newest event of a kind.
    pub(crate) fn newest(&self, kind: &str) -> Option<Value> {
        self.events().rfind(|event| event["type"] == kind)
    }

    /// The newest board.
    pub(crate) fn board(&self) -> Option<Value> {
        self.newest("board")
    }
}
