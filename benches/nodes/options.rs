//! The command line.

use clap::{Parser, Subcommand, ValueEnum};

use super::crowd::Place;

/// Measures several nodes that share a day, and prints one Markdown table.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo bench --bench nodes --", disable_help_subcommand = true)]
pub(crate) struct Options {
    /// Phones on each node, where what they cost and say is measured
    #[arg(long, value_name = "N", default_value_t = 15_000)]
    pub(crate) phones: u32,

    /// Phones on all nodes together, where they come and go
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub(crate) moving: u32,

    /// For how long they come and go, and the engine is cut off, in seconds
    #[arg(long, value_name = "S", default_value_t = 20)]
    pub(crate) seconds: u64,

    /// Paired rounds of what a phone costs
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) rounds: u32,

    /// Only this part (may be given more than once)
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,

    /// What cargo adds when it runs a benchmark
    #[arg(long, hide = true)]
    pub(crate) bench: bool,

    /// What this process is, when it is a child of the benchmark
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// One group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Phones come, go, move and die half-open
    Churn,
    /// A node is killed a minute before the moment
    Kill,
    /// The engine is cut off from one node, then killed
    Cut,
    /// The engine is not there when the nodes start
    Down,
    /// Bytes to and from the engine, full of phones
    Traffic,
    /// CPU per board, one of three nodes beside a single one
    Cost,
    /// A node leaves in good order
    Drain,
    /// Somebody says what no node says
    Garbage,
}

/// The children of a run.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Role {
    /// The phones of one server
    #[command(hide = true)]
    Crowd(Place),
}

impl Options {
    /// The parts to run, in order.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let asked = |part: &Part| self.only.is_empty() || self.only.contains(part);
        Part::value_variants().iter().copied().filter(asked).collect()
    }
}
