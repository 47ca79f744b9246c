//! A phone that comes back on another connection is one phone, however long the old one takes to be missed.

use oneoclock::wire::close::Ending;
use serde_json::json;

use super::{page::Page, visit::Visit, world::World};

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
    world.until_metric("oneoclock_endings_total{ending=\"moved\"}", 5).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 1).await;
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
    assert_eq!(world.metric("oneoclock_endings_total{ending=\"moved\"}").await, 0);
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
