//! What a steward's tap costs: a thousand who tap, a server that is killed, and a national day's journal at the start.
//!
//! `cargo bench --bench stewards` prints one Markdown table. `docs/PERFORMANCE.md` says how each figure is taken.
//!
//! # The map
//!
//! ```text
//! main     the conductor                                           · table    figures and goals
//! load     a thousand stewards at two taps a second: tap to kept, tap to the total on a display, commits
//! kill     killed at random points under fifty stewards: what is there, and what was acknowledged
//! start    ready with the journal of a national day
//! steward  one steward's connection   · server   the server, and what an organiser asks of it
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod kill;
mod load;
mod national_day;
mod server;
mod start;
mod steward;
mod table;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use table::Table;

/// Whatever keeps a run from its end.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The longest a run may take: a full one takes about two minutes.
const RUN_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Measures stewards' taps, and prints one Markdown table.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo bench --bench stewards --")]
struct Options {
    /// How many stewards tap at once
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    stewards: u32,

    /// For how long they tap, in seconds
    #[arg(long, value_name = "S", default_value_t = 30)]
    seconds: u64,

    /// How often the server is killed
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: u32,

    /// Only this part (may be given more than once)
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,

    /// What cargo adds when it runs a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// One group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A thousand stewards tap
    Load,
    /// Killed under fifty stewards
    Kill,
    /// The start with a national day's journal
    Start,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if !options.bench {
        println!("nothing measured: run it as `cargo bench --bench stewards`");
        return ExitCode::SUCCESS;
    }
    match conduct(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every part that was asked for, one after the other, and prints the table.
fn conduct(options: &Options) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let asked = |part| options.only.is_empty() || options.only.contains(&part);
    let mut rows = Vec::new();
    let measure = async {
        if asked(Part::Load) {
            rows.extend(load::measure(options).await?);
        }
        if asked(Part::Kill) {
            rows.extend(kill::measure(options).await?);
        }
        if asked(Part::Start) {
            rows.extend(start::measure().await?);
        }
        Ok::<_, Fault>(())
    };
    runtime.block_on(async { tokio::time::timeout(RUN_LIMIT, measure).await })??;
    println!("{}", Table(&rows));
    Ok(())
}
