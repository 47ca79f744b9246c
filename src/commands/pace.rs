//! `oneoclock pace`: how often a running server speaks.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{
    CommandError,
    client::{Client, ServerArgs},
};
use crate::domain::time::Millis;

/// Shows, or changes, how often a running server speaks to its pages.
#[derive(Clone, Debug, clap::Args)]
pub struct PaceArgs {
    /// Shortest time between two boards, such as 2s or 500ms
    #[arg(long, value_name = "SPAN")]
    pub pace: Option<Millis>,
    /// Longest time between two boards when nothing changes, such as 20s
    #[arg(long, value_name = "SPAN")]
    pub beat: Option<Millis>,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What is asked for; what is left out stays as it is.
#[derive(Serialize)]
struct Wanted {
    #[serde(skip_serializing_if = "Option::is_none")]
    pace_ms: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beat_ms: Option<Millis>,
}

/// How often the server speaks now.
#[derive(Deserialize)]
struct Pace {
    pace_ms: Millis,
    beat_ms: Millis,
}

/// Asks the server, and prints how often it speaks from now on.
///
/// # Errors
/// When the server is not reached, or refuses.
pub async fn run(args: PaceArgs) -> Result<(), CommandError> {
    let client = Client::organiser(&args.server)?;
    let wanted = Wanted { pace_ms: args.pace, beat_ms: args.beat };
    let body = serde_json::to_vec(&wanted).map_err(io::Error::from)?;
    let Pace { pace_ms, beat_ms } = client.post("/api/v1/pace", "application/json", body).await?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "a change is shown within {pace_ms}; when nothing changes, pages hear from the server every {beat_ms}"
    )?;
    Ok(())
}
