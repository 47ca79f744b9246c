//! What holds when a day is carried by several nodes: one figure on all of them, whatever breaks between them.
//!
//! `cargo bench --bench nodes` prints one Markdown table. `docs/PERFORMANCE.md` says how each figure is taken. The
//! engine is `nats-server`, as Debian has it; for what breaks it is a cluster of three.
//!
//! # The map
//!
//! ```text
//! main      the conductor                                  · options  the command line
//! churn     phones come, go, move and die half-open: the boards, once that stops
//! kill      a node is killed a minute before the moment
//! cut       the engine is cut off, or killed, while both sides count
//! down      the engine is not there when the nodes start
//! traffic   what nodes say to the engine, full of phones, and what a phone costs beside a single node
//! drain     a node leaves in good order
//! garbage   somebody says what no node says
//! engine    nats-server: one, or a cluster                 · cable    the way to it, which can be cut
//! fleet     the nodes                                      · display  what their boards say, and since when
//! pages     the phones of a fleet                          · page     one phone, which comes back as the real page does
//! counters  stewards who tap
//! ```
//!
//! Beside these it uses the crowd of `benches/hub` and the server of `benches/stewards`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod cable;
mod churn;
mod counters;
mod cut;
mod display;
mod down;
mod drain;
mod engine;
mod fleet;
mod garbage;
mod kill;
mod options;
mod page;
mod pages;
mod traffic;

#[path = "../hub/child.rs"]
mod child;
#[path = "../hub/crowd.rs"]
mod crowd;
#[path = "../hub/fault.rs"]
mod fault;
#[path = "../hub/figure.rs"]
#[expect(dead_code, reason = "the other benchmark uses more of it")]
mod figure;
#[path = "../hub/orders.rs"]
mod orders;
#[path = "../hub/phone.rs"]
mod phone;
#[path = "../hub/process.rs"]
mod process;
#[path = "../stewards/server.rs"]
#[expect(dead_code, reason = "the other benchmark uses more of it")]
mod server;
#[path = "../stewards/steward.rs"]
#[expect(dead_code, reason = "the other benchmark uses more of it")]
mod steward;
#[path = "../stewards/table.rs"]
mod table;
#[path = "../hub/tally.rs"]
mod tally;
#[path = "../hub/target.rs"]
#[expect(dead_code, reason = "the other benchmark uses more of it")]
mod target;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use options::{Options, Part, Role};
use table::{Row, Table};

/// Whatever keeps a run from its end.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The longest a run may take: a full one takes about ten minutes. Children end with this process.
const RUN_LIMIT: Duration = Duration::from_secs(25 * 60);

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.role {
        Some(Role::Crowd(place)) => crowd::attend(place).map_err(Fault::from),
        None if options.bench => conduct(&options),
        None => {
            println!("nothing measured: run it as `cargo bench --bench nodes`");
            Ok(())
        }
    };
    match done {
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
    let mut rows = Vec::new();
    let measure = async {
        for part in options.parts() {
            eprintln!("{part:?}");
            match measure(part, options).await {
                Ok(more) => rows.extend(more),
                // The others are still worth having.
                Err(fault) => rows.push(Row::new(format!("{part:?}"), "to be measured", fault.to_string(), false)),
            }
        }
    };
    let in_time = runtime.block_on(async { tokio::time::timeout(RUN_LIMIT, measure).await });
    println!("{}", Table(&rows));
    Ok(in_time?)
}

async fn measure(part: Part, options: &Options) -> Result<Vec<Row>, Fault> {
    match part {
        Part::Churn => churn::measure(options).await,
        Part::Kill => kill::measure(options).await,
        Part::Cut => cut::measure(options).await,
        Part::Down => down::measure().await,
        Part::Traffic => traffic::traffic(options).await,
        Part::Cost => traffic::cost(options),
        Part::Drain => drain::measure(options).await,
        Part::Garbage => garbage::measure().await,
    }
}
