//! Somebody who asks for everything that is public, every second, and never forgets: they do not work out the
//! headcount of any place with fewer than ten people.
//!
//! They know these rules and nothing else. A headcount is worked out when all worlds in which they would have been told
//! the same have the same one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use crate::domain::{
    board::Board,
    device::Device,
    estimate::{Estimate, Method},
    fact::Fact,
    gathering::{Gathering, Slug, Visibility},
    moment::Moment,
    publication::{National, Publication},
    small_numbers::FEWEST_TOLD,
    tests::*,
    time::UnixMillis,
};

const LISTED: Visibility = Visibility::Listed;
const AREA: Visibility = Visibility::Area;
const UNLISTED: Visibility = Visibility::Unlisted;

fn name(place: usize) -> Slug {
    slug(&format!("g{place}"))
}

fn places(visibilities: &[Visibility]) -> Board {
    let place = |(place, &visibility): (usize, &Visibility)| {
        Fact::Gathering(Gathering { visibility, ..gathering(&format!("g{place}"), Some(1_000)) })
    };
    board(visibilities.iter().enumerate().map(place))
}

/// Exactly so many people at a place at `at`, typed after anything else of that instant if `seq` is higher.
fn people(place: usize, at: UnixMillis, seq: u32, value: u32) -> Fact {
    let (device, method) = (Device::from(1), Method::Counted);
    let gathering = name(place);
    Fact::Estimate(Estimate { at, seq, gathering, post: None, device, value, low: value, high: value, method })
}

/// All that is public.
type Seen = (National, Vec<Option<u32>>);

fn seen(publication: &Publication, places: usize) -> Seen {
    (publication.national(), (0..places).map(|place| publication.people(&name(place))).collect())
}

/// What happens next in a small world: a place has so many people now.
type Event = (usize, u32);

/// The true counts in all worlds that look alike: after the n-th thing, of a place.
type Counts = BTreeMap<(usize, usize), BTreeSet<Option<u32>>>;

/// Every small world of some places, in which one thing happens at a time, with what the adversary has seen in it.
struct Worlds<'a> {
    moment: Moment,
    visibilities: &'a [Visibility],
    /// What may happen as the n-th thing.
    events: &'a dyn Fn(usize) -> Vec<Event>,
    depth: usize,
    /// Seconds between two things.
    apart: i64,
    /// All that was seen from the beginning, by its number: what was seen before, and what now.
    histories: HashMap<(usize, String), usize>,
    /// By what was seen to the end.
    possible: HashMap<usize, Counts>,
    worlds: usize,
}

impl<'a> Worlds<'a> {
    fn explored(
        visibilities: &'a [Visibility],
        depth: usize,
        apart: i64,
        events: &'a dyn Fn(usize) -> Vec<Event>,
    ) -> Self {
        let (histories, possible) = (HashMap::new(), HashMap::new());
        let mut worlds = Self { moment: moment(), visibilities, events, depth, apart, histories, possible, worlds: 0 };
        let truth = vec![vec![None; visibilities.len()]];
        worlds.explore(&places(visibilities), &Publication::default(), 0, &truth);
        worlds
    }

    fn explore(&mut self, board: &Board, publication: &Publication, history: usize, truth: &[Vec<Option<u32>>]) {
        let happened = truth.len() - 1;
        if happened == self.depth {
            self.worlds += 1;
            let possible = self.possible.entry(history).or_default();
            for (when, counts) in truth.iter().enumerate() {
                for (place, &count) in counts.iter().enumerate() {
                    possible.entry((when, place)).or_default().insert(count);
                }
            }
            return;
        }
        let now = seconds(-1_000 + self.apart * i64::try_from(happened).unwrap());
        for (place, value) in (self.events)(happened) {
            let (mut board, mut publication) = (board.clone(), publication.clone());
            let _ = board.merge(people(place, now, 1, value));
            publication.tell(&board, &self.moment, now);
            let seen = (history, format!("{:?}", seen(&publication, self.visibilities.len())));
            let fresh = self.histories.len() + 1;
            let history = *self.histories.entry(seen).or_insert(fresh);
            let mut counts = truth[happened].clone();
            counts[place] = Some(value);
            self.explore(&board, &publication, history, &[truth, &[counts]].concat());
        }
    }

    /// Places of which the adversary knows that there are fewer than ten, and how many exactly.
    fn worked_out(&self) -> Vec<(usize, usize, u32)> {
        let all = self.possible.values().flatten();
        let certain = all.filter(|(_, counts)| counts.len() == 1);
        let known = certain.filter_map(|(&(when, place), counts)| Some((when, place, counts.first().copied()??)));
        known.filter(|&(.., count)| count < FEWEST_TOLD).collect()
    }
}

/// Every number of people that makes a difference: of a place whose figure is not told, more can hide.
fn any_number(visibility: Visibility) -> std::ops::RangeInclusive<u32> {
    if visibility == LISTED { 0..=11 } else { 0..=29 }
}

#[test]
fn nobody_is_worked_out_where_places_report_one_after_the_other_and_stay_as_they_are() {
    for visibilities in [&[LISTED; 2][..], &[LISTED; 4], &[LISTED, UNLISTED, LISTED], &[AREA, UNLISTED, LISTED]] {
        let in_turn = |place: usize| any_number(visibilities[place]).map(|value| (place, value)).collect();
        let worlds = Worlds::explored(visibilities, visibilities.len(), 31, &in_turn);
        assert!(worlds.worlds >= 144);
        assert_eq!(worlds.worked_out(), [], "{visibilities:?}");
    }
}

#[test]
fn nobody_is_worked_out_where_one_place_after_the_other_changes() {
    for visibilities in [&[LISTED; 2][..], &[LISTED; 3], &[LISTED, UNLISTED]] {
        let places = || visibilities.iter().enumerate();
        let any = |_| places().flat_map(|(place, &v)| any_number(v).map(move |value| (place, value))).collect();
        for apart in [1, 31] {
            let worlds = Worlds::explored(visibilities, 3, apart, &any);
            assert_eq!(worlds.worked_out(), [], "{visibilities:?}, {apart} s apart");
        }
    }
}

/// A day in seconds: who has so many people from then on.
fn any_day() -> impl Strategy<Value = (Vec<Visibility>, Vec<Vec<Event>>)> {
    let visibility = prop_oneof![4 => Just(LISTED), 1 => Just(AREA), 1 => Just(UNLISTED)];
    prop::collection::vec(visibility, 1..12).prop_flat_map(|visibilities| {
        let event = (0..visibilities.len(), prop_oneof![3 => 0u32..10, 1 => 8u32..13, 1 => 0u32..90]);
        let second = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(event, 1..4)];
        (Just(visibilities), prop::collection::vec(second, 60..120))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// At every second, and for every place with fewer than ten people, there is another world with another number of
    /// people there, of which everything is told, and ever will be told, as of this one.
    #[test]
    fn whoever_watches_a_whole_day_works_nobody_out((visibilities, day) in any_day()) {
        let moment = moment();
        let mut truth: BTreeMap<usize, (UnixMillis, u32)> = BTreeMap::new();
        let (mut board, mut publication) = (places(&visibilities), Publication::default());
        let empty = board.clone();
        for (second, events) in (-1_000..).zip(day) {
            let now = seconds(second);
            for (seq, (place, value)) in (1..).zip(events) {
                let _ = board.merge(people(place, now, seq, value));
                truth.insert(place, (now, value));
            }
            let before = publication.clone();
            publication.tell(&board, &moment, now);
            let told_the_same = |others: &BTreeMap<usize, u32>| {
                let mut board = empty.clone();
                for (&place, &(at, value)) in &truth {
                    let _ = board.merge(people(place, at, 1, others.get(&place).copied().unwrap_or(value)));
                }
                let mut other = before.clone();
                other.tell(&board, &moment, now);
                other == publication
            };
            let few: Vec<_> = truth.iter().filter(|(_, (_, value))| *value < FEWEST_TOLD).map(|(&p, &(_, v))| (p, v)).collect();
            for &(place, value) in &few {
                let nearest = [value + 1, value.saturating_sub(1)].into_iter();
                let others = nearest.chain(0..FEWEST_TOLD).filter(|other| *other != value && *other < FEWEST_TOLD);
                let possible = others.into_iter().any(|other| {
                    let alone = BTreeMap::from([(place, other)]);
                    let with = |(&partner, &(_, there)): (&usize, &(UnixMillis, u32))| {
                        // While its figure stands as fewer than ten, more count as nine.
                        let counted = [there, there.min(FEWEST_TOLD - 1)].into_iter().filter(|_| partner != place);
                        let there = counted.filter_map(|there| (there + value).checked_sub(other));
                        there.map(|there| BTreeMap::from([(place, other), (partner, there)])).collect::<Vec<_>>()
                    };
                    told_the_same(&alone) || truth.iter().flat_map(with).any(|both| told_the_same(&both))
                });
                prop_assert!(possible, "{} at {} s: {:?} tells that {} are at {}", value, second, seen(&publication, visibilities.len()), value, place);
            }
        }
    }
}
