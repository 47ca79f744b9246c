//! The end of a server: every page is told when to come back, and nothing is cut off that need not be.

use std::time::{Duration, Instant};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    answer::Answer, engine::Engine, fleet::Fleet, page::Page, patience::eventually, visit::Visit, world::World,
};

/// How much longer than the grace time the process may take: the last close frames, and the journal.
const LAST_MOMENT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn every_page_is_told_its_own_time_to_return_and_the_server_ends_when_all_have_gone() {
    let mut world = World::with(&["--return-rate=10", "--grace=60s"]).await;
    let mut pages = vec![world.display().await, Visit::default().hidden(&world).await];
    pages.push(Visit::default().showing(&world.pass()).organiser(&world).await);
    pages.push(Visit::default().open(&world).await);
    for _ in 0..16 {
        pages.push(world.phone().await);
    }
    // A browser keeps its connections for a while after the page is loaded.
    let mut idle = TcpStream::connect(world.address).await.unwrap();
    let asked = format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
    idle.write_all(asked.as_bytes()).await.unwrap();
    assert_eq!(world.get("/readyz").await.map(|answer| answer.status), Some(200));

    world.signal("TERM");
    let mut returns = Vec::new();
    for page in &mut pages {
        assert_eq!(page.until_closed().await, Some(1012));
        returns.push(page.retry_ms().unwrap());
    }
    returns.sort_unstable();
    // The server's own probe is a page too, and may be among them; then one place in the row is its.
    let in_a_row: Vec<u64> = (0..=20).map(|n| 1_000 + n * 100).collect();
    let missing = in_a_row.iter().filter(|at| !returns.contains(at)).count();
    assert!(missing == 1 && returns.windows(2).all(|pair| pair[0] < pair[1]), "ten a second: {returns:?}");
    assert!(world.ended().await.success());
    assert_eq!(Answer::from(&mut idle).await.unwrap().status, 200);
    assert!(world.stderr().contains("drained"), "{}", world.stderr());
}

#[tokio::test]
async fn a_draining_server_takes_nobody_in() {
    let mut world = World::with(&["--grace=60s"]).await;
    let stays = world.phone().await;
    world.signal("TERM");
    let answer = eventually("the door is shut", async || {
        let answer = world.get("/readyz").await;
        answer.as_ref().is_none_or(|answer| answer.status == 503).then_some(answer)
    })
    .await;
    assert!(answer.is_none_or(|answer| answer.json()["checks"]["not_draining"] == false));
    eventually("nobody comes in", async || Visit::default().try_open(&world).await.err()).await;
    drop(stays);
    assert!(world.ended().await.success());
}

#[tokio::test]
async fn pages_that_never_close_are_closed_at_the_end_of_the_grace_time() {
    let mut world = World::with(&["--grace=2s"]).await;
    let never_reads = Visit::default().receiving(1).phone(&world).await;
    let mut polite = world.phone().await;
    let started = Instant::now();
    world.signal("TERM");
    assert_eq!(polite.until_closed().await, Some(1012));
    assert!(world.ended().await.success());
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(1_900) && took <= Duration::from_secs(2) + LAST_MOMENT, "{took:?}");
    drop(never_reads);
}

#[tokio::test]
async fn a_log_that_nobody_reads_any_more_neither_stops_work_nor_spoils_the_good_byes() {
    let mut world = World::unread().await;
    let at = "2027-02-20 13:00";
    world.does(&["moment", "set", at, "--confirm", at]);
    let mut phone = world.phone().await;
    phone.until("the moment", |page| page.moment().rev == 1).await;
    world.signal("TERM");
    assert_eq!(phone.until_closed().await, Some(1012));
    assert!(world.ended().await.success());
}

#[tokio::test]
async fn an_interrupt_from_the_keyboard_drains_as_well() {
    let mut world = World::new().await;
    let mut phone = world.phone().await;
    world.signal("INT");
    assert_eq!(phone.until_closed().await, Some(1012));
    assert!(world.ended().await.success());
}

#[tokio::test]
async fn a_page_that_comes_as_the_server_drains_is_seen_off_like_the_others() {
    // Whoever is between the door and a seat when the good-byes are said must not be forgotten there.
    for _ in 0..4 {
        let mut world = World::with(&["--grace=60s"]).await;
        let coming = async {
            let mut came: Vec<Page> = Vec::new();
            while let Ok(page) = Visit::default().try_open(&world).await {
                came.push(page);
            }
            came
        };
        let stopping = eventually("some came in", async || {
            (world.metric("oneoclock_joins_total").await > 0).then(|| world.signal("TERM"))
        });
        let (came, ()) = tokio::join!(coming, stopping);
        for mut page in came {
            assert!(matches!(page.until_closed().await, Some(1012) | None));
        }
        assert!(world.ended().await.success());
    }
}

/// Phones on the node that drains, and the pace at which all of them get boards.
const CROWD: usize = 90;
const PACE: Duration = Duration::from_secs(1);

/// Most boards that a page may miss as it changes nodes.
const MISSED: u32 = 3;

/// Follows a phone from one node to the next; the longest it was without a board, and how long after the stop it left.
async fn follow(mut phone: Page, next: &World, stopped: Instant) -> (Duration, Duration) {
    let (mut last, mut longest, mut boards) = (Instant::now(), Duration::ZERO, phone.boards().count());
    let mut left = None;
    let mut after = 0;
    while after < 2 {
        phone.listen().await;
        if phone.is_over() {
            assert_eq!((phone.until_closed().await, phone.retry_ms()), (Some(1012), Some(0)));
            left = Some(stopped.elapsed());
            phone = next.phone().await;
            boards = 0;
        }
        if phone.boards().count() > boards {
            boards = phone.boards().count();
            longest = longest.max(last.elapsed());
            last = Instant::now();
            after += usize::from(left.is_some());
        }
    }
    (longest, left.unwrap_or_default())
}

#[tokio::test]
async fn where_other_nodes_are_there_pages_leave_one_after_the_other_and_miss_next_to_nothing() {
    // At one a second nobody would be through; the last must be told five seconds before the end.
    let arguments = ["--pace=1s", "--beat=1s", "--return-rate=1", "--grace=13s"];
    let mut fleet = Fleet::around(Engine::new().await, 3, &arguments).await;
    fleet.acquaint().await;
    let mut phones = Vec::new();
    for _ in 0..CROWD {
        phones.push(fleet.nodes[0].phone().await);
    }
    let stopped = Instant::now();
    fleet.nodes[0].signal("TERM");
    let following = phones.into_iter().enumerate().map(|(n, phone)| follow(phone, &fleet.nodes[1 + n % 2], stopped));
    let followed = futures_util::future::join_all(following).await;
    let longest = followed.iter().map(|(longest, _)| *longest).max().unwrap();
    let last = followed.iter().map(|(_, left)| *left).max().unwrap();
    assert!(longest <= PACE * (MISSED + 1), "{longest:?} without a board");
    assert!(last >= Duration::from_secs(6) && last <= Duration::from_secs(9), "the last left after {last:?}");
    assert!(fleet.nodes[0].ended().await.success());
    assert!(stopped.elapsed() <= Duration::from_secs(13), "{:?}", stopped.elapsed());
}
