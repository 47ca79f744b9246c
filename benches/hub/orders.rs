//! What a crowd is told, and what it answers: one line of JSON each, on its standard input and output.

use serde::{Deserialize, Serialize};

/// What a crowd is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Join until `phones` are there, with at most `at_once` handshakes under way. Answered by [`Joined`].
    Join { phones: u32, at_once: u32 },
    /// Listen to `boards` whole boards. Answered by [`Heard`].
    Listen {
        boards: u32,
        /// How long nothing must arrive for a moment to count as between two boards, in milliseconds.
        quiet_ms: u64,
        /// How long to sleep when nothing has arrived, in microseconds; 0 never sleeps.
        nap_us: u64,
    },
    /// Everybody closes at once, and everybody comes back at once. Answered by [`Back`].
    Storm,
    /// Every phone asks for the time `pings` times, one after the other, all beginning within `over_ms`. Answered by
    /// [`Pinged`].
    Ping {
        pings: u32,
        /// Over how long the beginnings are spread, in milliseconds.
        over_ms: u64,
    },
    /// Every `every`th phone leaves, and one that never reads comes in its place. Answered by [`Stalled`].
    Stall { every: u32 },
}

/// How joining went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Joined {
    /// Phones that joined: with the first board in hand, where the server sends one.
    pub(crate) joined: u32,
    /// Phones that were refused or cut off, since the crowd began.
    pub(crate) failed: u32,
    /// What happened to the first of these.
    pub(crate) why: Option<String>,
    /// From the first call to the last join, in seconds.
    pub(crate) seconds: f64,
    /// CPU time of the server meanwhile, in microseconds.
    pub(crate) cpu_us: f64,
    /// Boards that arrived meanwhile, beside the first of each phone.
    pub(crate) boards: u64,
    /// The longest time from connect to the answer to a handshake, in milliseconds.
    pub(crate) slowest_ms: f64,
    /// The longest time in which no handshake was answered while some were waiting, in milliseconds.
    pub(crate) silence_ms: f64,
}

/// What was heard in one window.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Heard {
    /// Phones at the start.
    pub(crate) phones: u32,
    /// Boards received, by all phones together.
    pub(crate) received: u64,
    /// Boards that some phone should have received and did not.
    pub(crate) missed: u64,
    /// Whether every board was followed by a quiet moment.
    pub(crate) whole: bool,
    /// CPU time of the server, in microseconds.
    pub(crate) cpu_us: f64,
    /// The same per board that arrived, of the median board: other programs on the same core make single
    /// boards dear.
    pub(crate) cost_us: f64,
    /// First to last receipt of one board, in milliseconds: the median board.
    pub(crate) spread_ms: f64,
    /// 99 % of the receipts of one board came within this after its send stamp, in milliseconds: the median board.
    pub(crate) p99_ms: f64,
    /// When the last board was sent, in milliseconds after a full second.
    pub(crate) phase_ms: u64,
    /// The memory of the server's process at the end, in bytes.
    pub(crate) memory: u64,
}

/// How coming back went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Back {
    /// From the first close to the last join, in seconds.
    pub(crate) seconds: f64,
    /// The joining part of it.
    pub(crate) joined: Joined,
    /// How many phones the newest board counted, three seconds later.
    pub(crate) counted: Option<u64>,
}

/// How phones that never read were taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Stalled {
    /// Phones that do not read, still connected.
    pub(crate) stalled: u32,
    /// Bytes the kernel holds for all of them on the server's side.
    pub(crate) unsent: u64,
    /// Whether that had stopped growing: no socket takes more.
    pub(crate) full: bool,
}

/// How questions for the time were answered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Pinged {
    /// Questions asked, and answered.
    pub(crate) asked: u64,
    pub(crate) answered: u64,
    /// From the first question to the last answer, in seconds.
    pub(crate) seconds: f64,
    /// CPU time of the server meanwhile, in microseconds.
    pub(crate) cpu_us: f64,
    /// For how long the server could have run and was not let, in microseconds.
    pub(crate) waited_us: f64,
    /// From just before the question was written to the server's stamp `s2`: the median, the 99th percentile and the
    /// longest, in milliseconds.
    pub(crate) to_stamp_ms: [f64; 3],
    /// The shortest of them: below 0, or far above, the two clocks would not be the same one.
    pub(crate) shortest_ms: f64,
    /// From `s2` to `s3`, the 99th percentile, in milliseconds.
    pub(crate) held_ms: f64,
    /// Boards that arrived meanwhile.
    pub(crate) boards: u64,
}
