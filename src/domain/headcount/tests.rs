//! What the reports of a gathering come to.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    board::Board,
    fact::Fact,
    ruling::Subject,
    tally::{Tally, Totals},
    tests::*,
};

fn value(board: &Board, minute: i64) -> Option<u32> {
    at_bath(board.count(), minute).map(|bath| bath.value)
}

fn present(board: &Board, now: UnixMillis) -> Option<Headcount> {
    board.count().present(&slug("bath"), None, DAY, now)
}

#[test]
fn two_posts_sum_and_two_devices_on_one_post_sum() {
    let board = board([
        tally("North", 1, -20, totals(30, 0)).into(),
        tally("North", 2, -20, totals(12, 2)).into(),
        tally("South", 3, -19, totals(5, 8)).into(),
    ]);
    assert_eq!((value(&board, -20), value(&board, -19), value(&board, -21)), (Some(40), Some(37), None));
    let north = |at| board.count().post(&slug("bath"), &post("North"), None, DAY, after(at));
    let south = board.count().post(&slug("bath"), &post("South"), None, DAY, after(0));
    assert_eq!((north(-20), north(-21), south), (40, 0, 0), "nobody is below nobody");
    assert_eq!(board.count().devices(&slug("bath"), &post("North"), DAY), [(1.into(), 30), (2.into(), 10)]);
}

#[test]
fn an_estimate_replaces_what_was_tallied_before_it_and_later_taps_add() {
    let taps = |minute, came| tally("North", 1, minute, totals(came, 0)).into();
    let all = [taps(-30, 50), taps(-20, 5), taps(-19, 7), estimate(Some("North"), 2, -20, 100).into()];
    let board = board(all);
    assert_eq!((value(&board, -21), value(&board, -20), value(&board, -19)), (Some(50), Some(100), Some(107)));
    let bath = at_bath(board.count(), 0).unwrap();
    assert_eq!((bath.low, bath.high, bath.method, bath.as_of), (97, 117, Method::EstimatedEye, after(-19)));
}

#[test]
fn an_estimate_for_the_gathering_replaces_all_its_posts() {
    let board = board([
        tally("North", 1, -30, totals(50, 0)).into(),
        estimate(Some("South"), 2, -25, 100).into(),
        estimate(None, 3, -20, 120).into(),
        tally("North", 1, -10, totals(10, 0)).into(),
        tally("South", 2, -10, totals(0, 4)).into(),
    ]);
    assert_eq!((value(&board, -25), value(&board, -20), value(&board, -10)), (Some(150), Some(120), Some(126)));
}

#[test]
fn one_number_typed_for_the_gathering_and_then_for_its_post_is_not_counted_twice() {
    let rally = [estimate(None, 3, -20, 150).into(), estimate(Some("North"), 1, -5, 170).into()];
    assert_eq!(value(&board(rally.clone()), 0), Some(170), "the gathering has no fewer people than its posts");
    let fewer = [rally[0].clone(), estimate(Some("North"), 1, -5, 90).into()];
    assert_eq!(value(&board(fewer.clone()), 0), Some(150), "the others may be elsewhere in the gathering");
    let both = fewer.into_iter().chain([estimate(Some("South"), 2, -4, 80).into()]);
    assert_eq!(value(&board(both), 0), Some(170));
}

#[test]
fn of_several_numbers_typed_the_newest_holds() {
    let again = Estimate { seq: 2, ..estimate(None, 1, -5, 90) };
    let late = estimate(None, 2, -6, 70);
    assert_eq!(value(&board([again.into(), late.into(), estimate(None, 1, -5, 110).into()]), 0), Some(90));
}

#[test]
fn who_was_present_at_the_moment_is_known_whenever_the_steward_comes_online() {
    let before = [tally("North", 1, -20, totals(30, 0)).into(), tally("North", 1, 0, totals(4, 0)).into()];
    let late = [tally("North", 1, -3, totals(9, 0)).into(), tally("North", 1, 20, totals(0, 40)).into()];
    let during = board(before.clone());
    assert_eq!(present(&during, after(-10)).unwrap().value, 30, "before it, whoever is there so far");
    assert_eq!(present(&during, after(5)).unwrap().value, 34, "the minute of the moment counts whole");
    let synced_at_six = board(before.into_iter().chain(late));
    let then = present(&synced_at_six, after(5 * 60)).unwrap();
    assert_eq!((then.value, then.as_of), (43, after(0)), "who left later was there");
    assert_eq!(value(&synced_at_six, 60), Some(3));
}

#[test]
fn a_first_report_soon_after_the_moment_stands_in_for_it_and_no_later_one() {
    for (minute, stands) in [(1, true), (15, true), (16, false)] {
        let board = board([
            tally("North", 1, minute, totals(30, 0)).into(),
            tally("North", 1, minute + 1, totals(8, 0)).into(),
        ]);
        let then = present(&board, after(60)).map(|then| (then.value, then.as_of));
        assert_eq!(then, stands.then(|| (30, after(minute))), "{minute} minutes after");
        assert_eq!(present(&board, after(minute - 1)), None, "not before it is so late");
    }
    let typed = board([estimate(None, 1, 9, 50).into(), tally("North", 1, 12, totals(8, 0)).into()]);
    assert_eq!(present(&typed, after(60)).unwrap().value, 50);
}

#[test]
fn what_was_tried_out_the_week_before_does_not_count() {
    let rehearsal = [
        tally("North", 1, -24 * 60 - 1, totals(30, 0)).into(),
        estimate(None, 1, -7 * 24 * 60, 80).into(),
        tally("North", 1, 6 * 60 + 1, totals(30, 0)).into(),
    ];
    let tried = board(rehearsal.clone());
    assert_eq!((value(&tried, 0), value(&tried, 9_999)), (None, None));
    assert_eq!(tried.count().devices(&slug("bath"), &post("North"), DAY), []);
    let first = tally("North", 1, -24 * 60, totals(3, 0)).into();
    let last = tally("North", 1, 6 * 60, totals(4, 0)).into();
    assert_eq!(value(&board(rehearsal.into_iter().chain([first, last])), 9_999), Some(7));
}

#[test]
fn a_busy_gate_counts_up_to_what_a_hand_can_do_and_a_rush_not_at_all() {
    let over = tally("North", 1, -20, totals(230, 0));
    let said = |facts: Vec<Fact>| {
        let board = board(facts);
        let held = board.count().held([&gathering("bath", None)], DAY);
        (value(&board, 0), held.iter().map(|held| held.people).sum::<u32>())
    };
    let ruled = |upto| {
        let Tally { gathering, post, device, minute, .. } = over.clone();
        ruling(Subject::Tally { gathering, post, device, minute }, 1, upto)
    };
    assert_eq!(said(vec![over.clone().into()]), (Some(200), 30));
    assert_eq!(said(vec![ruled(230), over.clone().into()]), (Some(230), 0));
    assert_eq!(said(vec![over.clone().into(), ruled(210)]), (Some(210), 20), "what grew since is held again");
    assert_eq!(said(vec![over.clone().into(), ruled(0)]), (None, 0), "rejected, and not held any more");
    let undone = Totals { entered_undone: 100, ..over.totals };
    assert_eq!(said(vec![Tally { totals: undone, ..over.clone() }.into()]), (Some(130), 0), "a slip of the thumb");
    let rush = Tally { totals: Totals { rush: true, ..totals(60, 0) }, ..over.clone() };
    assert_eq!(said(vec![rush.clone().into()]), (None, 60), "it is as if nothing was reported");
    assert_eq!(said(vec![rush.into(), ruled(60)]), (Some(60), 0));
}

#[test]
fn a_number_typed_far_beyond_what_is_expected_waits_for_an_organiser() {
    let typed = estimate(None, 1, -10, 5_000);
    let taps = tally("North", 1, -20, totals(90, 0));
    let bath = gathering("bath", Some(400));
    let subject = || Subject::Estimate(Box::new(typed.clone()));
    let said = |facts: Vec<Fact>, expected| {
        let board = board(facts);
        let bath = gathering("bath", expected);
        let people = board.count().headcount(&bath.slug, expected, DAY, MOMENT).map(|bath| bath.value);
        (people, board.count().held([&bath], DAY).iter().map(|held| held.people).collect::<Vec<_>>())
    };
    let both = || vec![typed.clone().into(), taps.clone().into()];
    assert_eq!(said(both(), bath.expected), (Some(90), vec![5_000]));
    assert_eq!(said(both(), Some(2_000)), (Some(5_000), vec![]));
    assert_eq!(said([both(), vec![ruling(subject(), 1, 0)]].concat(), Some(400)), (Some(90), vec![]));
    assert_eq!(said([both(), vec![ruling(subject(), 1, 5_000)]].concat(), None), (Some(5_000), vec![]));
    assert_eq!(said([both(), vec![ruling(subject(), 1, 700)]].concat(), None), (Some(700), vec![]));
    assert_eq!(said(vec![estimate(None, 1, -10, 200).into()], None), (Some(200), vec![]));
    assert_eq!(said(vec![estimate(None, 1, -10, 201).into()], None), (None, vec![201]));
}

#[test]
fn a_gathering_counts_up_to_three_times_what_is_expected_until_an_organiser_has_looked() {
    let taps = |minute| Fact::from(tally("North", 1, minute, totals(200, 0)));
    let reports = [taps(-20), taps(-19), taps(-18)];
    let whole = Subject::Gathering { gathering: slug("bath") };
    let said = |rulings: &[Fact]| {
        let board = board(reports.iter().chain(rulings).cloned());
        let bath = board.count().present(&slug("bath"), Some(150), DAY, MOMENT);
        let held = board.count().held([&gathering("bath", Some(150))], DAY);
        (bath.map(|bath| (bath.value, bath.held)), held.into_iter().map(|held| (held.said, held.people)).collect())
    };
    assert_eq!(said(&[]), (Some((450, 150)), vec![(600, 150)]));
    assert_eq!(said(&[ruling(whole.clone(), 1, 600)]), (Some((600, 0)), vec![]));
    assert_eq!(said(&[ruling(whole.clone(), 2, 0), ruling(whole, 1, 600)]), (None, vec![]), "rejected since");
}

#[test]
fn a_steward_hears_whether_a_report_is_held() {
    let fine = Fact::from(tally("North", 1, -20, totals(150, 0)));
    let more = Fact::from(tally("North", 1, -20, totals(240, 0)));
    let typed = Fact::from(estimate(None, 1, -10, 900));
    let plain = board([more.clone()]);
    let held = |board: &Board, fact: &Fact, expected| board.count().is_held(fact, expected);
    assert!(held(&plain, &more, None) && held(&plain, &fine, None), "an older message of a minute that is held");
    assert!(!held(&Board::default(), &fine, None) && held(&Board::default(), &more, None));
    assert!(held(&plain, &typed, None) && held(&plain, &typed, Some(299)) && !held(&plain, &typed, Some(300)));
    let quarantined = board([ruling(Subject::Device { device: 1.into() }, 1, 0)]);
    assert!(held(&quarantined, &fine, None) && held(&quarantined, &typed, Some(300)));
}

#[test]
fn a_number_merged_into_a_ruling_that_came_first_is_held_by_it() {
    let device = Subject::Device { device: 1.into() };
    let taps = || Fact::from(tally("North", 1, -20, totals(50, 0)));
    assert_eq!(value(&board([ruling(device.clone(), 1, 0), taps()]), 0), None);
    assert_eq!(value(&board([ruling(device.clone(), 2, 1), ruling(device.clone(), 1, 0), taps()]), 0), Some(50));
    let quarantined = board([taps(), ruling(device, 1, 0)]);
    assert_eq!(quarantined.count().quarantined().collect::<Vec<_>>(), [1.into()]);
    assert_eq!(quarantined.count().held([&gathering("bath", None)], DAY), [], "it was looked at");
}

/// A report or a ruling at Bath. Few devices, minutes and numbers, so that they really compete.
fn any_report() -> impl Strategy<Value = Fact> {
    let post = || prop::sample::select(vec!["North", "South"]);
    let totals = (0u32..260, 0u32..4, 0u32..260, 0u32..4, prop::bool::weighted(0.1)).prop_map(
        |(entered, undone, left, left_undone, rush)| Totals {
            entered,
            entered_undone: undone.min(entered),
            left: left / 8,
            left_undone: left_undone.min(left / 8),
            rush,
        },
    );
    let said = (post(), 1u128..4, -4i64..20, totals)
        .prop_map(|(post, device, minute, totals)| Fact::from(tally(post, device, minute, totals)));
    let typed = (prop::option::of(post()), 1u128..4, -4i64..20, 0u32..260)
        .prop_map(|(post, device, minute, value)| Fact::from(estimate(post, device, minute, value)));
    let device = (1u128..4, 0u64..9).prop_map(|(device, rev)| (Subject::Device { device: device.into() }, rev));
    let minute = (post(), 1u128..4, -4i64..20, 0u64..9).prop_map(|(post, device, minute, rev)| {
        let Tally { gathering, post, device, minute, .. } = tally(post, device, minute, Totals::default());
        (Subject::Tally { gathering, post, device, minute }, rev)
    });
    let number = (prop::option::of(post()), 1u128..4, -4i64..20, 0u32..260, 0u64..9).prop_map(
        |(post, device, minute, n, rev)| (Subject::Estimate(Box::new(estimate(post, device, minute, n))), rev),
    );
    let whole = (0u64..9).prop_map(|rev| (Subject::Gathering { gathering: slug("bath") }, rev));
    // What a ruling says follows from its version, as no version is ever written twice.
    let ruled = prop_oneof![device, minute, number, whole]
        .prop_map(|(subject, rev)| ruling(subject, rev, [0, 40, 500][usize::try_from(rev % 3).unwrap()]));
    prop_oneof![6 => said, 2 => typed, 1 => ruled]
}

fn reports() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(any_report(), 0..40)
}

/// All that is made of a board, as an organiser sees it, at every minute.
fn all_of(board: &Board) -> Vec<(Option<Headcount>, Option<Headcount>)> {
    let count = board.count();
    (-6..24).map(|m| (at_bath(count, m), count.present(&slug("bath"), None, DAY, after(m)))).collect()
}

/// The rules read out plainly, from the facts themselves: people at Bath at a minute.
fn plainly(facts: &[Fact], minute: i64) -> Option<i64> {
    let newest = |subject: &Subject| {
        let rulings = facts.iter().filter_map(|fact| match fact {
            Fact::Ruling(ruling) if ruling.subject == *subject => Some(ruling),
            _ => None,
        });
        rulings.max_by_key(|ruling| ruling.version.clone()).map(|ruling| ruling.upto)
    };
    let heard = |device: Device| newest(&Subject::Device { device }) != Some(0);
    let upto = Minute::of(after(minute));
    let mut minutes: BTreeMap<(Post, Device, Minute), Totals> = BTreeMap::new();
    for fact in facts {
        if let Fact::Tally(t) = fact {
            minutes.entry((t.post.clone(), t.device, t.minute)).or_default().merge(&t.totals);
        }
    }
    let taps: Vec<(Post, Minute, i64)> = minutes
        .into_iter()
        .filter(|((_, device, minute), _)| *minute <= upto && heard(*device))
        .filter_map(|((post, device, minute), totals)| {
            let subject = Subject::Tally { gathering: slug("bath"), post: post.clone(), device, minute };
            let most = i64::from(newest(&subject).unwrap_or(if totals.rush { 0 } else { 200 }));
            let came = (i64::from(totals.entered) - i64::from(totals.entered_undone)).min(most);
            let went = (i64::from(totals.left) - i64::from(totals.left_undone)).min(most);
            (most > 0 && (totals.entered, totals.left) != (0, 0)).then_some((post, minute, came - went))
        })
        .collect();
    let typed: BTreeSet<(&Estimate, i64)> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Estimate(e) if Minute::of(e.at) <= upto && heard(e.device) => Some(e),
            _ => None,
        })
        .filter_map(|e| match newest(&Subject::Estimate(Box::new(e.clone()))) {
            Some(0) => None,
            Some(most) => Some((e, i64::from(e.value.min(most)))),
            None => (e.value <= 200).then_some((e, e.value.into())),
        })
        .collect();
    let sum = |of: &dyn Fn(&Post, Minute) -> bool| -> i64 {
        taps.iter().filter(|(post, minute, _)| of(post, *minute)).map(|(_, _, net)| net).sum()
    };
    let last = |post: Option<&Post>| typed.iter().rfind(|(e, _)| e.post.as_ref() == post).copied();
    let at_post = |name: &Post| match last(Some(name)) {
        Some((e, people)) => people + sum(&|post, minute| post == name && minute > Minute::of(e.at)),
        None => sum(&|post, _| post == name),
    };
    let posts = [post("North"), post("South")];
    let people = match last(None) {
        Some((whole, people)) => {
            let since = people + sum(&|_, minute| minute > Minute::of(whole.at));
            let said_since = posts.iter().filter(|p| last(Some(p)).is_some_and(|(e, _)| e > whole));
            let parts: Vec<i64> = said_since.map(at_post).collect();
            if parts.is_empty() { since } else { since.max(parts.into_iter().sum()) }
        }
        None if taps.is_empty() && typed.is_empty() => return None,
        None => posts.iter().map(at_post).sum(),
    };
    match newest(&Subject::Gathering { gathering: slug("bath") }) {
        Some(0) => None,
        most => Some(people.min(most.map_or(i64::MAX, i64::from)).max(0)),
    }
}

proptest! {
    #[test]
    fn a_headcount_is_what_the_rules_plainly_say(facts in reports()) {
        let board = board(facts.clone());
        for minute in -6..24 {
            prop_assert_eq!(value(&board, minute).map(i64::from), plainly(&facts, minute), "at minute {}", minute);
        }
    }

    #[test]
    fn any_order_repetition_delay_and_partition_of_the_reports_gives_the_same_board_and_figures(
        (facts, again, cut) in reports().prop_flat_map(|facts| {
            let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
            let cut = 0..=twice.len();
            (Just(facts), Just(twice).prop_shuffle(), cut)
        })
    ) {
        let straight = board(facts);
        let disordered = board(again.clone());
        prop_assert_eq!(all_of(&straight), all_of(&disordered));
        prop_assert_eq!(&straight, &disordered);
        // Two nodes that heard different halves, and later everything the other heard.
        let (left, right) = again.split_at(cut);
        let healed = [board(left.iter().chain(right).cloned()), board(right.iter().chain(left).cloned())];
        prop_assert_eq!(&healed[0], &straight);
        prop_assert_eq!(&healed[1], &straight);
    }

    #[test]
    fn a_quarantined_device_is_as_if_it_had_never_spoken(
        (facts, at) in reports().prop_flat_map(|facts| { let at = 0..=facts.len(); (Just(facts), at) }),
        device in 1u128..4,
    ) {
        let device = Device::from(device);
        let spoke = |fact: &Fact| match fact {
            Fact::Tally(t) => t.device == device,
            Fact::Estimate(e) => e.device == device,
            _ => false,
        };
        let without = board(facts.iter().filter(|fact| !spoke(fact)).cloned());
        let mut with = facts;
        with.insert(at, ruling(Subject::Device { device }, 99, 0));
        prop_assert_eq!(all_of(&board(with)), all_of(&without));
    }

    #[test]
    fn the_ends_lie_around_a_headcount(facts in reports()) {
        for bath in all_of(&board(facts)).into_iter().flat_map(|(then, present)| [then, present]).flatten() {
            prop_assert!(bath.low <= bath.value && bath.value <= bath.high, "{:?}", bath);
        }
    }

    /// A steward taps and undoes; the phone sends its totals after every tap, and the network makes of it what it will.
    #[test]
    fn undo_never_shrinks_a_total_and_the_headcount_is_right_with_it(
        taps in prop::collection::vec((0i64..4, prop::sample::select(vec![1u32, 5, 10]), any::<bool>()), 0..40),
        arrives in prop::collection::vec(any::<bool>(), 40),
        seed in any::<u64>(),
    ) {
        let (mut page, mut messages, mut people) = (BTreeMap::<i64, Totals>::new(), Vec::new(), 0);
        for (minute, step, undo) in taps {
            let totals = page.entry(minute).or_default();
            let before = *totals;
            if undo && totals.came() >= step {
                totals.entered_undone += step;
                people -= step;
            } else {
                totals.entered += step;
                people += step;
            }
            prop_assert!(totals.entered >= before.entered && totals.entered_undone >= before.entered_undone);
            messages.push(Fact::from(tally("North", 1, minute, *totals)));
        }
        prop_assume!(page.values().all(|totals| totals.came() <= plausibility::MOST_IN_A_MINUTE));
        let last = page.iter().map(|(&minute, &totals)| Fact::from(tally("North", 1, minute, totals)));
        let mut heard: Vec<Fact> = messages.into_iter().zip(arrives).filter(|(_, arrives)| *arrives).map(|(m, _)| m).collect();
        heard.extend(last);
        let turn = usize::try_from(seed % 41).unwrap() % heard.len().max(1);
        heard.rotate_left(turn);
        let mut board = Board::default();
        let mut known = page.keys().map(|&minute| (minute, Totals::default())).collect::<BTreeMap<_, _>>();
        for message in heard {
            let _ = board.merge(message);
            for (&minute, before) in &mut known {
                let Tally { gathering, post, device, minute, .. } = tally("North", 1, minute, Totals::default());
                let now = board.count().totals(&gathering, &post, device, minute).unwrap_or_default();
                prop_assert!(now.entered >= before.entered && now.entered_undone >= before.entered_undone);
                *before = now;
            }
        }
        prop_assert_eq!(value(&board, 9).unwrap_or(0), people);
    }
}
