//! Why a journal does not open, and why a fact is not kept.

use std::{io, path::PathBuf};

/// A journal that cannot be used. Each text names the place and the way out.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder is not there and could not be made.
    #[error("cannot make the data folder {}: {source}; make it yourself, or choose another with --data", path.display())]
    Make {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is something of that name that is not a folder.
    #[error("{} is not a folder; move it away, or choose another data folder with --data", path.display())]
    NotAFolder {
        /// The place.
        path: PathBuf,
    },
    /// The folder or a file in it cannot be read or written.
    #[error("cannot write {}: {source}; let the user who runs the server write there, or choose another data folder with --data", path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Another server has it.
    #[error("the data folder {} is in use by another oneoclock server; stop that one, or choose another folder with --data", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("the journal {} was written by a newer oneoclock (form {found}, this program knows up to {known}); nothing was changed: start the newer program, or choose another data folder with --data", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its form.
        found: usize,
        /// The newest form known here.
        known: usize,
    },
    /// The file is not a journal, or no longer.
    #[error("the journal {} is damaged: {source}; nothing was changed: put a copy of it back, or move it away to start anew", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// One row cannot be read as a fact.
    #[error("the journal {} is damaged: the row {row} does not hold the fact it should; nothing was changed: put a copy of the file back, or delete that row with sqlite3", path.display())]
    DamagedRow {
        /// The journal.
        path: PathBuf,
        /// The kind and key of the row, or what it is the row of.
        row: String,
    },
    /// The log was not written by a server, or not only.
    #[error("the log in the journal {} does not check out from line {n} on: it was changed from outside, or is damaged; the server starts with it and goes on, but figures can no longer be proved by it: put a copy of the file back", path.display())]
    BrokenLog {
        /// The journal.
        path: PathBuf,
        /// The first line whose hash is another one.
        n: u64,
    },
    /// SQLite will not, for any other reason.
    #[error("cannot use the journal {}: {source}; look at the disk and at who may write there, or choose another data folder with --data", path.display())]
    Sqlite {
        /// The journal.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The journal could not be brought to the form of this program.
    #[error("cannot bring the journal {} to the form of this version: {source}; nothing was changed", path.display())]
    Migrate {
        /// The journal.
        path: PathBuf,
        /// What went wrong.
        source: rusqlite_migration::Error,
    },
    /// The operating system gave no random bytes to name the node with.
    #[error("the operating system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The operating system gave no thread.
    #[error("cannot start the journal's thread: {0}; look at the limits on processes and memory")]
    Thread(io::Error),
}

/// Facts that were not kept; none of the request may be acknowledged.
///
/// After [`KeepError::Full`] and [`KeepError::Failed`] they may still turn up after a restart, as after any
/// answer that got lost; that is harmless, because a fact may be learned at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// Too many wait already; trying again in a second is right.
    #[error("the journal is busy: {waiting} requests are waiting already; try again in a moment")]
    Busy {
        /// How many may wait.
        waiting: usize,
    },
    /// No room on the disk.
    #[error("the disk that holds the journal is full; nothing was kept: make room and try again")]
    Full,
    /// The disk or the file failed; the log says how.
    #[error("the journal could not be written; nothing was kept: the server's log says why")]
    Failed,
    /// The server is stopping.
    #[error("the journal is closed because the server is stopping; nothing was kept: try again in a moment")]
    Closed,
    /// The fact has no form on disk, such as a revision beyond 2^63 - 1.
    #[error("the {kind} cannot be written down at revision {rev}; nothing was kept")]
    Unkeepable {
        /// What kind of fact.
        kind: &'static str,
        /// Its revision.
        rev: u64,
    },
}

/// A log that cannot be read just now.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the log from the journal {}: {source}", path.display())]
pub struct LogError {
    /// The journal.
    pub(super) path: PathBuf,
    /// What SQLite says.
    pub(super) source: rusqlite::Error,
}
