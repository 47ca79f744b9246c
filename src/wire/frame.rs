//! Messages as they leave the socket, header included: encoded once, written to many.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::{
    CloseFrame, Frame as WsFrame,
    coding::{CloseCode, Data, OpCode},
};

use super::{
    close::Ending,
    message::{BoardMessage, FromServer},
};

/// An unmasked ping without a payload (RFC 6455 section 5.5.2): the cheapest question "are you there?".
pub const PING: &[u8] = &[0x89, 0x00];

/// A message ready to be written; clones share the bytes.
pub type Frame = Bytes;

/// Encodes one message as one text frame.
pub fn text(message: &FromServer) -> Frame {
    let mut bytes = Vec::new();
    append(&mut bytes, message);
    bytes.into()
}

/// Encodes one message as one text frame behind what `out` already holds.
pub fn append(out: &mut Vec<u8>, message: &FromServer) {
    // Neither step can fail: the messages hold nothing but strings, numbers and lists, and a Vec takes all.
    let json = serde_json::to_vec(message).unwrap_or_default();
    append_frame(out, WsFrame::message(json, OpCode::Data(Data::Text), true));
}

/// The message inside one of our text frames; shares the bytes.
pub fn json_of(frame: &Frame) -> Bytes {
    // RFC 6455 section 5.2: the length of the payload decides the length of the header; ours are never masked.
    let header = match frame.get(1) {
        Some(126) => 4,
        Some(127) => 10,
        _ => 2,
    };
    frame.slice(header.min(frame.len())..)
}

/// Encodes the close frame of an ending; nothing for an ending that has none.
pub fn close(ending: Ending) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(code) = ending.code() {
        let frame = CloseFrame { code: CloseCode::from(code), reason: ending.as_str().into() };
        append_frame(&mut out, WsFrame::close(Some(frame)));
    }
    out
}

fn append_frame(out: &mut Vec<u8>, frame: WsFrame) {
    out.reserve(frame.len());
    let written = frame.format(out);
    debug_assert!(written.is_ok(), "a Vec takes all");
}

/// A board ready to be written, with a ping behind it for those readers that have been quiet for long: one
/// write, one packet, whichever of the three it is.
#[derive(Clone, Debug)]
pub struct BoardFrame {
    /// Tells one board of an audience from the next.
    pub no: u32,
    bytes: Bytes,
}

impl BoardFrame {
    /// Encodes a board.
    pub fn encode(no: u32, board: BoardMessage) -> Self {
        let mut bytes = Vec::new();
        append(&mut bytes, &FromServer::Board(board));
        bytes.extend_from_slice(PING);
        Self { no, bytes: bytes.into() }
    }

    /// The board's message alone, as other doors than the WebSocket hand it out; shares the bytes.
    pub fn json(&self) -> Bytes {
        json_of(&self.rest(false, 0))
    }

    /// What to write: the board, and a ping behind it if the reader has been quiet.
    pub fn bytes(&self, with_ping: bool) -> &[u8] {
        &self.bytes[..self.end(with_ping)]
    }

    /// What is still to be written after the first `written` bytes; shares the bytes.
    pub fn rest(&self, with_ping: bool, written: usize) -> Bytes {
        let end = self.end(with_ping);
        self.bytes.slice(written.min(end)..end)
    }

    fn end(&self, with_ping: bool) -> usize {
        if with_ping { self.bytes.len() } else { self.bytes.len() - PING.len() }
    }
}
