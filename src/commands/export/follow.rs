//! Following an exported log from its first line to its last, in pieces of any size.

use std::fmt;

use crate::journal::{Line, LineError, Link};

/// Longest line taken, in bytes: the import of the longest list, with the names of its columns at every row, has
/// less than half.
const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

/// How far a log was followed.
#[derive(Debug)]
pub(super) struct Follower {
    chain: Link,
    pending: Vec<u8>,
}

/// Where a log is not whole.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A line that does not follow from those before it.
    #[error("line {n} does not check out: {source}")]
    Line {
        /// Which.
        n: u64,
        /// Why not.
        source: LineError,
    },
    /// The file ends in the middle of a line.
    #[error("it breaks off in line {0}; export it again")]
    Cut(u64),
    /// A line that no server writes.
    #[error("line {0} is longer than {MAX_LINE_BYTES} bytes; is it a log?")]
    TooLong(u64),
}

/// The end of a log that is whole.
#[derive(Debug)]
pub(super) struct End(Link);

impl Default for Follower {
    fn default() -> Self {
        Self { chain: Link::GENESIS, pending: Vec::new() }
    }
}

impl Follower {
    /// Takes the next piece, and hands on each line that it makes whole.
    pub(super) fn feed(&mut self, piece: &[u8], mut take: impl FnMut(Line)) -> Result<(), Broken> {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.pending.extend_from_slice(part);
            let n = self.chain.n + 1;
            if let Some(line) = self.pending.strip_suffix(b"\n") {
                let line = str::from_utf8(line).map_err(|_| LineError::Form);
                let read = line.and_then(|line| Line::read(line, &mut self.chain));
                take(read.map_err(|source| Broken::Line { n, source })?);
                self.pending.clear();
            } else if self.pending.len() > MAX_LINE_BYTES {
                return Err(Broken::TooLong(n));
            }
        }
        Ok(())
    }

    /// Says that no further piece comes.
    pub(super) fn end(self) -> Result<End, Broken> {
        if self.pending.is_empty() { Ok(End(self.chain)) } else { Err(Broken::Cut(self.chain.n + 1)) }
    }
}

impl fmt::Display for End {
    /// The hash is what to publish: whoever has it can tell a log that was cut short from the whole one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.n {
            0 => f.write_str("the log is empty"),
            1 => write!(f, "1 line checks out; its hash is {}", self.0.hash()),
            n => write!(f, "{n} lines follow from one another; the hash of the last is {}", self.0.hash()),
        }
    }
}
