//! Reading a journal through a connection that cannot write.

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row as Columns};

use super::{Link, OpenError, forms::FORMS, row::Versioned, store::refusal};
use crate::domain::{
    fact::Fact,
    tally::{Tally, Totals},
    time::{Minute, UnixMillis},
};

/// The first form with a table of tallies and a log.
const COUNTING: usize = 2;

const EVERY_FACT: &str = "SELECT kind, key, rev, node, body FROM fact";
const EVERY_TALLY: &str =
    "SELECT gathering, post, device, minute, entered, entered_undone, gone, gone_undone, rush FROM tally";
const NEWEST_LINE: &str = "SELECT n, hash FROM log ORDER BY n DESC LIMIT 1";
/// After one number, up to and including another.
pub(super) const LINES: &str = "SELECT n, line, hash FROM log WHERE n > ?1 AND n <= ?2 ORDER BY n";

/// A journal that is looked at.
#[derive(Debug)]
pub(super) struct Reader {
    connection: Connection,
    path: PathBuf,
    form: usize,
}

impl Reader {
    /// Opens the journal at `path` without changing it or leaving anything beside it; `None` if there is none yet.
    ///
    /// Its folder must not be in use by another; see [`super::folder`].
    pub(super) fn open(path: &Path) -> Result<Option<Self>, OpenError> {
        if path.metadata().map_or(true, |file| file.len() == 0) {
            return Ok(None);
        }
        let trouble = |source| refusal(path, source);
        let connection = open_to_look(path).map_err(trouble)?;
        let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(trouble)?;
        let form = usize::try_from(found).unwrap_or(usize::MAX);
        match form {
            0 => Ok(None),
            _ if form > FORMS.len() => Err(OpenError::Newer { path: path.to_owned(), found: form, known: FORMS.len() }),
            _ => Ok(Some(Self { connection, path: path.to_owned(), form })),
        }
    }

    /// Hands on every fact, the newest version of each, in no particular order; says how many there are.
    pub(super) fn facts(&self, mut learn: impl FnMut(Fact)) -> Result<usize, OpenError> {
        let trouble = |source| refusal(&self.path, source);
        // Ends, and changes nothing, when it is dropped.
        let _at_one_instant = self.connection.unchecked_transaction().map_err(trouble)?;
        let mut facts = self.each(EVERY_FACT, |columns| {
            let row = Versioned {
                kind: columns.get(0)?,
                key: columns.get(1)?,
                rev: columns.get(2)?,
                node: columns.get(3)?,
                body: columns.get(4)?,
            };
            Ok(row.fact().map(&mut learn).ok_or_else(|| row.name()))
        })?;
        if self.form >= COUNTING {
            facts += self.each(EVERY_TALLY, |columns| Ok(tally(columns)?.map(|tally| learn(Fact::Tally(tally)))))?;
        }
        Ok(facts)
    }

    /// How far the log goes.
    pub(super) fn newest(&self) -> Result<Link, OpenError> {
        if self.form < COUNTING {
            return Ok(Link::GENESIS);
        }
        newest(&self.connection).map_err(|source| refusal(&self.path, source))
    }

    /// Follows the chain from the first line to the last, and says how far it goes.
    pub(super) fn follow_chain(&self) -> Result<Link, OpenError> {
        let mut chain = Link::GENESIS;
        if self.form >= COUNTING {
            let trouble = |source| refusal(&self.path, source);
            let mut statement = self.connection.prepare(LINES).map_err(trouble)?;
            let mut rows = statement.query([0, i64::MAX]).map_err(trouble)?;
            while let Some(columns) = rows.next().map_err(trouble)? {
                let (line, stored) = read_line(columns).map_err(trouble)?;
                chain = chain.next(&line);
                if chain != stored {
                    return Err(OpenError::BrokenLog { path: self.path.clone(), n: chain.n });
                }
            }
        }
        Ok(chain)
    }

    /// Calls `take` with each row; it gives the name of one that is damaged. Says how many there are.
    fn each(
        &self,
        query: &str,
        mut take: impl FnMut(&Columns<'_>) -> rusqlite::Result<Result<(), String>>,
    ) -> Result<usize, OpenError> {
        let trouble = |source| refusal(&self.path, source);
        let mut statement = self.connection.prepare(query).map_err(trouble)?;
        let mut rows = statement.query([]).map_err(trouble)?;
        let mut count = 0;
        while let Some(columns) = rows.next().map_err(trouble)? {
            let damaged = |row| OpenError::DamagedRow { path: self.path.clone(), row };
            take(columns).map_err(trouble)?.map_err(damaged)?;
            count += 1;
        }
        Ok(count)
    }
}

/// How far the log of an open journal of the newest form goes.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<Link> {
    let link = |columns: &Columns<'_>| Ok(Link::stored(number(columns)?, columns.get(1)?));
    Ok(connection.prepare_cached(NEWEST_LINE)?.query_row([], link).optional()?.unwrap_or(Link::GENESIS))
}

/// A line of the log, and the link it was written with.
pub(super) fn read_line(columns: &Columns<'_>) -> rusqlite::Result<(String, Link)> {
    Ok((columns.get(1)?, Link::stored(number(columns)?, columns.get(2)?)))
}

fn number(columns: &Columns<'_>) -> rusqlite::Result<u64> {
    let n: i64 = columns.get(0)?;
    u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, n))
}

/// The tally in a row, or the name of one that holds none.
fn tally(columns: &Columns<'_>) -> rusqlite::Result<Result<Tally, String>> {
    let (gathering, post, device, minute): (String, String, String, i64) =
        (columns.get(0)?, columns.get(1)?, columns.get(2)?, columns.get(3)?);
    let totals = Totals {
        entered: columns.get(4)?,
        entered_undone: columns.get(5)?,
        left: columns.get(6)?,
        left_undone: columns.get(7)?,
        rush: columns.get(8)?,
    };
    let read = || {
        Some(Tally {
            gathering: gathering.parse().ok()?,
            post: post.parse().ok()?,
            device: device.parse().ok()?,
            minute: Minute::try_from(UnixMillis(minute)).ok()?,
            totals,
        })
    };
    Ok(read().ok_or_else(|| format!("tally \"{gathering}/{post}/{device}/{minute}\"")))
}

/// A connection that cannot write.
///
/// A journal that was closed in order has no write-ahead log, and is read as immutable: SQLite then makes no side
/// files. One that was not has its log read along, for the newest commits are in there; so has one that is open.
pub(super) fn open_to_look(path: &Path) -> rusqlite::Result<Connection> {
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
