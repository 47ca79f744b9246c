//! A phone that comes back on another connection is one phone, however long the old one takes to be missed.

use std::time::Instant;

use oneoclock::wire::close::Ending;
use serde_json::json;

use super::{
    ear::Ear,
    fleet::Fleet,
    page::Page,
    visit::{EVERYWHERE, Visit},
    world::World,
};

/// Connections that were ended because their page was elsewhere.
const MOVED: &str = "oneoclock_endings_total{ending=\"moved\"}";

/// Phones that are connected.
const PHONES: &str = "oneoclock_connections{role=\"participant\"}";

/// Counts phones as the public is told.
fn phones(display: &Page) -> Vec<u32> {
    display.boards().map(|board| board.phones).collect()
}

#[tokio::test]
async fn a_phone_whose_old_connection_is_half_open_is_never_counted_twice() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    // Nobody reads or writes it any more: a phone that has left the network without a word.
    let mut half_open = world.phone().await;
    display.until("one phone", |page| page.board().phones == 1).await;
    for _ in 0..5 {
        let seat = half_open.seat().unwrap().to_owned();
        let back = Visit::default().phone_that_was(&world, &seat).await;
        assert_ne!(back.seat(), Some(seat.as_str()));
        half_open = back;
    }
    world.until_metric(MOVED, 5).await;
    world.until_metric(PHONES, 1).await;
    // Whoever does not say where it was, is another.
    let other = world.phone().await;
    display.until("two phones", |page| page.board().phones == 2).await;
    assert!(phones(&display).iter().rev().skip(1).all(|phones| *phones <= 1), "{:?}", phones(&display));
    drop((half_open, other));
}

#[tokio::test]
async fn the_old_connection_is_closed_and_says_why() {
    let world = World::brisk().await;
    let mut old = world.phone().await;
    let back = Visit::default().phone_that_was(&world, old.seat().unwrap()).await;
    assert_eq!(old.until_closed().await, Ending::Moved.code());
    assert!(!back.is_over());
}

#[tokio::test]
async fn a_phone_that_goes_on_without_a_websocket_gives_up_its_seat() {
    let world = World::brisk().await;
    let sits = world.phone().await;
    let seat = sits.seat().unwrap();
    let request = |origin: &str| {
        format!(
            "POST /live/seat HTTP/1.1\r\nHost: {}\r\nOrigin: http://{origin}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{seat}",
            world.address,
            seat.len()
        )
    };
    assert_eq!(world.ask(&request("elsewhere.example")).await.unwrap().status, 403);
    assert_eq!(world.metric(PHONES).await, 1);
    for _ in 0..2 {
        assert_eq!(world.ask(&request(&world.address.to_string())).await.unwrap().status, 204, "fits or not");
    }
    world.until_metric(PHONES, 0).await;
    world.until_metric(MOVED, 1).await;
}

#[tokio::test]
async fn a_word_that_fits_no_seat_changes_nothing() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut sits = world.phone().await;
    let seat = sits.seat().unwrap().to_owned();
    let [node, place, secret] = seat.split('.').collect::<Vec<_>>()[..] else { panic!("{seat}") };
    let old = world.phone().await;
    let spent = old.seat().unwrap().to_owned();
    old.close().await;
    let other = if secret.starts_with('0') { "1" } else { "0" };
    let words = [
        String::new(),
        node.to_owned(),
        format!("{node}.{place}.{other}{}", &secret[1..]),
        format!("{node}.ffffffff.{secret}"),
        format!("{node}.{place}.0000000000000000"),
        format!("nobody.{place}.{secret}"),
        format!("{seat}.1"),
        "k".repeat(3_000),
        spent,
    ];
    let mut pages = Vec::new();
    for word in &words {
        pages.push(Visit::default().phone_that_was(&world, word).await);
    }
    let all = u32::try_from(words.len()).unwrap() + 1;
    display.until("they and the one who sits", |page| page.board().phones == all).await;
    sits.until("it is told so too", |page| page.board().phones == all).await;
    assert_eq!(world.metric(MOVED).await, 0);
}

#[tokio::test]
async fn a_seat_keeps_its_word_and_only_the_first_hello_is_asked_for_another() {
    let world = World::with_gatherings().await;
    let mut display = world.display().await;
    let (mut sits, mut moves) = (world.phone().await, world.phone().await);
    let seat = moves.seat().unwrap().to_owned();
    let hello = json!({
        "type": "hello", "role": "participant", "gathering": "glasgow", "lang": "en", "visible": true,
        "was": sits.seat().unwrap()
    });
    moves.say(&hello).await;
    moves.until("the board of its gathering", |page| page.board().here.is_some()).await;
    assert_eq!(moves.seat(), Some(seat.as_str()));
    display.until("both are counted", |page| page.board().phones == 2).await;
    sits.until("it sits", |page| page.board().phones == 2).await;
}

#[tokio::test]
async fn only_phones_have_a_seat_to_tell_of() {
    let world = World::brisk().await;
    let organiser = Visit::default().showing(&world.pass()).organiser(&world).await;
    assert_eq!((world.display().await.seat(), organiser.seat()), (None, None));
    // One in a pocket may be looked at later, on the same connection.
    assert!(Visit::default().hidden(&world).await.seat().is_some());
}

#[tokio::test]
async fn a_phone_that_comes_back_to_another_node_is_off_the_old_one_within_a_board() {
    let fleet = Fleet::acquainted(2).await;
    let [from, to] = &fleet.nodes[..] else { panic!("two nodes") };
    let (half_open, stays) = (from.phone().await, from.phone().await);
    from.until_metric(PHONES, 2).await;
    let came = Instant::now();
    let back = Visit::default().phone_that_was(to, half_open.seat().unwrap()).await;
    from.until_metric(PHONES, 1).await;
    assert!(came.elapsed() <= EVERYWHERE, "{:?}", came.elapsed());
    from.until_metric(MOVED, 1).await;
    assert_eq!(to.metric(PHONES).await, 1);
    // And back again.
    let again = Visit::default().phone_that_was(from, back.seat().unwrap()).await;
    to.until_metric(MOVED, 1).await;
    assert_eq!((from.metric(PHONES).await, to.metric(PHONES).await), (2, 0));
    drop((stays, again));
}

#[tokio::test]
async fn whoever_reaches_the_engine_and_does_not_know_a_seat_takes_it_from_nobody() {
    let fleet = Fleet::acquainted(2).await;
    let [node, other] = &fleet.nodes[..] else { panic!("two nodes") };
    let (sits, knows) = (node.phone().await, node.phone().await);
    let (name, seat) = (node.node().await, sits.seat().unwrap());
    let ear = Ear::at(&fleet.engine).await;
    let (place, secret) = seat.rsplit_once('.').unwrap();
    let guess = if secret.starts_with('0') { "1" } else { "0" };
    let elsewhere = seat.replace(&name, &other.node().await);
    for wrong in
        ["", "*", ">", &name, place, &format!("{place}.{guess}{}", &secret[1..]), &elsewhere, &"x".repeat(9_000)]
    {
        ear.says_to(&name, json!({ "type": "vacate", "seat": wrong }).to_string().as_bytes()).await;
    }
    ear.says_to(&name, json!({ "type": "vacate", "seat": knows.seat().unwrap() }).to_string().as_bytes()).await;
    // What was said before it was heard before it.
    node.until_metric(MOVED, 1).await;
    assert_eq!((node.metric(PHONES).await, other.metric(MOVED).await), (1, 0));
    drop((sits, knows));
}
