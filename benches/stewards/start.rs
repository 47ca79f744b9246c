//! Ready with the journal of a national day: 138 gatherings, four posts each, six hours of minutes.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::sleep;

use super::{Fault, national_day, server::Server, table::Row};

/// How often it is started, each time after a kill.
const ROUNDS: u32 = 5;

/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(5);

/// A server that is not ready by then never will be.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Measures.
pub(crate) async fn measure() -> Result<Vec<Row>, Fault> {
    let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let minutes = national_day::keep(home.path()).await?;
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let server = Server::start(home.path())?;
        while server.ask("GET", "/readyz", "text/plain", "").await.is_err() {
            if begun.elapsed() > READY_WITHIN {
                return Err("the server did not get ready".into());
            }
            sleep(ASK_EVERY).await;
        }
        slowest = slowest.max(begun.elapsed());
        largest = largest.max(server.resident()?);
    }
    let ready = slowest.as_secs_f64();
    Ok(vec![
        Row::shown("minutes in the journal", minutes.to_string()),
        Row::new("start until ready, slowest of 5", "at most 2 s", format!("{ready:.2} s"), ready <= 2.0),
        Row::new("resident then, largest of 5", "at most 100 MiB", format!("{largest} MiB"), largest <= 100),
    ])
}
