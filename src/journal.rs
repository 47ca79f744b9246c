//! What survives a restart: every fact, in one SQLite file.
//!
//! *Kept* means committed and flushed to the disk. One thread owns the only connection that writes; requests
//! wait for it in a short queue and are committed together, so that a thousand taps in one instant cost a few
//! flushes and not a thousand. The order in which facts arrive never matters: how two about the same thing become one
//! is for [`Merge`](crate::domain::fact::Merge) to say.
//!
//! Beside the state there is the log: a line for every [`Entry`], written with the same flush, never changed, and
//! chained by hash, so that published totals can be worked out again by somebody else.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{
    domain::{fact::Fact, time::UnixMillis, version::NodeId},
    wire::facts::read_again,
};

mod chain;
mod error;
mod facts;
mod folder;
mod forms;
mod line;
mod log;
mod reader;
mod row;
mod store;
mod writer;

pub use chain::{Hash, Link};
pub use error::{KeepError, LogError, OpenError};
pub use facts::Facts;
pub use line::{Line, LineError};
pub use log::{Log, Page};

use line::Said;
use reader::Reader;
use row::Row;
use store::Store;
use writer::{Order, Request, Writer};

/// Requests that may wait for the writer: more than the 3,000 devices that count on the biggest day, so that
/// even all of them at once are kept within some twenty commits; beyond that, saying "try again" is kinder.
const QUEUE: usize = 4_096;

/// The journal of this node, open and held against any other server.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    orders: SyncSender<Order>,
    healthy: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Facts that are said together, and what the log says of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When, by the served clock.
    pub at: UnixMillis,
    /// Who says so, as a label such as "organiser"; never a person.
    pub by: String,
    /// What is said.
    pub facts: Vec<Fact>,
}

/// Who said what an older program kept before there was a log. When, nobody knows.
const BEFORE_THE_LOG: &str = "kept before there was a log";

/// Who said what a newer program had said to an older one. When, nobody knows.
const UNDERSTOOD: &str = "kept before it was understood";

/// What somebody who only looks can say about a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// There is none yet; the first start will make it.
    Absent,
    /// It can be read, and nobody else has it open.
    Sound {
        /// How many facts it holds, minutes of counting among them.
        facts: usize,
        /// How many lines its log has, each of which follows from the one before it.
        lines: u64,
    },
}

impl Journal {
    /// Opens the journal in the folder `dir`, or makes both (0700, files 0600), and starts its thread. Gives the name
    /// of this node too, drawn at random when the journal was made.
    ///
    /// `observer` is told how long each successful commit took, on the journal's own thread. `learn` is given every
    /// fact that is there, the newest version of each, in no particular order.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read or written, or another server that has it; see [`OpenError`].
    /// Nothing that was there is changed then.
    pub fn open(
        dir: &Path,
        observer: impl Fn(Duration) + Send + Sync + 'static,
        mut learn: impl FnMut(Fact),
    ) -> Result<(Self, NodeId), OpenError> {
        let folder = folder::Folder::take(dir)?;
        let path = folder.journal();
        let (mut unsaid, mut understood) = (Vec::new(), Vec::new());
        // Read through a connection that cannot write, so that a journal which is damaged or from the future stays
        // as it is.
        if let Some(reader) = Reader::open(&path)? {
            let has_log = reader.newest()? != Link::GENESIS;
            reader.facts(|fact| {
                if !has_log {
                    unsaid.push(fact.clone());
                }
                let Fact::Foreign(foreign) = fact else { return learn(fact) };
                let read = read_again(foreign.clone());
                if read != [Fact::Foreign(foreign.clone())] {
                    understood.push((foreign.digest(), read.clone()));
                }
                read.into_iter().for_each(&mut learn);
            })?;
        }
        let mut store = Store::open(folder)?;
        if !unsaid.is_empty() {
            let entry = Entry { at: UnixMillis(0), by: BEFORE_THE_LOG.to_owned(), facts: unsaid };
            store.begin_log(&entry)?;
        }
        if !understood.is_empty() {
            store.understand(understood)?;
        }
        let node = store.node()?;
        let healthy = Arc::new(AtomicBool::new(true));
        let (orders, waiting) = sync_channel(QUEUE);
        let writer = Writer { store, healthy: Arc::clone(&healthy), observer };
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(OpenError::Thread)?;
        Ok((Self { path, orders, healthy, thread: Mutex::new(Some(thread)) }, node))
    }

    /// Looks at the journal in `dir` without making or changing anything: reads every fact, and follows the log from
    /// its first line to its last.
    ///
    /// # Errors
    /// What [`Journal::open`] would refuse, as far as it can be seen from outside, and [`OpenError::BrokenLog`].
    pub fn inspect(dir: &Path) -> Result<Inspection, OpenError> {
        folder::refuse_if_in_use(dir)?;
        let Some(reader) = Reader::open(&folder::journal_file(dir))? else {
            return Ok(Inspection::Absent);
        };
        Ok(Inspection::Sound { facts: reader.facts(drop)?, lines: reader.follow_chain()?.n })
    }

    /// Keeps the facts of an entry and its line in the log, all of it or nothing; returns only when it is on the disk.
    ///
    /// Facts older than what is already there are kept in the sense that matters: the newer one is on the disk.
    ///
    /// # Errors
    /// [`KeepError`]; nothing may be acknowledged then. A dropped future does not take the facts back.
    pub async fn keep(&self, entry: Entry) -> Result<(), KeepError> {
        let rows = entry.facts.iter().map(Row::of).collect::<Result<_, _>>()?;
        let said = Said::of(&entry)?;
        let (done, kept) = oneshot::channel();
        self.orders.try_send(Order::Keep(Request { rows, said, done })).map_err(|refused| match refused {
            TrySendError::Full(_) => KeepError::Busy { waiting: QUEUE },
            TrySendError::Disconnected(_) => KeepError::Closed,
        })?;
        kept.await.unwrap_or(Err(KeepError::Closed))
    }

    /// The log, for whoever wants to read it.
    pub fn log(&self) -> Log {
        Log::of(self.path.clone())
    }

    /// All facts, for whoever wants to read them.
    pub fn facts(&self) -> Facts {
        Facts::of(self.path.clone())
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
