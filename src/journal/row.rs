//! A fact as it lies in its table.

use rusqlite::{Connection, params};

use super::KeepError;
use crate::{
    domain::{
        fact::{Fact, Merge},
        tally::Tally,
    },
    wire::facts::read,
};

/// A stale version changes nothing, so the order of writes does not matter. Text compares by bytes, as in Rust; of two
/// with the same version the one stays that [`prevails`](crate::domain::version::prevails) on the board.
const NEWEST: &str = "INSERT INTO fact (kind, key, rev, node, body) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (kind, key) DO UPDATE SET rev = excluded.rev, node = excluded.node, body = excluded.body
     WHERE (excluded.rev, excluded.node, octet_length(excluded.body), excluded.body)
         > (fact.rev, fact.node, octet_length(fact.body), fact.body)";

/// What an older program could not read.
const NO_LONGER_FOREIGN: &str = "DELETE FROM fact WHERE kind = 'foreign' AND key = ?1";

/// Total by total the larger stays, so that states of one device which overlap or come late lose nothing.
const MAXIMUM: &str =
    "INSERT INTO tally (gathering, post, device, minute, entered, entered_undone, gone, gone_undone, rush)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (gathering, post, device, minute) DO UPDATE SET
         entered = max(entered, excluded.entered), entered_undone = max(entered_undone, excluded.entered_undone),
         gone = max(gone, excluded.gone), gone_undone = max(gone_undone, excluded.gone_undone),
         rush = max(rush, excluded.rush)";

/// A row on its way to the disk.
#[derive(Debug)]
pub(super) enum Row {
    /// One of the table `tally`.
    Tally(Tally),
    /// One of the table `fact`.
    Fact(Versioned),
    /// None: what was foreign under this key is understood now.
    Understood(String),
}

/// A fact that is kept whole, by its version.
///
/// Kind, key, revision and node repeat what the body says, so that the table can be searched, compared and read by
/// a person; the body is the fact itself.
#[derive(Debug)]
pub(super) struct Versioned {
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) rev: i64,
    pub(super) node: String,
    pub(super) body: String,
}

impl Row {
    pub(super) fn of(fact: &Fact) -> Result<Self, KeepError> {
        if let Fact::Tally(tally) = fact {
            return Ok(Self::Tally(tally.clone()));
        }
        let (rev, node) = place(fact);
        let unkeepable = || KeepError::unkeepable(fact);
        Ok(Self::Fact(Versioned {
            kind: fact.kind().to_owned(),
            key: fact.key().into_owned(),
            rev: i64::try_from(rev).map_err(|_| unkeepable())?,
            node: node.to_owned(),
            body: serde_json::to_string(fact).map_err(|_| unkeepable())?,
        }))
    }

    /// Writes it, as far as it is news.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Fact(Versioned { kind, key, rev, node, body }) => {
                connection.prepare_cached(NEWEST)?.execute(params![kind, key, rev, node, body])?;
            }
            Self::Understood(key) => {
                connection.prepare_cached(NO_LONGER_FOREIGN)?.execute([key])?;
            }
            Self::Tally(Tally { gathering, post, device, minute, totals }) => {
                connection.prepare_cached(MAXIMUM)?.execute(params![
                    gathering.as_str(),
                    post.as_str(),
                    device.to_string(),
                    minute.start().0,
                    totals.entered,
                    totals.entered_undone,
                    totals.left,
                    totals.left_undone,
                    totals.rush,
                ])?;
            }
        }
        Ok(())
    }
}

impl Versioned {
    /// The fact, if the body holds the one that the other columns promise. A row of a kind that is not known was
    /// written by a newer program.
    pub(super) fn fact(&self) -> Option<Fact> {
        if !Fact::KINDS.contains(&self.kind.as_str()) {
            let read = serde_json::from_str(&self.body).ok().and_then(|value| read(&value).ok());
            return read.and_then(|mut facts| facts.pop());
        }
        let fact: Fact = serde_json::from_str(&self.body).ok()?;
        let (rev, node) = place(&fact);
        let same = fact.kind() == self.kind
            && fact.key() == self.key
            && i64::try_from(rev) == Ok(self.rev)
            && node == self.node;
        same.then_some(fact)
    }

    /// What to call it in an error.
    pub(super) fn name(&self) -> String {
        format!("{} \"{}\"", self.kind, self.key)
    }
}

impl KeepError {
    /// That this fact has no form on disk.
    pub(super) fn unkeepable(fact: &Fact) -> Self {
        Self::Unkeepable { kind: fact.kind(), rev: place(fact).0 }
    }
}

/// Its place among those with the same kind and key: the higher one stays.
fn place(fact: &Fact) -> (u64, &str) {
    match fact.merge() {
        Merge::Newest(version) => (version.rev, version.node.as_str()),
        Merge::Furthest(so_far) => (so_far, ""),
        Merge::Same | Merge::Maximum => (0, ""),
    }
}
