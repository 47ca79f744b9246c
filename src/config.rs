//! Every setting of the server: declared once, as flag, `ONEOCLOCK_…` variable and key of the `--config` file.
//!
//! A flag wins over a variable, a variable over the file, the file over the default. All four go through the same
//! parser, so they mean the same and fail with the same words.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

mod file;
pub mod logging;
mod value;

pub use file::{FileError, Stop, parse};
use logging::LogFormat;

use crate::{
    clock::TimeSource,
    hub::{MAX_BEAT, MIN_PACE},
    mesh::{Address, AddressError, Engine},
};

/// Shortest and longest pace. Faster than ten boards a second no eye follows and every phone pays; slower than the
/// longest beat could never be.
pub const PACE: (Duration, Duration) = (MIN_PACE, MAX_BEAT);
/// Shortest and longest beat. Half-open phones are found by it, so it must come well within their lease of 30 s.
pub const BEAT: (Duration, Duration) = (MIN_PACE, MAX_BEAT);
/// Shortest and longest grace. Service managers kill after 90 s unless told otherwise; five minutes is for those told.
pub const GRACE: (Duration, Duration) = (Duration::ZERO, Duration::from_secs(300));

/// Descriptors kept for what is not a page's connection: the journal's files, listeners, the runtime's own, and
/// health checks that must still get in when the room is full.
pub const RESERVED_DESCRIPTORS: u64 = 128;
/// Most connections taken when nobody said how many, whatever the descriptor limit: some containers allow a
/// billion, and memory (about 1.2 kB a phone) would end first.
pub const DEFAULT_MAX_CONNECTIONS: u32 = 100_000;

/// The arguments of `serve` and `check`, as given.
#[derive(Clone, Debug, clap::Args)]
pub struct Serve {
    /// TOML file with settings; a key is the name of a flag without its dashes
    #[arg(long, env = "ONEOCLOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Address and port to listen on; 0.0.0.0:1300 lets phones on the same network in
    #[arg(long, env = "ONEOCLOCK_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:1300")]
    listen: SocketAddr,

    /// Folder for everything that survives a restart; made if it is not there
    #[arg(long, env = "ONEOCLOCK_DATA", value_name = "FOLDER", default_value = "./oneoclock-data")]
    data: PathBuf,

    /// Shortest time between two boards; none is sent while nothing changes
    #[arg(long, env = "ONEOCLOCK_PACE", value_name = "TIME", default_value = "1s",
          value_parser = |text: &str| value::duration(text, PACE))]
    pace: Duration,

    /// Longest time between two boards, even if nothing changes
    #[arg(long, env = "ONEOCLOCK_BEAT", value_name = "TIME", default_value = "20s",
          value_parser = |text: &str| value::duration(text, BEAT))]
    beat: Duration,

    /// Address at which the world reaches this server, if a proxy stands before it
    #[arg(long, env = "ONEOCLOCK_PUBLIC_URL", value_name = "URL", value_parser = value::site)]
    public_url: Option<String>,

    /// Further site whose pages may connect, besides this server's own; may be repeated
    #[arg(long, env = "ONEOCLOCK_ORIGIN", value_name = "URL", value_delimiter = ',', value_parser = value::site)]
    origin: Vec<String>,

    /// Proxy that is believed when it says for whom it speaks: the last value of its X-Forwarded-For; may be repeated
    #[arg(long, env = "ONEOCLOCK_FORWARDED_FOR", value_name = "ADDRESS", value_delimiter = ',')]
    forwarded_for: Vec<IpAddr>,

    /// Most connections at once [default: what the descriptor limit allows, at most 100000]
    #[arg(long, env = "ONEOCLOCK_MAX_CONNECTIONS", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: Option<u32>,

    /// Pages a second that are invited back when the server stops
    #[arg(long, env = "ONEOCLOCK_RETURN_RATE", value_name = "NUMBER", default_value = "500",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    return_rate: u32,

    /// Longest time to see the pages off when the server stops
    #[arg(long, env = "ONEOCLOCK_GRACE", value_name = "TIME", default_value = "20s",
          value_parser = |text: &str| value::duration(text, GRACE))]
    grace: Duration,

    /// What log lines look like
    #[arg(long, env = "ONEOCLOCK_LOG_FORMAT", value_enum, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// Which log lines are written
    #[arg(long, env = "ONEOCLOCK_LOG", value_name = "FILTER", default_value = "oneoclock=info",
          value_parser = logging::check_filter)]
    log: String,

    /// SNTP server whose time is compared with this machine's, and never followed; may be repeated
    #[arg(long, env = "ONEOCLOCK_TIME_SOURCE", value_name = "HOST[:PORT]", value_delimiter = ',')]
    time_source: Vec<TimeSource>,

    /// Address of the NATS server by which this node finds the others, such as nats://10.0.0.5 or tls://…; may be
    /// repeated
    #[arg(long, env = "ONEOCLOCK_NATS", value_name = "URL", value_delimiter = ',', hide_env_values = true)]
    // Read later, because the words for a value that cannot be read repeat it, with its password.
    nats: Vec<String>,

    /// File with the credentials that NATS issued for this node
    #[arg(long, env = "ONEOCLOCK_NATS_CREDENTIALS", value_name = "FILE", requires = "nats")]
    nats_credentials: Option<PathBuf>,

    /// File with the certificates that vouch for the NATS server's, if this machine does not know them
    #[arg(long, env = "ONEOCLOCK_NATS_CA", value_name = "FILE", requires = "nats")]
    nats_ca: Option<PathBuf>,

    /// Serves the echo route that the WebSocket conformance suite needs
    #[arg(long, hide = true)]
    test_echo: bool,

    /// File that moves the system clock and speaks for the kernel, as tests of steps and states need
    #[arg(long, hide = true, value_name = "FILE")]
    test_clock: Option<PathBuf>,
}

/// Settings that make sense together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Everything that survives a restart.
    pub data: PathBuf,
    /// Shortest time between two boards, within [`PACE`].
    pub pace: Duration,
    /// Longest time between two boards, within [`BEAT`] and not below the pace.
    pub beat: Duration,
    /// How the world reaches this server: scheme, host and port, without a slash at the end.
    pub public_url: Option<String>,
    /// Further sites whose pages may connect, as browsers write them in `Origin`.
    pub origins: Vec<String>,
    /// Proxies whose word is taken on whom they speak for.
    pub proxies: Vec<IpAddr>,
    /// Most connections at once.
    pub max_connections: u32,
    /// Pages a second that are invited back on drain.
    pub return_rate: u32,
    /// Longest time for the drain.
    pub grace: Duration,
    /// What log lines look like.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log: String,
    /// SNTP servers to compare the system clock with.
    pub time_sources: Vec<TimeSource>,
    /// How to reach the other nodes; none if there are none.
    pub engine: Option<Engine>,
    /// Whether to serve the echo route for the conformance suite.
    pub test_echo: bool,
    /// A file that moves the system clock, in tests.
    pub test_clock: Option<PathBuf>,
}

/// Settings that are right one by one and impossible together, or on this machine.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// An address of the engine.
    #[error(transparent)]
    Nats(#[from] AddressError),
    /// Boards would have to be closer together than they may be.
    #[error(
        "a beat of {beat:?} is shorter than the pace of {pace:?}; give a --beat of at least {pace:?}, or a shorter --pace"
    )]
    BeatBelowPace {
        /// The beat.
        beat: Duration,
        /// The pace.
        pace: Duration,
    },
    /// More connections than the machine grants.
    #[error("{wanted} connections need {} file descriptors and this process may have {limit}; lower --max-connections to {}, or raise the limit (ulimit -n, or LimitNOFILE= in the service file)", u64::from(*wanted) + RESERVED_DESCRIPTORS, limit - RESERVED_DESCRIPTORS)]
    TooManyConnections {
        /// What was asked for.
        wanted: u32,
        /// The descriptor limit.
        limit: u64,
    },
    /// Not enough to serve anybody.
    #[error(
        "this process may have {limit} file descriptors and needs more than {RESERVED_DESCRIPTORS}; raise the limit (ulimit -n, or LimitNOFILE= in the service file)"
    )]
    TooFewDescriptors {
        /// The descriptor limit.
        limit: u64,
    },
}

impl Serve {
    /// Checks the settings against each other and against the descriptor limit that holds for this process.
    ///
    /// # Errors
    /// The first impossible combination, and the ways out of it.
    pub fn check(self, descriptor_limit: u64) -> Result<Config, ConfigError> {
        if self.beat < self.pace {
            return Err(ConfigError::BeatBelowPace { beat: self.beat, pace: self.pace });
        }
        Ok(Config {
            listen: self.listen,
            data: self.data,
            pace: self.pace,
            beat: self.beat,
            public_url: self.public_url,
            origins: self.origin,
            proxies: self.forwarded_for,
            max_connections: connections(self.max_connections, descriptor_limit)?,
            return_rate: self.return_rate,
            grace: self.grace,
            log_format: self.log_format,
            log: self.log,
            time_sources: self.time_source,
            engine: engine(&self.nats, self.nats_credentials, self.nats_ca)?,
            test_echo: self.test_echo,
            test_clock: self.test_clock,
        })
    }
}

fn engine(
    addresses: &[String],
    credentials: Option<PathBuf>,
    authority: Option<PathBuf>,
) -> Result<Option<Engine>, ConfigError> {
    let addresses: Vec<_> = addresses.iter().map(|text| Address::read(text)).collect::<Result<_, _>>()?;
    Ok((!addresses.is_empty()).then_some(Engine { addresses, credentials, authority }))
}

fn connections(wanted: Option<u32>, limit: u64) -> Result<u32, ConfigError> {
    let granted = match limit.checked_sub(RESERVED_DESCRIPTORS) {
        None | Some(0) => return Err(ConfigError::TooFewDescriptors { limit }),
        Some(granted) => u32::try_from(granted).unwrap_or(u32::MAX),
    };
    match wanted {
        Some(wanted) if wanted > granted => Err(ConfigError::TooManyConnections { wanted, limit }),
        Some(wanted) => Ok(wanted),
        None => Ok(granted.min(DEFAULT_MAX_CONNECTIONS)),
    }
}

#[cfg(test)]
mod tests;
