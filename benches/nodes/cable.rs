//! The way from a node to the engine: carries bytes, counts them, and can be cut.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

use super::Fault;

/// Bytes carried at once.
const CARRIED: usize = 16 * 1024;

/// A cable; dropping it cuts it for good.
pub(crate) struct Cable {
    /// Where the node's end is.
    pub(crate) address: SocketAddr,
    bytes: Arc<AtomicU64>,
    whole: watch::Sender<bool>,
    _carrying: JoinSet<()>,
}

impl Cable {
    /// Lays one to `engine`.
    pub(crate) async fn lay(engine: SocketAddr) -> Result<Self, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (whole, is_whole) = watch::channel(true);
        let bytes = Arc::new(AtomicU64::new(0));
        let mut carrying = JoinSet::new();
        carrying.spawn(serve(listener, engine, Arc::clone(&bytes), is_whole));
        Ok(Self { address, bytes, whole, _carrying: carrying })
    }

    /// Nothing gets through any more, in either direction, and nobody is told; what is sent meanwhile is held up, as
    /// TCP has it.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Everything gets through again.
    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }

    /// Bytes carried so far, in both directions.
    pub(crate) fn carried(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, engine: SocketAddr, bytes: Arc<AtomicU64>, whole: watch::Receiver<bool>) {
    let mut lines = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (bytes, mut whole) = (Arc::clone(&bytes), whole.clone());
        lines.spawn(async move {
            // Whoever calls while it is cut hears nothing.
            if whole.wait_for(|whole| *whole).await.is_err() {
                return;
            }
            let Ok(far) = TcpStream::connect(engine).await else { return };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::select! {
                () = carry(near_in, far_out, &bytes, whole.clone()) => {}
                () = carry(far_in, near_out, &bytes, whole.clone()) => {}
            }
        });
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, bytes: &AtomicU64, mut whole: watch::Receiver<bool>) {
    let mut buffer = vec![0; CARRIED];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if whole.wait_for(|whole| *whole).await.is_err() {
            return;
        }
        if to.write_all(buffer.get(..count).unwrap_or_default()).await.is_err() {
            return;
        }
        bytes.fetch_add(count as u64, Ordering::Relaxed);
    }
}
