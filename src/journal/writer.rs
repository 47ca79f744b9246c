//! The one thread that writes: takes what is waiting, commits it together, then answers.

use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Receiver,
    },
    time::{Duration, Instant},
};

use rusqlite::ErrorCode;
use tokio::sync::oneshot;

use super::{KeepError, row::Row, store::Store};

/// Most requests in one commit. A commit of 100 small rows takes barely longer than one of a single row, so this
/// is far above need at any rate a disk can flush; it bounds how long the first of them waits for the others.
const MAX_BATCH: usize = 256;

/// What may be asked of the thread.
#[derive(Debug)]
pub(super) enum Order {
    Keep(Request),
    Close,
}

/// Rows to keep, and where to say how it went.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) rows: Vec<Row>,
    pub(super) done: oneshot::Sender<Result<(), KeepError>>,
}

#[derive(Debug)]
pub(super) struct Writer<F> {
    pub(super) store: Store,
    pub(super) healthy: Arc<AtomicBool>,
    pub(super) observer: F,
}

impl<F: Fn(Duration)> Writer<F> {
    /// Works until told to close, or until nobody is left to tell it.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        let _unhealthy_at_the_end = Gone(Arc::clone(&self.healthy));
        let mut closing = false;
        while !closing && let Ok(first) = orders.recv() {
            let mut batch = Vec::new();
            for order in iter::once(first).chain(orders.try_iter()).take(MAX_BATCH) {
                match order {
                    Order::Keep(request) => batch.push(request),
                    Order::Close => {
                        closing = true;
                        break;
                    }
                }
            }
            if !batch.is_empty() {
                self.keep(batch);
            }
        }
    }

    fn keep(&mut self, batch: Vec<Request>) {
        let begun = Instant::now();
        let outcome = self.store.commit(batch.iter().flat_map(|request| &request.rows));
        let was_healthy = self.healthy.swap(outcome.is_ok(), Ordering::Relaxed);
        match &outcome {
            Ok(()) => (self.observer)(begun.elapsed()),
            // Once per spell: a full disk fails every request, and must not fill the log as well.
            Err(error) if was_healthy => {
                tracing::error!(%error, "the journal cannot be written; nothing is acknowledged until it can");
            }
            Err(_) => {}
        }
        if outcome.is_ok() && !was_healthy {
            tracing::info!("the journal can be written again");
        }
        let answer = outcome.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => KeepError::Full,
            _ => KeepError::Failed,
        });
        for request in batch {
            // Whoever asked may have gone; what they asked for is kept all the same.
            let _ = request.done.send(answer);
        }
    }
}

/// Says that the journal takes nothing any more, however the thread ended.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
