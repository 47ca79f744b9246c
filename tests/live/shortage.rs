//! Too many for the places or the descriptors there are: some wait, nobody spins, and it passes.

use std::{fs, path::Path, process::Command, time::Duration};

use tokio::net::TcpStream;

use super::{page::Page, patience::eventually, visit::Visit, world::World};

/// File descriptors of a small machine.
const LIMIT: u32 = 200;

/// Pages it then takes: 128 descriptors are kept for everything else.
const SEATS: usize = 72;

/// Looks in a row at which nothing changed, before it is taken to stay so.
const SETTLED_LOOKS: u32 = 15;

/// Processor time of a process so far.
fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold anything: user and system time are the 12th and 13th, in hundredths.
    let after = stat.rsplit(')').next().unwrap();
    let ticks: u64 = after.split_whitespace().skip(11).take(2).map(|t| t.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// The number the next descriptor of a process will get, once it has stayed the same for a while.
async fn first_free_descriptor(pid: u32) -> u32 {
    let (mut last, mut looks) = (0, 0);
    eventually("no more descriptors come and go", async || {
        let is_free = |number: &u32| !Path::new(&format!("/proc/{pid}/fd/{number}")).exists();
        let free = (0..).find(is_free).unwrap();
        looks = if free == last { looks + 1 } else { 0 };
        last = free;
        (looks == SETTLED_LOOKS).then_some(free)
    })
    .await
}

#[tokio::test]
async fn in_a_full_house_whoever_comes_is_told_so_health_checks_get_in_and_room_is_found_again() {
    let world = World::with_descriptors(LIMIT).await;
    let mut display = world.display().await;
    let mut phones = Vec::new();
    let refused = loop {
        match Visit::default().try_open(&world).await {
            Ok(page) => phones.push(page),
            Err(status) => break status,
        }
    };
    assert_eq!(refused, 503);
    assert!((SEATS - 5..SEATS).contains(&phones.len()), "{}", phones.len());
    for _ in 0..500 {
        assert_eq!(Visit::default().try_open(&world).await.unwrap_err(), 503);
    }
    let full = world.ask(&super::door::handshake(&world, &[])).await.unwrap();
    assert_eq!(full.reason(), "full");
    assert!(full.head.contains("retry-after: 5"), "{}", full.head);
    // Others are at the door at the same time, and slow to say what they want.
    let mut knocking = Vec::new();
    for _ in 0..10 {
        knocking.push(TcpStream::connect(world.address).await.unwrap());
    }
    assert_eq!(world.get("/livez").await.unwrap().status, 200);
    assert_eq!(world.get("/").await.unwrap().status, 200);
    drop(knocking);
    assert_eq!(world.metric("oneoclock_accept_pauses_total").await, 0, "there were descriptors to spare");
    assert!(!world.stderr().contains("cannot accept"), "{}", world.stderr());

    let before = display.boards().count();
    phones.into_iter().for_each(Page::vanish);
    let mut phone = eventually("room again", async || Visit::default().try_open(&world).await.ok()).await;
    phone.say(&serde_json::json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true })).await;
    phone.until("counted", |page| page.boards().next_back().is_some_and(|board| board.phones == 1)).await;
    display.until("still told", |page| page.boards().count() > before).await;
}

#[tokio::test]
async fn without_descriptors_it_pauses_neither_spins_nor_floods_the_log_and_recovers() {
    let world = World::with(&["--pace=100ms", "--beat=500ms"]).await;
    let mut display = world.display().await;
    let phone = world.phone().await;
    // The server's own probe is in as well, and the connections that asked whether it is are gone.
    eventually("ready", async || world.get("/readyz").await.filter(|answer| answer.status == 200)).await;
    let free = first_free_descriptor(world.pid()).await;
    // From now on the process may open no more than it has.
    let pid = world.pid().to_string();
    let limit = |descriptors: u32| {
        let soft_limit = format!("--nofile={descriptors}:");
        assert!(Command::new("prlimit").args(["--pid", &pid, &soft_limit]).status().unwrap().success());
    };
    limit(free);
    let visit = Visit::default();
    let waiting = visit.phone(&world);
    tokio::pin!(waiting);

    let before = processor_time(world.pid());
    let heard = display.boards().count();
    // The kernel has taken the connection for us; the server cannot, and goes on with the others.
    tokio::select! {
        _ = &mut waiting => panic!("came in without a descriptor"),
        () = display.until("six beats", |page| page.boards().count() >= heard + 6) => {}
    }
    let spent = processor_time(world.pid()) - before;
    assert!(spent < Duration::from_millis(500), "{spent:?} of work while pausing");
    let warned = world.stderr().matches("cannot accept for want of descriptors").count();
    assert_eq!(warned, 1, "{}", world.stderr());

    phone.vanish();
    waiting.await;
    limit(1_024);
    eventually("pauses are counted", async || (world.metric("oneoclock_accept_pauses_total").await > 0).then_some(()))
        .await;
}
