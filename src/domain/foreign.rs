//! What a newer program said, and this one does not understand.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a digest: no two texts that nodes say ever have the same.
const DIGEST_BYTES: usize = 16;

/// A fact of a kind that is not known here, or with fields that are not: kept and passed on as it came, so that nodes
/// of two releases can run side by side. A newer program reads it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// The fact as JSON, its keys in order and without spaces: two nodes have the same text of the same fact.
    pub body: String,
}

impl Foreign {
    /// What tells it from every other, in 32 of 0-9 and a-f: the beginning of the SHA-256 of its body.
    pub fn digest(&self) -> String {
        let mut digest = String::with_capacity(2 * DIGEST_BYTES);
        for byte in &Sha256::digest(&self.body)[..DIGEST_BYTES] {
            // Writing to a String cannot fail.
            let _ = write!(digest, "{byte:02x}");
        }
        digest
    }

    /// What may be told of it to others than nodes: that it is there. What is not understood may hold a secret.
    #[must_use]
    pub fn withheld(&self) -> Self {
        Self { body: format!("{{\"digest\":\"{}\",\"fact\":\"withheld\"}}", self.digest()) }
    }
}
