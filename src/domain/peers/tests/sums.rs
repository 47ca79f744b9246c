//! The phones of all nodes, whatever becomes of the leases that tell of them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::domain::{
    gathering::Slug,
    lease::Lease,
    peers::{LEASE, Peers},
    time::Millis,
    version::NodeId,
};

/// Few nodes, two starts of each, and a handful of leases a start: so that old ones really meet new ones.
const NODES: [&str; 3] = ["a", "b", "c"];

fn glasgow() -> Slug {
    "glasgow".parse().unwrap()
}

/// Says what follows from its number, as no number is ever used twice in one start.
fn lease(node: usize, boot: u64, no: u64) -> Lease {
    let phones = u32::try_from(node as u64 * 1_000 + boot * 100 + no * 7).unwrap();
    let here = no.is_multiple_of(2).then(|| BTreeMap::from([(glasgow(), phones / 2)]));
    Lease { node: NODES[node].parse().unwrap(), boot, no, said: 0, phones, here, leaving: false }
}

fn any_lease() -> impl Strategy<Value = Lease> {
    (0..NODES.len(), 1_u64..3, 1_u64..9).prop_map(|(node, boot, no)| lease(node, boot, no))
}

fn peers() -> Peers {
    Peers::awaited("me".parse::<NodeId>().unwrap(), 1)
}

fn newest(leases: &[Lease]) -> BTreeMap<NodeId, Lease> {
    let mut newest = BTreeMap::<NodeId, Lease>::new();
    for lease in leases {
        let known = newest.entry(lease.node.clone()).or_insert_with(|| lease.clone());
        if (known.boot, known.no) < (lease.boot, lease.no) {
            *known = lease.clone();
        }
    }
    newest
}

proptest! {
    #[test]
    fn the_sum_is_of_the_newest_lease_of_each_node_in_whatever_order_and_however_often_they_come(
        leases in prop::collection::vec(any_lease(), 0..40)
    ) {
        let mut peers = peers();
        for lease in leases.iter().chain(&leases) {
            peers.hear(lease.clone(), Millis(0));
        }
        let phones: u32 = newest(&leases).values().map(|lease| lease.phones).sum();
        prop_assert_eq!(peers.phones(), phones);
    }

    #[test]
    fn whoever_is_silent_for_longer_than_a_lease_is_in_no_sum_and_whoever_is_not_is(
        spoke in prop::collection::vec(0_i64..LEASE.0 * 2, NODES.len())
    ) {
        let (mut peers, now) = (peers(), Millis(LEASE.0 * 2));
        let mut order: Vec<_> = spoke.iter().copied().enumerate().collect();
        order.sort_by_key(|(_, at)| *at);
        for (node, at) in order {
            peers.hear(lease(node, 1, 2), Millis(at));
        }
        peers.sweep(now);
        let live = spoke.iter().enumerate().filter(|(_, at)| now.0 - **at <= LEASE.0);
        let live: Vec<_> = live.map(|(node, _)| lease(node, 1, 2)).collect();
        prop_assert_eq!(peers.phones(), live.iter().map(|lease| lease.phones).sum::<u32>());
        prop_assert_eq!(peers.phones_at(&glasgow()), live.iter().map(|lease| lease.phones / 2).sum::<u32>());
    }

    #[test]
    fn whoever_said_good_bye_is_in_no_sum_though_older_leases_of_it_come_late(late in prop::collection::vec(1_u64..9, 0..10)) {
        let mut peers = peers();
        peers.hear(lease(0, 1, 8), Millis(0));
        peers.hear(Lease { no: 9, leaving: true, phones: 0, here: None, ..lease(0, 1, 9) }, Millis(0));
        for no in late {
            peers.hear(lease(0, 1, no), Millis(0));
        }
        prop_assert_eq!((peers.phones(), peers.phones_at(&glasgow()), peers.reporting(Millis(0)).expected), (0, 0, 1));
    }
}
