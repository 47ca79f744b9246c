//! What a node has, in a few numbers that two nodes can compare.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::{fact::Fact, tally::Totals};

/// Leaves that all facts are shared out to. Of a day of 200,000 facts two hundred are in each: 40 kB to send for one
/// that is missing, and 11 kB to ask.
pub const LEAVES: usize = 1_024;

/// Bytes of all sums, as they are sent.
pub const LEAVES_BYTES: usize = LEAVES * SUM_BYTES;

const SUM_BYTES: usize = size_of::<u64>();

/// Groups that the tallies of one minute are shared out to. Nodes that were apart for ten minutes differ in these ten
/// minutes, so what was counted in one minute lies together: in forty leaves and not in all.
const GROUPS: u8 = 4;

/// The sums of what is in each leaf: equal, if two nodes have the same.
///
/// A sum is of the beginnings of SHA-256 of each fact, modulo 2^64, so that neither the order of the facts matters nor
/// who counts. It tells apart what differs by chance, and not what somebody makes up to look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaves(Vec<u64>);

impl Leaves {
    /// Those of a node that has nothing.
    pub fn empty() -> Self {
        Self(vec![0; LEAVES])
    }

    /// Adds one fact, as it is after all merging, and once; the order does not matter.
    pub fn add(&mut self, fact: &Fact) {
        let named = named(fact);
        let sum = &mut self.0[place(fact, &named)];
        *sum = sum.wrapping_add(beginning(named.chain_update(state(fact))));
    }

    /// Which leaf a fact is in, whatever it says: 0 to [`LEAVES`] - 1.
    pub fn place(fact: &Fact) -> usize {
        place(fact, &named(fact))
    }

    /// Which leaves hold something else than those of another node, leaf by leaf.
    pub fn differing(&self, other: &Self) -> Vec<bool> {
        self.0.iter().zip(&other.0).map(|(ours, theirs)| ours != theirs).collect()
    }

    /// The sums as bytes, the first leaf first and each with its highest byte first: [`LEAVES_BYTES`] of them.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|sum| sum.to_be_bytes()).collect()
    }

    /// Those that another node sent; none if there are not as many as here.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sums, rest) = bytes.as_chunks::<SUM_BYTES>();
        let whole = rest.is_empty() && sums.len() == LEAVES;
        whole.then(|| Self(sums.iter().map(|sum| u64::from_be_bytes(*sum)).collect()))
    }
}

/// The digest of what a fact is about.
fn named(fact: &Fact) -> Sha256 {
    Sha256::new().chain_update(fact.kind()).chain_update([0]).chain_update(fact.key().as_bytes()).chain_update([0])
}

fn place(fact: &Fact, named: &Sha256) -> usize {
    let mut at = beginning(named.clone());
    if let Fact::Tally(tally) = fact {
        let group = at.to_be_bytes()[0] % GROUPS;
        at = beginning(Sha256::new().chain_update(tally.minute.number().to_be_bytes()).chain_update([group]));
    }
    #[expect(clippy::cast_possible_truncation, reason = "below LEAVES")]
    let place = (at % LEAVES as u64) as usize;
    place
}

/// What a fact says of what it is about: what two nodes that merged the same have in the same bytes.
fn state(fact: &Fact) -> Cow<'static, [u8]> {
    match fact {
        Fact::Tally(tally) => {
            let Totals { entered, entered_undone, left, left_undone, rush } = tally.totals;
            [entered, entered_undone, left, left_undone, u32::from(rush)].map(u32::to_be_bytes).concat().into()
        }
        // The key says it all.
        Fact::Estimate(_) | Fact::Foreign(_) => [][..].into(),
        _ => serde_json::to_vec(fact).unwrap_or_default().into(),
    }
}

fn beginning(digest: Sha256) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(digest.finalize());
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        foreign::Foreign,
        gathering::Gathering,
        tests::{gathering, tally, totals},
    };

    fn leaves<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Leaves {
        let mut leaves = Leaves::empty();
        facts.into_iter().for_each(|fact| leaves.add(fact));
        leaves
    }

    /// Of each thing one state.
    fn any_facts() -> impl Strategy<Value = Vec<Fact>> {
        let tallies = prop::collection::btree_map((0u128..9, -99i64..99), (0u32..9, 0u32..9), 0..40);
        let names = prop::collection::btree_map(0u8..99, 1u64..9, 0..20);
        (tallies, names).prop_map(|(tallies, names)| {
            let tallies = tallies
                .into_iter()
                .map(|((device, minute), (came, went))| Fact::from(tally("North", device, minute, totals(came, went))));
            let gatherings = names.into_iter().map(|(name, rev)| {
                let gathering = gathering(&format!("g{name}"), None);
                Fact::Gathering(Gathering { version: crate::domain::tests::version(rev), ..gathering })
            });
            tallies.chain(gatherings).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_facts_does_not_matter_and_the_bytes_read_back(
            (facts, otherwise) in any_facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
        ) {
            let sums = leaves(&facts);
            prop_assert_eq!(&sums, &leaves(&otherwise));
            prop_assert_eq!(Leaves::from_bytes(&sums.to_bytes()), Some(sums));
        }

        #[test]
        fn only_the_leaf_of_a_fact_that_is_missing_differs(facts in any_facts(), missing: prop::sample::Index) {
            prop_assume!(!facts.is_empty());
            let mut fewer = facts.clone();
            let missing = fewer.remove(missing.index(facts.len()));
            let differing = leaves(&facts).differing(&leaves(&fewer));
            let at: Vec<_> = (0..LEAVES).filter(|leaf| differing[*leaf]).collect();
            prop_assert_eq!(at, [Leaves::place(&missing)]);
        }
    }

    #[test]
    fn two_states_of_one_thing_lie_in_one_leaf_and_have_other_sums() {
        let counted = |came, went, rush| Fact::from(tally("North", 1, 0, Totals { rush, ..totals(came, went) }));
        let named = |name: &str| Fact::Gathering(Gathering { name: name.to_owned(), ..gathering("bath", None) });
        for (one, other) in [
            (counted(3, 0, false), counted(4, 0, false)),
            (counted(3, 0, false), counted(3, 1, false)),
            (counted(3, 0, false), counted(3, 0, true)),
            (named("Bath"), named("York")),
        ] {
            assert_eq!(Leaves::place(&one), Leaves::place(&other));
            assert_ne!(leaves([&one]), leaves([&other]));
        }
        let foreign = |body: &str| Fact::Foreign(Foreign { body: body.to_owned() });
        assert_ne!(leaves([&foreign("1")]), leaves([&foreign("2")]));
    }

    #[test]
    fn what_was_counted_in_ten_minutes_lies_in_forty_leaves_and_a_day_in_all() {
        let places = |minutes: i64| {
            let tallies =
                (0..minutes).flat_map(|m| (0..500).map(move |d| Fact::from(tally("North", d, m, totals(1, 0)))));
            tallies.map(|fact| Leaves::place(&fact)).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert!((30..=40).contains(&places(10)), "{}", places(10));
        assert!(places(360) > LEAVES / 2, "{}", places(360));
    }

    #[test]
    fn bytes_of_another_length_are_no_leaves() {
        let bytes = Leaves::empty().to_bytes();
        assert_eq!(bytes.len(), LEAVES_BYTES);
        for bad in [&bytes[1..], &bytes[8..], &[]] {
            assert_eq!(Leaves::from_bytes(bad), None);
        }
    }
}
