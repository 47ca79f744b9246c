//! The SQLite file: how it is opened, what it looks like, what is read from and written to it.

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

use super::{Inspection, OpenError, Recovered, folder::Folder, row::Row};
use crate::domain::version::NodeId;

/// Every form the journal has had; `user_version` counts them. Add at the end, never change one.
const FORMS: &[M<'static>] = &[M::up(
    "CREATE TABLE fact (
         kind TEXT NOT NULL,     -- moment, gathering
         key  TEXT NOT NULL,     -- which of its kind; empty where there is only one
         rev  INTEGER NOT NULL,  -- the higher (rev, node) wins
         node TEXT NOT NULL,
         body TEXT NOT NULL,     -- the fact itself, JSON
         PRIMARY KEY (kind, key)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE node (
         one  INTEGER PRIMARY KEY CHECK (one = 1),
         name TEXT NOT NULL
     ) STRICT;",
)];

/// A stale version changes nothing, so the order of writes does not matter. Text compares by bytes, as in Rust.
const UPSERT: &str = "INSERT INTO fact (kind, key, rev, node, body) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (kind, key) DO UPDATE SET rev = excluded.rev, node = excluded.node, body = excluded.body
     WHERE (excluded.rev, excluded.node) > (fact.rev, fact.node)";

const EVERY_FACT: &str = "SELECT kind, key, rev, node, body FROM fact";

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
        // Looked at first through a connection that cannot write, so that a journal from the future stays as it is.
        inspect(&path)?;
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

    /// Reads the node's name, drawing one if it has none yet, and every fact.
    pub(super) fn recover(&mut self) -> Result<Recovered, OpenError> {
        let node = self.node()?;
        let rows = rows(&self.connection).map_err(|source| refusal(&self.path, source))?;
        let damaged = |row: &Row| OpenError::DamagedRow { path: self.path.clone(), row: row.name() };
        let facts = rows.iter().map(|row| row.fact().ok_or_else(|| damaged(row))).collect::<Result<_, _>>()?;
        Ok(Recovered { node, facts })
    }

    /// Commits all rows or none; when it returns well they are on the disk.
    pub(super) fn commit<'r>(&mut self, rows: impl Iterator<Item = &'r Row>) -> rusqlite::Result<()> {
        // Immediate: takes the write lock now, where waiting is possible, and not in the middle, where it is not.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut upsert = transaction.prepare_cached(UPSERT)?;
            for row in rows {
                upsert.execute(params![row.kind, row.key, row.rev, row.node, row.body])?;
            }
        }
        transaction.commit()
    }

    /// Writes and flushes something that changes nothing.
    pub(super) fn try_to_write(&self) -> rusqlite::Result<()> {
        self.connection.execute("UPDATE node SET name = name", []).map(drop)
    }

    fn node(&self) -> Result<NodeId, OpenError> {
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

/// Looks at a journal without changing it or leaving anything beside it.
///
/// The folder must not be in use; see [`super::folder`].
pub(super) fn inspect(path: &Path) -> Result<Inspection, OpenError> {
    if path.metadata().map_or(true, |file| file.len() == 0) {
        return Ok(Inspection::Absent);
    }
    let trouble = |source| refusal(path, source);
    let connection = open_to_look(path).map_err(trouble)?;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(trouble)?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    if found > FORMS.len() {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: FORMS.len() });
    }
    if found == 0 {
        return Ok(Inspection::Absent);
    }
    let rows = rows(&connection).map_err(trouble)?;
    match rows.iter().find(|row| row.fact().is_none()) {
        Some(row) => Err(OpenError::DamagedRow { path: path.to_owned(), row: row.name() }),
        None => Ok(Inspection::Sound { facts: rows.len() }),
    }
}

/// A connection that cannot write.
///
/// A journal that was closed in order has no write-ahead log, and is read as immutable: SQLite then makes no side
/// files. One that was not has its log read along, for the newest commits are in there.
fn open_to_look(path: &Path) -> rusqlite::Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let how = if Path::new(&log).exists() { "" } else { "?immutable=1" };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-".contains(b);
    let encoded: String = path
        .as_os_str()
        .as_bytes()
        .iter()
        .map(|b| if plain(b) { char::from(*b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:{encoded}{how}"), flags)
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

fn rows(connection: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare(EVERY_FACT)?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Row { kind: row.get(0)?, key: row.get(1)?, rev: row.get(2)?, node: row.get(3)?, body: row.get(4)? })
    };
    statement.query_map([], row)?.collect()
}

fn refusal(path: &Path, source: rusqlite::Error) -> OpenError {
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
