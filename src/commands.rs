//! What can be asked for on the command line, one file a command.

use crate::config;

pub mod announce;
pub mod check;
pub mod organiser_pass;

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
}
