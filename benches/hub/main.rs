//! What a board costs: the server under a crowd of phones, beside the least that any server could cost.
//!
//! `cargo bench --bench hub` prints one Markdown table. `docs/PERFORMANCE.md` says how each figure is taken
//! and how far it can be trusted.
//!
//! # The map
//!
//! ```text
//! main       the conductor: which measurements, in which order, and the table at the end
//! options    the command line
//! pairs      CPU per board and first to last receipt, server and floor at the same time
//! joins      CPU per join, joins per second, memory per phone
//! storm      all close at once, all come back at once
//! stalled    some phones never read
//! newcomers  the first page, beside nginx                      (also runs as a child)
//! nginx      nginx with the same file
//! pings      all ask for the time, as in the last minute before the moment
//! report     the table
//! target     one server (or the floor), and the crowd of phones in front of it
//! child      a process that is pinned to a core and ends with its parent
//! orders     what a crowd is told, and what it answers
//! crowd      the phones of one process                          (runs as a child)
//! phone      one phone · tally   what they heard, together
//! floor      a bare loop of send(2)                             (runs as a child)
//! process    CPU time and memory of another process
//! figure     medians and percentiles · fault   why a run stops
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod child;
mod crowd;
mod fault;
mod figure;
mod floor;
mod joins;
mod newcomers;
mod nginx;
mod options;
mod orders;
mod pairs;
mod phone;
mod pings;
mod process;
mod report;
mod stalled;
mod storm;
mod tally;
#[expect(dead_code, reason = "the benchmark of many nodes uses more of it")]
mod target;

use std::{process::ExitCode, thread, time::Duration};

use clap::Parser;
use fault::Fault;
use options::{Options, Part, Role};
use report::Report;

/// The longest a run may take: a full one takes about a quarter of an hour. Children end with this process.
const RUN_LIMIT: Duration = Duration::from_secs(30 * 60);

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.role {
        Some(Role::Floor { port }) => floor::serve(*port),
        Some(Role::Crowd(place)) => crowd::attend(place),
        Some(Role::Newcomers(visit)) => newcomers::come(visit),
        None if options.bench => conduct(&options.settled()),
        None => {
            println!("nothing measured: run it as `cargo bench --bench hub`");
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
    child::check_machine(options.most_phones())?;
    thread::spawn(|| {
        thread::sleep(RUN_LIMIT);
        eprintln!("error: the run took over {} minutes and was ended", RUN_LIMIT.as_secs() / 60);
        std::process::exit(1);
    });
    let mut report = Report::new(options);
    for part in options.parts() {
        match part {
            Part::Pairs => pairs::measure(options, &mut report)?,
            Part::Joins => joins::measure(options, &mut report)?,
            Part::Storm => storm::measure(options, &mut report)?,
            Part::Stalled => stalled::measure(options, &mut report)?,
            Part::Newcomers => newcomers::measure(options, &mut report)?,
            Part::Pings => pings::measure(options, &mut report)?,
        }
    }
    println!("{report}");
    Ok(())
}
