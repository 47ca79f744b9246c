//! One line of the log: what was said, when and by whom, as text that is never written anew.
//!
//! In the journal a line is `{"n":7,"at":…,"by":"…","facts":[…]}`. Exported, its hash is put before the last brace, so
//! that taking it out again gives the line byte by byte, in any language and without reading JSON.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Entry, KeepError, chain::Link};
use crate::domain::{fact::Fact, grant::Grant, pass::PassHash, time::UnixMillis};

/// What comes between a line and its hash when it is exported, in place of the line's last brace.
const BEFORE_HASH: &str = ",\"hash\":\"";
/// What comes behind the hash.
const BEHIND_HASH: &str = "\"}";

/// A line as it can be read back.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Line {
    /// Its number; the first has 1.
    pub n: u64,
    /// When it was said, by the served clock; 0 for what was there before there was a log.
    pub at: UnixMillis,
    /// Who said it, as a label; never a person.
    pub by: String,
    /// What was said.
    pub facts: Vec<Fact>,
}

/// A text that is not the next line of the log before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not a line at all.
    #[error("it is not a line of a log")]
    Form,
    /// Another line than the next.
    #[error("it says that it is line {0}")]
    Order(u64),
    /// The chain breaks here.
    #[error("its hash should be {0}; this line was changed, or one before it was")]
    Hash(super::Hash),
}

impl Line {
    /// Reads an exported line, and moves `chain` on to it.
    ///
    /// # Errors
    /// [`LineError`]; `chain` stays where it was.
    pub fn read(exported: &str, chain: &mut Link) -> Result<Self, LineError> {
        let hashed = exported.strip_suffix(BEHIND_HASH).and_then(|rest| rest.rsplit_once(BEFORE_HASH));
        let (line, hash) = hashed.ok_or(LineError::Form)?;
        let line = format!("{line}}}");
        let next = chain.next(&line);
        let read: Self = serde_json::from_str(&line).map_err(|_| LineError::Form)?;
        if read.n != next.n {
            return Err(LineError::Order(read.n));
        }
        if next.hash().to_string() != hash {
            return Err(LineError::Hash(next.hash()));
        }
        *chain = next;
        Ok(read)
    }
}

/// What a line says, all but its number, which it gets when it is written.
#[derive(Debug)]
pub(super) struct Said(String);

impl Said {
    pub(super) fn of(entry: &Entry) -> Result<Self, KeepError> {
        let facts = entry.facts.iter().map(told).collect::<Result<Vec<_>, _>>()?;
        let by = serde_json::Value::from(entry.by.as_str());
        Ok(Self(format!("\"at\":{},\"by\":{by},\"facts\":[{}]}}", entry.at.0, facts.join(","))))
    }

    /// The line with this number.
    pub(super) fn line(&self, n: u64) -> String {
        format!("{{\"n\":{n},{}", self.0)
    }
}

/// A line as it is exported.
pub(super) fn exported(line: &str, hash: &impl std::fmt::Display) -> String {
    format!("{}{BEFORE_HASH}{hash}{BEHIND_HASH}\n", line.strip_suffix('}').unwrap_or(line))
}

fn told(fact: &Fact) -> Result<String, KeepError> {
    serde_json::to_string(without_secrets(fact).as_ref()).map_err(|_| KeepError::unkeepable(fact))
}

/// What the log may hold for ever, and others may see: not what a pass or a short code could be found out from.
fn without_secrets(fact: &Fact) -> Cow<'_, Fact> {
    match fact {
        Fact::Grant(grant) => Cow::Owned(Fact::Grant(Grant { hash: PassHash::OF_NONE, code: None, ..grant.clone() })),
        Fact::Foreign(foreign) => Cow::Owned(Fact::Foreign(foreign.withheld())),
        _ => Cow::Borrowed(fact),
    }
}
