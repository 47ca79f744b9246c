//! A node is killed a minute before the moment, full of phones, while stewards tap.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Fault,
    churn::seconds,
    counters::{Counter, Manner, Work},
    engine::Engine,
    fleet::{ASK_EVERY, Fleet},
    options::Options,
    pages::Pages,
    server::{Server, now},
    steward::name,
    table::Row,
};

/// How long before the moment, in ms.
const BEFORE: i64 = 60_000;

/// From when the moment is set until then, in ms: it gets to all pages, and stewards begin to tap.
const SETTING: i64 = 8_000;

/// After this so many of its phones must be back.
const BACK_AFTER: Duration = Duration::from_secs(30);
const BACK_SHARE: f64 = 0.95;

/// After this its phones must no longer be counted where they are not.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// How far off a page may find the clock of the server it came back to, in ms: all are the same one, so that it is
/// the way there that is measured.
const IN_STEP_MS: f64 = 100.0;

/// Stewards at each node, and how they tap until the node is dead.
const STEWARDS: [u32; 3] = [20, 5, 5];
const MANNER: Manner = Manner { every: Duration::from_millis(200), minutes: 3, taps: 50 };

/// The longest until the node that was killed has learned what it missed, and told what it had.
const HEALED_WITHIN: Duration = Duration::from_secs(20);

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    let engine = Engine::start(3)?;
    let mut fleet = Fleet::together(3, &engine, &[]).await?;
    let mut pages = Pages::at(fleet.addresses());
    let there = options.moving * 3 / 5;
    pages.come(&[there, there / 3, there / 3]).await?;
    let all = pages.live();

    let at = set_moment(fleet.node(1)?.server()?, now() + SETTING + BEFORE).await?;
    let work = Work::begin(&fleet, &STEWARDS, MANNER).await?;
    while now() < at - BEFORE {
        sleep(ASK_EVERY / 5).await;
    }
    let knew = pages.in_step(at, IN_STEP_MS);
    fleet.node_mut(0)?.kill();
    let killed = Instant::now();
    eprintln!("killed; {knew} of {all} pages know the moment");

    // Phones only come back from now on, so a board that is behind shows too few: too many are the dead node's.
    let mut over = Duration::ZERO;
    while killed.elapsed() < BACK_AFTER {
        let live = pages.live();
        if fleet.displays().any(|display| display.shows(|board| board.phones > live)) {
            over = killed.elapsed();
        }
        sleep(ASK_EVERY).await;
    }
    let lost = i64::from(there);
    let back = 1.0 - (all - pages.live()) as f64 / lost as f64;
    eprintln!("{} of {all} phones are there: {}", pages.live(), fleet.words());

    let counters = work.end().await?;
    fleet.node_mut(0)?.start().await?;
    let restarted = Instant::now();
    let healed = loop {
        if missing(&fleet, &counters).await? == 0 {
            break Some(restarted.elapsed().as_secs_f64());
        }
        if restarted.elapsed() > HEALED_WITHIN {
            break None;
        }
        sleep(ASK_EVERY).await;
    };
    let lost_taps = missing(&fleet, &counters).await?;
    while now() < at {
        sleep(ASK_EVERY / 5).await;
    }
    let in_step = pages.in_step(at, IN_STEP_MS);
    let other = pages.other_moments();
    let kept: i64 = counters.iter().map(Counter::kept).sum();
    let over_s = over.as_secs_f64();
    Ok(vec![
        Row::new(
            format!("kill -9 at T-60 s of a node with {there} phones: back on the others 30 s later"),
            "at least 95 %",
            format!("{:.1} %", back * 100.0),
            back >= BACK_SHARE,
        ),
        Row::new(
            "… until no board counts a phone where it no longer is",
            "at most 5 s",
            format!("{over_s:.2} s"),
            over <= GONE_WITHIN,
        ),
        Row::new(
            "… pages that know the moment at the moment, and the time within 100 ms",
            "all that did before",
            format!("{in_step} of {knew}; {other} told another moment"),
            in_step >= knew && knew > 0 && other == 0,
        ),
        Row::new(
            "… taps that were kept and are not on every node after its restart",
            "0",
            format!("{lost_taps} of {kept}; all were there {} after it", seconds(healed)),
            lost_taps == 0 && kept > 0,
        ),
    ])
}

/// Sets the moment to the full second at or after `at`; says which that is.
async fn set_moment(server: &Server, at: i64) -> Result<i64, Fault> {
    let at = at.div_euclid(1000) * 1000 + 1000;
    let civil =
        Timestamp::from_millisecond(at)?.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let wanted = json!({ "do": "set", "civil": civil, "zone": "UTC", "name": "A minute from now", "words": { "en": "Now" },
                         "unconfirmed_clock": true, "confirm": civil });
    let answer = server.ask("POST", "/api/v1/moment", "application/json", &wanted.to_string()).await?;
    let kept: Value = serde_json::from_str(&answer)?;
    if kept["kept"]["at"].as_i64() == Some(at) {
        Ok(at)
    } else {
        Err(format!("the moment is not as set: {answer}").into())
    }
}

/// Taps that were acknowledged and are not there, on the node where most are missing.
async fn missing(fleet: &Fleet, counters: &[Counter]) -> Result<i64, Fault> {
    let mut most = 0;
    for node in &fleet.nodes {
        let there: BTreeMap<String, i64> = node.server()?.counted().await?;
        let has = |counter: &Counter| there.get(&name(counter.device)).copied().unwrap_or(0);
        most = most.max(counters.iter().map(|counter| (counter.kept() - has(counter)).max(0)).sum());
    }
    Ok(most)
}
