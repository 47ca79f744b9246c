//! One HTTP request, and its answer: spoken by hand, because a library would be too polite.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::patience::PATIENCE;

/// What a server said before it closed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The answer to `request`, which is sent as it is; `None` if there was none.
    pub(crate) async fn to(address: SocketAddr, request: &[u8]) -> Option<Self> {
        let mut socket = TcpStream::connect(address).await.ok()?;
        // A server that has heard enough may close while this is being written; its answer can still be read.
        let _ = socket.write_all(request).await;
        Self::from(&mut socket).await
    }

    /// The next answer on `socket`; `None` if it closes without one.
    pub(crate) async fn from(socket: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let read = async {
            loop {
                if let Some(whole) = Self::whole(&String::from_utf8_lossy(&bytes)) {
                    return Some(whole);
                }
                if matches!(socket.read_buf(&mut bytes).await, Ok(0) | Err(_)) {
                    return None;
                }
            }
        };
        let read = timeout(PATIENCE, read).await;
        read.unwrap_or_else(|_| {
            panic!("the server neither closed nor said more than {:?}", String::from_utf8_lossy(&bytes))
        })
    }

    fn whole(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        let whole = body.len() >= length.unwrap_or(0);
        whole.then(|| Self { status, head, body: body.to_owned() })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The stable word of a refusal.
    pub(crate) fn reason(&self) -> String {
        self.json()["reason"].as_str().unwrap_or_default().to_owned()
    }
}
