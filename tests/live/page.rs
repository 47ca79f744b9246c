//! A page as the server sees it: a client that folds what it hears into state.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use oneoclock::wire::message::{BoardMessage, FromServer, MomentMessage};
use serde_json::Value;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use super::patience::PATIENCE;

/// One thing that was heard.
#[expect(clippy::large_enum_variant, reason = "nearly all are messages")]
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// A message, as it was written and as it was understood.
    Said(String, FromServer),
    /// The server asked whether anybody is there.
    Asked,
    /// The server answered a ping of ours.
    Answered,
    /// The server closed, with this code.
    Closed(u16),
    /// The connection is gone.
    Gone,
}

/// A client, and all it has heard.
#[derive(Debug)]
pub(crate) struct Page {
    stream: WebSocketStream<TcpStream>,
    heard: Vec<Heard>,
}

impl Page {
    /// A page whose handshake is done.
    pub(crate) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self { stream, heard: Vec::new() }
    }

    /// A page on a socket whose handshake somebody did by hand.
    pub(crate) async fn on(socket: TcpStream) -> Self {
        Self::new(WebSocketStream::from_raw_socket(socket, Role::Client, None).await)
    }

    /// Says something.
    pub(crate) async fn say(&mut self, message: &Value) {
        // A server that has closed meanwhile is what the test will find by reading.
        let _ = self.stream.send(Message::text(message.to_string())).await;
    }

    /// Writes bytes past the library: what no honest client would.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
    }

    /// Listens until `state` holds; `what` names it if it does not come.
    pub(crate) async fn until(&mut self, what: &str, state: impl Fn(&Self) -> bool) {
        self.until_within(PATIENCE, what, state).await;
    }

    /// Listens until `state` holds, for `patience` at most.
    pub(crate) async fn until_within(&mut self, patience: Duration, what: &str, state: impl Fn(&Self) -> bool) {
        let come = async {
            while !state(self) {
                if self.is_over() {
                    return false;
                }
                self.listen().await;
            }
            true
        };
        let come = timeout(patience, come).await;
        if come != Ok(true) {
            let last: Vec<_> = self.heard.iter().rev().take(4).collect();
            panic!("{what}: did not come within {patience:?}; newest first, the page heard {last:?}");
        }
    }

    /// Listens until the server has closed; the code it gave, or none.
    pub(crate) async fn until_closed(&mut self) -> Option<u16> {
        self.until("the end", Self::is_over).await;
        self.heard.iter().rev().find_map(|heard| if let Heard::Closed(code) = heard { Some(*code) } else { None })
    }

    /// Listens, answering pings, for as long as `meanwhile` takes.
    pub(crate) async fn during<T>(&mut self, meanwhile: impl Future<Output = T>) -> T {
        let listening = async {
            while !self.is_over() {
                self.listen().await;
            }
            std::future::pending::<T>().await
        };
        tokio::select! {
            done = meanwhile => done,
            _ = listening => unreachable!("it listens for ever"),
        }
    }

    /// Listens to one thing more; nothing is lost if it is not waited for to the end.
    pub(crate) async fn listen(&mut self) {
        let heard = match self.stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let message = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text}"));
                Heard::Said(text.to_string(), message)
            }
            Some(Ok(Message::Close(frame))) => Heard::Closed(frame.map_or(1005, |frame| frame.code.into())),
            Some(Ok(Message::Ping(_))) => Heard::Asked,
            Some(Ok(Message::Pong(_))) => Heard::Answered,
            Some(Ok(other)) => panic!("no server of ours sends {other:?}"),
            Some(Err(_)) | None => Heard::Gone,
        };
        self.heard.push(heard);
    }

    /// Reads to the end without answering anything; what the server had written since the page last listened.
    pub(crate) async fn into_unread(self) -> Vec<u8> {
        let mut unread = Vec::new();
        let read = timeout(PATIENCE, self.stream.into_inner().read_to_end(&mut unread)).await;
        assert!(matches!(read, Ok(Ok(_))), "the server did not close: {read:?}");
        unread
    }

    /// Whether the connection is gone.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.heard.last(), Some(Heard::Gone))
    }

    /// Everything that was heard, oldest first.
    pub(crate) fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// Every message, oldest first.
    pub(crate) fn messages(&self) -> impl DoubleEndedIterator<Item = &FromServer> {
        self.heard.iter().filter_map(|heard| if let Heard::Said(_, message) = heard { Some(message) } else { None })
    }

    /// Every board, oldest first.
    pub(crate) fn boards(&self) -> impl DoubleEndedIterator<Item = &BoardMessage> {
        self.messages().filter_map(|message| if let FromServer::Board(board) = message { Some(board) } else { None })
    }

    /// The newest board.
    pub(crate) fn board(&self) -> &BoardMessage {
        self.boards().next_back().unwrap()
    }

    /// The newest board, as it was written.
    pub(crate) fn board_text(&self) -> &str {
        let boards = self.heard.iter().rev().filter_map(|heard| match heard {
            Heard::Said(text, FromServer::Board(_)) => Some(text.as_str()),
            _ => None,
        });
        boards.into_iter().next().unwrap()
    }

    /// The newest moment.
    pub(crate) fn moment(&self) -> &MomentMessage {
        let mut moments =
            self.messages().filter_map(|m| if let FromServer::Moment(moment) = m { Some(moment) } else { None });
        moments.next_back().unwrap()
    }

    /// How often the server asked whether anybody is there.
    pub(crate) fn pings(&self) -> usize {
        self.heard.iter().filter(|heard| matches!(heard, Heard::Asked)).count()
    }

    /// The reasons of every refusal, oldest first.
    pub(crate) fn refusals(&self) -> Vec<&str> {
        let reasons = self.messages().filter_map(|message| match message {
            FromServer::Refused { reason, .. } => Some(reason.as_str()),
            _ => None,
        });
        reasons.collect()
    }

    /// The word for the seat it was given last.
    pub(crate) fn seat(&self) -> Option<&str> {
        let seats = self
            .messages()
            .rev()
            .find_map(|m| if let FromServer::Welcome { seat, .. } = m { Some(seat) } else { None });
        seats?.as_deref()
    }

    /// When it was invited back, in milliseconds.
    pub(crate) fn retry_ms(&self) -> Option<u64> {
        self.messages().find_map(|m| if let FromServer::Bye { retry_ms } = m { Some(*retry_ms) } else { None })
    }

    /// Closes in good order, and waits until the server has closed too.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.close(None).await;
        self.until("the server's half of the good-bye", Self::is_over).await;
    }

    /// Goes without a word: the socket is closed as the kernel does it for a process that ends.
    pub(crate) fn vanish(self) {
        drop(self);
    }

    /// Goes with a reset: what a router does to a phone that changed networks.
    pub(crate) fn reset(self) {
        SockRef::from(self.stream.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// A client's frame, masked with zeros: `first` is its first byte, and the length is written as `payload` is long.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..126), _) => bytes.push(0x80 | short),
        (_, Ok(long)) => {
            bytes.push(0xfe);
            bytes.extend(long.to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}
