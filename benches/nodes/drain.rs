//! A node leaves in good order: what its pages miss.

use std::time::Duration;

use tokio::time::sleep;

use super::{Fault, engine::Engine, fleet::Fleet, options::Options, pages::Pages, table::Row};

/// A board every second, so that it can be told how many were missed.
const PACE: Duration = Duration::from_secs(1);
const TEMPO: [&str; 3] = ["--pace=1s", "--beat=1s", "--return-rate=1000"];

/// How much later than at its second a board may come and still not be one that was missed.
const LATE: Duration = Duration::from_millis(250);

/// Most boards that a page may miss.
const MISSED: usize = 3;

/// After this everybody must be back.
const BACK_WITHIN: Duration = Duration::from_secs(15);

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    let engine = Engine::start(1)?;
    let mut fleet = Fleet::together(3, &engine, &TEMPO).await?;
    let mut pages = Pages::at(fleet.addresses());
    // As many as come back at the rate given above before they have missed three.
    let leaving = options.moving * 2 / 5;
    pages.come(&[leaving, leaving / 2, leaving / 2]).await?;
    let all = pages.live();
    let at_once = fleet.until_all(BACK_WITHIN, |board| board.phones == all).await;
    at_once.ok_or_else(|| format!("the boards do not show the {all} phones: {}", fleet.words()))?;
    fleet.node_mut(0)?.stop()?;
    sleep(BACK_WITHIN).await;
    let gaps = pages.gaps();
    let missed = |gap: &Duration| (gap.saturating_sub(LATE).as_secs_f64() / PACE.as_secs_f64()).floor();
    let most = gaps.last().map_or(0.0, missed);
    let over = gaps.iter().filter(|gap| missed(gap) > MISSED as f64).count();
    let back = pages.live();
    eprintln!("drained, {} came back: {}", gaps.len(), fleet.words());
    let longest = gaps.last().map_or(0.0, Duration::as_secs_f64);
    let median = gaps.get(gaps.len() / 2).map_or(0.0, Duration::as_secs_f64);
    Ok(vec![
        Row::new(
            format!("drain of one of three nodes, {leaving} pages on it: boards missed by a page, most"),
            "at most 3",
            format!("{most:.0}; {over} pages over it, {} came back", gaps.len()),
            over == 0 && gaps.len() >= leaving as usize,
        ),
        Row::shown("… time without a board, median · longest", format!("{median:.2} s · {longest:.2} s")),
        Row::new(
            "… phones live then, of those before",
            "all, and on every board",
            format!("{back} of {all}; {}", fleet.words()),
            back == all && fleet.displays().all(|display| display.shows(|board| board.phones == all)),
        ),
    ])
}
