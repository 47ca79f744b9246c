//! A whole square loses its network at once: whoever comes meanwhile is served, and the count is exact after.

use std::time::{Duration, Instant};

use super::{page::Page, world::World};

/// Phones that drop at once.
const CROWD: u32 = 2_000;

/// How long coming in may take while they drop, on a machine that is busy with their end of it too.
const PROMPTLY: Duration = Duration::from_secs(2);

#[tokio::test]
async fn two_thousand_phones_drop_at_once_while_others_come_in() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        crowd.push(world.phone().await);
    }
    display.until("all are counted", |page| page.board().phones == CROWD).await;

    crowd.into_iter().enumerate().for_each(|(n, phone)| if n % 2 == 0 { phone.reset() } else { phone.vanish() });
    let mut newcomers: Vec<Page> = Vec::new();
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let came = Instant::now();
        newcomers.push(world.phone().await);
        slowest = slowest.max(came.elapsed());
    }
    assert!(slowest <= PROMPTLY, "{slowest:?}");
    display.until("only the newcomers are left", |page| page.board().phones == 100).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 100).await;
    world.until_metric("oneoclock_endings_total{ending=\"gone\"}", CROWD.into()).await;
}
