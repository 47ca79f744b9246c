//! The server's own phone: a WebSocket client that comes in by the front door and waits for boards, so that
//! "ready" means that a board really leaves a socket, and not just that the process is up.
//!
//! It introduces itself as a display, and is counted as one.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};
use tracing::debug;

use super::Shared;
use crate::{
    domain::{pass::Role, text::Lang},
    hub::locked,
    wire::message::{FromPage, FromServer, Hello, SUBPROTOCOL},
};

/// How long coming in may take before the probe gives up and tries again.
const COME_IN_WITHIN: Duration = Duration::from_secs(5);

/// How much later than the beat a board may be before the probe takes its connection for dead.
const LATE: Duration = Duration::from_secs(3);

/// How long the probe waits before it tries again.
const RETRY: Duration = Duration::from_secs(1);

/// The probe's buffers, in bytes: a board is 200.
const BUFFER_BYTES: usize = 4 * 1024;

/// What the probe found.
#[derive(Debug, Default)]
pub(super) struct Findings(Mutex<Option<Instant>>);

impl Findings {
    /// How long ago a board arrived; `None` if none has, or if the last way in failed.
    pub(super) fn since_last_board(&self) -> Option<Duration> {
        locked(&self.0).map(|at| at.elapsed())
    }
}

/// Comes in and waits for boards, again and again, for as long as the server serves.
pub(super) async fn run(shared: &Shared, address: SocketAddr) {
    let address = reachable(address);
    loop {
        if let Err(error) = visit(shared, address).await {
            debug!(%error, "the server's own probe got no board");
            *locked(&shared.probe.0) = None;
        }
        sleep(RETRY).await;
    }
}

/// An address of this machine at which a listener on `address` can be reached.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn visit(shared: &Shared, address: SocketAddr) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut request = format!("ws://{address}/live").into_client_request()?;
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(BUFFER_BYTES)
        .max_message_size(Some(16 * BUFFER_BYTES))
        .max_frame_size(Some(16 * BUFFER_BYTES));
    let come_in = async {
        let socket = TcpStream::connect(address).await?;
        Ok::<_, Box<dyn Error + Send + Sync>>(client_async_with_config(request, socket, Some(config)).await?.0)
    };
    let mut stream = timeout(COME_IN_WITHIN, come_in).await??;
    let (lang, visible, counted) = (Lang::fallback().to_string(), true, false);
    let hello = Hello { role: Role::Display, gathering: None, lang, device: None, visible, was: None, counted };
    stream.send(Message::Text(serde_json::to_string(&FromPage::Hello(hello))?.into())).await?;
    loop {
        let Some(message) = timeout(shared.hub.tempo().beat + LATE, stream.next()).await? else { return Ok(()) };
        if let Message::Text(text) = message?
            && let Ok(FromServer::Board(_)) = serde_json::from_str(&text)
        {
            *locked(&shared.probe.0) = Some(Instant::now());
        }
    }
}
