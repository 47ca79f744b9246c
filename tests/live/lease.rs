//! Half-open sockets: who does not answer is gone within half a minute, and who answers stays.

use std::time::{Duration, Instant};

use oneoclock::wire::{
    close::Ending,
    frame::{self, PING},
};

use super::{visit::Visit, world::World};

/// P4: a half-open phone is out of every count in this time.
const HALF_OPEN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn who_stops_answering_is_gone_in_thirty_seconds_and_who_answers_stays() {
    let world = World::with(&["--pace=100ms"]).await;
    let mut display = world.display().await;
    let mut steady = world.phone().await;
    let mut steady_hidden = Visit::default().hidden(&world).await;
    let mut steady_organiser = Visit::default().showing(&world.pass()).organiser(&world).await;
    // These are open, and nobody reads or writes them: no pong comes from them.
    let silent = world.phone().await;
    let silent_hidden = Visit::default().hidden(&world).await;
    let silent_display = world.display().await;
    let silent_organiser = Visit::default().showing(&world.pass()).organiser(&world).await;
    let since = Instant::now();

    display.until("two phones", |page| page.board().phones == 2).await;
    let patience = HALF_OPEN + Duration::from_millis(200);
    let gone = display.until_within(patience, "the silent one is gone", |page| page.board().phones == 1);
    steady.during(steady_hidden.during(steady_organiser.during(gone))).await;
    assert!(since.elapsed() >= Duration::from_secs(25), "a phone in a tunnel is given longer");

    let farewell = frame::close(Ending::LeaseOver);
    for half_open in [silent, silent_hidden, silent_display, silent_organiser] {
        let unread = half_open.into_unread().await;
        assert!(unread.windows(PING.len()).any(|bytes| bytes == PING), "it was asked before it was given up");
        assert!(unread.ends_with(&farewell), "{unread:x?}");
    }
    let closed = since.elapsed();
    assert!(closed <= HALF_OPEN + Duration::from_secs(4), "{closed:?}");
    world.until_metric("oneoclock_endings_total{ending=\"lease_over\"}", 4).await;
    assert!(!steady.is_over() && !steady_hidden.is_over() && !steady_organiser.is_over());
    world.until_metric("oneoclock_connections{role=\"participant\"}", 2).await;
    assert!(steady.pings() >= 1 && steady_hidden.pings() >= 1 && steady_organiser.pings() >= 1);
}
