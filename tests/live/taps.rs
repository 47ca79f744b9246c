//! Stewards' taps: kept before they are acknowledged, counted where and when they were made, and told to the country.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use oneoclock::wire::message::{FromServer, Kept};
use serde_json::json;

use super::{
    patience::{PATIENCE, eventually},
    steward::{self, MINUTE, Steward, count_at, kept, minute, now, set_moment},
    visit::Visit,
    world::World,
};

/// How soon a tap must be on every display.
const ON_DISPLAYS: Duration = Duration::from_secs(3);

/// For how long the public is told the same of one gathering.
const FIGURE_STANDS: Duration = Duration::from_secs(30);

/// Minutes of the longest day without a network.
const SIX_HOURS: i64 = 360;

#[tokio::test]
async fn a_tap_is_in_the_national_total_on_a_display_within_three_seconds() {
    let world = World::new().await;
    world.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    let mut display = world.display().await;
    display.until("a board of nobody", |page| page.board().taking_part == 0).await;
    let tapped = Instant::now();
    steward.counts(minute(0), 40).await;
    display.until_within(ON_DISPLAYS, "the tap", |page| page.board().taking_part == 40).await;
    assert!(tapped.elapsed() <= ON_DISPLAYS, "{:?}", tapped.elapsed());
    let board = display.board();
    assert_eq!((board.reported, board.low, board.high), (1, 40, 40));
    assert_eq!((board.gatherings, board.signed_off), (super::world::EXAMPLES, false));
    let phone = Visit::default().phone_at(&world, "glasgow").await;
    assert_eq!(phone.board().people, Some(40));
    let json = world.get("/api/v1/board?gathering=glasgow").await.unwrap().json();
    assert_eq!((&json["board"]["taking_part"], &json["board"]["people"]), (&40.into(), &40.into()));
}

#[tokio::test]
async fn phones_change_nothing_about_the_people_who_take_part() {
    let world = World::with_gatherings().await;
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 20).await;
    let mut display = world.display().await;
    display.until("the count", |page| page.board().taking_part == 20).await;
    let mut phones = Vec::new();
    for _ in 0..30 {
        phones.push(Visit::default().phone_at(&world, "glasgow").await);
    }
    display.until("the phones", |page| page.board().phones == 30).await;
    assert_eq!((display.board().taking_part, display.board().reported), (20, 1));
    drop(phones);
    display.until("no phones", |page| page.board().phones == 0).await;
    assert_eq!(display.board().taking_part, 20);
}

#[tokio::test]
async fn six_hours_of_minutes_said_three_times_in_any_order_are_counted_once() {
    let world = World::with_gatherings().await;
    // So that all of the last six hours belong to the day.
    set_moment(&world, 120);
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    let first = minute(-SIX_HOURS);
    let mut said: Vec<_> = (0..3 * SIX_HOURS).map(|n| (first + n % SIX_HOURS * MINUTE, 1 + n % 7)).collect();
    // The largest total of each minute is the true one; the smaller ones were said before it.
    let mut truth: BTreeMap<i64, i64> = BTreeMap::new();
    for (minute, entered) in &said {
        let most = truth.entry(*minute).or_default();
        *most = (*most).max(*entered);
    }
    let total: i64 = truth.values().sum();
    let mut dice = super::kill::Dice::new(now().unsigned_abs());
    for place in (1..said.len()).rev() {
        said.swap(place, dice.below(place + 1));
    }
    for (minute, entered) in &said {
        let tally = steward.tally(*minute, u32::try_from(*entered).unwrap());
        steward.page.say(&tally).await;
    }
    let answers = |page: &super::page::Page| page.messages().filter(|m| matches!(m, FromServer::Kept(_))).count();
    steward.page.until("every answer", |page| answers(page) == said.len()).await;
    assert!(steward.page.refusals().is_empty() && kept(&steward.page).len() == 360);
    let row = count_at(&world, "glasgow").await;
    assert_eq!(row["people"]["value"], total, "{row}");
    assert_eq!(row["posts"][0]["devices"][0]["counted"], total, "{row}");
    let commits = world.metric("oneoclock_journal_commit_seconds_count").await;
    assert!(commits < 60, "what came in one go was kept in {commits} commits");
    let facts = world.metric("oneoclock_tallies_kept_total").await;
    let again = steward.tally(first, u32::try_from(truth[&first]).unwrap());
    steward.page.say(&again).await;
    steward.page.until("one answer more", |page| answers(page) == said.len() + 1).await;
    assert_eq!(world.metric("oneoclock_tallies_kept_total").await, facts, "what is known is not written again");
    let world = world.again(&[]).await;
    assert_eq!(count_at(&world, "glasgow").await["people"]["value"], total);
}

#[tokio::test]
async fn a_steward_reports_for_its_own_post_and_hours_and_learns_what_is_wrong_with_anything_else() {
    let world = World::with_gatherings().await;
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    let good = steward.tally(minute(0), 12);
    let with = |name: &str, value: serde_json::Value| {
        let mut tally = good.clone();
        tally[name] = value;
        tally
    };
    for (message, reason) in [
        (with("post", json!("South gate")), "out_of_scope"),
        (with("gathering", json!("york")), "out_of_scope"),
        (with("minute", json!(minute(-8 * 60))), "out_of_window"),
        (with("minute", json!(minute(10))), "not_kept"),
        (with("in_undone", json!(13)), "undone"),
        (with("in", json!(200_000)), "too_many"),
        (json!({ "type": "elsewhere", "party": 3, "claim": steward.device }), "unknown_type"),
    ] {
        assert_eq!(steward.is_refused(&message).await, reason, "{message}");
    }
    let mut upside_down = steward.estimate(now(), 100);
    upside_down["low"] = json!(101);
    assert_eq!(steward.is_refused(&upside_down).await, "bad_range");
    let row = count_at(&world, "glasgow").await;
    assert_eq!((&row["people"], count_at(&world, "york").await["people"].is_null()), (&json!(null), true));
    let mut phone = world.phone().await;
    phone.say(&good).await;
    phone.until("a refusal", |page| page.refusals() == ["unknown_type"]).await;
    steward.counts(minute(0), 12).await;
    assert_eq!(count_at(&world, "glasgow").await["people"]["value"], 12);
}

#[tokio::test]
async fn two_devices_on_one_post_see_each_other_and_two_posts_sum() {
    let world = World::with_gatherings().await;
    let pass = steward::pass(&world, "glasgow", "North gate").await;
    let mut one = Steward::with(&world, &pass, "glasgow", "North gate", 1).await;
    assert_eq!((one.duty().devices.len(), one.duty().name.is_empty(), one.duty().people), (1, false, 0));
    let mut two = Steward::with(&world, &pass, "glasgow", "North gate", 2).await;
    one.until_duty(PATIENCE, "the other device", |duty| duty.devices.len() == 2).await;
    one.counts(minute(0), 3).await;
    two.counts(minute(0), 4).await;
    let mut other = Steward::at(&world, "glasgow", "South gate", 3).await;
    other.counts(minute(0), 10).await;
    for steward in [&mut one, &mut two] {
        steward.until_duty(PATIENCE, "all together", |duty| (duty.post_people, duty.people) == (7, 17)).await;
        let mut counted: Vec<_> = steward.duty().devices.iter().map(|d| (d.counted, d.live)).collect();
        counted.sort_unstable();
        assert_eq!(counted, [(3, true), (4, true)]);
    }
    assert_eq!(other.duty().devices.len(), 1, "the other post has one");
    drop(two);
    one.until_duty(PATIENCE, "the other is gone, and still counts here", |duty| {
        duty.devices.iter().map(|d| d.live).filter(|live| *live).count() == 1 && duty.devices.len() == 2
    })
    .await;
}

#[tokio::test]
async fn the_roll_call_and_an_estimate_are_kept_and_told_and_survive() {
    let world = World::with_gatherings().await;
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    let mut display = world.display().await;
    steward.page.say(&json!({ "type": "ready", "ready": true })).await;
    let estimate = steward.estimate(now(), 150);
    steward.page.say(&estimate).await;
    let heard = |page: &super::page::Page, wanted: &dyn Fn(&Kept) -> bool| {
        page.messages().any(|message| matches!(message, FromServer::Kept(kept) if wanted(kept)))
    };
    steward
        .page
        .until("both kept", |page| {
            heard(page, &|kept| matches!(kept, Kept::Ready { ready: true }))
                && heard(page, &|kept| matches!(kept, Kept::Estimate { seq: 1, held: false, .. }))
        })
        .await;
    display.until("told", |page| (page.board().ready, page.board().taking_part) == (1, 150)).await;
    assert_eq!((display.board().low, display.board().high), (135, 165));
    steward.until_duty(PATIENCE, "its own word", |duty| duty.ready && duty.people == 150).await;
    let world = world.again(&["--pace=100ms"]).await;
    let board = world.display().await.board().clone();
    assert_eq!((board.ready, board.taking_part, board.reported), (1, 150, 1));
}

#[tokio::test]
async fn what_comes_in_hours_late_lands_in_its_own_minute() {
    let world = World::with_clock("0 2.5", &["--pace=100ms"]).await;
    world.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    set_moment(&world, 10);
    let moment = minute(10);
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 50).await;
    let mut display = world.display().await;
    display.until("before", |page| page.board().taking_part == 50).await;
    // Three hours on; the steward had no network since.
    world.moves_clock(&format!("{} 2.5", 180 * MINUTE));
    eventually("the served time follows", async || {
        let time = world.get("/api/v1/time").await?.json()["now"].as_f64()?;
        (time > (moment + 60 * MINUTE) as f64).then_some(())
    })
    .await;
    steward.counts(moment + 90 * MINUTE, 1_000).await;
    steward.counts(moment - 2 * MINUTE, 30).await;
    display.until("what was there at the moment", |page| page.board().taking_part == 80).await;
    let row = count_at(&world, "glasgow").await;
    assert_eq!(
        (&row["at_moment"]["value"], &row["people"]["value"]),
        (&80.into(), &280.into()),
        "200 of a minute count"
    );
}

#[tokio::test]
async fn what_cannot_be_meant_is_held_until_an_organiser_has_looked_at_it() {
    let world = World::with_gatherings().await;
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 230).await;
    let held = |page: &super::page::Page| {
        page.messages().any(|message| matches!(message, FromServer::Kept(Kept::Tally { held: true, .. })))
    };
    assert!(held(&steward.page));
    steward.until_duty(PATIENCE, "held", |duty| duty.held == 1 && duty.people == 200).await;
    let count = steward::count(&world).await;
    let entry = count["held"][0].clone();
    assert_eq!((&entry["said"], &entry["people"]), (&230.into(), &30.into()), "{count}");
    let accept = json!({ "subject": entry["subject"], "upto": 230 });
    steward::done(&world, "POST", "/api/v1/rulings", &accept).await;
    steward.until_duty(PATIENCE, "accepted", |duty| duty.held == 0 && duty.people == 230).await;
    let quarantine = json!({ "subject": { "on": "device", "device": steward.device }, "upto": 0 });
    steward::done(&world, "POST", "/api/v1/rulings", &quarantine).await;
    steward.until_duty(PATIENCE, "as if never said", |duty| duty.people == 0).await;
    let mut display = world.display().await;
    let told = |page: &super::page::Page| page.board().taking_part == 0;
    display.until_within(FIGURE_STANDS + PATIENCE, "the public, too, once the figure has stood", told).await;
}
