//! What a page sends, read from its socket without a buffer of its own between messages.
//!
//! tungstenite's frame code does the protocol: masks, fragments, UTF-8, pings and the closing handshake. A
//! phone says a few dozen bytes a minute, and nearly always in one piece; so a reader lives on the stack while
//! it works, and only stays when a message came in parts.

use std::io::{self, Cursor, Read, Write};

use bytes::Bytes;
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};
use tokio_tungstenite::tungstenite::{
    Message,
    error::{CapacityError, Error, ProtocolError},
    protocol::{
        Role, WebSocketConfig, WebSocketContext,
        frame::{
            FrameHeader,
            coding::{Data, OpCode},
        },
    },
};

use crate::{
    clock::{Clock, Stamp},
    wire::close::Ending,
};

/// Most bytes taken from a socket in one read: several whole messages of any kind a page has reason to send.
const READ_BYTES: usize = 4 * 1024;

/// The longest message a page has reason to send is a `hello` of some 150 bytes; the rest is room for words
/// that later versions may add.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// What a reader that has to stay holds for the start of a message, in bytes.
const PIECES_BYTES: usize = 512;

/// Every option of tungstenite for the sockets of pages.
pub(crate) fn page_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(PIECES_BYTES)
        // Each answer is written at once: there is one at most, and it is small.
        .write_buffer_size(0)
        .max_write_buffer_size(2 * MAX_MESSAGE_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
        .accept_unmasked_frames(false)
}

/// One thing a page sent.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    /// A text message.
    Text {
        /// What it says.
        text: Bytes,
        /// The server's time as it left the socket, before anything was made of it.
        at: Stamp,
    },
    /// A binary message.
    Binary(Bytes),
    /// A ping or a pong: a sign of life, already answered.
    Alive,
}

/// The reading half of one page's conversation.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// Holds the start of a message that came in parts; nearly always nothing.
    pieces: Option<Box<WebSocketContext>>,
}

/// What reading left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    /// The socket is empty: wait for it.
    Wait,
    /// There may be more: read again.
    Now,
}

impl Inbox {
    /// Reads once, tells `hear` each whole message, and appends to `reply` what the protocol itself answers.
    ///
    /// `hear` may append answers of its own to `reply`. The ending is how the conversation is over; what
    /// `reply` holds then is still to be written.
    pub(crate) fn read(
        &mut self,
        socket: &TcpStream,
        config: WebSocketConfig,
        clock: &Clock,
        reply: &mut Vec<u8>,
        mut hear: impl FnMut(Heard, &mut Vec<u8>) -> Result<(), Ending>,
    ) -> Result<More, Ending> {
        let mut bytes = [0; READ_BYTES];
        let mut taken = None;
        // As tokio's own reads do, a short one says "would block", because it has emptied the socket: else tokio would
        // have it read once more for nothing, at every message of every page.
        let read = socket.try_io(Interest::READABLE, || {
            let n = (&*SockRef::from(socket)).read(&mut bytes)?;
            taken = Some(n);
            if (1..READ_BYTES).contains(&n) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        let bytes = match (taken, read) {
            (Some(n @ 1..), _) => &bytes[..n],
            (None, Err(e)) if e.kind() == io::ErrorKind::WouldBlock => return Ok(More::Wait),
            _ => return Err(Ending::Gone),
        };
        self.take(bytes, clock.stamp(), config, reply, &mut hear)?;
        Ok(if bytes.len() < READ_BYTES { More::Wait } else { More::Now })
    }

    /// The same for bytes that somebody else has read from the socket already.
    pub(crate) fn take_early(
        &mut self,
        bytes: &[u8],
        clock: &Clock,
        config: WebSocketConfig,
        reply: &mut Vec<u8>,
        mut hear: impl FnMut(Heard, &mut Vec<u8>) -> Result<(), Ending>,
    ) -> Result<More, Ending> {
        if bytes.is_empty() {
            return Ok(More::Wait);
        }
        self.take(bytes, clock.stamp(), config, reply, &mut hear)?;
        Ok(More::Now)
    }

    fn take(
        &mut self,
        bytes: &[u8],
        at: Stamp,
        config: WebSocketConfig,
        reply: &mut Vec<u8>,
        hear: &mut impl FnMut(Heard, &mut Vec<u8>) -> Result<(), Ending>,
    ) -> Result<(), Ending> {
        let mut source = Source { bytes, reply };
        if let Some(pieces) = &mut self.pieces {
            return take_messages(pieces, &mut source, at, hear);
        }
        let mut reader = WebSocketContext::new(Role::Server, Some(config));
        take_messages(&mut reader, &mut source, at, hear)?;
        if !only_whole_messages(bytes) {
            self.pieces = Some(Box::new(reader));
        }
        Ok(())
    }
}

fn take_messages(
    reader: &mut WebSocketContext,
    source: &mut Source<'_>,
    at: Stamp,
    hear: &mut impl FnMut(Heard, &mut Vec<u8>) -> Result<(), Ending>,
) -> Result<(), Ending> {
    loop {
        match reader.read(source) {
            Ok(Message::Text(text)) => hear(Heard::Text { text: text.into(), at }, source.reply)?,
            Ok(Message::Binary(data)) => hear(Heard::Binary(data), source.reply)?,
            Ok(Message::Ping(_) | Message::Pong(_)) => hear(Heard::Alive, source.reply)?,
            // The answer to a close is written by the next read, which then reports the end.
            Ok(Message::Close(_) | Message::Frame(_)) => {}
            Err(Error::Io(e)) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(e) => return Err(ending_of(&e)),
        }
    }
}

pub(super) fn ending_of(error: &Error) -> Ending {
    match error {
        Error::ConnectionClosed => Ending::Left,
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Ending::TooBig,
        Error::Utf8(_) => Ending::BadText,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::Gone,
        Error::Protocol(_) => Ending::Protocol,
        _ => Ending::Gone,
    }
}

/// Whether `bytes` are nothing but whole, unfragmented messages, so that no reader needs to stay for the rest.
fn only_whole_messages(bytes: &[u8]) -> bool {
    let mut at = Cursor::new(bytes);
    while at.position() < bytes.len() as u64 {
        let Ok(Some((header, length))) = FrameHeader::parse(&mut at) else { return false };
        let fragment = !header.is_final || header.opcode == OpCode::Data(Data::Continue);
        let end = at.position().saturating_add(length);
        if fragment || end > bytes.len() as u64 {
            return false;
        }
        at.set_position(end);
    }
    true
}

/// What was just read, as a stream that ends in "would block", and takes answers.
struct Source<'a> {
    bytes: &'a [u8],
    reply: &'a mut Vec<u8>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.bytes.read(buffer)
    }
}

impl Write for Source<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.reply.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame: masked with zeros, which leaves the payload readable.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        bytes.extend_from_slice(payload);
        bytes
    }

    fn text(text: &'static str) -> Heard {
        Heard::Text { text: text.into(), at: Stamp::default() }
    }

    fn heard(chunks: &[&[u8]]) -> (Vec<Heard>, Vec<u8>, Inbox, Result<(), Ending>) {
        let (mut inbox, mut all, mut reply) = (Inbox::default(), Vec::new(), Vec::new());
        let mut end = Ok(());
        for chunk in chunks {
            end = inbox.take(chunk, Stamp::default(), page_config(), &mut reply, &mut |h, _| {
                all.push(h);
                Ok(())
            });
            if end.is_err() {
                break;
            }
        }
        (all, reply, inbox, end)
    }

    #[test]
    fn whole_messages_leave_no_reader_behind() {
        let two = [frame(0x81, b"one"), frame(0x81, b"two")].concat();
        let (all, _, inbox, end) = heard(&[&two]);
        assert_eq!(all, [text("one"), text("two")]);
        assert!(inbox.pieces.is_none() && end.is_ok());
    }

    #[test]
    fn a_message_split_at_any_byte_is_the_same_message() {
        let whole = frame(0x81, "grüße".as_bytes());
        for cut in 1..whole.len() {
            let (all, _, inbox, end) = heard(&[&whole[..cut], &whole[cut..]]);
            assert_eq!(all, [text("grüße")], "cut at {cut}");
            assert!(inbox.pieces.is_some() && end.is_ok());
        }
    }

    #[test]
    fn fragments_split_inside_a_character_are_one_message() {
        let letter = "ü".as_bytes();
        let parts = [frame(0x01, &letter[..1]), frame(0x80, &letter[1..])];
        let (all, _, _, end) = heard(&[&parts[0], &parts[1]]);
        assert_eq!((all, end), (vec![text("ü")], Ok(())));
    }

    #[test]
    fn a_ping_is_answered_with_its_own_words() {
        let (all, reply, _, _) = heard(&[&frame(0x89, b"there?")]);
        assert_eq!(all, [Heard::Alive]);
        assert_eq!(reply, [&[0x8a, 6], &b"there?"[..]].concat());
    }

    #[test]
    fn every_breach_has_its_own_ending() {
        let unmasked = [0x81, 0x02, b'h', b'i'];
        let oversized = [&[0x81, 0xfe, 0x20, 0x00, 0, 0, 0, 0][..], &[b'x'; 64]].concat();
        for (bytes, ending) in [
            (&unmasked[..], Ending::Protocol),
            (&oversized, Ending::TooBig),
            (&frame(0x81, &[0xff, 0xfe]), Ending::BadText),
            (&frame(0xf1, b"reserved"), Ending::Protocol),
            (&frame(0x80, b"nothing to continue"), Ending::Protocol),
            (&[&[0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0][..], &[0; 126]].concat(), Ending::Protocol),
            (&frame(0x88, &[0x03, 0xe8]), Ending::Left),
        ] {
            assert_eq!(heard(&[bytes]).3, Err(ending), "{bytes:x?}");
        }
    }
}
