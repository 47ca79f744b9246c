//! The chain that vouches for the log: each line's hash takes in the one before it, so that no line can be changed,
//! taken out or put in without every later hash being another one.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// How far a log goes, and the hash that vouches for every line up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The number of the last line; 0 before the first.
    pub n: u64,
    hash: Hash,
}

/// SHA-256 of the hash before, as 64 hexadecimal digits, a line feed, and the line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Link {
    /// Where every log begins: no line, and a hash of zeros.
    pub const GENESIS: Self = Self { n: 0, hash: Hash([0; 32]) };

    /// A link as it lies on the disk.
    pub(super) const fn stored(n: u64, hash: [u8; 32]) -> Self {
        Self { n, hash: Hash(hash) }
    }

    /// The link for the line that follows this one.
    pub fn next(&self, line: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update(self.hash.to_string());
        sha.update("\n");
        sha.update(line);
        Self { n: self.n.saturating_add(1), hash: Hash(sha.finalize().into()) }
    }

    /// The hash of the last line.
    pub const fn hash(&self) -> Hash {
        self.hash
    }
}

impl Hash {
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}
