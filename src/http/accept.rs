//! Listening, and one task per connection until it is upgraded or done.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, watch},
    time::{sleep, timeout},
};
use tracing::{error, warn};

use super::{Shared, network::Origin};

/// Connections that may wait for us to accept them. Everybody comes in the last two minutes, and after a drop
/// everybody at once; tokio's own 128 would make most of them wait a second for their next try. The kernel caps
/// it at `net.core.somaxconn`, 4096 by default.
const BACKLOG: u32 = 4_096;

/// The kernel's send buffer per socket, in bytes before it doubles them: more than a page, far less than the
/// megabytes it would grow to for one who does not read.
const SEND_BUFFER_BYTES: usize = 32 * 1024;

/// The kernel's receive buffer per socket, in bytes before it doubles them: pages say little.
const RECEIVE_BUFFER_BYTES: usize = 16 * 1024;

/// A socket counts as full while this many bytes of it have not left: so a slow reader has one frame waiting
/// in the kernel, not a hundred old ones, and gets the newest when it wakes.
const UNSENT_BYTES: u32 = 1;

/// How long sent bytes may stay unacknowledged before the kernel gives up a connection. An event stream sends some
/// every 8 s, and nothing of its page comes back but the acknowledgement: so a half-open one is gone within 30 s,
/// as by its lease is a phone on `/live`.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// How long the head of a request may take, and an idle connection stay: ten round trips of the worst network.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Longest head of a request, in bytes; the least hyper can be told, and twice what any browser sends us.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// Most header lines in a head.
const MAX_HEADERS: usize = 64;

/// How long a request that is being answered may take to finish once the server stops.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// How long accepting pauses when the process or the machine is out of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// When places are short, the door is opened in small steps. When a whole square is cut off and calls again at once,
/// the new connections arrive together with the ends of the old ones, and whoever came first would be turned away from
/// places that are free but not known to be. How many come in at a step, and how long the others get in between to find out that they have been left:
/// some hundred endings a step.
const STEP: u32 = 8;
const BETWEEN_STEPS: Duration = Duration::from_millis(1);

/// At least so long between two log lines about the same pause: a stranger must not be able to fill a log.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Said, unparsed and unasked, to whoever comes when even the spare places are taken.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else has the port.
    #[error("cannot listen on {0}: the port is taken (stop the other program, or choose another with --listen)")]
    Taken(SocketAddr),
    /// A port below 1024, and no right to it.
    #[error(
        "cannot listen on {0}: not permitted (choose a port from 1024 up with --listen, or grant the right to bind low ports)"
    )]
    NotPermitted(SocketAddr),
    /// No interface has that address.
    #[error("cannot listen on {0}: this machine has no such address (see `ip address`, or use --listen 0.0.0.0:{port})", port = .0.port())]
    NotOurs(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, io::Error),
    /// The operating system gave no random bytes to make keys of networks with.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Listens on `address`. What is set here, every accepted socket inherits: no system call per phone.
pub(super) fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    listen(address).map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken(address),
        io::ErrorKind::PermissionDenied => BindError::NotPermitted(address),
        io::ErrorKind::AddrNotAvailable => BindError::NotOurs(address),
        _ => BindError::Other(address, e),
    })
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_nodelay(true)?;
    let options = SockRef::from(&socket);
    options.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    options.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    options.set_tcp_notsent_lowat(UNSENT_BYTES)?;
    options.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts until `closing`, or until the listener itself is broken.
pub(super) async fn serve(listener: TcpListener, routes: Router, shared: &Arc<Shared>, closing: watch::Receiver<bool>) {
    let mut warned: Option<Instant> = None;
    let mut came = 0_u32;
    loop {
        came = came.wrapping_add(1);
        if shared.is_nearly_full() && came.is_multiple_of(STEP) {
            sleep(BETWEEN_STEPS).await;
        }
        match listener.accept().await {
            Ok((socket, address)) => match Arc::clone(&shared.gate).try_acquire_owned() {
                Ok(permit) => {
                    // The address is dropped right here: nothing behind this line can log or keep it.
                    let origin = shared.networks.origin(address);
                    let serve = connection(socket, origin, routes.clone(), Arc::clone(shared), closing.clone(), permit);
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "ends with its socket; the drain waits for its permit"
                    )]
                    tokio::spawn(serve);
                }
                Err(_) => {
                    shared.hub.meters.refused("full");
                    // Best effort: whoever does not get it finds the connection closed.
                    let _ = socket.try_write(FULL);
                }
            },
            Err(e) if is_one_connections_affair(&e) => {}
            Err(e) if is_shortage(&e) => {
                shared.hub.meters.accept_pauses.inc();
                if warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
                    warned = Some(Instant::now());
                    warn!(error = %e, pause_ms = PAUSE.as_millis(), "cannot accept for want of descriptors or memory; pausing");
                }
                sleep(PAUSE).await;
            }
            Err(e) => {
                error!(error = %e, "the listener is broken; draining");
                return;
            }
        }
    }
}

fn is_one_connections_affair(e: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(e.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

fn is_shortage(e: &io::Error) -> bool {
    // EMFILE, ENFILE, ENOBUFS, ENOMEM have no kind of their own that is stable.
    matches!(e.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM))
}

async fn connection(
    socket: TcpStream,
    origin: Origin,
    routes: Router,
    shared: Arc<Shared>,
    mut closing: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) {
    let _permit = permit;
    let _admitting = shared.hub.meters.admitting();
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(origin);
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .half_close(false)
        .keep_alive(true)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        // An error here is a stranger's: a broken head, a timeout, a reset. hyper has answered what can be answered.
        _ = connection.as_mut() => {}
        () = async { drop(closing.wait_for(|closing| *closing).await) } => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(FINISH_WITHIN, connection).await;
        }
    }
}
