//! What the public is told of a day.

mod adversary;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    device::Device,
    elsewhere::Elsewhere,
    estimate::{Estimate, Method},
    fact::Fact,
    ready::Ready,
    switch::Switch,
    tests::*,
    version::NodeId,
};

/// Exactly so many, typed at a second after the moment's minute has begun.
fn people_at(name: &str, at: UnixMillis, value: u32) -> Fact {
    let (device, method) = (Device::from(1), Method::Counted);
    let gathering = slug(name);
    Fact::Estimate(Estimate { at, seq: 1, gathering, post: None, device, value, low: value, high: value, method })
}

fn listed(names: &[&str]) -> Board {
    board(names.iter().map(|name| Fact::Gathering(gathering(name, Some(10_000)))))
}

fn told(board: &Board, now: UnixMillis) -> Publication {
    let mut publication = Publication::default();
    publication.tell(board, &moment(), now);
    publication
}

fn row(publication: &Publication, name: &str) -> Option<u32> {
    publication.people(&slug(name))
}

#[test]
fn a_gathering_is_told_by_fives_from_ten_on_and_not_before_it_reports() {
    let mut board = listed(&["bath", "leeds", "york"]);
    let _ = board.merge(people_at("bath", after(-5), 9));
    let _ = board.merge(people_at("leeds", after(-5), 213));
    let publication = told(&board, after(-1));
    assert_eq!(
        [row(&publication, "bath"), row(&publication, "leeds"), row(&publication, "york")],
        [Some(0), Some(215), None]
    );
    let national = publication.national();
    assert_eq!((national.taking_part, national.reported, national.gatherings), (215, 2, 3));
    assert_eq!((national.low, national.high), (210, 225), "ten more may be at those not told");
    assert_eq!(national.as_of, Some(after(-5)));
    assert_eq!(told(&listed(&["bath"]), MOMENT).national(), National { gatherings: 1, ..National::default() });
}

#[test]
fn above_a_thousand_the_total_is_told_by_tens() {
    let mut board = listed(&["bath", "leeds"]);
    let _ = board.merge(people_at("bath", after(-5), 993));
    assert_eq!(told(&board, MOMENT).national().taking_part, 995);
    let _ = board.merge(people_at("leeds", after(-5), 13));
    let national = told(&board, MOMENT).national();
    assert_eq!((national.low, national.taking_part, national.high), (1_000, 1_010, 1_010), "1,006 people");
}

#[test]
fn small_gatherings_feed_the_total_only_together() {
    let mut board = listed(&["bath", "leeds", "york"]);
    let _ = board.merge(people_at("bath", after(-5), 9));
    assert_eq!(told(&board, MOMENT).national().taking_part, 0);
    let _ = board.merge(people_at("leeds", after(-5), 9));
    assert_eq!(told(&board, MOMENT).national().taking_part, 10, "18 would tell both");
    let _ = board.merge(people_at("york", after(-5), 9));
    assert_eq!(told(&board, MOMENT).national().taking_part, 20);
}

#[test]
fn what_is_not_in_the_list_by_name_has_no_figure_and_feeds_the_total_with_others() {
    let hidden = |name, visibility| Fact::Gathering(Gathering { visibility, ..gathering(name, None) });
    let missing = Fact::Gathering(Gathering { missing: true, ..gathering("gone", None) });
    let mut board = board([hidden("works", Visibility::Unlisted), hidden("refuge", Visibility::Area), missing]);
    let _ = board.merge(people_at("works", after(-5), 53));
    assert_eq!(told(&board, MOMENT).national().taking_part, 0);
    let _ = board.merge(people_at("refuge", after(-5), 14));
    let _ = board.merge(people_at("gone", after(-5), 21));
    let publication = told(&board, MOMENT);
    assert_eq!((publication.national().taking_part, publication.national().reported), (80, 3));
    assert_eq!([row(&publication, "works"), row(&publication, "refuge"), row(&publication, "gone")], [None; 3]);
}

#[test]
fn a_figure_of_one_gathering_stands_for_half_a_minute_and_the_total_does_not() {
    let mut board = listed(&["bath"]);
    let mut publication = Publication::default();
    let mut at = |second: i64, value| {
        let _ = board.merge(people_at("bath", seconds(second - 600), value));
        publication.tell(&board, &moment(), seconds(second - 600));
        (row(&publication, "bath"), publication.national().taking_part)
    };
    assert_eq!(at(0, 40), (Some(40), 40));
    assert_eq!(at(1, 60), (Some(40), 60));
    assert_eq!(at(29, 4), (Some(40), 10), "of a gathering that is told the total has ten");
    assert_eq!(at(30, 4), (Some(0), 0));
    assert_eq!(at(59, 70), (Some(0), 0));
    assert_eq!(at(60, 70), (Some(70), 70));
}

#[test]
fn a_clock_that_was_put_back_makes_no_figure_stand_for_longer() {
    let mut board = listed(&["bath"]);
    let mut publication = Publication::default();
    let _ = board.merge(people_at("bath", after(-120), 40));
    publication.tell(&board, &moment(), after(-1));
    let _ = board.merge(people_at("bath", after(-61), 60));
    publication.tell(&board, &moment(), after(-60));
    assert_eq!(row(&publication, "bath"), Some(60));
}

#[test]
fn a_gathering_that_is_taken_off_the_list_is_told_no_longer() {
    let mut board = listed(&["bath"]);
    let mut publication = Publication::default();
    let _ = board.merge(people_at("bath", after(-5), 40));
    publication.tell(&board, &moment(), after(-1));
    let off = Gathering { version: version(2), visibility: Visibility::Area, ..gathering("bath", None) };
    let _ = board.merge(Fact::Gathering(off));
    publication.tell(&board, &moment(), after(-1));
    assert_eq!((row(&publication, "bath"), publication.national().taking_part), (None, 0));
}

#[test]
fn people_elsewhere_are_told_from_ten_on_and_are_part_of_the_total() {
    let mut board = listed(&["bath"]);
    let _ = board.merge(people_at("bath", after(-5), 40));
    for (joined, told_elsewhere) in [(9, 0), (14, 15), (1_213, 1_215)] {
        let node = "here".parse().unwrap();
        let _ = board.merge(Fact::Elsewhere(Elsewhere { joined, ..Elsewhere::none(node, MOMENT) }));
        let national = told(&board, MOMENT).national();
        let sum = 40 + told_elsewhere;
        assert_eq!((national.elsewhere, national.taking_part), (told_elsewhere, if sum > 1_000 { 1_260 } else { sum }));
    }
}

#[test]
fn people_elsewhere_at_a_rehearsal_are_not_part_of_the_day_and_take_back_what_they_said_an_hour_ago() {
    let mut board = listed(&["bath"]);
    let node: NodeId = "here".parse().unwrap();
    let hour = |minutes, joined, taken_back| {
        Fact::Elsewhere(Elsewhere { joined, taken_back, ..Elsewhere::none(node.clone(), after(minutes)) })
    };
    for fact in [hour(-2 * 24 * 60, 500, 0), hour(-10, 40, 0), hour(10, 10, 20)] {
        let _ = board.merge(fact);
    }
    assert_eq!(told(&board, after(20)).national().elsewhere, 30);
}

#[test]
fn the_roll_call_and_the_signature_are_of_the_day() {
    let week = 7 * 24 * 60;
    let ready = |name, at, ready| Fact::Ready(Ready { gathering: slug(name), version: version(1), ready, at });
    let sign = |rev, on, at| Fact::Switch(Switch { name: switch::Name::Final, version: version(rev), on, at });
    let mut board = listed(&["bath", "leeds", "york"]);
    let said = [ready("bath", after(-50), true), ready("leeds", after(-50), false), ready("york", after(-week), true)];
    for fact in said {
        let _ = board.merge(fact);
    }
    let _ = board.merge(sign(1, true, after(-week)));
    let national = told(&board, MOMENT).national();
    assert_eq!((national.ready, national.signed_off), (1, false), "a rehearsal does not count");
    let _ = board.merge(sign(2, true, after(week)));
    assert!(told(&board, after(week)).national().signed_off);
    let _ = board.merge(sign(3, false, after(week)));
    assert!(!told(&board, after(week)).national().signed_off);
}

proptest! {
    #[test]
    fn the_truth_lies_between_the_ends_that_are_told(
        people in prop::collection::vec((prop_oneof![0u32..12, 0u32..400], 0u32..60, 0u32..60), 1..30)
    ) {
        let names: Vec<String> = (0..people.len()).map(|n| format!("g{n}")).collect();
        let mut board = listed(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, &(value, less, more)) in names.iter().zip(&people) {
            if let Fact::Estimate(exact) = people_at(name, after(-5), value) {
                let _ = board.merge(Fact::Estimate(Estimate { low: value.saturating_sub(less), high: value + more, ..exact }));
            }
        }
        let National { low, taking_part, high, .. } = told(&board, MOMENT).national();
        let few = people.iter().filter(|(value, ..)| *value < 10).map(|(value, ..)| u64::from(*value)).sum::<u64>();
        let many = people.iter().filter(|(value, ..)| *value >= 10).map(|(value, ..)| u64::from(*value)).sum::<u64>();
        prop_assert!(low <= taking_part && taking_part <= high, "{low} {taking_part} {high}");
        prop_assert!(low <= few + many && few + many <= high, "{low} {} {high}", few + many);
        let least: u64 = people.iter().filter(|(v, ..)| *v >= 10).map(|(v, less, _)| u64::from(v.saturating_sub(*less))).sum();
        prop_assert!(low <= least + few);
    }
}
