//! The merge of all facts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

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
    version::{NodeId, Version, prevails},
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
    /// The digests of what a newer program said: it is kept and passed on, but not understood.
    foreign: BTreeSet<String>,
}

impl Board {
    /// Merges one fact, and tells whether a watcher could see the difference.
    pub fn merge(&mut self, fact: Fact) -> Visible {
        let changed = match fact {
            Fact::Moment(new) => {
                let newer = self.moment.as_ref().is_none_or(|old| prevails(&new, old, |m| &m.version));
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
            Fact::Foreign(new) => {
                self.foreign.insert(new.digest());
                false
            }
        };
        changed.into()
    }

    /// Whether merging a fact would change nothing at all, not even what nobody can see.
    pub fn knows(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Moment(new) => self.moment.as_ref().is_some_and(|old| !prevails(new, old, |m| &m.version)),
            Fact::Gathering(new) => keeps(self.gatherings.get(&new.slug), new, |g| &g.version),
            Fact::Grant(new) => self.grants.knows(new),
            Fact::Ready(new) => keeps(self.ready.get(&new.gathering), new, |r| &r.version),
            Fact::Switch(new) => keeps(self.switches.get(&new.name), new, |s| &s.version),
            Fact::Elsewhere(new) => {
                let known = self.elsewhere.get(&(new.node.clone(), new.since));
                known.is_some_and(|known| !known.clone().merge(new))
            }
            Fact::Tally(new) => self.count.knows_tally(new),
            Fact::Estimate(new) => self.count.has_estimate(new),
            Fact::Ruling(new) => self.count.knows_ruling(new),
            Fact::Foreign(new) => self.foreign.contains(&new.digest()),
        }
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
fn keep_newest<K: Ord, T: Serialize + PartialEq>(
    map: &mut BTreeMap<K, T>,
    key: K,
    new: T,
    version: impl Fn(&T) -> &Version,
) -> bool {
    let newer = !keeps(map.get(&key), &new, version);
    if newer {
        map.insert(key, new);
    }
    newer
}

/// Whether what is there stays as it is although `new` was heard.
fn keeps<T: Serialize + PartialEq>(old: Option<&T>, new: &T, version: impl Fn(&T) -> &Version) -> bool {
    old.is_some_and(|old| !prevails(new, old, version))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        access::AccessFacts,
        fact::Merge,
        foreign::Foreign,
        gathering::Visibility,
        grant::{Grant, tests::granted},
        programme::Programme,
        ruling::{Ruling, Subject},
        tally::{Tally, Totals},
        tests::{board, estimate, slug, tally},
        time::UnixMillis,
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

    /// Facts of every kind, with versions that were written twice among them.
    fn any_of_all() -> impl Strategy<Value = Fact> {
        let version =
            (0u64..3, 0usize..2).prop_map(|(rev, node)| Version { rev, node: ["a", "b"][node].parse().unwrap() });
        let people = prop::array::uniform4(0u32..3);
        let tapped = (0u128..2, 0i64..2, people, any::<bool>()).prop_map(|(device, minute, people, rush)| {
            let [entered, entered_undone, left, left_undone] = people;
            tally("North", device, minute, Totals { entered, entered_undone, left, left_undone, rush })
        });
        let typed = (0u128..2, 0u32..3).prop_map(|(device, value)| estimate(Some("North"), device, 0, value));
        let subject = prop_oneof![
            tapped.clone().prop_map(|t| {
                let Tally { gathering, post, device, minute, .. } = t;
                Subject::Tally { gathering, post, device, minute }
            }),
            typed.clone().prop_map(|estimate| Subject::Estimate(Box::new(estimate))),
            Just(Subject::Gathering { gathering: slug("bath") }),
            (0u128..2).prop_map(|device| Subject::Device { device: device.into() }),
        ];
        prop_oneof![
            4 => any_fact(),
            4 => tapped.prop_map(Fact::Tally),
            2 => typed.prop_map(Fact::Estimate),
            3 => (subject, version.clone(), 0u32..3).prop_map(|(subject, version, upto)| Fact::Ruling(Ruling { subject, version, upto })),
            2 => (0u8..2, version.clone(), any::<bool>()).prop_map(|(id, version, revoked)| {
                let (_, grant) = granted(["x", "y"][usize::from(id)], id);
                Fact::Grant(Grant { version, revoked, ..grant })
            }),
            1 => (version.clone(), any::<bool>()).prop_map(|(version, ready)| {
                Fact::Ready(Ready { gathering: slug("bath"), version, ready, at: UnixMillis(0) })
            }),
            1 => (version, any::<bool>()).prop_map(|(version, on)| {
                Fact::Switch(Switch { name: switch::Name::Final, version, on, at: UnixMillis(0) })
            }),
            1 => (0u64..3, 0u64..3).prop_map(|(joined, taken_back)| {
                let node = "a".parse().unwrap();
                Fact::Elsewhere(Elsewhere { joined, taken_back, ..Elsewhere::none(node, UnixMillis(0)) })
            }),
            1 => (0u8..2).prop_map(|n| Fact::Foreign(Foreign { body: n.to_string() })),
        ]
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
        fn what_is_known_is_what_would_change_nothing(facts in prop::collection::vec(any_of_all(), 1..40)) {
            let mut board = Board::default();
            for fact in facts {
                let known = board.knows(&fact);
                let before = board.clone();
                let _ = board.merge(fact.clone());
                prop_assert_eq!(known, board == before, "{:?}", fact);
                prop_assert!(board.knows(&fact), "{:?}", fact);
            }
        }

        #[test]
        fn facts_of_any_kind_in_any_order_make_the_same_board(
            (facts, otherwise) in prop::collection::vec(any_of_all(), 0..40).prop_flat_map(|facts| {
                let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
                (Just(facts), Just(twice).prop_shuffle())
            })
        ) {
            prop_assert_eq!(board(facts), board(otherwise));
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
