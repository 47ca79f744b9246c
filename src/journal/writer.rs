//! The one thread that writes: takes what is waiting, commits it together, then answers.

use std::{
    iter,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use rusqlite::ErrorCode;
use tokio::sync::oneshot;

use super::{KeepError, line::Said, row::Row, store::Store};

/// Most requests in one commit. A commit of 100 small rows takes barely longer than one of a single row, so this
/// is far above need at any rate a disk can flush; it bounds how long the first of them waits for the others.
const MAX_BATCH: usize = 256;

/// How often a journal that could not be written is tried again while nobody asks for anything.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// What may be asked of the thread.
#[derive(Debug)]
pub(super) enum Order {
    Keep(Request),
    Close,
}

/// Rows to keep, what the log says of them, and where to say how it went.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) rows: Vec<Row>,
    pub(super) said: Said,
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
        while !closing && let Some(first) = self.next(orders) {
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

    /// Waits for the next order, trying meanwhile whether a journal that could not be written can be again: a
    /// server that is taken out of the rotation for it gets no order that would show.
    fn next(&mut self, orders: &Receiver<Order>) -> Option<Order> {
        while !self.healthy.load(Ordering::Relaxed) {
            match orders.recv_timeout(TRY_AGAIN) {
                Ok(order) => return Some(order),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let outcome = self.store.try_to_write();
                    self.found(&outcome);
                }
            }
        }
        orders.recv().ok()
    }

    fn keep(&mut self, batch: Vec<Request>) {
        let begun = Instant::now();
        let outcome = self.store.commit(batch.iter().map(|request| (request.rows.as_slice(), &request.said)));
        if outcome.is_ok() {
            (self.observer)(begun.elapsed());
        }
        self.found(&outcome);
        let answer = outcome.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => KeepError::Full,
            _ => KeepError::Failed,
        });
        for request in batch {
            // Whoever asked may have gone; what they asked for is kept all the same.
            let _ = request.done.send(answer);
        }
    }

    /// Notes whether the journal can be written; says so once per spell, for a full disk fails every request,
    /// and must not fill the log as well.
    fn found(&self, outcome: &rusqlite::Result<()>) {
        let was_healthy = self.healthy.swap(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Err(error) if was_healthy => {
                tracing::error!(%error, "the journal cannot be written; nothing is acknowledged until it can");
            }
            Ok(()) if !was_healthy => tracing::info!("the journal can be written again"),
            Ok(()) | Err(_) => {}
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
