//! A fact as it lies in the table, and back.

use super::KeepError;
use crate::domain::fact::{Fact, Merge};

/// One row of the table `fact`.
///
/// Kind, key, revision and node repeat what the body says, so that the table can be searched, compared and read by
/// a person; the body is the fact itself.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) rev: i64,
    pub(super) node: String,
    pub(super) body: String,
}

impl Row {
    pub(super) fn of(fact: &Fact) -> Result<Self, KeepError> {
        let (rev, node) = place(fact);
        let unkeepable = KeepError::Unkeepable { kind: fact.kind(), rev };
        Ok(Self {
            kind: fact.kind().to_owned(),
            key: fact.key().into_owned(),
            rev: i64::try_from(rev).map_err(|_| unkeepable)?,
            node: node.to_owned(),
            body: serde_json::to_string(fact).map_err(|_| unkeepable)?,
        })
    }

    /// The fact, if the body holds the one that the other columns promise.
    pub(super) fn fact(&self) -> Option<Fact> {
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

/// Its place among those with the same kind and key: the higher one stays.
fn place(fact: &Fact) -> (u64, &str) {
    match fact.merge() {
        Merge::Newest(version) => (version.rev, version.node.as_str()),
        Merge::Furthest(so_far) => (so_far, ""),
        Merge::Same | Merge::Maximum => (0, ""),
    }
}
