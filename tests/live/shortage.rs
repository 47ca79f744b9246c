//! Too many for the places or the descriptors there are: some wait, nobody spins, and it passes.

use std::{fs, path::Path, process::Command, time::Duration};

use super::{page::Page, patience::eventually, visit::Visit, world::World};

/// Processor time of a process so far.
fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which may hold anything: user and system time are the 12th and 13th, in hundredths.
    let after = stat.rsplit(')').next().unwrap();
    let ticks: u64 = after.split_whitespace().skip(11).take(2).map(|t| t.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

#[tokio::test]
async fn whoever_comes_when_every_place_is_taken_is_told_so_and_comes_in_later() {
    let world = World::with(&["--pace=100ms", "--max-connections=20"]).await;
    let mut display = world.display().await;
    let mut phones = Vec::new();
    let refused = loop {
        match Visit::default().try_open(&world).await {
            Ok(page) => phones.push(page),
            Err(status) => break status,
        }
    };
    assert!(refused == 503 || refused == 0, "{refused}");
    assert!((15..20).contains(&phones.len()), "{}", phones.len());
    display.until("still told", |page| page.boards().count() > 0).await;
    phones.into_iter().for_each(Page::vanish);
    let mut phone = eventually("room again", async || Visit::default().try_open(&world).await.ok()).await;
    phone.say(&serde_json::json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true })).await;
    phone.until("counted", |page| page.boards().next_back().is_some_and(|board| board.phones == 1)).await;
}

#[tokio::test]
async fn without_descriptors_it_pauses_neither_spins_nor_floods_the_log_and_recovers() {
    let world = World::with(&["--pace=100ms", "--beat=500ms"]).await;
    let mut display = world.display().await;
    let phone = world.phone().await;
    // From now on the process may open no more than it has.
    let pid = world.pid().to_string();
    let limit = |descriptors: &str| {
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={descriptors}")]).status().unwrap();
        assert!(set.success());
    };
    let is_free = |number: &u32| !Path::new(&format!("/proc/{pid}/fd/{number}")).exists();
    limit(&format!("{}:", (0..).find(is_free).unwrap()));
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
    limit("1024:");
    eventually("pauses are counted", async || (world.metric("oneoclock_accept_pauses_total").await > 0).then_some(()))
        .await;
}
