//! The floor: the least a board can cost on this machine.
//!
//! One thread accepts, answers every first message with the same ready-made 101, and once a second writes
//! one ready-made frame to every socket with one `send(2)` each. It checks nothing and understands nothing.

use std::{
    io::{self, BufRead, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};
use slab::Slab;
use socket2::{Domain, Socket, Type};

use super::fault::Fault;

/// The answer to the one key that every phone of this benchmark sends.
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Connection: Upgrade\r\n\
    Upgrade: websocket\r\n\
    Sec-WebSocket-Protocol: oneoclock.v1\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The payload of a frame, in bytes: as long as a board.
const PAYLOAD_BYTES: u8 = 200;

/// The same as the server's: connections that wait to be accepted, also the kernel's usual upper bound.
const BACKLOG: i32 = 4096;

/// Events taken from the kernel at once.
const EVENTS: usize = 1024;

/// The listener's token; sockets have their place in the slab.
const LISTENER: Token = Token(usize::MAX);

/// One connection.
struct Phone {
    stream: TcpStream,
    answered: bool,
}

/// Serves until standard input ends. A line there is a phase: at which millisecond of each second to send.
pub(crate) fn serve(port: u16) -> Result<(), Fault> {
    let phase = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&phase);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            told.store(line.trim().parse().unwrap_or(0), Ordering::Relaxed);
        }
        std::process::exit(0);
    });
    let mut poll = Poll::new()?;
    let mut listener = listen(port)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(EVENTS);
    let mut phones = Slab::new();
    let mut next = Instant::now() + until(phase.load(Ordering::Relaxed));
    loop {
        match poll.poll(&mut events, Some(next.saturating_duration_since(Instant::now()))) {
            Err(e) if e.kind() != ErrorKind::Interrupted => return Err(e.into()),
            _ => {}
        }
        for event in &events {
            match event.token() {
                LISTENER => accept(&listener, &poll, &mut phones)?,
                Token(place) => {
                    let Some(phone) = phones.get_mut(place) else { continue };
                    if !hear(phone) || event.is_read_closed() {
                        phones.remove(place);
                    }
                }
            }
        }
        if Instant::now() >= next {
            let frame = frame(phones.len());
            for (_, phone) in phones.iter_mut().filter(|(_, phone)| phone.answered) {
                // A socket that takes nothing is left out: the floor keeps no state.
                let _ = phone.stream.write(&frame);
            }
            next = Instant::now() + until(phase.load(Ordering::Relaxed));
        }
    }
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// Takes everybody who waits.
fn accept(listener: &TcpListener, poll: &Poll, phones: &mut Slab<Phone>) -> io::Result<()> {
    // An error here is "nobody waits", or a visitor who has left again.
    while let Ok((mut stream, _)) = listener.accept() {
        stream.set_nodelay(true)?;
        let place = phones.vacant_entry();
        poll.registry().register(&mut stream, Token(place.key()), Interest::READABLE)?;
        place.insert(Phone { stream, answered: false });
    }
    Ok(())
}

/// Reads what came and answers the first of it; false once the phone is gone.
fn hear(phone: &mut Phone) -> bool {
    // Phones send their request and one short message: a read that does not fill this has emptied the socket.
    let mut buffer = [0; 4096];
    match phone.stream.read(&mut buffer) {
        Ok(0) => false,
        Ok(_) if phone.answered => true,
        Ok(_) => {
            phone.answered = true;
            phone.stream.write(ANSWER).is_ok()
        }
        Err(e) => e.kind() == ErrorKind::WouldBlock,
    }
}

/// A board as far as a phone of this benchmark can tell, as one unmasked text frame.
fn frame(phones: usize) -> Vec<u8> {
    let mut text = format!(r#"{{"type":"board","t":{},"phones":{phones},"pad":""#, now_ms());
    while text.len() < usize::from(PAYLOAD_BYTES) - 2 {
        text.push('x');
    }
    text.push_str("\"}");
    // RFC 6455, section 5.2: final text frame; lengths from 126 to 65,535 take two more bytes.
    let mut frame = vec![0x81, 126, 0, PAYLOAD_BYTES];
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// How long it is to the next `phase`, in milliseconds after a full second.
fn until(phase: u64) -> Duration {
    let ahead = (phase % 1000 + 1000 - now_ms() % 1000) % 1000;
    Duration::from_millis(if ahead == 0 { 1000 } else { ahead })
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
