//! What can be asked for on the command line, one file a command.

pub mod announce;
pub mod check;
pub mod organiser_pass;
