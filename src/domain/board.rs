//! The merge of all facts.

use std::collections::BTreeMap;

use super::{
    fact::Fact,
    gathering::{Gathering, Slug},
    moment::Moment,
};

/// Whether a merge changed anything that somebody looking at the board could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Visible {
    /// The board is as it was.
    No,
    /// The board changed.
    Yes,
}

/// Everything lasting that is known: the merge of facts, in any order, any number of times.
///
/// Merging is commutative, associative and idempotent, because of two facts about the same thing the one
/// with the higher [`Version`](super::fact::Version) stays, and versions are never written twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    moment: Option<Moment>,
    gatherings: BTreeMap<Slug, Gathering>,
}

impl Board {
    /// Merges one fact, and tells whether a watcher could see the difference.
    pub fn merge(&mut self, fact: Fact) -> Visible {
        match fact {
            Fact::Moment(new) => match &self.moment {
                Some(old) if old.version >= new.version => Visible::No,
                _ => {
                    self.moment = Some(new);
                    Visible::Yes
                }
            },
            Fact::Gathering(new) => match self.gatherings.get(&new.slug) {
                Some(old) if old.version >= new.version => Visible::No,
                _ => {
                    self.gatherings.insert(new.slug.clone(), new);
                    Visible::Yes
                }
            },
        }
    }

    /// The moment somebody set; `None` while nobody has.
    pub fn moment(&self) -> Option<&Moment> {
        self.moment.as_ref()
    }

    /// One gathering by its slug.
    pub fn gathering(&self, slug: &Slug) -> Option<&Gathering> {
        self.gatherings.get(slug)
    }

    /// All gatherings, in the order of their slugs.
    pub fn gatherings(&self) -> impl ExactSizeIterator<Item = &Gathering> {
        self.gatherings.values()
    }
}
