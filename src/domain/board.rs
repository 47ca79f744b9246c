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
/// with the higher [`Version`](super::version::Version) stays, and versions are never written twice.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        access::AccessFacts,
        gathering::Visibility,
        programme::Programme,
        time::UnixMillis,
        version::{NodeId, Version},
    };

    /// Few things, few revisions, few nodes, so that facts really compete. What a fact says follows from its
    /// version, as no version is ever written twice.
    fn any_fact() -> impl Strategy<Value = Fact> {
        (0usize..4, 0u64..6, 0usize..3).prop_map(|(thing, rev, writer)| {
            let node: NodeId = ["a", "b", "c"][writer].parse().unwrap();
            let says = format!("{thing} as {node} wrote it in {rev}");
            let version = Version { rev, node: node.clone() };
            if thing == 0 {
                let moment = Moment::default_at(UnixMillis(0), &node);
                return Fact::Moment(Moment { version, name: says, ..moment });
            }
            Fact::Gathering(Gathering {
                slug: ["bath", "leeds", "york"][thing - 1].parse().unwrap(),
                version,
                name: says,
                place: String::new(),
                nation: String::new(),
                venue: String::new(),
                kind: String::new(),
                point: None,
                expected: None,
                visibility: Visibility::Listed,
                joins: true,
                programme: Programme::default(),
                access: AccessFacts::default(),
                missing: rev % 2 == 0,
            })
        })
    }

    fn board(facts: impl IntoIterator<Item = Fact>) -> Board {
        let mut board = Board::default();
        for fact in facts {
            let _ = board.merge(fact);
        }
        board
    }

    proptest! {
        #[test]
        fn facts_in_any_order_and_any_number_of_times_make_the_same_board(
            (facts, otherwise) in prop::collection::vec(any_fact(), 0..40).prop_flat_map(|facts| {
                let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
                (Just(facts), Just(twice).prop_shuffle())
            })
        ) {
            prop_assert_eq!(board(facts), board(otherwise));
        }

        #[test]
        fn a_fact_merged_again_changes_nothing_that_anybody_could_see(
            facts in prop::collection::vec(any_fact(), 1..40)
        ) {
            let mut board = board(facts.clone());
            for fact in facts {
                prop_assert_eq!(board.merge(fact), Visible::No);
            }
        }

        #[test]
        fn the_highest_version_of_each_thing_stays(facts in prop::collection::vec(any_fact(), 1..40)) {
            let board = board(facts.clone());
            for fact in &facts {
                let newest = facts.iter().filter(|f| (f.kind(), f.key()) == (fact.kind(), fact.key()));
                let newest = newest.map(Fact::version).max();
                let stays = match fact {
                    Fact::Moment(_) => board.moment().map(|m| &m.version),
                    Fact::Gathering(g) => board.gathering(&g.slug).map(|g| &g.version),
                };
                prop_assert_eq!(stays, newest);
            }
        }
    }
}
