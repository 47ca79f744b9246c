//! What phones say of people who take part elsewhere: who has said what, in memory and for a day.
//!
//! A claim has a number of its own, so that saying it again changes nothing. No claim is kept, logged or shared: what
//! leaves here are two totals.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    time::{Duration, Instant},
};

use crate::domain::{
    device::Device,
    elsewhere::{Elsewhere, MAX_PARTY},
    time::UnixMillis,
    version::NodeId,
};

/// Where a connection comes from, as a number that tells one network from another and no more; see `http/network.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkKey(pub u64);

/// Most people of one network that are counted: a works canteen behind one address, and no script that invents a town.
const MOST_OF_A_NETWORK: u32 = 300;

/// Most claims remembered, of some 60 bytes each: twice the phones that one node may ever hold.
const MOST_CLAIMS: usize = 200_000;

/// A claim is forgotten when nobody has made one for so long: the next day's are others.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a claim does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overclaim {
    /// More people than one page may speak for.
    Party,
    /// More people than one network may have.
    Network,
    /// More claims than are remembered.
    Memory,
}

/// Every claim that was made on this node, and the totals that follow.
#[derive(Debug)]
pub(super) struct Claims {
    made: HashMap<Device, Made>,
    networks: HashMap<NetworkKey, u32>,
    node: NodeId,
    /// By the start of the hour.
    totals: BTreeMap<UnixMillis, Elsewhere>,
    last: Option<Instant>,
}

#[derive(Debug)]
struct Made {
    party: u32,
    network: NetworkKey,
}

impl Claims {
    /// None yet, on top of what this node was told before.
    pub(super) fn after(node: NodeId, told: impl Iterator<Item = Elsewhere>) -> Self {
        let totals = told.map(|told| (told.since, told)).collect();
        Self { made: HashMap::new(), networks: HashMap::new(), node, totals, last: None }
    }

    /// Takes the newest word on a claim, said at `now`.
    pub(super) fn say(
        &mut self,
        claim: Device,
        party: u32,
        network: NetworkKey,
        (at, now): (Instant, UnixMillis),
    ) -> Result<(), Overclaim> {
        if self.last.replace(at).is_some_and(|last| at.saturating_duration_since(last) >= FORGOTTEN_AFTER) {
            self.made.clear();
            self.networks.clear();
        }
        if party > MAX_PARTY {
            return Err(Overclaim::Party);
        }
        let room = self.made.len() < MOST_CLAIMS;
        let hour = self.totals.entry(Elsewhere::hour(now)).or_insert_with(|| Elsewhere::none(self.node.clone(), now));
        match self.made.entry(claim) {
            Entry::Occupied(mut made) => {
                let Made { party: before, network } = made.get_mut();
                let people = self.networks.entry(*network).or_default();
                let now = (*people).saturating_sub(*before) + party;
                if party > *before && now > MOST_OF_A_NETWORK {
                    return Err(Overclaim::Network);
                }
                *people = now;
                hour.joined += u64::from(party.saturating_sub(*before));
                hour.taken_back += u64::from(before.saturating_sub(party));
                *before = party;
            }
            // What is not known, because the server was started since, cannot be taken back.
            Entry::Vacant(_) if party == 0 => {}
            Entry::Vacant(_) if !room => return Err(Overclaim::Memory),
            Entry::Vacant(new) => {
                let people = self.networks.entry(network).or_default();
                if *people + party > MOST_OF_A_NETWORK {
                    return Err(Overclaim::Network);
                }
                *people += party;
                hour.joined += u64::from(party);
                new.insert(Made { party, network });
            }
        }
        Ok(())
    }

    /// The totals of each hour, which may be ahead of the journal.
    pub(super) fn totals(&self) -> impl Iterator<Item = &Elsewhere> {
        self.totals.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: NetworkKey = NetworkKey(1);

    fn claims() -> Claims {
        let node: NodeId = "a".parse().unwrap();
        let told = Elsewhere { joined: 100, taken_back: 40, ..Elsewhere::none(node.clone(), UnixMillis(0)) };
        Claims::after(node, [told].into_iter())
    }

    fn totals(claims: &Claims) -> (u64, u64) {
        (claims.totals().map(|told| told.joined).sum(), claims.totals().map(|told| told.taken_back).sum())
    }

    #[test]
    fn the_same_claim_counts_once_and_can_grow_shrink_and_be_taken_back() {
        let (mut claims, at, claim) = (claims(), (Instant::now(), UnixMillis(1)), Device::from(7));
        for (party, expected) in [(3, (103, 40)), (3, (103, 40)), (5, (105, 40)), (1, (105, 44)), (0, (105, 45))] {
            claims.say(claim, party, HOME, at).unwrap();
            assert_eq!(totals(&claims), expected, "{party}");
        }
        claims.say(Device::from(8), 0, HOME, at).unwrap();
        assert_eq!(totals(&claims), (105, 45), "nobody is taken back who was not there");
    }

    #[test]
    fn of_one_network_three_hundred_count_and_whoever_goes_makes_room() {
        let (mut claims, at) = (claims(), (Instant::now(), UnixMillis(1)));
        for n in 0..100 {
            claims.say(Device::from(n), 3, HOME, at).unwrap();
        }
        assert_eq!(claims.say(Device::from(100), 1, HOME, at), Err(Overclaim::Network));
        assert_eq!(claims.say(Device::from(99), 4, HOME, at), Err(Overclaim::Network), "nor may one grow");
        claims.say(Device::from(100), 1, NetworkKey(2), at).unwrap();
        claims.say(Device::from(5), 0, HOME, at).unwrap();
        claims.say(Device::from(101), 3, HOME, at).unwrap();
        assert_eq!(totals(&claims), (100 + 300 + 1 + 3, 43));
    }

    #[test]
    fn a_page_speaks_for_nine_at_most() {
        let mut claims = claims();
        assert_eq!(
            claims.say(Device::from(1), MAX_PARTY + 1, HOME, (Instant::now(), UnixMillis(1))),
            Err(Overclaim::Party)
        );
        assert_eq!(totals(&claims), (100, 40));
    }

    #[test]
    fn a_day_later_nobody_remembers_who_claimed_and_the_totals_stay() {
        let (mut claims, at) = (claims(), (Instant::now(), UnixMillis(1)));
        claims.say(Device::from(1), 3, HOME, at).unwrap();
        claims.say(Device::from(2), 1, HOME, (at.0 + FORGOTTEN_AFTER, UnixMillis(24 * 3_600_000))).unwrap();
        assert_eq!((claims.made.len(), totals(&claims)), (1, (104, 40)));
        assert_eq!(claims.totals().count(), 2, "each hour has its own");
    }
}
