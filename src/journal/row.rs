//! A fact as it lies in the table, and back.

use super::KeepError;
use crate::domain::fact::Fact;

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
        let version = fact.version();
        let unkeepable = KeepError::Unkeepable { kind: fact.kind(), rev: version.rev };
        Ok(Self {
            kind: fact.kind().to_owned(),
            key: fact.key().to_owned(),
            rev: i64::try_from(version.rev).map_err(|_| unkeepable)?,
            node: version.node.to_string(),
            body: serde_json::to_string(fact).map_err(|_| unkeepable)?,
        })
    }

    /// The fact, if the body holds the one that the other columns promise.
    pub(super) fn fact(&self) -> Option<Fact> {
        let fact: Fact = serde_json::from_str(&self.body).ok()?;
        let version = fact.version();
        let same = fact.kind() == self.kind
            && fact.key() == self.key
            && i64::try_from(version.rev) == Ok(self.rev)
            && version.node.to_string() == self.node;
        same.then_some(fact)
    }

    /// What to call it in an error.
    pub(super) fn name(&self) -> String {
        format!("{} \"{}\"", self.kind, self.key)
    }
}
