//! When the hub speaks: at its own pace, and only when there is something to say.

use super::world::World;

#[tokio::test]
async fn nobody_hears_of_joins_before_the_pace() {
    let world = World::with(&["--pace=1s"]).await;
    let mut display = world.display().await;
    let mut phones = Vec::new();
    // Somebody joins every few milliseconds, and the display hears of them once a second.
    let joining = async {
        loop {
            phones.push(world.phone().await);
            tokio::task::yield_now().await;
        }
    };
    let watching = display.until("four boards", |page| page.boards().count() >= 4);
    tokio::select! {
        () = joining => {}
        () = watching => {}
    }
    let at: Vec<i64> = display.boards().map(|board| board.t.0).collect();
    // The first came with the greeting, at no particular time.
    assert!(at[1..].windows(2).all(|pair| pair[1] - pair[0] >= 950), "{at:?}");
    assert!(phones.len() > 20, "only {} joined", phones.len());
}

#[tokio::test]
async fn nothing_is_sent_while_nothing_changes_but_the_beat() {
    let world = World::with(&["--pace=100ms", "--beat=2s"]).await;
    let mut display = world.display().await;
    let before = display.boards().count();
    display.until("two beats", |page| page.boards().count() >= before + 3).await;
    let at: Vec<i64> = display.boards().map(|board| board.t.0).collect();
    let (one, two) = (at[at.len() - 2], at[at.len() - 1]);
    // One turn of the pace early at most; late only as far as a busy machine is.
    assert!((1_850..=2_600).contains(&(two - one)), "{at:?}");
}

#[tokio::test]
async fn the_pace_and_the_beat_change_while_the_server_runs() {
    let world = World::with(&["--pace=1s", "--beat=20s"]).await;
    let mut display = world.display().await;
    let said = world.does(&["pace", "--pace=100ms", "--beat=500ms"]);
    assert!(said.contains("within 100ms") && said.contains("every 500ms"), "{said}");
    let before = display.boards().count();
    display.until("four beats", |page| page.boards().count() >= before + 4).await;
    assert!(world.refuses(&["pace", "--pace=10ms"]).contains("quicker than the quickest"));
    assert!(world.refuses(&["pace", "--beat=1m"]).contains("longer than the longest"));
    assert!(world.refuses(&["pace", "--pace=2s"]).contains("shorter than pace"));
    let newcomer = world.phone().await;
    let welcomed = serde_json::to_string(&newcomer.messages().next()).unwrap();
    assert!(welcomed.contains("\"beat\":500"), "{welcomed}");
}
