//! The writing half of a socket that is never waited for.
//!
//! There is no queue. A frame is written whole, or in part with the rest pending, or not at all; and nothing
//! else is written before a pending rest, so that frames of different writers never mix.

use std::io;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::net::TcpStream;

/// The writing half of one socket: at most the rest of one frame.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// What the socket did not take of the last frame; shares its bytes with all who get the same one.
    rest: Option<Box<Bytes>>,
    /// The socket had no room when it was last tried.
    full: bool,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Put {
    /// It is on its way, perhaps with a rest pending; or the socket is broken, which its reader will find.
    Taken,
    /// The socket has no room: nothing of it was written.
    Full,
}

impl Outbox {
    /// Writes `frame`, after whatever is pending; `rest(n)` gives what comes after its first `n` bytes.
    pub(super) fn put(&mut self, socket: &TcpStream, frame: &[u8], rest: impl FnOnce(usize) -> Bytes) -> Put {
        if !self.finish(socket) {
            return Put::Full;
        }
        match self.write(socket, frame) {
            Ok(n) if n < frame.len() => self.rest = Some(Box::new(rest(n))),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                self.full = true;
                return Put::Full;
            }
            Ok(_) | Err(_) => {}
        }
        self.full = false;
        Put::Taken
    }

    /// Straight to the kernel while there is room, which spares a look at what tokio knows of the socket; one
    /// that had none is asked by way of tokio, which knows without a system call that there still is none.
    fn write(&self, socket: &TcpStream, frame: &[u8]) -> io::Result<usize> {
        if !self.full {
            match SockRef::from(socket).send(frame) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                written => return written,
            }
        }
        socket.try_write(frame)
    }

    /// Writes what is pending; whether nothing is left of it.
    pub(super) fn finish(&mut self, socket: &TcpStream) -> bool {
        while let Some(rest) = &mut self.rest {
            match socket.try_write(rest) {
                Ok(n) if n < rest.len() => rest.advance(n),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return false,
                Ok(_) | Err(_) => self.rest = None,
            }
        }
        true
    }
}
