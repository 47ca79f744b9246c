//! Phones live: exact whatever comes and goes, and however.

use super::{page::Page, visit::Visit, world::World};

/// A whole square behind one address.
const SQUARE: u32 = 300;

async fn square(world: &World) -> Vec<Page> {
    let mut phones = Vec::new();
    for _ in 0..SQUARE {
        phones.push(world.phone().await);
    }
    phones
}

#[tokio::test]
async fn three_hundred_phones_from_one_address_come_go_and_come_back_and_every_count_is_exact() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut phones = square(&world).await;
    display.until("all are counted", |page| page.board().phones == SQUARE).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", SQUARE.into()).await;

    phones.split_off(200).into_iter().for_each(Page::reset);
    phones.split_off(100).into_iter().for_each(Page::vanish);
    display.until("a hundred are left", |page| page.board().phones == 100).await;
    for phone in phones {
        phone.close().await;
    }
    display.until("nobody is left", |page| page.board().phones == 0).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 0).await;
    world.until_metric("oneoclock_endings_total{ending=\"left\"}", 100).await;
    world.until_metric("oneoclock_endings_total{ending=\"gone\"}", 200).await;

    let back = square(&world).await;
    display.until("all are back", |page| page.board().phones == SQUARE).await;
    assert!(display.boards().all(|board| board.phones <= SQUARE), "nobody was ever counted twice");
    drop(back);
    display.until("nobody is left", |page| page.board().phones == 0).await;
}

#[tokio::test]
async fn a_phone_that_drops_and_returns_many_times_is_one_phone() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut phone = world.phone().await;
    for round in 0..30 {
        if round % 2 == 0 {
            phone.vanish();
        } else {
            phone.reset();
        }
        phone = world.phone().await;
    }
    world.until_metric("oneoclock_connections{role=\"participant\"}", 1).await;
    display.until("one phone", |page| page.board().phones == 1).await;
    assert_eq!(world.metric("oneoclock_endings_total{ending=\"gone\"}").await, 30);
}

#[tokio::test]
async fn two_tabs_of_one_browser_are_counted_while_they_are_seen() {
    let world = World::brisk().await;
    let browser = Visit::default().with("origin", &format!("http://{}", world.address));
    let mut first = browser.phone(&world).await;
    let mut second = browser.phone(&world).await;
    first.until("two tabs", |page| page.board().phones == 2).await;
    // A browser shows one tab at a time, and tells the other that it is hidden.
    second.say(&serde_json::json!({ "type": "visible", "visible": false })).await;
    first.until("one tab", |page| page.board().phones == 1).await;
}
