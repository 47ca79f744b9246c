//! The log: on stderr, for people or for machines.
//!
//! Lines are fixed sentences with fields. Nothing that could name a participant is ever a field.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt, util::TryInitError};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line of text, for people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// A filter that is not one.
#[derive(Debug, thiserror::Error)]
#[error("it is not a log filter ({0}); write it like info, or oneoclock=debug,warn")]
pub struct FilterError(#[from] ParseError);

/// Checks that `text` can be given to [`start`].
///
/// # Errors
/// If it is not a filter in the form of `tracing-subscriber`.
pub fn check_filter(text: &str) -> Result<String, FilterError> {
    EnvFilter::builder().parse(text)?;
    Ok(text.to_owned())
}

/// A log that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// It was started before.
    #[error("cannot start the log: {0}")]
    Again(#[from] TryInitError),
}

/// Starts the log of this process; from then on every line that `filter` lets through goes to stderr.
///
/// # Errors
/// [`LogError`].
pub fn start(format: LogFormat, filter: &str) -> Result<(), LogError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let filter = EnvFilter::builder().parse(filter).map_err(FilterError)?;
    // A line that cannot be written is let go: the library would complain on stderr, and panic where that is gone.
    let log = fmt().with_env_filter(filter).with_writer(io::stderr).log_internal_errors(false);
    match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).finish().try_init()?,
        LogFormat::Json => log.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}
