//! The log as others read it, page by page, while the server writes on.

use std::path::PathBuf;

use rusqlite::Connection;

use super::{
    LogError,
    line::exported,
    reader::{LINES, newest, open_to_look, read_line},
};

/// Most lines of a page: some 300 KiB of taps.
const PAGE_LINES: usize = 1_000;

/// A page that has so many bytes takes no further line. A single line may be longer: the import of a national list,
/// at most [`MAX_BYTES`](crate::domain::import::MAX_BYTES) and the names of its columns at every row.
const PAGE_BYTES: usize = 256 * 1024;

/// A reader of the log. Each look is a short one of its own, through a connection that cannot write, so that neither
/// the writer nor the folding back of its write-ahead log waits for whoever reads slowly.
#[derive(Clone, Debug)]
pub struct Log {
    path: PathBuf,
}

/// Some lines of the log, in their order.
#[derive(Debug)]
pub struct Page {
    /// The lines with their hashes, each ended by a line feed; empty if there is none.
    pub lines: String,
    /// The number of the last of them.
    pub last: u64,
}

impl Log {
    pub(super) const fn of(path: PathBuf) -> Self {
        Self { path }
    }

    /// The number of the last line; 0 if there is none. Blocks on the disk.
    ///
    /// # Errors
    /// [`LogError`], if the file cannot be read.
    pub fn newest(&self) -> Result<u64, LogError> {
        self.look(|connection| Ok(newest(connection)?.n))
    }

    /// The lines behind number `after`, up to and including number `upto`, as many as a page takes. Blocks on the disk.
    ///
    /// # Errors
    /// [`LogError`], if the file cannot be read.
    pub fn page(&self, after: u64, upto: u64) -> Result<Page, LogError> {
        self.look(|connection| {
            let mut page = Page { lines: String::new(), last: after };
            let mut statement = connection.prepare(LINES)?;
            let mut rows = statement.query([after, upto].map(|n| i64::try_from(n).unwrap_or(i64::MAX)))?;
            let mut count = 0;
            while count < PAGE_LINES
                && page.lines.len() < PAGE_BYTES
                && let Some(columns) = rows.next()?
            {
                let (line, link) = read_line(columns)?;
                page.lines.push_str(&exported(&line, &link.hash()));
                page.last = link.n;
                count += 1;
            }
            Ok(page)
        })
    }

    fn look<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LogError> {
        open_to_look(&self.path).and_then(|c| look(&c)).map_err(|source| LogError { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests;
