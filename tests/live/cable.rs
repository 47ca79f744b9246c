//! A cable to a server that can be cut, or stall, and be healed.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime,
    sync::watch::{Receiver, Sender, channel},
};

/// Most bytes under way in one direction.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    /// What is sent goes nowhere, and nobody is told.
    Stalled,
    /// Connections are reset, and new ones too.
    Cut,
}

/// A cable to a server.
#[derive(Debug)]
pub(crate) struct Cable {
    /// Where the server seems to be.
    pub(crate) address: SocketAddr,
    state: Sender<State>,
}

impl Cable {
    /// A cable to `server`, whole.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = channel(State::Whole);
        // On a thread of its own: it carries on while the test waits for a command to end.
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(carry_all(listener, server, seen));
        });
        Self { address, state }
    }

    /// Resets every connection, and every new one.
    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Holds back everything, and tells nobody; as when packets are lost.
    pub(crate) fn stall(&self) {
        self.state.send_replace(State::Stalled);
    }

    /// Carries again. What stalled arrives late, unless its connection was given up.
    pub(crate) fn heal(&self) {
        self.state.send_replace(State::Whole);
    }
}

/// Ends when nobody holds the cable any more.
async fn carry_all(listener: std::net::TcpListener, server: SocketAddr, state: Receiver<State>) {
    let listener = TcpListener::from_std(listener).unwrap();
    let mut held = state.clone();
    loop {
        tokio::select! {
            came = listener.accept() => {
                let Ok((near, _)) = came else { continue };
                #[expect(clippy::disallowed_methods, reason = "ends with the cable, whose runtime it is on")]
                tokio::spawn(carry(near, server, state.clone()));
            }
            _ = held.wait_for(|_| false) => return,
        }
    }
}

async fn carry(near: TcpStream, server: SocketAddr, mut state: Receiver<State>) {
    let mut broken = state.clone();
    let broken = broken.wait_for(|state| *state == State::Cut);
    reset_when_dropped(&near);
    let carried = async {
        whole(&mut state).await;
        let Ok(far) = TcpStream::connect(server).await else { return };
        reset_when_dropped(&far);
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        tokio::select! {
            () = one_way(near_in, far_out, state.clone()) => {}
            () = one_way(far_in, near_out, state) => {}
        }
    };
    tokio::select! {
        () = carried => {}
        _ = broken => {}
    }
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: Receiver<State>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(bytes @ 1..) = from.read(&mut chunk).await {
        whole(&mut state).await;
        if to.write_all(&chunk[..bytes]).await.is_err() {
            return;
        }
    }
}

async fn whole(state: &mut Receiver<State>) {
    let _ = state.wait_for(|state| *state == State::Whole).await;
}

/// An end that is cut says so at once, and leaves nothing behind that keeps the port.
fn reset_when_dropped(stream: &TcpStream) {
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
