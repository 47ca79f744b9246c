//! Phones come, go, move from node to node and die half-open; then all hold still.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    Fault,
    engine::Engine,
    fleet::Fleet,
    options::Options,
    pages::{Pages, Phase},
    table::Row,
};

/// After this every node's board must equal the truth.
const TRUE_WITHIN: Duration = Duration::from_secs(2);

/// After this the phones that died half-open must be gone.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// How much longer than a goal is waited, to be able to say by how much it was missed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Phones that move at once when all else holds still: few enough to be over between two boards.
const MOVE_AT_ONCE: usize = 100;

/// The time in which these must have been counted once again.
const MOVED_REST: Duration = Duration::from_secs(5);

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    let engine = Engine::start(1)?;
    let fleet = Fleet::together(3, &engine, &[]).await?;
    let mut pages = Pages::at(fleet.addresses());
    pages.come(&[options.moving / 3; 3]).await?;
    eprintln!("{} phones are there: {}", pages.live(), fleet.words());

    pages.phase(Phase::Churn(Instant::now()));
    sleep(Duration::from_secs(options.seconds)).await;
    pages.phase(Phase::Still);
    let stopped = pages.at_rest().await;
    let as_true = fleet.until_all(TRUE_WITHIN + PATIENCE, |board| board.phones == pages.live() + pages.dead().0).await;
    let (truth, (dead, last_dead)) = (pages.live(), pages.dead());
    let true_s = as_true.map(|_| stopped.elapsed().as_secs_f64());
    eprintln!("{truth} phones and {dead} that died: {}", fleet.words());

    let last_dead = last_dead.unwrap_or(stopped);
    let limit = (GONE_WITHIN + PATIENCE).saturating_sub(last_dead.elapsed());
    let gone = fleet.until_all(limit, |board| board.phones == truth).await;
    let gone_s = gone.map(|_| last_dead.elapsed().as_secs_f64());
    eprintln!("{truth} phones: {}", fleet.words());

    // Not earlier than a board that everybody had.
    let moving = Instant::now();
    pages.phase(Phase::Move(MOVE_AT_ONCE));
    sleep(MOVED_REST).await;
    let doubled =
        fleet.displays().map(|display| display.since(moving).iter().filter(|(_, board)| board.phones > truth).count());
    let doubled = doubled.max().unwrap_or(0);
    let once_again = fleet.displays().all(|display| display.shows(|board| board.phones == truth));
    eprintln!("{MOVE_AT_ONCE} moved: {}", fleet.words());
    Ok(vec![
        Row::shown("churn: phones · of them died half-open", format!("{truth} · {dead}")),
        Row::new(
            "churn stops: every node's board equals the truth",
            "at most 2 s",
            seconds(true_s),
            true_s.is_some_and(|s| s <= TRUE_WITHIN.as_secs_f64()),
        ),
        Row::new(
            "the last that died half-open is off every board",
            "at most 30 s",
            seconds(gone_s),
            gone_s.is_some_and(|s| s <= GONE_WITHIN.as_secs_f64()),
        ),
        Row::new(
            format!(
                "{MOVE_AT_ONCE} phones change node at once, their old connections half-open: boards that count any twice"
            ),
            "at most 1 on each node",
            format!("{doubled}{}", if once_again { "" } else { ", and not once again in 5 s" }),
            doubled <= 1 && once_again,
        ),
    ])
}

/// Seconds, or that it took too long to say.
pub(crate) fn seconds(time: Option<f64>) -> String {
    time.map_or_else(|| "not while it was waited for".to_owned(), |s| format!("{s:.2} s"))
}
