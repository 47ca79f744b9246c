//! The merge of all facts.

use std::collections::BTreeMap;

use super::{
    count::Count,
    elsewhere::Elsewhere,
    fact::Fact,
    gathering::{Gathering, Slug},
    grants::Grants,
    headcount::Day,
    moment::Moment,
    ready::Ready,
    switch::{self, Switch},
    time::UnixMillis,
    version::{NodeId, Version},
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

impl From<bool> for Visible {
    fn from(changed: bool) -> Self {
        if changed { Self::Yes } else { Self::No }
    }
}

/// Everything lasting that is known: the merge of facts, in any order, any number of times.
///
/// Merging is commutative, associative and idempotent: see [`Merge`](super::fact::Merge) for why of each kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    moment: Option<Moment>,
    gatherings: BTreeMap<Slug, Gathering>,
    grants: Grants,
    ready: BTreeMap<Slug, Ready>,
    count: Count,
    elsewhere: BTreeMap<(NodeId, UnixMillis), Elsewhere>,
    switches: BTreeMap<switch::Name, Switch>,
}

impl Board {
    /// Merges one fact, and tells whether a watcher could see the difference.
    pub fn merge(&mut self, fact: Fact) -> Visible {
        let changed = match fact {
            Fact::Moment(new) => {
                let newer = self.moment.as_ref().is_none_or(|old| old.version < new.version);
                if newer {
                    self.moment = Some(new);
                }
                newer
            }
            Fact::Gathering(new) => keep_newest(&mut self.gatherings, new.slug.clone(), new, |g| &g.version),
            Fact::Grant(new) => self.grants.merge(new),
            Fact::Ready(new) => keep_newest(&mut self.ready, new.gathering.clone(), new, |r| &r.version),
            Fact::Switch(new) => keep_newest(&mut self.switches, new.name, new, |s| &s.version),
            Fact::Elsewhere(new) => {
                let known = self.elsewhere.entry((new.node.clone(), new.since));
                let known = known.or_insert_with(|| Elsewhere::none(new.node.clone(), new.since));
                known.merge(&new)
            }
            Fact::Tally(new) => self.count.tally(&new),
            Fact::Estimate(new) => self.count.estimate(new),
            Fact::Ruling(new) => self.count.rule(new),
        };
        changed.into()
    }

    /// What stewards have counted.
    pub fn count(&self) -> &Count {
        &self.count
    }

    /// Every pass that was given out.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// What was last said of a gathering in the roll-call.
    pub fn ready(&self, slug: &Slug) -> Option<&Ready> {
        self.ready.get(slug)
    }

    /// People who said on this day that they take part elsewhere, on every node.
    pub fn elsewhere(&self, day: Day) -> u64 {
        let of_the_day = self.elsewhere.values().filter(|told| day.contains(told.since));
        let (joined, back) = of_the_day.fold((0_u64, 0_u64), |(joined, back), told| {
            (joined.saturating_add(told.joined), back.saturating_add(told.taken_back))
        });
        joined.saturating_sub(back)
    }

    /// What one node was told by people elsewhere, hour by hour.
    pub fn elsewhere_at<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a Elsewhere> {
        self.elsewhere.values().filter(move |told| told.node == *node)
    }

    /// How a switch stands, if anybody touched it.
    pub fn switch(&self, name: switch::Name) -> Option<&Switch> {
        self.switches.get(&name)
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

/// Keeps `new` under `key` if its version is higher than what is there; whether it did.
fn keep_newest<K: Ord, T>(map: &mut BTreeMap<K, T>, key: K, new: T, version: impl Fn(&T) -> &Version) -> bool {
    let newer = map.get(&key).is_none_or(|old| version(old) < version(&new));
    if newer {
        map.insert(key, new);
    }
    newer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        access::AccessFacts, fact::Merge, gathering::Visibility, programme::Programme, time::UnixMillis,
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

    fn version(fact: &Fact) -> Option<&Version> {
        match fact.merge() {
            Merge::Newest(version) => Some(version),
            _ => None,
        }
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
                let newest = newest.filter_map(version).max();
                let stays = match fact {
                    Fact::Gathering(g) => board.gathering(&g.slug).map(|g| &g.version),
                    _ => board.moment().map(|m| &m.version),
                };
                prop_assert_eq!(stays, newest);
            }
        }
    }
}
