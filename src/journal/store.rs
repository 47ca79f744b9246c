//! The SQLite file: how it is opened, what it looks like, what is written to it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use rusqlite_migration::Migrations;

use super::{Entry, OpenError, UNDERSTOOD, folder::Folder, forms::FORMS, line::Said, reader, row::Row};
use crate::domain::{fact::Fact, time::UnixMillis, version::NodeId};

/// The chain goes on from whatever the last line is.
const ADD_LINE: &str = "INSERT INTO log (n, line, hash) VALUES (?1, ?2, ?3)";

/// How long to wait for somebody else's lock on the file, such as an operator's `sqlite3`. Nobody else should
/// write; when they do, a request fails after this and says so.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Length of a node's name: 36^6 names, two billion, for a handful of nodes.
const NODE_NAME_BYTES: usize = 6;

/// The open journal, and the hold on the folder that keeps other servers out.
#[derive(Debug)]
pub(super) struct Store {
    // Closed before the folder is let go: fields drop in this order.
    connection: Connection,
    path: PathBuf,
    _folder: Folder,
}

impl Store {
    /// Opens the journal of a folder that is held, and brings it to the newest form.
    pub(super) fn open(folder: Folder) -> Result<Self, OpenError> {
        let path = folder.journal();
        // One thread owns the connection, so SQLite needs no mutex of its own.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let trouble = |source| refusal(&path, source);
        let mut connection = Connection::open_with_flags(&path, flags).map_err(trouble)?;
        configure(&connection).map_err(trouble)?;
        Migrations::from_slice(FORMS)
            .to_latest(&mut connection)
            .map_err(|source| OpenError::Migrate { path: path.clone(), source })?;
        Ok(Self { connection, path, _folder: folder })
    }

    /// Commits all of these or none; when it returns well they are on the disk.
    ///
    /// What is said of them is in the log with the same flush: tables and log never tell different stories.
    pub(super) fn commit<'r>(&mut self, kept: impl Iterator<Item = (&'r [Row], &'r Said)>) -> rusqlite::Result<()> {
        // Immediate: takes the write lock now, where waiting is possible, and not in the middle, where it is not.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            // Asked anew each time: what a failed commit left behind is for the file to say, and not for us.
            let mut link = reader::newest(&transaction)?;
            let mut add = transaction.prepare_cached(ADD_LINE)?;
            for (rows, said) in kept {
                for row in rows {
                    row.write(&transaction)?;
                }
                let line = said.line(link.n.saturating_add(1));
                link = link.next(&line);
                let n = i64::try_from(link.n).unwrap_or(i64::MAX);
                add.execute(params![n, line, link.hash().bytes()])?;
            }
        }
        transaction.commit()
    }

    /// Begins the log of a journal that had none with what is there already, so that the log alone tells everything.
    pub(super) fn begin_log(&mut self, there: &Entry) -> Result<(), OpenError> {
        self.write(there, &[])
    }

    /// Puts what an older program kept without understanding it where it belongs: each by its key, with what it says.
    pub(super) fn understand(&mut self, read: Vec<(String, Vec<Fact>)>) -> Result<(), OpenError> {
        let mut entry = Entry { at: UnixMillis(0), by: UNDERSTOOD.to_owned(), facts: Vec::new() };
        let mut rows = Vec::new();
        for (key, facts) in read {
            rows.push(Row::Understood(key));
            entry.facts.extend(facts);
        }
        for fact in &entry.facts {
            rows.push(Row::of(fact).map_err(|_| self.unwritable())?);
        }
        self.write(&entry, &rows)
    }

    fn write(&mut self, entry: &Entry, rows: &[Row]) -> Result<(), OpenError> {
        let said = Said::of(entry).map_err(|_| self.unwritable())?;
        self.commit(std::iter::once((rows, &said))).map_err(|source| refusal(&self.path, source))
    }

    fn unwritable(&self) -> OpenError {
        OpenError::DamagedRow { path: self.path.clone(), row: "that cannot be logged".to_owned() }
    }

    /// Writes and flushes something that changes nothing.
    pub(super) fn try_to_write(&self) -> rusqlite::Result<()> {
        self.connection.execute("UPDATE node SET name = name", []).map(drop)
    }

    /// The node's name; draws one if it has none yet.
    pub(super) fn node(&self) -> Result<NodeId, OpenError> {
        let trouble = |source| refusal(&self.path, source);
        let known: Option<String> =
            self.connection.query_row("SELECT name FROM node", [], |row| row.get(0)).optional().map_err(trouble)?;
        let name = match known {
            Some(name) => name,
            None => {
                let name = draw_name()?;
                self.connection.execute("INSERT INTO node (one, name) VALUES (1, ?1)", [&name]).map_err(trouble)?;
                name
            }
        };
        name.parse()
            .map_err(|_| OpenError::DamagedRow { path: self.path.clone(), row: "with the node's name".to_owned() })
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Write-ahead log: a commit is one sequential write and one flush, and an operator can read meanwhile.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Flush at every commit. NORMAL would lose the last acknowledged commits when the power goes.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // SQLite leaves it off for the sake of old files; a later form that refers across tables must be held to it.
    connection.pragma_update(None, "foreign_keys", true)?;
    // Pages of log (4 KiB each) before it is folded back into the file: 4 MiB, read again at a start after a crash.
    connection.pragma_update(None, "wal_autocheckpoint", 1_000)?;
    // Bytes of log left on disk after a large import was folded back.
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    // A memory-mapped file turns a disk error into a signal that ends the process.
    connection.pragma_update(None, "mmap_size", 0)
}

/// What a failure of SQLite means to somebody who opens the journal.
pub(super) fn refusal(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Damaged { path, source },
        _ => OpenError::Sqlite { path, source },
    }
}

fn draw_name() -> Result<String, OpenError> {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = [0; NODE_NAME_BYTES];
    getrandom::fill(&mut bytes).map_err(OpenError::Random)?;
    Ok(bytes.iter().map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect())
}
