//! The server's own clock: steps, states, a second opinion, and what may not be done by a bad one.

use std::{
    net::UdpSocket,
    thread,
    time::{Duration, Instant, SystemTime},
};

use oneoclock::wire::message::FromServer;
use serde_json::{Value, json};

use super::{
    page::Page,
    patience::{eventually, within},
    stream::Stream,
    visit::Visit,
    world::World,
};

/// How soon every page must know of a new epoch.
const NEW_EPOCH_WITHIN: Duration = Duration::from_secs(5);

const DAY: &str = "2027-02-20 13:00";

fn epoch(page: &Page) -> u32 {
    page.board().epoch
}

async fn clock(world: &World) -> Value {
    world.get("/readyz").await.unwrap().json()["clock"].clone()
}

async fn until_state(world: &World, state: &str) -> Value {
    eventually(&format!("the clock is {state}"), async || {
        Some(clock(world).await).filter(|clock| clock["state"] == state)
    })
    .await
}

/// How far the server's time is ahead of this process's, in milliseconds, to within a round trip on this machine.
async fn ahead_ms(page: &mut Page, seq: u32) -> f64 {
    page.say(&json!({ "type": "ping", "seq": seq, "c1": 0.5 })).await;
    let pong = |page: &Page| {
        page.messages().find_map(|message| match message {
            FromServer::Pong { seq: of, s3, .. } if *of == seq => Some(*s3),
            _ => None,
        })
    };
    page.until("a pong", |page| pong(page).is_some()).await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64() * 1e3;
    pong(page).unwrap() - now
}

#[tokio::test]
async fn a_step_of_the_system_clock_is_a_new_epoch_on_every_page_within_five_seconds() {
    for by_ms in [500_i32, -500] {
        // At the slowest pace there is: the news may not wait for it.
        let world = World::with_clock("0 2.5", &["--pace=20s"]).await;
        let (mut phone, mut display) = (world.phone().await, world.display().await);
        let mut organiser = Visit::default().showing(&world.pass()).organiser(&world).await;
        let mut hidden = Visit::default().hidden(&world).await;
        let mut stream = Stream::open(&world, "").await;
        let old = epoch(&phone);
        assert!(ahead_ms(&mut phone, 1).await.abs() < 100.0);

        world.moves_clock(&format!("{by_ms} 2.5"));
        let stepped = Instant::now();
        for page in [&mut phone, &mut display, &mut organiser] {
            let left = NEW_EPOCH_WITHIN.saturating_sub(stepped.elapsed());
            page.until_within(left, "a new epoch", |page| epoch(page) != old).await;
        }
        let new = epoch(&phone);
        stream.until("a new epoch", |stream| stream.board().is_some_and(|board| board["epoch"] == new)).await;
        assert!(stepped.elapsed() < NEW_EPOCH_WITHIN, "{:?}", stepped.elapsed());
        hidden.say(&json!({ "type": "visible", "visible": true })).await;
        hidden.until("a new epoch as soon as it is seen again", |page| epoch(page) == new).await;

        assert!((ahead_ms(&mut phone, 2).await - f64::from(by_ms)).abs() < 100.0, "the new time is served");
        assert_eq!((epoch(&phone), epoch(&display)), (new, new), "once");
        assert_eq!(world.metric("oneoclock_clock_steps_total").await, 1);
        assert!(world.stderr().contains("the system clock was stepped"));
    }
}

#[tokio::test]
async fn a_clock_set_by_hand_that_nothing_vouches_for_is_not_followed_and_this_is_said_once() {
    let world = World::with_clock("0 unsynchronised", &[]).await;
    let mut phone = world.phone().await;
    let old = epoch(&phone);
    world.moves_clock("-500 unsynchronised");
    eventually("it is said", async || {
        world.stderr().contains("the system clock was set and nothing vouches for its new time").then_some(())
    })
    .await;
    let clock = clock(&world).await;
    assert!((clock["system_ahead_ms"].as_f64().unwrap() + 500.0).abs() < 20.0, "{clock}");
    assert!(ahead_ms(&mut phone, 1).await.abs() < 100.0, "everybody stays in step");
    assert_eq!((epoch(&phone), world.metric("oneoclock_clock_steps_total").await), (old, 0));

    // Once the kernel vouches for it, it is followed.
    world.moves_clock("-500 2.5");
    phone.until_within(NEW_EPOCH_WITHIN, "a new epoch", |page| epoch(page) != old).await;
    assert_eq!(world.stderr().matches("nothing vouches for its new time").count(), 1, "{}", world.stderr());
}

#[tokio::test]
async fn every_state_is_on_readyz_in_metrics_in_pongs_and_in_the_log_once() {
    let world = World::with_clock("0 2.5", &["--pace=100ms"]).await;
    let mut phone = world.phone().await;
    let err = |page: &Page, wanted: u32| {
        page.messages().rev().find_map(|message| match message {
            FromServer::Pong { seq, err, .. } if *seq == wanted => Some(*err),
            _ => None,
        })
    };
    for (seq, (hand, state, bound)) in (1..).zip([
        ("0 2.5", "synced", Some(2.5)),
        ("0 120", "degraded", Some(120.0)),
        ("0 900", "unsynced", None),
        ("0 2.5", "synced", Some(2.5)),
        ("0 unknown", "unsynced", None),
    ]) {
        world.moves_clock(hand);
        let clock = until_state(&world, state).await;
        assert_eq!(clock["confirmed"], bound.is_some(), "{clock}");
        eventually("ready: a bad clock does not take the only server away", async || {
            Some(world.get("/readyz").await.unwrap()).filter(|ready| ready.status == 200)
        })
        .await;
        for of in ["synced", "degraded", "unsynced"] {
            let metric = format!("oneoclock_clock_state{{state=\"{of}\"}}");
            world.until_metric(&metric, u64::from(of == state)).await;
        }
        phone.say(&json!({ "type": "ping", "seq": seq, "c1": 0.5 })).await;
        phone.until("a pong", |page| err(page, seq).is_some()).await;
        let told = err(&phone, seq).unwrap();
        assert!(match (told, bound) {
            (Some(told), Some(bound)) => (told - bound).abs() < 20.0,
            (told, bound) => told.is_some() == bound.is_some(),
        });
    }
    assert_eq!(world.metric("oneoclock_clock_transitions_total{state=\"unsynced\"}").await, 2);
    assert_eq!(world.metric("oneoclock_clock_transitions_total{state=\"synced\"}").await, 1);
    assert_eq!(world.stderr().matches("the system clock is only roughly right").count(), 1, "{}", world.stderr());
    assert_eq!(world.stderr().matches("not known to be synchronised").count(), 2, "{}", world.stderr());
}

#[tokio::test]
async fn by_a_clock_nothing_vouches_for_the_moment_is_armed_only_by_a_word_that_is_kept() {
    let world = World::with_clock("0 unsynchronised", &["--pace=100ms"]).await;
    let mut phone = world.phone().await;
    assert_eq!(phone.moment().rev, 0, "the default moment needs no arming");
    let refused = |arguments: &[&str]| {
        let output = world.typed(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("nothing vouches for the server's clock") && said.contains("--unconfirmed-clock"),
            "{said}"
        );
    };
    let set = ["moment", "set", DAY, "--confirm", DAY];
    refused(&set);
    let kept = world.typed(&[&set[..], &["--unconfirmed-clock"]].concat());
    let said = String::from_utf8(kept.stdout).unwrap();
    assert!(said.contains("armed by a clock that nothing vouched for, on the word of the organiser at 20"), "{said}");
    refused(&["moment", "move", "2027-02-20 13:15"]);
    assert!(world.typed(&["moment", "hold"]).status.success(), "stopping needs no word");
    refused(&["moment", "resume"]);
    phone.until("set and held, and nothing else", |page| page.moment().rev == 2).await;

    let world = world.again(&["--pace=100ms"]).await;
    let kept = world.get("/api/v1/moment").await.unwrap().json()["kept"]["unconfirmed_clock"].clone();
    assert_eq!(kept["by"], "organiser", "it is in the journal");
}

#[tokio::test]
async fn by_a_good_clock_the_moment_is_armed_without_a_word() {
    let world = World::with_clock("0 2.5", &["--pace=100ms"]).await;
    let output = world.typed(&["moment", "set", DAY, "--confirm", DAY]);
    assert!(output.status.success(), "{output:?}");
    let kept = world.get("/api/v1/moment").await.unwrap().json()["kept"].clone();
    assert!(kept["unconfirmed_clock"].is_null(), "{kept}");
}

/// A time server on this machine that answers every question with a clock so far ahead of ours.
fn time_server(ahead: Duration) -> String {
    /// Seconds from the epoch of NTP, 1900, to that of Unix (RFC 5905, figure 4).
    const NTP_TO_UNIX_S: u64 = 2_208_988_800;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut question = [0; 48];
        while let Ok((_, from)) = socket.recv_from(&mut question) {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + ahead;
            let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
            let stamp = (((now.as_secs() + NTP_TO_UNIX_S) << 32) | fraction).to_be_bytes();
            // A server of version 4, stratum 1, without a leap second to announce (RFC 5905, figure 8).
            let head = [&[0x24, 1, 0, 0][..], &[0; 8], b"TEST", &[0; 8], &question[40..48], &stamp, &stamp].concat();
            let _ = socket.send_to(&head, from);
        }
    });
    address
}

#[tokio::test]
async fn a_time_source_that_contradicts_the_kernel_degrades_the_clock_everywhere_and_moves_nothing() {
    let wrong = time_server(Duration::from_secs(2));
    let world = World::with_clock("0 2.5", &["--pace=100ms", "--time-source", &wrong]).await;
    let clock = until_state(&world, "degraded").await;
    assert_eq!((&clock["contradicted"], &clock["confirmed"]), (&json!(true), &json!(false)), "{clock}");
    assert!(clock["time_sources"][0].as_str().unwrap().contains("ms behind, give or take"), "{clock}");
    world.until_metric("oneoclock_time_sources_contradicting", 1).await;
    assert!(world.stderr().contains("a time source contradicts the kernel"), "{}", world.stderr());
    let mut phone = world.phone().await;
    assert!(ahead_ms(&mut phone, 1).await.abs() < 100.0, "it is compared with, and never followed");
    let said = String::from_utf8(world.typed(&["moment", "set", DAY, "--confirm", DAY]).stderr).unwrap();
    assert!(said.contains("nothing vouches for the server's clock"), "{said}");
}

#[tokio::test]
async fn a_time_source_that_agrees_or_says_nothing_of_use_changes_nothing() {
    let right = time_server(Duration::ZERO);
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mute = silent.local_addr().unwrap().to_string();
    let world = World::with_clock("0 2.5", &["--time-source", &right, "--time-source", &mute]).await;
    let clock = within(Duration::from_secs(20), "both were asked", async || {
        Some(clock(&world).await).filter(|clock| clock["time_sources"][1].as_str().unwrap().contains("gave no answer"))
    })
    .await;
    assert!(clock["time_sources"][0].as_str().unwrap().contains("finds this clock "), "{clock}");
    assert_eq!((&clock["state"], &clock["contradicted"]), (&json!("synced"), &json!(false)), "{clock}");
}

#[tokio::test]
async fn a_leap_second_announced_near_the_moment_is_in_the_log() {
    // The default moment is never a day away, and so always near the end of this UTC day.
    let world = World::with_clock("0 2.5 leap", &[]).await;
    eventually("a warning", async || world.stderr().contains("a leap second is announced").then_some(())).await;
    assert_eq!(clock(&world).await["leap_second_announced"], true);
}
