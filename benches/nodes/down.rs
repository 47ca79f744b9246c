//! The engine is not there when the nodes start.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use super::{Fault, churn::seconds, engine::Engine, fleet::Fleet, pages::Pages, table::Row};

/// How long the nodes are alone.
const ALONE: Duration = Duration::from_secs(3);

/// In which they must have joined when it comes; the client tries again at a pace of its own.
const JOINED_WITHIN: Duration = Duration::from_secs(30);

/// Phones on each node.
const PHONES: u32 = 20;

/// Measures.
pub(crate) async fn measure() -> Result<Vec<Row>, Fault> {
    let mut engine = Engine::planned(1)?;
    let fleet = Fleet::start(3, &engine, &[]).await?;
    let mut pages = Pages::at(fleet.addresses());
    pages.come(&[PHONES; 3]).await?;
    sleep(ALONE).await;
    let says_so = fleet.displays().all(|display| display.shows(|board| !board.exact));
    let own = fleet.displays().all(|display| display.shows(|board| board.phones == i64::from(PHONES)));
    let (mut ready, mut degraded) = (true, true);
    for node in &fleet.nodes {
        let answer = node.server()?.ask("GET", "/readyz", "text/plain", "").await;
        let body: Option<Value> = answer.as_ref().ok().and_then(|body| serde_json::from_str(body).ok());
        ready &= body.is_some();
        degraded &= body.is_some_and(|body| body.to_string().contains("degraded"));
    }
    engine.begin()?;
    let begun = Instant::now();
    let all = i64::from(3 * PHONES);
    let joined = fleet.until_all(JOINED_WITHIN, |board| board.exact && board.phones == all).await;
    let joined_s = joined.map(|_| begun.elapsed().as_secs_f64());
    eprintln!("{}", fleet.words());
    Ok(vec![
        Row::new(
            "engine down from the start: nodes are ready, count their own, and say so",
            "ready, `degraded`, boards partial",
            format!("ready {ready}, degraded {degraded}, own phones {own}, boards partial {says_so}"),
            ready && degraded && own && says_so,
        ),
        Row::new("… until all boards are one when it comes", "they join", seconds(joined_s), joined_s.is_some()),
    ])
}
