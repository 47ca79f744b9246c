//! All facts as they lie on the disk, for whoever compares them with those of another node.

use std::path::PathBuf;

use super::{OpenError, reader::Reader};
use crate::domain::fact::Fact;

/// A reader of all facts. Each look is one of its own, of one instant, through a connection that cannot write: the
/// writer does not wait for it.
#[derive(Clone, Debug)]
pub struct Facts {
    path: PathBuf,
}

impl Facts {
    pub(super) const fn of(path: PathBuf) -> Self {
        Self { path }
    }

    /// Hands on every fact as it is after all merging, in no particular order. Blocks on the disk, for half a second
    /// when there are 200,000.
    ///
    /// # Errors
    /// [`OpenError`], if the file cannot be read; some may have been handed on by then.
    pub fn each(&self, take: impl FnMut(Fact)) -> Result<(), OpenError> {
        if let Some(reader) = Reader::open(&self.path)? {
            reader.facts(take)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
