//! What survives a restart: every fact, in one SQLite file.
//!
//! *Kept* means committed and flushed to the disk. One thread owns the only connection that writes; requests
//! wait for it in a short queue and are committed together, so that a thousand taps in one instant cost a few
//! flushes and not a thousand. The order in which facts arrive never matters: of two about the same thing the
//! one with the higher version stays.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::domain::{fact::Fact, version::NodeId};

mod error;
mod folder;
mod row;
mod store;
mod writer;

pub use error::{KeepError, OpenError};

use row::Row;
use store::Store;
use writer::{Order, Request, Writer};

/// Requests that may wait for the writer: more than the 3,000 devices that count on the biggest day, so that
/// even all of them at once are kept within some twenty commits; beyond that, saying "try again" is kinder.
const QUEUE: usize = 4_096;

/// The journal of this node, open and held against any other server.
#[derive(Debug)]
pub struct Journal {
    orders: SyncSender<Order>,
    healthy: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What a journal held when it was opened.
#[derive(Debug)]
pub struct Recovered {
    /// The name of this node, drawn at random when the journal was made.
    pub node: NodeId,
    /// Every fact, the newest version of each, in no particular order.
    pub facts: Vec<Fact>,
}

/// What somebody who only looks can say about a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// There is none yet; the first start will make it.
    Absent,
    /// It can be read, and nobody else has it open.
    Sound {
        /// How many facts it holds.
        facts: usize,
    },
}

impl Journal {
    /// Opens the journal in the folder `dir`, or makes both (0700, files 0600), and starts its thread.
    ///
    /// `observer` is told how long each successful commit took, on the journal's own thread.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read or written, or another server that has it; see [`OpenError`].
    /// Nothing that was there is changed then.
    pub fn open(
        dir: &Path,
        observer: impl Fn(Duration) + Send + Sync + 'static,
    ) -> Result<(Self, Recovered), OpenError> {
        let mut store = Store::open(folder::Folder::take(dir)?)?;
        let recovered = store.recover()?;
        let healthy = Arc::new(AtomicBool::new(true));
        let (orders, waiting) = sync_channel(QUEUE);
        let writer = Writer { store, healthy: Arc::clone(&healthy), observer };
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(OpenError::Thread)?;
        Ok((Self { orders, healthy, thread: Mutex::new(Some(thread)) }, recovered))
    }

    /// Looks at the journal in `dir` without making or changing anything.
    ///
    /// # Errors
    /// What [`Journal::open`] would refuse, as far as it can be seen from outside.
    pub fn inspect(dir: &Path) -> Result<Inspection, OpenError> {
        folder::refuse_if_in_use(dir)?;
        store::inspect(&folder::journal_file(dir))
    }

    /// Keeps `facts`, all of them or none; returns only when they are on the disk.
    ///
    /// Facts older than what is already there are kept in the sense that matters: the newer one is on the disk.
    ///
    /// # Errors
    /// [`KeepError`]; nothing may be acknowledged then. A dropped future does not take the facts back.
    pub async fn keep(&self, facts: Vec<Fact>) -> Result<(), KeepError> {
        let rows = facts.iter().map(Row::of).collect::<Result<_, _>>()?;
        let (done, kept) = oneshot::channel();
        self.orders.try_send(Order::Keep(Request { rows, done })).map_err(|refused| match refused {
            TrySendError::Full(_) => KeepError::Busy { waiting: QUEUE },
            TrySendError::Disconnected(_) => KeepError::Closed,
        })?;
        kept.await.unwrap_or(Err(KeepError::Closed))
    }

    /// Whether the last commit worked, and the journal can still take another.
    pub fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Commits what is waiting, closes the file and lets go of the folder; later requests are refused.
    ///
    /// Blocks until that is done, so it does not belong on a thread that serves others. Doing it twice is harmless.
    pub fn close(&self) {
        // An error means that the thread has gone already, which is what was wanted.
        let _ = self.orders.send(Order::Close);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|t| t.join().is_err()) {
            tracing::error!("the journal's thread ended in a panic; facts that were acknowledged are safe");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
