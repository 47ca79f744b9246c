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
    /// Different boards.
    pub(crate) boards: u32,
    /// Boards received, by all phones together.
    pub(crate) received: u64,
    /// Boards that some phone should have received and did not.
    pub(crate) missed: u64,
    /// Whether the window began and ended between two boards.
    pub(crate) whole: bool,
    /// CPU time of the server, in microseconds.
    pub(crate) cpu_us: f64,
    /// First to last receipt of one board, in milliseconds: the median board.
    pub(crate) spread_ms: f64,
    /// 99 % of receipts came within this after the send stamp, in milliseconds.
    pub(crate) p99_ms: f64,
    /// When the last board was sent, in milliseconds after a full second.
    pub(crate) phase_ms: u64,
    /// The memory of the server's process at the end, in bytes.
    pub(crate) memory: u64,
}

impl Heard {
    /// CPU time of the server per board that arrived, in microseconds.
    pub(crate) fn cost_us(&self) -> f64 {
        self.cpu_us / self.received as f64
    }
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
