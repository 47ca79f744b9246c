//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::crowd::Place;

/// Measures the server and a bare loop of send(2) side by side, and prints one Markdown table.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo bench --bench hub --", disable_help_subcommand = true)]
pub(crate) struct Options {
    /// How many phones, in growing order; the last figure is the one joins, storms and memory are measured at
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', default_values_t = [1_000, 5_000, 15_000])]
    pub(crate) phones: Vec<u32>,

    /// Paired rounds; storms, joins and stalled phones take half as many, at least one
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) rounds: u32,

    /// Boards in one measuring window
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) window: u32,

    /// Only this part (may be given more than once)
    #[arg(long, value_enum, value_name = "PART")]
    pub(crate) only: Vec<Part>,

    /// Everything once and small, in under a minute: shows that it works, resolves nothing
    #[arg(long)]
    pub(crate) quick: bool,

    /// Puts a second floor in the place of the server: what the method itself adds
    #[arg(long)]
    pub(crate) null: bool,

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
    /// CPU per board, beside the floor
    Pairs,
    /// CPU per join, joins per second, memory per phone
    Joins,
    /// All gone at once, all back at once
    Storm,
    /// A tenth of the phones never read
    Stalled,
    /// The first page, beside nginx (Debian's `nginx-light`)
    Newcomers,
    /// All ask for the time, as pages do in the last minute
    Pings,
}

/// The children of a run.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Role {
    /// The bare loop
    #[command(hide = true)]
    Floor {
        /// Where to listen, on 127.0.0.1
        #[arg(long)]
        port: u16,
    },
    /// The phones of one server
    #[command(hide = true)]
    Crowd(Place),
    /// Whoever asks for the first page
    #[command(hide = true)]
    Newcomers(Visit),
}

/// What newcomers ask for.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Visit {
    /// The port of the server, on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
    /// How many requests in all
    #[arg(long)]
    pub(crate) requests: u32,
    /// Keep connections for the next request
    #[arg(long)]
    pub(crate) kept: bool,
}

impl Options {
    /// The options with `--quick` worked in.
    pub(crate) fn settled(mut self) -> Self {
        if self.quick {
            self.phones = vec![1_000];
            self.rounds = 1;
            self.window = 2;
        }
        self.phones.sort_unstable();
        self.rounds = self.rounds.max(1);
        self.window = self.window.max(1);
        self
    }

    /// The parts to run, in order.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let asked = |part: &Part| self.only.is_empty() || self.only.contains(part);
        Part::value_variants().iter().copied().filter(asked).collect()
    }

    /// The largest crowd asked for.
    pub(crate) fn most_phones(&self) -> u32 {
        self.phones.iter().copied().max().unwrap_or(0)
    }

    /// Rounds of the parts that are not paired.
    pub(crate) fn repeats(&self) -> u32 {
        self.rounds.div_ceil(2)
    }
}
