//! P5: a slow reader holds one pending frame at most, gets the newest state when it wakes, and is not noticed.

use serde_json::json;

use super::{page::Page, visit::Visit, world::World};

/// Changes while the slow one does not read: several times what fits into its socket.
const CHANGES: usize = 90;

/// What a board takes in a socket, at least.
const BOARD_BYTES: usize = 140;

/// Receive buffers of the slow ones, which the kernel doubles. The smallest takes frames in parts, a larger one
/// whole; each is a way of its own to be full.
const RECEIVE_BYTES: [u32; 4] = [1, 2_048, 3_072, 4_096];

/// What is on the way to a receive buffer however small, in bytes: the kernel's least buffer, and some.
const ON_THE_WAY_BYTES: usize = 2_400;

/// Boards that may wait for one who does not read: what fits into its own receive buffer, and a few
/// on the way there. None wait on the server's side, but the rest of one.
fn waiting_boards(receive_bytes: u32) -> usize {
    (ON_THE_WAY_BYTES + 2 * receive_bytes as usize) / BOARD_BYTES
}

/// Makes the number of phones change `times`, and sees that each change is heard of.
async fn changes(times: usize, restless: &mut Page, watcher: &mut Page) {
    let others = watcher.board().phones - 1;
    for time in 0..times {
        let visible = time % 2 == 1;
        restless.say(&json!({ "type": "visible", "visible": visible })).await;
        let wanted = others + u32::from(visible);
        watcher.until("the change", |page| page.board().phones == wanted).await;
    }
}

#[tokio::test]
async fn who_never_reads_is_not_noticed_and_gets_the_newest_on_waking() {
    let world = World::brisk().await;
    let mut watcher = world.phone().await;
    let mut restless = world.phone().await;
    let mut slows = Vec::new();
    for bytes in RECEIVE_BYTES {
        slows.push(Visit::default().receiving(bytes).phone(&world).await);
    }
    let phones = 2 + u32::try_from(slows.len()).unwrap();
    watcher.until("all phones", |page| page.board().phones == phones).await;

    changes(CHANGES, &mut restless, &mut watcher).await;
    assert!(world.metric("oneoclock_frames_skipped_total").await > 0);

    // It wakes: what it reads are whole frames, few of them old, and then the newest.
    let newest = watcher.board().clone();
    for (slow, bytes) in slows.iter_mut().zip(RECEIVE_BYTES) {
        slow.until("the newest board", |page| page.board() == &newest).await;
        let got: Vec<i64> = slow.boards().map(|board| board.t.0).collect();
        assert!(got.windows(2).all(|pair| pair[0] < pair[1]), "never back in time: {got:?}");
        assert!(got.len() <= waiting_boards(bytes), "{} boards waited of {CHANGES} in {bytes} bytes", got.len());
    }

    // And they are in step again.
    changes(2, &mut restless, &mut watcher).await;
    for slow in &mut slows {
        slow.until("the next", |page| page.board() == watcher.board()).await;
    }
}

#[tokio::test]
async fn a_slow_reader_that_is_also_told_of_the_moment_and_answered_gets_whole_frames_in_order() {
    let world = World::brisk().await;
    let mut watcher = world.phone().await;
    let mut restless = world.phone().await;
    let mut slow = Visit::default().receiving(1).phone(&world).await;
    watcher.until("three phones", |page| page.board().phones == 3).await;
    for rev in 1..=8 {
        changes(6, &mut restless, &mut watcher).await;
        for seq in 0..20 {
            slow.say(&json!({ "type": "ping", "seq": seq, "c1": 0.5 })).await;
        }
        let words = format!("{rev}: {}", "Link arms. ".repeat(20));
        let at = "2027-02-20 13:00";
        world.does(&["moment", "set", at, "--confirm", at, "--words", &words]);
        watcher.until("the moment", |page| page.moment().rev == rev).await;
    }
    watcher.until("the board of it", |page| page.board().rev == 8).await;
    // Every message is parsed as it is read: half a frame within another would not be one.
    slow.until("the newest of both", |page| page.moment().rev == 8 && page.board() == watcher.board()).await;
    let revs: Vec<u64> = slow
        .messages()
        .filter_map(|m| if let oneoclock::wire::message::FromServer::Moment(m) = m { Some(m.rev) } else { None })
        .collect();
    assert!(revs.is_sorted(), "{revs:?}");
}
