//! The upgrade: from a request to the bare socket.

use axum::{body::Body, extract::Request, response::Response};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tracing::debug;

/// A socket that speaks WebSocket now, and what its page had said before we took it over.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) stream: TcpStream,
    /// The first bytes after the head, if the page did not wait for our answer.
    pub(super) early: Bytes,
}

/// The answer 101, and the promise of a socket; `None` if the request is not a WebSocket handshake.
pub(super) fn upgrade(request: &mut Request) -> Option<(Response, OnUpgrade)> {
    let response = create_response_with_body(request, Body::empty).ok()?;
    Some((response, hyper::upgrade::on(request)))
}

/// Waits for the answer to be on its way, and takes the bare socket out of hyper.
pub(super) async fn take(upgrade: OnUpgrade) -> Option<Socket> {
    let upgraded = upgrade.await.inspect_err(|e| debug!(error = %e, "upgrade failed")).ok()?;
    // Only our own accept loop makes these, always over the same kind of socket.
    let parts = Upgraded::downcast::<TokioIo<TcpStream>>(upgraded).ok()?;
    // Copied, as even an empty slice of hyper's buffer keeps all 8 kB of it for as long as the page stays.
    let early = Bytes::copy_from_slice(&parts.read_buf);
    Some(Socket { stream: parts.io.into_inner(), early })
}
