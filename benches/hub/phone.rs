//! One phone: a WebSocket client that mostly listens.
//!
//! Frames are read and written by tungstenite. The upgrade is not: its request is the same for all phones, so
//! it is written once. A crowd of ordinary tokio-tungstenite clients was tried first and could join 11,000 to
//! 14,000 times a second with the floor at the other end, which is less than a server may be asked for here;
//! such a crowd would measure itself.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use mio::{event::Event, net::TcpStream};
use serde::Deserialize;
use socket2::{Domain, Socket, Type};
use tokio_tungstenite::tungstenite::{
    Bytes, Error, Message, Result,
    protocol::{Role, WebSocketConfig, WebSocketContext},
};

use super::tally::{Pong, Tally};

/// The key every phone sends, from RFC 6455, section 1.3: the floor knows the answer to this one by heart.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What a phone says first.
const HELLO: &str = r#"{"type":"hello","role":"participant","lang":"en","visible":true}"#;

/// The longest answer to an upgrade that is waited for, in bytes.
const MOST_HEAD_BYTES: usize = 8 * 1024;

/// Bytes read at once. The library's 128 KiB would be cleared before every read, and this is a crowd.
const READ_BYTES: usize = 1024;

/// The receive buffer of a phone that never reads, in bytes; the kernel doubles it. Small, so that the
/// server's side fills within seconds.
const STALLED_RECEIVE_BYTES: usize = 1024;

/// Phones call from 127.0.0.2 and so many addresses more: one address has about 28,000 ports, and gives
/// one that was just used back only after a minute.
const SOURCES: u32 = 64;

/// What all phones of a crowd share.
#[derive(Debug)]
pub(crate) struct Call {
    address: SocketAddr,
    request: Vec<u8>,
    /// Whether the server sends a first board to whoever joins.
    greets: bool,
}

impl Call {
    /// How to reach the server on `port` of this machine.
    pub(crate) fn new(port: u16, greets: bool) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let request = format!(
            "GET /live HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: oneoclock.v1\r\n\r\n"
        );
        Self { address, request: request.into_bytes(), greets }
    }
}

/// The parts of a message that a phone of this benchmark looks at.
#[derive(Deserialize)]
struct Words<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    t: Option<u64>,
    phones: Option<u64>,
    c1: Option<f64>,
    s2: Option<f64>,
    s3: Option<f64>,
}

/// A socket that remembers that it is empty, which saves asking again after every board.
#[derive(Debug)]
struct Tap {
    stream: TcpStream,
    empty: bool,
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.empty {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = self.stream.read(buffer)?;
        self.empty = count < buffer.len();
        Ok(count)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The system time in Unix milliseconds, with a fraction.
fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}

/// How far a phone has got.
#[derive(Debug)]
enum State {
    /// The connection is not there yet.
    Calling,
    /// The request is on its way; this much of the answer has come.
    Asking(Vec<u8>),
    /// Messages come and go.
    Live { frames: Box<WebSocketContext>, seated: bool },
}

/// A phone; dropping it closes its connection.
#[derive(Debug)]
pub(crate) struct Phone {
    tap: Tap,
    state: State,
    begun: Instant,
    stalled: bool,
    /// Its last question for the time was answered.
    answered: bool,
}

impl Phone {
    /// Calls as the `number`th phone. A `stalled` one stops reading once it is in.
    pub(crate) fn call(call: &Call, number: u32, stalled: bool) -> io::Result<Self> {
        let begun = Instant::now();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if stalled {
            socket.set_recv_buffer_size(STALLED_RECEIVE_BYTES)?;
        }
        let source = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + number % SOURCES);
        socket.bind(&SocketAddr::from((source, 0)).into())?;
        match socket.connect(&call.address.into()) {
            Err(e) if e.raw_os_error() != Some(libc::EINPROGRESS) => return Err(e),
            _ => {}
        }
        let tap = Tap { stream: TcpStream::from_std(socket.into()), empty: false };
        let mut phone = Self { tap, state: State::Calling, begun, stalled, answered: false };
        // On one machine the connection is usually there by now.
        phone.ask(call)?;
        Ok(phone)
    }

    /// What to watch for events.
    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.tap.stream
    }

    /// Whether it is one of those that never read.
    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// Whether the handshake is over.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Takes what has come; an error is the end of this phone.
    pub(crate) fn ready(&mut self, event: &Event, call: &Call, tally: &mut Tally) -> Result<()> {
        if matches!(self.state, State::Calling) {
            self.ask(call)?;
        }
        if event.is_readable() && !(self.stalled && self.is_live()) {
            self.tap.empty = false;
            self.hear_answer(call, tally)?;
            self.hear_messages(tally)?;
        }
        if event.is_read_closed() { Err(Error::ConnectionClosed) } else { Ok(()) }
    }

    /// Sends the request as soon as there is a connection.
    fn ask(&mut self, call: &Call) -> io::Result<()> {
        match self.tap.write(&call.request) {
            Ok(count) if count == call.request.len() => {
                self.state = State::Asking(Vec::new());
                Ok(())
            }
            Ok(_) => Err(io::Error::other("a new connection did not take the whole request")),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Reads the head of the answer, and says hello when it is complete.
    fn hear_answer(&mut self, call: &Call, tally: &mut Tally) -> Result<()> {
        let State::Asking(head) = &mut self.state else { return Ok(()) };
        let mut buffer = [0; READ_BYTES];
        let end = loop {
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match self.tap.read(&mut buffer) {
                Ok(0) => return Err(Error::ConnectionClosed),
                Ok(count) => head.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e.into()),
            }
            if head.len() > MOST_HEAD_BYTES {
                return Err(io::Error::other("the answer to the upgrade does not end").into());
            }
        };
        if !head.starts_with(b"HTTP/1.1 101 ") {
            let line = String::from_utf8_lossy(head).lines().next().unwrap_or_default().to_owned();
            return Err(io::Error::other(format!("refused: {line}")).into());
        }
        let config = WebSocketConfig::default().read_buffer_size(READ_BYTES).write_buffer_size(0);
        let rest = head.split_off(end);
        let mut frames = Box::new(WebSocketContext::from_partially_read(rest, Role::Client, Some(config)));
        tally.answered(self.begun.elapsed());
        frames.write(&mut self.tap, Message::text(HELLO))?;
        let seated = self.stalled || !call.greets;
        tally.live(self.stalled);
        tally.joined += u32::from(seated);
        self.state = State::Live { frames, seated };
        Ok(())
    }

    /// Reads all messages there are; reading also answers pings.
    fn hear_messages(&mut self, tally: &mut Tally) -> Result<()> {
        let State::Live { frames, seated } = &mut self.state else { return Ok(()) };
        while !self.stalled {
            let text = match frames.read(&mut self.tap) {
                Ok(Message::Text(text)) => text,
                Ok(_) => continue,
                Err(Error::Io(e)) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) => return Err(e),
            };
            let (t, phones) = match serde_json::from_str(&text) {
                Ok(Words { kind: "board", t: Some(t), phones, .. }) => (t, phones),
                Ok(Words { kind: "pong", c1: Some(c1), s2: Some(s2), s3: Some(s3), .. }) => {
                    tally.pongs.push(Pong { to_stamp_ms: s2 - c1, held_ms: s3 - s2 });
                    self.answered = true;
                    continue;
                }
                _ => continue,
            };
            if *seated {
                tally.heard(t, phones);
            } else {
                *seated = true;
                tally.joined += 1;
            }
        }
        Ok(())
    }

    /// Asks for the time, by the same clock as the server's: on one machine `s2 - c1` is then the whole way there.
    pub(crate) fn ping(&mut self, seq: u32) -> Result<()> {
        let State::Live { frames, .. } = &mut self.state else { return Ok(()) };
        let c1 = unix_ms();
        frames.write(&mut self.tap, Message::text(format!(r#"{{"type":"ping","seq":{seq},"c1":{c1}}}"#)))
    }

    /// Whether its question was answered since this was last asked.
    pub(crate) fn take_answered(&mut self) -> bool {
        std::mem::take(&mut self.answered)
    }

    /// Says that it is there, so that the server has no reason to let go of a phone that does not answer.
    pub(crate) fn sign_of_life(&mut self) -> Result<()> {
        match &mut self.state {
            State::Live { frames, .. } => frames.write(&mut self.tap, Message::Pong(Bytes::new())),
            State::Calling | State::Asking(_) => Ok(()),
        }
    }
}
