//! What a person may ask for at the command line, a file each.
//!
//! The organiser's commands (`moment`, `import`, `export`, `pace`, `pass`) speak to a running server through its one way in, like
//! any other client: they hold no rule of their own, and print what the server says.

pub mod announce;
pub mod check;
pub mod client;
mod error;
pub mod export;
pub mod import;
pub mod moment;
pub mod organiser_pass;
pub mod pace;
pub mod pass;
mod qr;
pub mod serve;

pub use self::error::CommandError;
use crate::config;

/// One moment, everywhere at once.
#[derive(Debug, clap::Parser)]
#[command(name = "oneoclock", version, about, arg_required_else_help = true)]
pub struct Arguments {
    /// What is asked for.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything that can be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Runs the server
    Serve(config::Serve),
    /// Says what would keep the server from starting or from being right, and changes nothing
    Check(config::Serve),
    /// Shows, sets, moves, holds, resumes or cancels the moment on a running server
    Moment(moment::MomentArgs),
    /// Reads the list of gatherings into a running server; shows what would change, and applies it when asked to
    Import(import::ImportArgs),
    /// Writes the log or the figures of a running server, or checks a log
    Export(export::ExportArgs),
    /// Changes how often a running server sends boards
    Pace(pace::PaceArgs),
    /// Makes stewards' links on a running server, lists them, and takes them back
    Pass(pass::PassArgs),
}
