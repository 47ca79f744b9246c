//! A node's sign of life to the other nodes, and its share of the phones live.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{gathering::Slug, version::NodeId};

/// Most gatherings in one lease: 75 bytes each at the longest, which is a third of the megabyte that an engine takes.
pub const MAX_PLACES: usize = 4_096;

/// The phones at each gathering, as a lease says them: of too many gatherings those with the most.
pub fn most(mut here: Vec<(Slug, u32)>) -> BTreeMap<Slug, u32> {
    here.retain(|(_, phones)| *phones > 0);
    here.sort_unstable_by_key(|(_, phones)| std::cmp::Reverse(*phones));
    here.truncate(MAX_PLACES);
    here.into_iter().collect()
}

/// What a node says of itself a few times a second. Whoever does not hear it for a while no longer counts its phones;
/// nobody ever has to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who speaks.
    pub node: NodeId,
    /// When it was started, Unix milliseconds by its own clock: tells what it says now from what it said before.
    pub boot: u64,
    /// Counts its leases since it was started.
    pub no: u64,
    /// How many messages with facts it has sent since it was started: whoever has heard fewer has missed some.
    pub said: u64,
    /// Phones live on it.
    pub phones: u32,
    /// The same at each gathering where there is any; said at a slower pace. Left out, it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<BTreeMap<Slug, u32>>,
    /// Whether it is about to stop, in good order: nobody is to wait for it.
    #[serde(default, skip_serializing_if = "is_not")]
    pub leaving: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_not(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_gatherings_a_lease_names_those_with_the_most_phones_and_none_without() {
        let slug = |n: usize| -> Slug { format!("g-{n}").parse().unwrap() };
        let here = (0..=MAX_PLACES + 1).map(|n| (slug(n), u32::try_from(n).unwrap())).collect();
        let said = most(here);
        assert_eq!((said.len(), said.values().min(), said.get(&slug(1))), (MAX_PLACES, Some(&2), None));
        assert!(most(vec![(slug(1), 0)]).is_empty());
    }

    #[test]
    fn the_longest_lease_is_one_that_an_engine_takes() {
        let slug = |n: usize| -> Slug { format!("{}{n:04}", "g".repeat(60)).parse().unwrap() };
        let here = most((0..MAX_PLACES).map(|n| (slug(n), 99_999)).collect());
        let node = "k3f9a2".parse().unwrap();
        let lease = Lease { node, boot: 1, no: 1, said: 1, phones: 1, here: Some(here), leaving: false };
        assert!(serde_json::to_string(&lease).unwrap().len() < 350_000);
    }
}
